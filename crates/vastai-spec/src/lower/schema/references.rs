//! References to components, and what stands beside them.

use serde_json::{Map, Value, json};

use super::keywords::only_explains;
use super::null::accepts_null;
use crate::filled::filled;
use crate::lower::components::Components;
use crate::lower::context::{LowerError, Lowering, Outcome, Place, Schema, Waiting};
use crate::lower::rules;
use crate::pointer;

/// A reference is the component that it leads to; one that makes no type of its own is written out.
pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    let Place { at, direction, name } = schema.place;
    let reference = match schema.keywords.get("$ref") {
        None => return Ok(Outcome::Next),
        Some(Value::String(reference)) => reference,
        Some(_) => {
            return Err(LowerError::Malformed {
                pointer: pointer::child(at, "$ref"),
                expected: "a reference, which is a string,",
            });
        }
    };
    let mut target = lowering.follow(reference, at)?;
    let mut target_at = pointer::of_local_reference(reference).unwrap_or_default();
    // A component that is only another's name.
    for _ in 0..16 {
        let Some(next) = target
            .get("$ref")
            .and_then(Value::as_str)
            .filter(|_| target.as_object().is_some_and(|it| it.len() == 1))
        else {
            break;
        };
        lowering.report.note(&rules::ALIAS, &target_at, next);
        target_at = pointer::of_local_reference(next).unwrap_or_default();
        target = lowering.follow(next, at)?;
    }
    if schema.keywords.keys().any(|key| key != "$ref" && !only_explains(key)) {
        if lowering.siblings_count {
            lowering.report.note(&rules::REFERENCE_SIBLINGS, at, format!("beside {reference}"));
            let mut siblings = schema.keywords.clone();
            siblings.remove("$ref");
            let whole = json!({ "allOf": [{ "$ref": reference }, siblings] });
            return lowering.schema(&whole, schema.place).map(Outcome::Whole);
        }
        let ignored = format!("ignored beside {reference}, as 3.0 says");
        lowering.report.note(&rules::REFERENCE_SIBLINGS, at, ignored);
    }
    if !makes_a_type(target, schema.place) {
        let lowered = lowering.unless_in_progress(target_at.clone(), at, reference, |lowering| {
            lowering.report.note(&rules::ALIAS, &target_at, "");
            let lowered = lowering.schema(target, &Place::new(&*target_at, *direction, &**name));
            lowering.components.reach(&target_at);
            lowered
        });
        return lowered.map(Outcome::Whole);
    }
    if lowering.components.enter(&target_at, *direction) {
        lowering.waiting.push_back(Waiting { pointer: target_at.clone(), direction: *direction });
    }
    schema.is_nullable = target.as_object().is_some_and(accepts_null);
    Ok(Outcome::Lowered(Components::declared_reference(&target_at, *direction)))
}

/// Whether a component is worth a type of its own: an object with properties, a union, or a closed set of strings.
fn makes_a_type(schema: &Value, place: &Place) -> bool {
    let is_filled = |key: &str| match schema.get(key) {
        Some(Value::Object(properties)) => !properties.is_empty(),
        Some(Value::Array(parts)) => !parts.is_empty(),
        _ => false,
    };
    ["properties", "allOf", "anyOf", "oneOf"].into_iter().any(is_filled)
        || (!place.is_response() && is_filled("enum"))
}

/// What stands beside a reference and counts there.
pub(super) fn siblings(lowering: &Lowering<'_, '_>, schema: &Value) -> Option<Map<String, Value>> {
    let keywords =
        schema.as_object().filter(|keywords| lowering.siblings_count && keywords.contains_key("$ref"))?;
    let siblings: Map<String, Value> = filled(
        keywords
            .iter()
            .filter(|(key, _)| *key != "$ref" && !only_explains(key))
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    (!siblings.is_empty()).then_some(siblings)
}
