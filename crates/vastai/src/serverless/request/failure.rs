//! What it means that a worker did not answer with success.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::Instant;
use vastai_api::{LINE, Secrets, ServiceError};

use crate::error::{Delivery, Error, ErrorKind};
use crate::transport::{beginning, retry_after_in};

/// Whether a worker has taken a payload that it did not answer with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serverless) enum Taken {
    /// It was turned away, or never arrived.
    No,
    /// It may be worked on.
    Maybe,
}

/// A request to a worker that failed.
#[derive(Debug, Clone)]
pub(in crate::serverless) struct WorkerFailure {
    pub(in crate::serverless) error: Error,
    pub(in crate::serverless) taken: Taken,
    /// Whether another worker may do better.
    pub(in crate::serverless) passes: bool,
}

impl WorkerFailure {
    /// A failure on this side, before anything was sent.
    pub(in crate::serverless) fn here(error: Error) -> Self {
        Self { error, taken: Taken::No, passes: false }
    }

    /// The failure of the HTTP client.
    pub(in crate::serverless) fn of_http(error: reqwest::Error) -> Self {
        let (is_connect, is_builder) = (error.is_connect(), error.is_builder());
        let taken = if is_connect || is_builder { Taken::No } else { Taken::Maybe };
        Self { error: Error::from_http(error), taken, passes: !is_builder }
    }

    /// Nothing came in time.
    pub(in crate::serverless) fn late(within: Duration) -> Self {
        let message = format!("the worker did not answer within {within:?}");
        let error = Error::new(ErrorKind::Timeout, message).with_delivery(Delivery::Unknown);
        Self { error, taken: Taken::Maybe, passes: true }
    }

    /// What a worker's status and words stand for. A worker that repeats its request repeats the signature, which is among the `secrets`.
    pub(super) async fn of_answer(
        response: Response,
        in_session: bool,
        deadline: Instant,
        secrets: &Secrets,
    ) -> Self {
        let status = response.status();
        let after = retry_after_in(response.headers());
        let said = said(response, deadline, secrets).await;
        let (kind, what, taken) = meaning(status, in_session);
        let message = match said {
            Some(said) => format!("{what}: {said}"),
            None => what.to_owned(),
        };
        let error = Error::new(kind, message).with_status(status).with_retry_after(after);
        let passes = matches!(kind, ErrorKind::RateLimited | ErrorKind::Server | ErrorKind::Timeout);
        Self { error, taken, passes }
    }
}

fn meaning(status: StatusCode, in_session: bool) -> (ErrorKind, &'static str, Taken) {
    match status.as_u16() {
        100..200 => (ErrorKind::Decode, "the worker ended the exchange without an answer", Taken::Maybe),
        301 | 302 | 307 | 308 => {
            (ErrorKind::Redirect, "the worker redirects, which is not followed", Taken::No)
        }
        // 303 even says that it is done.
        300..400 => (ErrorKind::Redirect, "the worker redirects, which is not followed", Taken::Maybe),
        401 => (ErrorKind::Refused, "the worker does not take the signature", Taken::No),
        403 => (ErrorKind::Forbidden, "the worker forbids it", Taken::No),
        404 => (ErrorKind::NotFound, "the worker has nothing at this path", Taken::No),
        410 if in_session => (ErrorKind::SessionGone, "the worker has no such session any more", Taken::No),
        400 | 413 | 422 => (ErrorKind::InvalidRequest, "the worker calls the request invalid", Taken::No),
        429 => (ErrorKind::RateLimited, "the worker's queue is full", Taken::No),
        408 => (ErrorKind::Timeout, "the worker gave up", Taken::Maybe),
        500.. => (ErrorKind::Server, "the worker failed", Taken::Maybe),
        _ => (ErrorKind::Refused, "the worker refuses it", Taken::No),
    }
}

/// The words of a failure, where it has some.
async fn said(mut response: Response, deadline: Instant, secrets: &Secrets) -> Option<String> {
    let body = beginning(&mut response, Some(deadline), secrets).await;
    let text = match serde_json::from_slice::<Value>(&body) {
        Ok(Value::String(text)) => text,
        Ok(value) => ServiceError::from(value).to_string(),
        Err(_) => return Some(secrets.line_of(&body, LINE)).filter(|text| !text.is_empty()),
    };
    Some(secrets.line(&text, LINE)).filter(|text| !text.is_empty())
}
