//! The second step: every operation gets an id, and two never share one.
//!
//! An id is the declared one, else it is made from the summary (`get endpoint workers` → `getEndpointWorkers`), else from method
//! and path. Ids become names in Rust, so two count as equal when they would be one name there.

pub(crate) mod names;

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToLowerCamelCase, ToPascalCase};
use serde_json::{Map, Value};

use crate::pointer;
use crate::report::{Effect, Report, Rule};
use names::names_something;

/// The methods a path item can hold, in the order of the OpenAPI specification.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

static FROM_SUMMARY: Rule = Rule {
    id: "operation-id-from-summary",
    reason: "an operation without an operationId takes its name from its summary",
    effect: Effect::Same,
};
static FROM_PATH: Rule = Rule {
    id: "operation-id-from-path",
    reason: "an operation with neither operationId nor summary takes its name from method and path",
    effect: Effect::Same,
};
static MADE_DISTINCT: Rule = Rule {
    id: "operation-id-made-distinct",
    reason: "two operations would have one name in Rust, or a name that the generated client needs",
    effect: Effect::Same,
};
static PATH_ITEM_INLINED: Rule = Rule {
    id: "path-item-inlined",
    reason: "generators refuse a path item that is a reference",
    effect: Effect::Same,
};
static NOT_AN_OPERATION: Rule = Rule {
    id: "not-an-operation",
    reason: "this is not an operation and cannot be called",
    effect: Effect::LeftOut,
};

/// Names that the generated client uses itself: an operation so called would not compile or would hide them.
const TAKEN: [&str; 25] = [
    "new",
    "new_with_client",
    "pre",
    "post",
    "exec",
    "clone",
    "api_version",
    "baseurl",
    "client",
    "inner",
    "from",
    "byte_stream",
    "client_info",
    "client_hooks",
    "error",
    "operation_info",
    "request_builder_ext",
    "response_value",
    "result",
    "option",
    "string",
    "ok",
    "err",
    "some",
    "none",
];

/// Gives every operation of the document an `operationId` that no other has.
pub fn identify(document: &mut Value, report: &mut Report) {
    inline_path_items(document, report);
    let mut wanted: BTreeMap<String, Vec<(bool, String, String, String)>> = BTreeMap::new();
    for (path, method, operation) in operations(document) {
        let at = operation_pointer(path, method);
        let declared = operation.get("operationId").and_then(Value::as_str).filter(|id| names_something(id));
        let summary =
            operation.get("summary").and_then(Value::as_str).filter(|summary| names_something(summary));
        let id = match (declared, summary) {
            (Some(declared), _) => declared.to_owned(),
            (None, Some(summary)) => {
                let id = summary.replace('\'', "").to_lower_camel_case();
                report.note(&FROM_SUMMARY, &at, format!("`{summary}` → {id}"));
                id
            }
            (None, None) => {
                let id = from_path(path, method);
                report.note(&FROM_PATH, &at, format!("{method} {path} → {id}"));
                id
            }
        };
        let undeclared = declared.is_none();
        wanted.entry(names::builder(&id)).or_default().push((
            undeclared,
            path.to_owned(),
            method.to_owned(),
            id,
        ));
    }

    let taken = TAKEN.map(names::builder);
    let mut used: BTreeSet<String> = wanted.keys().cloned().chain(taken.iter().cloned()).collect();
    let mut ids: BTreeMap<(String, String), String> = BTreeMap::new();
    for (name, mut claims) in wanted {
        // A declared id keeps its name; then the path decides, never the order in the file.
        claims.sort();
        let keeps = !taken.contains(&name);
        for (index, (_, path, method, id)) in claims.into_iter().enumerate() {
            let id = if index == 0 && keeps {
                id
            } else {
                let distinct = distinct(&id, &path, &method, &mut used);
                report.note(&MADE_DISTINCT, &operation_pointer(&path, &method), format!("{id} → {distinct}"));
                distinct
            };
            ids.insert((path, method), id);
        }
    }
    for ((path, method), id) in ids {
        if let Some(operation) = document["paths"][&path][&method].as_object_mut() {
            operation.insert("operationId".to_owned(), Value::String(id));
        }
    }
}

/// Every operation of a document as path, method and operation, in a fixed order.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Map<String, Value>)> {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    items.filter(|(path, _)| path.starts_with('/')).flat_map(|(path, item)| {
        METHODS
            .iter()
            .filter_map(move |method| Some((path.as_str(), *method, item.get(*method)?.as_object()?)))
    })
}

/// The JSON pointer of an operation.
#[must_use]
pub fn operation_pointer(path: &str, method: &str) -> String {
    format!("{}/{method}", pointer::child("/paths", path))
}

fn inline_path_items(document: &mut Value, report: &mut Report) {
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return };
    let mut replaced = Vec::new();
    for (path, item) in paths {
        let at = pointer::child("/paths", path);
        if let Some(reference) = item.get("$ref").and_then(Value::as_str) {
            let Some(Value::Object(target)) = pointer::resolve(document, reference) else {
                report.note(
                    &NOT_AN_OPERATION,
                    &at,
                    format!("the path item is a reference to {reference}, which is not in the document"),
                );
                replaced.push((path.clone(), Value::Object(Map::new())));
                continue;
            };
            let mut inlined = target.clone();
            inlined.extend(item.as_object().cloned().unwrap_or_default());
            inlined.remove("$ref");
            report.note(&PATH_ITEM_INLINED, &at, reference);
            replaced.push((path.clone(), Value::Object(inlined)));
        }
    }
    for (path, item) in replaced {
        document["paths"][path] = item;
    }
    let mut dropped = Vec::new();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|path, item| {
            let keep = item.is_object() && (path.starts_with('/') || path.starts_with("x-"));
            if !keep {
                dropped.push((
                    pointer::child("/paths", path),
                    "a path item is an object and its path begins with a slash",
                ));
            }
            keep
        });
        for (path, item) in paths.iter_mut() {
            let Some(item) = item.as_object_mut() else { continue };
            let at = pointer::child("/paths", path);
            item.retain(|key, member| {
                let keep = !METHODS.contains(&key.as_str()) || member.is_object();
                if !keep {
                    dropped.push((pointer::child(&at, key), "an operation is an object"));
                }
                keep
            });
        }
    }
    for (at, why) in dropped {
        report.note(&NOT_AN_OPERATION, &at, why);
    }
}

fn from_path(path: &str, method: &str) -> String {
    format!("{method} {}", path.replace(|character: char| !character.is_alphanumeric(), " "))
        .to_lower_camel_case()
}

fn distinct(id: &str, path: &str, method: &str, used: &mut BTreeSet<String>) -> String {
    let named = format!("{id}{}", from_path(path, method).to_pascal_case());
    let candidates = std::iter::once(named.clone()).chain((2_u32..).map(|number| format!("{named}{number}")));
    for candidate in candidates {
        if used.insert(names::builder(&candidate)) {
            return candidate;
        }
    }
    named
}
