//! Strings: closed sets of them in requests, secrets, and what no Rust type checks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{keywords, types};
use crate::identify::names;
use crate::lower::context::{LowerError, Lowering, Outcome, Schema};
use crate::lower::lowered::SECRET;
use crate::lower::rules;

pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    if !schema.is_of_type("string") {
        return Ok(Outcome::Next);
    }
    let (place, at) = (schema.place, &schema.place.at);
    let format = schema.keywords.get("format");
    let values = schema.keywords.get("enum");
    let is_secret = format.is_some_and(|format| format == "password") && values.is_none();
    if is_secret {
        lowering.report.note(&rules::SECRET_TEXT, at, "");
    } else {
        if let Some(format) = format {
            lowering.report.note(&rules::FORMAT, at, format.to_string());
        }
        if let Some(pattern) = schema.keywords.get("pattern") {
            lowering.report.note(&rules::PATTERN, at, pattern.to_string());
        }
    }
    keywords::report_limits(lowering, schema, &["minLength", "maxLength"]);
    if is_secret {
        return Ok(Outcome::Lowered(
            lowering.components.reserved(SECRET, json!({ "type": "string", "format": "password" })),
        ));
    }
    let mut lowered = json!({ "type": "string" });
    let Some(Value::Array(values)) = values else { return Ok(Outcome::Lowered(lowered)) };
    if place.is_response() {
        lowering.report.note(&rules::RESPONSE_OPEN_ENUM, at, json!(values).to_string());
        return Ok(Outcome::Lowered(lowered));
    }
    match closed_set(values) {
        Some(strings) => {
            lowered["enum"] = json!(strings);
            lowered = lowering.components.inline_reference(lowered, &place.name, at);
        }
        None => types::report_enum(lowering, schema),
    }
    Ok(Outcome::Lowered(lowered))
}

/// The strings of an enum, sorted, where each makes a variant with a name of its own.
fn closed_set(values: &[Value]) -> Option<BTreeSet<&str>> {
    let strings: BTreeSet<&str> = values.iter().map(Value::as_str).collect::<Option<_>>()?;
    let mut identifiers = BTreeSet::new();
    let nameable = strings.iter().all(|string| {
        let name = names::variant(string);
        let upper = !name.starts_with(char::is_lowercase);
        upper && names::names_something(string) && identifiers.insert(name)
    });
    (nameable && !strings.is_empty() && strings.len() == values.len()).then_some(strings)
}
