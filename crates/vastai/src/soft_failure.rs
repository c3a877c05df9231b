//! Failures that the service answers with a status of success.

use serde_json::{Map, Value};
use vastai_api::{Operation, ServiceError};

use crate::config::is_of_engine;
use crate::error::ErrorKind;

/// Who answers, and so what an answer can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The console, of whose operations a few succeed with a bare text.
    Console,
    /// The serverless engine.
    Engine,
    /// The serverless engine, asked for what it knows. It may know nothing yet.
    EngineRead,
}

impl Source {
    pub(crate) fn of(operation: &Operation) -> Self {
        match (is_of_engine(operation), operation.repeatable) {
            (false, _) => Self::Console,
            (true, false) => Self::Engine,
            (true, true) => Self::EngineRead,
        }
    }
}

/// The failure in an answer of success: what is said of it, and its kind where the words do not decide it.
pub(crate) fn judge(answer: &Value, source: Source) -> Option<(Option<ErrorKind>, ServiceError)> {
    match answer {
        Value::Object(members) => said(members, source),
        Value::String(text) if source != Source::Console && !text.trim().is_empty() => {
            Some((None, ServiceError::from(answer.clone())))
        }
        _ => None,
    }
}

fn said(members: &Map<String, Value>, source: Source) -> Option<(Option<ErrorKind>, ServiceError)> {
    let success = members.get("success").and_then(Value::as_bool);
    if success == Some(true) {
        return None;
    }
    if let Some(notice) = members.get("error_msg").filter(|notice| says_something(notice)) {
        let kind = (source == Source::EngineRead).then_some(ErrorKind::NotReady);
        return Some((kind, ServiceError::from(text_of(notice))));
    }
    let is_failure = success == Some(false) || members.get("error").is_some_and(says_something);
    is_failure.then(|| (None, ServiceError::from(Value::Object(members.clone()))))
}

/// Whether a member of an error's name has an error in it.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(code) => code.as_f64() != Some(0.0),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(true) => true,
    }
}

/// A text as it is, else JSON as a text.
fn text_of(value: &Value) -> Value {
    Value::String(value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned()))
}
