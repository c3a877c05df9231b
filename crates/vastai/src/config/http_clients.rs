//! The HTTP clients of a [`Client`](crate::Client): one for the service and one for workers, each in the variants that a URL needs.
//!
//! A host on this machine is contacted directly, whatever proxies the environment names: plain http carries a key to loopback
//! addresses only, and a proxy would read it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Certificate, Url};

use super::servers::is_loopback;
use crate::error::{Error, ErrorKind, Result};

/// How long a connection may take to be made. A server that is there answers well within it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How HTTP clients are set up.
#[derive(Debug, Clone)]
pub(crate) struct HttpSetUp {
    /// Whose clients they are, for errors: `the service` or `workers`.
    pub(crate) peer: &'static str,
    /// Root certificates to trust in addition to the system's.
    pub(crate) roots: Vec<Certificate>,
    /// Whether proxies of the environment are used, for hosts that are not on this machine.
    pub(crate) system_proxies: bool,
    pub(crate) user_agent: HeaderValue,
    /// How long a connection is kept for the next request; the HTTP client's own time where it is `None`.
    pub(crate) pool_idle: Option<Duration>,
    /// Whether each request has a connection of its own: what must not be done twice is not sent on one on which a response to another
    /// request can be left.
    pub(crate) fresh_connections: bool,
}

/// HTTP clients of one set-up, or a single one that the caller brought. Each is made when it is first needed: a program that uses no TLS
/// needs no certificates, and a small container has none to load.
#[derive(Debug, Clone)]
pub(crate) struct HttpClients(Arc<Inner>);

#[derive(Debug)]
enum Inner {
    Given(reqwest::Client),
    /// By whether the URL is https, and whether its host is on this machine.
    Own(HttpSetUp, [[OnceLock<Result<reqwest::Client>>; 2]; 2]),
}

impl HttpClients {
    pub(crate) fn new(set_up: HttpSetUp) -> Self {
        Self(Arc::new(Inner::Own(set_up, Default::default())))
    }

    /// This client for every URL. Its proxies are the caller's business.
    pub(crate) fn given(http: reqwest::Client) -> Self {
        Self(Arc::new(Inner::Given(http)))
    }

    /// The client for a URL.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where it cannot be made.
    pub(crate) fn of(&self, url: &Url) -> Result<&reqwest::Client> {
        match &*self.0 {
            Inner::Given(http) => Ok(http),
            Inner::Own(set_up, made) => {
                let (encrypted, direct) = (url.scheme() == "https", is_loopback(url));
                let made = &made[usize::from(encrypted)][usize::from(direct)];
                made.get_or_init(|| set_up.make(encrypted, direct)).as_ref().map_err(Clone::clone)
            }
        }
    }
}

impl HttpSetUp {
    fn make(&self, encrypted: bool, direct: bool) -> Result<reqwest::Client> {
        let builder = match self.system_proxies && !direct {
            true => vastai_api::http_client_builder_with_system_proxies(),
            false => vastai_api::http_client_builder(),
        };
        let builder = builder.connect_timeout(CONNECT_TIMEOUT).user_agent(self.user_agent.clone());
        let builder = match self.pool_idle {
            Some(idle) => builder.pool_idle_timeout(idle),
            None => builder,
        };
        let builder = match direct {
            // No name server decides where this name leads.
            true => builder.resolve_to_addrs(
                "localhost",
                &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
            ),
            false => builder,
        };
        let builder = match (encrypted, self.roots.is_empty()) {
            (true, true) => builder,
            (true, false) => builder.tls_certs_merge(self.roots.iter().cloned()),
            (false, _) => builder.tls_certs_only([]),
        };
        let builder = if self.fresh_connections { vastai_api::fresh_connections(builder) } else { builder };
        builder.build().map_err(|error| {
            let message = format!("the HTTP client for {} cannot be made", self.peer);
            Error::new(ErrorKind::Configuration, message).with_source(error)
        })
    }
}

/// The certificates in a string or in bytes, PEM or DER.
pub(crate) fn certificates(written: &[u8]) -> Result<Vec<Certificate>> {
    let wrong = |error: Option<reqwest::Error>| {
        let message = "the root certificate for workers is neither PEM nor DER";
        let wrong = Error::new(ErrorKind::Configuration, message);
        match error {
            Some(error) => wrong.with_source(error),
            None => wrong,
        }
    };
    let is_pem = written.windows(11).any(|part| part == b"-----BEGIN ");
    let certificates = match is_pem {
        true => Certificate::from_pem_bundle(written),
        false => Certificate::from_der(written).map(|certificate| vec![certificate]),
    };
    let certificates = certificates.map_err(|error| wrong(Some(error)))?;
    if certificates.is_empty() {
        return Err(wrong(None));
    }
    // What is inside them is looked at only where they are used, which would be long after the client was made.
    let trial = vastai_api::http_client_builder().tls_certs_only(certificates.iter().cloned()).build();
    trial.map(|_| certificates).map_err(|error| wrong(Some(error)))
}
