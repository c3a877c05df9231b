//! The operations table.

use serde_json::{Value, json};
use vastai_spec::operations::{Authentication, LimitRule, Location, Operation, ValueKind};
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::report::Report;

fn table(document: &Value) -> Vec<Operation> {
    prepare(Source::new("doc", &document.to_string()), None, Staleness::Fail).unwrap().operations
}

fn document(paths: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "servers": [{ "url": "https://console.example/" }],
        "security": [{ "Key": [] }],
        "paths": paths,
        "components": { "securitySchemes": {
            "Key": { "type": "http", "scheme": "Bearer" },
            "Basic": { "type": "http", "scheme": "basic" },
        } },
    })
}

#[test]
fn the_server_is_the_operations_then_the_paths_then_the_documents() {
    let server = |item: Value| table(&document(json!({ "/a": item })))[0].server.clone();
    assert_eq!(server(json!({ "get": {} })), "https://console.example");
    assert_eq!(
        server(json!({ "servers": [{ "url": "https://path.example" }], "get": {} })),
        "https://path.example"
    );
    let both = json!({ "servers": [{ "url": "https://path.example" }], "get": { "servers": [{ "url": "https://run.example" }] } });
    assert_eq!(server(both), "https://run.example");
    assert_eq!(
        server(json!({ "get": { "servers": [] } })),
        "https://console.example",
        "an empty list says nothing"
    );
    let variable = json!({ "get": { "servers": [{ "url": "https://{name}.example", "variables": { "name": { "default": "run" } } }] } });
    assert_eq!(server(variable), "https://run.example");
    assert_eq!(server(json!({ "get": { "servers": [{ "url": "/relative" }] } })), "");
}

#[test]
fn authentication_is_the_operations_then_the_documents() {
    let authentication =
        |operation: Value| table(&document(json!({ "/a": { "get": operation } })))[0].authentication;
    assert_eq!(authentication(json!({})), Authentication::Bearer);
    assert_eq!(authentication(json!({ "security": [] })), Authentication::None);
    assert_eq!(authentication(json!({ "security": [{}] })), Authentication::None);
    assert_eq!(
        authentication(json!({ "security": [{ "Basic": [] }, { "Key": [] }] })),
        Authentication::Bearer
    );
    assert_eq!(authentication(json!({ "security": [{ "Basic": [] }] })), Authentication::Other);
}

#[test]
fn only_reads_and_what_the_overlay_marks_may_be_repeated() {
    let repeatable = |method: &str, mark: Option<bool>| {
        let document = document(json!({ "/a": { method: {} } })).to_string();
        let overlay = mark.map(|mark| {
            json!({ "overlay": "1.0.0", "info": { "title": "t", "version": "1" }, "actions": [
                { "target": "$.paths.*.*", "update": { "x-vastai-repeatable": mark }, "x-evidence": "a test" },
            ] })
            .to_string()
        });
        let overlay = overlay.as_deref().map(|overlay| Source::new("overlay", overlay));
        prepare(Source::new("doc", &document), overlay, Staleness::Fail).unwrap().operations[0].repeatable
    };
    assert!(repeatable("get", None));
    for method in ["post", "put", "delete", "patch"] {
        assert!(!repeatable(method, None), "{method}");
    }
    assert!(repeatable("post", Some(true)));
    assert!(!repeatable("get", Some(false)));
}

/// What an operation with a method and marks does, by the overlay, or by the published document.
fn effects(method: &str, marks: &Value, is_published: bool) -> (String, Vec<String>) {
    let operation = if is_published { marks.clone() } else { json!({}) };
    let document = document(json!({ "/a": { method: operation } })).to_string();
    let overlay = json!({ "overlay": "1.0.0", "info": { "title": "t", "version": "1" }, "actions": [
        { "target": "$.paths.*.*", "update": marks, "x-evidence": "a test" },
    ] });
    let overlay = overlay.to_string();
    let overlay = (!is_published).then_some(Source::new("overlay", &overlay));
    let prepared = prepare(Source::new("doc", &document), overlay, Staleness::Fail).unwrap();
    let applied = prepared.report.applications().iter().filter(|it| it.rule.id == "effect-malformed");
    (prepared.operations[0].effects(), applied.map(|it| it.detail.clone()).collect())
}

#[test]
fn what_an_operation_does_is_said_by_the_overlay_or_by_its_method() {
    let of = |method: &str, marks: Value| effects(method, &marks, false).0;
    for (method, expected) in
        [("get", "reads"), ("head", "reads"), ("post", "changes"), ("put", "changes"), ("delete", "destroys")]
    {
        assert_eq!(of(method, json!({ "x-test": 1 })), expected, "{method}");
        assert_eq!(of(method, json!({ "x-vastai-effect": "pays" })), "pays", "{method}");
    }
    let wheres = json!([
        { "field": "state", "unless": ["stopped"], "effect": "spends" },
        { "field": "credit", "effect": "pays" },
    ]);
    assert_eq!(
        of("put", json!({ "x-vastai-effect": "changes", "x-vastai-effect-where": wheres })),
        "changes; spends with state unless stopped; pays with credit"
    );
}

#[test]
fn a_published_document_does_not_say_what_its_operations_do() {
    let wheres = json!([{ "field": "a", "effect": "pays" }]);
    for (method, word, expected) in
        [("post", "reads", "changes"), ("delete", "reads", "destroys"), ("get", "destroys", "reads")]
    {
        let marks =
            json!({ "x-vastai-effect": word, "X-Vastai-Effect": word, "x-vastai-effect-where": wheres });
        assert_eq!(effects(method, &marks, true).0, expected, "{method}");
    }
}

#[test]
fn an_effect_that_is_none_is_reported_and_the_method_decides() {
    for malformed in [json!("harmless"), json!(true), json!(null), json!(["reads"]), json!("Reads")] {
        let (effect, reported) = effects("delete", &json!({ "x-vastai-effect": malformed }), false);
        assert_eq!((effect.as_str(), reported.len()), ("destroys", 1), "{malformed}");
    }
    // A field makes an operation do more, never less; and what reads does so whatever is sent.
    for (effect, entry) in [
        ("spends", json!({ "field": "a", "effect": "changes" })),
        ("spends", json!({ "field": "a", "effect": "spends" })),
        ("reads", json!({ "field": "a", "effect": "spends" })),
        ("changes", json!({ "field": "a" })),
        ("changes", json!({ "effect": "spends" })),
        ("changes", json!({ "field": "a", "unless": "b", "effect": "spends" })),
        ("changes", json!({ "field": "a", "unless": [1], "effect": "spends" })),
        ("changes", json!("a")),
    ] {
        let marks = json!({ "x-vastai-effect": effect, "x-vastai-effect-where": [entry] });
        let (said, reported) = effects("post", &marks, false);
        assert_eq!((said.as_str(), reported.len()), (effect, 1), "{entry}");
    }
}

#[test]
fn what_is_sent_unless_given_comes_from_the_overlay_alone() {
    let operation = json!({
        "parameters": [
            { "name": "limit", "in": "query", "schema": { "type": "integer", "default": 5 } },
            { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
        ],
        "requestBody": { "content": { "application/json": { "schema": { "type": "object", "properties": {
            "disk": { "type": "number", "default": 8 }, "runtype": { "type": "string" }, "template": { "type": "string" },
        } } } } },
    });
    let marks = json!({
        "x-vastai-defaults": { "limit": 20, "runtype": "ssh", "disk": 10, "id": 7, "gone": true },
        "x-vastai-defaults-unless": { "runtype": ["template", 3], "disk": "template" },
    });
    let read = |marks: &Value| {
        let mut operation = operation.clone();
        operation.as_object_mut().unwrap().extend(marks.as_object().unwrap().clone());
        let mut report = Report::default();
        let document = document(json!({ "/a/{id}": { "post": operation } }));
        let table = vastai_spec::operations::table(&document, &mut report);
        let defaults = table[0].parameters.iter().filter_map(|it| {
            let default = it.default.as_ref()?;
            Some(format!("{} {} {:?}", it.name, default.value, default.unless))
        });
        let ignored = report.applications().iter().map(|it| format!("{}: {}", it.rule.id, it.detail));
        (defaults.collect::<Vec<_>>(), ignored.collect::<Vec<_>>())
    };
    let (defaults, ignored) = read(&marks);
    assert_eq!(defaults, ["limit 20 []", "disk 10 []", r#"runtype "ssh" ["template"]"#]);
    assert_eq!(ignored, ["default-of-nothing: gone", "default-of-nothing: id"]);
    assert_eq!(read(&json!({})), (Vec::new(), Vec::new()));
    // A published document does not decide what is sent.
    let mut published = operation.clone();
    published.as_object_mut().unwrap().extend(marks.as_object().unwrap().clone());
    let published = document(json!({ "/a/{id}": { "post": published } })).to_string();
    let prepared = prepare(Source::new("doc", &published), None, Staleness::Fail).unwrap();
    assert!(prepared.operations[0].parameters.iter().all(|it| it.default.is_none()));
}

#[test]
fn a_failure_can_mean_that_there_is_nothing() {
    let read = |mark: Value| {
        let mut report = Report::default();
        let operation = json!({ "x-vastai-empty-result": mark });
        let operations =
            vastai_spec::operations::table(&document(json!({ "/a": { "get": operation } })), &mut report);
        (operations[0].empty_result.clone(), report.applications().len())
    };
    let (result, _) = read(json!({ "status": 404, "message": "None", "body": [] }));
    let result = result.unwrap();
    assert_eq!((result.status, result.message.as_str(), result.body.as_str()), (404, "None", "[]"));
    for malformed in [
        json!(true),
        json!({}),
        json!({ "status": 404, "message": "", "body": [] }),
        json!({ "status": 70_000, "message": "None", "body": [] }),
        json!({ "status": 404, "message": "None" }),
    ] {
        assert_eq!(read(malformed.clone()), (None, 1), "{malformed}");
    }
}

#[test]
fn parameters_and_body_members_stand_in_one_list() {
    let mut document = document(json!({ "/a/{id}": {
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
        "post": {
            "parameters": [
                { "name": "limit", "in": "query", "schema": { "type": ["integer", "null"] }, "description": "how many" },
                { "name": "Authorization", "in": "header", "required": true, "schema": { "type": "string" } },
            ],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Body" } } } },
        },
    } }));
    document["components"]["schemas"] = json!({ "Body": { "type": "object", "required": ["b"], "properties": {
        "a": { "type": "object" }, "b": { "type": "string" },
    } } });
    let operation = table(&document).remove(0);
    let found: Vec<_> =
        operation.parameters.iter().map(|it| (it.name.as_str(), it.location, it.required, it.kind)).collect();
    assert_eq!(
        found,
        [
            ("id", Location::Path, true, ValueKind::Integer),
            ("limit", Location::Query, false, ValueKind::Integer),
            ("b", Location::Body, true, ValueKind::Text),
            ("a", Location::Body, false, ValueKind::Json),
        ]
    );
    assert_eq!(operation.parameters[1].description, "how many");
}

#[test]
fn a_body_is_required_where_the_operation_says_so_and_an_object_can_be_it() {
    let requires = |body: Value| {
        let paths = json!({ "/a": { "put": { "requestBody": body } } });
        let mut document = document(paths);
        document["components"]["requestBodies"] =
            json!({ "Empty": { "required": true, "content": { "application/json": {} } } });
        table(&document)[0].body_required
    };
    let with = |required: bool, media_type: &str, schema: Value| {
        requires(json!({ "required": required, "content": { media_type: { "schema": schema } } }))
    };
    assert!(requires(json!({ "$ref": "#/components/requestBodies/Empty" })));
    assert!(with(true, "application/json", json!({ "type": "object", "additionalProperties": false })));
    assert!(with(true, "application/json; charset=utf-8", json!({ "type": ["object", "null"] })));
    assert!(!with(false, "application/json", json!({ "type": "object" })));
    assert!(!with(true, "application/json", json!({ "type": "array" })), "an object is no list");
    assert!(!with(true, "text/plain", json!({ "type": "string" })));
    assert!(!table(&document(json!({ "/a": { "put": {} } })))[0].body_required);
}

#[test]
fn limits_of_parameters_and_bodies_stand_in_the_table() {
    let mut document = document(json!({ "/a": { "post": {
        "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 25 } }],
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Body" } } } },
    } } }));
    document["components"]["schemas"] = json!({
        "Body": { "type": "object", "properties": {
            "id": { "$ref": "#/components/schemas/Id" },
            "price": { "type": "number", "minimum": 0, "exclusiveMinimum": true, "exclusiveMaximum": 32 },
            "state": { "type": ["string", "null"], "enum": ["on", "off", null] },
            "order": { "type": "array", "minItems": 1, "items": { "type": "object", "properties": {
                "column": { "type": "string", "minLength": 1, "maxLength": 9 },
            } } },
            "self": { "$ref": "#/components/schemas/Body" },
        } },
        "Id": { "type": "integer", "minimum": 1 },
    });
    let operation = table(&document).remove(0);
    let found: Vec<_> =
        operation.limits.iter().map(|limit| (limit.place.as_str(), limit.rule.clone())).collect();
    assert_eq!(found[0], ("limit", LimitRule::Maximum(25.0)));
    for expected in [
        ("id", LimitRule::Minimum(1.0)),
        ("price", LimitRule::ExclusiveMinimum(0.0)),
        ("price", LimitRule::ExclusiveMaximum(32.0)),
        ("state", LimitRule::OneOf(vec!["on".into(), "off".into()])),
        ("order", LimitRule::MinItems(1)),
        ("order[].column", LimitRule::MinLength(1)),
        ("order[].column", LimitRule::MaxLength(9)),
        ("self.id", LimitRule::Minimum(1.0)),
    ] {
        assert!(found.contains(&expected), "{expected:?} is not among {found:?}");
    }
}
