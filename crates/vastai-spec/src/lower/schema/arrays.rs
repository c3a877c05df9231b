//! Lists.

use serde_json::{Value, json};

use super::keywords;
use crate::lower::context::{LowerError, Lowering, Outcome, Schema};
use crate::lower::rules;

pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    if !schema.is_of_type("array") {
        return Ok(Outcome::Next);
    }
    let place = schema.place;
    let of_items = place.child("items");
    let items = match (schema.keywords.get("prefixItems"), schema.keywords.get("items")) {
        (Some(_), _) | (None, Some(Value::Array(_))) => {
            lowering.report.note(&rules::TUPLE, &place.at, "");
            json!({})
        }
        (None, Some(items @ (Value::Object(_) | Value::Bool(_)))) => {
            lowering.element(items, &of_items.named("item"))?
        }
        (None, _) => {
            lowering.report.note(&rules::EMPTY_SCHEMA, &of_items.at, "a list without `items`");
            json!({})
        }
    };
    keywords::report_limits(lowering, schema, &["minItems", "maxItems"]);
    if schema.keywords.contains_key("uniqueItems") {
        lowering.report.note(&rules::WIDER_KEYWORD, &place.at, "`uniqueItems`");
    }
    Ok(Outcome::Lowered(json!({ "type": "array", "items": items })))
}
