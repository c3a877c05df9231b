//! Waiting for the workers of an endpoint, and watching them.

use std::time::Duration;

use serde_json::{Value, json};
use vastai::serverless::{LogTail, Watch, WatchEvent};
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Endpoint, Phase, RawResponse, Simulator, Worker, Workergroup};

use crate::support::client_of;

const PATH: &str = "/get_endpoint_workers/";
const SOON: Duration = Duration::from_millis(1);
const FAR: Duration = Duration::from_secs(60);

fn workers(workers: Value) -> RawResponse {
    RawResponse::json(StatusCode::OK, &workers)
}

async fn answering(answers: impl IntoIterator<Item = RawResponse>) -> (Simulator, Client) {
    let simulator = Simulator::start().await.unwrap();
    answers.into_iter().for_each(|answer| simulator.respond_next_with(PATH, answer));
    let client = client_of(&simulator);
    (simulator, client)
}

/// A change in a few words.
fn told(event: &WatchEvent) -> String {
    match event {
        WatchEvent::Joined(worker) => format!("{} joined as {}", worker.id, worker.status()),
        WatchEvent::Left(worker) => format!("{} left", worker.id),
        WatchEvent::StatusChanged { worker, before } => {
            format!("{} {before} → {}", worker.id, worker.status())
        }
        WatchEvent::LoadChanged { worker, before, requests_before } => format!(
            "{} load {before:?} → {:?}, requests {requests_before:?} → {:?}",
            worker.id, worker.cur_load, worker.reqs_working
        ),
        WatchEvent::PollFailed { error, failures, .. } => format!("trouble {failures}: {}", error.kind()),
        WatchEvent::Recovered { failures } => format!("recovered after {failures}"),
        other => format!("{other:?}"),
    }
}

/// The changes up to the end of the watch, and the error that ended it.
async fn all(watch: &mut Watch) -> (Vec<String>, Option<vastai::Error>) {
    let mut events = Vec::new();
    while let Some(event) = watch.next().await {
        match event {
            Ok(event) => events.push(told(&event)),
            Err(error) => {
                assert!(watch.next().await.is_none(), "an error ends the watch");
                return (events, Some(error));
            }
        }
    }
    (events, None)
}

#[tokio::test]
async fn a_wait_goes_on_until_enough_workers_are_ready() {
    // Each look moves the clock; the workers come up one after the other.
    let group = Workergroup::new(1)
        .worker(Worker::new(1).phase(Phase::ModelLoading))
        .worker(Worker::new(2).phase(Phase::Loading))
        .worker(Worker::new(3).phase(Phase::Stopped));
    let endpoint = Endpoint::new(5, "five").workergroup(group);
    let builder = Simulator::builder().empty().endpoint(endpoint).step(Duration::from_secs(20));
    let simulator = builder.start().await.unwrap();
    let client = client_of(&simulator);
    let ready = client.endpoint(5).wait_until_ready(2).interval(SOON).timeout(FAR).await.unwrap();
    assert_eq!(ready.len(), 3, "all of them are given");
    assert_eq!(ready.iter().filter(|worker| worker.status().is_ready()).count(), 2);
    assert!(simulator.requests().len() > 3);
    let of_group = client.workergroup(1).wait_until_ready(0).interval(SOON).timeout(FAR).await.unwrap();
    assert_eq!(of_group.len(), 3);
    let error = client
        .endpoint(5)
        .wait_until_ready(3)
        .interval(SOON)
        .timeout(Duration::from_millis(500))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), "endpoint 5 has 2 of 3 ready workers (2 IDLE, 1 STOPPED) after 500ms");
}

#[tokio::test]
async fn a_wait_lives_through_an_engine_that_knows_nothing_yet() {
    let notice = workers(json!({ "error_msg": "no workers known yet" }));
    let (_simulator, client) =
        answering([notice.clone(), notice, workers(json!([{ "id": 1, "status": "IDLE" }]))]).await;
    assert_eq!(
        client.endpoint(12345).wait_until_ready(1).interval(SOON).timeout(FAR).await.unwrap().len(),
        1
    );
    let (simulator, client) = answering([workers(json!("invalid api_key or endpoint x not found"))]).await;
    let error = client.endpoint(12345).wait_until_ready(1).interval(SOON).timeout(FAR).await.unwrap_err();
    assert_eq!((error.kind(), simulator.requests().len()), (ErrorKind::Refused, 1));
}

#[tokio::test]
async fn a_watch_gives_what_has_changed() {
    let looks = [
        json!([{ "id": 1, "status": "LOADING" }, { "id": 2, "status": "IDLE", "cur_load": 1.5, "reqs_working": 1 }]),
        json!([{ "id": 1, "status": "LOADING" }, { "id": 2, "status": "IDLE", "cur_load": 1.5, "reqs_working": 1 }]),
        json!({ "workers": [{ "id": 2, "status": "IDLE", "cur_load": 3, "reqs_working": 2 }, { "id": 1, "status": "IDLE", "cur_load": 9 }] }),
        json!([{ "id": -3, "status": "CREATED" }, { "id": 2, "status": "IDLE", "cur_load": 3, "reqs_working": 2 }]),
        json!([]),
        json!("authenticate_endpoint_apikey: gone"),
    ];
    let (simulator, client) = answering(looks.map(workers)).await;
    let mut watch = client.endpoint(12345).watch(SOON);
    assert_eq!(simulator.requests().len(), 0, "nothing is asked before somebody listens");
    let (events, error) = all(&mut watch).await;
    assert_eq!(
        events,
        [
            "1 joined as LOADING",
            "2 joined as IDLE",
            "1 LOADING → IDLE",
            "2 load Some(1.5) → Some(3.0), requests Some(1) → Some(2)",
            "1 left",
            "-3 joined as CREATED",
            "-3 left",
            "2 left",
        ]
    );
    let error = error.unwrap();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Refused, Some("getEndpointWorkers")));
    assert_eq!((watch.polls(), watch.workers().len()), (6, 0));
}

#[tokio::test]
async fn workers_of_the_same_id_are_told_apart() {
    let looks = [
        json!([{ "id": 0, "status": "LOADING" }, { "id": 0, "status": "LOADING" }]),
        json!([{ "id": 0, "status": "IDLE" }]),
        json!("no"),
    ];
    let (_simulator, client) = answering(looks.map(workers)).await;
    let (events, _) = all(&mut client.endpoint(12345).watch(SOON)).await;
    assert_eq!(events, ["0 joined as LOADING", "0 joined as LOADING", "0 left", "0 LOADING → IDLE"]);
}

#[tokio::test]
async fn a_watch_gives_failures_and_goes_on() {
    let (_simulator, client) = answering([
        workers(json!([{ "id": 1, "status": "IDLE" }])),
        workers(json!({ "error_msg": "nothing to say" })),
        RawResponse::html(StatusCode::OK, "<html>half a gateway"),
        workers(json!([{ "id": 1, "status": "STOPPED" }])),
        RawResponse::text(StatusCode::UNAUTHORIZED, "no"),
    ])
    .await;
    let mut watch = client.endpoint(12345).watch(SOON);
    let (events, error) = all(&mut watch).await;
    assert_eq!(
        events,
        [
            "1 joined as IDLE",
            "trouble 1: not ready",
            "trouble 2: undecodable response",
            "recovered after 2",
            "1 IDLE → STOPPED",
        ]
    );
    assert_eq!(error.unwrap().kind(), ErrorKind::Unauthorized);
    assert_eq!(watch.workers().map(|worker| worker.id).collect::<Vec<_>>(), [1], "as they were last seen");
}

#[tokio::test]
async fn a_watch_ends_where_no_response_can_be_read() {
    let (simulator, client) = answering([]).await;
    simulator.respond_with(PATH, workers(json!({ "status": "ok" })));
    let (events, error) = all(&mut client.endpoint(12345).watch(SOON)).await;
    assert_eq!(events.len(), 5);
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_watch_ends_at_its_deadline() {
    let (_simulator, client) = answering([]).await;
    let mut watch = client.endpoint(12345).watch(FAR).timeout(Duration::from_millis(500));
    let (events, error) = all(&mut watch).await;
    assert!(error.is_none());
    assert_eq!((events.len(), watch.polls()), (5, 1), "in the pause before the second look");
}

#[tokio::test]
async fn a_next_that_is_dropped_loses_nothing() {
    let looks = (0..20).map(|look| workers(json!([{ "id": look, "status": "IDLE" }])));
    let (_simulator, client) = answering(looks.chain([workers(json!("end"))])).await;
    let mut watch = client.endpoint(12345).watch(SOON);
    let (mut joined, mut dropped) = (Vec::new(), 0);
    loop {
        let next = tokio::select! {
            biased;
            next = watch.next() => next,
            () = std::future::ready(()) => {
                dropped += 1;
                tokio::task::yield_now().await;
                continue;
            }
        };
        match next {
            Some(Ok(WatchEvent::Joined(worker))) => joined.push(worker.id),
            Some(Ok(_)) => {}
            Some(Err(_)) => break,
            None => panic!("it ends with an error"),
        }
    }
    assert_eq!(joined, (0..20).collect::<Vec<i64>>());
    assert!(dropped > 20);
}

#[tokio::test]
async fn a_workergroup_is_watched_alike() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let mut watch = client.workergroup(4242).watch(FAR);
    assert!(matches!(watch.next().await, Some(Ok(WatchEvent::Joined(_)))));
    assert_eq!(simulator.requests()[0].path(), "/get_workergroup_workers/");
}

#[tokio::test]
async fn as_much_of_a_log_as_is_asked_for() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    client.endpoint(12345).logs_tail(LogTail::Bytes(100)).await.unwrap();
    client.workergroup(4242).logs_tail(LogTail::All).await.unwrap();
    let sent: Vec<Value> = simulator.requests().iter().map(|request| request.json().unwrap()).collect();
    assert_eq!(sent, [json!({ "id": 12345, "tail": 100 }), json!({ "id": 4242, "tail": -1 })]);
}

#[tokio::test]
async fn a_watch_gives_each_poll_also_where_nothing_has_changed() {
    let one = workers(json!([{"id": 1, "status": "IDLE", "cur_load": 2.0}]));
    let failed = RawResponse::json(StatusCode::BAD_GATEWAY, &json!({}));
    let gone = workers(json!([]));
    let (_simulator, client) = answering([one.clone(), one.clone(), failed, one, gone]).await;
    let client = client.with_retry(vastai::retry::RetryPolicy::never());
    let mut watch = client.endpoint(12_345).watch(SOON);
    let mut polls = Vec::new();
    for _ in 0..5 {
        let events = watch.next_poll().await.unwrap().unwrap();
        polls.push(events.iter().map(told).collect::<Vec<_>>());
    }
    assert_eq!(polls[0], ["1 joined as IDLE"]);
    assert!(polls[1].is_empty(), "{polls:?}");
    assert!(polls[2][0].starts_with("trouble 1"), "{polls:?}");
    assert_eq!(polls[3], ["recovered after 1"]);
    assert_eq!(polls[4], ["1 left"]);
    assert_eq!(watch.polls(), 5);
    let mut over = client.endpoint(12_345).watch(FAR).timeout(Duration::ZERO);
    assert!(over.next_poll().await.is_none());
}
