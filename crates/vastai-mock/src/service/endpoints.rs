//! Endpoints and workergroups as their owner makes, changes and deletes them.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::refusal::Refusal;
use crate::state::{Endpoint, LiveEndpoint, Workergroup};

pub(super) fn show(service: &Service) -> Result<Value, Refusal> {
    let results: Vec<Value> = service.state.endpoints().map(LiveEndpoint::to_json).collect();
    Ok(json!({ "success": true, "results": results }))
}

pub(super) fn show_one(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let endpoint = service.state.endpoint(id).ok_or_else(|| no_such("endpoint", id))?;
    Ok(json!({ "success": true, "result": endpoint.to_json() }))
}

/// The new endpoint has no workergroups. Its id comes as `result`.
pub(super) fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let fields = fields(call)?;
    let name = fields.get("endpoint_name").and_then(Value::as_str).unwrap_or("endpoint").to_owned();
    let id = service.state.new_serverless_id();
    let endpoint = Endpoint::new(id, name);
    service.state.add_endpoint(fields.into_iter().fold(endpoint, |it, (name, value)| it.field(name, value)));
    Ok(json!({ "success": true, "result": id }))
}

pub(super) fn update(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, fields) = (call.id("id")?, fields(call)?);
    let endpoint = service.state.endpoint_mut(id).ok_or_else(|| no_such("endpoint", id))?;
    endpoint.set_fields(fields);
    Ok(json!({ "success": true }))
}

pub(super) fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let workers = service.state.remove_endpoint(id).ok_or_else(|| no_such("endpoint", id))?;
    Ok(deleted("endpoint job", &workers))
}

pub(super) fn show_workergroups(service: &Service) -> Result<Value, Refusal> {
    let results: Vec<Value> = service.state.endpoints().flat_map(LiveEndpoint::workergroups_json).collect();
    Ok(json!({ "success": true, "results": results }))
}

/// The new workergroup has no workers, unless the simulator is to recruit one: tests add them. Its id comes as `id`.
pub(super) fn create_workergroup(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let fields = fields(call)?;
    let endpoint = match (fields.get("endpoint_id"), fields.get("endpoint_name")) {
        (Some(id), _) => id.as_u64().and_then(|id| service.state.endpoint(id)),
        (None, Some(name)) => name.as_str().and_then(|name| service.state.endpoint_named(name)),
        (None, None) => None,
    };
    let endpoint = endpoint.map(LiveEndpoint::id);
    let endpoint = endpoint.ok_or_else(|| Refusal::invalid_args("There is no such endpoint."))?;
    let id = service.state.new_serverless_id();
    let search = fields.get("search_params").and_then(Value::as_str).unwrap_or_default().to_owned();
    let group = fields.into_iter().fold(Workergroup::new(id), |it, (name, value)| it.field(name, value));
    let added = service.state.add_workergroup(endpoint, group);
    let added = match service.settings.recruits {
        true => added.and_then(|()| service.state.recruit(id, &search)),
        false => added,
    };
    added.map_err(|error| Refusal::invalid_args(error.to_string()))?;
    Ok(json!({ "success": true, "id": id }))
}

pub(super) fn update_workergroup(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, fields) = (call.id("id")?, fields(call)?);
    let group = service.state.workergroup_mut(id).ok_or_else(|| no_such("workergroup", id))?;
    group.set_fields(fields);
    Ok(json!({ "success": true }))
}

pub(super) fn delete_workergroup(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let workers = service.state.remove_workergroup(id);
    let workers = workers.ok_or_else(|| Refusal::not_found(format!("There is no workergroup {id}.")))?;
    Ok(deleted("workergroup", &workers))
}

fn deleted(what: &str, workers: &[i64]) -> Value {
    json!({
        "success": true,
        "msg": format!("Deleted {what} and {} workers", workers.len()),
        "deleted_workers": workers,
        "failed_workers": [],
    })
}

/// The fields of the body, which the endpoint or the workergroup is to have.
fn fields(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    match call.body()? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

fn no_such(what: &str, id: u64) -> Refusal {
    Refusal::invalid_args(format!("There is no {what} {id}."))
}
