//! How errors are made: by the generated client and by whoever writes a [`Transport`](crate::Transport).

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

use super::{Delivery, Error, ErrorKind, Inner, meaning};
use crate::{Operation, ServiceError, UnsolicitedResponse};

impl Error {
    /// A failure on this side, before anything is sent.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            status: None,
            code: None,
            retry_after: None,
            min_interval: None,
            delivery: Delivery::NotSent,
            attempts: 0,
            is_broken: false,
            was_ambiguous: false,
            is_read: false,
            is_wait: false,
            advice: None,
            json_path: None,
            body_start: None,
            service_error: None,
            source: None,
        }))
    }

    /// The failure that a status and the service's code and words stand for.
    ///
    /// `redact` takes secrets out of the words before they are shortened, which could leave a part of one.
    pub fn from_response(
        status: StatusCode,
        said: &ServiceError,
        operation: Option<&'static Operation>,
        redact: impl Fn(&str) -> String,
    ) -> Self {
        let kind = meaning::kind(status, said, operation);
        let retry_after = said.retry_after.and_then(seconds);
        let said = said.redacted(&redact);
        Self::new(kind, shortened(&said.to_string())).edit(|inner| {
            inner.operation = operation;
            // Neither a success nor a refusal.
            inner.was_ambiguous = !(status.is_success() || status.is_client_error());
            inner.status = Some(status);
            inner.delivery = Delivery::Answered;
            inner.code = said.code().map(str::to_owned);
            inner.retry_after = retry_after;
            inner.service_error = Some(Arc::new(said));
        })
    }

    /// The failure of the HTTP client. Of its URL the origin alone is shown, where no connection was made.
    pub fn from_http(error: reqwest::Error) -> Self {
        // Only a connection that was never made is proof that nothing was sent: the HTTP client says so of the stages up to the TLS
        // handshake. A connection taken from the pool that the service has closed gives another error once a byte was written;
        // where none was, the HTTP client takes another connection by itself.
        // A server that talks unasked is reached and not understood.
        let is_unsolicited = has_unsolicited_response(&error);
        let not_connected = error.is_connect() && !is_unsolicited;
        let kind = if error.is_builder() {
            ErrorKind::InvalidRequest
        } else if not_connected {
            ErrorKind::Connection
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else {
            ErrorKind::Connection
        };
        let message = match kind {
            ErrorKind::Timeout => NO_ANSWER,
            ErrorKind::InvalidRequest => "the request cannot be built",
            _ if not_connected && error.is_timeout() => "the service was not reached in time",
            _ if not_connected => "the service was not reached",
            _ if is_unsolicited => {
                "the server sent a response that nobody had asked for, so its responses cannot be told apart"
            }
            _ if error.is_body() || error.is_decode() => "the answer broke off",
            _ => "the connection broke before an answer came",
        };
        let delivery = if error.is_builder() || not_connected {
            Delivery::NotSent
        } else if error.is_body() || error.is_decode() {
            Delivery::Answered
        } else {
            Delivery::Unknown
        };
        let message = match error.url().filter(|_| not_connected) {
            Some(url) => {
                let named = message.replace("the service", &url.origin().ascii_serialization());
                format!("{named}: {}", root_cause(&error))
            }
            None => message.to_owned(),
        };
        Self::new(kind, message).with_delivery(delivery).with_source(error.without_url())
    }

    /// The time of the call was over before there was anything to send.
    pub fn not_sent_in_time() -> Self {
        Self::new(ErrorKind::Timeout, "the time of the call was over before it was sent")
    }

    /// No answer came, although a request was sent.
    pub fn no_answer_in_time() -> Self {
        Self::new(ErrorKind::Timeout, NO_ANSWER).with_delivery(Delivery::Unknown)
    }

    /// With the error that caused it.
    #[must_use]
    pub fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.edit(|inner| inner.source = Some(Arc::new(source)))
    }

    /// The answer's status; an error that has one was answered.
    pub fn with_status(self, status: StatusCode) -> Self {
        self.edit(|inner| {
            inner.status = Some(status);
            inner.delivery = Delivery::Answered;
        })
    }

    /// With how far the request came.
    #[must_use]
    pub fn with_delivery(self, delivery: Delivery) -> Self {
        self.edit(|inner| inner.delivery = delivery)
    }

    /// Of another kind.
    #[must_use]
    pub fn with_kind(self, kind: ErrorKind) -> Self {
        self.edit(|inner| inner.kind = kind)
    }

    /// With the time after which the service allows another attempt, where none is known yet.
    #[must_use]
    pub fn with_retry_after(self, after: Option<Duration>) -> Self {
        self.edit(|inner| inner.retry_after = inner.retry_after.or(after))
    }

    /// With the least time between two calls that the service allows.
    #[must_use]
    pub fn with_min_interval(self, interval: Option<Duration>) -> Self {
        self.edit(|inner| inner.min_interval = interval)
    }

    /// As a failure of this operation.
    #[must_use]
    pub fn for_operation(self, operation: &'static Operation) -> Self {
        self.edit(|inner| inner.operation = Some(operation))
    }

    /// The answer did not come whole, or was no JSON: another attempt may get a better one.
    pub fn broken(self) -> Self {
        self.edit(|inner| inner.is_broken = true)
    }

    /// After how many attempts the call was given up, and whether one of them may have been carried out.
    pub fn after_attempts(self, attempts: u32, was_ambiguous: bool) -> Self {
        self.edit(|inner| {
            inner.attempts = attempts;
            inner.was_ambiguous |= was_ambiguous;
        })
    }

    /// What was asked may have been done.
    #[must_use]
    pub fn in_doubt(self) -> Self {
        self.edit(|inner| inner.was_ambiguous = true)
    }

    /// What to do, in place of what the kind says.
    #[must_use]
    pub fn with_advice(self, advice: impl Into<String>) -> Self {
        self.edit(|inner| inner.advice = Some(advice.into()))
    }

    /// What failed is a wait: looking changes nothing, and what is waited for may cost money meanwhile, so it is never called safe to
    /// try again.
    #[must_use]
    pub fn of_a_wait(self) -> Self {
        self.edit(|inner| (inner.is_read, inner.is_wait) = (true, true))
    }

    /// No HTTP client can be made.
    pub fn no_http_client(error: reqwest::Error) -> Self {
        Self::new(ErrorKind::Configuration, "the HTTP client cannot be made").with_source(error)
    }

    /// What failed changes nothing, whatever became of it.
    pub fn of_a_read(self) -> Self {
        self.edit(|inner| inner.is_read = true)
    }

    /// Where in an answer what is wrong stands, and how the answer begins.
    pub fn with_undecodable(self, path: Option<String>, body_start: String) -> Self {
        self.edit(|inner| {
            inner.json_path = path;
            inner.body_start = Some(body_start);
        })
    }

    /// Every text of the error through `redact`.
    pub fn redacted(self, redact: impl Fn(&str) -> String) -> Self {
        self.edit(|inner| {
            inner.message = redact(&inner.message);
            inner.code = inner.code.as_deref().map(&redact);
            inner.json_path = inner.json_path.as_deref().map(&redact);
            inner.body_start = inner.body_start.as_deref().map(&redact);
        })
    }

    fn edit(mut self, edit: impl FnOnce(&mut Inner)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }
}

const NO_ANSWER: &str = "no answer came in time";

/// The innermost cause of an error: `Connection refused (os error 111)`.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    shortened(&cause.to_string())
}

fn has_unsolicited_response(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<UnsolicitedResponse>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// Seconds as the service writes them; more than a duration holds is the longest one.
#[must_use]
pub fn seconds(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// The start of a text on one line, for a message.
pub fn shortened(text: &str) -> String {
    const LENGTH: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A decoder's message without the values that it quotes: `string "…", expected a sequence`.
#[must_use]
pub fn without_quoted_values(message: &str) -> String {
    let mut parts = message.split('"');
    let mut text = parts.next().unwrap_or_default().to_owned();
    // The last quotation mark closes; what stands before it may hold others.
    if let Some(after) = parts.next_back() {
        text.push_str("\"…\"");
        text.push_str(after);
    }
    text
}
