//! How a client is set up.

use std::time::Duration;

use super::Client;
use crate::config::{ApiKey, BaseUrl, DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL, Servers};
use crate::error::{Error, ErrorKind, Result};
use crate::serverless::{EndpointKeys, WorkerHttp, certificates};
use crate::transport::{CreationHttp, Limits, Observer, Pacing, RetryPolicy, Transport, Watched};

/// How long a call may take unless [`ClientBuilder::timeout`] says otherwise. The slowest reads of the console take some seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection may take to be made. A server that is there answers well within it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sets up a [`Client`].
#[derive(Debug, Clone, Default)]
#[must_use = "nothing happens before `build`"]
pub struct ClientBuilder {
    key: Option<Result<ApiKey>>,
    console: Option<Result<BaseUrl>>,
    run: Option<Result<BaseUrl>>,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    pacing: Pacing,
    watched: Watched,
    http: Option<reqwest::Client>,
    creation_http: Option<reqwest::Client>,
    system_proxies: bool,
    worker_roots: Vec<reqwest::Certificate>,
    worker_root_error: Option<Error>,
    worker_http: Option<reqwest::Client>,
}

impl ClientBuilder {
    /// What [`Client::from_env`] is built from; what is set afterwards comes before the environment.
    pub fn from_env() -> Self {
        let url = |variable: &str| {
            let value = std::env::var_os(variable).filter(|value| !value.is_empty())?;
            Some(match value.to_str() {
                Some(url) => BaseUrl::new(url, variable),
                None => Err(Error::new(ErrorKind::Configuration, format!("{variable} is no UTF-8 text"))),
            })
        };
        Self {
            key: Some(ApiKey::from_environment()),
            console: url("VAST_URL"),
            run: url("VAST_RUN_URL"),
            system_proxies: true,
            ..Self::default()
        }
    }

    /// The account's API key. One line, no spaces.
    pub fn api_key(mut self, key: impl AsRef<str>) -> Self {
        self.key = Some(ApiKey::new(key.as_ref(), "`api_key`"));
        self
    }

    /// Where the console API is, instead of [`DEFAULT_CONSOLE_URL`]: scheme, host and port. The key goes there.
    pub fn console_url(mut self, url: impl AsRef<str>) -> Self {
        self.console = Some(BaseUrl::new(url.as_ref(), "`console_url`"));
        self
    }

    /// Where the serverless engine is, instead of [`DEFAULT_RUN_URL`]: scheme, host and port. The key goes there.
    pub fn run_url(mut self, url: impl AsRef<str>) -> Self {
        self.run = Some(BaseUrl::new(url.as_ref(), "`run_url`"));
        self
    }

    /// How long a call may take from its start to the end of the answer, with all its attempts and the waits between them. 60
    /// seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How failed calls are tried again; [`RetryPolicy::never`] turns it off.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How far apart calls of one operation are made; [`Pacing::off`] makes each at once.
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// Who is told of every attempt, wait and call.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.watched = Watched::by(observer);
        self
    }

    /// The HTTP client to use, for a proxy or certificates of one's own.
    ///
    /// Build it with [`vastai_api::http_client_builder`], which follows no redirects and repeats nothing by itself; a call that was
    /// redirected by the HTTP client fails. What must not be done twice goes over it too, unless there is a
    /// [`creation_http_client`](Self::creation_http_client).
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The HTTP client to use for operations that may not be repeated: what rents, creates, pays.
    ///
    /// It should give each request a connection of its own, so that no answer that was left on another can be taken for its answer: build
    /// it with [`vastai_api::fresh_connections`]. Without one and without an [`http_client`](Self::http_client), such a client is made.
    pub fn creation_http_client(mut self, http: reqwest::Client) -> Self {
        self.creation_http = Some(http);
        self
    }

    /// A root certificate to trust at workers, in addition to the system's: PEM, with one certificate or several, or DER.
    ///
    /// Workers have certificates under a root of Vast.ai's own, which is published at `/static/jvastai_root.cer` of the console.
    pub fn worker_root_certificate(mut self, certificate: impl AsRef<[u8]>) -> Self {
        match certificates(certificate.as_ref()) {
            Ok(roots) => self.worker_roots.extend(roots),
            Err(error) => self.worker_root_error = Some(error),
        }
        self
    }

    /// The HTTP client to use for workers. It has to follow no redirects, as one of [`vastai_api::http_client_builder`] does, and brings
    /// its own root certificates.
    pub fn worker_http_client(mut self, http: reqwest::Client) -> Self {
        self.worker_http = Some(http);
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]: no key; a key that is empty, has several lines or a character that no key has; a base URL
    /// with a path, a query or credentials, or with plain http to a host that is not loopback; a [`Pacing`] of an operation
    /// that the document lacks; a [`RetryPolicy`] that allows duplicates, which is for single calls; no TLS; a root certificate
    /// for workers that is none.
    pub fn build(self) -> Result<Client> {
        let key = self.key.unwrap_or_else(|| {
            let message = "no API key: give one with `api_key`, or use `Client::from_env`";
            Err(Error::new(ErrorKind::Configuration, message))
        })?;
        let console = self.console.unwrap_or_else(|| BaseUrl::new(DEFAULT_CONSOLE_URL, "the default"))?;
        let run = self.run.unwrap_or_else(|| BaseUrl::new(DEFAULT_RUN_URL, "the default"))?;
        let servers = Servers::new(console, run);
        if self.retry.allows_duplicates() {
            let message = "a client as a whole may not allow duplicates: it might rent twice; use `with_retry` for the calls of which twice is \
                           as good as once";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        if let Some(id) = self.pacing.unknown_operation() {
            let message = format!("the pacing names `{id}`, which is no operation of the document");
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        let (system_proxies, plain_http) = (self.system_proxies, servers.are_plain_http());
        let creations = match (self.creation_http, &self.http) {
            (Some(given), _) => CreationHttp::new(move || Ok(given.clone())),
            (None, Some(given)) => {
                let given = given.clone();
                CreationHttp::new(move || Ok(given.clone()))
            }
            (None, None) => CreationHttp::new(move || {
                vastai_api::fresh_connections(service_http(system_proxies, plain_http)).build()
            }),
        };
        let http = match self.http {
            Some(http) => http,
            None => service_http(system_proxies, plain_http).build().map_err(Error::no_http_client)?,
        };
        if let Some(error) = self.worker_root_error {
            return Err(error);
        }
        let workers = match self.worker_http {
            Some(http) => WorkerHttp::given(http),
            None => WorkerHttp::new(self.worker_roots, self.system_proxies),
        };
        let limits =
            Limits { timeout: self.timeout.unwrap_or(DEFAULT_TIMEOUT), deadline: None, retry: self.retry };
        let transport = Transport::new(servers, key, limits, creations, self.pacing, self.watched);
        Ok(Client::of(http, transport, EndpointKeys::default(), workers))
    }
}

/// The HTTP client for the service.
fn service_http(system_proxies: bool, plain_http: bool) -> reqwest::ClientBuilder {
    let builder = vastai_api::http_client_builder().connect_timeout(CONNECT_TIMEOUT);
    let builder = if system_proxies { builder } else { builder.no_proxy() };
    // Without TLS no certificates are needed, and a small container has none to load.
    if plain_http { builder.tls_certs_only([]) } else { builder }
}
