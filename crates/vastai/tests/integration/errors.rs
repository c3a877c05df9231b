//! What a failure is called, and what it tells.

use std::time::Duration;

use serde_json::json;
use vastai::{Client, Delivery, Error, ErrorKind};
use vastai_api::Location;
use vastai_mock::http::{HeaderName, HeaderValue, StatusCode};
use vastai_mock::{AuthFailure, RawResponse, Simulator};

use crate::support::{client, client_of, nobody, server_that_responds, silent_server};

/// The error of a typed call and of a generated one, which must agree.
async fn failure(simulator: &Simulator, answer: RawResponse) -> Error {
    simulator.respond_with("/api/v0/endptjobs", answer.clone());
    simulator.respond_with("/get_endpoint_workers/", answer);
    let client = client_of(simulator);
    let typed = client.endpoint(12345).workers().await.unwrap_err();
    let generated = client.api().show_endpoints().send().await.unwrap_err();
    assert_eq!(generated.operation(), Some("showEndpoints"));
    assert_eq!(
        (typed.kind(), typed.status(), typed.message(), typed.retry_after()),
        (generated.kind(), generated.status(), generated.message(), generated.retry_after())
    );
    typed
}

#[tokio::test]
async fn a_status_becomes_a_kind() {
    let simulator = Simulator::start().await.unwrap();
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (410, ErrorKind::Gone),
        (422, ErrorKind::InvalidRequest),
        (429, ErrorKind::RateLimited),
        (418, ErrorKind::Refused),
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
    ] {
        let status_code = StatusCode::from_u16(status).unwrap();
        let body = json!({ "success": false, "error": "some_code", "msg": "in words" });
        let error = failure(&simulator, RawResponse::json(status_code, &body)).await;
        assert_eq!((error.kind(), error.status(), error.code()), (kind, Some(status), Some("some_code")));
        assert!(error.message().starts_with("in words (some_code)"), "{error}");
    }
}

#[tokio::test]
async fn every_form_of_a_bad_key_is_unauthorized() {
    for form in [AuthFailure::Unauthorized, AuthFailure::NotFound, AuthFailure::SessionExpired] {
        let simulator = Simulator::builder().auth_failure(form).start().await.unwrap();
        let error = client(simulator.url(), simulator.url(), "another-key")
            .endpoint(12345)
            .workers()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{form:?}: {error}");
    }
}

#[tokio::test]
async fn an_account_with_two_factor_authentication_is_advised_to_log_in_with_it() {
    let simulator = Simulator::start().await.unwrap();
    for words in [
        "This action requires you to have logged in using Two Factor Authentication",
        "This action requires you to have logged in using two-factor authentication.",
    ] {
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
            let body = json!({ "success": false, "error": "tfa_required", "msg": words });
            let error = failure(&simulator, RawResponse::json(status, &body)).await;
            assert_eq!(error.kind(), ErrorKind::Unauthorized);
            assert!(
                error
                    .to_string()
                    .contains("; begin a session with two-factor authentication (`vastai tfa login`)"),
                "{error}"
            );
        }
    }
    let body =
        json!({ "success": false, "error": "auth_error", "msg": "Session expired. Please log in again." });
    let error = failure(&simulator, RawResponse::json(StatusCode::NOT_FOUND, &body)).await;
    assert!(
        error.to_string().contains("; the session that began with two-factor authentication has ended"),
        "{error}"
    );
}

#[tokio::test]
async fn plain_text_html_and_nothing_are_understood() {
    let simulator = Simulator::start().await.unwrap();
    let text = failure(
        &simulator,
        RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "API requests too frequent endpoint threshold=2.0"),
    )
    .await;
    assert_eq!(
        (text.kind(), text.message()),
        (ErrorKind::RateLimited, "API requests too frequent endpoint threshold=2.0")
    );
    let html =
        failure(&simulator, RawResponse::html(StatusCode::BAD_GATEWAY, "<html>\n <h1>502</h1></html>")).await;
    assert_eq!((html.kind(), html.message()), (ErrorKind::Server, "<html> <h1>502</h1></html>"));
    let page = "<!DOCTYPE html>\n<HTML><head><Title >\n 502 Bad\n Gateway</title></head><body><h1>502</h1></body></html>";
    let titled = failure(&simulator, RawResponse::html(StatusCode::BAD_GATEWAY, page)).await;
    assert_eq!(titled.message(), "an HTML page with the title `502 Bad Gateway`");
    let nothing = failure(&simulator, RawResponse::empty(StatusCode::SERVICE_UNAVAILABLE)).await;
    assert_eq!(
        nothing.to_string(),
        "getEndpointWorkers: server failure: the service gave no reason (status 503); it is safe to try again"
    );
    let long = failure(&simulator, RawResponse::text(StatusCode::BAD_REQUEST, "x".repeat(1_000_000))).await;
    assert!(long.message().len() < 400);
}

#[tokio::test]
async fn the_time_to_wait_comes_from_the_header_or_the_body() {
    let simulator = Simulator::start().await.unwrap();
    let body = json!({ "error": "HTTPTooManyRequests", "msg": "slower", "retry_after": 10, "limit": 5.0, "remaining": 0 });
    let from_body = failure(&simulator, RawResponse::json(StatusCode::TOO_MANY_REQUESTS, &body)).await;
    assert_eq!(from_body.retry_after(), Some(Duration::from_secs(10)));
    let header = RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "slower")
        .header(HeaderName::from_static("retry-after"), HeaderValue::from_static("7"));
    assert_eq!(failure(&simulator, header).await.retry_after(), Some(Duration::from_secs(7)));
    let neither = RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "slower");
    assert_eq!(failure(&simulator, neither).await.retry_after(), None);
}

#[tokio::test]
async fn whatever_words_a_failure_has_are_shown() {
    let simulator = Simulator::start().await.unwrap();
    for (body, code, message) in [
        (json!({ "success": false, "error": "code", "msg": "words" }), Some("code"), "words (code)"),
        (json!({ "error": "code", "msg": "words" }), Some("code"), "words (code)"),
        (json!({ "success": false, "msg": "words" }), None, "words"),
        (json!({ "success": false, "error": "code" }), Some("code"), "code"),
        (json!({ "success": false }), None, "the service gave no reason"),
        (json!({ "message": "words" }), None, "words"),
        (json!({ "detail": "words" }), None, "words"),
        (json!({ "detail": [{ "loc": ["id"] }] }), None, r#"{"detail":[{"loc":["id"]}]}"#),
        (json!({ "error": 7 }), None, r#"{"error":7}"#),
        (json!("words"), None, "words"),
        (json!(["words"]), None, r#"["words"]"#),
        (json!(null), None, "the service gave no reason"),
    ] {
        let error = failure(&simulator, RawResponse::json(StatusCode::BAD_REQUEST, &body)).await;
        assert_eq!((error.code(), error.message()), (code, message), "{body}");
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidRequest, Some(400)));
    }
}

#[tokio::test]
async fn a_retired_call_says_so() {
    let simulator = Simulator::start().await.unwrap();
    let body = json!({ "success": false, "error": "deprecated_endpoint", "msg": "use v1" });
    let error = failure(&simulator, RawResponse::json(StatusCode::GONE, &body)).await;
    assert_eq!((error.kind(), error.message()), (ErrorKind::Gone, "use v1 (deprecated_endpoint)"));
    assert!(
        error.to_string().ends_with(
            " (status 410); the service has retired this call, so this client is out of date: update it"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_response_that_is_not_json_is_shown_by_its_start_or_its_title() {
    let simulator = Simulator::start().await.unwrap();
    let error =
        failure_of_workers(&simulator, RawResponse::html(StatusCode::OK, "<html>maintenance</html>")).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)));
    assert!(error.message().ends_with("; the response begins with: <html>maintenance</html>"), "{error}");
    let page = RawResponse::html(StatusCode::OK, "<html><title>Back soon</title><p>maintenance</html>");
    let error = failure_of_workers(&simulator, page).await;
    assert!(
        error.message().ends_with("; the response is an HTML page with the title `Back soon`"),
        "{error}"
    );
}

async fn failure_of_workers(simulator: &Simulator, answer: RawResponse) -> Error {
    simulator.respond_with("/get_endpoint_workers/", answer);
    client_of(simulator).endpoint(12345).workers().await.unwrap_err()
}

#[tokio::test]
async fn half_a_response_is_a_broken_connection() {
    let url = server_that_responds(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n[{\"id\": 1",
    )
    .await;
    let error = client(&url, &url, "a-key").endpoint(1).workers().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Connection, Some(200)), "{error:?}");
    assert_eq!((error.operation(), error.delivery()), (Some("getEndpointWorkers"), Delivery::Answered));
    let cut = server_that_responds("").await;
    let error = client(&cut, &cut, "a-key").endpoint(1).workers().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::Unknown), "{error:?}");
}

#[tokio::test]
async fn an_unreachable_service_is_named() {
    let url = nobody().await;
    let error = client(&url, &url, "a-key").endpoint(1).workers().await.unwrap_err();
    // The cause is the system's own text.
    let text = error.to_string();
    let begins = format!("getEndpointWorkers: connection failure: {url} was not reached: ");
    assert!(text.starts_with(&begins), "{text}");
    assert!(text.ends_with("; nothing was sent, so it is safe to try again"), "{text}");
    assert!(text.to_lowercase().contains("refused"), "{text}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_call_ends_when_its_time_is_over() {
    let url = silent_server().await;
    let client = Client::builder()
        .api_key("a-key")
        .console_url(&url)
        .run_url(&url)
        .timeout(Duration::from_millis(20))
        .build()
        .unwrap();
    let error = client.endpoint(1).workers().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None), "{error:?}");
    let error = client.api().show_endpoints().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
}

#[tokio::test]
async fn a_call_by_name_checks_its_values_before_it_is_sent() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let operation = Client::operation("getEndpointWorkers").unwrap();
    let missing = client.call(operation).send().await.unwrap_err();
    assert_eq!(missing.to_string(), "getEndpointWorkers: invalid request: missing: id");
    let unknown = client.call(operation).set("ID", 1).unwrap_err();
    assert_eq!(unknown.message(), "the operation takes no `ID`; it takes id");
    let kind = client.call(operation).set("id", "1").unwrap_err();
    assert_eq!(kind.message(), "`id` takes a whole number, not \"1\"");
    let elsewhere = client.call(operation).set_in(Location::Path, "id", 1).unwrap_err();
    assert_eq!(elsewhere.message(), "the operation takes no `id` in the path; it takes id");
    assert!(simulator.requests().is_empty());
    assert_eq!(Client::operation("noSuchThing").unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn values_of_one_name_go_each_to_its_place() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let call = || client.call(Client::operation("updateTeamRole").unwrap());
    let ambiguous = call().set("name", "readers").unwrap_err();
    assert_eq!(
        (ambiguous.kind(), ambiguous.message()),
        (
            ErrorKind::InvalidRequest,
            "the operation takes `name` in the path and in the body; say which with `set_in`"
        )
    );
    let half = call().set("permissions", json!({})).unwrap().set_in(Location::Body, "name", "x").unwrap();
    let missing = half.clone().send().await.unwrap_err();
    assert_eq!(missing.message(), "missing: name (in the path)");
    let kind = half.clone().set_in(Location::Path, "name", "x").unwrap_err();
    assert_eq!(kind.message(), "`name` takes a whole number, not \"x\"");
    assert!(simulator.requests().is_empty());

    simulator
        .respond_with("/api/v0/team/roles/7", RawResponse::json(StatusCode::OK, &json!({ "success": true })));
    let whole =
        half.set_in(Location::Path, "name", 7).unwrap().set_in(Location::Body, "name", "readers").unwrap();
    whole.send().await.unwrap();
    let requests = simulator.requests();
    assert_eq!((requests.len(), requests[0].path()), (1, "/api/v0/team/roles/7/"));
    assert_eq!(requests[0].json().unwrap(), json!({ "name": "readers", "permissions": {} }));
}
