//! Every rule of the lowering has a minimal document that needs it, and real and odd documents need no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vastai_spec::lower::RULES;
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

use crate::documents;

/// A document with one operation, changed in one place.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "post": { "operationId": "doIt", "responses": { "204": { "description": "done" } } } } },
    });
    let (parent, _) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[vastai_spec::pointer::last_token(pointer)] = value;
    document
}

fn request(schema: Value) -> Value {
    with(
        "/paths/~1a/post/requestBody",
        json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
    )
}

fn response(schema: Value) -> Value {
    with(
        "/paths/~1a/post/responses",
        json!({ "200": { "description": "done", "content": { "application/json": { "schema": schema } } } }),
    )
}

fn parameter(parameter: Value) -> Value {
    with("/paths/~1a/post/parameters", json!([parameter]))
}

fn components(mut document: Value, components: Value) -> Value {
    document["components"] = components;
    document
}

/// The least that needs a rule; `None` for a rule that nobody wrote a document for.
fn minimal(rule: &str) -> Option<Value> {
    let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let other = json!({ "type": "object", "properties": { "b": { "type": "string" } } });
    Some(match rule {
        "openapi-version" => with("/openapi", json!("3.1.0")),
        "document-keyword" => with("/webhooks", json!({})),
        "info-repaired" => with("/info/version", json!(1)),
        "unknown-keyword" => with("/paths/~1a/post/frobnicate", json!(7)),
        "malformed-ignored" => with("/tags", json!(7)),
        "security-scheme-not-in-3.0" => components(
            with("/tags", json!([])),
            json!({ "securitySchemes": { "a": { "type": "mutualTLS" } } }),
        ),
        "operation-keyword" => with("/paths/~1a/post/callbacks", json!({})),
        "operation-left-out" => with("/paths/~1a/trace", json!({ "responses": {} })),
        "parameter-ignored" => {
            parameter(json!({ "name": "a", "in": "cookie", "schema": { "type": "string" } }))
        }
        "path-parameter-added" => with("/paths/~1a~1{id}", json!({ "get": { "responses": {} } })),
        "parameter-as-text" => parameter(json!({ "name": "a", "in": "query", "schema": object })),
        "path-parameter-required" => with(
            "/paths/~1a~1{id}",
            json!({ "get": { "parameters": [{ "name": "id", "in": "path", "schema": { "type": "string" } }], "responses": {} } }),
        ),
        "path-item-parameters-merged" => with(
            "/paths/~1a/parameters",
            json!([{ "name": "a", "in": "query", "schema": { "type": "string" } }]),
        ),
        "other-media-types" => with(
            "/paths/~1a/post/requestBody",
            json!({ "required": true, "content": { "application/json": { "schema": {} }, "application/xml": {} } }),
        ),
        "optional-body-always-sent" => with(
            "/paths/~1a/post/requestBody",
            json!({ "content": { "application/json": { "schema": {} } } }),
        ),
        "body-without-content" => with("/paths/~1a/post/requestBody", json!({})),
        "media-type-without-schema" => with(
            "/paths/~1a/post/requestBody",
            json!({ "required": true, "content": { "application/json": {} } }),
        ),
        "response-keyword" => with("/paths/~1a/post/responses/204/headers", json!({})),
        "response-without-use" => {
            with("/paths/~1a/post/responses/302", json!({ "description": "elsewhere" }))
        }
        "success-responses-united" => with(
            "/paths/~1a/post/responses/200",
            json!({ "description": "done", "content": { "application/json": { "schema": {} } } }),
        ),
        "one-error-schema" => with("/paths/~1a/post/responses/400", json!({ "description": "wrong" })),
        "null-spelling" => response(json!({ "type": ["string", "null"] })),
        "const-as-enum" => request(json!({ "const": "a" })),
        "example-no-type" => response(json!({ "type": "string", "example": "a" })),
        "limit-checked-when-sent" => request(json!({ "type": "integer", "minimum": 1 })),
        "type-from-keywords" => response(json!({ "properties": { "a": {} } })),
        "all-of-merged" => response(json!({ "allOf": [object, other] })),
        "reference-siblings" => components(
            request(json!({ "$ref": "#/components/schemas/A", "required": ["a"] })),
            json!({ "schemas": { "A": object } }),
        ),
        "alias-inlined" => components(
            response(json!({ "$ref": "#/components/schemas/A" })),
            json!({ "schemas": { "A": { "type": "string" } } }),
        ),
        "inline-schema-named" => {
            response(json!({ "type": "object", "properties": { "one": object, "other": object } }))
        }
        "component-name-distinct" => components(
            response(
                json!({ "anyOf": [{ "type": "array", "items": { "$ref": "#/components/schemas/A-b" } }, { "$ref": "#/components/schemas/A_b" }] }),
            ),
            json!({ "schemas": { "A-b": object, "A_b": other } }),
        ),
        "component-not-referenced" => {
            components(with("/tags", json!([])), json!({ "schemas": { "A": object } }))
        }
        "rust-name-distinct" => response(
            json!({ "type": "object", "properties": { "aB": { "type": "string" }, "a_b": { "type": "string" } } }),
        ),
        "empty-is-not-missing" => {
            request(json!({ "type": "object", "properties": { "a": { "type": "array", "items": {} } } }))
        }
        "empty-schema" => response(json!({ "type": "array" })),
        "false-schema" => response(json!({ "type": "object", "properties": { "a": false } })),
        "several-types" => response(json!({ "type": ["string", "integer"] })),
        "unknown-type" => response(json!({ "type": "file" })),
        "keyword-without-type" => response(json!({ "type": "string", "contentEncoding": "base64" })),
        "pattern-left-to-service" => request(json!({ "type": "string", "pattern": "^a" })),
        "secret-not-shown" => request(
            json!({ "type": "object", "properties": { "key": { "type": "string", "format": "password" } } }),
        ),
        "format-as-text" => request(json!({ "type": "string", "format": "uuid" })),
        "default-not-sent" => request(json!({ "type": "string", "default": "a" })),
        "read-only-not-required" => request(
            json!({ "type": "object", "properties": { "a": { "type": "string", "readOnly": true } } }),
        ),
        "write-only-in-response" => response(
            json!({ "type": "object", "properties": { "a": { "type": "string", "writeOnly": true } } }),
        ),
        "title-not-a-name" => response(json!({ "type": "string", "title": "A" })),
        "tuple-as-list" => response(json!({ "type": "array", "prefixItems": [{ "type": "string" }] })),
        "pattern-properties-as-map" => {
            request(json!({ "type": "object", "patternProperties": { "^a": { "type": "string" } } }))
        }
        "request-variants" => request(json!({ "anyOf": [object, other] })),
        "enum-of-non-strings" => request(json!({ "type": "integer", "enum": [1, 2] })),
        "endless-type" => components(
            response(json!({ "$ref": "#/components/schemas/A" })),
            json!({ "schemas": { "A": { "type": "array", "items": { "$ref": "#/components/schemas/A" } } } }),
        ),
        "response-field-optional" => response(
            json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } }),
        ),
        "response-enum-open" => response(json!({ "type": "string", "enum": ["a"] })),
        "response-limit" => response(json!({ "type": "integer", "minimum": 1 })),
        "response-variants-merged" => response(json!({ "oneOf": [object, other] })),
        "response-float-as-double" => response(json!({ "type": "number", "format": "float" })),
        "response-fields-kept" => response(object),
        "response-text-trimmed" | "type-named-by-overlay" | "open-set-of-words" | "response-id-required" => {
            response(object)
        }
        "seconds-as-time" => {
            response(json!({ "type": "object", "properties": { "a": { "type": "number" } } }))
        }
        "response-opened" => {
            let mut closed = object;
            closed["additionalProperties"] = json!(false);
            response(closed)
        }
        _ => return None,
    })
}

/// The overlay that a rule needs beside its minimal document.
fn overlay(rule: &str) -> Option<String> {
    let (target, update) = match rule {
        "response-text-trimmed" => ("$..properties.a", json!({ "x-vastai-trim": true })),
        "type-named-by-overlay" => ("$..[?@.properties]", json!({ "x-vastai-type": "Named" })),
        "seconds-as-time" => ("$..properties.a", json!({ "x-vastai-time": true })),
        "open-set-of-words" => (
            "$",
            json!({
                "paths": { "/a": { "post": { "responses": { "200": { "content": { "application/json": { "schema": {
                    "properties": { "a": { "x-vastai-open-enum": "Words" } },
                } } } } } } } },
                "components": { "schemas": { "Words": { "x-vastai-words": { "on": "It is on." } } } },
            }),
        ),
        "response-id-required" => ("$..[?@.properties]", json!({ "x-vastai-required": ["a"] })),
        _ => return None,
    };
    let action = json!({ "target": target, "description": "d", "x-evidence": "e", "update": update });
    Some(
        json!({ "overlay": "1.0.0", "info": { "title": "t", "version": "1" }, "actions": [action] })
            .to_string(),
    )
}

fn prepared(document: &Value, overlay: Option<&str>) -> Prepared {
    let overlay = overlay.map(|text| Source::new("overlay", text));
    prepare(Source::new("minimal", &document.to_string()), overlay, Staleness::Fail).unwrap()
}

fn used(prepared: &Prepared) -> impl Iterator<Item = &'static str> {
    prepared.report.applications().iter().map(|application| application.rule.id)
}

#[test]
fn each_rule_is_applied_to_a_minimal_document_and_reported() {
    let untouched: BTreeSet<&str> = used(&prepared(&with("/tags", json!([])), None)).collect();
    assert!(untouched.is_empty(), "the document without a change needs no rule, but {untouched:?}");
    for rule in RULES {
        let document = minimal(rule.id).unwrap_or_else(|| panic!("no minimal document for {}", rule.id));
        let prepared = prepared(&document, overlay(rule.id).as_deref());
        assert!(
            used(&prepared).any(|id| id == rule.id),
            "{} is not reported:\n{}",
            rule.id,
            prepared.report.text(true)
        );
        #[cfg(feature = "generate")]
        prepared.generate().unwrap_or_else(|error| panic!("{}: {error}", rule.id));
    }
}

#[test]
fn no_rule_is_dead() {
    // Some rules obey marks of our own, which count in the overlays alone.
    let vendored = documents::overlaid(&documents::vendored(), Staleness::Fail).unwrap();
    let prepared = documents::odd().into_iter().map(|document| document.prepared()).chain([vendored]);
    let all: BTreeSet<&str> = prepared.flat_map(|prepared| used(&prepared).collect::<Vec<_>>()).collect();
    let dead: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !all.contains(id)).collect();
    assert!(dead.is_empty(), "no document of the tests needs {}", dead.join(", "));
}

#[test]
fn rules_have_names_of_their_own_and_reasons() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), RULES.len(), "two rules have one name");
    for rule in RULES {
        assert!(
            rule.id.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter)),
            "{}",
            rule.id
        );
        assert!(rule.reason.len() > 10, "{}: {}", rule.id, rule.reason);
    }
}
