//! One request to one worker, and what a response without success means.

use std::fmt;
use std::time::Duration;

use reqwest::{Response, StatusCode, Url};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};
use vastai_api::{LINE, Secrets, ServiceError};

use super::assignment::Assignment;
use crate::config::HttpClients;
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::transport::{beginning, retry_after_in};

/// What a worker is sent: the payload, and what lets it in.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Envelope<'request> {
    pub(super) auth_data: &'request Map<String, Value>,
    pub(super) session_id: Option<&'request str>,
    pub(super) payload: &'request Value,
}

/// What a request within a session goes by.
#[derive(Clone)]
pub(super) struct SessionTicket {
    id: String,
    assignment: Assignment,
}

impl SessionTicket {
    pub(super) fn new(id: String, assignment: Assignment) -> Self {
        // With the id, a program can go on with the session, where the signature is known, too.
        let assignment = assignment.also_hiding(&id);
        Self { id, assignment }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn assignment(&self) -> &Assignment {
        &self.assignment
    }
}

impl fmt::Debug for SessionTicket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With the id and the signature, anyone could go on with the session.
        formatter
            .debug_struct("SessionTicket")
            .field("worker", &self.assignment.url())
            .finish_non_exhaustive()
    }
}

/// Sends a body to a path of a worker, and gives a response of success.
///
/// There is no key among what is sent, neither the account's nor the endpoint's, and no redirect is followed. Whether the worker may have taken
/// what a failed request sent, [`Error::may_have_been_done`] says.
pub(super) async fn post(
    http: &HttpClients,
    assignment: &Assignment,
    path: &str,
    body: &impl Serialize,
    in_session: bool,
    deadline: Instant,
) -> Result<Response> {
    let url = at(assignment.base(), path)?;
    let client = http.of(&url)?;
    let began = Instant::now();
    tracing::debug!(path, "sending to a worker");
    let request = client.post(url).json(body).send();
    let response = match timeout_at(deadline, request).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(Error::from_http(error)),
        Err(_) => return Err(no_response_within(rounded(began.elapsed()))),
    };
    tracing::debug!(path, status = response.status().as_u16(), "a worker responded");
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(failure(response, in_session, deadline, assignment.secrets()).await)
    }
}

/// A path at a worker.
fn at(worker: &Url, path: &str) -> Result<Url> {
    let wrong = |why: &str| {
        let message = format!("`{path}` is not a path of a worker: {why}");
        Error::new(ErrorKind::InvalidRequest, message)
    };
    if !path.starts_with('/') {
        return Err(wrong("it has to begin with a slash"));
    }
    let base = worker.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{base}{path}")).map_err(|error| wrong(&error.to_string()))?;
    if url.origin() == worker.origin() { Ok(url) } else { Err(wrong("it leads elsewhere")) }
}

fn rounded(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Nothing came in time; the worker may work on it.
pub(super) fn no_response_within(time: Duration) -> Error {
    let message = format!("the worker did not answer within {time:?}");
    Error::new(ErrorKind::Timeout, message).with_delivery(Delivery::Unknown)
}

/// The error that a worker's status and words stand for. A worker that repeats its request repeats the signature, which is among the
/// `secrets`.
async fn failure(response: Response, in_session: bool, deadline: Instant, secrets: &Secrets) -> Error {
    let status = response.status();
    let after = retry_after_in(response.headers());
    let (kind, what) = meaning(status, in_session);
    let message = match words(response, deadline, secrets).await {
        Some(words) => format!("{what}: {words}"),
        None => what.to_owned(),
    };
    let error = Error::new(kind, message).with_status(status).with_retry_after(after);
    // These ask for the same request elsewhere. Of the others, 303 even says that it is done.
    let is_refused = !status.is_redirection() || matches!(status.as_u16(), 301 | 302 | 307 | 308);
    if is_refused { error } else { error.in_doubt() }
}

fn meaning(status: StatusCode, in_session: bool) -> (ErrorKind, &'static str) {
    match status.as_u16() {
        100..200 => (ErrorKind::Decode, "the worker ended the exchange without a response"),
        300..400 => (ErrorKind::Redirect, "the worker redirects, which is not followed"),
        401 => (ErrorKind::Refused, "the worker does not take the signature"),
        403 => (ErrorKind::Forbidden, "the worker forbids it"),
        404 => (ErrorKind::NotFound, "the worker has nothing at this path"),
        410 if in_session => (ErrorKind::SessionGone, "the worker has no such session any more"),
        400 | 413 | 422 => (ErrorKind::InvalidRequest, "the worker calls the request invalid"),
        429 => (ErrorKind::RateLimited, "the worker's queue is full"),
        408 => (ErrorKind::Timeout, "the worker gave up"),
        500.. => (ErrorKind::Server, "the worker failed"),
        _ => (ErrorKind::Refused, "the worker refuses it"),
    }
}

/// The words of a failure, where it has some.
async fn words(mut response: Response, deadline: Instant, secrets: &Secrets) -> Option<String> {
    let body = beginning(&mut response, Some(deadline), secrets).await;
    let words = secrets.line(&ServiceError::from_body(&body).to_string(), LINE);
    (!body.trim_ascii().is_empty() && !words.is_empty()).then_some(words)
}
