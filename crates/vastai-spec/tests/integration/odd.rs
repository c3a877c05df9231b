//! Odd documents: each becomes a client, and what cannot be is reported. That the clients compile is tested in `xtask/tests/compiled`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

use crate::documents;

fn prepared(name: &str) -> Prepared {
    documents::odd().into_iter().find(|document| document.name == name).unwrap().prepared()
}

fn of_text(text: &str) -> Prepared {
    prepare(Source::new("odd.yaml", text), None, Staleness::Fail).unwrap()
}

/// The operations that are left out, with the reason.
fn left_out(prepared: &Prepared) -> Vec<(&str, &str)> {
    prepared.report.left_out().map(|it| (it.pointer.as_str(), it.detail.as_str())).collect()
}

#[test]
fn every_operation_is_generated_or_reported() {
    for document in documents::odd() {
        let prepared = document.prepared();
        let generated = prepared.generate().unwrap_or_else(|error| panic!("{}: {error}", document.name));
        let left_out = prepared.report.left_out().count();
        let all = operations(&prepared.published).count();
        assert_eq!(generated.generated_operations + left_out, all, "{}", document.name);
    }
}

#[test]
fn every_keyword_is_lowered_or_reported() {
    let prepared = prepared("keywords.yaml");
    let report = prepared.report.text(true);
    for keyword in [
        "webhooks",
        "jsonSchemaDialect",
        "summary",
        "license",
        "contact",
        "callbacks",
        "externalDocs",
        "frobnicate",
        "headers",
        "links",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "minProperties",
        "maxProperties",
        "unevaluatedProperties",
        "`if",
        "`then",
        "`else",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "contains",
        "minContains",
        "unevaluatedItems",
        "uniqueItems",
        "discriminator",
        "`not",
        "$anchor",
        "$schema",
        "$id",
        "date-time",
        "multipleOf",
        "mutualTLS",
        "ErrorOfTheService",
        "text/csv",
        "status 302",
    ] {
        assert!(report.contains(keyword), "{keyword} is not reported:\n{report}");
    }
    let left_out = left_out(&prepared);
    let places: Vec<&str> = left_out.iter().map(|(place, _)| *place).collect();
    assert_eq!(
        places,
        [
            "/paths/~1braces~1{id/get",
            "/paths/~1braces~1{}/get",
            "/paths/~1braces~1}{/get",
            "/paths/~1none/options",
            "/paths/~1none/trace",
            "/paths/~1twice~1{id}~1~1{id}/get",
        ]
    );
}

#[test]
fn members_that_would_be_one_field_are_several() {
    let prepared = prepared("names.yaml");
    let schemas = prepared.lowered["components"]["schemas"].as_object().unwrap();
    let (name, case) =
        schemas.iter().find(|(_, schema)| schema["required"] == json!(["FOO_BAR", "fooBar"])).unwrap();
    // The lowered document speaks the language of the wire, and says beside it what is another name in Rust.
    assert!(case["properties"].get("fooBar").is_some(), "{case}");
    assert_eq!(case["x-rust-names"]["extra"], "extra_2");
    let generated = prepared.generate().unwrap();
    let start = format!("field types::{name}.");
    let fields: Vec<&str> =
        generated.surface.lines().filter_map(|line| line.strip_prefix(&start)?.split(':').next()).collect();
    let expected =
        "extra extra_2 extra_3 foo_bar foo_bar_2 foo_bar_3 foo_bar_4 foo_bar_5 minus1 plus1 ref_ x x_2";
    assert_eq!(fields.join(" "), expected);
    for wire in ["FOO_BAR", "fooBar", "FooBar", "foo-bar", "Extra", "!", "$ref"] {
        let renamed = format!("rename = \"{wire}\"");
        assert!(generated.client.contains(&renamed), "{wire} is not what is sent:\n{}", generated.client);
    }
    assert!(!generated.client.chars().any(|character| ('\u{E000}'..='\u{F8FF}').contains(&character)));
    assert!(!generated.client.contains("\\u{e0"), "a stand-in is left");
}

#[test]
fn parameters_that_would_be_one_are_several() {
    let generated = prepared("names.yaml").generate().unwrap();
    let code = &generated.client;
    for sent in [
        r#"QueryParam::new("FooBar", &foo_bar_"#,
        r#"QueryParam::new("foo-bar", &foo_bar_"#,
        r#"QueryParam::new("id", &id_2)"#,
        r#"QueryParam::new("send", &send_2)"#,
        r#"QueryParam::new("body", &body_2)"#,
        "encode_path(&foo_bar.to_string())",
        "encode_path(&foo_bar_2.to_string())",
    ] {
        let code: String = code.split_whitespace().collect();
        let sent: String = sent.split_whitespace().collect();
        assert!(code.contains(&sent), "{sent} is not in the code:\n{code}");
    }
    let documented = "request to `/case/{fooBar}/{foo_bar}`";
    assert!(code.contains(documented), "the documentation says the wire's names");
}

#[test]
fn bodies_are_sent_or_the_operation_is_left_out() {
    let prepared = prepared("bodies.yaml");
    assert_eq!(
        left_out(&prepared),
        [
            ("/paths/~1files/post", "its body is multipart/form-data, which the generator cannot send"),
            ("/paths/~1xml/post", "its body is application/xml, which the generator cannot send"),
        ]
    );
    let surface = prepared.generate().unwrap().surface;
    for line in [
        "builder::SendText.body(impl IntoValue<String>)",
        "builder::SendBytes.body(impl IntoValue<reqwest::Body>)",
        "builder::SendText.send() -> Sending<::bytes::Bytes>",
        "builder::SendEither.send() -> Sending<::bytes::Bytes>",
        "builder::SendMerge.send() -> Sending<types::GetMaybeResponse>",
        "builder::SendScalar.send() -> Sending<Option<String>>",
        "builder::GetEmpty.send() -> Sending<()>",
        "builder::GetMaybe.send() -> Sending<Option<types::GetMaybeResponse>>",
    ] {
        assert!(surface.contains(line), "{line} is not in\n{surface}");
    }
}

#[test]
fn what_is_malformed_is_reported_with_its_place() {
    let prepared = prepared("bodies.yaml");
    let places: Vec<&str> = prepared
        .report
        .applications()
        .iter()
        .filter(|application| application.rule.id == "malformed-ignored")
        .map(|application| application.pointer.as_str())
        .collect();
    let schema = "/paths/~1malformed/post/requestBody/content/application~1json/schema";
    for place in [
        "/paths/~1malformed/post/summary",
        "/paths/~1malformed/post/tags",
        "/paths/~1malformed/post/security/0",
        "/paths/~1malformed/post/security/2",
        "/paths/~1malformed/post/deprecated",
        "/paths/~1malformed/post/parameters",
        "/paths/~1malformed/post/responses",
        "/paths/~1malformed/post/requestBody/description",
        &format!("{schema}/properties"),
        &format!("{schema}/allOf"),
        "/components/schemas",
        "/tags/0",
        "/tags/1/name",
        "/servers/1/url",
        "/security",
    ] {
        assert!(places.contains(&place), "{place} is not reported: {places:#?}");
    }
}

#[test]
fn no_operation_makes_a_client_without_methods() {
    for text in ["openapi: 3.1.0\n", "openapi: 3.0.0\npaths: {}\n", "openapi: 3.1.0\npaths: { /a: {} }\n"] {
        let generated = of_text(text).generate().unwrap();
        assert_eq!(generated.generated_operations, 0);
    }
}

#[test]
fn two_thousand_operations_do_no_harm() {
    let mut text = String::from("openapi: 3.1.0\npaths:\n");
    for number in 0..2_000 {
        let schema = format!(
            "{{ type: object, properties: {{ id: {{ type: integer }}, n{number}: {{ type: string }} }} }}"
        );
        let content = format!("content: {{ application/json: {{ schema: {schema} }} }}");
        let _ = writeln!(
            text,
            "  /things/{number}/{{id}}: {{ post: {{ requestBody: {{ {content} }}, responses: {{ '200': {{ description: ok, {content} }} }} }} }}"
        );
    }
    let generated = of_text(&text).generate().unwrap();
    assert_eq!(generated.generated_operations, 2_000);
}

#[test]
fn an_external_reference_is_refused_with_its_place() {
    let text = "openapi: 3.1.0\npaths: { /a: { get: { parameters: [{ $ref: 'common.yaml#/Page' }] } } }\n";
    let error = prepare(Source::new("odd.yaml", text), None, Staleness::Fail).unwrap_err().to_string();
    let expected = "odd.yaml: /paths/~1a/get/parameters/0: the reference `common.yaml#/Page` leaves the document; bundle the \
                    document into one file first";
    assert_eq!(error, expected);
}

/// Schemas whose meaning has no end that one could wait for.
#[test]
fn schemas_that_explode_are_refused_or_cut() {
    let doubling = |schema: fn(usize) -> Value| {
        let schemas: serde_json::Map<String, Value> =
            (0..60).map(|number| (format!("S{number}"), schema(number))).collect();
        let response = json!({ "description": "ok", "content": { "application/json": { "schema": to(0) } } });
        let document = json!({
            "openapi": "3.1.0",
            "paths": { "/a": { "get": { "responses": { "200": response } } } },
            "components": { "schemas": schemas },
        });
        prepare(Source::new("odd.json", &document.to_string()), None, Staleness::Fail)
    };
    fn to(number: usize) -> Value {
        json!({ "$ref": format!("#/components/schemas/S{}", number.min(59)) })
    }
    let error =
        doubling(|number| json!({ "allOf": [to(number + 1), to(number + 1)] })).unwrap_err().to_string();
    assert!(error.contains("stand for more than"), "{error}");
    let aliases = doubling(
        |number| json!({ "type": ["array", "object"], "items": to(number + 1), "additionalProperties": to(number + 1) }),
    );
    assert!(aliases.is_err() || aliases.unwrap().generate().is_ok());
    let unions =
        doubling(|number| json!({ "anyOf": [to(number + 1), to(number + 1), { "type": "string" }] }));
    unions.unwrap().generate().unwrap();
}

/// A chain of components and a nest of schemas are not a deep recursion.
#[test]
fn long_chains_do_not_exhaust_the_stack() {
    let mut schemas = serde_json::Map::new();
    for number in 0..3_000 {
        let next = json!({ "$ref": format!("#/components/schemas/S{}", number + 1) });
        schemas.insert(format!("S{number}"), json!({ "type": "object", "properties": { "next": next } }));
        let next = json!({ "$ref": format!("#/components/schemas/A{}", number + 1) });
        schemas.insert(format!("A{number}"), json!({ "type": "array", "items": next }));
    }
    schemas.insert(
        "S3000".to_owned(),
        json!({ "type": "object", "properties": { "a": { "$ref": "#/components/schemas/A0" } } }),
    );
    schemas.insert("A3000".to_owned(), json!({ "type": "string" }));
    let mut nested = json!({ "type": "string" });
    for _ in 0..50 {
        nested = json!({ "type": "object", "properties": { "n": nested } });
    }
    let response = |schema: Value| json!({ "200": { "description": "ok", "content": { "application/json": { "schema": schema } } } });
    let document = json!({
        "openapi": "3.1.0",
        "paths": {
            "/a": { "get": { "responses": response(json!({ "$ref": "#/components/schemas/S0" })) } },
            "/b": { "get": { "responses": response(nested) } },
        },
        "components": { "schemas": schemas },
    });
    of_text(&document.to_string()).generate().unwrap();
}

/// The generator writes it into each builder; the code is read, compiled and documented once for each.
#[test]
fn what_all_builders_repeat_is_said_once() {
    for document in documents::all() {
        let generated = document.prepared().generate().unwrap();
        let flat = generated.client.split_whitespace().collect::<String>();
        let sends = flat.matches("(self.request(),crate::operations::").count();
        assert_eq!(sends, generated.generated_operations, "{}", document.name);
        for repeated in ["value.try_into()", "client.exec(", "\"api-version\"", "::std::option::Option<"] {
            assert!(!flat.contains(repeated), "{}: {repeated}", document.name);
        }
    }
}

#[test]
fn setters_have_the_words_of_the_document() {
    let generated = of_text(
        "openapi: 3.1.0\n\
         info: { title: Words, version: '1' }\n\
         paths:\n\
         \x20 /rent/{type}:\n\
         \x20   put:\n\
         \x20     operationId: rent\n\
         \x20     parameters: [{ name: type, in: path, required: true, description: Which kind., schema: { type: string } }]\n\
         \x20     requestBody: { content: { application/json: { schema: { type: object, properties: { disk: { type: number, description: In GB. } } } } } }\n\
         \x20     responses: { '200': { description: rented } }\n",
    )
    .generate()
    .unwrap();
    let flat = generated.client.split_whitespace().collect::<Vec<_>>().join(" ");
    for setter in [
        "/// Which kind. pub fn type_(mut self, value: impl crate::IntoValue<String>) -> Self { self.type_ = value.into_value(\"type_\");",
        "/// In GB. pub fn disk<By>( mut self, value: impl crate::IntoOptional<crate::Double, By>, ) -> Self {",
    ] {
        assert!(flat.contains(setter), "{setter} is not in {flat}");
    }
}
