//! Workers and logs from every shape in which the serverless engine answers.

use serde_json::{Value, json};
use vastai::Timestamp;
use vastai::serverless::LogLevel;
use vastai::{ErrorKind, WorkerStatus};
use vastai_mock::{LogsShape, Simulator, WorkersShape};

use crate::support::client_of;

async fn workers_of(shape: WorkersShape) -> vastai::Result<Vec<vastai::Worker>> {
    let simulator = Simulator::start().await.unwrap();
    simulator.set_workers_shape(shape);
    let of_endpoint = client_of(&simulator).endpoint(12345).workers().await;
    let of_group = client_of(&simulator).workergroup(4242).workers().await;
    assert_eq!(of_endpoint.is_ok(), of_group.is_ok(), "an endpoint and a workergroup answer alike");
    of_endpoint
}

async fn custom(answer: Value) -> vastai::Result<Vec<vastai::Worker>> {
    workers_of(WorkersShape::Custom(answer)).await
}

#[tokio::test]
async fn a_list_and_an_object_with_a_list_are_the_same_workers() {
    let list = workers_of(WorkersShape::Array).await.unwrap();
    let object = workers_of(WorkersShape::Object).await.unwrap();
    assert_eq!(list.len(), 5);
    let ids = |workers: &[vastai::Worker]| workers.iter().map(|worker| worker.id).collect::<Vec<_>>();
    assert_eq!(ids(&list), ids(&object));
    assert!(list.iter().any(|worker| *worker.status() == WorkerStatus::Idle && worker.status().is_ready()));
}

#[tokio::test]
async fn a_notice_an_error_and_a_text_are_errors_with_status_200() {
    let notice = workers_of(WorkersShape::ErrorMsg("no workers known yet".into())).await.unwrap_err();
    assert_eq!(
        (notice.kind(), notice.status(), notice.message()),
        (ErrorKind::NotReady, Some(200), "no workers known yet")
    );
    let error = workers_of(WorkersShape::Error("endpoint is suspended".into())).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Refused, "endpoint is suspended"));
    let said = "authenticate_endpoint_apikey: invalid api_key or endpoint x not found";
    let text = workers_of(WorkersShape::Text(said.into())).await.unwrap_err();
    assert_eq!((text.kind(), text.status(), text.message()), (ErrorKind::Refused, Some(200), said));
    assert_eq!(text.operation(), Some("getEndpointWorkers"));
}

#[tokio::test]
async fn any_other_response_is_not_an_empty_list() {
    for other in
        [json!({ "status": "ok" }), json!({}), json!(null), json!(7), json!(""), json!({ "workers": "x" })]
    {
        let error = custom(other.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)), "{other}: {error}");
    }
    let error = workers_of(WorkersShape::OtherObject).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "getEndpointWorkers: undecodable response: an object that is neither a list of workers nor an error; \
         the response begins with: {\"status\":\"ok\"} (status 200)"
    );
    assert_eq!(custom(json!([])).await.unwrap(), [], "an endpoint can scale to no worker");
    assert_eq!(custom(json!({ "workers": [] })).await.unwrap(), []);
    assert_eq!(custom(json!({ "workers": null })).await.unwrap(), []);
}

#[tokio::test]
async fn every_field_of_a_worker_is_read_and_strangers_are_kept() {
    let worker = json!({
        "id": -3, "status": "model_loading", "cur_load": 12.5, "new_load": 3, "cur_load_rolling_avg": "4.25", "cur_perf": 80.0,
        "measured_perf": 100.5, "perf": 99.0, "dlperf": 41.5, "reliability": 0.985, "reqs_working": 2, "disk_usage": 17.25,
        "loaded_at": 1_764_000_000.123_456, "started_at": 1_763_999_000, "url": "http://192.0.2.1:8000",
        "created_at": "2023-10-01T12:00:00Z", "gpu_temps": [60, 61],
    });
    let read = custom(json!([worker])).await.unwrap().remove(0);
    assert_eq!(read.id, -3);
    assert_eq!(read.status, Some(WorkerStatus::ModelLoading));
    assert_eq!(
        (read.cur_load, read.new_load, read.cur_load_rolling_avg),
        (Some(12.5), Some(3.0), Some(4.25))
    );
    assert_eq!((read.cur_perf, read.measured_perf, read.perf), (Some(80.0), Some(100.5), Some(99.0)));
    assert_eq!((read.dlperf, read.reliability, read.reqs_working), (Some(41.5), Some(0.985), Some(2)));
    assert_eq!(
        (read.disk_usage, read.loaded_at.map(Timestamp::seconds)),
        (Some(17.25), Some(1_764_000_000.123_456))
    );
    assert_eq!(read.started_at, Some(1_763_999_000.0.into()));
    assert_eq!(read.url.as_deref(), Some("http://192.0.2.1:8000"));
    assert_eq!(read.created_at.as_deref(), Some("2023-10-01T12:00:00Z"));
    assert_eq!(Value::Object(read.extra.clone().into()), json!({ "gpu_temps": [60, 61] }));
    let again: vastai::Worker = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
    assert_eq!(again, read);
}

#[tokio::test]
async fn a_worker_may_be_nothing_but_its_id() {
    for (worker, id) in [
        (json!({ "id": 0 }), 0),
        (json!({ "id": "17" }), 17),
        (json!({ "id": 5.0, "status": null, "cur_load": null }), 5),
        (json!({ "id": 6, "status": "", "url": null }), 6),
    ] {
        let read = custom(json!([worker])).await.unwrap().remove(0);
        assert_eq!((read.id, read.status(), read.cur_load), (id, &WorkerStatus::Unknown, None), "{worker}");
        assert!(read.extra.is_empty());
    }
}

#[tokio::test]
async fn a_value_that_is_not_of_its_fields_type_is_kept() {
    let read = custom(json!([{ "id": 1, "cur_load": "much", "reqs_working": 1.5, "status": 7 }]))
        .await
        .unwrap()
        .remove(0);
    assert_eq!((read.cur_load, read.reqs_working, read.status()), (None, None, &WorkerStatus::Unknown));
    assert_eq!(
        Value::Object(read.extra.into()),
        json!({ "cur_load": "much", "reqs_working": 1.5, "status": 7 })
    );
}

#[tokio::test]
async fn a_worker_without_an_id_is_an_error_with_its_place() {
    let error = custom(json!([{ "id": 1 }, { "status": "IDLE" }])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.message().starts_with("the worker at 1: this has no `id`; the response begins with: "),
        "{error}"
    );
}

#[tokio::test]
async fn statuses_are_an_open_set_without_case() {
    for (written, read) in [
        ("IDLE", WorkerStatus::Idle),
        ("idle", WorkerStatus::Idle),
        ("Update_Ready", WorkerStatus::UpdateReady),
        ("unavail", WorkerStatus::Unavail),
        ("WARMING_UP", WorkerStatus::Other("WARMING_UP".into())),
    ] {
        assert_eq!(custom(json!([{ "id": 1, "status": written }])).await.unwrap()[0].status(), &read);
    }
    assert_eq!(WorkerStatus::from("Stopping").to_string(), "STOPPING");
    assert_eq!(WorkerStatus::Other("x".into()).as_str(), "x");
}

#[tokio::test]
async fn an_id_of_zero_is_refused_before_it_is_sent() {
    let simulator = Simulator::start().await.unwrap();
    let error = client_of(&simulator).endpoint(0).workers().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("getEndpointWorkers")));
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn logs_come_by_level_or_as_one_string() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let logs = client.endpoint(12345).logs().await.unwrap();
    assert!(LogLevel::ALL.iter().any(|level| !logs.level(*level).is_empty()));
    assert_eq!(simulator.requests()[0].json().unwrap(), json!({ "id": 12345 }));
    simulator.set_logs_shape(LogsShape::Custom(json!({ "logs": "one\ntwo" })));
    assert_eq!(client.workergroup(4242).logs().await.unwrap().level(LogLevel::Info0), "one\ntwo");
    simulator.set_logs_shape(LogsShape::Custom(json!({ "trace": "t", "info0": null })));
    let logs = client.endpoint(12345).logs().await.unwrap();
    assert_eq!((logs.level(LogLevel::Trace), logs.level(LogLevel::Info0)), ("t", ""));
    simulator.set_logs_shape(LogsShape::Text("authenticate_endpoint_apikey: not found".into()));
    assert_eq!(client.endpoint(12345).logs().await.unwrap_err().kind(), ErrorKind::Refused);
    simulator.set_logs_shape(LogsShape::Custom(json!({ "status": "ok" })));
    assert_eq!(client.endpoint(12345).logs().await.unwrap_err().kind(), ErrorKind::Decode);
}
