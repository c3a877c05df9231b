//! Types that the overlay names: a shape that is written out where it is used becomes the component of that name.
//!
//! The published document writes most shapes where they are used, and ours shares them. With a name that the overlay gives, both make the
//! same type, on which programs and methods rely.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::rules;
use crate::pointer::{self, Way};
use crate::report::Report;

/// The mark of the overlay on an object: the name of its type.
const NAMED: &str = "x-vastai-type";

/// Where the components with schemas stand.
pub(super) const COMPONENTS: &str = "/components/schemas";

/// The mark of the overlay on a component that the generated crate has methods for: its type is there whether or not an operation uses it.
pub(super) const ALWAYS: &str = "x-vastai-always";

/// The document with every marked shape as a component.
pub(super) fn with_named_types<'document>(
    document: Cow<'document, Value>,
    report: &mut Report,
) -> Cow<'document, Value> {
    if !is_marked(&document) {
        return document;
    }
    let mut document = document.into_owned();
    let mut found = Vec::new();
    take_out_of(&mut document, Way::At(""), &mut found);
    // What a component says of its own name comes before what others have beside it.
    found.sort_by_key(|(name, at, _)| *at != pointer::child(COMPONENTS, name));
    for (name, at, mut shape) in found {
        let place = pointer::child(COMPONENTS, &name);
        // A reference gives its target another name.
        let target = shape.get("$ref").and_then(Value::as_str).and_then(pointer::of_local_reference);
        if let Some(target) = target {
            match document.pointer_mut(&target) {
                Some(component) if target != place => {
                    shape = std::mem::replace(component, reference_to(&name));
                }
                _ => continue,
            }
        }
        if shape == reference_to(&name) {
            continue;
        }
        report.note(&rules::TYPE_NAMED, &at, &*name);
        let Some(schemas) = object_at(&mut document, "components").and_then(|it| object_at(it, "schemas"))
        else {
            continue;
        };
        match schemas.get_mut(&name) {
            Some(component) if *component != reference_to(&name) => merge(component, shape),
            _ => schemas[&name] = shape,
        }
    }
    Cow::Owned(document)
}

/// Whether any shape has the mark.
fn is_marked(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.get(NAMED).is_some_and(Value::is_string) || members.values().any(is_marked)
        }
        Value::Array(elements) => elements.iter().any(is_marked),
        _ => false,
    }
}

/// The object under a key, made where it is missing; `None` where the holder is not an object.
fn object_at<'value>(holder: &'value mut Value, key: &str) -> Option<&'value mut Value> {
    let object = holder.as_object_mut()?.entry(key).or_insert_with(|| json!({}));
    object.is_object().then_some(object)
}

fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#{}", pointer::child(COMPONENTS, name)) })
}

/// Puts references in the place of marked shapes, inner ones first.
fn take_out_of(value: &mut Value, at: Way<'_>, found: &mut Vec<(String, String, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                take_out_of(member, Way::Key(&at, name), found);
            }
            if let Some(Value::String(name)) = members.remove(NAMED) {
                let shape = std::mem::replace(value, reference_to(&name));
                found.push((name, at.to_string(), shape));
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                take_out_of(element, Way::Index(&at, index), found);
            }
        }
        _ => {}
    }
}

/// Adds to a shape what another of the same name has beside it. Of a property that both have, the first says what it is.
fn merge(shape: &mut Value, other: Value) {
    let (Value::Object(shape), Value::Object(other)) = (shape, other) else { return };
    if let Some(Value::Array(required)) = shape.get_mut("required") {
        let also = other.get("required").and_then(Value::as_array);
        required.retain(|name| also.is_some_and(|also| also.contains(name)));
    }
    for (key, value) in other {
        match (key.as_str(), shape.get_mut(&key), value) {
            ("properties", Some(Value::Object(properties)), Value::Object(others)) => {
                for (name, property) in others {
                    properties.entry(name).or_insert(property);
                }
            }
            ("required", _, _) | (_, Some(_), _) => {}
            (_, None, value) => drop(shape.insert(key, value)),
        }
    }
}
