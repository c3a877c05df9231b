//! What is kept of requests, and what is shown of them.

use http::{Method, StatusCode};
use serde_json::json;
use vastai_mock::{Endpoint, Simulator};

use crate::client::{client, get, post, send};

#[tokio::test]
async fn requests_are_kept_in_order_and_whole() {
    let sim = Simulator::start().await.unwrap();
    get(&sim, "/api/v1/instances?limit=2&after_token=a%3D").await;
    post(&sim, "/get_endpoint_workers/", json!({ "id": 12345 })).await;
    send(client().put(format!("{}/no%20such/", sim.url())).header("X-Own", "1").body("text")).await;
    let requests = sim.requests();
    let seen: Vec<_> = requests.iter().map(|it| (it.method().clone(), it.path(), it.query())).collect();
    assert_eq!(
        seen,
        [
            (Method::GET, "/api/v1/instances", Some("limit=2&after_token=a%3D")),
            (Method::POST, "/get_endpoint_workers/", None),
            (Method::PUT, "/no%20such/", None),
        ]
    );
    let pairs: Vec<_> = requests[0].query_pairs().collect();
    assert_eq!(pairs, [("limit".into(), "2".into()), ("after_token".into(), "a=".into())]);
    assert_eq!(requests[1].json().unwrap(), json!({ "id": 12345 }));
    assert_eq!(requests[1].body(), br#"{"id":12345}"#);
    assert_eq!(requests[1].headers()["authorization"], "Bearer mock-account-key");
    assert_eq!(requests[1].bearer(), Some("mock-account-key"));
    assert_eq!(requests[2].headers()["x-own"], "1");
    assert_eq!((requests[2].body(), requests[2].bearer()), (&b"text"[..], None));
    assert!(requests[2].json().is_err());
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_and_recorded() {
    let sim = Simulator::start().await.unwrap();
    let request = client().post(format!("{}/route/", sim.url())).body(vec![b' '; (4 << 20) + 1]);
    // The server may close the connection before all of it is sent.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    let requests = sim.requests();
    assert_eq!((requests[0].path(), requests[0].body()), ("/route/", &b""[..]));
}

#[tokio::test]
async fn debug_shows_no_key() {
    const SECRET: &str = "seCret-7f3a";
    let sim = Simulator::builder().api_key(SECRET);
    assert!(!format!("{sim:?}").contains(SECRET));
    let endpoint = Endpoint::new(1, "one").api_key(SECRET);
    assert!(!format!("{endpoint:?}").contains(SECRET));
    let sim = sim.endpoint(endpoint).start().await.unwrap();
    assert!(!format!("{sim:?} {sim:#?}").contains(SECRET));

    let route = || client().post(format!("{}/route/?api_key={SECRET}&a=b", sim.url())).bearer_auth(SECRET);
    send(route().json(&json!({ "endpoint": "one", "deep": [{ "api_key": SECRET }] }))).await;
    let secrets = json!({ "key": "TOKEN", "value": SECRET, "image_login": SECRET, "webhook_secret": SECRET });
    send(route().json(&secrets)).await;
    send(route().body(format!("api_key={SECRET}"))).await;
    send(route().header("Cookie", SECRET).header("Authorization", SECRET)).await;
    let requests = sim.requests();
    assert_eq!(requests.len(), 4);
    for request in &requests {
        let shown = format!("{request:?} {request:#?} {:?}", request.headers());
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(shown.contains("/route/") && shown.contains("a=b"));
        assert_eq!(request.bearer(), Some(SECRET));
    }
    assert!(format!("{:?}", requests[0]).contains(r#"{"deep":[{"api_key":"[redacted]"}],"endpoint":"one"}"#));
}
