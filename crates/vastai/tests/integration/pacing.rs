//! A minimum time between calls of one operation with one key.

use std::time::Duration;

use tokio::time::Instant;
use vastai::observe::WaitReason;
use vastai::retry::{Pacing, RetryPolicy};
use vastai::vastai_api::operations;
use vastai::{Client, ClientBuilder, ErrorKind};
use vastai_mock::{Fault, RateLimitForm, Simulator};

use crate::clock::Clock;
use crate::support::builder;

fn limited() -> Fault {
    Fault::too_many_requests(RateLimitForm::JsonBodyOnly { retry_after: 10 })
}

fn bench(set_up: impl Fn(ClientBuilder) -> ClientBuilder) -> (Simulator, Clock, Client) {
    let simulator = Simulator::start_on_thread().unwrap();
    let clock = Clock::default();
    let client = builder(simulator.url(), simulator.url(), simulator.api_key()).retry(RetryPolicy::never());
    let client = clock.client(set_up(client));
    (simulator, clock, client)
}

/// When a call is over, in seconds since `start`.
async fn called(client: &Client, start: Instant) -> u64 {
    client.endpoint(12345).workers().await.unwrap();
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_holds_later_calls_of_the_operation_in_order() {
    let (simulator, _, client) = bench(|client| client);
    simulator.inject("getEndpointWorkers", limited()).unwrap();
    let start = Instant::now();
    let error = client.endpoint(12345).workers().await.unwrap_err();
    assert_eq!((error.kind(), error.min_interval()), (ErrorKind::RateLimited, Some(Duration::from_secs(5))));
    // The service asked to come back in 10 s, and never more often than every 5 s; clones keep to it together.
    let clones = [client.clone(), client.with_retry(RetryPolicy::default()), client.clone()];
    let [first, second, third] = &clones;
    let times = tokio::join!(called(first, start), called(second, start), called(third, start));
    assert_eq!(times, (10, 15, 20));
    // Another operation has its own limit.
    client.api().show_endpoints().send().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 20);
    // What was learned is forgotten after five minutes.
    tokio::time::sleep(Duration::from_secs(300)).await;
    let start = Instant::now();
    assert_eq!((called(&client, start).await, called(&client, start).await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn one_that_gives_up_leaves_no_gap() {
    let (simulator, _, client) =
        bench(|client| client.pacing(Pacing::default().min_interval(Duration::from_secs(5))));
    let start = Instant::now();
    assert_eq!(called(&client, start).await, 0);
    let first = called(&client, start);
    let given_up = tokio::time::timeout(Duration::from_secs(2), called(&client, start));
    let last = called(&client, start);
    let (first, given_up, last) = tokio::join!(first, given_up, last);
    assert_eq!((first, last), (5, 10));
    assert!(given_up.is_err());
    assert_eq!(simulator.request_count(), 3);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_held_and_not_polled_holds_up_no_other() {
    let interval = Duration::from_secs(5);
    let (simulator, _, client) = bench(|client| client.pacing(Pacing::default().min_interval(interval)));
    let start = Instant::now();
    assert_eq!(called(&client, start).await, 0);
    // Several are begun and left.
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut call = Box::pin(called(&client, start));
        assert!(tokio::time::timeout(Duration::from_millis(1), &mut call).await.is_err());
        held.push(call);
    }
    // The next comes in its own turn, behind theirs, and those after it every five seconds.
    assert_eq!(called(&client, start).await, 20);
    assert_eq!(called(&client, start).await, 25);
    // One that is polled again goes as soon as there is a turn, and no two go at once.
    assert_eq!(held.pop().unwrap().await, 30);
    assert_eq!(tokio::join!(held.pop().unwrap(), called(&client, start)), (35, 40));
    // One that is dropped leaves no gap, however late it is.
    drop(held);
    assert_eq!(called(&client, start).await, 45);
    assert_eq!(simulator.request_count(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_that_comes_in_holds_those_who_wait_in_their_order() {
    let (simulator, _, client) =
        bench(|client| client.pacing(Pacing::default().min_interval(Duration::from_secs(2))));
    simulator.inject("getEndpointWorkers", Fault::none()).unwrap();
    simulator.inject("getEndpointWorkers", limited()).unwrap();
    let start = Instant::now();
    let failed = async { client.endpoint(12345).workers().await.map(drop) };
    let (first, failed, third, fourth) =
        tokio::join!(called(&client, start), failed, called(&client, start), called(&client, start));
    assert_eq!((first, failed.unwrap_err().kind()), (0, ErrorKind::RateLimited));
    assert_eq!((third, fourth), (12, 17), "ten seconds after the limit came in, and five apart");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_would_come_too_late_is_not_waited_for() {
    let (simulator, clock, client) = bench(|client| {
        client.pacing(
            Pacing::default().min_interval_of(operations::GET_ENDPOINT_WORKERS, Duration::from_secs(50)),
        )
    });
    let start = Instant::now();
    assert_eq!(called(&client, start).await, 0);
    let endpoint = client.endpoint(12345);
    let (second, third) = tokio::join!(called(&client, start), endpoint.workers());
    assert_eq!(second, 50);
    let error = third.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    assert_eq!(error.retry_after().map(|after| after.as_secs()), Some(100));
    assert!(error.is_retryable() && !error.may_have_been_done());
    assert_eq!((simulator.request_count(), clock.waits(WaitReason::Pacing).len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn another_key_has_a_limit_of_its_own() {
    let (simulator, _, client) = bench(|client| client);
    simulator.inject("getEndpointWorkers", limited()).unwrap();
    client.endpoint(12345).workers().await.unwrap_err();
    let start = Instant::now();
    let other = client.with_api_key("another-key").unwrap();
    let refused = other.endpoint(12345).workers().await.unwrap_err();
    assert_eq!((refused.kind(), start.elapsed().as_secs()), (ErrorKind::Unauthorized, 0));
    let back = other.with_api_key(simulator.api_key()).unwrap();
    assert_eq!(called(&back, start).await, 10, "it is the key that counts");
    assert!(client.with_api_key("two words").is_err());
}

#[tokio::test(start_paused = true)]
async fn pacing_can_be_turned_off() {
    let (simulator, _, client) = bench(|client| client.pacing(Pacing::off()));
    simulator.inject("getEndpointWorkers", limited()).unwrap();
    client.endpoint(12345).workers().await.unwrap_err();
    let start = Instant::now();
    assert_eq!((called(&client, start).await, called(&client, start).await), (0, 0));
}
