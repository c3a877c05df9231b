//! A published document in our words.

use serde_json::{Value, json};
use vastai_spec::load;
use vastai_spec::reword::reword;

#[cfg(feature = "generate")]
use crate::documents::overlaid;
use crate::documents::{Document, published, vendored};

#[test]
fn what_is_named_description_is_not_a_description() {
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
    let reworded = reword(&document, &ours);
    let get = &reworded.document["paths"]["/x/{id}"]["get"];
    assert_eq!(
        reworded.document["info"],
        json!({ "title": "T", "description": "ours", "contact": { "email": "ours" } })
    );
    assert_eq!(reworded.document["tags"][0]["description"], "our B");
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
        json!({ "$ref": "#/components/schemas/X" })
    );
    assert_eq!(
        reworded.document["components"]["schemas"]["X"],
        json!({
            "description": "our X",
            "properties": { "description": { "type": "string", "description": "our description" }, "size": {} },
        })
    );
    assert_eq!(
        reworded.undescribed,
        [
            "/paths/~1x~1{id}/get/parameters/1/description",
            "/paths/~1x~1{id}/get/responses/200/description",
            "/components/schemas/X/properties/size/description",
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
        let reworded = reword(&theirs, &ours);
        let foreign: Vec<String> = descriptions(&reworded.document)
            .into_iter()
            .filter(|text| !text.is_empty() && !words.contains(text))
            .collect();
        assert!(foreign.is_empty(), "{name}: {foreign:?}");
        if name == "2026-07-22.yaml" {
            assert!(
                reworded.undescribed.len() < 20,
                "{} {:#?}",
                reworded.undescribed.len(),
                reworded.undescribed
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

/// The client does not change by a sync that finds the facts that it was made from.
#[cfg(feature = "generate")]
#[test]
fn the_same_facts_make_the_same_client() {
    use vastai_spec::pipeline::Staleness;

    let Some(newest) = published().into_iter().find(|document| document.name == "2026-07-22.yaml") else {
        return;
    };
    let ours = load::openapi(&vendored().text, "openapi.yaml").unwrap();
    let reworded = reword(&load::openapi(&newest.text, &newest.name).unwrap(), &ours);
    let surface = |document| overlaid(&document, Staleness::Fail).unwrap().generate().unwrap().surface;
    let reworded = Document { name: newest.name, text: reworded.document.to_string() };
    assert_eq!(surface(reworded), surface(vendored()));
}

/// Two operations answer with one inline shape, which is a component of ours; a third has a component of theirs under that name.
fn with_shared_shapes(size: &str) -> (Value, Value) {
    let response = |schema: Value| json!({ "get": { "responses": { "200": { "content": { "application/json": { "schema": schema } } } } } });
    let inline = |of: &str| json!({ "type": "object", "properties": { "size": { "type": of }, "next": {} } });
    let published = json!({
        "paths": {
            "/a": response(inline(size)),
            "/b": response(inline(size)),
            "/c": response(inline("boolean")),
            "/d": response(json!({ "$ref": "#/components/schemas/Thing" })),
        },
        "components": { "schemas": { "Thing": { "type": "string", "description": "theirs" } } },
    });
    let thing = response(json!({ "$ref": "#/components/schemas/Thing" }));
    let ours = json!({
        "paths": {
            "/a": thing,
            "/b": thing,
            "/c": thing,
            "/d": response(json!({ "$ref": "#/components/schemas/Word" })),
        },
        "components": { "schemas": {
            "Thing": { "description": "our thing", "type": "object", "properties": { "size": { "type": "integer", "description": "GB" }, "next": {} } },
            "Word": { "type": "string", "description": "our word" },
        } },
    });
    (published, ours)
}

#[test]
fn what_ours_shares_is_shared_again() {
    for size in ["integer", "number"] {
        let (published, ours) = with_shared_shapes(size);
        let reworded = reword(&published, &ours);
        let schema = |path: &str| {
            &reworded.document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        };
        assert_eq!(schema("/a"), &json!({ "$ref": "#/components/schemas/Thing" }));
        assert_eq!(schema("/b"), schema("/a"));
        // Another shape than the others have is a type of its own.
        assert_eq!(schema("/c")["properties"]["size"]["type"], "boolean");
        assert_eq!(schema("/d"), &json!({ "$ref": "#/components/schemas/Word" }));
        assert_eq!(
            reworded.document["components"]["schemas"],
            json!({
                "Thing": { "description": "our thing", "type": "object", "properties": { "size": { "type": size, "description": "GB" }, "next": {} } },
                "Word": { "type": "string", "description": "our word" },
            })
        );
        assert!(reworded.undescribed.is_empty(), "{:?}", reworded.undescribed);
    }
}

#[test]
fn a_shape_that_holds_itself_is_shared() {
    let published = json!({
        "paths": { "/a": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Theirs" } } } } } } } },
        "components": { "schemas": { "Theirs": { "properties": { "next": { "$ref": "#/components/schemas/Theirs" } } } } },
    });
    let text = published.to_string().replace("Theirs", "Ours");
    let ours: Value = serde_json::from_str(&text).unwrap();
    let reworded = reword(&published, &ours).document;
    assert_eq!(reworded["components"]["schemas"]["Ours"], ours["components"]["schemas"]["Ours"]);
    assert_eq!(
        reworded["paths"]["/a"]["get"]["responses"]["200"]["content"],
        ours["paths"]["/a"]["get"]["responses"]["200"]["content"]
    );
}
