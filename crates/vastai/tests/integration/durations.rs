//! No duration that a program or a service gives makes the client panic, or wait for ever.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use vastai::billing::TimeRange;
use vastai::observe::WaitReason;
use vastai::retry::{Pacing, RetryPolicy};
use vastai::serverless::WatchEvent;
use vastai::vastai_api::operations;
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::http::header::{DATE, RETRY_AFTER};
use vastai_mock::{Fault, RawResponse, Simulator};

use crate::clock::Clock;
use crate::support::builder;

/// Durations of every size, the odd ones among them.
fn durations() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::MAX),
        Just(Duration::ZERO),
        Just(Duration::from_nanos(1)),
        Just(Duration::from_secs(1 << 62)),
        Just(Duration::from_secs(u64::MAX)),
        (0..64_u32, 0..1_000_000_000_u32).prop_map(|(power, nanos)| Duration::new(1 << power, nanos)),
    ]
}

/// Calls everything that takes a duration, for a moment.
async fn all_of_them(simulator: &Simulator, [a, b, c]: [Duration; 3]) {
    let pacing = Pacing::default().min_interval(a).min_interval_of(operations::GET_ENDPOINT_WORKERS, b);
    let retry = RetryPolicy::default().backoff(a, b).attempt_timeout(c);
    let client = builder(simulator.url(), simulator.url(), simulator.api_key());
    let client = client.pacing(pacing).retry(retry.clone()).timeout(c).build().unwrap();
    let moment = Duration::from_millis(2);
    let limited = RawResponse::text(StatusCode::SERVICE_UNAVAILABLE, "later")
        .header(RETRY_AFTER, b.as_secs().to_string().parse().unwrap());
    simulator.inject("showInstance", Fault::response(limited)).unwrap();
    for _ in 0..2 {
        let _ = tokio::time::timeout(moment, client.with_timeout(a).endpoint(12345).workers()).await;
    }
    let wait = client.instance(7).wait_until_running().interval(a).timeout(b).grace(c);
    let _ = tokio::time::timeout(moment, wait).await;
    let wait = client.endpoint(12345).wait_until_ready(99).interval(b).timeout(a);
    let _ = tokio::time::timeout(moment, wait).await;
    let mut watch = client.endpoint(12345).watch(a).timeout(b);
    watch.set_interval(c);
    let _ = tokio::time::timeout(moment, watch.next()).await;
    let endpoint = client.endpoint(12345);
    let request =
        endpoint.request("/x", json!({})).timeout(a).idle_timeout(b).replay_timeout(c).poll_at_most_every(a);
    let _ = tokio::time::timeout(moment, request.send()).await;
    let session = endpoint.session().lifetime(a).timeout(b).poll_at_most_every(c);
    let _ = tokio::time::timeout(moment, session.open()).await;
    let file = format!("{}/nothing", simulator.url());
    let _ = tokio::time::timeout(moment, client.result_file(&file).unwrap().poll(3, a).bytes()).await;
    let call = client.call(Client::operation("showEndpoints").unwrap()).timeout(b).retry(retry);
    let _ = tokio::time::timeout(moment, call.send()).await;
    let _ = TimeRange::last(a);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_duration_panics(durations in [durations(), durations(), durations()]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let simulator = Simulator::start().await.unwrap();
            all_of_them(&simulator, durations).await;
        });
    }
}

#[tokio::test]
async fn the_longest_duration_does_not_panic_anywhere() {
    let simulator = Simulator::start().await.unwrap();
    all_of_them(&simulator, [Duration::MAX; 3]).await;
}

#[tokio::test(start_paused = true)]
async fn a_pace_of_for_ever_lets_one_call_pass() {
    let simulator = Simulator::start_on_thread().unwrap();
    let client = builder(simulator.url(), simulator.url(), simulator.api_key());
    let client = Clock::default().client(client.pacing(Pacing::default().min_interval(Duration::MAX)));
    client.endpoint(12345).workers().await.unwrap();
    let error = client.endpoint(12345).workers().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
}

/// Waits that no service means.
fn absurd() -> Vec<RawResponse> {
    let mut answers = Vec::new();
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
        for after in
            ["31536000", "99999999999999", "99999999999999999999999999", "Tue, 01 Jan 2999 00:00:00 GMT"]
        {
            answers.push(RawResponse::text(status, "later").header(RETRY_AFTER, after.parse().unwrap()));
        }
        answers.push(RawResponse::json(status, &json!({ "error": "later", "retry_after": 1e300 })));
        answers.push(RawResponse::json(status, &json!({ "error": "later", "retry_after": "31536000" })));
    }
    answers.push(
        RawResponse::text(StatusCode::SERVICE_UNAVAILABLE, "later")
            .header(DATE, "Tue, 01 Jan 1980 00:00:00 GMT".parse().unwrap())
            .header(RETRY_AFTER, "Tue, 01 Jan 2030 00:00:00 GMT".parse().unwrap()),
    );
    answers
}

const LONGEST: Duration = Duration::from_secs(600);

#[tokio::test(start_paused = true)]
async fn a_watch_waits_ten_minutes_at_most_and_says_what_the_service_asked_for() {
    for answer in absurd() {
        let simulator = Simulator::start_on_thread().unwrap();
        simulator.respond_next_with("/get_endpoint_workers/", answer.clone());
        let client = Clock::default().client(
            builder(simulator.url(), simulator.url(), simulator.api_key()).retry(RetryPolicy::never()),
        );
        let mut watch = client.endpoint(12345).watch(Duration::from_secs(5));
        let began = tokio::time::Instant::now();
        let Some(Ok(WatchEvent::PollFailed { error, retry_in, .. })) = watch.next().await else {
            panic!("no trouble: {answer:?}")
        };
        assert_eq!(retry_in, LONGEST, "{answer:?}");
        let asked = error.retry_after().unwrap();
        assert!(asked > Duration::from_secs(365 * 86_400 - 10), "{asked:?}");
        assert!(error.to_string().contains(&format!("{} s", asked.as_secs_f64().ceil())), "{error}");
        assert!(matches!(watch.next().await, Some(Ok(WatchEvent::Recovered { .. }))));
        assert!(began.elapsed() <= LONGEST + Duration::from_secs(1), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn calls_waits_and_files_wait_ten_minutes_at_most_for_what_the_service_asks() {
    let long = Duration::from_secs(3 * 3600);
    for answer in absurd() {
        let simulator = Simulator::start_on_thread().unwrap();
        let clock = Clock::default();
        let client =
            clock.client(builder(simulator.url(), simulator.url(), simulator.api_key()).timeout(long));
        let began = tokio::time::Instant::now();
        simulator.inject("showEndpoints", Fault::response(answer.clone())).unwrap();
        client.call(Client::operation("showEndpoints").unwrap()).send().await.unwrap();
        let waits = clock.waits(WaitReason::Backoff);
        assert!(
            matches!(waits[..], [wait] if (600..=601).contains(&wait.as_secs())),
            "{answer:?}: {waits:?}"
        );
        assert!(began.elapsed() <= Duration::from_secs(602));

        simulator.inject("showInstance", Fault::response(answer.clone())).unwrap();
        let began = tokio::time::Instant::now();
        let once = client.with_retry(RetryPolicy::never());
        once.instance(28_004_311).wait_until_running().timeout(long).await.unwrap();
        assert!(began.elapsed() <= Duration::from_secs(606), "{:?}", began.elapsed());

        let files = Simulator::start_on_thread().unwrap();
        files.respond_next_with("/file", answer.clone());
        files.respond_with("/file", RawResponse::text(StatusCode::OK, "here"));
        let began = tokio::time::Instant::now();
        let file = client.result_file(&format!("{}/file", files.url())).unwrap();
        assert_eq!(file.text().await.unwrap(), "here");
        assert!(began.elapsed() <= Duration::from_secs(602), "{:?}", began.elapsed());
    }
}
