//! Which type a schema has: what it says, what its keywords belong to, or what its values are.

use serde_json::{Map, Value, json};

use super::keywords::{ARRAY, NUMBER, OBJECT, STRING};
use super::null::with_null;
use crate::lower::context::{LowerError, Lowering, Outcome, Schema};
use crate::lower::rules;

/// Leaves a schema with one type, or with none where it takes any value. Several become a union.
pub(super) fn settle(
    lowering: &mut Lowering<'_, '_>,
    schema: &mut Schema<'_>,
) -> Result<Outcome, LowerError> {
    let place = schema.place;
    match types_of(lowering, &schema.keywords, &place.at).as_slice() {
        [] => {
            schema.keywords.remove("type");
        }
        [kind] => {
            schema.keywords.insert("type".to_owned(), json!(kind));
        }
        kinds => {
            let variants = kinds.iter().map(|kind| {
                let mut variant = schema.keywords.clone();
                variant.insert("type".to_owned(), json!(kind));
                if let Some(Value::Array(values)) = variant.get_mut("enum") {
                    values.retain(|value| is_of_type(value, kind));
                }
                Value::Object(variant)
            });
            let union = json!({ "anyOf": variants.collect::<Vec<_>>() });
            lowering.report.note(&rules::SEVERAL_TYPES, &place.at, kinds.join(", "));
            return Ok(Outcome::Whole(with_null(lowering.schema(&union, place)?, schema.is_nullable)));
        }
    }
    Ok(Outcome::Next)
}

pub(super) fn lower_boolean(
    lowering: &mut Lowering<'_, '_>,
    schema: &mut Schema<'_>,
) -> Result<Outcome, LowerError> {
    if !schema.is_of_type("boolean") {
        return Ok(Outcome::Next);
    }
    report_enum(lowering, schema);
    Ok(Outcome::Lowered(json!({ "type": "boolean" })))
}

/// What takes any value.
pub(super) fn any(lowering: &mut Lowering<'_, '_>, schema: &Schema<'_>) -> Value {
    report_enum(lowering, schema);
    json!({})
}

/// Reports values that make no Rust enum.
pub(super) fn report_enum(lowering: &mut Lowering<'_, '_>, schema: &Schema<'_>) {
    if let Some(values) = schema.keywords.get("enum") {
        lowering.report.note(&rules::ENUM_MIXED, &schema.place.at, values.to_string());
    }
}

/// The types of a schema without parts and variants; none where it takes any value.
pub(super) fn types_of(
    lowering: &mut Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    at: &str,
) -> Vec<&'static str> {
    let written = match keywords.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(other) => {
            lowering.report.note(&rules::UNKNOWN_TYPE, at, other.to_string());
            Vec::new()
        }
        None => Vec::new(),
    };
    let mut kinds: Vec<&'static str> = Vec::new();
    for kind in written.into_iter().filter(|kind| *kind != "null") {
        let known = known_type(kind);
        if known != Some(kind) {
            let detail = format!("`{kind}` → {}", known.unwrap_or("any value"));
            lowering.report.note(&rules::UNKNOWN_TYPE, at, detail);
        }
        match known {
            Some(known) if !kinds.contains(&known) => kinds.push(known),
            Some(_) => {}
            None => return Vec::new(),
        }
    }
    if kinds.contains(&"number") {
        kinds.retain(|kind| *kind != "integer");
    }
    if !kinds.is_empty() {
        // Every type is any value.
        let is_any = SCALARS.iter().chain(&["array", "object"]).all(|kind| kinds.contains(kind));
        return if is_any { Vec::new() } else { kinds };
    }
    if let Some(kind) = type_by_keywords(keywords) {
        lowering.report.note(&rules::TYPE_FROM_KEYWORDS, at, kind);
        return vec![kind];
    }
    let kinds = types_of_values(keywords);
    if kinds.len() > 1 { kinds } else { Vec::new() }
}

/// The type that a name means: JSON Schema's own, or what other languages call it.
fn known_type(kind: &str) -> Option<&'static str> {
    match kind.to_ascii_lowercase().as_str() {
        "object" | "dict" | "map" | "json" => Some("object"),
        "array" | "list" => Some("array"),
        "string" | "str" | "text" | "uuid" | "date" | "datetime" | "date-time" => Some("string"),
        "integer" | "int" | "int32" | "int64" | "long" => Some("integer"),
        "number" | "float" | "double" | "decimal" => Some("number"),
        "boolean" | "bool" => Some("boolean"),
        _ => None,
    }
}

fn type_by_keywords(keywords: &Map<String, Value>) -> Option<&'static str> {
    let has = |keys: &[&str]| keys.iter().any(|key| keywords.contains_key(*key));
    if has(OBJECT) {
        Some("object")
    } else if has(ARRAY) {
        Some("array")
    } else if let Some(kind) = type_by_values(keywords) {
        Some(kind)
    } else if has(STRING) {
        Some("string")
    } else if has(NUMBER) {
        Some("number")
    } else {
        None
    }
}

/// The scalar type that all values have which a schema lists, null aside.
fn type_by_values(keywords: &Map<String, Value>) -> Option<&'static str> {
    let mut values = listed_values(keywords)?;
    values.retain(|value| !value.is_null());
    let all = |is: fn(&Value) -> bool| !values.is_empty() && values.iter().all(is);
    if all(Value::is_string) {
        Some("string")
    } else if all(Value::is_boolean) {
        Some("boolean")
    } else if all(is_integer) {
        Some("integer")
    } else if all(Value::is_number) {
        Some("number")
    } else {
        None
    }
}

/// The types of scalars; an integer is a number.
const SCALARS: [&str; 3] = ["string", "number", "boolean"];

/// The types of the scalars that a schema lists; none where it lists a list or an object.
fn types_of_values(keywords: &Map<String, Value>) -> Vec<&'static str> {
    let values = listed_values(keywords).unwrap_or_default();
    if values.iter().any(|value| value.is_array() || value.is_object()) {
        return Vec::new();
    }
    let integers = values.iter().filter(|value| value.is_number()).all(is_integer);
    let number = if integers { "integer" } else { "number" };
    let kinds = SCALARS.into_iter().filter(|kind| values.iter().any(|value| is_of_type(value, kind)));
    kinds.map(|kind| if kind == "number" { number } else { kind }).collect()
}

/// Whether a value is an integer to JSON Schema, where 1.0 is one.
fn is_integer(value: &Value) -> bool {
    value.is_i64()
        || value.is_u64()
        || value.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() < 9e15)
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

/// The values that a schema lists: `const` before `enum`, of which it leaves one.
pub(super) fn listed_values(keywords: &Map<String, Value>) -> Option<Vec<Value>> {
    match keywords.get("const") {
        Some(value) => Some(vec![value.clone()]),
        None => keywords.get("enum")?.as_array().cloned(),
    }
}

/// Whether a schema without parts is of objects alone, null aside.
pub(super) fn is_object(keywords: &Map<String, Value>) -> bool {
    match keywords.get("type") {
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| kind == "object")
                && kinds.iter().all(|kind| kind == "object" || kind == "null")
        }
        Some(kind) => kind == "object",
        None => type_by_keywords(keywords) == Some("object"),
    }
}
