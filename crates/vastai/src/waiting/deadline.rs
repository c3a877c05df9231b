//! A poll with an end.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::{Patience, later};
use crate::error::{Delivery, Error, ErrorKind, Result};

/// When a wait ends in any case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    span: Duration,
}

impl Deadline {
    /// After this span, or when all that the client does has to be over, where that comes before.
    pub(crate) fn after(span: Duration, of_client: Option<Instant>) -> Self {
        match of_client {
            Some(at) if at < later(span) => Self { at, span: at.saturating_duration_since(Instant::now()) },
            _ => Self { at: later(span), span },
        }
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// How far away it was when it was made.
    pub(crate) fn span(&self) -> Duration {
        self.span
    }

    /// What a future gives, unless the deadline comes before.
    pub(crate) async fn limit<F: Future>(&self, future: F) -> Option<F::Output> {
        timeout_at(self.at, future).await.ok()
    }
}

/// What a look has shown.
pub(crate) enum Polled<T> {
    /// What was waited for.
    Done(T),
    NotYet,
}

/// Why a wait ended without what was waited for.
pub(crate) enum Ended {
    /// By a failure that will not pass.
    Failed(Error),
    /// At the deadline, with the last failure that was lived through.
    Late(Option<Error>),
}

impl Ended {
    /// The error, for a late end with what was seen last and what to do then.
    pub(crate) fn in_words(self, deadline: &Deadline, seen: impl FnOnce() -> String, advice: &str) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Late(last) => {
                let message = format!("{} after {:?}", seen(), deadline.span);
                let late = |message| {
                    let late = Error::new(ErrorKind::Timeout, message).with_delivery(Delivery::Answered);
                    late.of_a_wait().with_advice(advice)
                };
                match last {
                    None => late(message),
                    // What is said to be safe after a failed look is looking again, which is not what this error is about.
                    Some(last) => late(format!("{message}; the last failure was: {}", last.without_advice()))
                        .with_source(last.of_a_wait()),
                }
            }
        }
    }
}

/// Looks again and again until `judge` is content, or says that it never will be, or the deadline comes.
pub(crate) async fn poll_until<S, T, F: Future<Output = Result<S>>>(
    deadline: &Deadline,
    interval: Duration,
    mut look: impl FnMut() -> F,
    mut judge: impl FnMut(S) -> Result<Polled<T>>,
) -> std::result::Result<T, Ended> {
    let mut patience = Patience::new(interval);
    loop {
        let Some(looked) = deadline.limit(look()).await else {
            return Err(Ended::Late(patience.last().cloned()));
        };
        let pause = match looked {
            Ok(seen) => match judge(seen).map_err(Ended::Failed)? {
                Polled::Done(done) => return Ok(done),
                Polled::NotYet => patience.answered(),
            },
            Err(error) => {
                tracing::debug!(kind = %error.kind(), failures = patience.failures() + 1, "a poll failed");
                patience.failed(error).map_err(Ended::Failed)?
            }
        };
        if deadline.limit(sleep(pause)).await.is_none() {
            return Err(Ended::Late(patience.last().cloned()));
        }
    }
}
