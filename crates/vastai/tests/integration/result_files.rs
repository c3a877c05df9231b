//! Result files: fetched without the key, from wherever they are, once they are there.

use std::time::Duration;

use vastai::observe::WaitReason;
use vastai::retry::RetryPolicy;
use vastai::{Client, ErrorKind};
use vastai_mock::http::header::{AUTHORIZATION, RETRY_AFTER};
use vastai_mock::http::{HeaderValue, StatusCode};
use vastai_mock::{RawResponse, Simulator};

use crate::clock::Clock;
use crate::support::{builder, nobody, server_that_responds};

const FILE: &str = "/logs/1234.log";

/// A store of files that is none of the client's servers.
fn bench() -> (Simulator, Clock, Client) {
    let store = Simulator::start_on_thread().unwrap();
    let clock = Clock::default();
    let client = clock.client(
        builder("https://console.invalid", "https://run.invalid", "a-secret-key").retry(RetryPolicy::never()),
    );
    (store, clock, client)
}

fn url_in(store: &Simulator) -> String {
    format!("{}{FILE}?signature=s3cret", store.url())
}

fn text(status: StatusCode, text: &str) -> RawResponse {
    RawResponse::text(status, text)
}

#[tokio::test(start_paused = true)]
async fn a_file_is_polled_until_it_is_there_and_no_key_goes_to_its_host() {
    let (store, clock, client) = bench();
    for missing in [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
        store.respond_next_with(FILE, text(missing, "NoSuchKey"));
    }
    store.respond_with(FILE, text(StatusCode::OK, "line 1\nline 2\n"));
    let file = client.result_file(&url_in(&store)).unwrap();
    assert_eq!(file.text().await.unwrap(), "line 1\nline 2\n");
    assert_eq!(clock.waits(WaitReason::ResultFile), [Duration::from_millis(300); 3]);
    let requests = store.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        assert_eq!(
            (request.method().as_str(), request.path(), request.query()),
            ("GET", FILE, Some("signature=s3cret"))
        );
        assert!(request.headers().get(AUTHORIZATION).is_none());
        assert!(!format!("{:?}", request.headers()).contains("a-secret-key"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_comes_is_not_ready() {
    let (store, clock, client) = bench();
    store.respond_with(FILE, text(StatusCode::NOT_FOUND, "NoSuchKey"));
    let file = client.result_file(&url_in(&store)).unwrap();
    let error = file.bytes().await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::NotReady, Some(404), 30));
    assert!(error.is_retryable() && !error.may_have_been_done());
    let shown = format!("{error} {error:?} {file:?}");
    assert!(
        error
            .to_string()
            .starts_with(&format!("not ready: the result file at {} is not there yet", store.url()))
    );
    assert!(!shown.contains("s3cret") && !shown.contains(FILE), "{shown}");
    assert_eq!(clock.waits(WaitReason::ResultFile).len(), 29);

    let patient = file.poll(3, Duration::from_secs(25)).bytes().await.unwrap_err();
    assert_eq!(patient.attempts(), 3);
    let hasty = client.with_timeout(Duration::from_secs(40));
    let file = hasty.result_file(&url_in(&store)).unwrap();
    let error = file.poll(3, Duration::from_secs(25)).bytes().await.unwrap_err();
    assert_eq!(error.attempts(), 2, "the third would come after the client's time");
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_host_are_waited_out_longer_and_longer() {
    let (store, clock, client) = bench();
    for status in [500, 503, 502] {
        store.respond_next_with(FILE, text(StatusCode::from_u16(status).unwrap(), "SlowDown"));
    }
    let limited = text(StatusCode::TOO_MANY_REQUESTS, "").header(RETRY_AFTER, HeaderValue::from_static("7"));
    store.respond_next_with(FILE, limited);
    store.respond_with(FILE, text(StatusCode::OK, "done"));
    assert_eq!(client.result_file(&url_in(&store)).unwrap().text().await.unwrap(), "done");
    let waits: Vec<u128> = clock.waits(WaitReason::ResultFile).iter().map(Duration::as_millis).collect();
    let expected = [600..=750, 1200..=1500, 2400..=3000, 7000..=7000];
    assert!(
        waits.len() == 4 && waits.iter().zip(expected).all(|(wait, range)| range.contains(wait)),
        "{waits:?}"
    );

    let dead = nobody().await;
    let error = client.result_file(&dead).unwrap().poll(2, Duration::ZERO).bytes().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, 2));
}

#[tokio::test(start_paused = true)]
async fn what_is_elsewhere_refused_or_too_long_is_an_error_at_once() {
    let (store, _, client) = bench();
    let other = Simulator::start_on_thread().unwrap();
    let elsewhere = RawResponse::redirect(StatusCode::FOUND, &format!("{}/x", other.url())).unwrap();
    for (answer, kind) in [
        (elsewhere, ErrorKind::Redirect),
        (text(StatusCode::BAD_REQUEST, "no"), ErrorKind::Refused),
        (text(StatusCode::GONE, "no"), ErrorKind::Refused),
    ] {
        store.respond_with(FILE, answer);
        let error = client.result_file(&url_in(&store)).unwrap().bytes().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, 1));
    }
    assert!(other.requests().is_empty());

    store.respond_with(FILE, text(StatusCode::OK, "0123456789"));
    let file = client.result_file(&url_in(&store)).unwrap();
    assert_eq!(file.clone().max_bytes(10).bytes().await.unwrap().len(), 10);
    let error = file.max_bytes(9).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.message().ends_with("is longer than 9 bytes"), "{error}");
    // Without a length in the head, it is found out on the way.
    let endless = server_that_responds(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(5000))).await;
    let error = client.result_file(&endless).unwrap().max_bytes(4999).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn only_https_and_loopback() {
    let client = Client::builder().api_key("a-key").build().unwrap();
    for (url, told) in [
        ("no url", "is not a URL"),
        ("http://files.example/x?signature=s3cret", "is not https"),
        ("ftp://files.example/x", "is not https"),
        ("file:///etc/passwd", "is not https"),
    ] {
        let error = client.result_file(url).unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::InvalidRequest, format!("the URL of the result file {told}").as_str())
        );
    }
    assert!(client.result_file("https://files.example/x?signature=s3cret").is_ok());
}
