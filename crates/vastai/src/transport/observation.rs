//! What a program can see of its calls: spans for people, an observer for numbers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};

/// Sees what happens to calls, to count and time them.
///
/// An observer is called in the course of the call, so it should be quick. It sees no key, no body and no URL.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use vastai::observe::{CallInfo, Observer, Outcome};
///
/// #[derive(Default)]
/// struct Failures(AtomicU64);
///
/// impl Observer for Failures {
///     fn attempt_ended(&self, _call: &CallInfo<'_>, _attempt: u32, outcome: &Outcome) {
///         if outcome.error.is_some() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let builder = vastai::Client::builder().api_key("0123abcd");
/// let client = builder.observer(Failures::default()).build()?;
/// # Ok::<(), vastai::Error>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A request is about to be sent; `attempt` counts from 1. Whatever becomes of it, [`attempt_ended`](Self::attempt_ended)
    /// follows.
    fn attempt_started(&self, call: &CallInfo<'_>, attempt: u32) {
        let _ = (call, attempt);
    }

    /// An attempt is over: answered, failed, or given up by the caller.
    fn attempt_ended(&self, call: &CallInfo<'_>, attempt: u32, outcome: &Outcome) {
        let _ = (call, attempt, outcome);
    }

    /// The call waits, for at least that time.
    fn waiting(&self, call: &CallInfo<'_>, reason: WaitReason, wait: Duration) {
        let _ = (call, reason, wait);
    }

    /// The call is over, after that many attempts. The time is that of the whole call, waits included.
    fn call_ended(&self, call: &CallInfo<'_>, attempts: u32, outcome: &Outcome) {
        let _ = (call, attempts, outcome);
    }
}

/// Which call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallInfo<'call> {
    /// The operationId, or `resultFile` for a [result file](crate::Client::result_file).
    pub operation: &'call str,
    /// The origin of the server: `https://run.vast.ai`.
    pub server: &'call str,
}

/// How an attempt or a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The HTTP status, where a response came.
    pub status: Option<u16>,
    /// The kind of failure; `None` for a success, and where the caller gave up.
    pub error: Option<ErrorKind>,
    /// The caller dropped the call before it was over.
    pub cancelled: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// For the next attempt, after one that failed.
    Backoff,
    /// For its turn: see [`Pacing`](crate::retry::Pacing).
    Pacing,
    /// For a result file that is not there yet.
    ResultFile,
}

/// The observer of a client, if it has one.
#[derive(Clone, Default)]
pub(crate) struct SharedObserver(Option<Arc<dyn Observer>>);

impl SharedObserver {
    pub(crate) fn by(observer: impl Observer) -> Self {
        Self(Some(Arc::new(observer)))
    }

    pub(super) fn waiting(&self, call: &CallInfo<'_>, reason: WaitReason, wait: Duration) {
        tracing::debug!(operation = call.operation, ?reason, wait_ms = milliseconds(wait), "waiting");
        if let Some(observer) = &self.0 {
            observer.waiting(call, reason, wait);
        }
    }

    pub(super) fn attempt<'call>(
        &'call self,
        call: &'call CallInfo<'call>,
        number: u32,
    ) -> Observation<'call> {
        tracing::debug!(operation = call.operation, server = call.server, attempt = number, "sending");
        if let Some(observer) = &self.0 {
            observer.attempt_started(call, number);
        }
        Observation {
            observer: self,
            call,
            number,
            what: What::Attempt,
            started: Instant::now(),
            is_over: false,
        }
    }

    /// A call, within its span.
    pub(super) fn call<'call>(
        &'call self,
        call: &'call CallInfo<'call>,
        span: tracing::Span,
    ) -> Observation<'call> {
        let what = What::Call(span);
        Observation { observer: self, call, number: 0, what, started: Instant::now(), is_over: false }
    }
}

impl fmt::Debug for SharedObserver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "an observer" } else { "no observer" })
    }
}

enum What {
    Attempt,
    Call(tracing::Span),
}

/// An attempt or a call under way. Dropped before its end, it says that the caller gave up.
pub(super) struct Observation<'call> {
    observer: &'call SharedObserver,
    call: &'call CallInfo<'call>,
    /// Of the attempt, or the number of attempts that the call has made.
    number: u32,
    what: What,
    started: Instant,
    is_over: bool,
}

impl Observation<'_> {
    pub(super) fn made(&mut self, attempts: u32) {
        self.number = attempts;
    }

    pub(super) fn end(mut self, status: Option<u16>, error: Option<&Error>) {
        let status = status.or_else(|| error?.status());
        self.report(&Outcome {
            status,
            error: error.map(Error::kind),
            cancelled: false,
            elapsed: self.started.elapsed(),
        });
    }

    fn report(&mut self, outcome: &Outcome) {
        self.is_over = true;
        let operation = self.call.operation;
        let (status, duration_ms) = (outcome.status, milliseconds(outcome.elapsed));
        let error = outcome.error.map(tracing::field::display);
        match &self.what {
            What::Attempt => {
                tracing::debug!(operation, attempt = self.number, status, error, duration_ms, "attempt over");
            }
            What::Call(span) => {
                span.record("attempts", self.number);
                span.record("duration_ms", duration_ms);
                if let Some(status) = status {
                    span.record("status", status);
                }
                if let Some(error) = outcome.error {
                    span.record("error", tracing::field::display(error));
                    span.record("otel.status_code", "ERROR");
                }
                let cancelled = outcome.cancelled;
                tracing::debug!(parent: span, operation,
                    attempts = self.number,
                    status,
                    error,
                    cancelled,
                    duration_ms,
                    "call over"
                );
            }
        }
        let Some(observer) = &self.observer.0 else { return };
        match self.what {
            What::Attempt => observer.attempt_ended(self.call, self.number, outcome),
            What::Call(_) => observer.call_ended(self.call, self.number, outcome),
        }
    }
}

impl Drop for Observation<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let elapsed = self.started.elapsed();
            self.report(&Outcome { status: None, error: None, cancelled: true, elapsed });
        }
    }
}

/// The span of a call. What is known at its end only is recorded then. The fields that begin with `otel` are what OpenTelemetry makes its
/// own kind and status of a span of.
pub(super) fn span(call: &CallInfo<'_>) -> tracing::Span {
    tracing::debug_span!(
        "vastai.call",
        operation = call.operation,
        server = call.server,
        attempts = tracing::field::Empty,
        status = tracing::field::Empty,
        duration_ms = tracing::field::Empty,
        error = tracing::field::Empty,
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
    )
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
