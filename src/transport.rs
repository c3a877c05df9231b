//! The seam that every request goes through.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::{Body, Response, StatusCode};

use crate::{Operation, Undecodable};

/// What [`Transport::send`] gives: a boxed future, so that a transport can be chosen at run time.
pub type SendFuture<'call> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'call>>;

/// How a request of the generated client reaches the service.
///
/// This is where policy goes in: the server, the key, repetition, tracing. The generated code builds the request and reads the
/// answer; in between, it asks the transport.
///
/// ```
/// use vastai_api::{Operation, SendFuture, Transport, TransportError};
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
///             let server = reqwest::Url::parse(operation.server).map_err(TransportError::refused)?;
///             let _ = request.url_mut().set_host(server.host_str());
///             http.execute(request).await.map_err(TransportError::Http)
///         })
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request of `operation` and gives the answer, whatever its status.
    fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> SendFuture<'call>;

    /// What the caller is told of an answer of success that does not decode.
    ///
    /// Without one, which is the default, the generated client tells [`Error::InvalidResponsePayload`](crate::Error::InvalidResponsePayload).
    fn undecodable(&self, operation: &'static Operation, answer: &Undecodable<'_>) -> Option<TransportError> {
        let _ = (operation, answer);
        None
    }
}

/// Why a transport gives no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// The HTTP client failed.
    Http(reqwest::Error),
    /// The transport decided so, for a reason of its own; [`refusal_of`] gives it back from the generated client's error.
    Refused(Arc<dyn std::error::Error + Send + Sync>),
}

impl TransportError {
    /// A refusal for this reason.
    pub fn refused(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Refused(Arc::from(reason.into()))
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(formatter),
            Self::Refused(reason) => reason.fmt(formatter),
        }
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            Self::Refused(reason) => reason.source(),
        }
    }
}

/// The default: the request as it is, through the HTTP client.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsItIs;

impl Transport for AsItIs {
    fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: reqwest::Request,
        _operation: &'static Operation,
    ) -> SendFuture<'call> {
        Box::pin(async move { http.execute(request).await.map_err(TransportError::Http) })
    }
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

    pub(crate) fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> SendFuture<'call> {
        self.0.send(http, request, operation)
    }
}

impl SharedTransport {
    #[allow(dead_code, reason = "a document without operations has no use for it")]
    pub(crate) fn undecodable(
        &self,
        operation: &'static Operation,
        answer: &Undecodable<'_>,
    ) -> Option<TransportError> {
        self.0.undecodable(operation, answer)
    }
}

impl Default for SharedTransport {
    /// [`AsItIs`].
    fn default() -> Self {
        Self::new(AsItIs)
    }
}

impl fmt::Debug for SharedTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A refusal on its way through the generated code, which knows no errors but its own.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(pub(crate) Arc<dyn std::error::Error + Send + Sync>);

/// A response that was never received: it only carries the refusal to the caller.
pub(crate) fn refusal_response(refusal: Refusal) -> Response {
    let mut response = http::Response::new(Body::default());
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    response.extensions_mut().insert(refusal);
    Response::from(response)
}

/// The reason for which a transport gave no answer, if that is what the generated client's error stands for.
///
/// A transport that answers [`TransportError::Refused`] is seen by the generated client as [`Error::UnexpectedResponse`](crate::Error::UnexpectedResponse);
/// this gives the reason back.
#[must_use]
pub fn refusal_of<E>(error: &crate::Error<E>) -> Option<Arc<dyn std::error::Error + Send + Sync>> {
    match error {
        crate::Error::UnexpectedResponse(response) => {
            response.extensions().get().map(|Refusal(reason)| reason.clone())
        }
        _ => None,
    }
}
