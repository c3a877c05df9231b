//! Failures that the service answers with a status of success.

use std::fmt;

use memchr::memmem;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use vastai_api::{Operation, ServiceError};

use crate::config::is_of_engine;
use crate::error::ErrorKind;

/// Which server responds, and so what a response can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The console, of whose operations a few succeed with a bare string.
    Console,
    /// The serverless engine.
    Engine,
    /// The serverless engine, to a read. It may know nothing yet.
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

/// What is found in the body of a response of success.
#[derive(Debug)]
pub(crate) enum Finding {
    /// No failure.
    None,
    /// It says that the call failed: what is said of it, and the kind where the words do not decide it.
    Failure { kind: Option<ErrorKind>, said: ServiceError },
    /// It is not JSON, and why.
    NotJson(String),
}

/// The fields that can report a failure.
const FAILURE_FIELDS: [&str; 7] =
    ["success", "error", "error_msg", "msg", "message", "detail", "retry_after"];

/// The longest failure, in bytes, of which everything is kept.
const LONG: usize = 64 * 1024;

/// Whether a body, if it is JSON, certainly reports no failure. It is looked through for the names of the fields that decide and not read,
/// which is many times faster; where it may be that one reports a failure, it is [searched](find).
pub(crate) fn is_impossible(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    match body.first() {
        Some(b'[') => true,
        Some(b'{') => {
            // A name may be written with escapes, those of ASCII.
            let has = |text: &str| memmem::find(body, text.as_bytes()).is_some();
            let mut successes = memmem::find_iter(body, b"\"success\"");
            !has("\"error")
                && !has("\\u00")
                && successes.all(|at| !is_false(&body[at + "\"success\"".len()..]))
        }
        _ => false,
    }
}

/// Whether what follows a name is the value `false`.
fn is_false(after_name: &[u8]) -> bool {
    let value = after_name.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
    value.is_some_and(|value| value.starts_with(b"f"))
}

/// Searches the body of a response of success for a failure.
///
/// It is read over once and nothing is kept but the fields that report a failure, so that a long response is not made into values
/// twice. A list cannot report a failure, but it may be broken.
pub(crate) fn find(body: &[u8], source: Source) -> Finding {
    let body = body.trim_ascii();
    match body.first() {
        None => Finding::None,
        Some(b'[') => match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => Finding::None,
            Err(why) => Finding::NotJson(why.to_string()),
        },
        Some(b'{') => {
            let fields = match failure_fields(body) {
                Ok(fields) => fields,
                Err(why) => return Finding::NotJson(why),
            };
            if said(&fields, source).is_none() {
                return Finding::None;
            }
            let whole = (body.len() <= LONG).then(|| serde_json::from_slice(body).ok()).flatten();
            match said(&whole.unwrap_or(fields), source) {
                Some((kind, said)) => Finding::Failure { kind, said },
                None => Finding::None,
            }
        }
        Some(_) => match serde_json::from_slice::<Value>(body) {
            Ok(Value::String(text)) if source != Source::Console && !text.trim().is_empty() => {
                Finding::Failure { kind: None, said: ServiceError::from(Value::String(text)) }
            }
            Ok(_) => Finding::None,
            Err(why) => Finding::NotJson(why.to_string()),
        },
    }
}

fn failure_fields(body: &[u8]) -> Result<Map<String, Value>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let fields = FailureFields.deserialize(&mut deserializer).map_err(|why| why.to_string())?;
    deserializer.end().map_err(|why| why.to_string())?;
    Ok(fields)
}

/// Takes the [`FAILURE_FIELDS`] of an object and skips the others.
struct FailureFields;

impl<'de> DeserializeSeed<'de> for FailureFields {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FailureFields {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = access.next_key::<Name>()? {
            match name.0 {
                Some(name) => drop(fields.insert(name.to_owned(), access.next_value()?)),
                None => drop(access.next_value::<IgnoredAny>()?),
            }
        }
        Ok(fields)
    }
}

/// A field's name, if it is one of [`FAILURE_FIELDS`].
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
                Ok(Name(FAILURE_FIELDS.into_iter().find(|field| *field == name)))
            }
        }
        deserializer.deserialize_str(OneOf)
    }
}

fn said(fields: &Map<String, Value>, source: Source) -> Option<(Option<ErrorKind>, ServiceError)> {
    let success = fields.get("success").and_then(Value::as_bool);
    if success == Some(true) {
        return None;
    }
    if let Some(notice) = fields.get("error_msg").filter(|notice| says_something(notice)) {
        let kind = (source == Source::EngineRead).then_some(ErrorKind::NotReady);
        return Some((kind, ServiceError::from(text_of(notice))));
    }
    let is_failure = success == Some(false) || fields.get("error").is_some_and(says_something);
    is_failure.then(|| (None, ServiceError::from(Value::Object(fields.clone()))))
}

/// Whether a field of an error's name has an error in it.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(code) => code.as_f64() != Some(0.0),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) => true,
    }
}

/// A string as it is, else JSON as a string.
fn text_of(value: &Value) -> Value {
    Value::String(value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON in which failures are likely.
    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let name = prop_oneof![
                proptest::sample::select(&FAILURE_FIELDS[..]).prop_map(str::to_owned),
                "[a-z]{1,3}"
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(name, inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn a_failure_is_possible_however_it_is_written() {
        for possible in [
            r#" {"a": "success", "success" :false}"#,
            "{\"succes\\u0073\"\n:\tfalse}",
            r#"{"success": true, "a": {"success": false}}"#,
            r#"{"error": "no"}"#,
            r#"{"error_msg": 1}"#,
            r#""not found""#,
            "",
        ] {
            assert!(!is_impossible(possible.as_bytes()), "{possible}");
        }
        for impossible in ["[false]", r#"{"success": true, "a": "success"}"#, r#"{"msg": "\u0131"}"#] {
            assert!(is_impossible(impossible.as_bytes()), "{impossible}");
        }
    }

    proptest! {
        #[test]
        fn the_search_agrees_with_reading_it_all(value in json(), filler in 0_usize..2) {
            let mut value = value;
            if let Value::Object(fields) = &mut value {
                fields.insert("filler".to_owned(), "x".repeat(filler * LONG).into());
            }
            let wanted = value.as_object().and_then(|fields| said(fields, Source::Console));
            let written = value.to_string();
            // What is looked through alone finds no less.
            prop_assert!(wanted.is_none() || !is_impossible(written.as_bytes()), "{}", value);
            match find(written.as_bytes(), Source::Console) {
                Finding::None => prop_assert!(wanted.is_none(), "{}", value),
                Finding::Failure { kind, said } => {
                    let (wanted_kind, wanted) = wanted.unwrap();
                    prop_assert_eq!((kind, said.words(), said.code()), (wanted_kind, wanted.words(), wanted.code()));
                }
                Finding::NotJson(why) => prop_assert!(false, "{}: {}", why, value),
            }
        }

        #[test]
        fn what_is_cut_off_is_not_json(value in json(), at in 0.0..1.0_f64) {
            prop_assume!(value.is_object() || value.is_array());
            let whole = value.to_string().into_bytes();
            // At the least the last bracket is missing.
            let cut = &whole[..1 + ((whole.len() - 2) as f64 * at) as usize];
            prop_assert!(matches!(find(cut, Source::Console), Finding::NotJson(_)));
        }
    }
}
