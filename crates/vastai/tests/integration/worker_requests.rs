//! Requests through an endpoint to a worker.

use std::error::Error as _;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use vastai::serverless::WorkerRequest;
use vastai::{Client, Delivery, ErrorKind};
use vastai_mock::http::header::{LOCATION, RETRY_AFTER};
use vastai_mock::http::{HeaderValue, StatusCode};
use vastai_mock::{Endpoint, Fault, RawResponse, ServedWorker, Simulator, Worker, WorkerReply, Workergroup};

use crate::support::{client_of, nobody};

const ACCOUNT: &str = "planted-account-key";
const ENDPOINT: &str = "planted-endpoint-key";
const SOON: Duration = Duration::from_millis(1);

/// An endpoint with idle workers, all of which are served.
async fn served(workers: i64) -> (Simulator, Client, Vec<ServedWorker>) {
    let group = (1..=workers).fold(Workergroup::new(70), |group, id| group.worker(Worker::new(id)));
    let endpoint = Endpoint::new(7, "seven").api_key(ENDPOINT).workergroup(group);
    let builder =
        Simulator::builder().empty().api_key(ACCOUNT).endpoint(endpoint).route_accepts_account_key(false);
    let simulator = builder.start().await.unwrap();
    let client = client_of(&simulator);
    let workers = (1..=workers).map(|id| simulator.serve_worker(id).unwrap()).collect();
    (simulator, client, workers)
}

fn request(client: &Client) -> WorkerRequest {
    client.endpoint(7).request("/v1/completions", json!({ "prompt": "Hi" })).poll_at_most_every(SOON)
}

fn payloads(workers: &[ServedWorker]) -> usize {
    workers.iter().map(|worker| worker.payloads().len()).sum()
}

fn routes(simulator: &Simulator) -> Vec<Value> {
    let requests = simulator.requests();
    requests
        .iter()
        .filter(|request| request.path() == "/route/")
        .map(|request| request.json().unwrap())
        .collect()
}

/// What a request fails with where the worker answers so.
async fn failed(answer: RawResponse) -> vastai::Error {
    let (simulator, client, workers) = served(1).await;
    workers[0].inject(Fault::response(answer).always());
    let error = request(&client).send().await.unwrap_err();
    assert_eq!((routes(&simulator).len(), workers[0].requests().len()), (1, 1), "it is sent once");
    error
}

#[tokio::test]
async fn a_worker_is_sent_the_payload_with_what_the_engine_signed() {
    let (_simulator, client, workers) = served(1).await;
    let answer = request(&client).cost(12.5).send().await.unwrap();
    assert_eq!((answer.status(), answer.content_type()), (200, Some("application/json")));
    let assignment = answer.assignment().clone();
    assert_eq!((assignment.url(), assignment.cost()), (workers[0].url(), Some(12.5)));
    let value: Value = answer.json().await.unwrap();
    assert_eq!(value, json!({ "worker": 1, "path": "/v1/completions", "payload": { "prompt": "Hi" } }));
    let requests = workers[0].requests();
    assert_eq!(
        requests[0].json().unwrap(),
        json!({ "auth_data": assignment.auth_data(), "session_id": null, "payload": { "prompt": "Hi" } })
    );
}

#[tokio::test]
async fn no_key_goes_to_a_worker() {
    let (simulator, client, workers) = served(1).await;
    request(&client).send().await.unwrap();
    let worker = &workers[0].requests()[0];
    let all = format!(
        "{:?} {:?} {:?} {}",
        worker.path(),
        worker.query(),
        worker.headers().values().collect::<Vec<_>>(),
        String::from_utf8_lossy(worker.body())
    );
    assert!(worker.bearer().is_none());
    for key in [ACCOUNT, ENDPOINT] {
        assert!(!all.contains(key), "{all}");
        assert!(!worker.headers().values().any(|value| value.to_str().unwrap_or_default().contains(key)));
    }
    assert!(
        !simulator
            .requests()
            .iter()
            .any(|request| request.path() == "/route/" && request.bearer() == Some(ACCOUNT))
    );
}

#[tokio::test]
async fn responses_are_json_text_or_bytes() {
    let (_simulator, client, workers) = served(1).await;
    let reply = |answer| workers[0].reply_with(WorkerReply::Response(answer));
    let audio = HeaderValue::from_static("audio/mpeg");
    reply(RawResponse::new(StatusCode::OK, audio, [0xff, 0xfb, 0x00]));
    let answer = request(&client).send().await.unwrap();
    assert_eq!(answer.content_type(), Some("audio/mpeg"));
    assert_eq!(&answer.bytes().await.unwrap()[..], [0xff, 0xfb, 0x00]);
    workers[0].inject(Fault::drip(2, Duration::ZERO));
    let mut answer = request(&client).send().await.unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = answer.chunk().await.unwrap() {
        pieces.extend(piece);
    }
    assert_eq!(pieces, [0xff, 0xfb, 0x00]);
    let error = request(&client).send().await.unwrap().text().await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_done()), (ErrorKind::Decode, true));
    reply(RawResponse::text(StatusCode::CREATED, "a transcript: ü"));
    let answer = request(&client).send().await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap()), (201, "a transcript: ü".to_owned()));
    workers[0].reply_with(WorkerReply::Json(json!({ "choices": [{ "text": 7 }] })));
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its failure is of interest")]
    struct Completion {
        choices: Vec<Choice>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its failure is of interest")]
    struct Choice {
        text: String,
    }
    let error = request(&client).send().await.unwrap().json::<Completion>().await.unwrap_err();
    assert_eq!((error.kind(), error.json_path()), (ErrorKind::Decode, Some("choices[0].text")));
    assert_eq!(error.body_start(), Some(r#"{"choices":[{"text":7}]}"#));
}

#[tokio::test]
async fn streams_are_server_sent_events_or_json_lines() {
    let (_simulator, client, workers) = served(1).await;
    let values = vec![json!({ "token": "a" }), json!({ "token": "ü\n" }), json!([1])];
    let text = |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect::<String>();
    let plain = RawResponse::text(StatusCode::OK, format!("\n{}", text(&values))).streamed();
    let sniffed = RawResponse::text(
        StatusCode::OK,
        "data: {\"token\":\"a\"}\r\n\r\ndata: {\"token\":\"ü\\n\"}\n\ndata: [1]",
    )
    .streamed();
    for reply in [
        WorkerReply::Events(values.clone()),
        WorkerReply::JsonLines(values.clone()),
        WorkerReply::Response(plain),
        WorkerReply::Response(sniffed),
    ] {
        workers[0].reply_with(reply.clone());
        for fault in [Fault::none(), Fault::drip(1, Duration::ZERO), Fault::drip(7, Duration::ZERO)] {
            workers[0].inject(fault);
            let mut events = request(&client).send().await.unwrap().events();
            let mut read = Vec::new();
            while let Some(event) = events.next().await {
                read.push(event.unwrap().json::<Value>().unwrap());
            }
            assert_eq!(read, values, "{reply:?}");
            assert!(events.next().await.is_none(), "the end stays the end");
        }
    }
}

#[tokio::test]
async fn events_can_be_typed_and_one_that_does_not_decode_ends_nothing() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Chunk {
        token: String,
    }
    let (_simulator, client, workers) = served(1).await;
    let values = vec![json!({ "token": "a" }), json!({ "token": 7 }), json!({ "token": "b" })];
    workers[0].reply_with(WorkerReply::Events(values));
    let chunks = request(&client).send().await.unwrap().events().json::<Chunk>();
    let chunks: Vec<vastai::Result<Chunk>> = chunks.collect().await;
    let token = |chunk: &vastai::Result<Chunk>| chunk.as_ref().ok().map(|chunk| chunk.token.clone());
    assert_eq!(
        chunks.iter().map(token).collect::<Vec<_>>(),
        [Some("a".to_owned()), None, Some("b".to_owned())]
    );
    assert_eq!(chunks[1].as_ref().unwrap_err().kind(), ErrorKind::Decode);

    workers[0].inject(Fault::half_body());
    workers[0].reply_with(WorkerReply::JsonLines(vec![json!({ "token": "a" }); 100]));
    let mut chunks = request(&client).send().await.unwrap().events().json::<Chunk>();
    let mut last = chunks.next().await.unwrap();
    while let Some(next) = chunks.next().await {
        last = next;
    }
    assert_eq!(last.unwrap_err().kind(), ErrorKind::Connection);
}

#[tokio::test]
async fn a_stream_that_breaks_off_gives_what_came_before() {
    let (_simulator, client, workers) = served(1).await;
    workers[0].reply_with(WorkerReply::Events(vec![json!({ "token": "a" }); 100]));
    workers[0].inject(Fault::half_body());
    let mut events = request(&client).send().await.unwrap().events();
    let (mut read, mut error) = (0, None);
    while let Some(event) = events.next().await {
        match event {
            Ok(_) => read += 1,
            Err(failure) => error = Some(failure),
        }
    }
    let error = error.unwrap();
    assert!((10..100).contains(&read), "{read}");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Connection, "the worker's response broke off"));
    assert!(error.may_have_been_done());
    assert_eq!(workers[0].payloads().len(), 1, "and the payload is not sent again");
}

#[tokio::test]
async fn a_stream_may_neither_be_silent_nor_flood() {
    let (_simulator, client, workers) = served(1).await;
    workers[0].reply_with(WorkerReply::JsonLines(vec![json!("x".repeat(200))]));
    let mut events = request(&client).event_limit(100).send().await.unwrap().events();
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        error.message(),
        "an event of the worker's stream is larger than 100 bytes, the limit for this request"
    );
    assert!(events.next().await.is_none());
    workers[0].inject(Fault::drip(20, Duration::from_secs(3600)));
    let mut events = request(&client).idle_timeout(Duration::from_millis(50)).send().await.unwrap().events();
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Timeout, "nothing came of the worker's stream for 50ms")
    );
}

#[tokio::test]
async fn a_request_waits_with_its_number_until_a_worker_is_free() {
    let (simulator, client, workers) = served(1).await;
    simulator.let_routes_wait(4);
    request(&client).send().await.unwrap();
    let indices: Vec<i64> =
        routes(&simulator).iter().map(|body| body["request_idx"].as_i64().unwrap()).collect();
    assert_eq!(indices.len(), 5);
    assert_eq!(indices[0], 0, "new at first");
    assert!(indices[1] > 0 && indices[1..].iter().all(|index| *index == indices[1]), "{indices:?}");
    assert_eq!(payloads(&workers), 1);
}

#[tokio::test]
async fn asking_for_a_worker_lives_through_what_may_pass() {
    let (simulator, client, workers) = served(1).await;
    simulator.inject("route", Fault::status(503).times(2)).unwrap();
    simulator.inject("route", Fault::cut_before_effect()).unwrap();
    simulator.inject("route", Fault::cut_after_effect()).unwrap();
    request(&client).send().await.unwrap();
    assert_eq!(payloads(&workers), 1);
    simulator.inject("route", Fault::status(403)).unwrap();
    let error = request(&client).send().await.unwrap_err();
    assert_eq!((error.kind(), payloads(&workers)), (ErrorKind::Forbidden, 1));
}

#[tokio::test]
async fn where_the_queue_is_full_another_worker_is_asked_for() {
    let (simulator, client, workers) = served(2).await;
    let full = RawResponse::empty(StatusCode::TOO_MANY_REQUESTS);
    workers[0].inject(Fault::response(full.clone()).times(2));
    workers[1].inject(Fault::response(full.header(RETRY_AFTER, HeaderValue::from_static("0.001"))).times(2));
    request(&client).send().await.unwrap();
    assert_eq!(payloads(&workers), 1);
    let indices: Vec<i64> =
        routes(&simulator).iter().map(|body| body["request_idx"].as_i64().unwrap()).collect();
    assert!(
        indices.len() >= 2 && indices[1..].iter().all(|index| *index == indices[1] && *index > 0),
        "{indices:?}"
    );
}

#[tokio::test]
async fn a_worker_that_is_gone_is_replaced() {
    let (simulator, client, mut workers) = served(2).await;
    // The engine does not know yet.
    drop(workers.remove(0));
    for _ in 0..4 {
        request(&client).send().await.unwrap();
    }
    assert_eq!(payloads(&workers), 4);
    assert!(routes(&simulator).len() >= 4);
}

#[tokio::test]
async fn workers_that_are_all_out_of_reach_are_no_accident() {
    let (simulator, client, _) = served(0).await;
    let url = nobody().await;
    let group = Workergroup::new(70).worker(Worker::new(1).url(url));
    simulator.add_endpoint(Endpoint::new(7, "seven").api_key(ENDPOINT).workergroup(group));
    let error = request(&client).send().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::NotSent));
    assert_eq!((error.attempts(), routes(&simulator).len()), (5, 5));
    assert!(!error.may_have_been_done());
}

#[tokio::test]
async fn a_payload_that_may_have_been_taken_is_not_sent_again() {
    for fault in [
        Fault::cut_after_effect(),
        Fault::cut_before_effect(),
        Fault::status(500).after_effect(),
        Fault::status(502),
    ] {
        let (simulator, client, workers) = served(2).await;
        workers.iter().for_each(|worker| worker.inject(fault.clone().always()));
        let error = request(&client).send().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Connection | ErrorKind::Server), "{error}");
        assert!(error.may_have_been_done(), "{error}");
        assert!(payloads(&workers) <= 1);
        assert_eq!(
            (routes(&simulator).len(), workers.iter().map(|worker| worker.requests().len()).sum::<usize>()),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn a_payload_may_be_sent_again_where_the_caller_allows_it() {
    let (simulator, client, workers) = served(2).await;
    workers.iter().for_each(|worker| worker.inject(Fault::cut_after_effect()));
    request(&client).allow_repeat().send().await.unwrap();
    assert!(payloads(&workers) >= 2);
    // What came of it stays said.
    workers.iter().for_each(|worker| worker.inject(Fault::cut_after_effect()));
    workers.iter().for_each(|worker| {
        worker.inject(Fault::response(RawResponse::text(StatusCode::NOT_FOUND, "no")).always())
    });
    let error = request(&client).allow_repeat().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.attempts() >= 2 && error.may_have_been_done(), "{error}");
    // Also where the engine does not go on.
    workers.iter().for_each(ServedWorker::clear_faults);
    workers.iter().for_each(|worker| worker.inject(Fault::cut_after_effect().always()));
    simulator.inject("route", Fault::none()).unwrap();
    simulator.inject("route", Fault::status(403)).unwrap();
    let error = request(&client).allow_repeat().send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.may_have_been_done()), (ErrorKind::Forbidden, 1, true));
}

#[tokio::test]
async fn each_status_of_a_worker_has_a_meaning() {
    let json = |status, value: Value| RawResponse::json(StatusCode::from_u16(status).unwrap(), &value);
    let text = |status, text: &str| RawResponse::text(StatusCode::from_u16(status).unwrap(), text);
    for (answer, kind, words, done) in [
        (
            RawResponse::empty(StatusCode::UNAUTHORIZED),
            ErrorKind::Refused,
            "the worker does not take the signature",
            false,
        ),
        (
            json(422, json!({ "error": "invalid JSON" })),
            ErrorKind::InvalidRequest,
            "the worker calls the request invalid: invalid JSON",
            false,
        ),
        (
            json(422, json!({ "payload": "missing field" })),
            ErrorKind::InvalidRequest,
            r#"the worker calls the request invalid: {"payload":"missing field"}"#,
            false,
        ),
        (text(410, "no"), ErrorKind::Refused, "the worker refuses it: no", false),
        (
            text(404, "404: Not Found"),
            ErrorKind::NotFound,
            "the worker has nothing at this path: 404: Not Found",
            false,
        ),
        (text(403, "no"), ErrorKind::Forbidden, "the worker forbids it: no", false),
        (text(500, ""), ErrorKind::Server, "the worker failed", true),
        (json(503, json!("busy")), ErrorKind::Server, "the worker failed: busy", true),
        (text(408, "slow"), ErrorKind::Timeout, "the worker gave up: slow", true),
        (
            text(303, "").header(LOCATION, HeaderValue::from_static("https://elsewhere.example/")),
            ErrorKind::Redirect,
            "the worker redirects, which is not followed",
            true,
        ),
        (
            text(307, "").header(LOCATION, HeaderValue::from_static("https://elsewhere.example/")),
            ErrorKind::Redirect,
            "the worker redirects, which is not followed",
            false,
        ),
    ] {
        let error = failed(answer.clone()).await;
        assert_eq!((error.kind(), error.message()), (kind, words), "{answer:?}");
        assert_eq!((error.may_have_been_done(), error.status().is_some()), (done, true), "{error}");
    }
}

#[tokio::test]
async fn a_request_ends_when_its_time_is_up() {
    let (simulator, client, workers) = served(1).await;
    simulator.let_routes_wait(u64::MAX);
    let short = Duration::from_millis(1500);
    let error = request(&client).timeout(short).send().await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_done()), (ErrorKind::Timeout, false));
    assert!(
        error.message().starts_with("no worker took the request within 1.5s (the engine says: "),
        "{error}"
    );
    simulator.let_routes_wait(0);

    workers[0].inject(Fault::response(RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "full")).always());
    let error = request(&client).timeout(short).send().await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_done()), (ErrorKind::Timeout, false));
    assert!(
        error.message().contains("the last failure was: rate limited: the worker's queue is full: full"),
        "{error}"
    );
    assert!(error.source().is_some());
    workers[0].clear_faults();

    // The worker has it and does not answer.
    workers[0].inject(Fault::delay(Duration::from_secs(3600)));
    let error = request(&client).timeout(short).send().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown));
    assert!(
        error.may_have_been_done() && error.message().starts_with("the worker did not answer within "),
        "{error}"
    );
    assert_eq!(payloads(&workers), 1);

    // It fails by halves.
    let failure = RawResponse::text(StatusCode::INTERNAL_SERVER_ERROR, "out of order, and that for long");
    workers[0].reply_with(WorkerReply::Response(failure));
    workers[0].inject(Fault::drip(12, Duration::from_secs(3600)));
    let error = request(&client).timeout(short).send().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Server, "the worker failed: out of order"));
    workers[0].reply_with(WorkerReply::Echo);

    // It answers by halves.
    workers[0].inject(Fault::drip(10, Duration::from_secs(3600)));
    let error = request(&client).timeout(short).send().await.unwrap().bytes().await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_done()), (ErrorKind::Timeout, true));
}

#[tokio::test]
async fn a_path_stays_at_its_worker() {
    let (_simulator, client, workers) = served(1).await;
    for path in ["", "v1", "@elsewhere.example/", ":80/", "https://elsewhere.example/"] {
        let error = client.endpoint(7).request(path, json!({})).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
    }
    assert!(workers[0].requests().is_empty());
    let odd = client.endpoint(7).request("//elsewhere.example/?a=b", json!({})).send().await.unwrap();
    assert_eq!(odd.json::<Value>().await.unwrap()["worker"], 1);
}

#[tokio::test]
async fn a_request_by_the_endpoints_name_and_key_needs_no_account() {
    let (simulator, _, workers) = served(1).await;
    let stranger = Client::builder()
        .api_key("no-account")
        .console_url(simulator.url())
        .run_url(simulator.url())
        .build()
        .unwrap();
    let request = stranger.endpoint_named("seven").request("/x", json!({})).endpoint_key(ENDPOINT);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(workers[0].payloads(), [json!({})]);
}
