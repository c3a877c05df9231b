//! The same document in other words is not a difference, for every published document.

use serde_json::{Map, Value, json};
use vastai_spec::diff::{Diff, Level};
use vastai_spec::load;
use vastai_spec::pointer;

use crate::documents;

#[track_caller]
fn same(name: &str, how: &str, document: &Value, respelled: &Value) {
    for (old, new) in [(document, respelled), (respelled, document)] {
        let diff = Diff::between(old, new).unwrap();
        let shown: Vec<_> = diff.changes.iter().take(5).collect();
        assert!(diff.is_empty(), "{name} {how}: {} findings, {shown:#?}", diff.changes.len());
    }
}

/// Every spelling of a document, and whether it differs from the document as it is written.
fn check(how: &str, respell: impl Fn(&mut Value)) {
    let mut differs = false;
    for (name, document) in documents::all() {
        let mut respelled = document.clone();
        respell(&mut respelled);
        differs |= respelled != document;
        same(&name, how, &document, &respelled);
    }
    assert!(differs, "{how} changes no document: the test tests nothing");
}

#[test]
fn itself_and_as_json() {
    for (name, document) in documents::all() {
        same(&name, "itself", &document, &document.clone());
        let json = serde_json::to_string_pretty(&document).unwrap();
        same(&name, "as JSON", &document, &load::openapi(&json, "document.json").unwrap());
    }
}

#[test]
fn in_another_order() {
    check("reordered", |document| {
        documents::each_schema(document, |schema| {
            for key in ["required", "enum", "allOf", "anyOf", "oneOf", "type"] {
                if let Some(Value::Array(elements)) = schema.get_mut(key) {
                    elements.reverse();
                }
            }
        });
        for operation in operations(document) {
            for key in ["parameters", "tags", "security", "servers"] {
                if let Some(Value::Array(elements)) = operation.get_mut(key) {
                    elements.reverse();
                }
            }
        }
        for key in ["tags", "servers", "security"] {
            if let Some(Value::Array(elements)) = document.get_mut(key) {
                elements.reverse();
            }
        }
    });
}

#[test]
fn with_references_inlined() {
    check("inlined", |document| {
        let root = document.clone();
        inline(document, &root, &mut Vec::new());
        let schemes = document["components"]["securitySchemes"].clone();
        document["components"] = json!({ "securitySchemes": schemes });
    });
}

#[test]
fn with_inline_schemas_in_components() {
    check("as components", |document| {
        let mut extracted = Map::new();
        documents::each_schema(document, |schema| {
            if schema.get("properties").is_some() && extracted.len() < 400 {
                let name = format!("Extracted{}", extracted.len());
                let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
                extracted.insert(name, std::mem::replace(schema, reference));
            }
        });
        if let Some(components) = document.as_object_mut() {
            let components = components.entry("components").or_insert_with(|| json!({}));
            let components = components.as_object_mut().unwrap();
            let schemas = components.entry("schemas").or_insert_with(|| json!({}));
            schemas.as_object_mut().unwrap().extend(extracted);
        }
    });
}

#[test]
fn with_all_of_one() {
    check("allOf of one", |document| {
        documents::each_schema(document, |schema| *schema = json!({ "allOf": [schema.take()] }));
    });
}

#[test]
fn with_members_in_a_shared_part() {
    check("shared parts", |document| {
        documents::each_schema(document, |schema| {
            let is_closed = schema.get("additionalProperties").is_some();
            let Some(members) = schema.as_object_mut().filter(|_| !is_closed) else { return };
            let Some(Value::Object(properties)) = members.get_mut("properties") else { return };
            if properties.len() < 2 {
                return;
            }
            let shared: Vec<String> = properties.keys().step_by(2).cloned().collect();
            let shared: Map<String, Value> =
                shared.into_iter().filter_map(|name| properties.remove_entry(&name)).collect();
            let rest = schema.take();
            *schema = json!({ "allOf": [{ "type": "object", "properties": shared }, rest] });
        });
    });
}

#[test]
fn as_3_1_says_it() {
    check("as 3.1", |document| {
        document["openapi"] = json!("3.1.0");
        documents::each_schema(document, |schema| {
            let Some(members) = schema.as_object_mut() else { return };
            if let Some(example) = members.remove("example") {
                members.insert("examples".to_owned(), json!([example]));
            }
            if let Some(Value::Array(values)) = members.get("enum")
                && let [one] = values.as_slice()
            {
                let one = one.clone();
                members.remove("enum");
                members.insert("const".to_owned(), one);
            }
            for (flag, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if members.get(flag) == Some(&json!(true)) {
                    let limit = members.remove(limit).unwrap();
                    members.insert(flag.to_owned(), limit);
                }
            }
            match members.get("format").and_then(Value::as_str) {
                Some("byte") => {
                    members.remove("format");
                    members.insert("contentEncoding".to_owned(), json!("base64"));
                }
                Some("binary") => {
                    members.remove("format");
                    members.insert("contentMediaType".to_owned(), json!("application/octet-stream"));
                }
                _ => {}
            }
            if members.get("nullable") == Some(&json!(true)) {
                match members.get("type").cloned() {
                    Some(Value::String(name)) => {
                        members.remove("nullable");
                        members.insert("type".to_owned(), json!([name, "null"]));
                    }
                    None if members.contains_key("$ref") || members.contains_key("allOf") => {
                        members.remove("nullable");
                        let description = members.remove("description");
                        let mut nullable = json!({ "oneOf": [schema.take(), { "type": "null" }] });
                        if let Some(description) = description {
                            nullable["description"] = description;
                        }
                        *schema = nullable;
                    }
                    _ => {}
                }
            }
        });
    });
}

#[test]
fn as_3_0_says_it() {
    check("as 3.0", |document| {
        document["openapi"] = json!("3.0.3");
        documents::each_schema(document, |schema| {
            let Some(members) = schema.as_object_mut() else { return };
            if let Some(Value::Array(examples)) = members.get("examples")
                && let [one] = examples.as_slice()
            {
                let one = one.clone();
                members.remove("examples");
                members.insert("example".to_owned(), one);
            }
            if let Some(value) = members.remove("const") {
                members.insert("enum".to_owned(), json!([value]));
            }
            for (flag, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if let Some(number) = members.get(flag).filter(|number| number.is_number()).cloned() {
                    members.insert(limit.to_owned(), number);
                    members.insert(flag.to_owned(), json!(true));
                }
            }
            let Some(Value::Array(types)) = members.get("type").cloned() else { return };
            let (nulls, rest): (Vec<Value>, Vec<Value>) = types.into_iter().partition(|name| name == "null");
            match rest.as_slice() {
                [] => return,
                [one] => drop(members.insert("type".to_owned(), one.clone())),
                several => {
                    let alternatives: Vec<_> = several.iter().map(|name| json!({ "type": name })).collect();
                    members.remove("type");
                    members.insert("anyOf".to_owned(), Value::Array(alternatives));
                }
            }
            if !nulls.is_empty() {
                members.insert("nullable".to_owned(), json!(true));
            }
        });
    });
}

#[test]
fn a_slash_is_moved_and_nothing_else() {
    for (name, document) in documents::all() {
        let mut moved = document.clone();
        let paths = std::mem::take(moved["paths"].as_object_mut().unwrap());
        let (before, paths): (Vec<_>, Map<String, Value>) = paths
            .into_iter()
            .map(|(path, item)| {
                let other = path.strip_suffix('/').map_or(format!("{path}/"), str::to_owned);
                (path, (other, item))
            })
            .unzip();
        // A document that has both spellings of one path cannot have them swapped.
        if paths.len() < before.len() || before.iter().any(|path| paths.contains_key(path)) {
            continue;
        }
        moved["paths"] = Value::Object(paths);
        let diff = Diff::between(&document, &moved).unwrap();
        assert!(diff.changes.iter().all(|change| change.id == "operation-moved"), "{name}: {diff:#?}");
        assert_eq!(diff.changes.len(), diff.operations.moved.len());
        assert!(diff.operations.changed.is_empty() && diff.operations.removed.is_empty());
        assert!(diff.changes.iter().all(|change| change.level == Level::Compatible));
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = document["paths"].as_object_mut().into_iter().flatten();
    items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten().map(|(_, operation)| operation))
}

/// Puts what a reference leads to in its place, unless that would have no end.
fn inline(value: &mut Value, root: &Value, followed: &mut Vec<String>) {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str).map(str::to_owned)
        && !followed.contains(&reference)
        && let Some(target) = pointer::resolve(root, &reference)
    {
        let target = target.clone();
        match value.as_object_mut() {
            // What stands beside a reference holds with it.
            Some(beside) if beside.len() > 1 => {
                beside.remove("$ref");
                beside.insert("allOf".to_owned(), json!([target]));
            }
            _ => *value = target,
        }
        followed.push(reference);
        inline(value, root, followed);
        followed.pop();
        return;
    }
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| inline(element, root, followed)),
        Value::Object(members) => members.values_mut().for_each(|member| inline(member, root, followed)),
        _ => {}
    }
}
