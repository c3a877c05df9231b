//! What the tests talk to a simulator with.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use vastai_mock::{Builder, Simulator};

/// 2023-11-14 22:13:20 UTC, the time at which tests start whose responses hold times.
pub(crate) const START: Duration = Duration::from_secs(1_700_000_000);

pub(crate) fn at_start() -> Builder {
    Simulator::builder().now(START)
}

/// A client that follows no redirect and keeps no connection: tests with runtimes of their own share
/// it, as it takes long to make one.
pub(crate) fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| keeping(0)).clone()
}

/// A client of its own that keeps so many connections.
pub(crate) fn keeping(connections: usize) -> Client {
    // reqwest asks for a provider even where only plain HTTP is spoken. The first test to come
    // installs it.
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = Client::builder().no_proxy().redirect(Policy::none());
    client.pool_max_idle_per_host(connections).build().unwrap()
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Response {
    let response = request.send().await.unwrap();
    Response {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}

/// Posts this body with the account's key.
pub(crate) async fn post(sim: &Simulator, path: &str, body: Value) -> Response {
    let url = format!("{}{path}", sim.url());
    send(client().post(url).bearer_auth(sim.api_key()).json(&body)).await
}

/// Gets this path, query included, with the account's key.
pub(crate) async fn get(sim: &Simulator, path: &str) -> Response {
    let url = format!("{}{path}", sim.url());
    send(client().get(url).bearer_auth(sim.api_key())).await
}

/// Sends this with the account's key; null is no body.
pub(crate) async fn call(sim: &Simulator, method: &str, path: &str, body: Value) -> Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, format!("{}{path}", sim.url())).bearer_auth(sim.api_key());
    send(if body.is_null() { request } else { request.json(&body) }).await
}

/// The JSON of what is done.
pub(crate) async fn done(sim: &Simulator, method: &str, path: &str, body: Value) -> Value {
    let response = call(sim, method, path, body).await;
    assert_eq!(response.status, StatusCode::OK, "{path}: {}", response.body);
    response.json()
}

/// The JSON of a refusal with this status, which nothing was done for.
pub(crate) async fn refused(
    sim: &Simulator,
    method: &str,
    path: &str,
    body: Value,
    status: StatusCode,
) -> Value {
    let response = call(sim, method, path, body).await;
    assert_eq!(response.status, status, "{method} {path}: {}", response.body);
    assert!(!sim.requests().pop().unwrap().carried_out());
    assert_eq!(response.json()["success"], false, "{}", response.body);
    response.json()
}

/// The JSON of a successful post.
pub(crate) async fn posted(sim: &Simulator, path: &str, body: Value) -> Value {
    let response = post(sim, path, body).await;
    assert_eq!(response.status, StatusCode::OK, "{}", response.body);
    response.json()
}

/// The workers of an endpoint.
pub(crate) async fn workers(sim: &Simulator, endpoint_id: u64) -> Vec<Value> {
    let response = posted(sim, "/get_endpoint_workers/", json!({ "id": endpoint_id })).await;
    response.as_array().unwrap().clone()
}

/// The statuses of an endpoint's workers.
pub(crate) async fn statuses(sim: &Simulator, endpoint_id: u64) -> Vec<String> {
    let workers = workers(sim, endpoint_id).await;
    workers.iter().map(|worker| worker["status"].as_str().unwrap().to_owned()).collect()
}
