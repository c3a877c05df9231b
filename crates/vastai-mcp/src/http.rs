//! The protocol over HTTP: on this machine alone, for those who may.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::{Error, Server};

/// The path of the protocol, as clients expect it.
const PATH: &str = "/mcp";

/// The shortest token that is accepted, in characters: it stands between the network and an account that pays.
const SHORTEST_TOKEN: usize = 16;

/// How to serve over HTTP. `Debug` shows no token.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Where to listen, which has to be a loopback address.
    pub address: SocketAddr,
    /// What clients have to show as `Authorization: Bearer TOKEN`.
    pub token: Option<String>,
    /// Names under which a proxy with TLS on this machine is reached, beside `localhost`; they need a token.
    pub hosts: Vec<String>,
    /// Origins of web pages that may call, such as `https://app.example.com`. No page may unless it is listed.
    pub origins: Vec<String>,
}

impl HttpOptions {
    /// Listens at this address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, token: None, hosts: Vec::new(), origins: Vec::new() }
    }

    fn check(&self) -> Result<(), Error> {
        let refused = |message: String| Err(Error::Options(message));
        if !self.address.ip().is_loopback() {
            return refused(format!(
                "--http {}: this server has no TLS, so it listens on this machine alone; listen on 127.0.0.1, and put a proxy with TLS in front of it \
                 (--http-host NAME, with a token)",
                self.address
            ));
        }
        if self.token.as_ref().is_some_and(|token| token.chars().count() < SHORTEST_TOKEN) {
            return refused(format!("the token has to have {SHORTEST_TOKEN} characters or more"));
        }
        if self.token.is_none() && !self.hosts.is_empty() {
            return refused("--http-host lets others in through a proxy, so it needs a token".to_owned());
        }
        Ok(())
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpOptions")
            .field("address", &self.address)
            .field("has_token", &self.token.is_some())
            .field("hosts", &self.hosts)
            .field("origins", &self.origins)
            .finish()
    }
}

pub(crate) async fn serve(
    server: Server,
    options: HttpOptions,
    listening: impl FnOnce(SocketAddr) + Send,
) -> Result<(), Error> {
    options.check()?;
    let failed = |source| Error::Listen { address: options.address, source };
    let listener = TcpListener::bind(options.address).await.map_err(failed)?;
    listening(listener.local_addr().map_err(failed)?);
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(local.into_iter().chain(options.hosts.iter().cloned()))
        .with_allowed_origins(options.origins.iter().cloned())
        .enforce_origin_validation();
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let token: Option<Arc<str>> = options.token.map(Arc::from);
    let mut connections = JoinSet::new();
    loop {
        // What is over is let go of; with the server, what is left ends, too.
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, or a client that has gone: the next may come through.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let (service, token) = (service.clone(), token.clone());
        let answer = service_fn(move |request: Request<Incoming>| {
            let (service, token) = (service.clone(), token.clone());
            async move { Ok::<_, Infallible>(respond(&service, token.as_deref(), request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), answer);
        connections.spawn(connection);
    }
}

async fn respond(
    service: &StreamableHttpService<Server, LocalSessionManager>,
    token: Option<&str>,
    request: Request<Incoming>,
) -> Response<BoxBody<Bytes, Infallible>> {
    if request.uri().path() != PATH {
        return plain(StatusCode::NOT_FOUND, "the protocol is spoken at /mcp");
    }
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes());
    if token.is_some_and(|token| !given.is_some_and(|given| is_bearer(given, token))) {
        let mut response = plain(StatusCode::UNAUTHORIZED, "the token is missing or wrong");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        return response;
    }
    service.handle(request).await
}

/// Whether a header gives this token. Takes the same time wherever they differ.
fn is_bearer(given: &[u8], token: &str) -> bool {
    let Some(given) =
        given.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case(b"bearer ")).map(|_| &given[7..])
    else {
        return false;
    };
    let token = token.as_bytes();
    let differences = given.iter().zip(token.iter().cycle()).fold(0, |all, (one, other)| all | (one ^ other));
    given.len() == token.len() && differences == 0
}

fn plain(status: StatusCode, text: &'static str) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
    *response.status_mut() = status;
    response
}
