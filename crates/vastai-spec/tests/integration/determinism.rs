//! The same document gives the same code, byte for byte: twice, in another order, and as JSON.

use serde_json::Value;
use vastai_spec::generate::Generated;
use vastai_spec::pipeline::{Source, Staleness, prepare};

use crate::documents;

fn generated(text: &str) -> Generated {
    prepare(Source::new("document", text), None, Staleness::Warn).unwrap().generate().unwrap()
}

/// JSON with the keys of every object in another order: backwards, or in an order that follows from their names alone.
fn reordered(value: &Value, order: fn(&mut Vec<(&String, &Value)>)) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            order(&mut members);
            let members: Vec<String> = members
                .into_iter()
                .map(|(key, member)| format!("{}:{}", Value::from(key.as_str()), reordered(member, order)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(|element| reordered(element, order)).collect();
            format!("[{}]", elements.join(","))
        }
        other => other.to_string(),
    }
}

fn backwards(members: &mut Vec<(&String, &Value)>) {
    members.reverse();
}

fn by_length(members: &mut Vec<(&String, &Value)>) {
    members.sort_by_key(|(key, _)| (key.len(), key.chars().rev().collect::<String>()));
}

#[test]
fn the_order_of_a_document_has_no_say() {
    let mut documents = documents::odd();
    documents.push(documents::vendored());
    documents
        .extend(documents::published().into_iter().filter(|document| document.name.starts_with("2026-07")));
    for document in documents {
        let first = generated(&document.text);
        assert_eq!(first, generated(&document.text), "{} twice", document.name);
        let value = vastai_spec::load::openapi(&document.text, &document.name).unwrap();
        for order in [backwards, by_length] {
            let other = reordered(&value, order);
            assert_ne!(other, value.to_string(), "the order is another");
            assert!(first == generated(&other), "{} in another order", document.name);
        }
    }
}

/// Words name nothing: a document that is explained better has the same types. (Summaries name operations that have no id.)
#[test]
fn prose_has_no_say_in_types() {
    for document in documents::all() {
        let mut value = vastai_spec::load::openapi(&document.text, &document.name).unwrap();
        let before = generated(&value.to_string()).surface;
        let mut count = 0;
        reword(&mut value, false, &mut count);
        assert!(count > 0 || document.name == "recursion.yaml", "{}", document.name);
        assert!(
            before == generated(&value.to_string()).surface,
            "{}: prose changed the surface",
            document.name
        );
    }
}

/// Says something else in every description and title. `names` are the keys of an object that the document chooses.
fn reword(value: &mut Value, names: bool, count: &mut usize) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), &mut *member) {
                    ("description" | "title", Value::String(text)) if !names => {
                        *count += 1;
                        *text = format!("Other words {}.", *count % 7);
                    }
                    ("example" | "examples" | "default" | "enum" | "const", _) if !names => {}
                    (key, member) => {
                        let chosen = ["properties", "patternProperties", "schemas", "$defs", "paths"];
                        reword(member, !names && chosen.contains(&key), count);
                    }
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| reword(element, false, count)),
        _ => {}
    }
}
