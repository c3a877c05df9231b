//! A worker's response.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use vastai_api::{ResponseLimit, Unread};

use super::assignment::Assignment;
use super::event_decoder::Format;
use super::events::{Events, Source};
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::transport::undecodable;

/// A worker's response of success, whose body has not been read yet.
///
/// The worker has taken the payload: whatever fails from here on, it is not sent again.
pub struct WorkerResponse {
    response: Response,
    assignment: Assignment,
    limits: ResponseLimits,
}

/// What a response may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResponseLimits {
    /// Until when it has to be read where it is read whole.
    pub(super) deadline: Instant,
    /// How long nothing may come where it is read in pieces.
    pub(super) idle: Duration,
    /// How many bytes an event may have.
    pub(super) event: usize,
    /// How large it may be where it is read whole.
    pub(super) whole: ResponseLimit,
}

impl WorkerResponse {
    pub(super) fn new(response: Response, assignment: Assignment, limits: ResponseLimits) -> Self {
        Self { response, assignment, limits }
    }

    /// The status, which is one of success.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The content type, where the worker says one.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.response.headers().get(CONTENT_TYPE)?.to_str().ok()
    }

    /// Which worker answered, and by which number it knows the request.
    #[must_use]
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// The body, byte for byte.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] where it breaks off, [`ErrorKind::Timeout`] where it does not come before the request's time is up,
    /// [`ErrorKind::Decode`] where it is longer than the [limit](super::WorkerRequest::response_limit).
    pub async fn bytes(mut self) -> Result<Bytes> {
        self.read().await
    }

    async fn read(&mut self) -> Result<Bytes> {
        match timeout_at(self.limits.deadline, self.limits.whole.read(&mut self.response)).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(Unread::Http(error))) => Err(broken_off(error)),
            Ok(Err(Unread::TooLarge(why))) => Err(Error::too_large(why)),
            Err(_) => Err(answered(ErrorKind::Timeout, "the worker's response did not come whole in time")),
        }
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes); [`ErrorKind::Decode`] for what is not UTF-8.
    pub async fn text(self) -> Result<String> {
        String::from_utf8(self.bytes().await?.into()).map_err(|error| {
            answered(ErrorKind::Decode, "the worker's response is not UTF-8").with_source(error.utf8_error())
        })
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes); [`ErrorKind::Decode`] where it would take more than eight times the limit as a [`serde_json::Value`] (how
    /// large a `T` of the caller's is, is not counted), and, with the place and the start of the response, where it is not JSON or not
    /// a `T`.
    pub async fn json<T: DeserializeOwned>(mut self) -> Result<T> {
        let bytes = self.read().await?;
        self.limits.whole.check(&bytes, &[]).map_err(Error::too_large)?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            (Some(path).filter(|path| path != "."), error.into_inner())
        });
        let whole = read.and_then(|value| json.end().map(|()| value).map_err(|error| (None, error)));
        whole.map_err(|(path, error)| {
            let why = format!("the worker's response is not what is expected: {error}");
            undecodable(&bytes, path.as_deref(), &why, self.assignment.secrets())
        })
    }

    /// The next piece of the body, as it comes; `None` at the end. For what is too large to be kept whole, such as a video.
    ///
    /// As of [`events`](Self::events), only the [idle time](super::WorkerRequest::idle_timeout) counts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] where the body breaks off, [`ErrorKind::Timeout`] where nothing comes for too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        next_piece(&mut self.response, self.limits.idle).await
    }

    /// The body event by event: server-sent events or JSON lines, by its content type, else by what its first line looks like.
    ///
    /// The request's time no longer counts: a stream may go on for as long as something comes. Between two pieces no more than the
    /// [idle time](super::WorkerRequest::idle_timeout) may pass.
    pub fn events(self) -> Events {
        let format = self.content_type().and_then(Format::of_content_type);
        let ResponseLimits { idle, event, .. } = self.limits;
        Events::new(Pieces { response: self.response, idle }, format, event)
    }
}

/// The pieces of a body as they come.
struct Pieces {
    response: Response,
    idle: Duration,
}

impl Source for Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        next_piece(&mut self.response, self.idle).await
    }
}

/// The next piece of a body, which may take no longer than this.
async fn next_piece(response: &mut Response, idle: Duration) -> Result<Option<Bytes>> {
    match tokio::time::timeout(idle, response.chunk()).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(broken_off(error)),
        Err(_) => {
            Err(answered(ErrorKind::Timeout, format!("nothing came of the worker's stream for {idle:?}")))
        }
    }
}

/// An error of a request that the worker has taken.
fn answered(kind: ErrorKind, message: impl Into<String>) -> Error {
    Error::new(kind, message).with_delivery(Delivery::Answered)
}

/// The error for a body that did not come whole.
fn broken_off(error: reqwest::Error) -> Error {
    answered(ErrorKind::Connection, "the worker's response broke off").with_source(error.without_url())
}

impl fmt::Debug for WorkerResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkerResponse")
            .field("status", &self.status())
            .field("content_type", &self.content_type())
            .field("assignment", &self.assignment)
            .finish_non_exhaustive()
    }
}
