//! The operations of the serverless engine.

use serde_json::{Value, json};

use super::Service;
use super::keys::Keys;
use super::refusal::Refusal;
use crate::record::RecordedRequest;
use crate::state::{Assignment, LiveEndpoint, Phase};

/// The bytes of each level of a log if the request does not say.
const TAIL: usize = 10_000;

pub(super) fn endpoint_workers(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let body = request.json();
    let keys = Keys::of(request, body.as_ref().ok(), service)?;
    let id = id(&body)?;
    let endpoint = service.state.endpoint(id).filter(|endpoint| keys.open(endpoint, service));
    let endpoint = endpoint.ok_or_else(|| Refusal::endpoint_not_opened(&id.to_string()))?;
    Ok(service.workers_shape.dress(endpoint.workers_json(service.state.now())))
}

pub(super) fn workergroup_workers(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let body = request.json();
    let keys = Keys::of(request, body.as_ref().ok(), service)?;
    let id = id(&body)?;
    let found = service.state.workergroup(id).filter(|(endpoint, _)| keys.open(endpoint, service));
    let (_, workergroup) = found.ok_or_else(|| Refusal::workergroup_not_opened(id))?;
    Ok(service.workers_shape.dress(workergroup.workers_json(service.state.now())))
}

/// Takes the endpoint's `id` or, as `endpoint`, its name; the id if there are both.
pub(super) fn endpoint_logs(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let body = request.json();
    let keys = Keys::of(request, body.as_ref().ok(), service)?;
    let tail = tail(&body)?;
    let (endpoint, name) = match (field(&body, "id")?, field(&body, "endpoint")?) {
        (None, Some(_)) => {
            let name = endpoint_name(&body)?;
            (service.state.endpoint_named(name), name.to_owned())
        }
        _ => {
            let id = id(&body)?;
            (service.state.endpoint(id), id.to_string())
        }
    };
    let endpoint = endpoint.filter(|endpoint| keys.open(endpoint, service));
    let endpoint = endpoint.ok_or_else(|| Refusal::endpoint_not_opened(&name))?;
    Ok(service.logs_shape.dress(endpoint.log().tail(tail)))
}

pub(super) fn workergroup_logs(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let body = request.json();
    let keys = Keys::of(request, body.as_ref().ok(), service)?;
    let (id, tail) = (id(&body)?, tail(&body)?);
    let found = service.state.workergroup(id).filter(|(endpoint, _)| keys.open(endpoint, service));
    let (_, workergroup) = found.ok_or_else(|| Refusal::workergroup_not_opened(id))?;
    Ok(service.logs_shape.dress(workergroup.log().tail(tail)))
}

pub(super) fn route(service: &mut Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let body = request.json();
    let keys = Keys::of(request, body.as_ref().ok(), service)?;
    let name = endpoint_name(&body)?;
    let cost = number(&body, "cost")?.ok_or_else(|| Refusal::invalid_args("cost is missing."))?;
    number(&body, "replay_timeout")?;
    let request_idx = request_idx(&body)?;

    let endpoint = service.state.endpoint_named(name).filter(|endpoint| keys.open_route(endpoint, service));
    let endpoint_id = endpoint.map(LiveEndpoint::id);
    let now = service.state.now();
    let waits = service.routes_to_wait > 0;
    let endpoint = endpoint_id.and_then(|id| service.state.endpoint_mut(id));
    let endpoint = endpoint.ok_or_else(|| Refusal::endpoint_not_opened(name))?;

    // 0 says that the request has no index yet; one that waits brings its own back.
    let request_idx = if request_idx == 0 { endpoint.next_request_idx() } else { request_idx };
    let request_id = format!("00000000-0000-4000-8000-{request_idx:012x}");
    if waits {
        service.routes_to_wait -= 1;
    }
    let assigned = if waits { None } else { endpoint.assign(request_idx, cost, now) };
    let Some(Assignment { worker_id, url, reqnum }) = assigned else {
        return Ok(json!({
            "endpoint": name,
            "status": endpoint.breakdown(),
            "request_idx": request_idx,
            "__request_id": request_id,
        }));
    };
    let assigned = json!({
        "endpoint": name,
        "url": url,
        "cost": cost,
        "reqnum": reqnum,
        "signature": format!("mock-signature-{request_idx}-{reqnum}"),
        "request_idx": request_idx,
        "__request_id": request_id,
    });
    service.state.note_assigned(worker_id, &assigned);
    Ok(assigned)
}

/// Workers that are ready load again, all at once. Breaking it off leaves them as they are.
pub(super) fn update_workers(service: &mut Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let body = request.json();
    let keys = Keys::of(request, body.as_ref().ok(), service)?;
    let id = field(&body, "workergroup_id")?.and_then(Value::as_u64);
    let id = id.ok_or_else(|| Refusal::invalid_args("workergroup_id is missing."))?;
    let cancels = field(&body, "cancel_update")?.and_then(Value::as_bool).unwrap_or_default();
    let found = service.state.workergroup(id).filter(|(endpoint, _)| keys.open(endpoint, service));
    let (_, workergroup) = found.ok_or_else(|| Refusal::workergroup_not_opened(id))?;
    if cancels {
        return Ok(json!({ "success": true, "cancelled": workergroup.is_loading() }));
    }
    let ready = workergroup.ready();
    for worker in &ready {
        // They were found a moment ago.
        service.state.set_phase(*worker, &Phase::Loading).ok();
    }
    Ok(json!({ "success": true, "workers_to_update": ready.len() }))
}

/// A request's body, if it was JSON.
type Body = serde_json::Result<Value>;

/// A field of the body's object; null counts as missing.
fn field<'a>(body: &'a Body, name: &str) -> Result<Option<&'a Value>, Refusal> {
    let members = body.as_ref().ok().and_then(Value::as_object);
    let members = members.ok_or_else(|| Refusal::invalid_args("The body is not a JSON object."))?;
    Ok(members.get(name).filter(|value| !value.is_null()))
}

fn id(body: &Body) -> Result<u64, Refusal> {
    let id = field(body, "id")?.ok_or_else(|| Refusal::invalid_args("id is missing."))?;
    id.as_u64().filter(|&id| id >= 1).ok_or_else(|| Refusal::invalid_args("id is not a positive integer."))
}

fn endpoint_name(body: &Body) -> Result<&str, Refusal> {
    let name = field(body, "endpoint")?.ok_or_else(|| Refusal::invalid_args("endpoint is missing."))?;
    name.as_str().ok_or_else(|| Refusal::invalid_args("endpoint is not a string."))
}

/// The bytes of each level of a log; `None` for all of it, which is asked for with -1.
fn tail(body: &Body) -> Result<Option<usize>, Refusal> {
    match field(body, "tail")?.map(Value::as_i64) {
        None => Ok(Some(TAIL)),
        Some(Some(-1)) => Ok(None),
        Some(tail) => {
            let tail = tail.and_then(|tail| usize::try_from(tail).ok());
            tail.map(Some).ok_or_else(|| Refusal::invalid_args("tail is neither a number of bytes nor -1."))
        }
    }
}

fn number(body: &Body, name: &str) -> Result<Option<f64>, Refusal> {
    let Some(value) = field(body, name)? else {
        return Ok(None);
    };
    let number = value.as_f64().filter(|number| *number >= 0.0);
    number.map(Some).ok_or_else(|| Refusal::invalid_args(format!("{name} is not a number of at least 0.")))
}

fn request_idx(body: &Body) -> Result<u64, Refusal> {
    let Some(idx) = field(body, "request_idx")? else {
        return Ok(0);
    };
    idx.as_u64().ok_or_else(|| Refusal::invalid_args("request_idx is not an integer of at least 0."))
}
