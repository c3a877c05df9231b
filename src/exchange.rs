//! One call of the generated client: the request to the transport, and the response to its type.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;

use crate::json::{self, Unreadable};
use crate::transport::or_null;
use crate::wire::FromWire;
use crate::{Client, Error, ErrorKind, Operation, RawResponse, Reader, Result, SendFuture, SharedTransport};

/// A response of success: its typed value, with the status and the headers.
///
/// It dereferences to the value, so fields can be read from it directly; [`into_inner`](Self::into_inner) takes the value out.
pub struct ResponseValue<T> {
    inner: T,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
}

impl<T> ResponseValue<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The status, which is one of success.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How many requests it took to get the response, 1 or more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    fn new(raw: RawResponse, inner: T) -> Self {
        Self { inner, status: raw.status, headers: raw.headers, attempts: raw.attempts }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for ResponseValue<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(formatter)
    }
}

/// A request of the generated client on its way; made by `send`, and done by `.await`. It is `Send` and owns what it needs, so it can be
/// spawned and joined.
#[must_use = "nothing is sent before it is awaited"]
pub struct Sending<T> {
    response: SendFuture<'static>,
    transport: SharedTransport,
    operation: &'static Operation,
    decode: fn(&Self, RawResponse) -> Result<ResponseValue<T>>,
}

impl<T> Future for Sending<T> {
    type Output = Result<ResponseValue<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let raw = ready!(self.response.as_mut().poll(context));
        Poll::Ready(raw.and_then(|raw| (self.decode)(&self, raw)))
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sending").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

/// The request that a builder has made, with the client that sends it.
pub(crate) type Request<'a> = std::result::Result<(&'a Client, reqwest::Request), RequestError>;

/// Why a builder cannot make a request. The generated code makes the first variant, and `?` the others.
pub(crate) enum RequestError {
    /// A setter was given what is not of its type, or a required value is missing.
    InvalidRequest(String),
    /// The base URL is none, or the body cannot be written.
    Http(reqwest::Error),
}

impl RequestError {
    fn of(self, operation: &'static Operation) -> Error {
        let error = match self {
            Self::InvalidRequest(why) => Error::new(ErrorKind::InvalidRequest, why),
            Self::Http(error) => Error::from_http(error),
        };
        error.for_operation(operation)
    }
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

impl From<reqwest::header::InvalidHeaderValue> for RequestError {
    fn from(_: reqwest::header::InvalidHeaderValue) -> Self {
        // The value may be a secret.
        Self::InvalidRequest("a header's value has characters that no header may have".to_owned())
    }
}

/// A body in the form of an HTML form.
pub(crate) trait FormBody: Sized {
    fn form_urlencoded<T: Serialize + ?Sized>(self, body: &T) -> std::result::Result<Self, RequestError>;
}

impl FormBody for reqwest::RequestBuilder {
    fn form_urlencoded<T: Serialize + ?Sized>(self, body: &T) -> std::result::Result<Self, RequestError> {
        let form = serde_urlencoded::to_string(body).map_err(|error| {
            RequestError::InvalidRequest(format!("the body cannot be written as a form: {error}"))
        })?;
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        Ok(self.header(CONTENT_TYPE, kind).body(form))
    }
}

/// A request with the defaults of its operation added.
pub(crate) fn with_defaults<'a>(request: Request<'a>, operation: &'static Operation) -> Request<'a> {
    request.map(|(client, mut request)| {
        operation.add_defaults(&mut request);
        (client, request)
    })
}

/// What every `send` of the generated builders ends in, where the response is JSON.
pub(crate) fn json<T: FromWire + Send + Sync + 'static>(
    request: Request<'_>,
    operation: &'static Operation,
) -> Sending<T> {
    sending(request, operation, Some(Reader::of_response::<T>()), |sending, mut raw| {
        if let Some(value) = raw.value() {
            return Ok(ResponseValue::new(raw, value));
        }
        match json::read(or_null(&raw.body)) {
            Ok(value) => Ok(ResponseValue::new(raw, value)),
            Err(unreadable) => Err(undecodable(&sending.transport, sending.operation, &raw, &unreadable)),
        }
    })
}

/// As [`json`], where the document promises no content.
pub(crate) fn empty(request: Request<'_>, operation: &'static Operation) -> Sending<()> {
    sending(request, operation, None, |_, raw| Ok(ResponseValue::new(raw, ())))
}

/// As [`json`], where the response is not JSON but bytes.
pub(crate) fn bytes(request: Request<'_>, operation: &'static Operation) -> Sending<Bytes> {
    sending(request, operation, None, |_, raw| {
        let body = raw.body.clone();
        Ok(ResponseValue::new(raw, body))
    })
}

fn sending<T>(
    request: Request<'_>,
    operation: &'static Operation,
    reader: Option<Reader>,
    decode: fn(&Sending<T>, RawResponse) -> Result<ResponseValue<T>>,
) -> Sending<T> {
    let checked = request.map_err(|error| error.of(operation)).and_then(|(client, request)| {
        let checked = operation.check_limits(&request);
        checked.map_err(|broken| RequestError::InvalidRequest(broken).of(operation))?;
        Ok((client, request))
    });
    match checked {
        Ok((client, request)) => {
            let (http, transport) = (client.client().clone(), client.inner().clone());
            let through = transport.clone();
            let response = Box::pin(async move {
                match reader {
                    Some(reader) => through.send_for(&http, request, operation, reader).await,
                    None => through.send(&http, request, operation).await,
                }
            });
            Sending { response, transport, operation, decode }
        }
        Err(error) => Sending {
            response: Box::pin(std::future::ready(Err(error))),
            transport: SharedTransport::default(),
            operation,
            decode,
        },
    }
}

/// The error for a response that is not of its type; the transport knows what of it may be shown.
fn undecodable(
    transport: &SharedTransport,
    operation: &'static Operation,
    raw: &RawResponse,
    Unreadable { error, path }: &Unreadable,
) -> Error {
    transport
        .undecodable(raw, path.as_deref(), &error.to_string())
        .with_status(raw.status)
        .for_operation(operation)
        // Without the decoder's error as its source, whose text may quote values.
        .after_attempts(raw.attempts, false)
}
