//! Requests that the service is to send by itself. They are kept, and not sent: whoever wants their effect calls the operation.

use http::StatusCode;
use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::refusal::Refusal;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "showScheduledJobs" => Ok(service.state.account.jobs.list()),
        "createScheduledJob" => create(service, call),
        "updateScheduledJob" => update(service, call),
        "deleteScheduledJob" => delete(service, call),
        _ => return None,
    })
}

/// There is one job for a request: a second is refused with the id of the first.
fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let job = job(&call.body()?)?;
    let jobs = &mut service.state.account.jobs;
    let is_same = |other: &Value| {
        ["api_endpoint", "request_method", "instance_id"].iter().all(|name| other[*name] == job[*name])
    };
    if let Some(other) = jobs.find(is_same) {
        return Err(Refusal::Other {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: json!({
                "success": false,
                "error": "scheduled_job_exists",
                "msg": "There is a job for this request already.",
                "scheduled_job_id": other["id"],
            }),
        });
    }
    let created = jobs.add(|id| with_id(job, id));
    Ok(json!({ "success": true, "id": created["id"] }))
}

fn update(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, job) = (call.id("id")?, job(&call.body()?)?);
    let jobs = &mut service.state.account.jobs;
    *jobs.get_mut(id).ok_or_else(|| no_such_job(id))? = with_id(job, id);
    Ok(json!({ "success": true, "id": id }))
}

fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    if service.state.account.jobs.remove(id) { Ok(json!({ "success": true })) } else { Err(no_such_job(id)) }
}

/// A job as its list has it, without an id.
fn job(body: &Value) -> Result<Value, Refusal> {
    let field = |name: &str| body.get(name).cloned().unwrap_or_default();
    let (start, end) = (field("start_time"), field("end_time"));
    if start.as_f64() >= end.as_f64() {
        return Err(Refusal::invalid_args("start_time is not before end_time."));
    }
    let needs: &[&str] = match field("frequency").as_str() {
        Some("HOURLY") => &[],
        Some("DAILY") => &["hour_of_the_day"],
        Some("WEEKLY") => &["day_of_the_week", "hour_of_the_day"],
        _ => return Err(Refusal::invalid_args("frequency is neither HOURLY, DAILY nor WEEKLY.")),
    };
    if let Some(missing) = needs.iter().find(|name| field(name).is_null()) {
        return Err(Refusal::invalid_args(format!("{missing} is missing.")));
    }
    Ok(json!({
        "instance_id": field("instance_id"),
        "api_endpoint": field("api_endpoint"),
        "request_method": field("request_method"),
        "request_body": field("request_body"),
        "start_time": start,
        "end_time": end,
        "day_of_the_week": field("day_of_the_week"),
        "hour_of_the_day": field("hour_of_the_day"),
        "min_of_the_hour": 0,
        "frequency": field("frequency"),
    }))
}

fn with_id(mut job: Value, id: u64) -> Value {
    job["id"] = json!(id);
    job
}

fn no_such_job(id: u64) -> Refusal {
    Refusal::not_found(format!("There is no scheduled job {id}."))
}
