//! What is tried again, how often and when; and what never is.

use std::time::{Duration, Instant};

use vastai::observe::WaitReason;
use vastai::retry::RetryPolicy;
use vastai::{Client, Delivery, Error, ErrorKind};
use vastai_mock::http::header::{DATE, RETRY_AFTER};
use vastai_mock::http::{HeaderValue, StatusCode};
use vastai_mock::{Fault, RateLimitForm, RawResponse, Simulator};

use crate::clock::Clock;
use crate::support::{builder, nobody, silent_server};

struct Bench {
    simulator: Simulator,
    clock: Clock,
    client: Client,
}

/// A client that tries again, with its simulator, under a paused clock.
fn bench() -> Bench {
    let simulator = Simulator::start_on_thread().unwrap();
    let clock = Clock::default();
    let client = clock.client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    Bench { simulator, clock, client }
}

async fn read(client: &Client) -> Result<(), Error> {
    client.endpoint(12345).workers().await.map(drop)
}

async fn rent(client: &Client) -> Result<(), Error> {
    client.api().create_instance().id(1).body_map(|body| body.image("x".to_owned())).send().await?;
    Ok(())
}

/// Failures after which the request may have been carried out.
fn ambiguous() -> Vec<Fault> {
    let html = RawResponse::html(StatusCode::OK, "<html>");
    vec![
        Fault::status(502),
        Fault::status(503),
        Fault::status(504),
        Fault::status(408),
        Fault::html(502),
        Fault::status(503).after_effect(),
        Fault::cut_before_effect(),
        Fault::cut_after_effect(),
        Fault::half_body(),
        Fault::response(html),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_again_after_whatever_may_pass() {
    for fault in ambiguous() {
        let Bench { simulator, clock, client } = bench();
        simulator.inject("getEndpointWorkers", fault.clone().times(3)).unwrap();
        read(&client).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(simulator.request_count(), 4, "{fault}");
        let waits = clock.waits(WaitReason::Backoff);
        let longest = [500, 1000, 2000].map(Duration::from_millis);
        assert!(
            waits.len() == 3 && waits.iter().zip(longest).all(|(wait, longest)| *wait <= longest),
            "{waits:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_failure_is_given_with_the_number_of_attempts() {
    let Bench { simulator, client, .. } = bench();
    simulator.inject("getEndpointWorkers", Fault::status(503).always()).unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Server, Some(503), 4));
    assert!(error.is_retryable() && !error.may_have_been_done());
    assert_eq!(
        error.to_string(),
        "getEndpointWorkers: server failure: Service Unavailable. (service_unavailable) (status 503, 4 attempts); it is safe to try again"
    );
    assert_eq!(simulator.request_count(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_would_fail_again_is_not_tried_again() {
    for status in [400, 401, 403, 404, 409, 410, 422, 500, 501] {
        let Bench { simulator, client, .. } = bench();
        simulator.inject("getEndpointWorkers", Fault::status(status).always()).unwrap();
        let error = read(&client).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert!(!error.is_retryable(), "{error}");
        assert_eq!(simulator.request_count(), 1, "{status}");
    }
    let Bench { simulator, client, .. } = bench();
    simulator.inject("getEndpointWorkers", Fault::wrong_types().always()).unwrap();
    assert_eq!(read(&client).await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(simulator.request_count(), 1, "an answer of another shape would come again");
}

#[tokio::test(start_paused = true)]
async fn what_rents_is_sent_once_and_said_to_be_perhaps_done() {
    for fault in ambiguous() {
        let Bench { simulator, client, .. } = bench();
        simulator.inject("createInstance", fault.clone()).unwrap();
        let error = rent(&client).await.unwrap_err();
        assert_eq!(simulator.request_count(), 1, "{fault}");
        assert_eq!(error.attempts(), 1);
        assert!(error.may_have_been_done() && !error.is_retryable(), "{fault}: {error:?}");
        assert!(
            error.to_string().ends_with(
                "; it may have been done all the same, so look with showInstances before you repeat it"
            ),
            "{fault}: {error}"
        );
    }
    let Bench { simulator, client, .. } = bench();
    simulator.inject("createInstance", Fault::status(500)).unwrap();
    assert!(rent(&client).await.unwrap_err().may_have_been_done());
    simulator.inject("createInstance", Fault::status(400)).unwrap();
    assert!(!rent(&client).await.unwrap_err().may_have_been_done());
    assert_eq!(simulator.request_count(), 2);
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_are_waited_out_by_any_operation() {
    for (form, least) in [
        (RateLimitForm::PlainText, 0),
        (RateLimitForm::Json { retry_after: 7 }, 7),
        (RateLimitForm::JsonBodyOnly { retry_after: 7 }, 7),
        (RateLimitForm::HeaderOnly { retry_after: 7 }, 7),
    ] {
        let Bench { simulator, clock, client } = bench();
        simulator.inject("createInstance", Fault::too_many_requests(form).times(2)).unwrap();
        rent(&client).await.unwrap();
        assert_eq!((simulator.request_count(), simulator.machines_rented()), (3, 1), "{form:?}");
        let waits = clock.waits(WaitReason::Backoff);
        assert!(waits.len() == 2 && waits.iter().all(|wait| wait.as_secs() >= least), "{waits:?}");
        assert!(waits.iter().all(|wait| wait.as_secs() <= least + 1), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_to_wait_for_is_kept() {
    let Bench { simulator, clock, client } = bench();
    let dated = RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "slower")
        .header(DATE, HeaderValue::from_static("Tue, 24 Nov 2026 10:00:00 GMT"))
        .header(RETRY_AFTER, HeaderValue::from_static("Tue, 24 Nov 2026 10:00:20 GMT"));
    simulator.inject("createInstance", Fault::response(dated)).unwrap();
    rent(&client).await.unwrap();
    let waits = clock.waits(WaitReason::Backoff);
    assert!(matches!(waits[..], [wait] if (20_000..=20_500).contains(&wait.as_millis())), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn no_wait_begins_that_would_end_after_the_calls_time() {
    let Bench { simulator, clock, client } = bench();
    let limited = Fault::too_many_requests(RateLimitForm::HeaderOnly { retry_after: 61 });
    simulator.inject("createInstance", limited).unwrap();
    let started = tokio::time::Instant::now();
    let error = rent(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(error.to_string().ends_with("; try again in 61 s"), "{error}");
    assert!(error.is_retryable() && !error.may_have_been_done());
    assert!(clock.waits(WaitReason::Backoff).is_empty());
    assert!(started.elapsed() < Duration::from_secs(1));

    // A deadline counts like the client's own time, whichever comes first.
    let soon = tokio::time::Instant::now().into_std() + Duration::from_secs(5);
    simulator
        .inject("showEndpoints", Fault::too_many_requests(RateLimitForm::HeaderOnly { retry_after: 6 }))
        .unwrap();
    let error = client.with_deadline(soon).api().show_endpoints().send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 1));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_reached_is_tried_again_by_any_operation() {
    let url = nobody().await;
    let clock = Clock::default();
    let client = clock.client(builder(&url, &url, "a-key"));
    let error = rent(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.attempts()),
        (ErrorKind::Connection, Delivery::NotSent, 4)
    );
    assert!(error.is_retryable() && !error.may_have_been_done());
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("createInstance: connection failure: {url} was not reached: ")),
        "{text}"
    );
    assert!(text.ends_with("(4 attempts); nothing was sent, so it is safe to try again"), "{text}");
    assert_eq!((clock.attempts(), clock.waits(WaitReason::Backoff).len()), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn a_caller_can_turn_it_off_tune_it_and_choose_for_one_call() {
    let Bench { simulator, client, .. } = bench();
    simulator.inject("showEndpoints", Fault::status(503).always()).unwrap();
    let operation = Client::operation("showEndpoints").unwrap();
    let sent_by = async |client: &Client| {
        let before = simulator.request_count();
        client.api().show_endpoints().send().await.unwrap_err();
        simulator.request_count() - before
    };
    assert_eq!(sent_by(&client).await, 4);
    assert_eq!(sent_by(&client.with_retry(RetryPolicy::never())).await, 1);
    assert_eq!(sent_by(&client.with_retry(RetryPolicy::default().max_attempts(7))).await, 7);
    let error =
        client.call(operation).retry(RetryPolicy::default().max_attempts(2)).send().await.unwrap_err();
    assert_eq!(error.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn duplicates_are_for_single_calls() {
    let Bench { simulator, client, .. } = bench();
    let insistent = RetryPolicy::default().allow_duplicates();
    let refused = Client::builder().api_key("a-key").retry(insistent.clone()).build().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Configuration);
    assert!(refused.message().contains("rent twice"), "{refused}");

    simulator.inject("rebootInstance", Fault::status(502).times(2)).unwrap();
    let instance = client.api().show_instances().send().await.unwrap().instances.as_ref().unwrap()[0].id;
    let client = client.with_retry(insistent);
    client.api().reboot_instance().id(instance).send().await.unwrap();
    assert_eq!((simulator.request_count(), simulator.effects("rebootInstance").unwrap()), (4, 1));

    // Once one attempt may have been carried out, no later response takes that back.
    simulator.inject("createInstance", Fault::cut_after_effect()).unwrap();
    simulator.inject("createInstance", Fault::status(400)).unwrap();
    let error = rent(&client).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(400), 2));
    assert!(error.may_have_been_done(), "{error:?}");
}

#[tokio::test]
async fn an_attempt_that_hangs_leaves_time_for_another_where_that_is_safe() {
    let url = silent_server().await;
    let policy = RetryPolicy::default()
        .max_attempts(3)
        .attempt_timeout(Duration::from_millis(20))
        .backoff(Duration::from_millis(1), Duration::from_millis(1));
    let client =
        builder(&url, &url, "a-key").retry(policy).timeout(Duration::from_millis(300)).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.delivery()),
        (ErrorKind::Timeout, 3, Delivery::Unknown)
    );
    assert!(error.is_timeout() && !error.may_have_been_done());

    let started = Instant::now();
    let error = rent(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert!(error.may_have_been_done());
    assert!(started.elapsed() >= Duration::from_millis(300), "it had all the time of the call");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_over_is_not_sent() {
    let Bench { simulator, client, .. } = bench();
    let past = tokio::time::Instant::now().into_std();
    let error = rent(&client.with_deadline(past)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.attempts()),
        (ErrorKind::Timeout, Delivery::NotSent, 0)
    );
    assert!(!error.may_have_been_done());
    assert_eq!(simulator.request_count(), 0);
}
