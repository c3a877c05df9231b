//! The shapes in which the serverless engine answers with status 200.

use serde_json::{Map, Value};

use super::{Logs, Worker};
use crate::call::Answer;
use crate::error::{Error, ErrorKind, Result};

/// Workers from every shape: a list, an object with a list, a notice, an error, or a text that is an error.
pub(super) fn workers(answer: &Answer) -> Result<Vec<Worker>> {
    let list = match answer.json()? {
        Value::Array(list) => list,
        Value::Object(mut members) => match members.remove("workers") {
            Some(Value::Array(list)) => list,
            _ => return Err(said(answer, &members, "a list of workers")),
        },
        other => return Err(refused(answer, &other, "a list of workers")),
    };
    let read = list.into_iter().enumerate().map(|(index, value)| {
        Worker::from_value(value).map_err(|why| answer.undecodable(&format!("the worker at {index} {why}")))
    });
    read.collect()
}

/// The log from both shapes: a text for each level, or one text.
pub(super) fn logs(answer: &Answer) -> Result<Logs> {
    match answer.json()? {
        Value::Object(members) => Logs::from_members(&members).ok_or_else(|| said(answer, &members, "a log")),
        other => Err(refused(answer, &other, "a log")),
    }
}

/// The error for an object that is not the expected answer.
fn said(answer: &Answer, members: &Map<String, Value>, expected: &str) -> Error {
    let words = |name: &str| members.get(name).map(in_words).filter(|words| !words.is_empty());
    if let Some(notice) = words("error_msg") {
        return answer.failed(ErrorKind::NotReady, &notice);
    }
    let error = ["error", "msg", "message", "detail"].into_iter().find_map(words);
    match error {
        Some(error) => answer.failed(ErrorKind::Refused, &error),
        None => answer.undecodable(&format!("an object that is neither {expected} nor an error")),
    }
}

/// The error for an answer that is no object.
fn refused(answer: &Answer, value: &Value, expected: &str) -> Error {
    match value.as_str().map(str::trim) {
        Some(words) if !words.is_empty() => answer.failed(ErrorKind::Refused, words),
        _ => answer.undecodable(&format!("neither {expected} nor an error")),
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}
