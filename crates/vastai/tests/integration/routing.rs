//! Asking the engine for a worker.

use std::time::Duration;

use serde_json::{Value, json};
use vastai::serverless::Routed;
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Endpoint, Fault, RawResponse, Simulator, Worker, Workergroup};

use crate::support::client_of;

const ACCOUNT: &str = "planted-account-key";
const ENDPOINT: &str = "planted-endpoint-key";

/// An endpoint with one idle worker, whose key differs from the account's. *route* takes no other.
async fn simulator() -> Simulator {
    let group = Workergroup::new(70).worker(Worker::new(700));
    let endpoint = Endpoint::new(7, "seven").api_key(ENDPOINT).workergroup(group);
    let builder = Simulator::builder().empty().api_key(ACCOUNT).endpoint(endpoint);
    builder.route_accepts_account_key(false).start().await.unwrap()
}

/// What *route* means by a response.
async fn routed(answer: Value) -> vastai::Result<Routed> {
    let simulator = simulator().await;
    simulator.respond_with("/route/", RawResponse::json(StatusCode::OK, &answer));
    client_of(&simulator).route("seven").send().await
}

/// The bodies of the requests for *route*.
fn asked(simulator: &Simulator) -> Vec<Value> {
    let requests = simulator.requests();
    requests
        .iter()
        .filter(|request| request.path() == "/route/")
        .map(|request| request.json().unwrap())
        .collect()
}

#[tokio::test]
async fn a_route_is_asked_for_with_the_endpoints_key() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    for route in [client.route("seven").cost(242.5), client.endpoint(7).route().cost(242.5)] {
        let Routed::Assigned(worker) = route.send().await.unwrap() else { panic!("a worker is idle") };
        assert_eq!((worker.cost(), worker.auth_data()["endpoint"].as_str()), (Some(242.5), Some("seven")));
        assert!(worker.url().starts_with("https://192.0.2."), "{}", worker.url());
        assert!(worker.reqnum().is_some() && worker.request_idx() > 0 && worker.request_id().is_some());
    }
    let requests = simulator.requests();
    let by: Vec<_> = requests.iter().map(|request| (request.path(), request.bearer().unwrap())).collect();
    assert_eq!(
        by,
        [("/api/v0/endptjobs/", ACCOUNT), ("/route/", ENDPOINT), ("/route/", ENDPOINT)],
        "the key is looked up once"
    );
    assert_eq!(
        asked(&simulator)[0],
        json!({ "endpoint": "seven", "cost": 242.5, "request_idx": 0, "replay_timeout": 60.0 }),
        "no key stands in the body"
    );
}

#[tokio::test]
async fn the_url_decides_which_response_it_is() {
    let waiting =
        json!({ "endpoint": "seven", "status": "1 loading", "request_idx": 17, "__request_id": "x" });
    let Routed::Waiting(waiting) = routed(waiting).await.unwrap() else { panic!("there is no url") };
    assert_eq!((waiting.request_idx(), waiting.status().as_deref()), (17, Some("1 loading")));
    for nothing in
        [json!({ "url": null }), json!({ "url": "" }), json!({ "status": { "idle": 0 } }), json!({})]
    {
        let routed = routed(nothing.clone()).await.unwrap();
        assert!(matches!(routed, Routed::Waiting(_)), "{nothing}");
        assert_eq!(routed.request_idx(), 0);
    }
    // All fields but the url are optional, and numbers come as texts.
    for url in ["http://192.168.1.10:8000", "https://192.0.2.1:1/", " https://worker.example "] {
        let answer = json!({ "url": url, "request_idx": "18" });
        let Routed::Assigned(worker) = routed(answer).await.unwrap() else { panic!("there is a url") };
        assert_eq!((worker.url(), worker.request_idx()), (url.trim().trim_end_matches('/'), 18));
        assert_eq!((worker.reqnum(), worker.cost(), worker.request_id()), (None, None, None));
    }
}

#[tokio::test]
async fn what_is_neither_is_an_error() {
    for (answer, kind, words) in [
        (json!({ "error_msg": "no such endpoint" }), ErrorKind::Refused, "no such endpoint"),
        (json!("invalid api_key"), ErrorKind::Refused, "invalid api_key"),
        (json!([]), ErrorKind::Decode, "neither a worker, nor a status to wait with, nor an error"),
        (json!({ "url": 7 }), ErrorKind::Decode, "the worker's `url` is not a string"),
        (json!({ "url": "nowhere" }), ErrorKind::Decode, "the worker's `url` is not a URL"),
        (
            json!({ "url": "file:///etc/passwd" }),
            ErrorKind::Decode,
            "the worker's `url` is neither http nor https",
        ),
    ] {
        let error = routed(answer.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some("route")), "{answer}");
        assert!(error.message().starts_with(words), "{error}");
    }
    for cost in [-1.0, f64::NAN, f64::INFINITY] {
        let simulator = simulator().await;
        let error = client_of(&simulator).route("seven").cost(cost).send().await.unwrap_err();
        assert_eq!((error.kind(), simulator.requests().len()), (ErrorKind::InvalidRequest, 0));
    }
}

#[tokio::test]
async fn an_endpoint_that_the_account_lacks_is_not_found() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    for (route, words) in [
        (client.route("eight"), "the account has no endpoint `eight` with a key"),
        (client.endpoint(8).route(), "the account has no endpoint 8 with a key"),
    ] {
        let error = route.send().await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, words));
        assert_eq!(error.operation(), Some("showEndpoints"));
    }
    assert!(asked(&simulator).is_empty(), "the account's key is never tried");
    // One that lacks a part is not a hindrance to the others.
    simulator.add_endpoint(Endpoint::new(6, "six").without_field("api_key"));
    assert!(client.endpoint(7).route().send().await.is_ok());
    assert_eq!(client.endpoint(6).route().send().await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_key_that_has_changed_is_looked_up_anew() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    client.endpoint(7).route().send().await.unwrap();
    let group = Workergroup::new(70).worker(Worker::new(700));
    simulator.add_endpoint(Endpoint::new(7, "seven").api_key("another-key").workergroup(group));
    assert!(client.endpoint(7).route().send().await.is_ok());
    let keys: Vec<String> = simulator
        .requests()
        .iter()
        .filter(|request| request.path() == "/route/")
        .map(|request| request.bearer().unwrap().to_owned())
        .collect();
    assert_eq!(keys, [ENDPOINT, ENDPOINT, "another-key"]);
    // Where it is refused all the same, that is the end.
    simulator.respond_with(
        "/route/",
        RawResponse::json(StatusCode::OK, &json!("invalid api_key or endpoint not found")),
    );
    let before = simulator.requests().len();
    assert_eq!(client.endpoint(7).route().send().await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(simulator.requests().len() - before, 3, "refused, looked up, refused");
}

#[tokio::test]
async fn requests_that_begin_at_once_look_the_key_up_once() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    let routes = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.endpoint(7).route().send().await })
    });
    for route in routes.collect::<Vec<_>>() {
        route.await.unwrap().unwrap();
    }
    let lists = simulator.requests().iter().filter(|request| request.path() == "/api/v0/endptjobs/").count();
    assert_eq!((lists, asked(&simulator).len()), (1, 20));
    // The keys of one account are nothing for another.
    assert!(client.with_api_key("another-account").unwrap().endpoint(7).route().send().await.is_err());
}

#[tokio::test]
async fn a_program_may_know_the_endpoints_key_alone() {
    let simulator = simulator().await;
    let stranger = Client::builder()
        .api_key("no-account")
        .console_url(simulator.url())
        .run_url(simulator.url())
        .build()
        .unwrap();
    let routed = stranger.route("seven").endpoint_key(ENDPOINT).send().await.unwrap();
    assert!(matches!(routed, Routed::Assigned(_)));
    assert_eq!(simulator.requests().len(), 1, "nothing is looked up");
    let error = stranger.endpoint(7).route().endpoint_key(ENDPOINT).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let error = stranger.route("seven").endpoint_key("two\nlines").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn no_debug_shows_a_key_or_a_signature() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    let route = client.endpoint(7).route().endpoint_key(ENDPOINT);
    let Routed::Assigned(worker) = client.endpoint(7).route().send().await.unwrap() else {
        panic!("a worker is idle")
    };
    let signature = worker.auth_data()["signature"].as_str().unwrap().to_owned();
    let shown = format!(
        "{client:?} {route:?} {worker:?} {:?}",
        client.endpoint(7).request("/x", json!({ "a": "b" }))
    );
    for secret in [ACCOUNT, ENDPOINT, signature.as_str()] {
        assert!(!shown.contains(secret), "{shown}");
    }
    // An engine that repeats the key in what it says.
    simulator.respond_with(
        "/route/",
        RawResponse::json(StatusCode::OK, &json!(format!("invalid {ENDPOINT} {ACCOUNT}"))),
    );
    let error = client.endpoint(7).route().send().await.unwrap_err();
    assert_eq!(error.message(), "invalid [redacted] [redacted]");
}

/// The list of endpoints takes its time.
fn slow() -> Fault {
    Fault::delay(Duration::from_millis(100))
}

#[tokio::test]
async fn a_route_that_is_held_and_not_polled_holds_up_no_other() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    simulator.inject("showEndpoints", slow()).unwrap();
    let (first, second) = (client.route("seven"), client.route("seven"));
    let mut held = Box::pin(first.send());
    assert!(tokio::time::timeout(Duration::from_millis(10), &mut held).await.is_err(), "the list is slow");
    // The second drives the list of the first, which is asked for once.
    second.send().await.unwrap();
    held.await.unwrap();
    let lists = simulator.requests().iter().filter(|request| request.path() == "/api/v0/endptjobs/").count();
    assert_eq!((lists, asked(&simulator).len()), (1, 2));
}

#[tokio::test]
async fn a_list_goes_on_when_the_one_who_began_it_is_gone() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    simulator.inject("showEndpoints", slow()).unwrap();
    let (first, second) = (client.route("seven"), client.route("seven"));
    let mut begun = Box::pin(first.send());
    assert!(tokio::time::timeout(Duration::from_millis(10), &mut begun).await.is_err());
    let mut joined = Box::pin(second.send());
    assert!(tokio::time::timeout(Duration::from_millis(10), &mut joined).await.is_err());
    drop(begun);
    joined.await.unwrap();
    // Where nobody is left, the next one asks anew.
    let other = client.with_api_key(ACCOUNT).unwrap();
    simulator.inject("showEndpoints", Fault::delay(Duration::from_secs(600))).unwrap();
    let left = other.route("seven");
    assert!(tokio::time::timeout(Duration::from_millis(20), left.send()).await.is_err());
    other.route("seven").send().await.unwrap();
}

#[tokio::test]
async fn one_with_less_time_than_the_list_takes_does_not_wait_for_it() {
    let simulator = simulator().await;
    let client = client_of(&simulator);
    simulator.inject("showEndpoints", Fault::delay(Duration::from_millis(400))).unwrap();
    let hurried = client.with_timeout(Duration::from_millis(30));
    let (patient, hurried) = (client.route("seven"), hurried.route("seven"));
    let (patient, hurried) = tokio::join!(patient.send(), hurried.send());
    patient.unwrap();
    let error = hurried.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("showEndpoints")));
    // And one with more time asks by itself where the list failed for want of it.
    let other = client.with_api_key(ACCOUNT).unwrap();
    simulator.inject("showEndpoints", Fault::delay(Duration::from_millis(400))).unwrap();
    let hurried = other.with_timeout(Duration::from_millis(30));
    let (hurried, patient) = (hurried.route("seven"), other.route("seven"));
    let (hurried, patient) = tokio::join!(hurried.send(), patient.send());
    assert_eq!(hurried.unwrap_err().kind(), ErrorKind::Timeout);
    patient.unwrap();
}
