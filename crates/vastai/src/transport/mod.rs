//! How a request reaches the service, in layers. Each is a module that can be read alone:
//!
//! | layer | what it decides |
//! |---|---|
//! | [`config`](crate::config) | the origin to which the operation goes, and the key in the header |
//! | [`retry`] | whether, when and until when a failed attempt is made again |
//! | [`pacing`] | how long an attempt waits for its turn |
//! | [`attempt`] | one request, within its time, and whether the response is a success or a failure, by its status and its words |
//! | [`observation`] | the span and the observer around all that |
//!
//! [`result_file`] stands beside them: it fetches what a response points to, without the key.

mod attempt;
mod observation;
mod pacing;
mod ping;
mod result_file;
mod retry;
mod soft_failure;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderValue, USER_AGENT};
use reqwest::{Request, Url};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;
use vastai_api::{Operation, RawResponse, Reader, ResponseLimit, Secrets, SendFuture};

pub(crate) use attempt::{beginning, retry_after_in, undecodable};
pub(crate) use observation::SharedObserver;
pub use observation::{CallInfo, Observer, Outcome, WaitReason};
pub use pacing::Pacing;
pub use ping::{Ping, Server};
pub use result_file::ResultFile;
pub use retry::RetryPolicy;

use crate::config::{ApiKey, BaseUrl, Credentials, HttpClients, Servers};
use crate::error::{Error, ErrorKind};
use crate::waiting::later;
use attempt::Outgoing;
use observation::span;
use pacing::Pacer;
use retry::Attempts;

/// The transport of this crate's clients. Clones share servers, pace and observer, and may differ in key and limits.
#[derive(Debug, Clone)]
pub(crate) struct ServiceTransport {
    shared: Arc<Shared>,
    credentials: Arc<Credentials>,
    limits: Limits,
}

#[derive(Debug)]
struct Shared {
    servers: Servers,
    http: ServiceHttp,
    pacer: Pacer,
    observer: SharedObserver,
    /// By operationId.
    urls: Mutex<HashMap<&'static str, Url>>,
}

/// By what requests reach the service.
#[derive(Debug)]
pub(crate) struct ServiceHttp {
    /// For operations that may be repeated.
    pub(crate) reads: HttpClients,
    /// For operations that may not: each request has a connection of its own, on which no response to another can be left.
    pub(crate) creations: HttpClients,
    pub(crate) user_agent: HeaderValue,
}

/// How long a call may take, how it is tried again, and how large its response may be.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) deadline: Option<Instant>,
    pub(crate) retry: RetryPolicy,
    pub(crate) response: ResponseLimit,
}

impl Limits {
    /// Until when a call that begins now may take.
    fn deadline(&self) -> Instant {
        let own = later(self.timeout);
        self.deadline.map_or(own, |deadline| deadline.min(own))
    }
}

/// Of a call, what is the same for all its attempts.
struct Exchange<'call> {
    http: &'call reqwest::Client,
    /// Whether it may have a time-out of its own.
    has_own_limits: bool,
    operation: &'static Operation,
    server: &'call BaseUrl,
    reader: Option<Reader>,
    /// What must not stand in an error.
    secrets: &'call Secrets,
    limit: ResponseLimit,
}

impl ServiceTransport {
    pub(crate) fn new(
        servers: Servers,
        key: ApiKey,
        limits: Limits,
        http: ServiceHttp,
        pacing: Pacing,
        observer: SharedObserver,
    ) -> Self {
        let shared = Shared { servers, http, pacer: Pacer::new(pacing), observer, urls: Mutex::default() };
        Self { shared: Arc::new(shared), credentials: Arc::new(Credentials::new(key)), limits }
    }

    pub(crate) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    pub(crate) fn with_deadline(mut self, deadline: std::time::Instant) -> Self {
        self.limits.deadline = Some(deadline.into());
        self
    }

    pub(crate) fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.limits.retry = policy;
        self
    }

    pub(crate) fn with_key(mut self, key: ApiKey) -> Self {
        self.credentials = Arc::new(self.credentials.with_key(key));
        self
    }

    /// When a call that begins now has to be over.
    pub(crate) fn call_deadline(&self) -> Instant {
        self.limits.deadline()
    }

    /// When calls have to be over, whatever their timeout.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.limits.deadline
    }

    /// The base URL of the console, without a slash at its end.
    pub(crate) fn console(&self) -> &str {
        self.shared.servers.console().as_str()
    }

    /// The HTTP client of the console.
    pub(crate) fn http_of_the_console(&self) -> Result<&reqwest::Client, Error> {
        self.shared.http.reads.of(self.shared.servers.console().url())
    }

    /// Moves a request of an operation to its server.
    pub(crate) fn place(&self, request: &mut Request, operation: &'static Operation) -> Result<(), Error> {
        self.shared.servers.of(operation)?.apply(request.url_mut())
    }

    /// The URL of a path on the server of an operation. Of a server that is none, the transport says why when the request is sent.
    pub(crate) fn url_at(&self, operation: &'static Operation, path: &str) -> Result<Url, Error> {
        let mut url = match self.shared.servers.of(operation) {
            Ok(server) => server.url().clone(),
            Err(_) => Url::parse("https://server.invalid")
                .map_err(|error| Error::new(ErrorKind::InvalidRequest, error.to_string()))?,
        };
        url.set_path(path);
        Ok(url)
    }

    /// The URL of an operation without values in its path, which is parsed once.
    pub(crate) fn url_of(&self, operation: &'static Operation) -> Result<Url, Error> {
        let mut urls = self.shared.urls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(url) = urls.get(operation.id) {
            return Ok(url.clone());
        }
        let url = self.url_at(operation, operation.path)?;
        urls.insert(operation.id, url.clone());
        Ok(url)
    }

    /// Sends a request of an operation, unless it could not be made; what it gives is a success. Its body may have been read by the reader.
    pub(crate) fn call(
        &self,
        request: Result<Request, Error>,
        operation: &'static Operation,
        reader: Option<Reader>,
    ) -> impl Future<Output = Result<RawResponse, Error>> + Send {
        let mut outgoing = request.map(Outgoing::new);
        // A block uses it where it is; a function that is `async` would have room for what it is given and for what it makes of it.
        async move {
            let outgoing = outgoing.as_mut().map_err(|error| error.clone())?;
            let exchange = self.exchange(outgoing.request(), operation, reader)?;
            let call = CallInfo { operation: operation.id, server: exchange.server.as_str() };
            let span = span(&call);
            let mut observation = self.shared.observer.call(&call, span.clone());
            let mut attempts = Attempts::new(&self.limits.retry, operation, self.limits.deadline());
            // Futures stay where they are made, here and below: each layer that took one would copy it, and all that is in it. Of all
            // that a call needs, the half is in a box of its own: allocators have small pieces at hand, and look for one of 1,100 bytes.
            let response = Box::pin(self.retried(&exchange, outgoing, &call, &mut attempts));
            let response = response.instrument(span).await;
            observation.made(attempts.made());
            let response = response.map_err(|error| error.redacted(self.secrets()));
            observation.end(
                response.as_ref().ok().map(|response| response.status.as_u16()),
                response.as_ref().err(),
            );
            let mut response = response?;
            response.attempts = attempts.made();
            Ok(response)
        }
    }

    /// Makes a request ready to be sent, and says where and by what.
    fn exchange(
        &self,
        request: &mut Request,
        operation: &'static Operation,
        reader: Option<Reader>,
    ) -> Result<Exchange<'_>, Error> {
        let server = self.shared.servers.of(operation)?;
        server.apply(request.url_mut())?;
        self.credentials.authenticate(request, operation).map_err(|error| error.for_operation(operation))?;
        let ServiceHttp { reads, creations, user_agent } = &self.shared.http;
        request.headers_mut().insert(USER_AGENT, user_agent.clone());
        let clients = if operation.repeatable { reads } else { creations };
        let http = clients.of(request.url()).map_err(|error| error.for_operation(operation))?;
        let (secrets, limit) = (self.secrets(), self.limits.response);
        Ok(Exchange { http, has_own_limits: clients.is_given(), operation, server, reader, secrets, limit })
    }

    async fn retried(
        &self,
        exchange: &Exchange<'_>,
        outgoing: &mut Outgoing,
        call: &CallInfo<'_>,
        attempts: &mut Attempts<'_>,
    ) -> Result<RawResponse, Error> {
        let Shared { pacer, observer, .. } = &*self.shared;
        let operation = exchange.operation;
        let mut last = None;
        loop {
            let turn =
                pacer.turn(operation, self.credentials.number(), attempts.deadline(), observer, call).await;
            turn.map_err(|late| attempts.given_up(last.clone().unwrap_or(late)))?;
            let Some((number, until)) = attempts.begin() else {
                return Err(attempts.given_up(last.unwrap_or_else(Error::not_sent_in_time)));
            };
            if exchange.has_own_limits {
                // It is this client's time that counts.
                *outgoing.request().timeout_mut() =
                    Some(attempts.deadline().saturating_duration_since(Instant::now()));
            }
            let error = {
                let observation = observer.attempt(call, number);
                let once = pin!(attempt::once(exchange, outgoing));
                let response =
                    timeout_at(until, once).await.unwrap_or_else(|_| Err(Error::no_response_in_time()));
                observation.end(
                    response.as_ref().ok().map(|response| response.status.as_u16()),
                    response.as_ref().err(),
                );
                match response {
                    Ok(response) => return Ok(response),
                    Err(error) => error,
                }
            };
            if attempts.has_deleted(&error) {
                tracing::debug!(operation = operation.id, "it was gone when it was to be deleted again");
                return Ok(attempt::already_deleted(operation));
            }
            pacer.learn(operation, self.credentials.number(), &error);
            let (wait, error) = attempts.after(error)?;
            if outgoing.is_gone() {
                return Err(attempts.given_up(error));
            }
            last = Some(error);
            observer.waiting(call, WaitReason::Backoff, wait);
            tokio::time::sleep(wait).await;
        }
    }

    /// What must not stand in an error.
    pub(crate) fn secrets(&self) -> &Secrets {
        self.credentials.secrets()
    }

    /// How large a response may be.
    pub(crate) fn response_limit(&self) -> ResponseLimit {
        self.limits.response
    }
}

impl vastai_api::Transport for ServiceTransport {
    /// Not through the generated client's own HTTP client: which one it is depends on the server and on the operation.
    fn send<'call>(
        &'call self,
        _http: &'call reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> SendFuture<'call> {
        Box::pin(self.call(Ok(request), operation, None))
    }

    fn send_for<'call>(
        &'call self,
        _http: &'call reqwest::Client,
        request: Request,
        operation: &'static Operation,
        reader: Reader,
    ) -> SendFuture<'call> {
        Box::pin(self.call(Ok(request), operation, Some(reader)))
    }

    fn undecodable(&self, response: &RawResponse, path: Option<&str>, reason: &str) -> Error {
        undecodable(&response.body, path, reason, self.secrets())
    }
}
