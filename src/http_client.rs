//! The HTTP clients that this crate recommends.

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBuf};
use tower_layer::Layer;
use tower_service::Service;

/// What [`http_client_builder`] sends as `User-Agent`.
pub const USER_AGENT: &str = concat!("vastai-rs/", env!("CARGO_PKG_VERSION"));

/// A builder of an HTTP client for this API: TLS by rustls with ring, no redirects, no retries, no proxy, and a `User-Agent` of
/// [`vastai-rs/VERSION`](USER_AGENT).
///
/// Redirects are off because a client that follows them turns a redirected POST into a GET, and may carry the key to another
/// host. Where the process has no default TLS provider yet, ring becomes it; a program that wants another installs it first.
///
/// By itself the HTTP client would send a request again that an HTTP/2 server refused: the code that counts attempts and decides what may
/// be repeated must know of each.
///
/// Proxies of the environment (`HTTPS_PROXY`, …) are not used: a request to a loopback address would be sent to a proxy in plain text,
/// with its key. Add one with [`reqwest::ClientBuilder::proxy`], or see [`http_client_builder_with_system_proxies`].
pub fn http_client_builder() -> reqwest::ClientBuilder {
    http_client_builder_with_system_proxies().no_proxy()
}

/// As [`http_client_builder`], with the proxies of the environment or the system. Use it for https alone.
pub fn http_client_builder_with_system_proxies() -> reqwest::ClientBuilder {
    ensure_tls_provider();
    let builder = reqwest::Client::builder().user_agent(USER_AGENT);
    builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never())
}

/// Makes an HTTP client send each request over a new connection, on which nothing can be left over from another request.
///
/// On a connection that is kept, a server that is out of step may have written a response that nobody asked for, and the next request
/// would take it for its own. A read then returns wrong data; a creation would be sent again after such a 429, and be done twice.
/// Where the server writes before the request is sent, the request fails with an [`UnsolicitedResponse`] among its
/// [sources](Error::source).
///
/// ```
/// let http = vastai_api::fresh_connections(vastai_api::http_client_builder()).build()?;
/// # let _ = http;
/// # Ok::<(), reqwest::Error>(())
/// ```
pub fn fresh_connections(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.pool_max_idle_per_host(0).connector_layer(SilentServer)
}

/// The server wrote to a new connection before the request was sent.
///
/// Its responses cannot be matched with requests any more, so what became of a request is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsolicitedResponse;

impl fmt::Display for UnsolicitedResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the server sent a response before there was a request")
    }
}

impl Error for UnsolicitedResponse {}

/// How often the runtime polls its sockets before a new connection counts as silent. One turn notices what has arrived by then; the
/// others give a server on the same runtime its turn.
const TURNS: usize = 4;

/// Checks each new connection for bytes that the server sent unasked.
#[derive(Debug, Clone, Copy)]
struct SilentServer;

impl<S> Layer<S> for SilentServer {
    type Service = Checked<S>;

    fn layer(&self, inner: S) -> Checked<S> {
        Checked(inner)
    }
}

#[derive(Debug, Clone)]
struct Checked<S>(S);

type BoxError = Box<dyn Error + Send + Sync>;

impl<S, Target> Service<Target> for Checked<S>
where
    S: Service<Target, Error = BoxError>,
    S::Response: Read + Unpin + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: Target) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async move {
            let mut connection = connecting.await?;
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
                if poll_fn(|context| Poll::Ready(has_unread(&mut connection, context))).await {
                    return Err(UnsolicitedResponse.into());
                }
            }
            Ok(connection)
        })
    }
}

/// Whether there is something to read. What is read here is lost, so the connection is of no use afterwards.
///
/// An end or a failure of the connection is left to the request, which meets it too.
fn has_unread(connection: &mut (impl Read + Unpin), context: &mut Context<'_>) -> bool {
    let mut byte = [0; 1];
    let mut buffer = ReadBuf::new(&mut byte);
    let read = Pin::new(connection).poll_read(context, buffer.unfilled());
    read.is_ready() && !buffer.filled().is_empty()
}

/// Without a provider, making any HTTP client panics.
pub(crate) fn ensure_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
