//! Sends the client's spans to OpenTelemetry: one for each call, with its operation, its attempts and its status.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// A subscriber that makes spans of OpenTelemetry of the program's own spans and of the client's, which are at the level debug.
///
/// The provider decides where they go: to a collector with the crate `opentelemetry-otlp`, to the terminal with `opentelemetry-stdout`.
pub fn subscriber(provider: &SdkTracerProvider) -> impl Subscriber + Send + Sync {
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("programs"));
    // Not of all crates: those of the HTTP client would be spans, too.
    let wanted = Targets::new().with_target("vastai", Level::DEBUG).with_target("programs", Level::INFO);
    tracing_subscriber::registry().with(spans.with_filter(wanted))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry::trace::{SpanKind, Status};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
    use tracing::Instrument as _;
    use vastai::Client;
    use vastai::retry::RetryPolicy;
    use vastai_mock::{Fault, Simulator};

    use super::*;
    use crate::test_client::client_of;

    /// What was exported while this was done.
    async fn spans_of<T>(work: impl Future<Output = T>) -> (T, Vec<SpanData>) {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let subscriber = tracing::subscriber::set_default(subscriber(&provider));
        let done = work.instrument(tracing::info_span!(target: "programs", "look")).await;
        drop(subscriber);
        provider.force_flush().unwrap();
        (done, exporter.get_finished_spans().unwrap())
    }

    fn attribute(span: &SpanData, name: &str) -> Option<String> {
        let attribute = span.attributes.iter().find(|attribute| attribute.key.as_str() == name)?;
        Some(attribute.value.to_string())
    }

    fn quick(simulator: &Simulator) -> Client {
        let millisecond = Duration::from_millis(1);
        client_of(simulator).with_retry(RetryPolicy::default().backoff(millisecond, millisecond))
    }

    #[tokio::test]
    async fn a_call_is_a_span_below_that_of_the_program() {
        let simulator = Simulator::start().await.unwrap();
        simulator.inject("getEndpointWorkers", Fault::status(503)).unwrap();
        let client = quick(&simulator);
        let work = async {
            client.endpoint(12_345).workers().await.unwrap();
            client.api().show_endpoints().send().await.unwrap();
        };
        let ((), spans) = spans_of(work).await;

        let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
        assert_eq!(names, ["vastai.call", "vastai.call", "look"], "a span for each call, and no other");
        let [workers, endpoints, look] = &spans[..] else { panic!("{spans:?}") };
        for (span, operation, attempts) in
            [(workers, "getEndpointWorkers", "2"), (endpoints, "showEndpoints", "1")]
        {
            assert_eq!(attribute(span, "operation").as_deref(), Some(operation));
            assert_eq!(attribute(span, "attempts").as_deref(), Some(attempts));
            assert_eq!(attribute(span, "status").as_deref(), Some("200"));
            assert_eq!(attribute(span, "server").as_deref(), Some(simulator.url()));
            assert_eq!((&span.span_kind, &span.status), (&SpanKind::Client, &Status::Unset));
            assert_eq!(span.parent_span_id, look.span_context.span_id());
        }
        // What happened in the call is an event of its span.
        let events: Vec<_> = workers.events.iter().map(|event| event.name.as_ref()).collect();
        assert_eq!(events, ["sending", "attempt over", "waiting", "sending", "attempt over", "call over"]);
    }

    #[tokio::test]
    async fn a_call_that_fails_is_a_span_with_an_error() {
        let simulator = Simulator::start().await.unwrap();
        simulator.inject("showInstances", Fault::status(404)).unwrap();
        let client = quick(&simulator);
        let (failed, spans) = spans_of(client.api().show_instances().send()).await;
        failed.unwrap_err();
        let span = &spans[0];
        assert_eq!(attribute(span, "status").as_deref(), Some("404"));
        assert_eq!(attribute(span, "error").as_deref(), Some("not found"));
        assert!(matches!(span.status, Status::Error { .. }), "{:?}", span.status);
    }

    #[tokio::test]
    async fn no_key_is_in_a_span() {
        let simulator = Simulator::start().await.unwrap();
        simulator.inject("showUser", Fault::status(401)).unwrap();
        let client = quick(&simulator);
        let work = async {
            client.api().show_user().send().await.ok();
            client.endpoint(12_345).workers().await.unwrap();
        };
        let ((), spans) = spans_of(work).await;
        let all = format!("{spans:?}");
        assert!(spans.len() == 3 && !all.contains(simulator.api_key()), "{all}");
    }
}
