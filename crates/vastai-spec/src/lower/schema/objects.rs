//! Objects: with fields of their own they become a type, else they are a map.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::null::nullable;
use crate::filled::filled;
use crate::identify::names;
use crate::lower::context::{LowerError, Lowering, Outcome, Place, Schema};
use crate::lower::lowered::{NEVER_MISSING, RUST_NAMES, TRIMMED};
use crate::lower::{marked, rules};
use crate::operations::is_read_only;

/// The mark of the overlay on strings of a response that come with white space around them, which says nothing.
const TRIM: &str = "x-vastai-trim";

pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    if !schema.is_of_type("object") {
        return Ok(Outcome::Next);
    }
    let (place, keywords) = (schema.place, &schema.keywords);
    let mut lowered = Map::from_iter([("type".to_owned(), json!("object"))]);
    marked::keep(keywords, &mut lowered);
    let properties = lower_properties(lowering, keywords, place, &mut lowered)?;
    for key in ["minProperties", "maxProperties"] {
        if keywords.contains_key(key) {
            lowering.report.note(&rules::WIDER_KEYWORD, &place.at, format!("`{key}`"));
        }
    }
    let has_fields = !properties.is_empty() || lowered.contains_key("required");
    let additional = additional_properties(lowering, keywords, place, has_fields)?;
    if !has_fields {
        lowered.insert("additionalProperties".to_owned(), additional.unwrap_or_else(|| json!({})));
        return Ok(Outcome::Lowered(Value::Object(lowered)));
    }
    rename_fields(lowering, &mut lowered, &properties, additional.as_ref(), &place.at);
    if let Some(additional) = additional {
        lowered.insert("additionalProperties".to_owned(), additional);
    }
    if !properties.is_empty() {
        lowered.insert("properties".to_owned(), Value::Object(properties));
    }
    let reference = lowering.components.inline_reference(Value::Object(lowered), &place.name, &place.at);
    Ok(Outcome::Lowered(reference))
}

/// The properties, lowered; what the object says of them beside goes into its lowered form.
fn lower_properties(
    lowering: &mut Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    place: &Place,
    lowered: &mut Map<String, Value>,
) -> Result<Map<String, Value>, LowerError> {
    let mut properties = Map::new();
    let mut trimmed: Vec<&str> = Vec::new();
    let mut never_missing: Vec<&str> = Vec::new();
    // An object with properties has a name, where nesting ends.
    let nesting = std::mem::take(&mut lowering.nesting);
    let written = keywords.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut required: BTreeSet<&str> = written.filter_map(Value::as_str).collect();
    let says_required = !required.is_empty();
    for (property, schema) in keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let own = place.child("properties").child(property).named(property);
        let mut value = lowering.schema(schema, &own)?;
        if place.is_response() {
            if schema.get(TRIM) == Some(&Value::Bool(true)) && is_text(&value) {
                trimmed.push(property);
            }
            if marked::is_required(keywords, property) {
                lowering.report.note(&rules::RESPONSE_REQUIRED, &own.at, "");
                never_missing.push(property);
            } else {
                value = nullable(value);
            }
        } else {
            if required.contains(property.as_str()) && is_read_only(lowering.root, schema) {
                lowering.report.note(&rules::READ_ONLY, &own.at, "required in responses alone");
                required.remove(property.as_str());
            }
            if !required.contains(property.as_str()) && is_collection(&value) {
                lowering.report.note(&rules::EMPTY_NOT_MISSING, &own.at, "");
                value = nullable(value);
            }
        }
        properties.insert(property.clone(), value);
    }
    lowering.nesting = nesting;
    if !trimmed.is_empty() {
        lowering.report.note(&rules::RESPONSE_TRIMMED, &place.at, trimmed.join(", "));
        lowered.insert(TRIMMED.to_owned(), json!(trimmed));
    }
    if !never_missing.is_empty() {
        lowered.insert(NEVER_MISSING.to_owned(), json!(never_missing));
    }
    if place.is_response() && says_required {
        lowering.report.note(&rules::RESPONSE_OPTIONAL, &place.at, keywords["required"].to_string());
    } else if !required.is_empty() {
        lowered.insert("required".to_owned(), json!(required));
    }
    Ok(properties)
}

/// Whether a lowered schema is a list or a map, which the generator leaves out of a request where it is empty.
fn is_collection(schema: &Value) -> bool {
    matches!(schema.get("type").and_then(Value::as_str), Some("array" | "object"))
}

/// Whether a lowered schema is of strings, or of lists of them.
fn is_text(schema: &Value) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => true,
        Some("array") => schema.get("items").is_some_and(is_text),
        _ => false,
    }
}

/// Fields whose names would be one in Rust get other names there.
fn rename_fields(
    lowering: &mut Lowering<'_, '_>,
    lowered: &mut Map<String, Value>,
    properties: &Map<String, Value>,
    additional: Option<&Value>,
    at: &str,
) {
    let required = lowered.get("required").and_then(Value::as_array).into_iter().flatten();
    let written: BTreeSet<&str> =
        properties.keys().map(String::as_str).chain(required.filter_map(Value::as_str)).collect();
    let written = Vec::from_iter(written);
    // The generator calls so the field with the properties that have no name of their own.
    let taken: &[&str] = if additional.is_some_and(Value::is_object) { &["extra"] } else { &[] };
    let renamed: Map<String, Value> = filled(
        written
            .iter()
            .zip(names::distinct(&written, taken, names::field))
            .filter_map(|(name, rust)| Some(((*name).to_owned(), json!(rust?)))),
    );
    if !renamed.is_empty() {
        let detail = renamed.iter().map(|(name, rust)| format!("`{name}` → {rust}"));
        lowering.report.note(&rules::RUST_NAME_DISTINCT, at, detail.collect::<Vec<_>>().join(", "));
        lowered.insert(RUST_NAMES.to_owned(), Value::Object(renamed));
    }
}

/// What an object holds beside its properties; `None` where the generator decides.
fn additional_properties(
    lowering: &mut Lowering<'_, '_>,
    keywords: &Map<String, Value>,
    place: &Place,
    has_fields: bool,
) -> Result<Option<Value>, LowerError> {
    let of_value = place.named("value");
    // What stands beside known properties is kept as it came: a typed rest would refuse the first stranger.
    let is_kept = has_fields && place.is_response();
    let additional_at = place.child("additionalProperties").at;
    let additional = keywords.get("additionalProperties");
    if let Some(patterns) = keywords.get("patternProperties").and_then(Value::as_object) {
        let names = json!(patterns.keys().collect::<Vec<_>>()).to_string();
        lowering.report.note(&rules::PATTERN_PROPERTIES, &place.at, names);
        let mut schemas: Vec<&Value> = patterns.values().collect();
        match additional {
            Some(Value::Bool(false)) => {}
            Some(schema @ Value::Object(_)) => schemas.push(schema),
            _ => return Ok(Some(json!({}))),
        }
        if is_kept {
            return Ok(Some(json!({})));
        }
        return lowering.element(&json!({ "anyOf": schemas }), &of_value).map(Some);
    }
    let (rule, at, detail) = match additional {
        Some(Value::Object(_)) if is_kept => {
            (&rules::RESPONSE_CLOSED, &additional_at, "properties beside the known ones have a schema")
        }
        Some(schema @ Value::Object(_)) => {
            return lowering.element(schema, &of_value.moved(additional_at)).map(Some);
        }
        Some(Value::Bool(false)) if place.is_response() => {
            (&rules::RESPONSE_CLOSED, &additional_at, "`false`")
        }
        Some(Value::Bool(false)) if has_fields => return Ok(Some(Value::Bool(false))),
        Some(Value::Bool(false)) => (&rules::WIDER_KEYWORD, &place.at, "an object without properties"),
        _ if is_kept => (&rules::RESPONSE_EXTRA, &place.at, ""),
        _ => return Ok(place.is_response().then(|| json!({}))),
    };
    lowering.report.note(rule, at, detail);
    Ok(place.is_response().then(|| json!({})))
}
