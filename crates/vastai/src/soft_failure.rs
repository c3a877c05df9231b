//! Failures that the service answers with a status of success.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
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

/// What a look at the body of an answer of success finds.
#[derive(Debug)]
pub(crate) enum Finding {
    /// Nothing that is against it.
    None,
    /// It says that the call failed: what is said of it, and the kind where the words do not decide it.
    Failure { kind: Option<ErrorKind>, said: ServiceError },
    /// It is no JSON, and why.
    NoJson(String),
}

/// The members that can tell a failure.
const TELLING: [&str; 7] = ["success", "error", "error_msg", "msg", "message", "detail", "retry_after"];

/// The longest failure, in bytes, of which everything is kept.
const LONG: usize = 64 * 1024;

/// Looks at the body of an answer of success.
///
/// It is read over once and nothing is kept but the members that tell a failure, so that a long answer is not made into values
/// twice. A list cannot tell a failure: of it only the end is looked at.
pub(crate) fn find(body: &[u8], source: Source) -> Finding {
    let body = body.trim_ascii();
    match body.first() {
        None => Finding::None,
        Some(b'[') if body.last() == Some(&b']') && body.len() > 1 => Finding::None,
        Some(b'{') => {
            let members = match telling_members(body) {
                Ok(members) => members,
                Err(why) => return Finding::NoJson(why),
            };
            if said(&members, source).is_none() {
                return Finding::None;
            }
            let whole = (body.len() <= LONG).then(|| serde_json::from_slice(body).ok()).flatten();
            match said(&whole.unwrap_or(members), source) {
                Some((kind, said)) => Finding::Failure { kind, said },
                None => Finding::None,
            }
        }
        Some(_) => match serde_json::from_slice::<Value>(body) {
            Ok(Value::String(text)) if source != Source::Console && !text.trim().is_empty() => {
                Finding::Failure { kind: None, said: ServiceError::from(Value::String(text)) }
            }
            Ok(_) => Finding::None,
            Err(why) => Finding::NoJson(why.to_string()),
        },
    }
}

fn telling_members(body: &[u8]) -> Result<Map<String, Value>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let members = Telling.deserialize(&mut deserializer).map_err(|why| why.to_string())?;
    deserializer.end().map_err(|why| why.to_string())?;
    Ok(members)
}

/// Takes the telling members of an object and skips the others.
struct Telling;

impl<'de> DeserializeSeed<'de> for Telling {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Telling {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<Name>()? {
            match name.0 {
                Some(name) => drop(members.insert(name.to_owned(), access.next_value()?)),
                None => drop(access.next_value::<IgnoredAny>()?),
            }
        }
        Ok(members)
    }
}

/// A member's name, if it is a telling one.
struct Name(Option<&'static str>);

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOf;
        impl Visitor<'_> for OneOf {
            type Value = Name;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(TELLING.into_iter().find(|telling| *telling == name)))
            }
        }
        deserializer.deserialize_str(OneOf)
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
