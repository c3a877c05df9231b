//! The documents that the tests take, and the places in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use vastai_spec::identify::identify;
use vastai_spec::load;
use vastai_spec::pointer;
use vastai_spec::report::Report;

/// The vendored document, identified.
pub(crate) fn vendored() -> Value {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml"))
}

/// The published documents that lie beside the checkout, and the vendored one. Says so where they are not at hand.
pub(crate) fn all() -> Vec<(String, Value)> {
    let mut documents = vec![("openapi.yaml".to_owned(), vendored())];
    match fs::read_dir(published()) {
        Ok(entries) => {
            let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
            files.sort();
            documents.extend(files.iter().map(|file| (file.display().to_string(), read(file))));
        }
        Err(_) => eprintln!("skipped: the published documents do not lie beside the checkout"),
    }
    documents
}

/// Two published documents, if they lie beside the checkout.
pub(crate) fn pair(old: &str, new: &str) -> Option<(Value, Value)> {
    let file = |name: &str| published().join(format!("{name}.yaml"));
    if !file(old).exists() {
        eprintln!("skipped: the published documents do not lie beside the checkout");
        return None;
    }
    Some((read(&file(old)), read(&file(new))))
}

fn published() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstream")
}

fn read(file: &Path) -> Value {
    let mut value = load::openapi(&fs::read_to_string(file).unwrap(), &file.display().to_string()).unwrap();
    identify(&mut value, &mut Report::default());
    value
}

/// The pointers of all schemas, the outer before the inner.
pub(crate) fn schemas(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    of_document(document, "", &mut found);
    found
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, member)| (key.as_str(), member))
}

fn of_document(value: &Value, at: &str, found: &mut Vec<String>) {
    for (key, member) in members(value) {
        let here = pointer::child(at, key);
        match key {
            "schema" => of_schema(member, &here, found),
            "schemas" if at == "/components" => {
                for (name, schema) in members(member) {
                    of_schema(schema, &pointer::child(&here, name), found);
                }
            }
            "example" | "examples" => {}
            _ => match member {
                Value::Array(elements) => {
                    for (index, element) in elements.iter().enumerate() {
                        of_document(element, &format!("{here}/{index}"), found);
                    }
                }
                _ => of_document(member, &here, found),
            },
        }
    }
}

fn of_schema(schema: &Value, at: &str, found: &mut Vec<String>) {
    if !schema.is_object() {
        return;
    }
    found.push(at.to_owned());
    for (key, member) in members(schema) {
        let here = pointer::child(at, key);
        match (key, member) {
            ("properties", _) => {
                for (name, schema) in members(member) {
                    of_schema(schema, &pointer::child(&here, name), found);
                }
            }
            ("items" | "additionalProperties" | "not", _) => of_schema(member, &here, found),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => {
                for (index, part) in parts.iter().enumerate() {
                    of_schema(part, &format!("{here}/{index}"), found);
                }
            }
            _ => {}
        }
    }
}

/// Changes every schema, the inner before the outer.
pub(crate) fn each_schema(document: &mut Value, mut change: impl FnMut(&mut Value)) {
    for place in schemas(document).into_iter().rev() {
        change(document.pointer_mut(&place).unwrap());
    }
}

/// The document with these paths alone, and what they use.
pub(crate) fn excerpt(document: &Value, paths: &BTreeSet<String>) -> Value {
    let mut seen = BTreeSet::new();
    let items: Map<String, Value> =
        paths.iter().map(|path| (path.clone(), document["paths"][path].clone())).collect();
    items.values().for_each(|item| references(document, item, &mut seen));
    let mut components = json!({ "securitySchemes": document["components"]["securitySchemes"].clone() });
    for reference in seen {
        let tokens: Vec<&str> = reference.trim_start_matches("#/").split('/').collect();
        components[tokens[1]][tokens[2]] = document["components"][tokens[1]][tokens[2]].clone();
    }
    let servers = document["servers"].clone();
    let security = document["security"].clone();
    json!({ "openapi": "3.1.0", "paths": items, "components": components, "servers": servers, "security": security })
}

/// Every reference in a value and behind it.
pub(crate) fn references(document: &Value, value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref")
                && seen.insert(reference.clone())
                && let Some(target) = pointer::resolve(document, reference)
            {
                references(document, target, seen);
            }
            members.values().for_each(|member| references(document, member, seen));
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(document, element, seen)),
        _ => {}
    }
}
