//! Responses and redirects that stand before the simulator's own.

use http::header::{ALLOW, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::json;
use vastai_mock::{RawResponse, Simulator};

use crate::client::{client, get, post, posted, send};

const WORKERS: &str = "/get_endpoint_workers/";

#[tokio::test]
async fn a_path_answers_what_it_was_given() {
    let sim = Simulator::start().await.unwrap();
    let body = json!({ "id": 12345 });
    let json = HeaderValue::from_static("application/json");
    for (given, status, content_type, text) in [
        (
            RawResponse::html(StatusCode::BAD_GATEWAY, "<h1>502</h1>"),
            502,
            "text/html; charset=utf-8",
            "<h1>502</h1>",
        ),
        (
            RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "API requests too frequent"),
            429,
            "text/plain; charset=utf-8",
            "API requests too frequent",
        ),
        (
            RawResponse::new(StatusCode::OK, json, r#"[{"id": 1, "sta"#),
            200,
            "application/json",
            r#"[{"id": 1, "sta"#,
        ),
        (
            RawResponse::json(StatusCode::OK, &json!({ "success": false })),
            200,
            "application/json",
            r#"{"success":false}"#,
        ),
    ] {
        sim.respond_with(WORKERS, given);
        for path in [WORKERS, "/get_endpoint_workers"] {
            let response = post(&sim, path, body.clone()).await;
            assert_eq!(response.status, status);
            assert_eq!(response.headers[CONTENT_TYPE], content_type);
            assert_eq!(response.body, text);
        }
    }
    // No key and another method make no difference; another path does.
    let response = send(client().delete(format!("{}{WORKERS}", sim.url()))).await;
    assert_eq!(response.body, r#"{"success":false}"#);
    assert!(posted(&sim, "/get_workergroup_workers/", json!({ "id": 4242 })).await.is_array());

    sim.clear_responses("/get_endpoint_workers");
    assert!(posted(&sim, WORKERS, body).await.is_array());
}

#[tokio::test]
async fn answers_for_one_request_come_first() {
    let sim = Simulator::start().await.unwrap();
    let body = json!({ "id": 12345 });
    let busy = RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "")
        .header(RETRY_AFTER, HeaderValue::from_static("10"));
    sim.respond_next_with(WORKERS, busy);
    sim.respond_next_with(WORKERS, RawResponse::empty(StatusCode::SERVICE_UNAVAILABLE));
    let first = post(&sim, WORKERS, body.clone()).await;
    assert_eq!(
        (first.status, &first.headers[RETRY_AFTER]),
        (StatusCode::TOO_MANY_REQUESTS, &"10".parse().unwrap())
    );
    let second = post(&sim, WORKERS, body.clone()).await;
    assert_eq!((second.status, second.headers.get(CONTENT_TYPE)), (StatusCode::SERVICE_UNAVAILABLE, None));
    assert!(posted(&sim, WORKERS, body).await.is_array());
}

#[tokio::test]
async fn a_redirect_is_for_exactly_its_path() {
    let sim = Simulator::start().await.unwrap();
    let third = Simulator::start().await.unwrap();
    for status in [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ] {
        for location in [WORKERS.to_owned(), format!("{}{WORKERS}", third.url())] {
            sim.redirect("/get_endpoint_workers", status, &location).unwrap();
            let response = post(&sim, "/get_endpoint_workers", json!({ "id": 12345 })).await;
            assert_eq!((response.status, &response.headers[LOCATION]), (status, &location.parse().unwrap()));
            assert!(posted(&sim, WORKERS, json!({ "id": 12345 })).await.is_array());
        }
    }
    assert!(sim.redirect(WORKERS, StatusCode::FOUND, "a\nb").is_err());
    sim.clear_responses(WORKERS);
    assert!(posted(&sim, "/get_endpoint_workers", json!({ "id": 12345 })).await.is_array());
}

#[tokio::test]
async fn the_console_can_insist_on_slashes() {
    let sim = Simulator::builder().console_slash_redirects(true).start().await.unwrap();
    let response = get(&sim, "/api/v1/instances?limit=2&after_token=a%3D").await;
    assert_eq!(response.status, StatusCode::MOVED_PERMANENTLY);
    assert_eq!(response.headers[LOCATION], "/api/v1/instances/?limit=2&after_token=a%3D");
    assert_eq!(response.headers[CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(response.body.starts_with("<html>"));
    assert_eq!(get(&sim, "/api/v1/instances/").await.status, StatusCode::OK);
    // The engine takes both.
    assert!(posted(&sim, "/get_endpoint_workers", json!({ "id": 12345 })).await.is_array());
}

#[tokio::test]
async fn every_path_is_served_with_and_without_its_slash() {
    let sim = Simulator::start().await.unwrap();
    for path in ["/api/v0/endptjobs", "/api/v1/instances"] {
        assert_eq!(get(&sim, path).await.body, get(&sim, &format!("{path}/")).await.body);
    }
    for (path, id) in [
        ("/get_endpoint_workers", 12345),
        ("/get_endpoint_logs", 12345),
        ("/get_workergroup_workers", 4242),
        ("/get_workergroup_logs", 4242),
    ] {
        let body = json!({ "id": id });
        let slashed = post(&sim, &format!("{path}/"), body.clone()).await.body;
        assert_eq!(post(&sim, path, body).await.body, slashed);
    }
    assert!(posted(&sim, "/route", json!({ "endpoint": "vLLM-Qwen3-8B", "cost": 1 })).await.is_object());
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let sim = Simulator::start().await.unwrap();
    for path in ["/", "/api/v0/nothing/", "/get_endpoint_workers//", "//route/", "/get_endpoint_workers/5"] {
        let response = get(&sim, path).await;
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            (&response.json()["success"], &response.json()["error"]),
            (&json!(false), &json!("not_found"))
        );
    }
    let wrong = get(&sim, WORKERS).await;
    assert_eq!(
        (wrong.status, &wrong.headers[ALLOW]),
        (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().unwrap())
    );
    let wrong = post(&sim, "/api/v1/instances/", json!({})).await;
    assert_eq!(
        (wrong.status, &wrong.headers[ALLOW]),
        (StatusCode::METHOD_NOT_ALLOWED, &"GET".parse().unwrap())
    );
    assert_eq!(wrong.json()["error"], "method_not_allowed");
}
