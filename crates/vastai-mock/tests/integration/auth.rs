//! Keys, and how wrong ones are refused.

use reqwest::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{AuthFailure, Endpoint, Simulator};

use crate::client::{client, send};

const WORKERS: &str = "/get_endpoint_workers/";
const NOT_OPENED: &str = "authenticate_endpoint_apikey: invalid api_key or endpoint 12345 not found";

/// Posts a body with this key in the header, if any.
async fn post_with(sim: &Simulator, path: &str, key: Option<&str>, body: Value) -> (StatusCode, Value) {
    let request = client().post(format!("{}{path}", sim.url())).json(&body);
    let response = send(match key {
        Some(key) => request.bearer_auth(key),
        None => request,
    })
    .await;
    (response.status, response.json())
}

#[tokio::test]
async fn a_missing_or_wrong_key_is_refused_everywhere() {
    let sim = Simulator::start().await.unwrap();
    let refusal = json!({ "success": false, "error": "auth_error", "msg": "Invalid user key" });
    for key in [None, Some("wrong"), Some("")] {
        for path in [
            "/get_endpoint_workers/",
            "/get_endpoint_logs/",
            "/get_workergroup_workers/",
            "/get_workergroup_logs/",
            "/route/",
        ] {
            let response = post_with(&sim, path, key, json!({ "id": 12345 })).await;
            assert_eq!(response, (StatusCode::UNAUTHORIZED, refusal.clone()), "{path} {key:?}");
        }
        for path in ["/api/v0/endptjobs/", "/api/v1/instances/"] {
            let request = client().get(format!("{}{path}", sim.url()));
            let response = send(match key {
                Some(key) => request.bearer_auth(key),
                None => request,
            })
            .await;
            assert_eq!((response.status, response.json()), (StatusCode::UNAUTHORIZED, refusal.clone()));
        }
    }
    assert_eq!(sim.requests().len(), 21, "refused requests are recorded too");
}

#[tokio::test]
async fn only_the_bearer_scheme_counts() {
    let sim = Simulator::start().await.unwrap();
    let request = || client().get(format!("{}/api/v0/endptjobs/", sim.url()));
    let key = sim.api_key();
    for (value, status) in [
        (format!("Bearer {key}"), StatusCode::OK),
        (format!("bearer {key}"), StatusCode::OK),
        (format!("Basic {key}"), StatusCode::UNAUTHORIZED),
        (key.to_owned(), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(send(request().header("Authorization", value)).await.status, status);
    }
    let in_query = send(request().query(&[("api_key", key)])).await;
    assert_eq!(in_query.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_refusal_has_the_form_that_was_chosen() {
    for (form, expected, error, msg) in [
        (AuthFailure::NotFound, StatusCode::NOT_FOUND, "auth_error", "Invalid user key"),
        (
            AuthFailure::SessionExpired,
            StatusCode::NOT_FOUND,
            "auth_error",
            "Session expired. Please log in again.",
        ),
        (AuthFailure::Forbidden, StatusCode::FORBIDDEN, "forbidden", "The key may not do this."),
    ] {
        let sim = Simulator::builder().auth_failure(form).start().await.unwrap();
        let (status, body) = post_with(&sim, WORKERS, Some("wrong"), json!({ "id": 12345 })).await;
        assert_eq!(status, expected);
        assert_eq!(body, json!({ "success": false, "error": error, "msg": msg }));
    }
}

#[tokio::test]
async fn the_account_key_can_be_chosen() {
    let sim = Simulator::builder().api_key("mock-other-key").start().await.unwrap();
    assert_eq!(sim.api_key(), "mock-other-key");
    let with = |key| post_with(&sim, WORKERS, Some(key), json!({ "id": 12345 }));
    assert_eq!(with("mock-other-key").await.0, StatusCode::OK);
    assert_eq!(with("mock-account-key").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_endpoint_key_opens_its_endpoint_alone() {
    let sim = Simulator::builder()
        .endpoint(Endpoint::new(77, "embeddings").api_key("mock-embeddings-key"))
        .start()
        .await
        .unwrap();
    let own = "mock-endpoint-key-12345";
    let other = "mock-embeddings-key";
    let endpoint = json!({ "id": 12345 });
    assert!(post_with(&sim, WORKERS, Some(own), endpoint.clone()).await.1.is_array());
    assert_eq!(post_with(&sim, WORKERS, Some(other), endpoint).await, (StatusCode::OK, json!(NOT_OPENED)));
    let workergroup = json!({ "id": 4242 });
    let path = "/get_workergroup_workers/";
    assert!(post_with(&sim, path, Some(own), workergroup.clone()).await.1.is_array());
    assert_eq!(
        post_with(&sim, path, Some(other), workergroup).await.1,
        "authenticate_workergroup_apikey: invalid api_key or workergroup 4242 not found"
    );
    let console = client().get(format!("{}/api/v0/endptjobs/", sim.url())).bearer_auth(own);
    assert_eq!(send(console).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_serverless_key_may_come_in_the_body() {
    let sim = Simulator::start().await.unwrap();
    let with = |header, key| post_with(&sim, WORKERS, header, json!({ "id": 12345, "api_key": key }));
    assert!(with(None, json!(sim.api_key())).await.1.is_array());
    assert!(with(Some(sim.api_key()), json!("mock-endpoint-key-12345")).await.1.is_array());
    // Both must be right.
    assert_eq!(with(Some(sim.api_key()), json!("wrong")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(with(Some("wrong"), json!(sim.api_key())).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(with(None, json!(5)).await.0, StatusCode::UNAUTHORIZED);
}
