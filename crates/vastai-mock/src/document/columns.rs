//! The fields of the things that an operation lists: what it can be filtered and sorted by.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use vastai_spec::pointer::resolved;

/// How deep schemas are looked into, so that one that refers to itself comes to an end.
const MAX_DEPTH: usize = 8;

/// The properties of the items of the lists in an operation's response, and those of its body, where searches have their filters.
pub(super) fn of(document: &Value, operation: &Map<String, Value>) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    let json = |part: &Value| resolved(document, part).pointer("/content/application~1json/schema").cloned();
    if let Some(schema) = operation.get("responses").and_then(|responses| json(responses.get("200")?)) {
        for items in lists(document, &schema, MAX_DEPTH) {
            properties(document, items, MAX_DEPTH, &mut |name, _| columns.extend([name.to_owned()]));
        }
    }
    if let Some(schema) = operation.get("requestBody").and_then(json) {
        properties(document, &schema, MAX_DEPTH, &mut |name, _| columns.extend([name.to_owned()]));
    }
    columns
}

/// The schemas of the items of a list, or of the lists that an object has.
fn lists<'d>(document: &'d Value, schema: &'d Value, depth: usize) -> Vec<&'d Value> {
    let mut lists: Vec<&Value> = resolved(document, schema).get("items").into_iter().collect();
    properties(document, schema, depth, &mut |_, property| {
        lists.extend(resolved(document, property).get("items"));
    });
    lists
}

/// The properties of a schema, and of those that it is made of.
fn properties<'d>(
    document: &'d Value,
    schema: &'d Value,
    depth: usize,
    take: &mut dyn FnMut(&'d str, &'d Value),
) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let schema = resolved(document, schema);
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        take(name, property);
    }
    for parts in ["allOf", "anyOf", "oneOf"].iter().filter_map(|keyword| schema.get(*keyword)?.as_array()) {
        parts.iter().for_each(|part| properties(document, part, depth, take));
    }
}
