//! The protocol over HTTP: on this machine, or with TLS beyond it, for those who may.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{Error, Server, TlsFiles};

/// The path of the protocol, as clients expect it.
const PATH: &str = "/mcp";

/// The shortest token that is accepted, in characters: it stands between the network and an account that pays.
const SHORTEST_TOKEN: usize = 16;

/// How many connections there are at most; others wait until one ends.
const MOST_CONNECTIONS: usize = 256;

/// How long a client may take to agree on TLS.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(10);

/// How to serve over HTTP. `Debug` shows no token.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Where to listen. Any address but loopback needs TLS and a token.
    pub address: SocketAddr,
    /// What clients have to show as `Authorization: Bearer TOKEN`.
    pub token: Option<String>,
    /// Names by which clients reach it beside `localhost` and the address, be it through a proxy with TLS; they need a token.
    pub hosts: Vec<String>,
    /// Origins of web pages that may call, such as `https://app.example.com`. No page may unless it is listed.
    pub origins: Vec<String>,
    /// The certificate, for https.
    pub tls: Option<TlsFiles>,
}

impl HttpOptions {
    /// Listens at this address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, token: None, hosts: Vec::new(), origins: Vec::new(), tls: None }
    }

    fn check(&self) -> Result<(), Error> {
        let refused = |message: String| Err(Error::Options(message));
        let is_open = !self.address.ip().is_loopback();
        if is_open && self.tls.is_none() {
            return refused(format!(
                "--http {}: other machines are served with TLS alone; give --tls-cert FILE and --tls-key FILE, or listen on 127.0.0.1 and put a proxy \
                 with TLS in front of it (--http-host NAME); both need a token",
                self.address
            ));
        }
        if is_open && self.token.is_none() {
            return refused(format!(
                "--http {}: other machines are served with a token alone: put one of {SHORTEST_TOKEN} characters or more in VASTAI_MCP_TOKEN or a file \
                 (--token-file)",
                self.address
            ));
        }
        if self.address.ip().is_unspecified() && self.hosts.is_empty() {
            return refused(format!(
                "--http {}: say with --http-host by which name clients reach this machine; requests for other names are refused",
                self.address
            ));
        }
        if self.token.as_ref().is_some_and(|token| token.chars().count() < SHORTEST_TOKEN) {
            return refused(format!("the token has to have {SHORTEST_TOKEN} characters or more"));
        }
        if self.token.is_none() && !self.hosts.is_empty() {
            return refused(
                "--http-host lets others in, so it needs a token, in VASTAI_MCP_TOKEN or a file (--token-file)"
                    .to_owned(),
            );
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
            .field("tls", &self.tls)
            .finish()
    }
}

pub(crate) async fn serve(
    server: Server,
    options: HttpOptions,
    listening: impl FnOnce(SocketAddr) + Send,
) -> Result<(), Error> {
    options.check()?;
    let tls = options.tls.as_ref().map(TlsFiles::acceptor).transpose()?;
    let failed = |source| Error::Listen { address: options.address, source };
    let listener = TcpListener::bind(options.address).await.map_err(failed)?;
    listening(listener.local_addr().map_err(failed)?);
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let own = Some(options.address.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(local.into_iter().chain(own).chain(options.hosts.iter().cloned()))
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
        while connections.len() >= MOST_CONNECTIONS {
            connections.join_next().await;
        }
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, or a client that has gone: the next may come through.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (service, token, tls) = (service.clone(), token.clone(), tls.clone());
        connections.spawn(async move {
            match tls {
                None => speak(stream, service, token).await,
                Some(tls) => {
                    // A client that does not trust the certificate, or speaks no TLS, has its error.
                    if let Ok(Ok(stream)) = timeout(LONGEST_HANDSHAKE, tls.accept(stream)).await {
                        speak(stream, service, token).await;
                    }
                }
            }
        });
    }
}

/// Answers the requests of a connection to its end.
async fn speak<S>(
    stream: S,
    service: StreamableHttpService<Server, LocalSessionManager>,
    token: Option<Arc<str>>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let answer = service_fn(move |request: Request<Incoming>| {
        let (service, token) = (service.clone(), token.clone());
        async move { Ok::<_, Infallible>(respond(&service, token.as_deref(), request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), answer);
    // A client that has gone needs no word about it.
    connection.await.ok();
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
