//! Lowering: each rule from a minimal document.

use serde_json::{Value, json};
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

/// A document with one operation whose body and response have these schemas.
fn both_ways(request: Value, response: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "post": {
            "operationId": "doIt",
            "requestBody": { "required": true, "content": { "application/json": { "schema": request } } },
            "responses": { "200": { "description": "done", "content": { "application/json": { "schema": response } } } },
        } } },
    })
}

fn lowered(document: &Value) -> Prepared {
    prepare(Source::new("doc", &document.to_string()), None, Staleness::Fail).unwrap()
}

fn used(prepared: &Prepared, rule: &str) -> bool {
    prepared.report.applications().iter().any(|application| application.rule.id == rule)
}

/// How a property of the body (strict) and of the response (robust) is lowered, with the rules.
fn property(schema: Value) -> (Value, Value, Prepared) {
    let object = json!({ "type": "object", "properties": { "p": schema } });
    let prepared = lowered(&both_ways(object.clone(), object));
    let schemas = &prepared.lowered["components"]["schemas"];
    let request = schemas["DoItRequest"]["properties"]["p"].clone();
    let response = schemas["DoItResponse"]["properties"]["p"].clone();
    (request, response, prepared)
}

fn check(schema: Value, request: Value, response: Value, rules: &[&str]) {
    let (found_request, found_response, prepared) = property(schema.clone());
    assert_eq!(found_request, request, "the request of {schema}");
    assert_eq!(found_response, response, "the response of {schema}");
    for rule in rules {
        assert!(
            used(&prepared, rule),
            "{rule} is not reported for {schema}:\n{}",
            prepared.report.text(true)
        );
    }
    #[cfg(feature = "generate")]
    prepared.generate().unwrap();
}

#[test]
fn null_in_every_spelling() {
    let strict = json!({ "type": "string", "nullable": true });
    for spelling in [
        json!({ "type": ["string", "null"] }),
        json!({ "oneOf": [{ "type": "string" }, { "type": "null" }] }),
        json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }),
    ] {
        check(spelling, strict.clone(), strict.clone(), &["null-spelling"]);
    }
    check(json!({ "type": "string", "nullable": true }), strict.clone(), strict, &[]);
    for null_alone in [json!({ "type": "null" }), json!({ "const": null }), json!({ "enum": [null] })] {
        check(null_alone, json!({}), json!({}), &["null-spelling"]);
    }
    let (request, response, _) = property(json!({ "enum": ["a", null, "b"] }));
    assert_eq!(request["nullable"], true);
    assert_eq!(response, json!({ "type": "string", "nullable": true }));
}

#[test]
fn several_types_are_variants() {
    let (_, response, prepared) = property(json!({ "type": ["string", "integer", "null"] }));
    assert_eq!(response["nullable"], true);
    let name = response["allOf"][0]["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let variants = &prepared.lowered["components"]["schemas"][&name]["oneOf"];
    assert_eq!(
        variants,
        &json!([{ "type": "integer", "title": "Integer" }, { "type": "string", "title": "Text" }])
    );
    check(
        json!({ "type": ["number", "integer"] }),
        json!({ "type": "number" }),
        json!({ "type": "number", "nullable": true }),
        &[],
    );
}

#[test]
fn limits_make_no_types() {
    for (schema, kind) in [
        (json!({ "type": "integer", "minimum": 1, "exclusiveMaximum": 10 }), "integer"),
        (json!({ "type": "number", "minimum": 5, "multipleOf": 2 }), "number"),
        (json!({ "type": "string", "maxLength": 4048 }), "string"),
    ] {
        check(
            schema,
            json!({ "type": kind }),
            json!({ "type": kind, "nullable": true }),
            &["limit-checked-when-sent", "response-limit"],
        );
    }
    check(
        json!({ "type": "string", "pattern": "^a" }),
        json!({ "type": "string" }),
        json!({ "type": "string", "nullable": true }),
        &["pattern-left-to-service"],
    );
}

#[test]
fn a_default_is_never_sent() {
    let object = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer", "default": 12345, "minimum": 1 } } });
    let prepared = lowered(&both_ways(object, json!({})));
    assert_eq!(
        prepared.lowered["components"]["schemas"]["DoItRequest"],
        json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } })
    );
    assert!(used(&prepared, "default-not-sent"));
}

#[test]
fn answers_are_robust() {
    check(
        json!({ "type": "number", "format": "float" }),
        json!({ "type": "number" }),
        json!({ "type": "number", "nullable": true }),
        &["response-float-as-double"],
    );
    let (request, response, prepared) = property(json!({ "type": "string", "enum": ["on", "off"] }));
    assert!(request["$ref"].is_string(), "an enum of a request is one: {request}");
    assert_eq!(response, json!({ "type": "string", "nullable": true }));
    assert!(used(&prepared, "response-enum-open"));
    let closed = json!({ "type": "object", "additionalProperties": false, "required": ["a"], "properties": { "a": { "type": "string" } } });
    let prepared = lowered(&both_ways(closed.clone(), closed));
    assert_eq!(
        prepared.lowered["components"]["schemas"]["DoItResponse"],
        json!({ "type": "object", "additionalProperties": {}, "properties": { "a": { "type": "string", "nullable": true } } })
    );
    assert_eq!(prepared.lowered["components"]["schemas"]["DoItRequest"]["required"], json!(["a"]));
    assert!(used(&prepared, "response-opened") && used(&prepared, "response-field-optional"));
}

#[test]
fn object_variants_of_a_response_become_one_type() {
    let variants = json!({ "oneOf": [
        { "title": "Assigned", "type": "object", "properties": { "url": { "type": "string" }, "cost": { "type": "number" } } },
        { "title": "Waiting", "type": "object", "properties": { "status": { "type": "string" }, "cost": { "type": "integer" } } },
    ] });
    let prepared = lowered(&both_ways(json!({}), variants));
    let properties = &prepared.lowered["components"]["schemas"]["DoItResponse"]["properties"];
    assert_eq!(properties.as_object().unwrap().keys().collect::<Vec<_>>(), ["cost", "status", "url"]);
    assert_eq!(
        properties["cost"],
        json!({ "type": "number", "nullable": true }),
        "a whole number is a number"
    );
    assert!(used(&prepared, "response-variants-merged"));
}

#[test]
fn a_component_both_ways_is_strict_one_way_and_robust_the_other() {
    let mut document = both_ways(
        json!({ "$ref": "#/components/schemas/Thing" }),
        json!({ "$ref": "#/components/schemas/Thing" }),
    );
    document["components"] = json!({ "schemas": { "Thing": { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } } } });
    let schemas = lowered(&document).lowered["components"]["schemas"].clone();
    assert_eq!(schemas["Thing"]["properties"]["a"]["nullable"], true);
    assert_eq!(schemas["ThingRequest"]["required"], json!(["a"]));
}

#[test]
fn a_type_that_holds_itself_stays_a_type() {
    let mut document = both_ways(json!({}), json!({ "$ref": "#/components/schemas/Tree" }));
    document["components"] = json!({ "schemas": { "Tree": { "type": "object", "properties": {
        "name": { "type": "string" },
        "parent": { "$ref": "#/components/schemas/Tree" },
        "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
    } } } });
    let prepared = lowered(&document);
    let tree = &prepared.lowered["components"]["schemas"]["Tree"]["properties"];
    assert_eq!(tree["children"]["items"]["$ref"], "#/components/schemas/Tree");
    #[cfg(feature = "generate")]
    prepared.generate().unwrap();
}

#[test]
fn identical_inline_schemas_are_one_type_with_a_name() {
    let thing = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let response = json!({ "type": "object", "properties": { "one": thing, "list": { "type": "array", "items": thing } } });
    let prepared = lowered(&both_ways(json!({}), response));
    let names: Vec<String> =
        prepared.lowered["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["DoItResponse", "DoItResponseOne", "Error"]);
    assert!(used(&prepared, "inline-schema-named"));
}

#[test]
fn every_failure_is_the_one_error() {
    let mut document = both_ways(json!({}), json!({}));
    document["paths"]["/a"]["post"]["responses"]["404"] =
        json!({ "description": "gone", "content": { "text/html": {} } });
    document["paths"]["/a"]["post"]["responses"]["default"] =
        json!({ "description": "no", "content": { "application/json": { "schema": { "type": "string" } } } });
    let prepared = lowered(&document);
    let responses = &prepared.lowered["paths"]["/a"]["post"]["responses"];
    assert_eq!(responses.as_object().unwrap().keys().collect::<Vec<_>>(), ["2XX", "default"]);
    let schema = &responses["default"]["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/Error");
    assert!(used(&prepared, "one-error-schema"));
}

#[test]
fn what_a_url_cannot_hold_travels_as_text() {
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
        "paths": { "/a/{id}/{other}": { "get": { "operationId": "showIt", "parameters": [
            { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
            { "name": "q", "in": "query", "schema": { "type": "object", "properties": { "a": {} } } },
            { "name": "cookie", "in": "cookie", "schema": { "type": "string" } },
            { "name": "Authorization", "in": "header", "required": true, "schema": { "type": "string" } },
            { "name": "none", "in": "query" },
            { "name": "empty", "in": "query", "schema": null },
        ] } } },
    });
    let prepared = lowered(&document);
    let parameters =
        prepared.lowered["paths"]["/a/{id}/{other}"]["get"]["parameters"].as_array().unwrap().clone();
    let found: Vec<(&str, &str)> = parameters
        .iter()
        .map(|parameter| (parameter["name"].as_str().unwrap(), parameter["schema"]["type"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [("id", "integer"), ("other", "string"), ("empty", "string"), ("none", "string"), ("q", "string")]
    );
    for rule in ["parameter-as-text", "parameter-ignored", "path-parameter-added"] {
        assert!(used(&prepared, rule), "{rule}");
    }
    #[cfg(feature = "generate")]
    prepared.generate().unwrap();
}

#[test]
fn bodies_that_cannot_be_sent_leave_the_operation_out() {
    let with = |content: Value| {
        let mut document = both_ways(json!({}), json!({}));
        document["paths"]["/a"]["post"]["requestBody"]["content"] = content;
        lowered(&document)
    };
    let multipart = with(json!({ "multipart/form-data": { "schema": { "type": "object" } } }));
    assert_eq!(multipart.report.left_out().count(), 1);
    assert!(multipart.report.left_out().next().unwrap().detail.contains("multipart/form-data"));
    for sendable in [
        "text/plain",
        "application/octet-stream",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
    ] {
        let prepared = with(json!({ sendable: { "schema": { "type": "string" } } }));
        assert_eq!(prepared.report.left_out().count(), 0, "{sendable}");
        #[cfg(feature = "generate")]
        prepared.generate().unwrap();
    }
}

#[test]
fn references_that_lead_nowhere_are_errors_with_their_place() {
    let error = |reference: &str| {
        let document = both_ways(json!({ "$ref": reference }), json!({}));
        prepare(Source::new("doc", &document.to_string()), None, Staleness::Fail).unwrap_err().to_string()
    };
    let external = error("other.yaml#/components/schemas/A");
    assert!(
        external.starts_with("doc: /paths/~1a/post/requestBody/content/application~1json/schema: "),
        "{external}"
    );
    assert!(external.contains("leaves the document"), "{external}");
    assert!(error("#/components/schemas/Gone").contains("points to nothing"));
}

#[test]
fn what_no_rule_knows_is_reported_with_its_place() {
    let (_, _, prepared) = property(json!({ "type": "string", "frobnicate": 7 }));
    let unknown: Vec<_> =
        prepared.report.applications().iter().filter(|it| it.rule.id == "unknown-keyword").collect();
    assert_eq!(unknown.len(), 2, "one for each direction's place");
    assert!(unknown[0].pointer.ends_with("/properties/p") && unknown[0].detail.contains("frobnicate"));
}

#[test]
fn an_empty_list_or_map_of_a_request_is_not_a_missing_one() {
    check(
        json!({ "type": "array", "items": { "type": "string" } }),
        json!({ "type": "array", "items": { "type": "string" }, "nullable": true }),
        json!({ "type": "array", "items": { "type": "string" }, "nullable": true }),
        &["empty-is-not-missing"],
    );
    let required = json!({ "type": "object", "required": ["p"], "properties": { "p": { "type": "array", "items": {} } } });
    let prepared = lowered(&both_ways(required, json!({})));
    let body = &prepared.lowered["components"]["schemas"]["DoItRequest"];
    assert_eq!(body["properties"]["p"], json!({ "type": "array", "items": {} }));
}
