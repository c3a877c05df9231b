//! The HTTP client for workers: apart from that of the service, with no key of the account, and with roots of its own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Certificate, Url};

use crate::error::{Error, ErrorKind, Result};

/// How long a connection to a worker may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection to a worker is kept for the next request. Workers close theirs after 75 seconds without one, and a request that is sent
/// on a connection which is being closed would be in doubt.
const IDLE: Duration = Duration::from_secs(15);

/// The HTTP client for workers. It is made when it is first needed: a program that talks to no worker needs no certificates for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkerHttp(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    roots: Vec<Certificate>,
    system_proxies: bool,
    given: Option<reqwest::Client>,
    encrypted: OnceLock<Result<reqwest::Client>>,
    /// Without TLS no certificates are needed, and a small container has none to load.
    plain: OnceLock<Result<reqwest::Client>>,
}

impl WorkerHttp {
    /// A client that trusts these roots and the system's.
    pub(crate) fn new(roots: Vec<Certificate>, system_proxies: bool) -> Self {
        Self(Arc::new(Inner { roots, system_proxies, ..Inner::default() }))
    }

    /// This client.
    pub(crate) fn given(http: reqwest::Client) -> Self {
        Self(Arc::new(Inner { given: Some(http), ..Inner::default() }))
    }

    /// The client for a URL.
    pub(super) fn of(&self, url: &Url) -> Result<&reqwest::Client> {
        let inner = &*self.0;
        if let Some(given) = &inner.given {
            return Ok(given);
        }
        let made = match url.scheme() {
            "https" => inner.encrypted.get_or_init(|| {
                inner.make(|builder| match inner.roots.is_empty() {
                    true => builder,
                    false => builder.tls_certs_merge(inner.roots.iter().cloned()),
                })
            }),
            _ => inner.plain.get_or_init(|| inner.make(|builder| builder.tls_certs_only([]))),
        };
        made.as_ref().map_err(Clone::clone)
    }
}

impl Inner {
    fn make(
        &self,
        tls: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<reqwest::Client> {
        let builder =
            vastai_api::http_client_builder().connect_timeout(CONNECT_TIMEOUT).pool_idle_timeout(IDLE);
        let builder = if self.system_proxies { builder } else { builder.no_proxy() };
        tls(builder).build().map_err(|error| {
            Error::new(ErrorKind::Configuration, "the HTTP client for workers cannot be made")
                .with_source(error)
        })
    }
}

/// The certificates in a text or in bytes, PEM or DER.
pub(crate) fn certificates(written: &[u8]) -> Result<Vec<Certificate>> {
    let wrong = |error: Option<reqwest::Error>| {
        let message = "the root certificate for workers is no certificate, neither PEM nor DER";
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
