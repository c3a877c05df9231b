//! Result files: what an answer's `result_url` points to, fetched without the key once it is there.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, Request, Response, Url};
use tracing::Instrument;
use vastai_api::{AnswerLimit, Unread};

use super::observation::{CallInfo, WaitReason, span};
use super::{Transport, retry_after, sending};
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::waiting::{at_most_asked, later};

/// What an operation is called that is none.
const NAME: &str = "resultFile";

/// A file that some operations answer with, such as the output of a command: it appears at a URL some seconds later.
///
/// The file is asked for again and again until it is there: 30 times, 0.3 seconds apart, unless set otherwise; failures of its host
/// double the wait, up to 5 seconds. The host is none of the service's servers, so no key goes there, redirects are not followed,
/// and errors and logs show of the URL no more than its origin: the rest is mostly a signature.
#[derive(Clone)]
#[must_use = "nothing is fetched before `bytes` or `text`"]
pub struct ResultFile<'client> {
    transport: &'client Transport,
    url: Url,
    origin: String,
    attempts: u32,
    interval: Duration,
    max_bytes: usize,
}

/// The longest wait after failures of the host.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

impl<'client> ResultFile<'client> {
    pub(crate) fn new(transport: &'client Transport, url: &str) -> Result<Self> {
        let wrong = |what: &str| {
            Err(Error::new(ErrorKind::InvalidRequest, format!("the URL of the result file {what}")))
        };
        let Ok(url) = Url::parse(url) else { return wrong("is no URL") };
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
            max_bytes: transport.answer_limit().max_bytes(),
        })
    }

    /// How often to ask at most, and how far apart.
    pub fn poll(mut self, attempts: u32, interval: Duration) -> Self {
        self.attempts = attempts.max(1);
        self.interval = interval;
        self
    }

    /// The longest file that is read, in bytes. As long as an answer unless set: see [`answer_limit`](crate::ClientBuilder::answer_limit).
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
        let mut watch = self.transport.shared.watched.call(call, span.clone());
        let mut made = 0;
        let fetched = self.fetched(&call, &mut made).instrument(span).await;
        watch.made(made);
        let fetched = fetched.map_err(|error| {
            error.redacted(self.transport.secrets()).after_attempts(made, false).of_a_read()
        });
        watch.end(fetched.as_ref().ok().map(|_| 200), fetched.as_ref().err());
        fetched
    }

    /// The file as a text; what is no UTF-8 becomes `U+FFFD`.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub async fn text(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    async fn fetched(&self, call: &CallInfo<'_>, made: &mut u32) -> Result<Bytes> {
        let watched = &self.transport.shared.watched;
        let deadline = self.transport.limits.deadline();
        let mut failure_wait = self.interval;
        loop {
            *made += 1;
            let watch = watched.attempt(*call, *made);
            let answer = sending::within(deadline, self.once()).await;
            watch.end(answer.as_ref().ok().map(|_| 200), answer.as_ref().err());
            let error = match answer {
                Ok(file) => return Ok(file),
                Err(error) => error,
            };
            let wait = match error.kind() {
                ErrorKind::NotReady => self.interval,
                ErrorKind::Server | ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::Connection => {
                    failure_wait = failure_wait.saturating_mul(2).min(LONGEST_WAIT.max(self.interval));
                    at_most_asked(error.retry_after().unwrap_or_default()).max(failure_wait)
                }
                _ => return Err(error),
            };
            if *made >= self.attempts || later(wait) >= deadline {
                return Err(error);
            }
            watched.waiting(call, WaitReason::ResultFile, wait);
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
                .with_retry_after(retry_after::in_headers(response.headers()))),
            500.. => Err(self.failed(ErrorKind::Server, "cannot be had: its host failed", &response)),
            300..400 => {
                Err(self.failed(ErrorKind::Redirect, "is elsewhere; redirects are not followed", &response))
            }
            _ => Err(self.failed(ErrorKind::Refused, "is refused", &response)),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Bytes> {
        AnswerLimit::bytes(self.max_bytes).read(&mut response).await.map_err(|unread| match unread {
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
