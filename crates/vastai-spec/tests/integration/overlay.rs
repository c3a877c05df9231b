//! Overlays: what they change, when they are stale, and what is refused.

use serde_json::json;
use vastai_spec::overlay::Overlay;
use vastai_spec::pipeline::{Error, Source, Staleness, prepare};

fn overlay(actions: &str) -> String {
    format!("overlay: 1.0.0\ninfo: {{ title: t, version: '1' }}\nactions:\n{actions}")
}

fn refused(actions: &str) -> String {
    Overlay::parse(&overlay(actions), "overlay.yaml").unwrap_err().to_string()
}

#[test]
fn updates_merge_and_append() {
    let text = overlay(
        "- { target: '$.a', update: { b: { new: 1 }, list: [3] }, x-evidence: here }\n\
         - { target: '$.a.list', update: 4, x-evidence: here }\n",
    );
    let mut document = json!({ "a": { "b": { "old": 0 }, "list": [1, 2] } });
    assert!(Overlay::parse(&text, "o").unwrap().apply(&mut document).is_empty());
    assert_eq!(document, json!({ "a": { "b": { "old": 0, "new": 1 }, "list": [1, 2, 3, 4] } }));
}

#[test]
fn an_object_replaces_what_stands_in_its_place() {
    let text = overlay("- { target: $, update: { a: { b: { new: 1 } } }, x-evidence: here }\n");
    for present in [json!([]), json!([0]), json!(7), json!({ "b": [] })] {
        let mut document = json!({ "a": present });
        assert!(Overlay::parse(&text, "o").unwrap().apply(&mut document).is_empty());
        assert_eq!(document, json!({ "a": { "b": { "new": 1 } } }));
    }
}

#[test]
fn removals_take_out_every_match() {
    let text = overlay(
        "- { target: '$.list[?@ > 1]', remove: true, x-evidence: here }\n- { target: '$.a~b', remove: true, x-evidence: here }\n",
    );
    assert!(Overlay::parse(&text, "o").is_err(), "`~` is not a JSONPath name");
    let text = overlay(
        "- { target: '$.list[?@ > 1]', remove: true, x-evidence: here }\n- { target: \"$['a/b']\", remove: true, x-evidence: here }\n",
    );
    let mut document = json!({ "list": [1, 2, 3, 0, 4, 5, 6, 7, 8, 9, 10, 11], "a/b": 1 });
    assert!(Overlay::parse(&text, "o").unwrap().apply(&mut document).is_empty());
    assert_eq!(document, json!({ "list": [1, 0] }));
}

#[test]
fn an_operation_is_found_by_its_id_wherever_its_path_goes() {
    let text = overlay(
        "- { target: \"$.paths.*[?@.operationId == 'showIt']\", update: { x-found: true }, x-evidence: here }\n",
    );
    let overlay = Overlay::parse(&text, "o").unwrap();
    for path in ["/a", "/a/"] {
        let mut document =
            json!({ "paths": { path: { "parameters": [], "get": { "operationId": "showIt" } } } });
        assert!(overlay.apply(&mut document).is_empty());
        assert_eq!(document["paths"][path]["get"]["x-found"], true);
    }
}

/// In parentheses it is not understood which parts of a document can match, and all of it is looked at.
#[test]
fn what_must_not_be_there_is_looked_for_in_parts_as_in_the_whole() {
    let documents = [
        // What holds the parts matches itself, or has a part of that name.
        json!({ "a": { "type": 1 } }),
        json!({ "a": { "type": 1 }, "b": {} }),
        json!({ "b": {}, "c": { "a": { "type": 1 } }, "d": { "x": { "a": { "type": 1 }, "b": 2 } } }),
        json!({ "c": { "a": { "type": 1 }, "b": { "d": 2 } }, "d": { "a": { "type": 1 }, "b": {} } }),
        json!({ "b": { "a": { "type": 1, "b": { "a": { "type": 1 } } } }, "c": {} }),
    ];
    for document in documents {
        let document =
            json!({ "paths": document, "components": { "schemas": document, "responses": document } });
        for term in ["@.b", "@.b.d", "@['b']", "@.schemas.b"] {
            let marked = |not: &str| {
                // The first one leaves the document in parts.
                let text = overlay(&format!(
                    "- {{ target: \"$..[?@.a.type == 'none']\", remove: true, x-evidence: here }}\n\
                     - {{ target: \"$..[?@.a.type && {not}]\", update: {{ marked: true }}, x-evidence: here }}\n\
                     - {{ target: \"$..[?@.marked && {not}].a\", update: {{ type: 2 }}, x-evidence: here }}\n"
                ));
                let mut document = document.clone();
                let stale = Overlay::parse(&text, "o").unwrap().apply(&mut document);
                (document, stale.len())
            };
            assert_eq!(marked(&format!("!{term}")), marked(&format!("!({term})")), "{term} in {document}");
        }
    }
}

#[test]
fn an_action_sees_what_those_before_it_did() {
    let actions = [
        "- { target: '$..[?@.x.type && @.y.type]', update: { z: { type: string, x-undocumented: true } }, x-evidence: here }\n",
        "- { target: '$..[?@.z.type && @.x.type].z', update: { format: date }, x-evidence: here }\n",
        "- { target: $.components.schemas, update: { A: { properties: { w: { type: integer } } }, C: { properties: { u: { type: string } } } }, x-evidence: here }\n",
        "- { target: '$..[?@.w.type].w', update: { minimum: 1 }, x-evidence: here }\n",
        "- { target: '$..[?@.u.type].u', update: { maxLength: 1 }, x-evidence: here }\n",
        "- { target: $.components.schemas.B, remove: true, x-evidence: here }\n",
        "- { target: $.components.schemas, update: { B: { properties: { v: { enum: [one] } } } }, x-evidence: here }\n",
        "- { target: '$..[?@.v.enum].v.enum[?@ == \"one\"]', remove: true, x-evidence: here }\n",
        "- { target: '$..[?@.done.type == \"boolean\" && length(@) == 1]', update: { last: 1 }, x-evidence: here }\n",
        "- { target: '$..[?@.last].last', update: 2, x-evidence: here }\n",
        "- { target: '$.paths.*[?@.operationId == \"getA\"]', x-slash-at-the-end: true, x-evidence: here }\n",
        "- { target: '$.paths[\"/a/\"].get', update: { tags: [new] }, x-evidence: here }\n",
        "- { target: '$..[?@.operationId == \"getA\"].tags', update: newer, x-evidence: here }\n",
    ];
    let operation = |id: &str| json!({ "get": { "operationId": id, "schema": { "properties": { "x": { "type": "string" }, "y": { "type": "string" } } } } });
    let document = json!({
        "paths": { "/a": operation("getA"), "/b": operation("getB"), "/c": { "get": { "operationId": "getC" } } },
        "components": { "schemas": {
            "A": { "properties": { "x": { "type": "string" }, "y": { "type": "integer" } } },
            "B": { "properties": { "v": { "type": "string" } } },
            "D": { "properties": { "done": { "type": "boolean" } } },
            "E": { "properties": { "done": { "type": "boolean" }, "more": { "type": "boolean" } } },
        } }
    });
    let (mut at_once, mut one_by_one) = (document.clone(), document);
    let stale = Overlay::parse(&overlay(&actions.concat()), "o").unwrap().apply(&mut at_once);
    assert!(stale.is_empty(), "{stale:?}");
    for action in actions {
        assert!(Overlay::parse(&overlay(action), "o").unwrap().apply(&mut one_by_one).is_empty(), "{action}");
    }
    assert_eq!(at_once, one_by_one);
    assert_eq!(at_once["paths"]["/a/"]["get"]["tags"], json!(["new", "newer"]));
    assert_eq!(at_once["components"]["schemas"]["B"], json!({ "properties": { "v": { "enum": [] } } }));
}

#[test]
fn what_holds_parts_has_all_of_its_members_counted() {
    let text = overlay(
        "- { target: '$..[?@.done.type && length(@) == 1]', update: { last: 1 }, x-evidence: here }\n",
    );
    // A component that is called like what is asked for, beside one that is not: what holds them has two members.
    let mut document =
        json!({ "components": { "schemas": { "done": { "type": "object" }, "E": { "type": "object" } } } });
    let before = document.clone();
    assert_eq!(Overlay::parse(&text, "o").unwrap().apply(&mut document).len(), 1);
    assert_eq!(document, before);
}

#[test]
fn a_path_gets_its_slash_and_keeps_one() {
    let text = overlay(
        "- { target: \"$.paths.*[?@.operationId == 'showIt']\", x-slash-at-the-end: true, x-evidence: here }\n",
    );
    let overlay = Overlay::parse(&text, "o").unwrap();
    for path in ["/a", "/a/"] {
        let item = json!({ "parameters": [], "get": { "operationId": "showIt" } });
        let mut document = json!({ "paths": { path: item, "/b": {} } });
        assert!(overlay.apply(&mut document).is_empty());
        assert_eq!(document, json!({ "paths": { "/a/": item, "/b": {} } }));
    }
    let both = "- { target: '$.a', remove: true, x-slash-at-the-end: true, x-evidence: here }\n";
    assert!(refused(both).contains("beside adding a slash"), "{}", refused(both));
    let elsewhere = Overlay::parse(
        &self::overlay("- { target: '$.info', x-slash-at-the-end: true, x-evidence: here }\n"),
        "o",
    );
    let stale = elsewhere.unwrap().apply(&mut json!({ "info": {} }));
    assert_eq!(stale[0].wanted, "add a slash to its path");
}

#[test]
fn a_slash_leaves_the_other_operations_of_the_path() {
    let text = overlay(
        "- { target: \"$.paths.*[?@.operationId == 'rent']\", x-slash-at-the-end: true, x-evidence: here }\n",
    );
    let mut document = json!({ "paths": { "/a": {
        "parameters": [1], "get": { "operationId": "list" }, "put": { "operationId": "rent" },
    } } });
    assert!(Overlay::parse(&text, "o").unwrap().apply(&mut document).is_empty());
    let expected = json!({ "paths": {
        "/a": { "parameters": [1], "get": { "operationId": "list" } },
        "/a/": { "parameters": [1], "put": { "operationId": "rent" } },
    } });
    assert_eq!(document, expected);
}

#[test]
fn a_reference_into_an_operation_follows_it_to_its_slash() {
    let text = overlay(
        "- { target: \"$.paths.*[?@.operationId == 'rent']\", x-slash-at-the-end: true, x-evidence: here }\n",
    );
    let mut document = json!({
        "paths": { "/a": { "get": { "operationId": "list" }, "put": { "operationId": "rent", "x": {} } } },
        "moved": { "$ref": "#/paths/~1a/put/x" },
        "stayed": { "$ref": "#/paths/~1a/get/operationId" },
    });
    assert!(Overlay::parse(&text, "o").unwrap().apply(&mut document).is_empty());
    assert_eq!(document["moved"], json!({ "$ref": "#/paths/~1a~1/put/x" }));
    assert_eq!(document["stayed"], json!({ "$ref": "#/paths/~1a/get/operationId" }));
}

/// What a document has by now is neither added nor changed, however it writes the path, and the rest of the action is done.
#[test]
fn an_addition_that_the_document_has_is_stale() {
    let text = overlay(
        "- target: $.paths\n\
         \x20 x-evidence: here\n\
         \x20 description: audits\n\
         \x20 update:\n\
         \x20   /logs/: { get: { operationId: showLogs, x-undocumented: true } }\n\
         \x20   /jobs/{id}/: { delete: { operationId: endJob, x-undocumented: true }, put: { operationId: setJob, x-undocumented: true } }\n\
         - target: $.schema\n\
         \x20 x-evidence: here\n\
         \x20 update: { properties: { a: { type: string, x-undocumented: true }, b: { type: string, x-undocumented: true } } }\n\
         - target: $.parameters\n\
         \x20 x-evidence: here\n\
         \x20 update: [{ name: owner, in: query, x-undocumented: true }, { name: owner, in: path, x-undocumented: true }]\n",
    );
    let overlay = Overlay::parse(&text, "undocumented.yaml").unwrap();
    let lacking = json!({
        "paths": {}, "schema": { "properties": { "a": { "type": "integer" } } }, "parameters": [{ "$ref": "#/owner" }],
        "owner": { "name": "owner", "in": "query" },
    });
    let mut document = lacking.clone();
    document["paths"] = json!({ "/logs": { "get": { "operationId": "auditLogs" } }, "/jobs/{job}": { "delete": { "operationId": "x" } } });
    let stale: Vec<String> = overlay.apply(&mut document).iter().map(ToString::to_string).collect();
    assert_eq!(
        stale,
        [
            "undocumented.yaml: /actions/0: the document now has the operation `x` (DELETE /jobs/{job}): remove it from undocumented.yaml (audits)",
            "undocumented.yaml: /actions/0: the document now has the operation `auditLogs` (GET /logs): remove it from undocumented.yaml (audits)",
            "undocumented.yaml: /actions/1: the document now has the field `a`: remove it from undocumented.yaml (update it)",
            "undocumented.yaml: /actions/2: the document now has the parameter `owner`: remove it from undocumented.yaml (update it)",
        ]
    );
    assert_eq!(
        document["paths"]["/jobs/{id}/"],
        json!({ "put": { "operationId": "setJob", "x-undocumented": true } })
    );
    assert_eq!(document["paths"].as_object().unwrap().len(), 3);
    assert_eq!(document["schema"]["properties"]["a"], json!({ "type": "integer" }));
    assert_eq!(document["schema"]["properties"]["b"]["type"], "string");
    assert_eq!(document["parameters"].as_array().unwrap().len(), 2);
    // Another path with the same id is the operation, too.
    let mut document = lacking;
    document["paths"] = json!({ "/v1/logs": { "get": { "operationId": "showLogs" } } });
    assert!(overlay.apply(&mut document)[0].to_string().contains("the operation `showLogs` (GET /v1/logs)"));
}

#[test]
fn a_stale_target_fails_with_what_it_wanted() {
    let text = overlay(
        "- { target: '$.gone', remove: true, description: the field came as a string, x-evidence: here }\n",
    );
    let document = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\n";
    let run = |staleness| {
        prepare(Source::new("doc.yaml", document), Some(Source::new("overlay.yaml", &text)), staleness)
    };
    let error = run(Staleness::Fail).unwrap_err();
    assert!(matches!(error, Error::Stale(_)));
    assert_eq!(
        error.to_string(),
        "overlay.yaml: /actions/0: the target `$.gone` matches nothing in the document; the correction is stale (the field came as a string)"
    );
    assert_eq!(run(Staleness::Warn).unwrap().stale.len(), 1);
}

#[test]
fn malformed_overlays_are_refused_with_their_place() {
    let error = refused("- { target: '$.a[', remove: true, x-evidence: here }\n");
    assert!(error.starts_with("overlay.yaml: /actions/0: the target `$.a[` is not a JSONPath"), "{error}");
    assert!(refused("- { target: '$.a', x-evidence: here }\n").contains("neither updates nor removes"));
    assert!(
        refused("- { target: '$.a', update: 1, remove: true, x-evidence: here }\n")
            .contains("both updates and removes")
    );
    assert!(refused("- { target: '$.a', remove: true }\n").contains("x-evidence"));
    assert!(
        refused("- { target: '$.a', remove: true, x-evidence: ' ' }\n").contains("`x-evidence` is empty")
    );
    assert!(refused("- { target: '$.a', remove: true, x-evidence: here, updates: 1 }\n").contains("updates"));
    assert!(Overlay::parse("a: [", "overlay.yaml").unwrap_err().to_string().starts_with("overlay.yaml:"));
    let other =
        Overlay::parse("overlay: 2.0.0\ninfo: { title: t, version: 1 }\nactions: []\n", "overlay.yaml")
            .unwrap_err();
    assert!(other.to_string().contains("version 2.0.0 is not read"), "{other}");
}
