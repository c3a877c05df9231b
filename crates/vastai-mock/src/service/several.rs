//! Several instances in one request, and an offer that the service chooses.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::instances::{change, no_such_instance, rent};
use super::offers;
use super::refusal::Refusal;

/// Rents each of the offers. What became of each is said beside its id: of the service's own response nothing is known.
pub(super) fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let mut results = Vec::new();
    for ask in call.ids("ids")? {
        results.push(match rent(service, ask, &body) {
            Ok(id) => json!({ "id": ask, "success": true, "new_contract": id }),
            Err(refusal) => json!({ "id": ask, "success": false, "msg": refusal.msg() }),
        });
    }
    Ok(json!({ "success": true, "results": results }))
}

pub(super) fn manage(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    for id in present(service, call, "ids")? {
        change(service, id, &body)?;
    }
    Ok(json!({ "success": true }))
}

pub(super) fn destroy(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    for id in present(service, call, "instance_ids")? {
        service.state.destroy(id);
    }
    Ok(json!({ "success": true }))
}

/// Rents the first offer of a search.
pub(super) fn launch(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let found = offers::found(service, body.get("q").unwrap_or(&Value::Null))?;
    let offer = found.iter().find_map(|offer| offer.get("id")?.as_u64());
    let Some(offer) = offer else {
        return Ok(json!({ "success": false, "error": "no_offers", "message": "No offer is like that." }));
    };
    Ok(json!({ "success": true, "new_contract": rent(service, offer, &body)? }))
}

/// The ids of a list, all of which are those of instances.
fn present(service: &Service, call: &Call<'_>, list: &str) -> Result<Vec<u64>, Refusal> {
    let ids = call.ids(list)?;
    match ids.iter().find(|id| service.state.instance(**id).is_none()) {
        Some(unknown) => Err(no_such_instance(*unknown)),
        None => Ok(ids),
    }
}
