//! A span for each call, with what one wants to know of it.

use std::time::Duration;

use vastai::retry::RetryPolicy;
use vastai_mock::{Fault, Simulator};

use crate::Log;
use crate::support::builder;

#[tokio::test]
async fn a_call_is_a_span_with_operation_server_attempts_status_and_duration() {
    let (log, _guard) = Log::collect();
    let simulator = Simulator::start().await.unwrap();
    let quick = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let client = builder(simulator.url(), simulator.url(), simulator.api_key()).retry(quick).build().unwrap();
    simulator.inject("showEndpoints", Fault::status(503)).unwrap();
    client.api().show_endpoints().send().await.unwrap();
    let logged = log.text();
    let closed = logged.lines().find(|line| line.contains("vastai.call") && line.contains("close"));
    let closed = closed.unwrap_or_else(|| panic!("no span: {logged}"));
    for field in [
        r#"operation="showEndpoints""#,
        &format!("server=\"{}\"", simulator.url()),
        "attempts=2",
        "status=200",
        "duration_ms=",
    ] {
        assert!(closed.contains(field), "{field} is missing: {closed}");
    }
    for event in ["sending", "attempt over", "waiting", "call over"] {
        let line = logged.lines().find(|line| line.contains(event) && line.contains("showEndpoints"));
        assert!(
            line.is_some_and(|line| line.contains("vastai.call{")),
            "{event} stands in the span: {logged}"
        );
    }
}

#[tokio::test]
async fn a_call_that_fails_has_its_error_in_the_span() {
    let (log, _guard) = Log::collect();
    let simulator = Simulator::start().await.unwrap();
    let client = builder(simulator.url(), simulator.url(), simulator.api_key()).build().unwrap();
    simulator.inject("showEndpoints", Fault::status(404)).unwrap();
    client.api().show_endpoints().send().await.unwrap_err();
    let logged = log.text();
    let closed = logged.lines().find(|line| line.contains("vastai.call") && line.contains("close"));
    let closed = closed.unwrap_or_else(|| panic!("no span: {logged}"));
    for field in ["status=404", "error=not found", "otel.status_code=\"ERROR\""] {
        assert!(closed.contains(field), "{field} is missing: {closed}");
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_is_recorded_in_its_span() {
    let (log, _guard) = Log::collect();
    let url = crate::support::silent_server().await;
    let client = builder(&url, &url, "a-key").build().unwrap();
    let endpoint = client.endpoint(1);
    tokio::time::timeout(Duration::from_millis(20), endpoint.workers()).await.unwrap_err();
    let logged = log.text();
    let over = logged.lines().find(|line| line.contains("call over")).unwrap_or_else(|| panic!("{logged}"));
    assert!(over.contains("cancelled=true"), "{over}");
}
