//! The lowered document: what it says to the generator beside OpenAPI, and which of its schemas refer to which.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// How a reference to a schema begins.
pub(super) const PREFIX: &str = "#/components/schemas/";

/// The component that every failure of every operation is: the hand-written error type of the generated crate.
pub const ERROR_COMPONENT: &str = "Error";

/// Components whose Rust type is hand-written in the generated crate, where no schema says what the type does.
pub const HAND_WRITTEN: [&str; 2] = [SECRET, TIMESTAMP];

/// The hand-written type of a string that is not shown.
pub(crate) const SECRET: &str = "Secret";

/// The hand-written type of a point in time.
pub(crate) const TIMESTAMP: &str = "Timestamp";

/// The extension with which the lowered document gives a parameter another name in Rust than its own would be.
pub(crate) const RUST_NAME: &str = "x-rust-name";

/// The same for the properties of a schema: a mapping of their names to those in Rust.
pub(crate) const RUST_NAMES: &str = "x-rust-names";

/// The same for a response: the names of its properties that come with white space around them.
pub(crate) const TRIMMED: &str = "x-trimmed";

/// The same for a response: the names of the properties that it is nothing without.
pub(crate) const NEVER_MISSING: &str = "x-never-missing";

/// The same for a string that is one of a set which may grow: the words that are known, each with what it means.
pub(crate) const WORDS: &str = "x-words";

/// Which of these words an empty string means.
pub(crate) const WORD_FOR_NOTHING: &str = "x-word-for-nothing";

/// The same for a type that is there whether or not an operation uses it.
pub(crate) const KEPT: &str = "x-kept";

/// Gives every reference to a component its final name.
pub(super) fn rename_references(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(PREFIX).and_then(|key| renamed.get(key))
            {
                *reference = format!("{PREFIX}{name}");
            }
            members.values_mut().for_each(|member| rename_references(member, renamed));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename_references(element, renamed)),
        _ => {}
    }
}

/// Drops the schemas that nothing in the lowered document refers to.
pub(super) fn prune(document: &mut Value) {
    let reached = reached_from(document, std::iter::once(&document["paths"]).chain(kept_types(document)));
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, schema| {
            reached.contains(name) || name == ERROR_COMPONENT || schema.get(KEPT).is_some()
        });
    }
}

/// The types of a lowered document that are there whether or not an operation uses them.
pub(crate) fn kept_types(document: &Value) -> impl Iterator<Item = &Value> {
    let schemas = document["components"]["schemas"].as_object();
    schemas.into_iter().flat_map(Map::values).filter(|schema| schema.get(KEPT).is_some())
}

/// The names of the schemas that these parts of a lowered document refer to, directly or through each other.
pub(crate) fn reached_from<'document>(
    document: &'document Value,
    parts: impl IntoIterator<Item = &'document Value>,
) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&Value> = parts.into_iter().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(PREFIX));
                if let Some(name) = name.filter(|name| reached.insert((*name).to_owned())) {
                    waiting.push(&document["components"]["schemas"][name]);
                }
                waiting.extend(members.values());
            }
            Value::Array(elements) => waiting.extend(elements),
            _ => {}
        }
    }
    reached
}
