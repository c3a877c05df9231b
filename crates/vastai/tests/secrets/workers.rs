//! Requests through an endpoint: its key, the signatures of the engine and the ids of sessions are secrets, too.

use std::time::Duration;

use serde_json::json;
use vastai::Error;
use vastai::serverless::Routed;
use vastai_mock::http::StatusCode;
use vastai_mock::{Endpoint, Fault, RawResponse, Simulator, Worker, WorkerReply, Workergroup};

use crate::support::client;
use crate::{PLANTED, shown};

const ENDPOINT_KEY: &str = "planted-endpoint-key-0123456789";
const PAYLOAD: &str = "a prompt that is nobody's business";

/// All that values and errors show while requests go well and wrong, and what must stand neither there nor in the log.
pub(crate) async fn all_that_is_shown() -> (String, Vec<String>) {
    let group = Workergroup::new(70).worker(Worker::new(1));
    let endpoint = Endpoint::new(7, "seven").api_key(ENDPOINT_KEY).workergroup(group);
    let builder = Simulator::builder().empty().api_key(PLANTED).endpoint(endpoint);
    let simulator = builder.route_accepts_account_key(false).start().await.unwrap();
    let worker = simulator.serve_worker(1).unwrap();
    let client = client(simulator.url(), simulator.url(), PLANTED);
    let request = client.endpoint(7).request("/v1/x", json!({ "prompt": PAYLOAD }));
    let request = request.poll_at_most_every(Duration::from_millis(1)).timeout(Duration::from_secs(20));
    let route = client.route("seven").endpoint_key(ENDPOINT_KEY);
    let mut seen = format!("{client:?} {route:?} {:?}", client.endpoint(7).session());
    let mut secrets = vec![ENDPOINT_KEY.to_owned()];

    let routed = route.send().await.unwrap();
    seen.push_str(&format!("{routed:?}"));
    let Routed::Assigned(assignment) = routed else { panic!("a worker is idle") };
    secrets.push(assignment.auth_data()["signature"].as_str().unwrap().to_owned());

    let answer = request.send().await.unwrap();
    secrets.push(answer.assignment().auth_data()["signature"].as_str().unwrap().to_owned());
    seen.push_str(&format!("{answer:?} {:?}", answer.assignment()));
    let session = client.endpoint(7).session().open().await.unwrap();
    secrets.push(session.id().to_owned());
    seen.push_str(&format!("{session:?} {:?}", session.request("/x", json!({}))));
    session.request("/x", json!({ "prompt": PAYLOAD })).send().await.unwrap();
    worker.lose_sessions();
    seen.push_str(&shown(&session.request("/x", json!({})).send().await.unwrap_err()));

    for fault in [
        Fault::status(401),
        Fault::status(404),
        Fault::status(422),
        Fault::status(500),
        Fault::html(502),
        Fault::cut_after_effect(),
        Fault::response(RawResponse::redirect(StatusCode::FOUND, "https://elsewhere.example/").unwrap()),
    ] {
        worker.inject(fault);
        seen.push_str(&shown(&request.send().await.unwrap_err()));
    }
    worker.reply_with(WorkerReply::Events(vec![json!({ "token": "x" }); 20]));
    worker.inject(Fault::half_body());
    let mut events = request.send().await.unwrap().events();
    while let Some(event) = events.next().await {
        seen.push_str(&event.map_or_else(|error| shown(&error), |event| format!("{event:?}")));
    }
    seen.push_str(&format!("{events:?}"));

    // An engine that repeats the keys in whatever it says.
    let echo = format!("invalid {ENDPOINT_KEY} {PLANTED}");
    for answer in [
        RawResponse::json(StatusCode::OK, &json!(echo)),
        RawResponse::json(StatusCode::OK, &json!({ "error_msg": echo })),
        RawResponse::text(StatusCode::BAD_REQUEST, echo.as_str()),
        RawResponse::html(StatusCode::OK, echo.as_str()),
    ] {
        simulator.respond_with("/route/", answer);
        let refused: Error = client.endpoint(7).route().send().await.unwrap_err();
        seen.push_str(&shown(&refused));
        seen.push_str(&shown(&request.clone().timeout(Duration::from_millis(50)).send().await.unwrap_err()));
    }
    for request in worker.requests() {
        let sent = format!("{:?} {}", request.headers(), String::from_utf8_lossy(request.body()));
        assert!(!sent.contains(ENDPOINT_KEY) && !sent.contains(PLANTED), "a key went to a worker");
        assert!(request.bearer().is_none() && request.query().is_none());
    }
    (seen, secrets)
}

/// What no log may tell, whatever values and errors show.
pub(crate) const NOT_LOGGED: &str = PAYLOAD;
