//! Marks of ours in a published document: reported, and obeyed by nothing.

use serde_json::{Value, json};
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

fn prepared(document: &Value) -> Prepared {
    prepare(Source::new("marked.json", &document.to_string()), None, Staleness::Fail).unwrap()
}

/// The places of the marks that the report has.
fn reported(prepared: &Prepared) -> Vec<&str> {
    let applications = prepared.report.applications().iter();
    applications
        .filter(|application| application.rule.id == "mark-not-obeyed")
        .map(|application| application.pointer.as_str())
        .collect()
}

#[test]
fn no_place_of_a_published_document_makes_a_call_repeatable() {
    let marked = json!({ "x-vastai-repeatable": true, "responses": {} });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Money", "version": "1", "x-vastai-repeatable": true },
        "x-vastai-repeatable": true,
        "servers": [{ "url": "https://console.example", "x-vastai-repeatable": true }],
        "paths": {
            "x-vastai-repeatable": true,
            "/direct": { "post": marked },
            "/item": { "x-vastai-repeatable": true, "put": { "responses": {} } },
            "/component": { "$ref": "#/components/pathItems/Transfer" },
            "/value": { "$ref": "#/components/examples/Item/value" },
            "/extension": { "$ref": "#/x-items/properties" },
            "/beside": { "$ref": "#/components/pathItems/Plain", "x-vastai-repeatable": true, "delete": marked },
            "/case": { "patch": { "X-VastAI-Repeatable": true, "x-vastai-slash-at-the-end": true, "responses": {} } },
            "/body": { "post": {
                "requestBody": { "x-vastai-repeatable": true, "content": { "application/json": {
                    "x-vastai-repeatable": true,
                    "schema": { "allOf": [{ "type": "object", "x-vastai-repeatable": true }] },
                } } },
                "tags": ["a"], "security": [{ "key": [], "x-vastai-repeatable": [] }], "responses": { "x-vastai-repeatable": true },
            } },
        },
        "components": {
            "pathItems": { "Transfer": { "put": marked }, "Plain": { "post": marked } },
            "examples": { "Item": { "value": { "put": marked } } },
        },
        "x-items": { "properties": { "post": marked } },
    });
    let prepared = prepared(&document);
    assert_eq!(prepared.operations.len(), 9);
    for operation in &prepared.operations {
        assert!(!operation.repeatable, "{} {}", operation.method, operation.path);
    }
    assert!(!prepared.overlaid.to_string().to_ascii_lowercase().contains("x-vastai-"));
    let reported = reported(&prepared);
    for place in [
        "/x-vastai-repeatable",
        "/info/x-vastai-repeatable",
        "/paths/~1direct/post/x-vastai-repeatable",
        "/paths/~1item/x-vastai-repeatable",
        "/paths/~1component/put/x-vastai-repeatable",
        "/paths/~1value/put/x-vastai-repeatable",
        "/paths/~1extension/post/x-vastai-repeatable",
        "/paths/~1beside/post/x-vastai-repeatable",
        "/paths/~1beside/delete/x-vastai-repeatable",
        "/paths/~1case/patch/X-VastAI-Repeatable",
        "/paths/~1case/patch/x-vastai-slash-at-the-end",
        "/paths/~1body/post/requestBody/content/application~1json/schema/allOf/0/x-vastai-repeatable",
        "/components/pathItems/Transfer/put/x-vastai-repeatable",
    ] {
        assert!(reported.contains(&place), "{place} is not among {reported:#?}");
    }
    // The comparison of two documents looks at what was published, so it reports a mark that comes.
    assert_eq!(prepared.published["paths"]["/direct"]["post"]["x-vastai-repeatable"], true);
}

#[test]
fn the_overlay_marks_and_a_property_may_be_called_like_a_mark() {
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Money", "version": "1" },
        "paths": { "/a": { "post": { "operationId": "a", "x-vastai-repeatable": false, "responses": {}, "requestBody": { "content": {
            "application/json": { "schema": { "type": "object", "properties": { "x-vastai-name": { "type": "string" } } } },
        } } } } },
    });
    let overlay = json!({ "overlay": "1.0.0", "info": { "title": "t", "version": "1" }, "actions": [
        { "target": "$.paths.*[?@.operationId == 'a']", "update": { "x-vastai-repeatable": true }, "x-evidence": "a test" },
    ] });
    let (document, overlay) = (document.to_string(), overlay.to_string());
    let prepared = prepare(
        Source::new("marked.json", &document),
        Some(Source::new("overlay.yaml", &overlay)),
        Staleness::Fail,
    )
    .unwrap();
    assert!(prepared.operations[0].repeatable);
    assert_eq!(reported(&prepared), ["/paths/~1a/post/x-vastai-repeatable"]);
    assert_eq!(prepared.operations[0].parameters[0].name, "x-vastai-name");
}

/// What the steps of the pipeline and the generator say to each other in extensions is not for a document to say.
#[cfg(feature = "generate")]
#[test]
fn a_document_says_nothing_to_the_generator() {
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Names", "version": "1", "x-crates": ["evil"] },
        "paths": { "/a/{id}": { "post": {
            "operationId": "sendA",
            "x-dropshot-pagination": { "required": [] },
            "x-dropshot-websocket": {},
            "parameters": [{ "name": "id", "in": "path", "required": true, "x-rust-name": "evil", "schema": { "type": "string" } }],
            "responses": {},
            "requestBody": { "content": { "application/json": { "schema": {
                "type": "object",
                "x-rust-names": { "b": "evil" },
                "x-rust-type": { "crate": "evil", "version": "1.0.0", "path": "evil::Evil" },
                "properties": { "b": { "type": "string", "x-rust-type": { "crate": "std", "version": "*", "path": "evil::Evil" } } },
            } } } },
        } } },
    });
    let generated = prepared(&document).generate().unwrap();
    assert!(!generated.client.to_ascii_lowercase().contains("evil"), "{}", generated.client);
    assert!(
        generated.surface.contains("field types::SendARequest.b: Option<String>"),
        "{}",
        generated.surface
    );
}
