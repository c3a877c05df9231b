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
    let read = list.into_iter().enumerate().map(|(index, value)| {
        Worker::from_value(value).map_err(|why| response.undecodable(&format!("the worker at {index} {why}")))
    });
    read.collect()
}

/// The log in the response to `getEndpointLogs` or `getWorkergroupLogs`, whatever its shape: a string for each level, or one string.
///
/// # Errors
///
/// As [`EndpointHandle::workers`](super::EndpointHandle::workers).
pub fn logs_in(response: &CallResponse) -> Result<Logs> {
    match response.json()? {
        Value::Object(members) => {
            Logs::from_members(&members).ok_or_else(|| neither(response, Value::Object(members), "a log"))
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
