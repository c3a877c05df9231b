//! A request as it is compared: what a server understands of it.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// What went over the wire, without what says nothing about the operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// By name; a value that is JSON is read, a name that comes more than once has an array.
    pub(crate) query: Map<String, Value>,
    /// No body is `{}`, which says as much.
    pub(crate) body: Value,
    pub(crate) authorized: bool,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str, body: &[u8], authorized: bool) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut members = Map::new();
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
            match members.get_mut(name.as_ref()) {
                None => drop(members.insert(name.into_owned(), value)),
                Some(Value::Array(values)) => values.push(value),
                Some(present) => *present = Value::Array(vec![present.take(), value]),
            }
        }
        let body = match body.trim_ascii() {
            [] => Value::Object(Map::new()),
            body => serde_json::from_slice(body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned())),
        };
        Self { method: method.to_owned(), path: path.to_owned(), query: members, body, authorized }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if !self.query.is_empty() {
            let query: Vec<String> =
                self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(f, "?{}", query.join("&"))?;
        }
        match &self.body {
            Value::Object(members) if members.is_empty() => Ok(()),
            body => write!(f, " {body}"),
        }
    }
}
