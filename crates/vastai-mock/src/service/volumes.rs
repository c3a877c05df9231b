//! Volumes and the offers that they are rented from.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::filter::{Filters, order};
use super::offers::STEERING;
use super::refusal::Refusal;
use crate::state::volume;

/// The size of a volume that is rented without one, in GB.
const SIZE: f64 = 15.0;

pub(super) fn search(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let empty = Map::new();
    let search = body.as_object().unwrap_or(&empty);
    let filters = Filters::of(search.iter().filter(|(column, _)| !STEERING.contains(&column.as_str())))?;
    let offers = service.state.account.volume_offers.iter().filter_map(Value::as_object).cloned();
    let mut found: Vec<Map<String, Value>> = offers.filter(|offer| filters.let_through(offer)).collect();
    for key in search.get("order").and_then(Value::as_array).into_iter().flatten().rev() {
        let part = |at: usize| key.get(at).and_then(Value::as_str).unwrap_or_default();
        found.sort_by(|one, other| order(one, other, part(0), part(1) == "desc"));
    }
    let limit = search.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    found.truncate(limit.unwrap_or(usize::MAX));
    Ok(json!({ "offers": found }))
}

/// The offer keeps what is left of its space. The response has the volume's name alone, as the service's.
pub(super) fn rent(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let id = body.get("id").and_then(Value::as_u64).unwrap_or_default();
    let size = body.get("size").and_then(Value::as_f64).unwrap_or(SIZE);
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let offer = account.volume_offers.get_mut(id).ok_or_else(|| Refusal::NotFound {
        error: "no_such_ask",
        msg: format!("There is no offer of volumes {id}."),
    })?;
    let free = offer["disk_space"].as_f64().unwrap_or_default();
    if size > free {
        return Err(Refusal::invalid_args(format!("The offer {id} has {free} GB left.")));
    }
    offer["disk_space"] = json!(free - size);
    let machine = offer["machine_id"].clone();
    let volume = account.volumes.add(|id| volume(id, &machine, size, at));
    Ok(json!({ "success": true, "volume_name": volume["label"] }))
}

pub(super) fn list(service: &Service) -> Result<Value, Refusal> {
    Ok(json!({ "volumes": service.state.account.volumes.iter().collect::<Vec<_>>() }))
}

pub(super) fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = super::page::parameter(call.request, "id").and_then(|id| id.parse().ok()).unwrap_or_default();
    if service.state.account.volumes.remove(id) {
        Ok(json!({ "success": true }))
    } else {
        Err(Refusal::not_found(format!("There is no volume {id}.")))
    }
}
