//! What counts as a difference between two documents, and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and says what it skips"
)]

mod criteo;
mod cycles;
mod documents;
mod media_types;
mod mutations;
mod parameters;
mod published;
mod robustness;
mod rules;
mod shared_cases;
mod soundness;
mod spelling;
mod unions;

use serde_json::Value;
use vastai_spec::diff::{Change, Diff, Level, Side, Wire};
use vastai_spec::load;

/// A document with these paths, and these schemas as its components.
fn document(paths: &str, schemas: &str) -> Value {
    let text = format!(
        "{{openapi: 3.1.0, servers: [{{url: https://a.example/}}], security: [{{Key: []}}], paths: {{{paths}}}, components: \
         {{schemas: {{{schemas}}}, securitySchemes: {{Key: {{type: http, scheme: bearer}}}}}}}}"
    );
    load::openapi(&text, "document").unwrap()
}

/// A document with one operation that takes and answers with this schema.
fn of_schema(schema: &str) -> Value {
    let content = format!("content: {{application/json: {{schema: {schema}}}}}");
    let operation =
        format!("requestBody: {{{content}}}, responses: {{'200': {{description: d, {content}}}}}");
    document(&format!("/a: {{post: {{{operation}}}}}"), "P: {type: object, properties: {a: {type: string}}}")
}

fn between(old: &Value, new: &Value) -> Diff {
    Diff::between(old, new).unwrap()
}

#[track_caller]
fn same(old: &str, new: &str) {
    let diff = between(&of_schema(old), &of_schema(new));
    assert!(diff.is_empty(), "{old} and {new}: {diff:#?}");
}

#[track_caller]
fn different(old: &str, new: &str) -> Vec<Change> {
    let diff = between(&of_schema(old), &of_schema(new));
    assert_eq!(diff.docs, 0, "{old} and {new}: {diff:#?}");
    assert!(!diff.changes.is_empty(), "{old} and {new}");
    diff.changes
}

/// A document with one operation that takes this schema, and answers with nothing.
fn taking(schema: &str) -> Value {
    document(
        &format!(
            "/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{'200': {{description: d}}}}}}}}"
        ),
        COMPONENTS,
    )
}

/// A document with one operation that answers with this schema.
fn answering(schema: &str) -> Value {
    document(
        &format!(
            "/a: {{get: {{responses: {{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}"
        ),
        COMPONENTS,
    )
}

/// Schemas to refer to.
const COMPONENTS: &str = "X: {type: object, properties: {x: {type: string}}, required: [x]}, \
                          Y: {type: object, properties: {y: {type: string}}, required: [y]}, \
                          Any: {}, Text: {type: string}, A: {const: a}, B: {const: b}";

/// What a change means for a client: the level of the worst finding, prose left out.
fn wire(old: &Value, new: &Value) -> Wire {
    between(old, new).wire
}

#[test]
fn spelling_is_not_a_difference() {
    same("{$ref: '#/components/schemas/P'}", "{type: object, properties: {a: {type: string}}}");
    same("{type: string, nullable: true}", "{type: [string, 'null']}");
    same("{type: ['null', string]}", "{type: [string, 'null']}");
    same("{type: [integer]}", "{type: integer}");
    same("{const: a}", "{enum: [a]}");
    same("{enum: [a, b]}", "{enum: [b, a]}");
    same("{minimum: 1, exclusiveMinimum: true}", "{exclusiveMinimum: 1}");
    same("{minimum: 1, exclusiveMinimum: false}", "{minimum: 1}");
    same("{type: integer, exclusiveMinimum: 0}", "{type: integer, minimum: 1}");
    same("{type: string, nullable: true, enum: [a, null]}", "{type: [string, 'null'], enum: [null, a]}");
    same("{type: string, nullable: true, enum: [a]}", "{type: [string, 'null'], enum: [a, null]}");
    same("{enum: [a, b]}", "{oneOf: [{const: a, title: A}, {const: b}]}");
    same("{type: [string, integer]}", "{anyOf: [{type: integer}, {type: string}]}");
    same("{enum: [1]}", "{type: integer, const: 1}");
    same("{type: boolean, enum: [true, false]}", "{type: boolean}");
    same("{type: string, format: byte}", "{type: string, contentEncoding: base64}");
    same("{type: object, additionalProperties: {}}", "{type: object, additionalProperties: true}");
    same("{type: array, items: {}, uniqueItems: false, minItems: 0}", "{type: array, items: true}");
    same(
        "{allOf: [{$ref: '#/components/schemas/P'}], nullable: true}",
        "{anyOf: [{$ref: '#/components/schemas/P'}, {type: 'null'}]}",
    );
    same(
        "{type: object, properties: {a: {type: string}, b: {type: integer, maximum: 9}}, required: [a, b]}",
        "{allOf: [{$ref: '#/components/schemas/P'}, {required: [a], properties: {b: {allOf: [{type: integer}, {maximum: 9}]}}}, {required: [b]}]}",
    );
    // What the alternatives share may stand beside them or in each.
    same(
        "{type: object, properties: {a: {type: string}}, oneOf: [{properties: {b: {type: string}}}, {properties: {c: {type: string}}}]}",
        "{oneOf: [{type: object, properties: {a: {type: string}, b: {type: string}}}, {allOf: [{$ref: '#/components/schemas/P'}, \
         {properties: {c: {type: string}}}]}]}",
    );
    same("{allOf: [{type: string}]}", "{type: string}");
    same("{oneOf: [{type: string}, {type: integer}]}", "{oneOf: [{type: integer}, {type: string}]}");
    same("{type: object, required: [], deprecated: false}", "{type: object}");
}

#[test]
fn what_every_name_matches_describes_every_property() {
    let object = |more: &str| format!("{{type: object, properties: {{a: {{type: string}}}}, {more}}}");
    for every in ["''", ".*", "'^'", "'[^]*'"] {
        same(
            &format!("{{type: object, patternProperties: {{{every}: {{type: integer}}}}}}"),
            "{type: object, additionalProperties: {type: integer}}",
        );
        // No property is left of which these would say something.
        let open = format!("patternProperties: {{{every}: {{}}}}");
        for closed in ["additionalProperties: false", "unevaluatedProperties: false"] {
            same(&object(&open), &object(&format!("{open}, {closed}")));
            same(
                &object(&format!("{open}, {closed}")),
                &object("x-none: 1, additionalProperties: true").replace("x-none: 1, ", ""),
            );
        }
    }
    different(
        &object("patternProperties: {'^a': {}}"),
        &object("patternProperties: {'^a': {}}, additionalProperties: false"),
    );
    // Whichever alternative fits, all properties are described.
    let open = "{type: object, additionalProperties: true}";
    let either =
        |more: &str| format!("{{anyOf: [{open}, {{type: 'null'}}, {{type: string, x-a: 1}}]{more}}}");
    same(&either(""), &either(", unevaluatedProperties: false"));
    let some = |more: &str| format!("{{anyOf: [{open}, {{required: [a]}}]{more}}}");
    different(&some(""), &some(", unevaluatedProperties: false"));
}

#[test]
fn what_travels_is_a_difference() {
    different("{type: string}", "{type: integer}");
    different("{maximum: 1}", "{maximum: 2}");
    different("{default: 1}", "{default: 2}");
    different("{enum: [a]}", "{enum: [a, b]}");
    different("{type: string}", "{type: string, x: 1}");
    different("{items: {type: string}}", "{items: {type: integer}}");
    different("{oneOf: [{type: string}]}", "{oneOf: [{type: string}, {type: integer}]}");
    different("{prefixItems: [{type: string}, {}]}", "{prefixItems: [{}, {type: string}]}");
    // A property may be called as a keyword for people is.
    let changes = different(
        "{properties: {description: {type: string}, example: {}}}",
        "{properties: {description: {type: integer}}}",
    );
    let found: Vec<_> = changes.iter().map(|change| (change.id, change.side, change.level)).collect();
    assert_eq!(
        found,
        [
            ("property-removed", Side::Request, Level::Breaking),
            ("type-changed", Side::Request, Level::Breaking),
            ("property-removed", Side::Response, Level::Breaking),
            ("type-changed", Side::Response, Level::Breaking),
        ]
    );
    assert_eq!(
        changes[1].pointer,
        "/paths/~1a/post/requestBody/content/application~1json/schema/properties/description/type",
    );
}

#[test]
fn prose_is_counted_apart() {
    let diff = between(
        &of_schema("{type: string}"),
        &of_schema("{type: string, description: new, example: x, title: T}"),
    );
    assert_eq!((diff.wire, diff.docs), (Wire::None, 6));
    assert!(!diff.is_empty() && !diff.is_breaking());
}

#[test]
fn servers_and_security_count_where_they_hold() {
    let stated = document("/a: {get: {servers: [{url: https://a.example}], security: [{Key: []}]}}", "");
    assert!(between(&document("/a: {get: {}}", ""), &stated).is_empty());

    let diff =
        between(&stated, &document("/a: {get: {servers: [{url: https://b.example}], security: []}}", ""));
    let found: Vec<_> = diff.changes.iter().map(|change| (change.id, change.side)).collect();
    assert_eq!(found, [("server-changed", Side::Server), ("security-dropped", Side::Security)]);
    assert_eq!(diff.operations.changed, ["GET /a"]);
}

#[test]
fn a_scheme_under_another_name_is_the_same_scheme() {
    let old = document("/a: {get: {}}", "");
    let text = serde_json::to_string(&old).unwrap().replace("\"Key\"", "\"Bearer\"");
    assert!(between(&old, &load::openapi(&text, "renamed").unwrap()).is_empty());
}

#[test]
fn moved_is_neither_removed_nor_added() {
    let id = |name: &str| {
        format!(
            "get: {{parameters: [{{name: {name}, in: path, required: true, schema: {{type: integer}}}}]}}"
        )
    };
    let old = document(&format!("/a: {{get: {{}}}}, /a/: {{get: {{}}}}, '/b/{{id}}/': {{{}}}", id("id")), "");
    let new = document(&format!("/a: {{get: {{}}}}, '/b/{{key}}': {{{}}}", id("key")), "");
    let diff = between(&old, &new);
    assert_eq!(diff.operations.removed, ["GET /a/"]);
    assert_eq!((&diff.operations.added, &diff.operations.changed), (&vec![], &vec![]));
    let moved: Vec<_> =
        diff.operations.moved.iter().map(|moved| (moved.from.as_str(), moved.to.as_str())).collect();
    assert_eq!(moved, [("GET /b/{id}/", "GET /b/{key}")]);
    assert_eq!(between(&new, &old).operations.added, ["GET /a/"]);
}

#[test]
fn parameters_go_by_name_and_the_operation_has_the_last_word() {
    let old = "/a: {parameters: [{name: p, in: query, schema: {type: string}}], get: {parameters: [{name: q, in: query}]}}";
    let new = "/a: {get: {parameters: [{name: q, in: query, required: true}, {name: p, in: query, schema: {type: string}}]}}";
    let diff = between(&document(old, ""), &document(new, ""));
    let found: Vec<_> = diff.changes.iter().map(|change| (change.id, change.pointer.as_str())).collect();
    assert_eq!(found, [("parameter-became-required", "/paths/~1a/get/parameters/q/required")]);
}

#[test]
fn references_may_turn_in_circles_but_not_explode() {
    let circle = |name: &str| {
        let schema =
            format!("{{type: object, properties: {{next: {{$ref: '#/components/schemas/{name}'}}}}}}");
        document(
            &format!(
                "/a: {{get: {{responses: {{'200': {{content: {{application/json: {{schema: {schema}}}}}}}}}}}}}"
            ),
            &format!("{name}: {schema}"),
        )
    };
    assert!(between(&circle("Node"), &circle("Knot")).is_empty());

    // Each twice as much as the one before: followed pair by pair, it is forty pairs.
    let doubling = |last: &str| {
        let schemas: Vec<_> = (0..40)
            .map(|index| {
                let next = format!("{{$ref: '#/components/schemas/S{}'}}", index + 1);
                format!("S{index}: {{properties: {{a: {next}, b: {next}}}, allOf: [{next}, {next}]}}")
            })
            .chain([format!("S40: {last}")])
            .collect();
        let first = "{content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}";
        document(&format!("/a: {{get: {{responses: {{'200': {first}}}}}}}"), &schemas.join(", "))
    };
    let diff = between(&doubling("{minimum: 1}"), &doubling("{minimum: 0}"));
    assert_eq!(diff.wire, Wire::Breaking);
    assert!(diff.changes.iter().all(|change| change.id == "limit-loosened"), "{diff:#?}");
}

#[test]
fn another_name_is_guessed() {
    let of = |properties: &str| of_schema(&format!("{{type: object, properties: {{{properties}}}}}"));
    let message = |old: &str, new: &str| {
        let diff = between(&of(old), &of(new));
        diff.changes.iter().find(|change| change.id == "property-removed").unwrap().message.clone()
    };
    let gone = "the property `gpu_ram` is gone";
    assert_eq!(
        message("gpu_ram: {type: integer}, a: {}", "gpu_memory: {type: integer}, a: {}"),
        format!("{gone}; is it called `gpu_memory` now?")
    );
    assert_eq!(message("gpu_ram: {type: integer}", "gpu_memory: {type: string}"), gone);
    assert_eq!(message("gpu_ram: {type: integer}", "b: {type: integer}, c: {type: integer}"), gone);
}

#[test]
fn alternatives_are_known_again() {
    // By what distinguishes them, though both changed and changed places.
    let variant = |kind: &str, size: u32| {
        format!(
            "{{type: object, required: [kind], properties: {{kind: {{const: {kind}}}, size: {{type: integer, maximum: {size}}}}}}}"
        )
    };
    let of = |one: String, other: String| of_schema(&format!("{{oneOf: [{one}, {other}]}}"));
    let diff = between(&of(variant("a", 5), variant("b", 50)), &of(variant("b", 40), variant("a", 4)));
    let found: Vec<_> = diff
        .changes
        .iter()
        .filter(|change| change.side == Side::Request)
        .map(|change| change.message.as_str())
        .collect();
    assert_eq!(
        found,
        ["the limit was at most 5 and is at most 4", "the limit was at most 50 and is at most 40"],
        "{diff:#?}"
    );
}

#[test]
fn trees_of_alternatives_are_compared_to_their_leaves() {
    let tree = |name: &str, leaf: &str| {
        let node = format!(
            "{{oneOf: [{{type: object, required: [children], properties: {{children: {{type: array, items: {{$ref: \
             '#/components/schemas/{name}'}}}}}}}}, {{$ref: '#/components/schemas/Leaf'}}]}}"
        );
        let content =
            format!("content: {{application/json: {{schema: {{$ref: '#/components/schemas/{name}'}}}}}}");
        document(
            &format!("/a: {{get: {{responses: {{'200': {{{content}}}}}}}}}"),
            &format!(
                "{name}: {node}, Leaf: {{type: object, required: [value], properties: {{value: {{type: {leaf}}}}}}}"
            ),
        )
    };
    assert!(between(&tree("Node", "string"), &tree("Tree", "string")).is_empty());
    let diff = between(&tree("Node", "string"), &tree("Tree", "integer"));
    let found: Vec<_> = diff.changes.iter().map(|change| (change.id, change.pointer.as_str())).collect();
    assert_eq!(
        found,
        [(
            "type-changed",
            "/paths/~1a/get/responses/200/content/application~1json/schema/oneOf/1/properties/value/type"
        )]
    );
}

#[test]
fn the_json_has_the_documented_members() {
    let diff = between(&document("/a: {get: {}}", ""), &document("/b: {get: {}}", ""));
    let expected = serde_json::json!({
        "version": 1,
        "wire": "breaking",
        "operations": { "added": ["GET /b"], "removed": ["GET /a"], "changed": [], "moved": [] },
        "changes": [
            {
                "id": "operation-removed", "level": "breaking", "side": "operation", "operation": "GET /a",
                "pointer": "/paths/~1a/get", "message": "the operation is gone",
                "old": { "pointer": "/paths/~1a/get" }, "before": "GET /a",
            },
            {
                "id": "operation-added", "level": "compatible", "side": "operation", "operation": "GET /b",
                "pointer": "/paths/~1b/get", "message": "the operation is new",
                "new": { "pointer": "/paths/~1b/get" }, "after": "GET /b",
            },
        ],
        "docs": 0,
    });
    assert_eq!(serde_json::to_value(&diff).unwrap(), expected);
    let judged = serde_json::to_value(diff.with_surfaces("struct A\n", "struct B\n")).unwrap();
    assert_eq!(judged["rust"], "major");
    assert_eq!(judged["rust_items"]["removed"], serde_json::json!(["struct A"]));
}
