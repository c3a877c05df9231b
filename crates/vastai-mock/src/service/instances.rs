//! The life of an instance: rented, shown, started, stopped, destroyed.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::refusal::Refusal;
use super::rented::asked;
use crate::state::Rental;

pub(super) fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = rent(service, call.id("id")?, &call.body()?)?;
    Ok(json!({
        "success": true,
        "new_contract": id,
        "instance_api_key": format!("mock-instance-key-{id}"),
    }))
}

/// Rents an offer as a body says; the id of the new instance.
pub(super) fn rent(service: &mut Service, ask: u64, body: &Value) -> Result<u64, Refusal> {
    let is_given = |name: &&str| body.get(*name).is_some_and(|it| !it.is_null() && it.as_str() != Some(""));
    if !["image", "template_hash_id", "template_id"].iter().any(is_given) {
        return Err(Refusal::invalid_args("Nothing to run: image and template_hash_id are missing."));
    }
    let label = body.get("label").and_then(Value::as_str);
    match service.state.rent(ask, label, service.settings.only_offers) {
        Rental::Rented(id) => {
            let asked = asked(service, body);
            if let Some(instance) = service.state.instance_mut(id) {
                instance.complete(asked);
            }
            Ok(id)
        }
        Rental::NoSuchOffer => {
            let msg = format!("no_such_ask Instance type by id {ask} is not available.");
            Err(Refusal::NotFound { error: "no_such_ask", msg })
        }
        Rental::TakenOffer => {
            let msg = format!("no_such_ask Instance type {ask} is no longer available.");
            Err(Refusal::Gone { error: "no_such_ask", msg })
        }
    }
}

/// An unknown instance is null, with status 200.
pub(super) fn show(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let now = service.state.now();
    Ok(json!({ "instances": service.state.instance(id).map(|instance| instance.to_json(now)) }))
}

/// Starts, stops, or labels an instance.
pub(super) fn manage(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    change(service, call.id("id")?, &call.body()?)?;
    Ok(json!({ "success": true }))
}

/// Starts, stops or labels an instance as a body says.
pub(super) fn change(service: &mut Service, id: u64, body: &Value) -> Result<(), Refusal> {
    let now = service.state.now();
    let instance = service.state.instance_mut(id).ok_or_else(|| no_such_instance(id))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    match text("state") {
        None => {}
        Some("running") => instance.start(now),
        Some("stopped") => instance.stop(now),
        Some(other) => {
            return Err(Refusal::invalid_args(format!("state is neither running nor stopped: {other}")));
        }
    }
    if let Some(label) = text("label") {
        instance.set_label(label);
    }
    Ok(())
}

/// Reboots or recycles an instance: it loads again.
pub(super) fn restart(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let now = service.state.now();
    let instance = service.state.instance_mut(id).ok_or_else(|| no_such_instance(id))?;
    instance.restart(now);
    Ok(json!({ "success": true }))
}

pub(super) fn bid(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let body = call.body()?;
    let instance = service.state.instance_mut(id).ok_or_else(|| no_such_instance(id))?;
    if let Some(price) = body.get("price").and_then(Value::as_f64) {
        instance.set_bid(price);
    }
    Ok(json!({ "success": true }))
}

pub(super) fn destroy(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    if service.state.destroy(id) { Ok(json!({ "success": true })) } else { Err(no_such_instance(id)) }
}

/// Has the host write the logs, or what a command prints, to a file, and says where it will appear.
pub(super) fn result_file(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    service.state.instance(id).ok_or_else(|| no_such_instance(id))?;
    Ok(json!({
        "success": true,
        "msg": "Wait a few seconds and then view the result_url",
        "result_url": service.files.create(),
    }))
}

pub(super) fn no_such_instance(id: u64) -> Refusal {
    Refusal::NotFound { error: "no_such_instance", msg: format!("Instance {id} not found.") }
}
