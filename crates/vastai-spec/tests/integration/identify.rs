//! Identifying: every operation gets a name, whatever its neighbours and their order.

use serde_json::{Value, json};
use vastai_spec::identify::{identify, operations};
use vastai_spec::report::Report;

fn ids(paths: Value) -> Vec<(String, String)> {
    let mut document = json!({ "openapi": "3.1.0", "paths": paths });
    identify(&mut document, &mut Report::default());
    operations(&document)
        .map(|(path, method, operation)| {
            (format!("{method} {path}"), operation["operationId"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn id(paths: Value) -> String {
    ids(paths).remove(0).1
}

#[test]
fn an_id_comes_from_the_operation_then_the_summary_then_the_path() {
    assert_eq!(
        id(json!({ "/a": { "get": { "operationId": "declared", "summary": "other words" } } })),
        "declared"
    );
    assert_eq!(id(json!({ "/a": { "post": { "summary": "get endpoint workers" } } })), "getEndpointWorkers");
    assert_eq!(id(json!({ "/a": { "post": { "summary": "attach ssh-key" } } })), "attachSshKey");
    assert_eq!(
        id(json!({ "/a": { "post": { "summary": "Show the user's API keys (all)" } } })),
        "showTheUsersApiKeysAll"
    );
    assert_eq!(id(json!({ "/api/v0/asks/{id}/": { "put": {} } })), "putApiV0AsksId");
    assert_eq!(id(json!({ "/a": { "get": { "operationId": "", "summary": "…" } } })), "getA");
    assert_eq!(id(json!({ "/": { "get": {} } })), "get");
}

#[test]
fn equal_ids_become_distinct_whatever_the_order() {
    let paths = json!({
        "/b": { "get": { "summary": "show it" } },
        "/a": { "get": { "summary": "show it" }, "post": { "operationId": "show_it" } },
    });
    let mut expected = ids(paths);
    expected.sort();
    assert_eq!(
        expected,
        [
            ("get /a".to_owned(), "showItGetA".to_owned()),
            ("get /b".to_owned(), "showItGetB".to_owned()),
            ("post /a".to_owned(), "show_it".to_owned()),
        ]
    );
}

#[test]
fn names_that_differ_only_in_case_or_punctuation_are_made_distinct() {
    let found = ids(
        json!({ "/a": { "get": { "operationId": "showIt" } }, "/b": { "get": { "operationId": "Show-It" } } }),
    );
    assert_eq!(found[0].1, "showIt");
    assert_eq!(found[1].1, "Show-ItGetB");
}

#[test]
fn names_that_the_client_needs_are_not_given_away() {
    for taken in ["new", "post", "exec", "Error", "Option", "clone"] {
        let found = id(json!({ "/a": { "get": { "operationId": taken } } }));
        assert_ne!(found, taken);
        assert!(found.starts_with(taken), "{found}");
    }
}

#[test]
fn a_path_item_by_reference_is_an_operation_too() {
    let mut document = json!({
        "openapi": "3.1.0",
        "paths": { "/a": { "$ref": "#/components/pathItems/A" }, "/gone": { "$ref": "#/components/pathItems/Gone" } },
        "components": { "pathItems": { "A": { "get": { "summary": "show it" } } } },
    });
    let mut report = Report::default();
    identify(&mut document, &mut report);
    assert_eq!(document["paths"]["/a"]["get"]["operationId"], "showIt");
    assert!(
        report.left_out().any(|application| application.pointer == "/paths/~1gone"),
        "{}",
        report.text(true)
    );
}

#[test]
fn what_is_not_an_operation_is_reported() {
    let mut document =
        json!({ "openapi": "3.1.0", "paths": { "/a": { "get": 7, "post": {} }, "b": {}, "/c": [] } });
    let mut report = Report::default();
    identify(&mut document, &mut report);
    assert_eq!(operations(&document).count(), 1);
    let left_out: Vec<&str> = report.left_out().map(|application| application.pointer.as_str()).collect();
    assert_eq!(left_out, ["/paths/~1c", "/paths/b", "/paths/~1a/get"]);
}
