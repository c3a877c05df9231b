//! One request to one worker.

use std::time::Duration;

use reqwest::{Response, Url};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::failure::WorkerFailure;
use crate::config::HttpClients;
use crate::error::{Error, ErrorKind};
use crate::serverless::route::Assignment;

/// What a worker is sent: the payload, and what lets it in.
#[derive(Clone, Copy, Serialize)]
pub(in crate::serverless) struct Envelope<'request> {
    pub(in crate::serverless) auth_data: &'request Map<String, Value>,
    pub(in crate::serverless) session_id: Option<&'request str>,
    pub(in crate::serverless) payload: &'request Value,
}

/// Sends a body to a path of a worker. An answer is one of success.
///
/// There is no key among what is sent, neither the account's nor the endpoint's, and no redirect is followed.
pub(in crate::serverless) async fn post(
    http: &HttpClients,
    assignment: &Assignment,
    path: &str,
    body: &impl Serialize,
    in_session: bool,
    deadline: Instant,
) -> Result<Response, WorkerFailure> {
    let url = at(assignment.base(), path).map_err(WorkerFailure::here)?;
    let client = http.of(&url).map_err(WorkerFailure::here)?;
    let began = Instant::now();
    tracing::debug!(path, "sending to a worker");
    let request = client.post(url).json(body).send();
    let response = match timeout_at(deadline, request).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(WorkerFailure::of_http(error)),
        Err(_) => return Err(WorkerFailure::late(rounded(began.elapsed()))),
    };
    tracing::debug!(path, status = response.status().as_u16(), "a worker answered");
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(WorkerFailure::of_answer(response, in_session, deadline, assignment.secrets()).await)
    }
}

/// A path at a worker.
fn at(worker: &Url, path: &str) -> Result<Url, Error> {
    let wrong = |why: &str| {
        let message = format!("`{path}` is no path of a worker: {why}");
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
