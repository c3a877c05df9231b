//! The seam that every request goes through.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Request, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::without_quoted_values;
use crate::json::{self, read_by};
use crate::wire::FromWire;
use crate::{Delivery, Error, ErrorKind, Operation, ResponseLimit, Result, Secrets, ServiceError};

/// What [`Direct`] reads of the body of a failure, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// What [`Transport::send`] gives: a boxed future, so that a transport can be chosen at run time.
pub type SendFuture<'call> = Pin<Box<dyn Future<Output = Result<RawResponse>> + Send + 'call>>;

/// How a request of the generated client reaches the service.
///
/// This is where policy goes in: the server, the key, retries, tracing, the meaning of failures. The generated code builds the
/// request, hands it over with its operation, and decodes the body that comes back.
///
/// ```
/// use vastai_api::{Direct, Error, ErrorKind, Operation, SendFuture, Transport};
///
/// /// Sends each operation to the server that the document gives it.
/// #[derive(Debug)]
/// struct ToItsServer;
///
/// impl Transport for ToItsServer {
///     fn send<'call>(
///         &'call self,
///         http: &'call reqwest::Client,
///         mut request: reqwest::Request,
///         operation: &'static Operation,
///     ) -> SendFuture<'call> {
///         Box::pin(async move {
///             let server = reqwest::Url::parse(operation.server)
///                 .map_err(|error| Error::new(ErrorKind::Configuration, error.to_string()))?;
///             let _ = request.url_mut().set_host(server.host_str());
///             Direct.send(http, request, operation).await
///         })
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request of `operation`. What it gives is a success with its whole body; everything else is an error.
    fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> SendFuture<'call>;

    /// As [`send`](Self::send), where the type of the response is known: the generated code sends so.
    ///
    /// A transport that looks into a body, to see whether it is JSON at all, can [read it](RawResponse::read_by) for that, and nobody reads it
    /// again. The default leaves it to the caller.
    fn send_for<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: Request,
        operation: &'static Operation,
        reader: Reader,
    ) -> SendFuture<'call> {
        let _ = reader;
        self.send(http, request, operation)
    }

    /// The error for a response of success that does not decode: where in it (`instances[3].id`; `None` where it is not JSON), and why.
    ///
    /// The reason may quote a value, which may be a secret: the default leaves quoted values out.
    fn undecodable(&self, response: &RawResponse, path: Option<&str>, reason: &str) -> Error {
        let place = path.map(|path| format!("at `{path}`: ")).unwrap_or_default();
        let reason = without_quoted_values(reason);
        let message =
            format!("{place}{reason}; the response of {} bytes is not as documented", response.body.len());
        Error::new(ErrorKind::Decode, message).with_delivery(Delivery::Answered)
    }
}

/// A response as a transport gives it: the body is whole and not yet decoded.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// The status, which is one of success.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How many requests it took, 1 or more.
    pub attempts: u32,
    /// What the body was read into.
    value: Option<Arc<dyn Any + Send + Sync>>,
}

impl RawResponse {
    /// A response that took one request.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body, attempts: 1, value: None }
    }

    /// Reads the body into its type, and keeps what is read for [`value`](Self::value). Whether it could: then the body is JSON.
    #[must_use]
    pub fn read_by(&mut self, reader: Reader) -> bool {
        self.value = reader.0(&self.body);
        self.value.is_some()
    }

    /// Takes what the body was [read](Self::read_by) into, where it was read, as this type.
    pub fn value<T: Send + Sync + 'static>(&mut self) -> Option<T> {
        self.value.take()?.downcast().ok().and_then(Arc::into_inner)
    }

    /// The response that a failure stands for, where it is the one with which the service says that there is nothing: see
    /// [`Operation::empty_result`].
    #[must_use]
    pub fn of_empty_result(operation: &Operation, status: StatusCode, said: &ServiceError) -> Option<Self> {
        let empty = operation.empty_result?;
        let is_meant = empty.is_meant_by(status.as_u16(), said.words().unwrap_or_default());
        is_meant
            .then(|| Self::new(StatusCode::OK, HeaderMap::new(), Bytes::from_static(empty.body.as_bytes())))
    }
}

impl fmt::Debug for RawResponse {
    /// Without the content, which may hold keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// The type of a response, for whoever reads its body.
#[derive(Clone, Copy)]
pub struct Reader(fn(&[u8]) -> Option<Arc<dyn Any + Send + Sync>>);

impl Reader {
    /// Of this type, read as the responses of this crate are: also where it is [not quite JSON](crate::json::repaired), and numbers exactly.
    #[must_use]
    pub fn of<T: DeserializeOwned + Send + Sync + 'static>() -> Self {
        Self(|body| Some(Arc::new(read_by(body, |text| T::deserialize(text)).ok()?)))
    }

    /// Of a type that the generated code reads; what has no content is null to it.
    pub(crate) fn of_response<T: FromWire + Send + Sync + 'static>() -> Self {
        Self(|body| Some(Arc::new(json::read::<T>(or_null(body)).ok()?)))
    }
}

/// A body; null where it has no content.
pub(crate) fn or_null(body: &[u8]) -> &[u8] {
    if body.is_empty() { b"null" } else { body }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a reader of responses")
    }
}

/// The default: sends the request once and as it is, through the HTTP client; any status but one of success is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Direct;

impl Transport for Direct {
    fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> SendFuture<'call> {
        Box::pin(async move {
            let sent = async {
                let mut response = http.execute(request).await.map_err(Error::from_http)?;
                match response.status().is_success() {
                    true => RawResponse::read(&mut response, ResponseLimit::default(), operation).await,
                    false => failure(response, operation).await,
                }
            };
            sent.await.map_err(|error: Error| error.for_operation(operation).after_attempts(1, false))
        })
    }
}

/// What a response without success says: an error, unless it says that there is nothing.
async fn failure(mut response: Response, operation: &'static Operation) -> Result<RawResponse> {
    let status = response.status();
    let mut body = Vec::new();
    // What came before a failure to read on is better than nothing.
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    let said = ServiceError::from_body(&body);
    RawResponse::of_empty_result(operation, status, &said)
        .ok_or_else(|| Error::from_response(status, &said, Some(operation), &Secrets::default()))
}

/// A transport that the clones of a client share; the generated client's inner value.
#[derive(Clone)]
pub struct SharedTransport(Arc<dyn Transport>);

impl SharedTransport {
    /// Shares a transport.
    pub fn new(transport: impl Transport) -> Self {
        // A client cannot be made without its transport, so here no way to make one is missed.
        crate::http_client::ensure_tls_provider();
        Self(Arc::new(transport))
    }
}

impl Deref for SharedTransport {
    type Target = dyn Transport;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Default for SharedTransport {
    /// [`Direct`].
    fn default() -> Self {
        Self::new(Direct)
    }
}

impl fmt::Debug for SharedTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
