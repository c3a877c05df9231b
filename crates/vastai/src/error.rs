//! What went wrong, for a program and for a person.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use vastai_api::{Operation, ServiceError};

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed. Cheap to clone.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use vastai::ErrorKind;
///
/// match client.endpoint(12345).workers().await {
///     Ok(workers) => println!("{} workers", workers.len()),
///     Err(error) if error.kind() == ErrorKind::NotReady => println!("ask again in some seconds"),
///     Err(error) if error.kind() == ErrorKind::Unauthorized => println!("check the key: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    code: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure it is, and so what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly: the key, a base URL, or an operation that the document lacks. Nothing was sent.
    Configuration,
    /// The request breaks a limit of the document, or the service calls it invalid (400, 422). Change the request.
    InvalidRequest,
    /// The service does not accept the key (401; 404 or 200 with the code `auth_error`). Check the key, or log in again.
    Unauthorized,
    /// The key lacks the permission (403). Use a key with a wider scope.
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// The service has retired this call (410). Update this crate: its document is out of date.
    Gone,
    /// The thing is in a state that does not allow this (409).
    Conflict,
    /// Too many calls (429). Wait for [`Error::retry_after`], or some seconds where it is not told.
    RateLimited,
    /// The service failed (5xx).
    Server,
    /// The service refused in a way that has no kind of its own, also with status 200. Read the message.
    Refused,
    /// The serverless engine has nothing to say yet about an endpoint or workergroup. Ask again in some seconds.
    NotReady,
    /// No answer came in time. The call may have been carried out.
    Timeout,
    /// The service was not reached, or the connection broke. In the second case the call may have been carried out.
    Connection,
    /// The answer is not what the document says. Update this crate, or report it with the message.
    Decode,
    /// The service redirected to another place, which is not followed: the key would go there.
    Redirect,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Configuration => "configuration",
            Self::InvalidRequest => "invalid request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::Gone => "gone",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::Server => "server failure",
            Self::Refused => "refused",
            Self::NotReady => "not ready",
            Self::Timeout => "timeout",
            Self::Connection => "connection failure",
            Self::Decode => "undecodable answer",
            Self::Redirect => "redirect",
        })
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            status: None,
            code: None,
            retry_after: None,
            source: None,
        }))
    }

    /// The failure that a status and the service's words stand for.
    ///
    /// `redact` takes secrets out of the words before they are shortened, which could leave a part of one.
    pub(crate) fn from_answer(
        status: StatusCode,
        said: &ServiceError,
        redact: impl Fn(&str) -> String,
    ) -> Self {
        let auth_error = said.code() == Some("auth_error") || said.words().is_some_and(is_expired_session);
        let kind = match status.as_u16() {
            400 | 413 | 422 => ErrorKind::InvalidRequest,
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            200..300 | 404 if auth_error => ErrorKind::Unauthorized,
            404 => ErrorKind::NotFound,
            408 => ErrorKind::Timeout,
            409 => ErrorKind::Conflict,
            410 => ErrorKind::Gone,
            429 => ErrorKind::RateLimited,
            500.. => ErrorKind::Server,
            300..400 => ErrorKind::Redirect,
            _ => ErrorKind::Refused,
        };
        let mut message = shortened(&redact(&said.to_string()));
        if kind == ErrorKind::Gone {
            message.push_str("; this call is retired, so update this client");
        }
        let retry_after = said.retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self::new(kind, message).edit(|inner| {
            inner.status = Some(status);
            inner.code = said.code().map(redact);
            inner.retry_after = retry_after;
        })
    }

    /// The failure of the HTTP client, without its URL.
    pub(crate) fn from_http(error: reqwest::Error) -> Self {
        let kind = if error.is_timeout() {
            ErrorKind::Timeout
        } else if error.is_builder() {
            ErrorKind::InvalidRequest
        } else if error.is_decode() {
            ErrorKind::Decode
        } else {
            ErrorKind::Connection
        };
        let message = match kind {
            ErrorKind::Timeout => "no answer came in time",
            ErrorKind::InvalidRequest => "the request cannot be built",
            ErrorKind::Decode => "the answer cannot be read",
            _ if error.is_connect() => "the service was not reached",
            _ => "the connection broke",
        };
        Self::new(kind, message).with_source(error.without_url())
    }

    pub(crate) fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.edit(|inner| inner.source = Some(Arc::new(source)))
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        self.edit(|inner| inner.status = Some(status))
    }

    pub(crate) fn with_kind(self, kind: ErrorKind) -> Self {
        self.edit(|inner| inner.kind = kind)
    }

    pub(crate) fn with_retry_after(self, after: Option<Duration>) -> Self {
        self.edit(|inner| inner.retry_after = inner.retry_after.or(after))
    }

    pub(crate) fn for_operation(self, operation: &Operation) -> Self {
        let id = operation.id;
        self.edit(|inner| inner.operation = Some(id))
    }

    /// Every text of the error through `redact`.
    pub(crate) fn redacted(self, redact: impl Fn(&str) -> String) -> Self {
        self.edit(|inner| {
            inner.message = redact(&inner.message);
            inner.code = inner.code.as_deref().map(redact);
        })
    }

    fn edit(mut self, edit: impl FnOnce(&mut Inner)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, by its operationId; `None` where no operation was called.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// The HTTP status; `None` where no answer came. A failure that the service answers with 200 keeps that.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// What went wrong, in words: the service's own where it had any.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's code for the failure, such as `auth_error`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// After what time the service allows another try, where it told.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

/// How an expired two-factor session is told with status 404.
fn is_expired_session(words: &str) -> bool {
    words.starts_with("Session expired")
}

/// The start of a text on one line, for a message.
pub(crate) fn shortened(text: &str) -> String {
    const LENGTH: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A decoder's message without the values that it quotes: `string "…", expected a sequence`.
fn without_quoted_values(message: &str) -> String {
    let mut parts = message.split('"');
    let mut text = parts.next().unwrap_or_default().to_owned();
    // The last quotation mark closes; what stands before it may hold others.
    if let Some(after) = parts.next_back() {
        text.push_str("\"…\"");
        text.push_str(after);
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(formatter, "{operation}: ")?;
        }
        write!(formatter, "{}: {}", self.0.kind, self.0.message)?;
        match self.0.status {
            Some(status) => write!(formatter, " (status {})", status.as_u16()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("status", &self.status())
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("retry_after", &self.0.retry_after)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<vastai_api::Error<ServiceError>> for Error {
    /// Of a client made by this crate, the error is the transport's own; of another, it is made from what the client tells.
    fn from(error: vastai_api::Error<ServiceError>) -> Self {
        use vastai_api::Error as Generated;
        if let Some(own) = vastai_api::refusal_of(&error) {
            return match own.downcast_ref::<Self>() {
                Some(own) => own.clone(),
                None => Self::new(ErrorKind::Refused, own.to_string()),
            };
        }
        match error {
            Generated::InvalidRequest(reason) => Self::new(ErrorKind::InvalidRequest, reason),
            Generated::ErrorResponse(answer) => Self::from_answer(answer.status(), &answer, str::to_owned),
            Generated::UnexpectedResponse(answer) => {
                Self::from_answer(answer.status(), &ServiceError::default(), str::to_owned)
            }
            Generated::InvalidResponsePayload(body, error) => {
                // No value of the answer is shown: it may repeat the key, which is not known here.
                let why = without_quoted_values(&error.to_string());
                let message =
                    format!("an answer of {} bytes is not what the document says: {why}", body.len());
                Self::new(ErrorKind::Decode, message)
            }
            Generated::CommunicationError(error)
            | Generated::InvalidUpgrade(error)
            | Generated::ResponseBodyError(error) => Self::from_http(error),
            Generated::Custom(reason) => Self::new(ErrorKind::Refused, reason),
        }
    }
}
