//! Workers and logs from the shapes in which the serverless engine responds.

use serde_json::Value;
use vastai_api::ServiceError;

use super::{Logs, Worker};
use crate::client::CallResponse;
use crate::error::{Error, Result};

/// The workers in the response to `getEndpointWorkers` or `getWorkergroupWorkers`, whatever its shape: a list, or an object with a list.
///
/// # Errors
///
/// As [`EndpointHandle::workers`](super::EndpointHandle::workers).
pub fn workers_in(response: &CallResponse) -> Result<Vec<Worker>> {
    let list = match response.json()? {
        Value::Array(list) => list,
        Value::Object(mut members) => match members.remove("workers") {
            Some(Value::Array(list)) => list,
            // No workers.
            Some(Value::Null) if members.values().all(Value::is_null) => Vec::new(),
            _ => return Err(neither(response, Value::Object(members), "a list of workers")),
        },
        other => return Err(neither(response, other, "a list of workers")),
    };
    let workers = list.into_iter().enumerate();
    workers.map(|(index, worker)| response.decoded(worker, &format!("the worker at {index}"))).collect()
}

/// The log in the response to `getEndpointLogs` or `getWorkergroupLogs`, whatever its shape: a string for each level, or one string.
///
/// # Errors
///
/// As [`EndpointHandle::workers`](super::EndpointHandle::workers).
pub fn logs_in(response: &CallResponse) -> Result<Logs> {
    match response.json()? {
        fields @ Value::Object(_) => {
            let logs: Logs = response.decoded(fields.clone(), "the log")?;
            let parts = [&logs.info0, &logs.info1, &logs.trace, &logs.debug, &logs.logs];
            // Null is a level without a line.
            let is_log =
                parts.iter().any(|part| part.is_some()) || fields.get("info0").is_some_and(Value::is_null);
            if is_log { Ok(logs) } else { Err(neither(response, fields, "a log")) }
        }
        other => Err(neither(response, other, "a log")),
    }
}

/// The error for a response that is neither what was asked for nor a failure by its form. Whatever words it has say why.
fn neither(response: &CallResponse, value: Value, expected: &str) -> Error {
    let is_object = value.is_object();
    let said =
        if is_object || value.is_string() { ServiceError::from(value) } else { ServiceError::default() };
    match said.words() {
        Some(_) => response.failed(&said),
        None if is_object => {
            response.undecodable(&format!("an object that is neither {expected} nor an error"))
        }
        None => response.undecodable(&format!("neither {expected} nor an error")),
    }
}
