//! Failures that the service answers with a status of success.

use serde_json::{Value, json};
use vastai::serverless::{LogLevel, logs_in, workers_in};
use vastai::{CallResponse, Client, Error, ErrorKind, Result};
use vastai_mock::http::{HeaderValue, StatusCode};
use vastai_mock::{RawResponse, Simulator};

use crate::support::client_of;

/// What an operation that needs no values, and one of the engine that needs some, say to a response.
async fn answered(operation: &str, answer: RawResponse) -> Result<CallResponse> {
    let simulator = Simulator::start().await.unwrap();
    let operation = Client::operation(operation).unwrap();
    simulator.respond_with(operation.path, answer);
    let client = client_of(&simulator);
    let mut call = client.call(operation);
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        let value = if parameter.name == "endpoint" { json!("x") } else { json!(1) };
        call = call.set(parameter.name, value).unwrap();
    }
    call.send().await
}

async fn told(operation: &str, answer: Value) -> Result<CallResponse> {
    answered(operation, RawResponse::json(StatusCode::OK, &answer)).await
}

async fn failure(operation: &str, answer: Value) -> Option<Error> {
    told(operation, answer).await.err()
}

/// Kind and message of a failure.
async fn failed(operation: &str, answer: Value) -> (ErrorKind, String) {
    let error = failure(operation, answer.clone()).await.unwrap_or_else(|| panic!("{answer} is a failure"));
    assert_eq!((error.status(), error.operation()), (Some(200), Some(operation)));
    (error.kind(), error.message().to_owned())
}

fn refused(words: &str) -> (ErrorKind, String) {
    (ErrorKind::Refused, words.to_owned())
}

#[tokio::test]
async fn of_the_console() {
    for (answer, words) in [
        (json!({ "success": false, "msg": "no" }), "no"),
        (json!({ "success": false, "error": "code", "msg": "no" }), "no (code)"),
        (json!({ "success": false, "error": "code" }), "code"),
        (json!({ "success": false, "detail": " no " }), "no"),
        (json!({ "success": false }), "the service gave no reason"),
        (json!({ "error": "no such thing" }), "no such thing"),
        (json!({ "error": { "code": 7 } }), r#"{"error":{"code":7}}"#),
        (json!({ "error_msg": "no" }), "no"),
        (json!({ "success": false, "error_msg": "no", "error": "code" }), "no"),
    ] {
        assert_eq!(failed("showEndpoints", answer).await, refused(words));
    }
    let auth = json!({ "success": false, "error": "auth_error", "msg": "Invalid user key" });
    let error = failure("showEndpoints", auth).await.unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, Some("auth_error")));
    assert_eq!(
        error.to_string(),
        "showEndpoints: unauthorized: Invalid user key (auth_error) (status 200); check the API key, or log in again"
    );
    for fine in [
        json!({ "success": true, "error": "old news", "error_msg": "old news" }),
        json!({ "error": null, "error_msg": "" }),
        json!({ "error": false }),
        json!({ "error": 0 }),
        json!({ "msg": "done" }),
        json!({}),
        json!([]),
        json!("done"),
        json!(null),
    ] {
        let told =
            told("showEndpoints", fine.clone()).await.unwrap_or_else(|error| panic!("{fine}: {error}"));
        assert_eq!(told.json().unwrap(), fine);
    }
}

#[tokio::test]
async fn of_the_engine() {
    let text = "invalid api_key or endpoint x not found";
    assert_eq!(failed("getEndpointLogs", json!(text)).await, refused(text));
    assert_eq!(failed("route", json!(text)).await, refused(text));
    assert!(failure("getEndpointLogs", json!(" ")).await.is_none());
    assert!(failure("getEndpointLogs", json!({ "info0": "a line" })).await.is_none());
    // A call that only reads came too early; `route` is refused.
    let notice = json!({ "error_msg": "later" });
    assert_eq!(failed("getEndpointLogs", notice.clone()).await, (ErrorKind::NotReady, "later".to_owned()));
    assert_eq!(failed("route", notice).await, refused("later"));
}

#[tokio::test]
async fn what_is_not_json_is_undecodable_and_nothing_is_null() {
    for no_json in ["<html>", "{", "{\"a\": 1,}", "[1, 2", "{} {}", "nul"] {
        let error = answered("showEndpoints", RawResponse::html(StatusCode::OK, no_json)).await.unwrap_err();
        assert_eq!((error.kind(), error.body_start()), (ErrorKind::Decode, Some(no_json)), "{error}");
    }
    let nothing = answered("showEndpoints", RawResponse::empty(StatusCode::OK)).await.unwrap();
    assert_eq!(nothing.json().unwrap(), Value::Null);
}

#[tokio::test]
async fn a_failure_is_found_wherever_it_stands_in_a_long_response() {
    let filler = "x".repeat(300 * 1024);
    let answer = json!({ "a": filler, "success": false, "msg": "no", "z": filler });
    assert_eq!(failed("showEndpoints", answer).await, refused("no"));
    // Fields of the same names further down are none.
    let fine =
        json!({ "a": filler, "deep": { "success": false, "error": "no" }, "list": [{ "error_msg": "no" }] });
    assert_eq!(told("showEndpoints", fine.clone()).await.unwrap().json().unwrap(), fine);
}

#[tokio::test]
async fn where_workers_or_logs_are_expected_nothing_else_will_do() {
    let kind = |result: Result<()>| result.err().map(|error| (error.kind(), error.status()));
    let workers = |answer: Result<CallResponse>| workers_in(&answer?).map(drop);
    let logs = |answer: Result<CallResponse>| logs_in(&answer?).map(drop);
    for (answer, expected) in [
        (json!({ "status": "ok" }), ErrorKind::Decode),
        (json!(null), ErrorKind::Decode),
        (json!(" "), ErrorKind::Decode),
        (json!(3), ErrorKind::Decode),
        (json!({ "success": true }), ErrorKind::Decode),
        (json!({ "detail": "no" }), ErrorKind::Refused),
        (json!("no"), ErrorKind::Refused),
        (json!({ "error_msg": "later" }), ErrorKind::NotReady),
        (json!({ "success": false, "workers": [], "logs": "" }), ErrorKind::Refused),
        (json!({ "error": "no", "workers": [], "logs": "" }), ErrorKind::Refused),
        (json!({ "success": false, "error": "auth_error" }), ErrorKind::Unauthorized),
    ] {
        let expected = Some((expected, Some(200)));
        assert_eq!(kind(workers(told("getEndpointWorkers", answer.clone()).await)), expected, "{answer}");
        assert_eq!(kind(logs(told("getEndpointLogs", answer.clone()).await)), expected, "{answer}");
    }
    let list = told("getWorkergroupWorkers", json!([{ "id": 1, "reliability": "0.5" }])).await.unwrap();
    assert_eq!(workers_in(&list).unwrap()[0].reliability, Some(0.5));
    let object =
        told("getEndpointWorkers", json!({ "workers": [{ "id": 1 }], "error": null })).await.unwrap();
    assert_eq!(workers_in(&object).unwrap().len(), 1);
    let wrong = told("getEndpointWorkers", json!([{ "id": 1 }, { "id": "x" }])).await.unwrap();
    let wrong = workers_in(&wrong).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Decode);
    assert!(wrong.message().starts_with("the worker at 1: its `id` is"), "{wrong}");
    let log = logs_in(&told("getWorkergroupLogs", json!({ "debug": "a line" })).await.unwrap()).unwrap();
    assert_eq!(log.level(LogLevel::Debug), "a line");
}

#[tokio::test]
async fn files_are_passed_on_and_streams_are_not() {
    let of_kind = |kind: &'static str, body: &str| {
        RawResponse::new(StatusCode::OK, HeaderValue::from_static(kind), body)
    };
    let file = answered("showEndpoints", of_kind("application/zip", "PK\u{3}\u{4}")).await.unwrap();
    assert_eq!(&file.bytes()[..], b"PK\x03\x04");
    // No operation answers with events, so what calls itself a stream is read like any other text.
    let events = answered("showEndpoints", of_kind("text/event-stream; charset=utf-8", "data: 1\n\n")).await;
    assert_eq!(events.unwrap_err().kind(), ErrorKind::Decode);
    // A failure is one, whatever it is called.
    let failure = r#"{"success": false, "msg": "no"}"#;
    for kind in [
        "application/octet-stream",
        "text/event-stream",
        "text/html",
        "application/problem+json",
        "text/plain",
    ] {
        let error = answered("showEndpoints", of_kind(kind, failure)).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Refused, "no"), "{kind}");
    }
}

#[tokio::test]
async fn a_failure_that_means_none_is_an_empty_list() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    // The simulated account has no keys, which the service says with 404.
    let none = client.call(Client::operation("getSshKeysUser").unwrap()).send().await.unwrap();
    assert_eq!((none.status(), none.json().unwrap()), (200, json!([])));
    assert!(client.api().get_ssh_keys_user().send().await.unwrap().is_empty());
    simulator.add_ssh_key(5, "ssh-ed25519 AAAA");
    assert_eq!(client.api().get_ssh_keys_user().send().await.unwrap().len(), 1);
    let other = json!({ "success": false, "error": "auth_error", "msg": "Invalid user key" });
    simulator.respond_with("/api/v0/ssh", RawResponse::json(StatusCode::NOT_FOUND, &other));
    let error = client.api().get_ssh_keys_user().send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(404)));
}
