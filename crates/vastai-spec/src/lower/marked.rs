//! Types that no document can say, and the overlay marks: points in time, open sets of words, and fields that a type is nothing without.

use serde_json::{Map, Value, json};

use super::components::Direction;
use super::context::{LowerError, Lowering, Outcome, Schema, Waiting};
use super::lowered::{KEPT, TIMESTAMP, WORD_FOR_NOTHING, WORDS};
use super::named_types::{ALWAYS, COMPONENTS};
use super::rules;
use crate::pointer;

/// The mark of the overlay on a number of seconds since the Unix epoch.
const TIME: &str = "x-vastai-time";

/// The mark of the overlay on a string of a response: the component with the words that it may be, of which the service knows more.
const OPEN_ENUM: &str = "x-vastai-open-enum";

/// What such a component has: its words, each with what it means.
const KNOWN_WORDS: &str = "x-vastai-words";

/// And which of them an empty string means.
const EMPTY: &str = "x-vastai-empty";

/// The mark of the overlay on an object: fields without which a response is not one.
const REQUIRED: &str = "x-vastai-required";

/// A number or a string that is marked is the type that the mark says. A mark goes by names, under which some documents have filters, or
/// dates as strings.
pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    let (place, keywords) = (schema.place, &schema.keywords);
    let is_number = schema.is_of_type("number") || schema.is_of_type("integer");
    if is_number && keywords.get(TIME) == Some(&Value::Bool(true)) {
        lowering.report.note(&rules::TIME, &place.at, "");
        return Ok(Outcome::Lowered(lowering.components.reserved(TIMESTAMP, json!({ "type": "number" }))));
    }
    let name = keywords.get(OPEN_ENUM).and_then(Value::as_str);
    match name.filter(|_| schema.is_of_type("string") && place.is_response()) {
        Some(name) => Ok(open_enum(lowering, name, &place.at).map_or(Outcome::Next, Outcome::Lowered)),
        None => Ok(Outcome::Next),
    }
}

fn open_enum(lowering: &mut Lowering<'_, '_>, name: &str, at: &str) -> Option<Value> {
    let component_at = pointer::child(COMPONENTS, name);
    let component = lowering.root.pointer(&component_at)?;
    let words = component.get(KNOWN_WORDS)?.as_object()?;
    lowering.report.note(&rules::OPEN_ENUM, at, name);
    lowering.components.reach(&component_at);
    let mut lowered = json!({ "type": "string", WORDS: words });
    for (key, written) in [("description", "description"), (WORD_FOR_NOTHING, EMPTY)] {
        if let Some(value) = component.get(written) {
            lowered[key] = value.clone();
        }
    }
    Some(lowering.components.reserved(name, lowered))
}

/// Whether an object of a response is nothing without this property.
pub(super) fn is_required(keywords: &Map<String, Value>, property: &str) -> bool {
    let names = keywords.get(REQUIRED).and_then(Value::as_array);
    names.is_some_and(|names| names.iter().any(|name| name == property))
}

/// Says of a lowered object whether it is there whether or not an operation uses it.
pub(super) fn keep(keywords: &Map<String, Value>, lowered: &mut Map<String, Value>) {
    if keywords.get(ALWAYS) == Some(&Value::Bool(true)) {
        lowered.insert(KEPT.to_owned(), Value::Bool(true));
    }
}

/// Reaches the components that are there whether or not an operation uses them.
pub(super) fn reach_kept_types(lowering: &mut Lowering<'_, '_>) {
    let schemas = lowering.root.pointer(COMPONENTS).and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let (pointer, direction) = (pointer::child(COMPONENTS, name), Direction::Response);
        if schema.get(ALWAYS) == Some(&Value::Bool(true)) && lowering.components.enter(&pointer, direction) {
            lowering.waiting.push_back(Waiting { pointer, direction });
        }
    }
}
