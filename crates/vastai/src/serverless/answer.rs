//! Workers and logs from the shapes in which the serverless engine answers.

use serde_json::Value;
use vastai_api::ServiceError;

use super::{Logs, Worker};
use crate::call::Answer;
use crate::error::{Error, Result};

/// Workers from both shapes: a list, or an object with a list. Anything else is an error, and no empty list.
pub(crate) fn workers(answer: &Answer) -> Result<Vec<Worker>> {
    let list = match answer.json()? {
        Value::Array(list) => list,
        Value::Object(mut members) => match members.remove("workers") {
            Some(Value::Array(list)) => list,
            // No workers.
            Some(Value::Null) if members.values().all(Value::is_null) => Vec::new(),
            _ => return Err(neither(answer, Value::Object(members), "a list of workers")),
        },
        other => return Err(neither(answer, other, "a list of workers")),
    };
    let read = list.into_iter().enumerate().map(|(index, value)| {
        Worker::from_value(value).map_err(|why| answer.undecodable(&format!("the worker at {index} {why}")))
    });
    read.collect()
}

/// The log from both shapes: a text for each level, or one text.
pub(crate) fn logs(answer: &Answer) -> Result<Logs> {
    match answer.json()? {
        Value::Object(members) => {
            Logs::from_members(&members).ok_or_else(|| neither(answer, Value::Object(members), "a log"))
        }
        other => Err(neither(answer, other, "a log")),
    }
}

/// The error for an answer that is neither what was asked for nor a failure by its form. Whatever words it has tell why.
fn neither(answer: &Answer, value: Value, expected: &str) -> Error {
    let is_object = value.is_object();
    let said =
        if is_object || value.is_string() { ServiceError::from(value) } else { ServiceError::default() };
    match said.words() {
        Some(_) => answer.failed(&said),
        None if is_object => {
            answer.undecodable(&format!("an object that is neither {expected} nor an error"))
        }
        None => answer.undecodable(&format!("neither {expected} nor an error")),
    }
}
