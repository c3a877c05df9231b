//! Result files: what the `result_url` of a response points to, fetched without the key once it is there.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, Request, Response, Url};
use tracing::Instrument;
use vastai_api::{ResponseLimit, Unread};

use super::observation::{CallInfo, WaitReason, span};
use super::{ServiceTransport, attempt, retry_after_in};
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::waiting::{Backoff, later};

/// What an observer sees in place of an operation.
const NAME: &str = "resultFile";

/// A file to which the responses of some operations point, such as the output of a command: it appears at a URL some seconds later.
///
/// The file is asked for again and again until it is there: 30 times, 0.3 seconds apart, unless set otherwise; failures of its host
/// double the wait, up to 5 seconds and a bit. The host belongs to nobody known, so no key goes there, redirects are not followed,
/// and errors and logs show of the URL no more than its origin: the rest is mostly a signature.
#[derive(Clone)]
#[must_use = "nothing is fetched before `bytes` or `text`"]
pub struct ResultFile<'client> {
    transport: &'client ServiceTransport,
    url: Url,
    origin: String,
    attempts: u32,
    interval: Duration,
    max_bytes: usize,
}

/// The longest wait after failures of the host.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

impl<'client> ResultFile<'client> {
    pub(crate) fn new(transport: &'client ServiceTransport, url: &str) -> Result<Self> {
        let wrong = |what: &str| {
            Err(Error::new(ErrorKind::InvalidRequest, format!("the URL of the result file {what}")))
        };
        let Ok(url) = Url::parse(url) else { return wrong("is not a URL") };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && crate::config::is_loopback(&url));
        if !is_safe {
            return wrong("is not https");
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self {
            transport,
            url,
            origin,
            attempts: 30,
            interval: Duration::from_millis(300),
            max_bytes: transport.response_limit().max_bytes(),
        })
    }

    /// How often to ask at most, and how far apart.
    pub fn poll(mut self, attempts: u32, interval: Duration) -> Self {
        self.attempts = attempts.max(1);
        self.interval = interval;
        self
    }

    /// The longest file that is read, in bytes. As long as a response unless set: see [`response_limit`](crate::ClientBuilder::response_limit).
    pub fn max_bytes(mut self, max: usize) -> Self {
        self.max_bytes = max;
        self
    }

    /// The file, byte for byte.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotReady`] where it was not there in time: ask again later. [`ErrorKind::Decode`] where it is longer than
    /// [`max_bytes`](Self::max_bytes). Else what the last attempt failed with. All of it ends with the client's
    /// [timeout](crate::ClientBuilder::timeout).
    pub async fn bytes(&self) -> Result<Bytes> {
        let call = CallInfo { operation: NAME, server: &self.origin };
        let span = span(&call);
        let mut observation = self.transport.shared.observer.call(&call, span.clone());
        let mut made = 0;
        let fetched = self.fetched(&call, &mut made).instrument(span).await;
        observation.made(made);
        let fetched = fetched.map_err(|error| {
            error.redacted(self.transport.secrets()).after_attempts(made, false).of_a_read()
        });
        observation.end(fetched.as_ref().ok().map(|_| 200), fetched.as_ref().err());
        fetched
    }

    /// The file as text; what is not UTF-8 becomes `U+FFFD`.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub async fn text(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    async fn fetched(&self, call: &CallInfo<'_>, made: &mut u32) -> Result<Bytes> {
        let observer = &self.transport.shared.observer;
        let deadline = self.transport.limits.deadline();
        let mut backoff = Backoff::of_polls(self.interval.saturating_mul(2), LONGEST_WAIT);
        loop {
            *made += 1;
            let observation = observer.attempt(call, *made);
            let file = attempt::within(deadline, self.once()).await;
            observation.end(file.as_ref().ok().map(|_| 200), file.as_ref().err());
            let error = match file {
                Ok(file) => return Ok(file),
                Err(error) => error,
            };
            let wait = match error.kind() {
                ErrorKind::NotReady => self.interval,
                _ if error.may_pass() => backoff.after(&error),
                _ => return Err(error),
            };
            if *made >= self.attempts || later(wait) >= deadline {
                return Err(error);
            }
            observer.waiting(call, WaitReason::ResultFile, wait);
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self) -> Result<Bytes> {
        let request = Request::new(Method::GET, self.url.clone());
        let response = self
            .transport
            .shared
            .http
            .reads
            .of(&self.url)?
            .execute(request)
            .await
            .map_err(Error::from_http)?;
        if *response.url() != self.url {
            return Err(self.failed(ErrorKind::Redirect, "was redirected by the HTTP client", &response));
        }
        let status = response.status();
        match status.as_u16() {
            200 => self.read(response).await,
            // A store that does not let strangers list what it has says 403 of what is not there.
            403 | 404 => Err(self.failed(ErrorKind::NotReady, "is not there yet", &response)),
            429 => Err(self
                .failed(ErrorKind::RateLimited, "is asked for too often", &response)
                .with_retry_after(retry_after_in(response.headers()))),
            500.. => Err(self.failed(ErrorKind::Server, "cannot be had: its host failed", &response)),
            300..400 => {
                Err(self.failed(ErrorKind::Redirect, "is elsewhere; redirects are not followed", &response))
            }
            _ => Err(self.failed(ErrorKind::Refused, "is refused", &response)),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Bytes> {
        ResponseLimit::bytes(self.max_bytes).read(&mut response).await.map_err(|unread| match unread {
            Unread::Http(error) => Error::from_http(error).with_delivery(Delivery::Answered),
            _ => {
                self.failed(ErrorKind::Decode, &format!("is longer than {} bytes", self.max_bytes), &response)
            }
        })
    }

    fn failed(&self, kind: ErrorKind, what: &str, response: &Response) -> Error {
        let message = format!("the result file at {} {what}", self.origin);
        Error::new(kind, message).with_status(response.status())
    }
}

impl std::fmt::Debug for ResultFile<'_> {
    /// Without the URL's path and query, which are mostly a signature.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ResultFile")
            .field("origin", &self.origin)
            .field("attempts", &self.attempts)
            .field("interval", &self.interval)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
