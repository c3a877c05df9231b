//! A request through an endpoint: it asks for a worker, and then sends it the payload.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};
use tracing::field::Empty;
use tracing::{Instrument, Span};
use vastai_api::ResponseLimit;

use super::assignment::Assignment;
use super::post::{Envelope, SessionTicket, post};
use super::response::{ResponseLimits, WorkerResponse};
use super::route::{Route, RoutePolls, Router};
use crate::client::{Client, EndpointName, awaited};
use crate::error::{Error, ErrorKind, Result};
use crate::waiting::{Deadline, Polling, timed_out};

/// How long a request may take unless set: what the official SDK gives a worker.
const TIMEOUT: Duration = Duration::from_secs(600);
/// How large an event of a stream may be unless set: an image in base64 fits in it.
const EVENT_LIMIT: usize = 16 * 1024 * 1024;
/// How many workers in a row may be out of reach. More of them is not an accident.
const OUT_OF_REACH: u32 = 5;

/// A request through an endpoint to one of its workers, in the making; see [`EndpointHandle::request`](super::EndpointHandle::request).
///
/// It asks the engine for a worker until one is free, and sends it the payload. Where the worker turns it away because its queue is full
/// (429), or is out of reach, another worker is asked for. Where the payload *may* have been taken (the connection broke, no response came in
/// time, 5xx) it is not sent again, unless [that is allowed](Self::allow_repeat): a worker would do the work twice.
///
/// Neither the account's key nor the endpoint's goes to a worker. A worker is sent what the engine has signed for it, at the address that the
/// engine gives: with https under the system's roots and [those that are given](crate::ClientBuilder::worker_root_certificate); where the engine
/// gives plain http, everyone on the way can read the payload.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use serde_json::json;
///
/// let payload = json!({ "model": "Qwen/Qwen3-8B", "prompt": "Hello", "max_tokens": 100 });
/// let request = client.endpoint(12345).request("/v1/completions", payload).cost(100.0);
/// let response = request.send().await?;
/// let mut events = response.events();
/// while let Some(event) = events.next().await {
///     println!("{}", event?.data);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct WorkerRequest {
    client: Client,
    route: Route,
    session: Option<SessionTicket>,
    path: String,
    payload: Value,
    timeout: Duration,
    idle: Option<Duration>,
    polls: RoutePolls,
    allow_repeat: bool,
    event_limit: usize,
    response_limit: ResponseLimit,
}

impl WorkerRequest {
    pub(crate) fn new(client: &Client, endpoint: EndpointName, path: String, payload: Value) -> Self {
        Self {
            client: client.clone(),
            route: Route::new(client, endpoint),
            session: None,
            path,
            payload,
            timeout: TIMEOUT,
            idle: None,
            polls: RoutePolls::default(),
            allow_repeat: false,
            event_limit: EVENT_LIMIT,
            response_limit: client.transport().response_limit(),
        }
    }

    /// Within a session: at its worker, and no other.
    pub(super) fn in_session(mut self, session: SessionTicket) -> Self {
        self.session = Some(session);
        self
    }

    /// How much work the request is expected to be, in the units in which the workers measure load: tokens for language models. 100
    /// unless set, which knows nothing of the request; scaling depends on it. Within a session it was said when that was opened.
    pub fn cost(mut self, cost: f64) -> Self {
        self.route = self.route.cost(cost);
        self
    }

    /// How long the request may take, from the first question for a worker to the end of the response; of a streamed response, to its beginning.
    /// 10 minutes unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a streamed response may pause. As long as the [timeout](Self::timeout) unless set.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = Some(timeout);
        self
    }

    /// How long to pause at most between two questions for a worker. The pauses are those of the official SDK: one second, then random ones
    /// of up to 5 seconds.
    pub fn poll_at_most_every(mut self, interval: Duration) -> Self {
        self.polls = RoutePolls::at_most(interval);
        self
    }

    /// For how long the engine may replay the request. 60 seconds unless set.
    pub fn replay_timeout(mut self, timeout: Duration) -> Self {
        self.route = self.route.replay_timeout(timeout);
        self
    }

    /// The endpoint's key, for a program that knows it, and has no account's key to look it up with. The request has to be made by
    /// [`Client::endpoint_named`](crate::Client::endpoint_named) then.
    pub fn endpoint_key(mut self, key: impl Into<String>) -> Self {
        self.route = self.route.endpoint_key(key);
        self
    }

    /// Sends the payload again, to another worker, also where one may have taken it. For work that may be done twice.
    pub fn allow_repeat(mut self) -> Self {
        self.allow_repeat = true;
        self
    }

    /// How many bytes a response may have that is read whole, and so how much memory it may take decoded: eight times as much. As many as
    /// [a response of the service](crate::ClientBuilder::response_limit) unless set.
    ///
    /// What has no such end is read in [pieces](WorkerResponse::chunk) or [event by event](WorkerResponse::events).
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = ResponseLimit::bytes(bytes);
        self
    }

    /// How many bytes an event of a streamed response may have, its name and id included. 16 MiB unless set.
    pub fn event_limit(mut self, bytes: usize) -> Self {
        self.event_limit = bytes;
        self
    }

    /// Sends the request, and returns the response once it begins. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Timeout`] where no worker took it in time; its [`source`](std::error::Error::source) is the last failure.
    /// - [`ErrorKind::Connection`] where workers are out of reach, several in a row, or the connection broke after the payload was sent.
    /// - [`ErrorKind::Server`] where the worker failed, [`ErrorKind::InvalidRequest`] where it calls the payload invalid (422),
    ///   [`ErrorKind::Refused`] where it does not take the signature (401), [`ErrorKind::NotFound`] where it has nothing at the path.
    /// - [`ErrorKind::SessionGone`] where it no longer knows the session (410).
    /// - Else whatever asking for a worker failed with; see [`Route::send`].
    pub async fn send(&self) -> Result<WorkerResponse> {
        let sending = Sending {
            request: self,
            router: Router::new(self.route.clone(), self.polls.clone()),
            deadline: Deadline::after(self.timeout, self.client.deadline()),
            attempts: 0,
            was_ambiguous: false,
            out_of_reach: 0,
            last: None,
        };
        let span = tracing::debug_span!(
            "vastai.worker_request",
            endpoint = %self.route.endpoint(),
            attempts = Empty,
            status = Empty,
            duration_ms = Empty,
        );
        let began = Instant::now();
        let sent = sending.routed(&span).instrument(span.clone()).await;
        let status = match &sent {
            Ok(response) => Some(response.status()),
            Err(error) => error.status(),
        };
        span.record("status", status);
        span.record("duration_ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
        tracing::debug!(parent: &span, status, error = sent.as_ref().err().map(|error| display(error.kind())), "request over");
        sent
    }
}

awaited!(WorkerRequest -> WorkerResponse, by send);

/// Without the payload, which is the caller's alone.
impl fmt::Debug for WorkerRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkerRequest")
            .field("route", &self.route)
            .field("session", &self.session)
            .field("path", &self.path)
            .field("timeout", &self.timeout)
            .field("allow_repeat", &self.allow_repeat)
            .finish_non_exhaustive()
    }
}

/// A request on its way.
struct Sending<'request> {
    request: &'request WorkerRequest,
    router: Router,
    deadline: Deadline,
    /// How often the payload was sent.
    attempts: u32,
    /// Whether a worker may have taken it.
    was_ambiguous: bool,
    /// Workers in a row.
    out_of_reach: u32,
    last: Option<Error>,
}

impl Sending<'_> {
    /// Goes from worker to worker until one has taken the payload.
    async fn routed(mut self, span: &Span) -> Result<WorkerResponse> {
        let mut polling = Polling::new(self.request.polls.pause_after_failure());
        loop {
            // The time of the payload itself is limited where it is sent: only there it is known whether it was.
            let assignment = match &self.request.session {
                Some(session) => session.assignment().clone(),
                None => match self.deadline.limit(self.router.assigned()).await {
                    Some(assigned) => assigned.map_err(|error| self.with_attempts(error))?,
                    None => return Err(self.late()),
                },
            };
            self.attempts += 1;
            span.record("attempts", self.attempts);
            let failure = match self.posted(assignment).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let pause = self.pause(&mut polling, &failure)?;
            tracing::debug!(kind = %failure.kind(), "a worker did not take a request; asking for another");
            self.last = Some(failure);
            if self.deadline.limit(sleep(pause)).await.is_none() {
                return Err(self.late());
            }
        }
    }

    /// Sends the payload to a worker.
    async fn posted(&self, assignment: Assignment) -> Result<WorkerResponse> {
        let WorkerRequest { client, session, path, payload, .. } = self.request;
        let session_id = session.as_ref().map(SessionTicket::id);
        let body = Envelope { auth_data: assignment.auth_data(), session_id, payload };
        let http = client.worker_http();
        let response = post(http, &assignment, path, &body, session.is_some(), self.deadline.at()).await?;
        let idle = self.request.idle.unwrap_or(self.request.timeout);
        let limits = ResponseLimits {
            deadline: self.deadline.at(),
            idle,
            event: self.request.event_limit,
            whole: self.request.response_limit,
        };
        Ok(WorkerResponse::new(response, assignment, limits))
    }

    /// How long to pause before another worker is asked; the error where none is to be.
    fn pause(&mut self, polling: &mut Polling, failure: &Error) -> Result<Duration> {
        let may_be_taken = failure.may_have_been_done();
        self.was_ambiguous |= may_be_taken;
        let error = self.with_attempts(failure.clone());
        if (may_be_taken && !self.request.allow_repeat) || !failure.may_pass() {
            return Err(error);
        }
        if failure.kind() == ErrorKind::Connection {
            // A session is bound to its worker.
            self.out_of_reach += 1;
            if self.request.session.is_some() || self.out_of_reach >= OUT_OF_REACH {
                return Err(error);
            }
        } else {
            self.out_of_reach = 0;
        }
        polling.failed(error)
    }

    /// An error with what became of the attempts so far.
    fn with_attempts(&self, error: Error) -> Error {
        if self.attempts == 0 { error } else { error.after_attempts(self.attempts, self.was_ambiguous) }
    }

    /// The error where the time is up.
    fn late(self) -> Error {
        let (status, asking) = self.router.seen();
        let status = status.map(|status| format!(" (the engine says: {status})")).unwrap_or_default();
        let message = format!("no worker took the request within {:?}{status}", self.deadline.timeout());
        timed_out(message, self.last.as_ref().or(asking), |late| self.with_attempts(late))
    }
}
