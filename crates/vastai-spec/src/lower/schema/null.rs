//! Null, which 3.1 spells as a type, a value or a variant, and 3.0 as `nullable`.

use serde_json::{Map, Value, json};

use super::keywords::ANNOTATIONS;
use crate::lower::context::{LowerError, Lowering, Outcome, Schema};
use crate::lower::rules;

/// Takes null out of types, values and variants.
pub(super) fn take_out(
    lowering: &mut Lowering<'_, '_>,
    schema: &mut Schema<'_>,
) -> Result<Outcome, LowerError> {
    let (keywords, at) = (&mut schema.keywords, &schema.place.at);
    let mut found = None;
    schema.is_nullable = keywords.remove("nullable") == Some(Value::Bool(true));
    match keywords.get_mut("type") {
        Some(Value::Array(types)) if types.iter().any(|kind| kind == "null") => {
            types.retain(|kind| kind != "null");
            found = Some("a type null");
            if types.is_empty() {
                keywords.remove("type");
                keywords.insert("enum".to_owned(), json!([]));
            }
        }
        Some(Value::String(kind)) if kind == "null" => {
            found = Some("the type null alone");
            keywords.remove("type");
            keywords.insert("enum".to_owned(), json!([]));
        }
        _ => {}
    }
    if let Some(value) = keywords.remove("const") {
        lowering.report.note(&rules::CONST, at, value.to_string());
        keywords.insert("enum".to_owned(), json!([value]));
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        if values.iter().any(Value::is_null) {
            values.retain(|value| !value.is_null());
            found = Some("a value null");
        }
        // Null alone: no value of any type is left, and no type says so; any value goes.
        if values.is_empty() {
            keywords.remove("enum");
        }
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(Value::Array(variants)) = keywords.get_mut(key) {
            let before = variants.len();
            variants.retain(|variant| !is_null(variant));
            if variants.len() < before {
                found = Some("a variant null");
            }
            if variants.is_empty() {
                keywords.remove(key);
            }
        }
    }
    if let Some(what) = found {
        lowering.report.note(&rules::NULL_SPELLING, at, what);
        schema.is_nullable = true;
    }
    Ok(Outcome::Next)
}

/// Makes a lowered schema accept null. What accepts anything does so already.
pub(in crate::lower) fn nullable(schema: Value) -> Value {
    match schema {
        Value::Object(keywords) if keywords.contains_key("$ref") => {
            json!({ "allOf": [keywords], "nullable": true })
        }
        Value::Object(keywords) if keywords.keys().all(|key| ANNOTATIONS.contains(&key.as_str())) => {
            Value::Object(keywords)
        }
        Value::Object(mut keywords) => {
            keywords.insert("nullable".to_owned(), Value::Bool(true));
            Value::Object(keywords)
        }
        other => other,
    }
}

pub(super) fn with_null(schema: Value, is_nullable: bool) -> Value {
    if is_nullable { nullable(schema) } else { schema }
}

/// Whether null is the only value of a schema.
pub(super) fn is_null(schema: &Value) -> bool {
    let null_type = match schema.get("type") {
        Some(Value::String(kind)) => kind == "null",
        Some(Value::Array(kinds)) => !kinds.is_empty() && kinds.iter().all(|kind| kind == "null"),
        _ => false,
    };
    let only_null = |values: &Value| {
        values.as_array().is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null))
    };
    null_type || schema.get("enum").is_some_and(only_null) || schema.get("const").is_some_and(Value::is_null)
}

/// Whether null is among the values of a schema.
pub(super) fn accepts_null(schema: &Map<String, Value>) -> bool {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    schema.get("nullable") == Some(&Value::Bool(true))
        || list("type").any(|kind| kind == "null")
        || list("oneOf").chain(list("anyOf")).any(is_null)
        || list("enum").any(Value::is_null)
}
