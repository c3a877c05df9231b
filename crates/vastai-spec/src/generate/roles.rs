//! What the types of a client are for: which ones requests are made of, and which ones responses are read as.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use serde_json::Value;

use crate::filled::filled;
use crate::lower::{KEPT, NEVER_MISSING, TRIMMED, kept_types, reached_from};

/// The types of a lowered document by their names in Rust, as what the operations use them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    /// What requests are made of.
    pub(super) sent: BTreeSet<String>,
    /// What is in responses.
    pub(super) received: BTreeSet<String>,
    /// What is a whole response and not only a part of one.
    pub(super) whole_responses: BTreeSet<String>,
    /// The fields that are trimmed, by their names on the wire, of each type that has some.
    pub(super) trimmed: BTreeMap<String, BTreeSet<String>>,
    /// The fields without which a type is nothing.
    pub(super) required: BTreeMap<String, BTreeSet<String>>,
}

impl Roles {
    pub(crate) fn of(lowered: &Value) -> Self {
        let of_operations =
            |key: &'static str| operations(lowered).filter_map(move |operation| operation.get(key));
        let rust_names = |names: BTreeSet<String>| names.iter().map(|name| name.to_pascal_case()).collect();
        let mut received = reached_from(lowered, of_operations("responses").chain(kept_types(lowered)));
        let schemas = lowered["components"]["schemas"].as_object().into_iter().flatten();
        received
            .extend(schemas.filter(|(_, schema)| schema.get(KEPT).is_some()).map(|(name, _)| name.clone()));
        Self {
            sent: rust_names(reached_from(lowered, of_operations("requestBody"))),
            received: rust_names(received),
            whole_responses: whole_responses(of_operations("responses")),
            trimmed: names_by_type(lowered, TRIMMED),
            required: names_by_type(lowered, NEVER_MISSING),
        }
    }

    /// Whether the operations of two documents use a component for the same.
    #[cfg(feature = "diff")]
    pub(crate) fn are_the_same_for(&self, component: &str, other: &Self) -> bool {
        let name = component.to_pascal_case();
        let uses = |roles: &Self| {
            [&roles.sent, &roles.received, &roles.whole_responses].map(|set| set.contains(&name))
        };
        uses(self) == uses(other)
    }
}

fn operations(lowered: &Value) -> impl Iterator<Item = &Value> {
    let items = lowered["paths"].as_object().into_iter().flatten();
    items.flat_map(|(_, item)| item.as_object().into_iter().flatten()).map(|(_, operation)| operation)
}

fn whole_responses<'lowered>(responses: impl Iterator<Item = &'lowered Value>) -> BTreeSet<String> {
    let responses = responses.filter_map(Value::as_object).flat_map(serde_json::Map::values);
    let contents = responses.filter_map(|response| response.get("content")?.as_object());
    let schemas = contents.flat_map(serde_json::Map::values).filter_map(|content| content.get("schema"));
    let names = schemas.filter_map(|schema| {
        let direct = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref"));
        direct?.as_str()?.rsplit('/').next()
    });
    names.map(|name| name.to_pascal_case()).collect()
}

/// What a key of the lowered types lists, by type.
fn names_by_type(lowered: &Value, key: &str) -> BTreeMap<String, BTreeSet<String>> {
    let schemas = lowered["components"]["schemas"].as_object().into_iter().flatten();
    let marked = schemas.filter_map(|(name, schema)| Some((name, schema.get(key)?.as_array()?)));
    let names = |names: &[Value]| names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    filled(marked.map(|(component, fields)| (component.to_pascal_case(), names(fields))))
}
