//! Failures in every form in which the service sends them.

use std::time::Duration;

use serde_json::{Value, json};
use vastai_api::{Error, ErrorKind, ServiceError};
use vastai_mock::RawResponse;
use vastai_mock::http::{HeaderName, HeaderValue, StatusCode};

use crate::losses::losses;
use crate::support::answering;

async fn failure(answer: RawResponse) -> Error {
    let (_simulator, client) = answering("/api/v0/endptjobs", answer).await;
    client.show_endpoints().send().await.unwrap_err()
}

fn words(failure: &Error) -> &ServiceError {
    failure.service_error().unwrap()
}

/// A failure in JSON, after a look that nothing of it was lost.
async fn json_failure(status: StatusCode, sent: Value) -> ServiceError {
    let failure = failure(RawResponse::json(status, &sent)).await;
    assert_eq!(failure.status(), Some(status.as_u16()));
    let failure = words(&failure).clone();
    let losses = losses(&sent, &serde_json::to_value(&failure).unwrap());
    assert!(losses.is_empty(), "{}", losses.join("\n"));
    failure
}

#[tokio::test]
async fn json_with_any_of_its_fields_missing() {
    let bad_key = json!({ "success": false, "error": "auth_error", "msg": "Invalid user key" });
    for status in [StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND] {
        let failure = json_failure(status, bad_key.clone()).await;
        assert_eq!((failure.success, failure.code()), (Some(false), Some("auth_error")));
        assert_eq!(failure.words(), Some("Invalid user key"));
    }
    let expired =
        json!({ "success": false, "error": "auth_error", "msg": "Session expired. Please log in again." });
    json_failure(StatusCode::NOT_FOUND, expired).await;
    let retired = json_failure(
        StatusCode::GONE,
        json!({ "success": false, "error": "deprecated_endpoint", "msg": "Use /api/v1/instances/" }),
    )
    .await;
    assert_eq!(retired.code(), Some("deprecated_endpoint"));
    for sent in [
        json!({ "error": "invalid_args" }),
        json!({ "msg": "No endpoints for user 7 found." }),
        json!({ "success": false }),
        json!({ "message": "Forbidden" }),
        json!({ "detail": "Not Found" }),
        json!({}),
    ] {
        json_failure(StatusCode::BAD_REQUEST, sent).await;
    }
}

#[tokio::test]
async fn json_of_another_form_is_kept_too() {
    let failure = json_failure(
        StatusCode::UNPROCESSABLE_ENTITY,
        json!({ "success": "no", "error": { "code": 3 }, "detail": [{ "loc": ["body", "id"], "msg": "field required" }], "ask_id": 5 }),
    )
    .await;
    assert_eq!(failure.extra["error"], json!({ "code": 3 }));
    assert_eq!(failure.extra["ask_id"], 5);
    for sent in [json!("a bare text"), json!(null), json!([1, 2])] {
        let failure = failure_of(StatusCode::INTERNAL_SERVER_ERROR, &sent).await;
        let expected =
            sent.as_str().map(str::to_owned).or_else(|| (!sent.is_null()).then(|| sent.to_string()));
        assert_eq!(failure.text, expected);
    }
}

async fn failure_of(status: StatusCode, sent: &Value) -> ServiceError {
    words(&failure(RawResponse::json(status, sent)).await).clone()
}

#[tokio::test]
async fn plain_text_html_and_nothing() {
    let text = "API requests too frequent endpoint threshold=4.0";
    let too_many = failure(RawResponse::text(StatusCode::TOO_MANY_REQUESTS, text)).await;
    assert_eq!((too_many.status(), words(&too_many).text.as_deref()), (Some(429), Some(text)));
    let html = "<html><head><title>502 Bad Gateway</title></head></html>";
    let gateway = failure(RawResponse::html(StatusCode::BAD_GATEWAY, html)).await;
    assert_eq!((gateway.status(), words(&gateway).text.as_deref()), (Some(502), Some(html)));
    let nothing = failure(RawResponse::empty(StatusCode::SERVICE_UNAVAILABLE)).await;
    assert_eq!((nothing.status(), words(&nothing).words()), (Some(503), None));
}

#[tokio::test]
async fn the_429_that_was_captured() {
    let sent = json!({
        "error": "HTTPTooManyRequests", "msg": "API requests too frequent", "retry_after": 10, "limit": 5.0, "remaining": 0
    });
    let mut answer = RawResponse::json(StatusCode::TOO_MANY_REQUESTS, &sent);
    for (name, value) in [("retry-after", "10"), ("x-ratelimit-limit", "5.0"), ("x-ratelimit-remaining", "0")]
    {
        answer = answer.header(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let failure = failure(answer).await;
    assert_eq!((failure.kind(), failure.code()), (ErrorKind::RateLimited, Some("HTTPTooManyRequests")));
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(10)));
    let words = words(&failure);
    assert_eq!((&words.extra["limit"], &words.extra["remaining"]), (&json!(5.0), &json!(0)));
    assert!(losses(&sent, &serde_json::to_value(words).unwrap()).is_empty());
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let elsewhere = RawResponse::redirect(StatusCode::MOVED_PERMANENTLY, "/api/v0/endptjobs/").unwrap();
    let (simulator, client) = answering("/api/v0/endptjobs", elsewhere).await;
    let error = client.show_endpoints().send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(301)));
    assert!(words(&error).text.as_deref().is_some_and(|text| text.contains("301")));
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test]
async fn an_account_without_ssh_keys_has_an_empty_list() {
    let none = |status: StatusCode, msg: &str| {
        RawResponse::json(status, &json!({ "success": false, "error": "not_found", "msg": msg }))
    };
    for msg in ["No SSH keys found for the user", "No SSH keys found for the user."] {
        let (_simulator, client) = answering("/api/v0/ssh", none(StatusCode::NOT_FOUND, msg)).await;
        assert!(client.get_ssh_keys_user().send().await.unwrap().is_empty());
    }
    for (status, msg) in
        [(StatusCode::NOT_FOUND, "No such user"), (StatusCode::FORBIDDEN, "No SSH keys found for the user")]
    {
        let (_simulator, client) = answering("/api/v0/ssh", none(status, msg)).await;
        let error = client.get_ssh_keys_user().send().await.unwrap_err();
        assert_eq!(
            (error.status(), error.message()),
            (Some(status.as_u16()), format!("{msg} (not_found)").as_str())
        );
    }
}
