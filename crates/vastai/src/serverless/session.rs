//! Sessions: several requests at one worker.

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::timeout_at;
use vastai_api::Unread;

use super::post::{SessionTicket, no_response_within, post};
use super::request::WorkerRequest;
use crate::client::{Client, EndpointName, awaited};
use crate::error::{Error, ErrorKind, Result};
use crate::lenient::number;
use crate::waiting::later;

/// How long a session lives without a request unless set: what the official SDK says.
const LIFETIME: Duration = Duration::from_secs(60);
/// How long a call about a session may take: workers answer it at once.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A session in the making; see [`EndpointHandle::session`](super::EndpointHandle::session).
#[derive(Clone)]
#[must_use = "nothing is sent before `open`"]
pub struct SessionRequest {
    client: Client,
    endpoint: EndpointName,
    lifetime: Duration,
    cost: Option<f64>,
    on_close: Option<(String, Value)>,
    timeout: Duration,
    poll_at_most_every: Option<Duration>,
}

impl SessionRequest {
    pub(crate) fn new(client: &Client, endpoint: EndpointName) -> Self {
        Self {
            client: client.clone(),
            endpoint,
            lifetime: LIFETIME,
            cost: None,
            on_close: None,
            timeout: Duration::from_secs(600),
            poll_at_most_every: None,
        }
    }

    /// How long the session lives; each request within it adds as much. 60 seconds unless set.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How much load the session is expected to be, in the worker's own units. 100 unless set.
    pub fn cost(mut self, cost: f64) -> Self {
        self.cost = Some(cost);
        self
    }

    /// What the worker calls when the session ends: a URL, and the JSON that it posts there.
    pub fn on_close(mut self, url: impl Into<String>, payload: impl Into<Value>) -> Self {
        self.on_close = Some((url.into(), payload.into()));
        self
    }

    /// How long opening it may take, with the wait for a worker. 10 minutes unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long to pause at most between two questions for a worker; see [`WorkerRequest::poll_at_most_every`].
    pub fn poll_at_most_every(mut self, interval: Duration) -> Self {
        self.poll_at_most_every = Some(interval);
        self
    }

    /// Opens the session at a worker that is free.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// use serde_json::{Value, json};
    ///
    /// let session = client.endpoint(12345).session().open().await?;
    /// let response = session.request("/generate", json!({ "prompt": "Hello" })).send().await?;
    /// let first: Value = response.json().await?;
    /// session.close().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`WorkerRequest::send`]. [`ErrorKind::Decode`] for a response without a `session_id`.
    pub async fn open(&self) -> Result<Session> {
        let mut payload = json!({ "lifetime": self.lifetime.as_secs_f64() });
        if let Some((url, body)) = &self.on_close {
            payload["on_close_route"] = url.clone().into();
            payload["on_close_payload"] = body.clone();
        }
        let path = "/session/create".to_owned();
        let mut request =
            WorkerRequest::new(&self.client, self.endpoint.clone(), path, payload).timeout(self.timeout);
        if let Some(cost) = self.cost {
            request = request.cost(cost);
        }
        if let Some(interval) = self.poll_at_most_every {
            request = request.poll_at_most_every(interval);
        }
        let response = request.send().await?;
        let assignment = response.assignment().clone();
        let opened: Value = response.json().await?;
        let id = opened.get("session_id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let Some(id) = id.map(str::to_owned) else {
            return Err(Error::new(ErrorKind::Decode, "the worker opened a session without a `session_id`"));
        };
        let expires_at = opened.get("expiration").and_then(number);
        let ticket = SessionTicket::new(id, assignment);
        Ok(Session { client: self.client.clone(), endpoint: self.endpoint.clone(), ticket, expires_at })
    }
}

awaited!(SessionRequest -> Session, by open);

/// Without what is posted when the session ends: it is the caller's alone, and so is the query of the URL.
impl fmt::Debug for SessionRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SessionRequest")
            .field("endpoint", &self.endpoint)
            .field("lifetime", &self.lifetime)
            .field("cost", &self.cost)
            .field("has_on_close", &self.on_close.is_some())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A session: several requests at one worker, which keeps what they have in common.
///
/// Dropping it does not close it at the worker, where it ends by itself when its time is up.
#[derive(Debug, Clone)]
pub struct Session {
    client: Client,
    endpoint: EndpointName,
    ticket: SessionTicket,
    expires_at: Option<f64>,
}

impl Session {
    /// The session's id at its worker.
    #[must_use]
    pub fn id(&self) -> &str {
        self.ticket.id()
    }

    /// Where the worker is.
    #[must_use]
    pub fn worker_url(&self) -> &str {
        self.ticket.assignment().url()
    }

    /// When the session would have ended without any request, in seconds since the Unix epoch by the worker's clock.
    #[must_use]
    pub fn expires_at(&self) -> Option<f64> {
        self.expires_at
    }

    /// A request within the session. It goes to the session's worker and to no other; where the worker's queue is full (429) it waits.
    pub fn request(&self, path: impl Into<String>, payload: impl Into<Value>) -> WorkerRequest {
        let request = WorkerRequest::new(&self.client, self.endpoint.clone(), path.into(), payload.into());
        request.in_session(self.ticket.clone())
    }

    /// Whether the worker still has the session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] and [`ErrorKind::Timeout`] where the worker does not answer, [`ErrorKind::Refused`] where it does not take
    /// the session's signature.
    pub async fn is_alive(&self) -> Result<bool> {
        let health = match self.call("/session/health").await {
            Ok(health) => health,
            Err(error) if error.kind() == ErrorKind::SessionGone => return Ok(false),
            Err(error) => return Err(error),
        };
        health.get("ok").and_then(Value::as_bool).ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "the worker does not say whether it has the session: `ok` is missing",
            )
        })
    }

    /// Closes the session at its worker.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::SessionGone`] where the worker has no such session any more, which is as good; else as [`is_alive`](Self::is_alive).
    pub async fn close(self) -> Result<()> {
        match self.call("/session/end").await {
            Ok(_) => Ok(()),
            // So the official workers say of a session that they do not have.
            Err(error) if error.status() == Some(StatusCode::BAD_REQUEST.as_u16()) => {
                Err(error.with_kind(ErrorKind::SessionGone))
            }
            Err(error) => Err(error),
        }
    }

    /// A call about the session itself.
    async fn call(&self, path: &str) -> Result<Map<String, Value>> {
        let (id, assignment) = (self.ticket.id(), self.ticket.assignment());
        let body = json!({ "session_id": id, "session_auth": assignment.auth_data() });
        let deadline = later(TIMEOUT);
        let http = self.client.worker_http();
        let mut response = post(http, assignment, path, &body, true, deadline).await?;
        let limit = self.client.transport().response_limit();
        let bytes = match timeout_at(deadline, limit.read(&mut response)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(Unread::Http(error))) => return Err(Error::from_http(error)),
            Ok(Err(Unread::TooLarge(why))) => return Err(Error::too_large(why)),
            Err(_) => return Err(no_response_within(TIMEOUT)),
        };
        limit.check(&bytes, &[]).map_err(Error::too_large)?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }
}
