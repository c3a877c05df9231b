//! The life of an instance: rented, shown, started, stopped, destroyed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;
use super::{Service, page};
use crate::record::RecordedRequest;
use crate::state::{LiveInstance, Rental};

/// The most instances on a page, and how many there are if the request does not say.
const PAGE: usize = 25;
/// The instances on a page if the request asks for none or fewer.
const SMALL_PAGE: usize = 5;

pub(super) fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let ask = call.id("id")?;
    let body = call.body()?;
    let label = body.get("label").and_then(Value::as_str);
    let id = match service.state.rent(ask, label, service.settings.only_offers) {
        Rental::Rented(id) => id,
        Rental::NoSuchOffer => {
            let msg = format!("no_such_ask Instance type by id {ask} is not available.");
            return Err(Refusal::NotFound { error: "no_such_ask", msg });
        }
        Rental::TakenOffer => {
            let msg = format!("no_such_ask Instance type {ask} is no longer available.");
            return Err(Refusal::Gone { error: "no_such_ask", msg });
        }
    };
    Ok(json!({
        "success": true,
        "new_contract": id,
        "instance_api_key": format!("mock-instance-key-{id}"),
    }))
}

/// An unknown instance is null, with status 200.
pub(super) fn show(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let now = service.state.now();
    Ok(json!({ "instances": service.state.instance(id).map(|instance| instance.to_json(now)) }))
}

/// Starts, stops, or labels an instance.
pub(super) fn manage(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let body = call.body()?;
    let now = service.state.now();
    let instance = service.state.instance_mut(id).ok_or_else(|| no_such_instance(id))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if let Some(label) = text("label") {
        instance.set_label(label);
    }
    match text("state") {
        None => {}
        Some("running") => instance.start(now),
        Some("stopped") => instance.stop(now),
        Some(other) => {
            return Err(Refusal::invalid_args(format!("state is neither running nor stopped: {other}")));
        }
    }
    Ok(json!({ "success": true }))
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

/// A page of instances.
pub(super) fn list(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let limit = match page::parameter(request, "limit") {
        None => PAGE,
        Some(limit) => page_size(&limit)?,
    };
    let all: Vec<&LiveInstance> = service.state.instances().collect();
    let page = page::page(&all, LiveInstance::id, limit, request)?;
    let mut label_counts: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in &all {
        *label_counts.entry(instance.label()).or_default() += 1;
    }
    let now = service.state.now();
    Ok(json!({
        "success": true,
        "instances_found": page.items.len(),
        "total_instances": all.len(),
        "label_counts": label_counts,
        "next_token": page.next_token,
        "instances": page.items.iter().map(|instance| instance.to_json(now)).collect::<Vec<_>>(),
    }))
}

fn page_size(limit: &str) -> Result<usize, Refusal> {
    let msg = || format!("limit is not an integer: {limit}");
    let limit: i64 = limit.parse().map_err(|_| Refusal::Invalid { error: "invalid_request", msg: msg() })?;
    Ok(if limit <= 0 { SMALL_PAGE } else { usize::try_from(limit).map_or(PAGE, |limit| limit.min(PAGE)) })
}
