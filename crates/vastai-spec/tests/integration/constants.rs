//! Constants and their alternatives: other spellings of an enum.

use serde_json::{Value, json};
use vastai_spec::pipeline::{Source, Staleness, prepare};

/// The lowered property `kind` of a request and of a response, references to types followed.
fn lowered(kind: &Value) -> (Value, Value) {
    let object = json!({ "type": "object", "properties": { "kind": kind } });
    let content = json!({ "application/json": { "schema": object } });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "post": {
            "operationId": "doIt",
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "done", "content": content } },
        } } },
        "components": { "schemas": { "A": { "const": "a" }, "B": { "const": "b", "title": "B" } } },
    });
    let prepared = prepare(Source::new("doc", &document.to_string()), None, Staleness::Fail).unwrap();
    let schemas = &prepared.lowered["components"]["schemas"];
    let property = |body: &str| {
        let property = &schemas[body]["properties"]["kind"];
        let reference = property.get("$ref").or_else(|| property.get("allOf")?.get(0)?.get("$ref"));
        match reference.and_then(Value::as_str) {
            Some(reference) => schemas[reference.rsplit('/').next().unwrap()].clone(),
            None => property.clone(),
        }
    };
    (property("DoItRequest"), property("DoItResponse"))
}

#[test]
fn alternatives_of_strings_are_an_enum() {
    let text = json!({ "type": "string" });
    for kind in [
        json!({ "enum": ["a", "b"] }),
        json!({ "type": "string", "enum": ["a", "b"] }),
        json!({ "oneOf": [{ "const": "a" }, { "const": "b" }] }),
        json!({ "anyOf": [{ "const": "a" }, { "const": "b" }] }),
        json!({ "oneOf": [{ "const": "a", "title": "A" }, { "const": "b", "description": "the second" }] }),
        json!({ "oneOf": [{ "type": "string", "const": "a" }, { "const": "b" }] }),
        json!({ "oneOf": [{ "const": "a" }, { "enum": ["b"] }] }),
        json!({ "oneOf": [{ "const": "a" }, { "const": "b" }, { "const": "b" }] }),
        json!({ "oneOf": [{ "const": "a", "enum": ["a", "c"] }, { "const": "b" }] }),
        json!({ "oneOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }] }),
        json!({ "oneOf": [{ "oneOf": [{ "const": "a" }] }, { "anyOf": [{ "const": "b" }] }] }),
        json!({ "oneOf": [{ "const": "a" }, { "const": "b" }, { "type": "null" }] }),
        json!({ "oneOf": [{ "const": "a" }, { "const": "b" }, { "const": null }] }),
        json!({ "type": "string", "oneOf": [{ "const": "a" }, { "const": "b" }] }),
        json!({ "type": ["string", "null"], "anyOf": [{ "const": "a" }, { "const": "b" }] }),
        json!({ "allOf": [{ "oneOf": [{ "const": "a" }, { "const": "b" }] }] }),
        json!({ "allOf": [{ "oneOf": [{ "const": "a" }, { "const": "b" }] }, { "description": "kinds" }] }),
        json!({ "allOf": [{ "type": "string" }, { "oneOf": [{ "const": "a" }, { "const": "b" }] }] }),
        json!({ "oneOf": [{ "allOf": [{ "const": "a" }] }, { "allOf": [{ "type": "string" }, { "const": "b" }] }] }),
        json!({ "anyOf": [{ "allOf": [{ "$ref": "#/components/schemas/A" }, { "title": "first" }] }, { "const": "b" }] }),
    ] {
        let (request, response) = lowered(&kind);
        assert_eq!(request["enum"], json!(["a", "b"]), "{kind}: {request}");
        assert_eq!(request["type"], "string", "{kind}");
        // A response may have a value that the document does not know yet.
        assert_eq!(response["type"], text["type"], "{kind}: {response}");
        assert!(response.get("enum").is_none(), "{kind}: {response}");
    }
}

#[test]
fn a_single_constant_is_an_enum_of_one() {
    for kind in [
        json!({ "const": "a" }),
        json!({ "enum": ["a"] }),
        json!({ "oneOf": [{ "const": "a" }] }),
        json!({ "oneOf": [{ "const": "a" }, { "type": "null" }] }),
        json!({ "allOf": [{ "const": "a" }] }),
        json!({ "allOf": [{ "const": "a" }, { "type": "string" }] }),
        json!({ "const": "a", "enum": ["a", "b"] }),
        json!({ "$ref": "#/components/schemas/A" }),
    ] {
        assert_eq!(lowered(&kind).0["enum"], json!(["a"]), "{kind}: {}", lowered(&kind).0);
    }
}

#[test]
fn values_that_are_not_strings_have_their_type() {
    for (kind, expected) in [
        (json!({ "const": 1 }), "integer"),
        (json!({ "enum": [1, 2, null] }), "integer"),
        (json!({ "enum": [1, 2.5] }), "number"),
        (json!({ "enum": [1.0, 2] }), "integer"),
        (json!({ "oneOf": [{ "const": 1.0 }, { "const": 2 }] }), "integer"),
        (json!({ "enum": [true, false] }), "boolean"),
        (json!({ "oneOf": [{ "const": 1 }, { "const": 2 }] }), "integer"),
        (json!({ "oneOf": [{ "const": 1.5 }, { "const": 2 }] }), "number"),
        (json!({ "anyOf": [{ "const": true }, { "const": false }] }), "boolean"),
        (json!({ "oneOf": [{ "const": 1 }, { "const": null }] }), "integer"),
        (json!({ "type": "integer", "oneOf": [{ "const": 1 }, { "const": 2 }] }), "integer"),
    ] {
        let (request, response) = lowered(&kind);
        assert_eq!((&request["type"], &response["type"]), (&json!(expected), &json!(expected)), "{kind}");
    }
    // Of several types, each has its own values.
    for kind in [
        json!({ "oneOf": [{ "const": "a" }, { "const": "b" }, { "const": 1 }] }),
        json!({ "type": ["string", "integer"], "enum": ["a", "b", 1] }),
        json!({ "enum": ["a", "b", 1] }),
    ] {
        let (request, _) = lowered(&kind);
        let variants = request["oneOf"].as_array().unwrap_or_else(|| panic!("{kind}: {request}"));
        assert_eq!(variants[0]["type"], "integer", "{kind}");
        assert!(variants[1].get("$ref").is_some(), "{kind}: {request}");
    }
}

#[test]
fn every_type_is_any_value() {
    let every = ["string", "number", "integer", "boolean", "null", "object", "array"];
    assert_eq!(lowered(&json!({ "type": every })), (json!({}), json!({})));
}

#[test]
fn known_values_and_any_other_string_are_a_string() {
    for kind in [
        json!({ "anyOf": [{ "type": "string" }, { "enum": ["a", "b"] }] }),
        json!({ "anyOf": [{ "const": "a" }, { "type": "string" }] }),
    ] {
        assert_eq!(lowered(&kind).0, json!({ "type": "string" }), "{kind}");
    }
}
