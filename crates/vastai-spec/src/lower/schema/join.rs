//! Keywords of several schemas as those of one: all of them at once, or any of them.

use serde_json::{Map, Value, json};

use super::null::accepts_null;

pub(super) fn is_composed(keywords: &Map<String, Value>) -> bool {
    ["allOf", "anyOf", "oneOf"].iter().any(|key| keywords.get(*key).is_some_and(Value::is_array))
}

/// Takes the schemas under a keyword out of a schema.
pub(super) fn take_list(members: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match members.remove(key) {
        Some(Value::Array(parts)) => parts,
        _ => Vec::new(),
    }
}

/// Joins the keywords of a part into a whole: properties of objects side by side, of a property that differs, either.
pub(super) fn join(
    whole: &mut Map<String, Value>,
    part: Map<String, Value>,
    is_read_only: &dyn Fn(&Value) -> bool,
) {
    for (key, value) in part {
        match (whole.get_mut(&key), key.as_str()) {
            (None, _) => drop(whole.insert(key, value)),
            (Some(Value::Object(present)), "properties") => join_properties(present, &value, is_read_only),
            (Some(Value::Array(present)), "required") => {
                let names = value.as_array().into_iter().flatten();
                let new: Vec<Value> = names.filter(|name| !present.contains(name)).cloned().collect();
                present.extend(new);
            }
            // Closed parts would refuse each other's properties.
            (Some(present), "additionalProperties")
                if *present == Value::Bool(false) || value == Value::Bool(false) =>
            {
                *present = Value::Bool(true);
            }
            (Some(_), _) => {}
        }
    }
}

fn join_properties(present: &mut Map<String, Value>, new: &Value, is_read_only: &dyn Fn(&Value) -> bool) {
    for (name, schema) in new.as_object().into_iter().flatten() {
        let either = match present.get(name) {
            // Of an `allOf`, one part is enough to say so.
            Some(other) if other != schema && (is_read_only(other) || is_read_only(schema)) => {
                json!({ "anyOf": [other, schema], "readOnly": true })
            }
            Some(other) if other != schema => json!({ "anyOf": [other, schema] }),
            _ => schema.clone(),
        };
        present.insert(name.clone(), either);
    }
}

/// An object that is one of these.
pub(super) fn either(variants: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut whole = Map::from_iter([("type".to_owned(), json!("object"))]);
    let mut properties = Map::new();
    let mut required: Option<Vec<Value>> = None;
    let mut additional: Vec<Value> = Vec::new();
    let mut closed = true;
    for variant in &variants {
        join_properties(&mut properties, variant.get("properties").unwrap_or(&Value::Null), &|_| false);
        let own = variant.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        match &mut required {
            Some(names) => names.retain(|name| own.contains(name)),
            None => required = Some(own),
        }
        match variant.get("additionalProperties") {
            Some(Value::Bool(false)) if !variant.contains_key("patternProperties") => {}
            Some(schema @ Value::Object(_)) if !variant.contains_key("patternProperties") => {
                closed = false;
                additional.push(schema.clone());
            }
            _ => {
                closed = false;
                additional.push(json!({}));
            }
        }
        if accepts_null(variant) {
            whole.insert("nullable".to_owned(), Value::Bool(true));
        }
        if let Some(description) = variant.get("description") {
            whole.entry("description").or_insert_with(|| description.clone());
        }
    }
    if !properties.is_empty() {
        whole.insert("properties".to_owned(), Value::Object(properties));
    }
    if let Some(required) = required.filter(|names| !names.is_empty()) {
        whole.insert("required".to_owned(), Value::Array(required));
    }
    let open = additional.contains(&json!({}));
    if closed {
        whole.insert("additionalProperties".to_owned(), Value::Bool(false));
    } else if !open {
        whole.insert("additionalProperties".to_owned(), json!({ "anyOf": additional }));
    }
    whole
}
