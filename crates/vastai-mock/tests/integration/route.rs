//! Route.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Endpoint, Phase, Simulator, Worker, Workergroup};

use crate::client::{at_start, client, post, posted, send, workers};

const ROUTE: &str = "/route/";
const KEY: &str = "mock-endpoint-key-1";

async fn simulator(workers: impl IntoIterator<Item = Worker>) -> Simulator {
    let workergroup = workers.into_iter().fold(Workergroup::new(10), Workergroup::worker);
    let endpoint = Endpoint::new(1, "one").workergroup(workergroup);
    at_start().empty().endpoint(endpoint).start().await.unwrap()
}

async fn route(sim: &Simulator, cost: f64, request_idx: u64) -> Value {
    let body = json!({
        "endpoint": "one",
        "cost": cost,
        "request_idx": request_idx,
        "replay_timeout": 60.0,
        "api_key": KEY,
    });
    posted(sim, ROUTE, body).await
}

#[tokio::test]
async fn an_idle_worker_is_assigned() {
    let sim = simulator([Worker::new(5).url("https://192.0.2.7:20001")]).await;
    let response = route(&sim, 242.0, 0).await;
    assert_eq!(
        response,
        json!({
            "endpoint": "one",
            "url": "https://192.0.2.7:20001",
            "cost": 242.0,
            "reqnum": 1,
            "signature": "mock-signature-1-1",
            "request_idx": 1,
            "__request_id": "00000000-0000-4000-8000-000000000001",
        })
    );
    let next = route(&sim, 242.0, 0).await;
    assert_eq!((&next["reqnum"], &next["request_idx"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn the_load_rises_and_falls() {
    let sim = simulator([Worker::new(5)]).await;
    let seen = async || {
        let worker = workers(&sim, 1).await.remove(0);
        assert_eq!(worker["status"], "IDLE");
        ["cur_load", "new_load", "cur_load_rolling_avg", "cur_perf", "reqs_working"]
            .map(|name| worker[name].as_f64().unwrap())
    };
    route(&sim, 600.0, 0).await;
    assert_eq!(seen().await, [60.0, 60.0, 0.0, 60.0, 1.0]);
    sim.advance(Duration::from_secs(6));
    assert_eq!(seen().await, [60.0, 0.0, 6.0, 60.0, 1.0]);
    route(&sim, 300.0, 0).await;
    assert_eq!(seen().await, [90.0, 30.0, 6.0, 90.0, 2.0]);
    sim.advance(Duration::from_secs(10));
    assert_eq!(seen().await, [0.0, 0.0, 15.0, 0.0, 0.0]);
    sim.advance(Duration::from_secs(60));
    assert_eq!(seen().await, [0.0; 5]);
}

#[tokio::test]
async fn the_idle_worker_with_the_most_room_is_chosen() {
    let sim = simulator([
        Worker::new(5).url("https://five").load(1000.0, 5).benchmark(2000.0),
        Worker::new(6).url("https://six").load(200.0, 5).benchmark(250.0),
        Worker::new(7).url("https://seven").phase(Phase::Fixed("RUNNING".into())),
    ])
    .await;
    assert_eq!(route(&sim, 1.0, 0).await["url"], "https://five");
    sim.set_load(6, 0.0, 0).unwrap();
    assert_eq!(route(&sim, 1.0, 0).await["url"], "https://six");
}

#[tokio::test]
async fn a_request_waits_until_a_worker_is_idle() {
    let sim = simulator([
        Worker::new(5).phase(Phase::ModelLoading),
        Worker::new(6).phase(Phase::Stopped),
        Worker::new(7).phase(Phase::Stopped),
    ])
    .await;
    let waits = json!({
        "endpoint": "one",
        "status": "1 MODEL_LOADING, 2 STOPPED",
        "request_idx": 1,
        "__request_id": "00000000-0000-4000-8000-000000000001",
    });
    assert_eq!(route(&sim, 1.0, 0).await, waits);
    assert_eq!(route(&sim, 1.0, 1).await, waits, "the index that came back keeps its meaning");
    assert_eq!(route(&sim, 1.0, 0).await["request_idx"], 2);
    sim.advance(Duration::from_secs(60));
    let assigned = route(&sim, 1.0, 1).await;
    assert!(assigned["url"].is_string());
    assert_eq!(assigned["request_idx"], 1);
    assert_eq!(assigned.get("status"), None);
}

#[tokio::test]
async fn an_endpoint_without_workers_says_so() {
    let sim = simulator([]).await;
    assert_eq!(route(&sim, 1.0, 0).await["status"], "no workers");
}

#[tokio::test]
async fn the_account_key_can_be_kept_out() {
    let body = json!({ "endpoint": "vLLM-Qwen3-8B", "cost": 242.0 });
    let sim = Simulator::start().await.unwrap();
    assert!(posted(&sim, ROUTE, body.clone()).await["url"].is_string());

    let sim = Simulator::builder().route_accepts_account_key(false).start().await.unwrap();
    assert_eq!(
        posted(&sim, ROUTE, body.clone()).await,
        "authenticate_endpoint_apikey: invalid api_key or endpoint vLLM-Qwen3-8B not found"
    );
    let url = format!("{}{ROUTE}", sim.url());
    let own = send(client().post(url).bearer_auth("mock-endpoint-key-12345").json(&body)).await;
    assert!(own.json()["url"].is_string());
}

#[tokio::test]
async fn wrong_bodies_are_refused() {
    let sim = simulator([Worker::new(5)]).await;
    for body in [
        json!({}),
        json!({ "endpoint": "one" }),
        json!({ "cost": 1.0 }),
        json!({ "endpoint": 1, "cost": 1.0 }),
        json!({ "endpoint": "one", "cost": -1.0 }),
        json!({ "endpoint": "one", "cost": "1" }),
        json!({ "endpoint": "one", "cost": 1.0, "request_idx": -1 }),
        json!({ "endpoint": "one", "cost": 1.0, "request_idx": 0.5 }),
        json!({ "endpoint": "one", "cost": 1.0, "replay_timeout": "60" }),
    ] {
        let response = post(&sim, ROUTE, body.clone()).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(response.json()["error"], "invalid_args");
    }
    assert_eq!(
        posted(&sim, ROUTE, json!({ "endpoint": "two", "cost": 1 })).await,
        "authenticate_endpoint_apikey: invalid api_key or endpoint two not found"
    );
    assert_eq!(workers(&sim, 1).await[0]["reqs_working"], 0);
}
