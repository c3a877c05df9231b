//! What becomes of each keyword: those of each type, those that only explain, and those that no rule puts into a type.

use serde_json::{Value, json};

use crate::lower::components::Direction;
use crate::lower::context::{LowerError, Lowering, Outcome, Place, Schema};
use crate::lower::rules;

/// Keywords that only explain.
pub(super) const ANNOTATIONS: [&str; 12] = [
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
    "externalDocs",
    "xml",
];

/// Keywords of objects.
pub(super) const OBJECT: &[&str] = &[
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "patternProperties",
];

/// Keywords of lists.
pub(super) const ARRAY: &[&str] = &["items", "minItems", "maxItems", "uniqueItems", "prefixItems"];

/// Keywords of strings.
pub(super) const STRING: &[&str] = &["pattern", "minLength", "maxLength"];

/// Keywords of numbers.
pub(super) const NUMBER: &[&str] =
    &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/// Keywords of scalars, whatever their type.
const SCALAR: &[&str] = &["enum", "format"];

/// Keywords with nothing to say in OpenAPI 3.0 or in a Rust type.
const DROPPED: [&str; 30] = [
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "if",
    "then",
    "else",
    "unevaluatedProperties",
    "unevaluatedItems",
    "additionalItems",
    "contains",
    "minContains",
    "maxContains",
    "not",
    "discriminator",
    "xml",
    "externalDocs",
    "$id",
    "id",
    "$schema",
    "$anchor",
    "$vocabulary",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$comment",
];

/// Whether a keyword only explains, or is an extension.
pub(super) fn only_explains(key: &str) -> bool {
    ANNOTATIONS.contains(&key) || key.starts_with("x-")
}

/// Reports what a schema says of the way that its values travel, where that is not the way of this use.
pub(super) fn report_direction(
    lowering: &mut Lowering<'_, '_>,
    schema: &mut Schema<'_>,
) -> Result<Outcome, LowerError> {
    let (flag, rule) = match schema.place.direction {
        Direction::Request => ("readOnly", &rules::READ_ONLY),
        Direction::Response => ("writeOnly", &rules::WRITE_ONLY),
    };
    if schema.keywords.get(flag) == Some(&Value::Bool(true)) {
        lowering.report.note(rule, &schema.place.at, format!("`{flag}`"));
    }
    Ok(Outcome::Next)
}

/// Reports every keyword that is neither for every schema nor for those of this type.
pub(super) fn report_unused(
    lowering: &mut Lowering<'_, '_>,
    schema: &mut Schema<'_>,
) -> Result<Outcome, LowerError> {
    let (of_type, of_scalar) = match schema.keywords.get("type").and_then(Value::as_str) {
        Some("object") => (OBJECT, &[][..]),
        Some("array") => (ARRAY, &[][..]),
        Some("string") => (STRING, SCALAR),
        Some("integer" | "number") => (NUMBER, SCALAR),
        _ => (&[][..], &["enum"][..]),
    };
    for (key, value) in &schema.keywords {
        let key = key.as_str();
        let everywhere = ["type", "nullable", "const", "$defs", "definitions"].contains(&key);
        if everywhere || only_explains(key) || of_type.contains(&key) || of_scalar.contains(&key) {
            continue;
        }
        let known = [OBJECT, ARRAY, STRING, NUMBER, SCALAR, &DROPPED[..], &["allOf", "anyOf", "oneOf"][..]];
        let rule = if known.iter().any(|keys| keys.contains(&key)) {
            &rules::WIDER_KEYWORD
        } else {
            &rules::UNKNOWN_KEYWORD
        };
        let text = value.to_string();
        let shown = if text.len() > 60 { String::new() } else { format!(": {text}") };
        lowering.report.note(rule, &schema.place.at, format!("`{key}{shown}`"));
    }
    Ok(Outcome::Next)
}

/// Reports limits, which make no types: those of a request are checked from a table when it is sent, those of a response are the service's.
pub(super) fn report_limits(lowering: &mut Lowering<'_, '_>, schema: &Schema<'_>, keys: &[&str]) {
    let found: Vec<&str> = keys.iter().copied().filter(|key| schema.keywords.contains_key(*key)).collect();
    if found.is_empty() {
        return;
    }
    let rule = if schema.place.is_response() { &rules::RESPONSE_LIMIT } else { &rules::REQUEST_LIMIT };
    lowering.report.note(rule, &schema.place.at, found.join(", "));
}

/// Description and what else explains a schema, on its lowered form.
pub(super) fn annotated(lowering: &mut Lowering<'_, '_>, lowered: Value, schema: &Schema<'_>) -> Value {
    let Schema { place: Place { at, .. }, keywords, .. } = schema;
    if let Some(default) = keywords.get("default").filter(|default| !default.is_null()) {
        lowering.report.note(&rules::DEFAULT, at, default.to_string());
    }
    if let Some(title) = keywords.get("title") {
        lowering.report.note(&rules::TITLE, at, title.to_string());
    }
    if keywords.contains_key("examples") || keywords.contains_key("example") {
        lowering.report.note(&rules::EXAMPLE, at, "");
    }
    let description = keywords.get("description").and_then(Value::as_str);
    let Some(description) = description.filter(|text| !text.trim().is_empty()) else { return lowered };
    match lowered {
        Value::Object(target) if target.contains_key("$ref") => {
            json!({ "allOf": [target], "description": description })
        }
        Value::Object(mut target) => {
            target.insert("description".to_owned(), json!(description));
            Value::Object(target)
        }
        other => other,
    }
}
