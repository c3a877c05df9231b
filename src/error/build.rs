//! How errors are made: by the generated client and by a [`Transport`](crate::Transport).

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

use super::{Delivery, Error, ErrorKind, Inner, meaning};
use crate::redaction::cut_short;
use crate::{Operation, Secrets, ServiceError, TooLarge, UnsolicitedResponse};

/// # Making errors
///
/// This is for a [`Transport`](crate::Transport) of one's own, which returns this error, and for tests. A program that only calls the API
/// needs none of it.
impl Error {
    /// A failure on this side, before anything is sent. Of a long message the beginning is kept.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: cut_short(message.into()),
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
    /// The `secrets` are taken out of the words as they are shortened.
    pub fn from_response(
        status: StatusCode,
        said: &ServiceError,
        operation: Option<&'static Operation>,
        secrets: &Secrets,
    ) -> Self {
        let kind = meaning::kind(status, said, operation);
        let retry_after = said.retry_after.and_then(seconds);
        let message = secrets.line(&said.to_string(), LINE);
        let said = said.redacted(secrets);
        Self::new(kind, message).edit(|inner| {
            inner.operation = operation;
            // Neither a success nor a refusal.
            inner.was_ambiguous = !(status.is_success() || status.is_client_error());
            inner.status = Some(status);
            inner.delivery = Delivery::Answered;
            inner.code = said.code().map(|code| secrets.line(code, CODE));
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
            ErrorKind::Timeout => NO_RESPONSE,
            ErrorKind::InvalidRequest => "the request cannot be built",
            _ if not_connected && error.is_timeout() => "the service was not reached in time",
            _ if not_connected => "the service was not reached",
            _ if is_unsolicited => {
                "the server sent a response that nobody had asked for, so its responses cannot be matched to requests"
            }
            _ if error.is_body() || error.is_decode() => "the response broke off",
            _ => "the connection broke before a response came",
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

    /// No response came, although a request was sent.
    pub fn no_response_in_time() -> Self {
        Self::new(ErrorKind::Timeout, NO_RESPONSE).with_delivery(Delivery::Unknown)
    }

    /// With the error that caused it.
    #[must_use]
    pub fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        let source: Arc<dyn std::error::Error + Send + Sync> = match Cause::of_a_long(&source) {
            Some(cause) => Arc::new(cause),
            None => Arc::new(source),
        };
        self.edit(|inner| inner.source = Some(source))
    }

    /// The response's status; an error that has one was answered.
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

    /// The response did not come whole, or was not JSON: another attempt may get a better one.
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

    /// What was requested may have been done.
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

    /// Where in a response what is wrong stands, and how the response begins.
    pub fn with_undecodable(self, path: Option<String>, body_start: String) -> Self {
        self.edit(|inner| {
            inner.json_path = path;
            inner.body_start = Some(body_start);
        })
    }

    /// Every string of the error without these secrets.
    #[must_use]
    pub fn redacted(self, secrets: &Secrets) -> Self {
        self.edit(|inner| {
            inner.message = secrets.shown(&inner.message);
            inner.code = inner.code.as_deref().map(|code| secrets.shown(code));
            inner.json_path = inner.json_path.as_deref().map(|path| secrets.shown(path));
            inner.body_start = inner.body_start.as_deref().map(|start| secrets.shown(start));
        })
    }

    /// The response is larger than it may be. It was one of success, so what was requested may have been done.
    pub fn too_large(why: TooLarge) -> Self {
        Self::new(ErrorKind::Decode, why.to_string()).with_delivery(Delivery::Answered)
    }

    fn edit(mut self, edit: impl FnOnce(&mut Inner)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }
}

const NO_RESPONSE: &str = "no response came in time";

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

/// How many characters of the service's words a message has.
pub const LINE: usize = 300;
/// How many characters a code has. Real ones have some twenty.
const CODE: usize = 100;

/// The start of a string on one line, for a message. Secrets are not looked for.
pub fn shortened(text: &str) -> String {
    Secrets::default().line(text, LINE)
}

/// What is shown of a cause that would show too much: a decoder quotes a value whole, however long it is.
#[derive(Debug)]
struct Cause(String);

impl Cause {
    /// The beginning of a cause, where it or what it came from is longer than a person reads.
    fn of_a_long(source: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let chain = || std::iter::successors(Some(source), |error| error.source());
        let mut length = Beginning::default();
        // Nothing of it is kept, and counting cannot fail.
        let _ = chain().try_for_each(|error| write!(length, "{error} {error:?}"));
        if length.bytes <= LONGEST {
            return None;
        }
        let mut text = Beginning { kept: String::new(), room: LONGEST, bytes: 0 };
        let _ = write!(text, "{source}");
        Some(Self(match text.bytes > text.kept.len() {
            true => format!("{}… (cut; {} bytes in all)", text.kept, text.bytes),
            false => text.kept,
        }))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// How many bytes of a cause are shown.
const LONGEST: usize = 2_000;

/// Keeps the beginning of what is written, and counts all of it.
#[derive(Default)]
struct Beginning {
    kept: String,
    room: usize,
    bytes: usize,
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes += text.len();
        let end = (0..=text.len().min(self.room)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.kept.push_str(&text[..end]);
        // What is left out leaves no room for what comes after it.
        self.room = if end == text.len() { self.room - end } else { 0 };
        Ok(())
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
