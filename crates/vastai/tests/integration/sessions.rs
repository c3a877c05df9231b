//! Sessions at a worker.

use std::time::Duration;

use serde_json::{Value, json};
use vastai::serverless::Session;
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Endpoint, Fault, RawResponse, ServedWorker, Simulator, Worker, Workergroup};

use crate::support::client_of;

async fn served() -> (Simulator, Client, ServedWorker) {
    let group = Workergroup::new(70).worker(Worker::new(1));
    let endpoint = Endpoint::new(7, "seven").workergroup(group);
    let simulator = Simulator::builder().empty().endpoint(endpoint).start().await.unwrap();
    let client = client_of(&simulator);
    let worker = simulator.serve_worker(1).unwrap();
    (simulator, client, worker)
}

async fn opened(client: &Client) -> Session {
    let session = client.endpoint(7).session().poll_at_most_every(Duration::from_millis(1));
    let session =
        session.lifetime(Duration::from_secs(90)).cost(5.0).on_close("http://192.0.2.1/", json!({ "a": 1 }));
    session.open().await.unwrap()
}

fn routes(simulator: &Simulator) -> usize {
    simulator.requests().iter().filter(|request| request.path() == "/route/").count()
}

#[tokio::test]
async fn requests_of_a_session_go_to_its_worker() {
    let (simulator, client, worker) = served().await;
    let session = opened(&client).await;
    assert_eq!(session.worker_url(), worker.url());
    assert!(session.expires_at().is_some());
    let sent = worker.requests()[0].json().unwrap();
    assert_eq!(
        sent["payload"],
        json!({ "lifetime": 90.0, "on_close_route": "http://192.0.2.1/", "on_close_payload": { "a": 1 } })
    );
    for prompt in ["one", "two"] {
        let answer: Value = session
            .request("/generate", json!({ "prompt": prompt }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer["payload"]["prompt"], prompt);
    }
    assert_eq!(routes(&simulator), 1, "the session alone is routed");
    let last = worker.requests().pop().unwrap().json().unwrap();
    assert_eq!((last["session_id"].as_str(), &last["auth_data"]), (Some(session.id()), &sent["auth_data"]));
    let shown = format!("{session:?}");
    let signature = sent["auth_data"]["signature"].as_str().unwrap();
    assert!(!shown.contains(signature) && !shown.contains(session.id()), "{shown}");
    session.close().await.unwrap();
    let end = worker.requests().pop().unwrap();
    assert_eq!((end.path(), &end.json().unwrap()["session_auth"]), ("/session/end", &sent["auth_data"]));
}

#[tokio::test]
async fn a_session_that_is_gone_is_an_error_of_its_own() {
    let (simulator, client, worker) = served().await;
    let session = opened(&client).await;
    worker.lose_sessions();
    let error = session.request("/generate", json!({})).send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::SessionGone, Some(410)));
    assert_eq!(error.message(), "the worker has no such session any more: invalid session");
    assert!(!error.may_have_been_done());
    assert_eq!(session.close().await.unwrap_err().kind(), ErrorKind::SessionGone);
    assert_eq!((routes(&simulator), worker.payloads().len()), (1, 0), "it is not routed to another worker");
}

#[tokio::test]
async fn a_session_waits_where_its_workers_queue_is_full_and_ends_with_its_worker() {
    let (simulator, client, worker) = served().await;
    let session = opened(&client).await;
    worker.inject(Fault::status(429).times(2));
    let request = session.request("/generate", json!({})).poll_at_most_every(Duration::from_millis(1));
    request.send().await.unwrap();
    assert_eq!(worker.payloads().len(), 1);
    drop(worker);
    let error = request.send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), routes(&simulator)), (ErrorKind::Connection, 1, 1));
    assert_eq!(session.is_alive().await.unwrap_err().kind(), ErrorKind::Connection);
}

#[tokio::test]
async fn a_worker_is_asked_whether_it_has_the_session() {
    let (_simulator, client, worker) = served().await;
    let session = opened(&client).await;
    let answers = |status: u16, value: Value| {
        worker.inject(Fault::response(RawResponse::json(StatusCode::from_u16(status).unwrap(), &value)))
    };
    answers(200, json!({ "ok": true }));
    assert!(session.is_alive().await.unwrap());
    let asked = worker.requests().pop().unwrap();
    assert_eq!(
        (asked.path(), asked.json().unwrap()["session_id"].as_str()),
        ("/session/health", Some(session.id()))
    );
    answers(200, json!({ "ok": false }));
    assert!(!session.is_alive().await.unwrap());
    answers(410, json!({ "error": "session already closed" }));
    assert!(!session.is_alive().await.unwrap());
    answers(401, json!({ "error": "session_auth is not valid" }));
    assert_eq!(session.is_alive().await.unwrap_err().kind(), ErrorKind::Refused);
    answers(200, json!([]));
    assert_eq!(session.is_alive().await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_session_without_an_id_is_none() {
    let (_simulator, client, worker) = served().await;
    for value in [json!({}), json!({ "session_id": "" }), json!({ "session_id": 7 })] {
        worker.inject(Fault::response(RawResponse::json(StatusCode::CREATED, &value)));
        let error = client.endpoint(7).session().open().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{value}");
    }
}

#[tokio::test]
async fn what_a_worker_says_of_a_session_is_bounded() {
    let long = format!("{{\"session_id\": \"s\", \"ok\": true, \"x\": \"{}\"}}", "x".repeat(2_000));
    let short = r#"{"session_id": "s", "ok": true}"#;
    for (created, told, opens) in [(&*long, short, false), (short, &*long, true)] {
        let url = session_worker(created.to_owned(), told.to_owned()).await;
        let client = crate::support::builder(&url, &url, "a-key").response_limit(1_000).build().unwrap();
        let opened = client.endpoint(7).session().open().await;
        let session = match opened {
            Ok(session) if opens => session,
            Err(error) if !opens => {
                assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
                assert!(error.message().contains("longer than 1000 bytes"), "{error}");
                continue;
            }
            other => panic!("{other:?}"),
        };
        for error in [session.is_alive().await.unwrap_err(), session.clone().close().await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            assert!(error.message().contains("longer than 1000 bytes"), "{error}");
        }
    }
}

/// Console, engine and worker in one: it opens sessions with the first response, and tells of them with the second.
async fn session_worker(created: String, told: String) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = url.clone();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 64 * 1024];
            let read = connection.read(&mut request).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let body = if request.contains(" /route") {
                json!({ "url": own, "signature": "s", "reqnum": 1, "request_idx": 1 }).to_string()
            } else if request.contains("/endptjobs") {
                json!({ "results": [{ "id": 7, "endpoint_name": "e", "api_key": "the-endpoint-key" }] })
                    .to_string()
            } else if request.contains("/session/create") {
                created.clone()
            } else {
                told.clone()
            };
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = connection.write_all((head + &body).as_bytes()).await;
        }
    });
    url
}
