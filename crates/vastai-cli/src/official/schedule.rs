//! What is done again and again: jobs that the service makes of a request.

use serde_json::{Map, Value, json};

use super::dates::{self, DAY};
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

pub(super) const FREQUENCIES: &[&str] = &["HOURLY", "DAILY", "WEEKLY"];
pub(super) const DAYS: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "*"];
pub(super) const HOURS: &[&str] = &[
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18",
    "19", "20", "21", "22", "23", "*",
];

/// Whether a line asks for a job, beside or instead of the request itself.
pub(super) fn is_asked_for(said: &Said) -> bool {
    said.has("--schedule")
}

/// The job that repeats a request with this body, for an instance. `until` is the end where none is said, in seconds since the Unix epoch.
pub(super) fn job(
    said: &Said,
    request: &Request,
    path: String,
    body: Map<String, Value>,
    instance: Value,
    until: Option<f64>,
) -> Result<Request, Failure> {
    let frequency = said.word("--schedule").unwrap_or_default();
    let (day, hour) = (at(said, "--day"), at(said, "--hour"));
    let fits = match frequency {
        "HOURLY" => day.is_none() && hour.is_none(),
        "DAILY" => day.is_none() && hour.is_some(),
        _ => day.is_some() && hour.is_some(),
    };
    if !fits {
        let message = format!(
            "--schedule {frequency} goes with {}",
            match frequency {
                "HOURLY" => "--day '*' --hour '*'",
                "DAILY" => "--day '*' and an --hour from 0 to 23, in UTC",
                _ => "a --day from 0, which is Sunday, to 6 and an --hour from 0 to 23, in UTC",
            }
        );
        return Err(Failure::usage(message));
    }
    let read = |name: &str| said.word(name).map(dates::seconds).transpose().map_err(Failure::usage);
    let start = read("--start_date")?.unwrap_or_else(dates::today);
    let end = read("--end_date")?.or(until).unwrap_or_else(|| dates::today() + 7.0 * DAY);
    if end <= start {
        return Err(Failure::usage("--end_date is not after --start_date".to_owned()));
    }
    let mut job = Request::of("createScheduledJob").map_err(|error| Failure::of_client(&error))?;
    job.set("request_method", request.operation().method.as_str());
    job.set("api_endpoint", path);
    job.set("request_body", Value::Object(body));
    job.set("frequency", frequency);
    job.set("start_time", start);
    job.set("end_time", end);
    job.set_if("day_of_the_week", day);
    job.set_if("hour_of_the_day", hour);
    job.set("instance_id", instance);
    Ok(job)
}

/// A day or an hour; `*` is every one. The first unless set.
fn at(said: &Said, name: &str) -> Option<i64> {
    match said.word(name) {
        Some("*") => None,
        Some(number) => number.parse().ok(),
        None => Some(0),
    }
}

/// The body of what is repeated: an object of JSON.
pub(super) fn body(fields: Value) -> Map<String, Value> {
    match fields {
        Value::Object(fields) => fields,
        _ => json!({}).as_object().cloned().unwrap_or_default(),
    }
}
