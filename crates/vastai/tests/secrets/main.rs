//! The key appears nowhere but in the header of a request to a configured origin.
//!
//! A binary of its own: it collects what is logged, and tests that run beside it in other threads would decide for the whole process
//! which events are of interest.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and tells what it skips"
)]

mod faults;
mod span;
#[path = "../integration/support.rs"]
mod support;
mod types;
mod workers;

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use vastai::{Client, Error};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};

use support::{client, nobody, server_that_responds};

const PLANTED: &str = "planted-key-0123456789abcdef";

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Collects from now on whatever this thread logs, the HTTP client's own words included.
    fn collect() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for Log {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}

/// Everything an error shows, with its sources.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?} {:?} {}", error.code(), error.message());
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    text
}

#[tokio::test]
async fn no_error_debug_or_log_shows_the_key() {
    let (log, _guard) = Log::collect();
    let mut seen = String::new();

    let simulator = Simulator::builder().api_key(PLANTED).start().await.unwrap();
    let client = client(simulator.url(), simulator.url(), PLANTED);
    let operation = Client::operation("showEndpoints").unwrap();
    seen.push_str(&format!("{client:?} {client:#?} {:?} {:?}", client.api(), client.endpoint(1)));
    let builder = Client::builder().api_key(PLANTED).console_url(simulator.url());
    seen.push_str(&format!("{builder:?} {:?} {:?}", client.call(operation), client.api().show_endpoints()));
    let answer = client.call(operation).send().await.unwrap();
    seen.push_str(&format!("{answer:?}"));

    // A service that repeats the key in whatever it says.
    let echo = format!("invalid key {PLANTED}");
    // Messages are shortened; where they are cut, no part of the key may remain.
    let cut = format!("{}{PLANTED}", "x".repeat(290));
    for answer in [
        RawResponse::json(
            StatusCode::UNAUTHORIZED,
            &json!({ "success": false, "error": PLANTED, "msg": echo }),
        ),
        RawResponse::text(StatusCode::BAD_REQUEST, echo.as_str()),
        RawResponse::html(StatusCode::BAD_GATEWAY, echo.as_str()),
        RawResponse::html(StatusCode::OK, echo.as_str()),
        RawResponse::json(StatusCode::OK, &json!(echo)),
        RawResponse::json(StatusCode::OK, &json!({ "error": echo })),
        RawResponse::json(StatusCode::OK, &json!({ "error_msg": echo })),
        RawResponse::json(StatusCode::OK, &json!({ "success": false, "error": PLANTED, "msg": echo })),
        RawResponse::text(StatusCode::BAD_REQUEST, cut.as_str()),
        RawResponse::html(StatusCode::OK, cut.as_str()),
        RawResponse::json(StatusCode::OK, &json!(cut)),
        RawResponse::json(StatusCode::OK, &json!([{ "status": PLANTED }])),
        RawResponse::redirect(
            StatusCode::FOUND,
            &format!("https://elsewhere.example/{PLANTED}?key={PLANTED}"),
        )
        .unwrap(),
        RawResponse::redirect(StatusCode::FOUND, &format!("https://{PLANTED}.example/")).unwrap(),
    ] {
        simulator.respond_with("/get_endpoint_workers/", answer.clone());
        simulator.respond_with("/api/v0/endptjobs", answer);
        let typed = client.endpoint(12345).workers().await.unwrap_err();
        seen.push_str(&shown(&typed));
        match client.api().show_endpoints().send().await {
            Ok(_) => {}
            Err(error) => {
                seen.push_str(&format!("{error} {error:?} {error:#?} {:?}", error.service_error()));
                seen.push_str(&shown(&error));
            }
        }
    }
    let dead = nobody().await;
    let cut = server_that_responds("").await;
    for url in [dead, cut] {
        let client = support::client(&url, &url, PLANTED);
        seen.push_str(&shown(&client.endpoint(1).workers().await.unwrap_err()));
        seen.push_str(&shown(&client.api().show_endpoints().send().await.unwrap_err()));
    }

    let (of_workers, secrets) = workers::all_that_is_shown().await;
    seen.push_str(&of_workers);

    assert!(!seen.contains(PLANTED), "shown: {}", context(&seen));
    assert!(!seen.contains(&PLANTED[..5]), "a part of the key is shown");
    let logged = log.text();
    assert!(logged.contains("getEndpointWorkers"), "calls are logged: {logged}");
    assert!(!logged.contains(PLANTED), "logged: {}", context(&logged));
    for secret in secrets {
        assert!(!seen.contains(&secret), "{secret} is shown");
        assert!(!logged.contains(&secret), "{secret} is logged");
    }
    assert!(!logged.contains(workers::NOT_LOGGED), "a payload is logged");
    for request in simulator.requests() {
        assert!(
            !request.path().contains(PLANTED) && !request.query().unwrap_or_default().contains(PLANTED),
            "in a URL"
        );
    }
}

fn context(text: &str) -> &str {
    let at = text.find(PLANTED).unwrap_or(0);
    let start = text[..at].char_indices().rev().nth(120).map_or(0, |(index, _)| index);
    &text[start..(at + PLANTED.len()).min(text.len())]
}
