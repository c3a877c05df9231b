//! Get endpoint logs, get workergroup logs.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Endpoint, LogsShape, Phase, Simulator, Worker, Workergroup};

use crate::client::{at_start, post, posted};

const ENDPOINT: &str = "/get_endpoint_logs/";
const WORKERGROUP: &str = "/get_workergroup_logs/";

async fn simulator() -> Simulator {
    let workergroup = Workergroup::new(10).worker(Worker::new(5).phase(Phase::Created));
    let other = Workergroup::new(11).worker(Worker::new(6));
    let endpoint = Endpoint::new(1, "one").workergroup(workergroup).workergroup(other);
    at_start().empty().endpoint(endpoint).start().await.unwrap()
}

#[tokio::test]
async fn the_levels_show_the_life_of_the_workers() {
    let sim = simulator().await;
    sim.advance(Duration::from_secs(160));
    assert_eq!(
        posted(&sim, WORKERGROUP, json!({ "id": 10 })).await,
        json!({
            "info0": "2023-11-14 22:13:20 - worker 5: CREATED\n\
                      2023-11-14 22:13:30 - worker 5: LOADING\n\
                      2023-11-14 22:15:00 - worker 5: MODEL_LOADING\n\
                      2023-11-14 22:16:00 - worker 5: IDLE\n",
            "info1": "2023-11-14 22:16:00 - worker 5: benchmarked at 1650 per second\n",
            "trace": "2023-11-14 22:13:30 - worker 5: pulls its image\n\
                      2023-11-14 22:15:00 - worker 5: loads its model\n",
            "debug": "2023-11-14 22:13:30 - worker 5: was CREATED for 10 s\n\
                      2023-11-14 22:15:00 - worker 5: was LOADING for 90 s\n\
                      2023-11-14 22:16:00 - worker 5: was MODEL_LOADING for 60 s\n",
        })
    );
    // The endpoint's has those of the other workergroup too, in the order of time.
    let endpoint = posted(&sim, ENDPOINT, json!({ "id": 1 })).await;
    let lines: Vec<&str> = endpoint["info0"].as_str().unwrap().lines().collect();
    assert_eq!(lines.len(), 8);
    assert!(lines.is_sorted());
    assert_eq!(posted(&sim, ENDPOINT, json!({ "endpoint": "one" })).await, endpoint);
}

#[tokio::test]
async fn the_sample_has_lines_at_every_level() {
    let sim = Simulator::start().await.unwrap();
    for (path, id) in [(ENDPOINT, 12345), (WORKERGROUP, 4242), (WORKERGROUP, 4243)] {
        let logs = posted(&sim, path, json!({ "id": id })).await;
        for level in ["info0", "info1", "trace", "debug"] {
            assert!(logs[level].as_str().is_some_and(|text| !text.is_empty()), "{level}");
        }
    }
}

#[tokio::test]
async fn the_tail_is_bytes_of_each_level() {
    let sim = simulator().await;
    for _ in 0..200 {
        sim.set_phase(5, Phase::Stopped).unwrap();
        sim.set_phase(5, Phase::Idle).unwrap();
    }
    for path in [ENDPOINT, WORKERGROUP] {
        let id = if path == ENDPOINT { 1 } else { 10 };
        let info0 = async |tail: Value| {
            let mut body = json!({ "id": id, "tail": tail });
            if tail.is_null() {
                body = json!({ "id": id });
            }
            let logs = posted(&sim, path, body).await;
            logs["info0"].as_str().unwrap().to_owned()
        };
        let whole = info0(json!(-1)).await;
        assert!(whole.len() > 10_000);
        assert!(whole.ends_with(&info0(json!(100)).await));
        assert_eq!(info0(json!(100)).await.len(), 100);
        assert_eq!(info0(json!(0)).await, "");
        assert_eq!(info0(json!(u32::MAX)).await, whole);
        assert_eq!(info0(Value::Null).await.len(), 10_000);
        for tail in [json!(-2), json!("all"), json!(1.5)] {
            let response = post(&sim, path, json!({ "id": id, "tail": tail })).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST);
            assert_eq!(response.json()["error"], "invalid_args");
        }
    }
}

#[tokio::test]
async fn the_response_has_the_shape_that_was_chosen() {
    let sim = simulator().await;
    for (path, id) in [(ENDPOINT, 1), (WORKERGROUP, 10)] {
        let body = json!({ "id": id });
        sim.set_logs_shape(LogsShape::Levels);
        let levels = posted(&sim, path, body.clone()).await;
        let text = ["info0", "info1", "trace", "debug"].map(|level| levels[level].as_str().unwrap()).concat();
        for (shape, expected) in [
            (LogsShape::Combined, json!({ "logs": text })),
            (LogsShape::Text("refused".into()), json!("refused")),
            (LogsShape::Custom(json!({ "info0": null })), json!({ "info0": null })),
        ] {
            sim.set_logs_shape(shape);
            assert_eq!(posted(&sim, path, body.clone()).await, expected);
        }
    }
}

#[tokio::test]
async fn an_unknown_endpoint_or_workergroup_is_a_bare_string() {
    let sim = simulator().await;
    for (path, body, expected) in [
        (
            ENDPOINT,
            json!({ "id": 9 }),
            "authenticate_endpoint_apikey: invalid api_key or endpoint 9 not found",
        ),
        (
            ENDPOINT,
            json!({ "endpoint": "nine" }),
            "authenticate_endpoint_apikey: invalid api_key or endpoint nine not found",
        ),
        (
            WORKERGROUP,
            json!({ "id": 9 }),
            "authenticate_workergroup_apikey: invalid api_key or workergroup 9 not found",
        ),
    ] {
        assert_eq!(posted(&sim, path, body).await, expected);
    }
    assert_eq!(post(&sim, ENDPOINT, json!({ "endpoint": 5 })).await.status, StatusCode::BAD_REQUEST);
}
