//! The files that appear at a `result_url`.

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Fault, Simulator};

use crate::client::{client, send};

const INSTANCE: u64 = 28_004_311;

async fn asked(sim: &Simulator, path: &str, body: &Value) -> Value {
    let url = format!("{}/api/v0/instances/{path}/{INSTANCE}/", sim.url());
    let response = send(client().put(url).bearer_auth(sim.api_key()).json(body)).await;
    assert_eq!(response.status, StatusCode::OK, "{}", response.body);
    response.json()
}

#[tokio::test]
async fn a_file_appears_after_some_polls_at_another_origin() {
    let sim = Simulator::start().await.unwrap();
    sim.write_results("total 4\n");
    sim.let_results_wait(3);
    for (path, body) in
        [("request_logs", json!({ "tail": "100" })), ("command", json!({ "command": "ls -l" }))]
    {
        let response = asked(&sim, path, &body).await;
        let url = response["result_url"].as_str().unwrap();
        assert!(url.starts_with("http://127.0.0.1:") && !url.starts_with(sim.url()), "{url}");
        for _ in 0..3 {
            assert_eq!(send(client().get(url)).await.status, StatusCode::NOT_FOUND);
        }
        let file = send(client().get(url)).await;
        assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, "total 4\n"));
    }
    assert_eq!(sim.result_requests().len(), 8);
    assert_eq!(sim.requests().len(), 2);
}

#[tokio::test]
async fn a_key_is_refused_there() {
    let sim = Simulator::start().await.unwrap();
    let response = asked(&sim, "request_logs", &json!({})).await;
    let url = response["result_url"].as_str().unwrap();
    for request in [client().get(url).bearer_auth(sim.api_key()), client().get(format!("{url}?api_key=a"))] {
        assert_eq!(send(request).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(sim.result_requests()[0].bearer(), Some(sim.api_key()));
    assert_eq!(send(client().get(format!("{url}x"))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn faults_hit_there_too() {
    let sim = Simulator::start().await.unwrap();
    sim.let_results_wait(0);
    let response = asked(&sim, "request_logs", &json!({})).await;
    let url = response["result_url"].as_str().unwrap();
    sim.inject_into_results(Fault::status(503));
    sim.inject_into_results(Fault::cut_before_effect());
    assert_eq!(send(client().get(url)).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(client().get(url).send().await.is_err());
    assert_eq!(send(client().get(url)).await.status, StatusCode::OK);
}
