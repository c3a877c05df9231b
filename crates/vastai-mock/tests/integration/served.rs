//! Workers that take requests.

use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Value, json};
use vastai_mock::{
    Endpoint, Fault, FaultPlan, RawResponse, ServedWorker, Simulator, Worker, WorkerReply, Workergroup,
};

use crate::client::{Response, client, posted, send, workers};

async fn started() -> (Simulator, ServedWorker) {
    let endpoint = Endpoint::new(1, "one").workergroup(Workergroup::new(2).worker(Worker::new(5)));
    let sim = Simulator::builder().empty().endpoint(endpoint).start().await.unwrap();
    let worker = sim.serve_worker(5).unwrap();
    (sim, worker)
}

async fn route(sim: &Simulator) -> Value {
    posted(sim, "/route/", json!({ "endpoint": "one", "cost": 242 })).await
}

async fn ask(worker: &ServedWorker, path: &str, body: Value) -> Response {
    send(client().post(format!("{}{path}", worker.url())).json(&body)).await
}

#[tokio::test]
async fn a_payload_goes_where_it_was_routed() {
    let (sim, worker) = started().await;
    assert_eq!(workers(&sim, 1).await[0]["url"], worker.url());
    let auth_data = route(&sim).await;
    assert_eq!(auth_data["url"], worker.url());
    let body = json!({ "auth_data": auth_data, "payload": { "prompt": "Hi" }, "session_id": null });
    let response = ask(&worker, "/v1/completions", body).await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(
        response.json(),
        json!({ "worker": 5, "path": "/v1/completions", "payload": { "prompt": "Hi" } })
    );
    assert_eq!(worker.payloads(), [json!({ "prompt": "Hi" })]);
    assert!(worker.requests()[0].carried_out());
    assert_eq!(worker.id(), 5);
}

#[tokio::test]
async fn what_was_not_routed_is_refused() {
    let (sim, worker) = started().await;
    let good = route(&sim).await;
    let payload = json!({ "prompt": "Hi" });
    let with = |name: &str, value: Value| {
        let mut auth_data = good.clone();
        auth_data[name] = value;
        json!({ "auth_data": auth_data, "payload": payload })
    };
    for (body, status) in [
        (with("signature", json!("mock-signature-9-9")), 401),
        (with("cost", json!(1)), 401),
        (with("reqnum", json!(7)), 401),
        (with("url", json!("https://192.0.2.1")), 401),
        (json!({ "auth_data": good, "payload": payload, "session_id": "mock-session-1" }), 410),
        (json!({ "auth_data": good }), 422),
        (json!({ "payload": payload }), 422),
        (json!({ "auth_data": good, "payload": payload }), 200),
        // A signature is good for one payload.
        (json!({ "auth_data": good, "payload": payload }), 401),
    ] {
        assert_eq!(ask(&worker, "/v1/completions", body.clone()).await.status, status, "{body}");
    }
    let no_json = client().post(format!("{}/", worker.url())).body("{");
    assert_eq!(send(no_json).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(client().get(worker.url())).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(worker.payloads().len(), 1);
    assert_eq!(worker.requests().len(), 11);
}

#[tokio::test(start_paused = true)]
async fn answers_are_json_bytes_or_streams() {
    let (sim, worker) = started().await;
    let tokens = vec![json!({ "token": "Hel" }), json!({ "token": "lo" })];
    for (reply, content_type, text) in [
        (WorkerReply::Json(json!([1])), "application/json", "[1]"),
        (
            WorkerReply::Events(tokens.clone()),
            "text/event-stream",
            "data: {\"token\":\"Hel\"}\n\ndata: {\"token\":\"lo\"}\n\ndata: [DONE]\n\n",
        ),
        (WorkerReply::JsonLines(tokens), "application/x-ndjson", "{\"token\":\"Hel\"}\n{\"token\":\"lo\"}\n"),
        (
            WorkerReply::Response(RawResponse::text(StatusCode::OK, "plain").streamed()),
            "text/plain; charset=utf-8",
            "plain",
        ),
    ] {
        worker.reply_with(reply.clone());
        worker.inject(Fault::none());
        worker.inject(Fault::drip(3, Duration::from_secs(1)));
        for _ in 0..2 {
            let body = json!({ "auth_data": route(&sim).await, "payload": 1 });
            let response = ask(&worker, "/generate", body).await;
            assert_eq!(response.headers[CONTENT_TYPE], content_type);
            let streamed = !matches!(reply, WorkerReply::Json(_));
            assert_eq!(response.headers.get(CONTENT_LENGTH).is_none(), streamed, "{reply:?}");
            assert_eq!(response.body, text);
        }
    }
}

#[tokio::test]
async fn a_worker_fails_before_or_after_it_took_the_payload() {
    let (sim, worker) = started().await;
    worker.reply_with(WorkerReply::Events(vec![json!("some"), json!("words")]));
    for (fault, taken) in [
        (Fault::status(429), 0),
        (Fault::cut_before_effect(), 0),
        (Fault::cut_after_effect(), 1),
        (Fault::half_body(), 2),
    ] {
        worker.inject(fault.clone());
        let body = json!({ "auth_data": route(&sim).await, "payload": taken });
        let request = client().post(format!("{}/generate", worker.url())).json(&body);
        let whole = match request.send().await {
            Ok(response) => response.status() == 200 && response.text().await.is_ok(),
            Err(_) => false,
        };
        assert!(!whole, "{fault}");
        assert_eq!(worker.payloads().len(), taken, "{fault}");
    }
    worker.plan_faults(FaultPlan::seeded(1).fault(1, Fault::status(500)));
    let body = json!({ "auth_data": route(&sim).await, "payload": 0 });
    assert_eq!(ask(&worker, "/generate", body).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    worker.inject(Fault::status(500).always());
    worker.clear_faults();
    let body = json!({ "auth_data": route(&sim).await, "payload": 0 });
    assert_eq!(ask(&worker, "/generate", body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_keeps_its_worker_until_it_is_gone() {
    let (sim, worker) = started().await;
    let auth_data = route(&sim).await;
    let opening = json!({ "auth_data": auth_data, "payload": { "lifetime": 30.0 } });
    let opened = ask(&worker, "/session/create", opening).await;
    assert_eq!(opened.status, StatusCode::CREATED);
    let session = opened.json()["session_id"].clone();
    assert_eq!(opened.json()["expiration"], sim.now().as_secs_f64() + 30.0);
    let body = json!({ "auth_data": auth_data, "payload": 1, "session_id": session });
    for _ in 0..2 {
        assert_eq!(ask(&worker, "/generate", body.clone()).await.status, StatusCode::OK);
    }
    let foreign = json!({ "session_id": session, "session_auth": { "cost": 1 } });
    assert_eq!(ask(&worker, "/session/end", foreign).await.status, StatusCode::UNAUTHORIZED);
    let closing = json!({ "session_id": session, "session_auth": auth_data });
    let shown = ask(&worker, "/session/get", closing.clone()).await.json();
    assert_eq!((&shown["auth_data"], &shown["lifetime"]), (&auth_data, &json!(30.0)));
    // Each request has added as much as it lives.
    assert_eq!(shown["expiration"], sim.now().as_secs_f64() + 90.0);
    let closed = ask(&worker, "/session/end", closing.clone()).await;
    assert_eq!(closed.json(), json!({ "ended": true, "removed_session": session }));
    for path in ["/session/get", "/session/end"] {
        assert_eq!(ask(&worker, path, closing.clone()).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(ask(&worker, "/generate", body).await.status, StatusCode::GONE);

    let auth_data = route(&sim).await;
    let opened = ask(&worker, "/session/create", json!({ "auth_data": auth_data, "payload": {} })).await;
    worker.lose_sessions();
    let session = opened.json()["session_id"].clone();
    let body = json!({ "auth_data": auth_data, "payload": 1, "session_id": session });
    assert_eq!(ask(&worker, "/generate", body).await.status, StatusCode::GONE);
    assert_eq!(worker.payloads().len(), 2);
}

#[tokio::test]
async fn a_worker_can_go() {
    let (sim, worker) = started().await;
    let auth_data = route(&sim).await;
    worker.stop().await.unwrap();
    let url = auth_data["url"].as_str().unwrap();
    assert!(client().post(url).json(&json!({ "auth_data": auth_data, "payload": 1 })).send().await.is_err());
    let unknown = sim.serve_worker(6).unwrap_err();
    assert_eq!(unknown.kind(), std::io::ErrorKind::NotFound);
    assert_eq!(unknown.to_string(), "the simulator has no worker 6");
}

#[tokio::test]
async fn routes_can_be_made_to_wait() {
    let (sim, worker) = started().await;
    sim.let_routes_wait(2);
    let mut idx = 0;
    for _ in 0..2 {
        let body = json!({ "endpoint": "one", "cost": 1, "request_idx": idx });
        let waits = posted(&sim, "/route/", body).await;
        assert_eq!((waits.get("url"), &waits["request_idx"]), (None, &json!(1)));
        idx = 1;
    }
    let body = json!({ "endpoint": "one", "cost": 1, "request_idx": idx });
    assert_eq!(posted(&sim, "/route/", body).await["url"], worker.url());
}
