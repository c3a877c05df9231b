//! Numbers and integers: of their formats, the width of an integer in a request makes a type.

use serde_json::{Value, json};

use super::{keywords, types};
use crate::lower::context::{LowerError, Lowering, Outcome, Schema};
use crate::lower::rules;

pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    let kind = match schema.keywords.get("type").and_then(Value::as_str) {
        Some("integer") => "integer",
        Some("number") => "number",
        _ => return Ok(Outcome::Next),
    };
    let place = schema.place;
    let mut lowered = json!({ "type": kind });
    types::report_enum(lowering, schema);
    match schema.keywords.get("format").and_then(Value::as_str) {
        Some("float") => lowering.report.note(&rules::RESPONSE_FLOAT, &place.at, ""),
        Some(format @ ("int32" | "int64")) if kind == "integer" && !place.is_response() => {
            lowered["format"] = json!(format)
        }
        Some("double" | "int64") | None => {}
        Some(format) => lowering.report.note(&rules::FORMAT, &place.at, format!("`{format}`")),
    }
    keywords::report_limits(lowering, schema, keywords::NUMBER);
    Ok(Outcome::Lowered(lowered))
}
