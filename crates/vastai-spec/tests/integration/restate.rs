//! A published document in our words.

use serde_json::{Value, json};
use vastai_spec::load;
use vastai_spec::restate::restated;

use crate::documents::{Document, published, vendored};

#[test]
fn what_is_named_description_is_no_description() {
    let document = json!({
        "info": { "title": "T", "description": "theirs", "contact": { "email": "theirs" } },
        "tags": [{ "name": "B", "description": "theirs" }, { "name": "A", "description": "theirs" }],
        "paths": {
            "/x/{id}": { "get": {
                "parameters": [
                    { "name": "id", "in": "path", "description": "theirs" },
                    { "name": "new", "in": "query", "description": "theirs", "example": { "description": "data" } },
                ],
                "responses": { "200": { "description": "theirs", "content": { "application/json": { "schema": {
                    "description": "theirs",
                    "properties": { "description": { "type": "string", "description": "theirs" }, "size": { "description": "theirs" } },
                } } } } },
            } },
        },
    });
    let ours = json!({
        "info": { "description": "ours", "contact": { "email": "ours" } },
        "tags": [{ "name": "A", "description": "our A" }, { "name": "B", "description": "our B" }],
        "paths": {
            "/x/{number}/": { "get": {
                "parameters": [{ "name": "id", "in": "path", "description": "our id" }],
                "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/X" } } } } },
            } },
        },
        "components": { "schemas": { "X": {
            "description": "our X",
            "properties": { "description": { "description": "our description" } },
        } } },
    });
    let restated = restated(&document, &ours);
    let get = &restated.document["paths"]["/x/{id}"]["get"];
    assert_eq!(
        restated.document["info"],
        json!({ "title": "T", "description": "ours", "contact": { "email": "ours" } })
    );
    assert_eq!(restated.document["tags"][0]["description"], "our B");
    assert_eq!(
        get["parameters"],
        json!([
            { "name": "id", "in": "path", "description": "our id" },
            { "name": "new", "in": "query", "example": { "description": "data" } },
        ])
    );
    let response = &get["responses"]["200"];
    assert_eq!(response["description"], "", "a response must have one");
    assert_eq!(
        response["content"]["application/json"]["schema"],
        json!({
            "description": "our X",
            "properties": { "description": { "type": "string", "description": "our description" }, "size": {} },
        })
    );
    assert_eq!(
        restated.undescribed,
        [
            "/paths/~1x~1{id}/get/parameters/1/description",
            "/paths/~1x~1{id}/get/responses/200/description",
            "/paths/~1x~1{id}/get/responses/200/content/application~1json/schema/properties/size/description",
        ]
    );
}

/// Not a word of the publisher's stays, and hardly one of ours is missing.
#[test]
fn the_published_document_is_said_in_our_words() {
    let ours = load::openapi(&vendored().text, "openapi.yaml").unwrap();
    let words = descriptions(&ours);
    for Document { name, text } in published() {
        let theirs = load::openapi(&text, &name).unwrap();
        let restated = restated(&theirs, &ours);
        let foreign: Vec<String> = descriptions(&restated.document)
            .into_iter()
            .filter(|text| !text.is_empty() && !words.contains(text))
            .collect();
        assert!(foreign.is_empty(), "{name}: {foreign:?}");
        if name == "2026-07-22.yaml" {
            assert!(
                restated.undescribed.len() < 20,
                "{} {:#?}",
                restated.undescribed.len(),
                restated.undescribed
            );
        }
    }
}

fn descriptions(document: &Value) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![document]);
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                found.extend(members.get("description").and_then(Value::as_str).map(str::to_owned));
                // Examples are facts.
                let described = members.iter().filter(|(name, _)| !name.starts_with("example"));
                waiting.extend(described.map(|(_, value)| value));
            }
            Value::Array(elements) => waiting.extend(elements),
            _ => {}
        }
    }
    found
}
