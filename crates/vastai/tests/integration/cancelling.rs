//! What waits can be sent to another task, is dropped at will, and ends when its client's time is up.

use std::time::{Duration, Instant};

use futures_core::Stream;
use serde_json::json;
use vastai::paging::Pages;
use vastai::serverless::{Events, Watch};
use vastai::{Client, ErrorKind, Instance};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};

use crate::support::{client, client_of, silent_server};

const SOON: Duration = Duration::from_millis(1);

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_stream<T: Stream + Send + Unpin + 'static>() {}

#[test]
fn what_comes_bit_by_bit_is_a_stream() {
    is_stream::<Watch>();
    is_stream::<Events>();
    is_stream::<Pages<Instance>>();
}

#[tokio::test]
async fn what_waits_goes_to_any_task() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let endpoint = client.endpoint(12345);
    let request = endpoint.request("/x", json!({}));
    let session = endpoint.session();
    let mut watch = endpoint.watch(SOON);
    drop(is_send(request.send()));
    drop(is_send(session.open()));
    drop(is_send(client.route("x").send()));
    drop(is_send(client.offers().send()));
    drop(is_send(endpoint.wait_until_ready(1).into_future()));
    drop(is_send(client.instance(1).wait_until_running().into_future()));
    drop(is_send(client.instances().pages().next()));
    drop(is_send(watch.next()));
    assert!(simulator.requests().is_empty(), "what is not polled does nothing");
}

#[tokio::test]
async fn a_wait_that_is_dropped_asks_no_more() {
    let simulator = Simulator::start().await.unwrap();
    let loading = json!({ "instances": { "id": 7, "actual_status": "loading" } });
    simulator.respond_with("/api/v0/instances/7", RawResponse::json(StatusCode::OK, &loading));
    let client = client_of(&simulator);
    let mut wait = client.instance(7).wait_until_running().interval(SOON).into_future();
    while simulator.requests().len() < 3 {
        let looked = tokio::time::timeout(SOON, &mut wait).await;
        assert!(looked.is_err(), "it loads for ever");
    }
    drop(wait);
    // A look that was under way may still arrive. Other calls get through, and no more of the wait's come with them.
    let asked = simulator.requests().len();
    for _ in 0..20 {
        client.endpoint(12345).workers().await.unwrap();
    }
    let looks = simulator.requests().len() - asked - 20;
    assert!(looks <= 1, "{looks}");
}

/// A client whose time is up in a moment.
fn hurried(client: &Client) -> Client {
    client.with_deadline(Instant::now() + Duration::from_millis(80))
}

#[tokio::test]
async fn all_ends_when_the_clients_time_is_up() {
    let simulator = Simulator::start().await.unwrap();
    simulator.let_routes_wait(u64::MAX);
    let loading = json!({ "instances": { "id": 7, "actual_status": "loading" } });
    simulator.respond_with("/api/v0/instances/7", RawResponse::json(StatusCode::OK, &loading));
    let silent = silent_server().await;
    for client in [client_of(&simulator), client(&silent, &silent, "a-key")] {
        let waited = hurried(&client).instance(7).wait_until_running().interval(SOON).await.unwrap_err();
        assert_eq!(waited.kind(), ErrorKind::Timeout);
        let waited = hurried(&client).endpoint(12345).wait_until_ready(9).interval(SOON).await.unwrap_err();
        assert_eq!(waited.kind(), ErrorKind::Timeout);
        let hurried = hurried(&client);
        let request = hurried.endpoint(12345).request("/x", json!({})).poll_at_most_every(SOON);
        let late = request.send().await.unwrap_err();
        assert_eq!((late.kind(), late.may_have_been_done()), (ErrorKind::Timeout, false));
        let mut watch = hurried.endpoint(12345).watch(SOON);
        while let Some(event) = watch.next().await {
            event.unwrap();
        }
    }
}

#[tokio::test]
async fn an_error_says_what_to_do_about_what_never_comes() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let error = client.instance(28_004_313).wait_until_running().new_rental().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeverReady);
    let advice = "it is billed as long as it is there: destroy it and take another";
    assert_eq!(error.advice().as_deref(), Some(advice));
    assert!(
        error.to_string().starts_with("never ready: instance 28004313 will not run: it is `exited`"),
        "{error}"
    );
}
