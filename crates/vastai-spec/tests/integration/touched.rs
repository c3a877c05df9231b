//! A difference generates only what it touches, and finds the same items as two whole clients would show.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vastai_spec::diff::Diff;
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

use crate::documents;

fn prepared(document: &Value) -> Prepared {
    prepare(Source::new("document", &document.to_string()), None, Staleness::Warn).unwrap()
}

/// The lines of the whole surface that are items of Rust.
fn surface(prepared: &Prepared) -> BTreeSet<String> {
    let surface = prepared.generate().unwrap().surface;
    surface.lines().filter(|line| !line.starts_with("operation ")).map(str::to_owned).collect()
}

/// The items of the old client alone and of the new one alone, as the difference finds them.
fn found(old: &Prepared, new: &Prepared) -> [BTreeSet<String>; 2] {
    let mut diff = Diff::between(&old.published, &new.published).unwrap();
    diff.judge_rust(old, new).unwrap();
    let items = diff.rust.unwrap().items;
    let changed: Vec<(&str, &str)> =
        items.changed.iter().map(|line| line.split_once(" → ").unwrap()).collect();
    let both = |alone: &[String], changed: Vec<&str>| {
        alone.iter().cloned().chain(changed.into_iter().map(str::to_owned)).collect()
    };
    let (before, after) = changed.into_iter().unzip();
    [both(&items.removed, before), both(&items.added, after)]
}

fn assert_the_same(old: &Value, new: &Value, what: &str) {
    let [old, new] = [old, new].map(prepared);
    let whole = [&old, &new].map(surface);
    for ([old, new], whole) in
        [([&old, &new], [&whole[0], &whole[1]]), ([&new, &old], [&whole[1], &whole[0]])]
    {
        let expected = [whole[0] - whole[1], whole[1] - whole[0]];
        assert_eq!(found(old, new), expected, "{what}");
    }
}

/// Operations that share types, some of which refer to themselves.
fn base() -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let content = |schema: Value| json!({ "content": { "application/json": { "schema": schema } }, "description": "a" });
    let operation = |id: &str, sent: Option<&str>, answered: &str| {
        let mut operation =
            json!({ "operationId": id, "responses": { "200": content(reference(answered)) } });
        if let Some(sent) = sent {
            operation["requestBody"] = content(reference(sent));
        }
        operation
    };
    json!({
        "openapi": "3.1.0",
        "info": { "title": "a", "version": "1" },
        "paths": {
            "/a": { "get": operation("readA", None, "A"), "put": operation("writeA", Some("A"), "Done") },
            "/b": { "get": operation("readB", None, "B") },
            "/tree": { "get": operation("readTree", None, "Tree"), "put": operation("writeTree", Some("Tree"), "Done") },
            "/either": { "put": operation("either", Some("Either"), "B") },
        },
        "components": { "schemas": {
            "A": { "type": "object", "properties": { "b": reference("B"), "kind": { "enum": ["x", "y"] } } },
            "B": { "type": "object", "properties": { "c": { "type": "array", "items": reference("C") } } },
            "C": { "type": "object", "properties": { "n": { "type": "integer" }, "own": { "type": "object", "properties": { "z": { "type": "string" } } } } },
            "Done": { "type": "object", "properties": { "success": { "type": "boolean" } } },
            "Either": { "oneOf": [reference("A"), reference("C")] },
            "Tree": { "type": "object", "properties": { "branch": reference("Tree"), "leaf": reference("C") } },
        } },
    })
}

type Edit = fn(&mut Value);

#[test]
fn what_is_touched_shows_all_that_differs() {
    let edits: &[(&str, Edit)] = &[
        ("nothing", |_| {}),
        ("a field of a shared type", |it| {
            it["components"]["schemas"]["C"]["properties"]["n"] = json!({ "type": "string" });
        }),
        ("a required field", |it| it["components"]["schemas"]["C"]["required"] = json!(["n"])),
        ("an operation goes", |it| drop(it["paths"].as_object_mut().unwrap().remove("/b"))),
        ("what was answered alone is sent", |it| {
            it["paths"]["/b"]["put"] = it["paths"]["/a"]["put"].clone();
            it["paths"]["/b"]["put"]["operationId"] = json!("writeB");
            it["paths"]["/b"]["put"]["requestBody"]["content"]["application/json"]["schema"]["$ref"] =
                json!("#/components/schemas/Tree");
        }),
        ("what was sent is answered alone", |it| {
            it["paths"]["/a"].as_object_mut().unwrap().remove("put");
            it["paths"].as_object_mut().unwrap().remove("/either");
        }),
        ("a type has another name", |it| {
            let text = it.to_string().replace("\"Done\"", "\"Finished\"").replace("/Done\"", "/Finished\"");
            *it = serde_json::from_str(&text).unwrap();
        }),
        ("a type is called as the prelude's", |it| {
            let text = it.to_string().replace("\"Done\"", "\"Option\"").replace("/Done\"", "/Option\"");
            *it = serde_json::from_str(&text).unwrap();
        }),
        ("types turn in a circle", |it| {
            it["components"]["schemas"]["C"]["properties"]["a"] = json!({ "$ref": "#/components/schemas/A" });
        }),
        ("words alone", |it| it["components"]["schemas"]["C"]["description"] = json!("another")),
    ];
    for (what, edit) in edits {
        let mut edited = base();
        edit(&mut edited);
        assert_the_same(&base(), &edited, what);
        // A circle that was there is cut elsewhere when another type leads to it.
        let mut circle = base();
        circle["components"]["schemas"]["C"]["properties"]["tree"] =
            json!({ "$ref": "#/components/schemas/Other" });
        circle["components"]["schemas"]["Other"] =
            json!({ "type": "object", "properties": { "c": { "$ref": "#/components/schemas/C" } } });
        let mut edited = circle.clone();
        edit(&mut edited);
        assert_the_same(&circle, &edited, what);
    }
}

#[test]
fn published_documents_differ_by_the_same_items() {
    let published = documents::published();
    for pair in published.windows(2).step_by(4) {
        let [old, new] = [&pair[0], &pair[1]].map(|document| document.prepared());
        let whole = [&old, &new].map(surface);
        assert_eq!(found(&old, &new), [&whole[0] - &whole[1], &whole[1] - &whole[0]], "{}", pair[1].name);
    }
}
