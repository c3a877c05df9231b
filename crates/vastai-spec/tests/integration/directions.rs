//! `readOnly` and `writeOnly`: what only responses have is not demanded of a caller.

use serde_json::{Value, json};
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

/// A document whose operation sends and gets this schema, with these components.
fn both_ways(schema: Value, schemas: Value) -> Prepared {
    let content = json!({ "application/json": { "schema": schema } });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "post": {
            "operationId": "doIt",
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "done", "content": content } },
        } } },
        "components": { "schemas": schemas },
    });
    prepare(Source::new("doc", &document.to_string()), None, Staleness::Fail).unwrap()
}

/// What the types of the lowered document require, in their order.
fn required(prepared: &Prepared) -> Vec<String> {
    let schemas = prepared.lowered["components"]["schemas"].as_object().unwrap();
    let lists = schemas.values().filter_map(|schema| schema.get("required")?.as_array());
    lists.flatten().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn noted(prepared: &Prepared, rule: &str) -> Vec<String> {
    let applications = prepared.report.applications().iter();
    applications.filter(|noted| noted.rule.id == rule).map(|noted| noted.pointer.clone()).collect()
}

#[test]
fn no_request_demands_what_only_answers_have() {
    let schemas = json!({
        "Id": { "type": "integer", "readOnly": true },
        "Alias": { "$ref": "#/components/schemas/Id" },
        "Base": { "type": "object", "properties": { "id": { "type": "integer" } } },
        "Marked": { "properties": { "id": { "readOnly": true } } },
    });
    let plain = json!({ "type": "integer" });
    for id in [
        json!({ "type": "integer", "readOnly": true }),
        json!({ "$ref": "#/components/schemas/Id" }),
        json!({ "$ref": "#/components/schemas/Alias" }),
        json!({ "$ref": "#/components/schemas/Id", "description": "the id" }),
        json!({ "allOf": [plain, { "readOnly": true }] }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/Id" }, { "description": "the id" }] }),
        json!({ "anyOf": [{ "type": "integer", "readOnly": true }, { "type": "null" }] }),
        json!({ "oneOf": [{ "type": "integer", "readOnly": true }, { "type": "string", "readOnly": true }] }),
        json!({ "type": "object", "readOnly": true, "properties": { "a": plain } }),
        json!({ "type": "array", "readOnly": true, "items": plain }),
    ] {
        let object = json!({ "type": "object", "required": ["id", "n"], "properties": { "id": id, "n": { "type": "string" } } });
        let list = json!({ "type": "array", "items": object });
        let nested = json!({ "type": "object", "properties": { "inner": object } });
        for whole in [object, list, nested] {
            let prepared = both_ways(whole, schemas.clone());
            assert_eq!(required(&prepared), ["n"], "{id}");
            assert!(!noted(&prepared, "read-only-not-required").is_empty(), "{id} is not reported");
        }
    }
    for whole in [
        json!({ "allOf": [{ "$ref": "#/components/schemas/Base" }, { "$ref": "#/components/schemas/Marked" }, { "required": ["id"] }] }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/Marked" }, { "required": ["id"], "properties": { "id": plain } }] }),
        json!({ "required": ["id"], "allOf": [{ "properties": { "id": { "$ref": "#/components/schemas/Id" } } }, { "$ref": "#/components/schemas/Base" }] }),
    ] {
        assert_eq!(required(&both_ways(whole.clone(), schemas.clone())), [""; 0], "{whole}");
    }
}

#[test]
fn what_is_read_only_for_some_variants_is_demanded() {
    let id = json!({ "anyOf": [{ "type": "integer", "readOnly": true }, { "type": "string" }] });
    let whole = json!({ "type": "object", "required": ["id"], "properties": { "id": id } });
    assert_eq!(required(&both_ways(whole, json!({}))), ["id"]);
    let written = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer", "readOnly": false, "writeOnly": true } } });
    let prepared = both_ways(written, json!({}));
    assert_eq!(required(&prepared), ["id"]);
    assert!(!noted(&prepared, "write-only-in-response").is_empty());
}

#[test]
fn a_schema_that_refers_to_itself_is_not_read_only() {
    let schemas = json!({
        "A": { "allOf": [{ "$ref": "#/components/schemas/B" }, { "$ref": "#/components/schemas/B" }] },
        "B": { "allOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/A" }] },
    });
    let whole = json!({ "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#/components/schemas/A" } } });
    assert_eq!(required(&both_ways(whole, schemas)), ["a"]);
}

#[test]
fn the_operations_table_demands_it_neither() {
    let whole = json!({ "type": "object", "required": ["id", "n"], "properties": { "id": { "readOnly": true }, "n": {} } });
    let prepared = both_ways(whole, json!({}));
    let demanded: Vec<&str> = prepared.operations[0]
        .parameters
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(demanded, ["n"]);
}

#[cfg(all(feature = "generate", feature = "diff"))]
#[test]
fn that_it_is_required_of_responses_changes_no_type() {
    let members = json!({ "id": { "type": "string", "readOnly": true }, "n": { "type": "string" } });
    let surface = |required: Value| {
        let whole = json!({ "type": "object", "required": required, "properties": members });
        both_ways(whole, json!({})).generate().unwrap().surface
    };
    assert_eq!(surface(json!(["n"])), surface(json!(["n", "id"])));
}
