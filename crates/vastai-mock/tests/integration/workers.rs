//! Get endpoint workers, get workergroup workers: bodies and shapes.

use reqwest::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Endpoint, Phase, Simulator, Worker, Workergroup, WorkersShape};

use crate::client::{START, at_start, client, post, posted, send, statuses, workers};

const ENDPOINT: &str = "/get_endpoint_workers/";
const WORKERGROUP: &str = "/get_workergroup_workers/";

#[tokio::test]
async fn the_sample_shows_workers_in_different_phases() {
    let sim = Simulator::start().await.unwrap();
    assert_eq!(statuses(&sim, 12345).await, ["IDLE", "IDLE", "MODEL_LOADING", "LOADING", "STOPPED"]);
    let busy = &workers(&sim, 12345).await[0];
    assert_eq!((&busy["cur_load"], &busy["reqs_working"]), (&json!(1240.5), &json!(7)));
}

#[tokio::test]
async fn a_worker_has_every_field() {
    let worker = Worker::new(30215871)
        .load(512.5, 3)
        .benchmark(2000.0)
        .dlperf(100.0)
        .reliability(0.5)
        .disk_usage(21.5)
        .url("https://192.0.2.7:20001")
        .age(std::time::Duration::from_millis(1_500));
    let endpoint = Endpoint::new(1, "one").workergroup(Workergroup::new(10).worker(worker));
    let sim = at_start().empty().endpoint(endpoint).start().await.unwrap();
    let mut expected = json!({
        "id": 30215871,
        "status": "IDLE",
        "cur_load": 512.5,
        "new_load": 512.5,
        "cur_load_rolling_avg": 512.5,
        "cur_perf": 512.5,
        "measured_perf": 2000.0,
        "perf": 1000.0,
        "dlperf": 100.0,
        "reliability": 0.5,
        "reqs_working": 3,
        "disk_usage": 21.5,
        "loaded_at": START.as_secs_f64() - 1.5,
        "started_at": START.as_secs_f64() - 161.5,
        "url": "https://192.0.2.7:20001",
        "created_at": "2023-11-14T22:10:38Z",
    });
    assert_eq!(posted(&sim, ENDPOINT, json!({ "id": 1 })).await, json!([expected]));
    expected.as_object_mut().unwrap().remove("measured_perf");
    assert_eq!(posted(&sim, WORKERGROUP, json!({ "id": 10 })).await, json!([expected]));
}

#[tokio::test]
async fn a_worker_can_be_odd() {
    let worker = Worker::new(-3)
        .phase(Phase::Fixed("UNAVAIL".into()))
        .field("perf", "12.5")
        .field("cur_load", Value::Null)
        .field("zone", json!({ "new": true }))
        .without_field("status");
    let sim = Simulator::start().await.unwrap();
    sim.add_endpoint(Endpoint::new(7, "odd").workergroup(Workergroup::new(70)));
    sim.add_worker(70, worker).unwrap();
    let worker = &workers(&sim, 7).await[0];
    assert_eq!(worker["id"], -3);
    assert_eq!(worker["perf"], "12.5");
    assert_eq!(worker.get("cur_load"), Some(&Value::Null));
    assert_eq!(worker["zone"]["new"], true);
    assert_eq!(worker.get("status"), None);
}

#[tokio::test]
async fn the_response_has_the_shape_that_was_chosen() {
    let sim = at_start().start().await.unwrap();
    for (path, id) in [(ENDPOINT, 12345), (WORKERGROUP, 4242)] {
        let body = json!({ "id": id });
        sim.set_workers_shape(WorkersShape::Array);
        let array = posted(&sim, path, body.clone()).await;
        assert!(array.is_array());
        for (shape, expected) in [
            (WorkersShape::Object, json!({ "workers": array })),
            (WorkersShape::ErrorMsg("not yet".into()), json!({ "error_msg": "not yet" })),
            (WorkersShape::Error("broken".into()), json!({ "error": "broken" })),
            (WorkersShape::Text("refused".into()), json!("refused")),
            (WorkersShape::OtherObject, json!({ "status": "ok" })),
            (WorkersShape::Custom(json!([null, 5])), json!([null, 5])),
        ] {
            sim.set_workers_shape(shape);
            assert_eq!(posted(&sim, path, body.clone()).await, expected);
        }
    }
}

#[tokio::test]
async fn an_unknown_endpoint_or_workergroup_is_a_bare_string() {
    let sim = Simulator::start().await.unwrap();
    assert_eq!(
        posted(&sim, ENDPOINT, json!({ "id": 99 })).await,
        "authenticate_endpoint_apikey: invalid api_key or endpoint 99 not found"
    );
    assert_eq!(
        posted(&sim, WORKERGROUP, json!({ "id": 99 })).await,
        "authenticate_workergroup_apikey: invalid api_key or workergroup 99 not found"
    );
}

#[tokio::test]
async fn a_body_without_a_positive_id_is_refused() {
    let sim = Simulator::start().await.unwrap();
    for path in [ENDPOINT, WORKERGROUP, "/get_endpoint_logs/", "/get_workergroup_logs/"] {
        for body in [
            json!({}),
            json!([]),
            json!("12345"),
            json!({ "id": null }),
            json!({ "id": 0 }),
            json!({ "id": -1 }),
            json!({ "id": 1.5 }),
            json!({ "id": "12345" }),
            json!({ "id": true }),
            json!({ "id": 1e30 }),
        ] {
            let response = post(&sim, path, body.clone()).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{path} {body}");
            let response = response.json();
            assert_eq!((&response["success"], &response["error"]), (&json!(false), &json!("invalid_args")));
            assert!(response["msg"].is_string());
        }
        for body in ["", "{", "id=12345", "\u{0}"] {
            let request = client().post(format!("{}{path}", sim.url()));
            let response = send(request.bearer_auth(sim.api_key()).body(body)).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST);
            assert_eq!(response.json()["error"], "invalid_args");
        }
    }
}
