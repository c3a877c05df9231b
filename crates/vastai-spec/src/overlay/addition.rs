//! What an overlay adds because the document lacks it, so that the addition is stale once the document has it.
//!
//! `x-undocumented: true` marks an addition: an operation, a parameter, or a property of a schema. What the document has already is
//! neither added nor merged, as the document knows it better.

use serde_json::{Map, Value};

use crate::filled::filled;
use crate::identify::{METHODS, operations};
use crate::pointer::resolved;

/// The extension that marks an operation or a field which the published document does not have.
pub const UNDOCUMENTED: &str = "x-undocumented";

/// Whether a value is marked as lacking in the document.
fn is_addition(value: &Value) -> bool {
    value.get(UNDOCUMENTED) == Some(&Value::Bool(true))
}

/// Whether an update has an addition anywhere.
pub(super) fn is_in(update: &Value) -> bool {
    is_addition(update)
        || match update {
            Value::Object(fields) => fields.values().any(is_in),
            Value::Array(elements) => elements.iter().any(is_in),
            _ => false,
        }
}

/// An update of what is at `pointer` without the additions that the document has already, and what those are.
pub(super) fn not_yet_there(document: &Value, pointer: &str, update: &Value) -> (Value, Vec<String>) {
    let mut present = Vec::new();
    let target = document.pointer(pointer).unwrap_or(&Value::Null);
    let left = if pointer == "/paths" {
        paths(document, update, &mut present)
    } else {
        value(document, target, update, &mut present)
    };
    (left, present)
}

fn paths(document: &Value, update: &Value, present: &mut Vec<String>) -> Value {
    let items = update.as_object().into_iter().flatten().map(|(path, item)| {
        let is_left = |(method, operation): &(&String, &Value)| {
            let documented =
                is_addition(operation).then(|| documented(document, path, method, operation)).flatten();
            let is_left = documented.is_none();
            present.extend(documented);
            is_left
        };
        let members = item.as_object().into_iter().flatten().filter(is_left);
        (path.clone(), Value::Object(filled(members.map(|(name, member)| (name.clone(), member.clone())))))
    });
    let is_of_use = |item: &Value| METHODS.iter().any(|method| item.get(method).is_some());
    Value::Object(filled(items.filter(|(_, item)| is_of_use(item))))
}

/// How the document calls an operation of the same method and path, or of the same id.
fn documented(document: &Value, path: &str, method: &str, operation: &Value) -> Option<String> {
    let is_same = |(there, its_method, its): &(&str, &'static str, &Map<String, Value>)| {
        let same_place = *its_method == method && shape(there) == shape(path);
        same_place || its.get("operationId").is_some_and(|id| Some(id) == operation.get("operationId"))
    };
    let (path, method, operation) = operations(document).find(is_same)?;
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    Some(format!("the operation `{id}` ({} {path})", method.to_uppercase()))
}

/// A path without the names of its parameters and without a slash at its end.
fn shape(path: &str) -> Vec<&str> {
    let segments = path.trim_end_matches('/').split('/');
    segments.map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect()
}

fn value(document: &Value, target: &Value, update: &Value, present: &mut Vec<String>) -> Value {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            let left = update.iter().filter_map(|(name, update)| match target.get(name) {
                Some(_) if is_addition(update) => {
                    present.push(format!("the field `{name}`"));
                    None
                }
                Some(there) => Some((name.clone(), value(document, there, update, present))),
                None => Some((name.clone(), update.clone())),
            });
            Value::Object(filled(left))
        }
        (Value::Array(target), Value::Array(update)) => {
            let is_there = |parameter: &Value| {
                target.iter().map(|there| resolved(document, there)).any(|there| {
                    there.get("name") == parameter.get("name") && there.get("in") == parameter.get("in")
                })
            };
            let is_left = |parameter: &&Value| {
                let is_present = is_addition(parameter) && is_there(parameter);
                if is_present {
                    let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
                    present.push(format!("the parameter `{name}`"));
                }
                !is_present
            };
            Value::Array(update.iter().filter(is_left).cloned().collect())
        }
        _ => update.clone(),
    }
}
