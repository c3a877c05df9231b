//! What the serverless engine answers.

use serde_json::{Value, json};
use vastai_api::Timestamp;
use vastai_api::types::{Logs, RouteResponse, Worker, WorkerStatus, Workers};

use crate::support::kept;

/// The workers of an endpoint, and what the same response is for a workergroup.
async fn workers(sent: Value) -> Workers {
    let group = kept("/get_workergroup_workers", sent.clone(), async |client| {
        client.get_workergroup_workers().body_map(|body| body.id(4242)).send().await
    });
    let endpoint = kept("/get_endpoint_workers", sent, async |client| {
        client.get_endpoint_workers().body_map(|body| body.id(12345)).send().await
    });
    let (group, endpoint) = (group.await, endpoint.await);
    assert_eq!(serde_json::to_value(group).unwrap(), serde_json::to_value(&endpoint).unwrap());
    endpoint
}

async fn worker_list(sent: Value) -> Vec<Worker> {
    workers(sent).await.workers.unwrap()
}

#[tokio::test]
async fn a_bare_list_of_workers_with_every_field() {
    let workers = worker_list(json!([
        {
            "id": 30112345, "status": "IDLE",
            "cur_load": 12.5, "new_load": 3.25, "cur_load_rolling_avg": 11.875, "cur_perf": 140.5,
            "measured_perf": 151.25, "perf": 150.5, "dlperf": 101.5, "reliability": 0.9951,
            "reqs_working": 3, "disk_usage": 41.7, "loaded_at": 1784700000.125, "started_at": 1784699400.5,
            "url": "https://203.0.113.7:41234", "created_at": "2026-07-22T10:00:00Z",
            "gpu_name": "RTX 4090", "a_new_field": { "with": ["anything", 1] }
        },
        { "id": 0, "status": "" },
        { "id": -7, "status": null, "cur_load": null, "reqs_working": null, "loaded_at": null }
    ]))
    .await;
    let [first, second, third] = workers.as_slice() else { panic!("three workers") };
    assert_eq!(first.measured_perf, Some(151.25));
    assert_eq!(first.loaded_at.map(Timestamp::seconds), Some(1_784_700_000.125));
    assert_eq!(first.reqs_working, Some(3));
    assert_eq!(first.extra["gpu_name"], "RTX 4090");
    assert_eq!((second.id, third.id), (0, -7));
    assert_eq!((&second.status, &third.status), (&Some(WorkerStatus::Unknown), &None));
    assert_eq!((second.status(), third.status()), (&WorkerStatus::Unknown, &WorkerStatus::Unknown));
}

#[tokio::test]
async fn numbers_of_workers_that_come_as_whole_numbers_or_as_strings() {
    let workers = worker_list(json!([
        {
            "id": 1, "status": "RUNNING", "cur_load": 12, "new_load": 0, "cur_load_rolling_avg": 11, "cur_perf": 140,
            "measured_perf": 151, "perf": 150, "dlperf": 101, "reliability": 1, "reqs_working": 3, "disk_usage": 41,
            "loaded_at": 1784700000, "started_at": 1784699400
        },
        {
            "id": 2, "status": "running", "cur_load": "12.5", "new_load": "0", "cur_load_rolling_avg": "11.875",
            "cur_perf": "140", "measured_perf": "151.25", "perf": "150.5", "dlperf": "101", "reliability": "0.9951",
            "reqs_working": "3", "disk_usage": "41.7", "loaded_at": "1784700000.125", "started_at": "1784699400"
        }
    ]))
    .await;
    assert_eq!(workers[0].cur_load, Some(12.0));
    assert_eq!(workers[1].cur_load, Some(12.5));
    assert_eq!(workers[1].reqs_working, Some(3));
}

#[tokio::test]
async fn every_status_of_a_worker_and_one_that_nobody_knows() {
    const STATUSES: [&str; 21] = [
        "CREATING",
        "CREATED",
        "STARTING",
        "LOADING",
        "MODEL_LOADING",
        "IDLE",
        "READY",
        "RUNNING",
        "STOPPING",
        "STOPPED",
        "REBOOTING",
        "PENDING",
        "UPDATE_READY",
        "UPDATE_REBOOTING",
        "UPDATE_STARTING",
        "DESTROYING",
        "ERROR",
        "UNAVAIL",
        "OFFLINE",
        "UNKNOWN",
        "Hibernating",
    ];
    let sent = STATUSES.iter().enumerate().map(|(id, status)| json!({ "id": id, "status": status }));
    let workers = worker_list(sent.collect()).await;
    let statuses = workers.iter().map(|worker| worker.status().as_str());
    assert!(statuses.eq(STATUSES));
    let unknown = workers.iter().filter(|worker| matches!(worker.status(), WorkerStatus::Other(_)));
    assert_eq!(unknown.count(), 1);
}

#[tokio::test]
async fn an_object_with_workers() {
    let answer =
        workers(json!({ "workers": [{ "id": 1, "status": "READY", "perf": "1.5" }], "more": true })).await;
    assert_eq!(answer.workers.unwrap()[0].perf, Some(1.5));
    assert_eq!(answer.extra["more"], true);
}

#[tokio::test]
async fn answers_of_status_200_without_workers() {
    assert!(worker_list(json!([])).await.is_empty());
    let notice = workers(json!({ "error_msg": "endpoint is not ready" })).await;
    assert_eq!(notice.error_msg.as_deref(), Some("endpoint is not ready"));
    assert!(notice.workers.is_none());
    let error = workers(json!({ "error": "no such endpoint" })).await;
    assert_eq!(error.error.as_deref(), Some("no such endpoint"));
    let other = workers(json!({ "status": "ok" })).await;
    assert!(other.workers.is_none(), "an object that says nothing of workers is no empty list");
    assert_eq!(other.extra["status"], "ok");
    let failed = workers(json!({ "success": false, "msg": "not yours" })).await;
    assert_eq!(failed.extra["msg"], "not yours");
}

/// The log of an endpoint, and what the same response is for a workergroup.
async fn logs(sent: Value) -> Logs {
    let group = kept("/get_workergroup_logs", sent.clone(), async |client| {
        client.get_workergroup_logs().body_map(|body| body.id(4242).tail(-1)).send().await
    });
    let endpoint = kept("/get_endpoint_logs", sent, async |client| {
        client.get_endpoint_logs().body_map(|body| body.id(12345)).send().await
    });
    let (group, endpoint) = (group.await, endpoint.await);
    assert_eq!(serde_json::to_value(group).unwrap(), serde_json::to_value(&endpoint).unwrap());
    endpoint
}

#[tokio::test]
async fn logs_in_every_form() {
    let levels =
        logs(json!({ "info0": "a\n", "info1": "b\n", "trace": "", "debug": null, "info2": "new" })).await;
    assert_eq!((levels.info0.as_deref(), levels.trace.as_deref()), (Some("a\n"), Some("")));
    assert_eq!(levels.extra["info2"], "new");
    let documented = logs(json!({ "logs": "one\ntwo" })).await;
    assert_eq!(documented.logs.as_deref(), Some("one\ntwo"));
    let notice = logs(json!({ "error_msg": "not ready" })).await;
    assert_eq!(notice.error_msg.as_deref(), Some("not ready"));
    let error = logs(json!({ "error": "no such endpoint" })).await;
    assert_eq!(error.error.as_deref(), Some("no such endpoint"));
}

async fn route(sent: Value) -> RouteResponse {
    let call = kept("/route", sent, async |client| {
        let body = |body: vastai_api::types::builder::RouteRequest| {
            body.endpoint("vLLM-Qwen3-8B").cost(242.0).request_idx(0).replay_timeout(60.0)
        };
        client.route().body_map(body).send().await
    });
    call.await
}

#[tokio::test]
async fn a_route_to_a_worker_and_a_route_to_wait_for() {
    let assigned = route(json!({
        "url": "https://203.0.113.7:41234", "signature": "c2lnbmF0dXJl", "reqnum": 17, "cost": 242,
        "endpoint": "vLLM-Qwen3-8B", "request_idx": 901, "__request_id": "b1946ac9", "zone": "eu"
    }))
    .await;
    assert_eq!(assigned.url.as_deref(), Some("https://203.0.113.7:41234"));
    assert_eq!((assigned.reqnum, assigned.request_idx), (Some(17), Some(901)));
    assert_eq!(assigned.request_id.as_deref(), Some("b1946ac9"));
    let waiting = route(json!({
        "endpoint": "vLLM-Qwen3-8B", "status": "1 loading, 0 ready", "request_idx": 901, "__request_id": "b1946ac9"
    }))
    .await;
    assert!(waiting.url.is_none(), "`url` decides");
    assert_eq!((waiting.request_idx, waiting.status.as_deref()), (Some(901), Some("1 loading, 0 ready")));
    let failed = route(json!({ "error_msg": "no such endpoint" })).await;
    assert_eq!(failed.error_msg.as_deref(), Some("no such endpoint"));
}

#[test]
fn a_worker_without_an_id_is_kept_with_its_list() {
    for odd in [
        json!({ "status": "IDLE" }),
        json!({ "id": null, "perf": 1.5 }),
        json!({ "id": "a", "status": "IDLE" }),
    ] {
        for sent in [json!({ "workers": [{ "id": 1 }, odd] }), json!([{ "id": 1 }, odd])] {
            let workers: Workers = serde_json::from_value(sent).unwrap();
            assert!(workers.workers.is_none());
            assert_eq!(workers.extra["workers"], json!([{ "id": 1 }, odd]), "as it came");
        }
    }
    let error = serde_json::from_value::<Worker>(json!({ "status": "IDLE" })).unwrap_err();
    assert_eq!(error.to_string(), "this has no `id`");
    let error = serde_json::from_value::<Worker>(json!({ "id": "abc" })).unwrap_err();
    assert_eq!(error.to_string(), "its `id` is \"abc\", which is not an integer");
}
