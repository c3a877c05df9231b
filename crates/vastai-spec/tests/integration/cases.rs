//! Documents of few lines, each with the one thing that made a generator fail or say too little.

use std::path::Path;

use serde_json::{Value, json};
use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Error, Prepared, Source, Staleness, prepare};

fn prepared(text: &str) -> Result<Prepared, Error> {
    prepare(Source::new("case", text), None, Staleness::Warn)
}

/// A document with these paths and components.
fn document(paths: Value, components: Value) -> String {
    json!({ "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": paths, "components": components })
        .to_string()
}

fn answering(schema: Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    json!({ "/t": { "post": { "operationId": "t", "responses": { "200": { "description": "ok", "content": content } } } } })
}

/// How many operations the document has, and how many of them the client.
fn counts(text: &str) -> (usize, usize) {
    let prepared = prepared(text).unwrap();
    (operations(&prepared.published).count(), prepared.generate().unwrap().generated_operations)
}

#[test]
fn references_that_go_in_a_circle_go_through() {
    let to = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let schemas = json!({ "schemas": { "A": to("B"), "B": to("A") } });
    assert_eq!(counts(&document(answering(to("A")), schemas)), (1, 1));
    let of_itself = json!({ "schemas": { "A": { "allOf": [to("A"), { "type": "object" }] } } });
    assert_eq!(counts(&document(answering(to("A")), of_itself)), (1, 1));
    let mut calling = answering(json!({}));
    calling["/t"]["post"]["callbacks"] = json!({ "c": { "$ref": "#/components/callbacks/A" } });
    let callbacks = json!({ "callbacks": { "A": { "$ref": "#/components/callbacks/B" }, "B": { "$ref": "#/components/callbacks/A" } } });
    assert_eq!(counts(&document(calling, callbacks)), (1, 1));
    let items = json!({ "/a": { "$ref": "#/paths/~1b" }, "/b": { "$ref": "#/paths/~1a" } });
    assert_eq!(counts(&document(items, json!({}))), (0, 0));
}

#[test]
fn a_path_without_a_slash_is_left_out_with_a_reason() {
    let mut paths = answering(json!({}));
    paths["things/first"] = paths["/t"].clone();
    let prepared = prepared(&document(paths, json!({}))).unwrap();
    let left_out: Vec<_> =
        prepared.report.left_out().map(|it| (it.pointer.as_str(), it.detail.as_str())).collect();
    assert_eq!(
        left_out,
        [("/paths/things~1first", "a path item is an object and its path begins with a slash")]
    );
}

#[test]
fn a_reference_out_of_the_document_is_refused() {
    for outside in ["./Settings.yaml", "https://elsewhere.example/a.json#/A", "Settings", "/etc/passwd"] {
        let text = document(answering(json!({ "$ref": outside })), json!({}));
        let error = prepared(&text).unwrap_err().to_string();
        assert!(
            error.starts_with("case: /paths/~1t/post/") && error.contains("leaves the document"),
            "{error}"
        );
    }
}

#[test]
fn not_has_no_counterpart_and_is_reported() {
    for kind in
        [json!({ "not": { "type": "object" } }), json!({ "type": "string", "not": { "type": "object" } })]
    {
        let text =
            document(answering(json!({ "type": "object", "properties": { "kind": kind } })), json!({}));
        let prepared = prepared(&text).unwrap();
        assert!(prepared.report.applications().iter().any(|it| it.detail.contains("`not")), "{kind}");
        assert!(prepared.generate().is_ok(), "{kind}");
    }
}

/// The documents that lie beside the checkout, and what becomes of them.
#[test]
fn documents_of_others_come_out_as_they_have_to() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/documents");
    for (name, expected) in [
        ("arrays-union.json", (1, 1)),
        ("big-limit.json", (1, 1)),
        ("big-limit.yaml", (1, 1)),
        ("const-union-untyped.json", (1, 1)),
        ("const-union.json", (1, 1)),
        ("cycle-all-of.json", (1, 1)),
        ("cycle-callbacks.json", (1, 1)),
        ("cycle-path-items.json", (0, 0)),
        ("cycle-schemas.json", (1, 1)),
        ("duplicate-key.yaml", (2, 2)),
        ("enum-or-text.json", (1, 1)),
        ("enum-plain.json", (1, 1)),
        ("enum-union.json", (1, 1)),
        ("keyword-types.json", (1, 1)),
        ("keywords.json", (2, 2)),
        ("media.json", (12, 7)),
        ("no-slash.json", (0, 0)),
        ("not-object-alone.json", (1, 1)),
        ("not-object.json", (1, 1)),
        ("null-const.json", (1, 1)),
        ("schema-shapes.json", (22, 22)),
    ] {
        match std::fs::read_to_string(folder.join(name)) {
            Ok(text) => assert_eq!(counts(&text), expected, "{name}"),
            Err(_) => eprintln!("skipped: {name} is not beside the checkout"),
        }
    }
    if let Ok(text) = std::fs::read_to_string(folder.join("outside-reference.yaml")) {
        assert!(prepared(&text).is_err());
    }
}
