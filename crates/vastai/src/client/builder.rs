//! How a client is set up.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderValue;
use vastai_api::ResponseLimit;

use super::{Client, EndpointKeys};
use crate::config::{
    ApiKey, BaseUrl, DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL, FoundKey, HttpClients, HttpSetUp, KeySource,
    Servers, certificates,
};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{
    Limits, Observer, Pacing, RetryPolicy, ServiceHttp, ServiceTransport, SharedObserver,
};

/// How long a call may take unless [`ClientBuilder::timeout`] says otherwise. The slowest reads of the console take some seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection to a worker is kept for the next request. Workers close theirs after 75 seconds without one, and a request that is sent
/// on a connection which is being closed would be in doubt.
const WORKER_IDLE: Duration = Duration::from_secs(15);

/// Sets up a [`Client`].
#[derive(Debug, Clone, Default)]
#[must_use = "nothing happens before `build`"]
pub struct ClientBuilder {
    key: Option<Result<ApiKey>>,
    key_source: Option<KeySource>,
    key_warning: Option<String>,
    console: Option<Result<BaseUrl>>,
    run: Option<Result<BaseUrl>>,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    pacing: Pacing,
    observer: SharedObserver,
    http: Option<reqwest::Client>,
    creation_http: Option<reqwest::Client>,
    system_proxies: bool,
    user_agent: Option<String>,
    response_limit: ResponseLimit,
    worker_roots: Vec<reqwest::Certificate>,
    worker_root_error: Option<Error>,
    worker_http: Option<reqwest::Client>,
}

impl ClientBuilder {
    /// Where the console API is, to which most operations belong.
    pub const DEFAULT_CONSOLE_URL: &str = DEFAULT_CONSOLE_URL;

    /// Where the serverless engine is.
    pub const DEFAULT_RUN_URL: &str = DEFAULT_RUN_URL;

    /// What [`Client::from_env`] is built from; what is set afterwards comes before the environment.
    pub fn from_env() -> Self {
        let url = |variable: &str| {
            let value = std::env::var_os(variable).filter(|value| !value.is_empty())?;
            Some(match value.to_str() {
                Some(url) => BaseUrl::new(url, variable),
                None => Err(Error::new(ErrorKind::Configuration, format!("{variable} is not UTF-8"))),
            })
        };
        let (key, key_source, key_warning) = match ApiKey::from_environment() {
            Ok(FoundKey { key, source, warning }) => (Ok(key), Some(source), warning),
            Err(error) => (Err(error), None, None),
        };
        Self {
            key: Some(key),
            key_source,
            key_warning,
            console: url("VAST_URL"),
            run: url("VAST_RUN_URL"),
            system_proxies: true,
            ..Self::default()
        }
    }

    /// The account's API key. One line, no spaces.
    pub fn api_key(mut self, key: impl AsRef<str>) -> Self {
        self.key = Some(ApiKey::new(key.as_ref(), "`api_key`"));
        self.key_source = Some(KeySource::Given);
        self.key_warning = None;
        self
    }

    /// Where the key came from; `None` where there is none, or where one was found that is no key.
    #[must_use]
    pub fn key_source(&self) -> Option<&KeySource> {
        self.key_source.as_ref()
    }

    /// What is unsafe about the set-up, in a sentence: an API key file that other users can read or change. `None` where nothing is, or where
    /// the key is not from a file.
    ///
    /// [`build`](Self::build) gives the same as a warning to `tracing`, once for each file in the life of the process.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.key_warning.as_deref()
    }

    /// Where the console API is, instead of [`DEFAULT_CONSOLE_URL`](Self::DEFAULT_CONSOLE_URL): scheme, host and port. The key goes there.
    pub fn console_url(mut self, url: impl AsRef<str>) -> Self {
        self.console = Some(BaseUrl::new(url.as_ref(), "`console_url`"));
        self
    }

    /// Where the serverless engine is, instead of [`DEFAULT_RUN_URL`](Self::DEFAULT_RUN_URL): scheme, host and port. The key goes there.
    pub fn run_url(mut self, url: impl AsRef<str>) -> Self {
        self.run = Some(BaseUrl::new(url.as_ref(), "`run_url`"));
        self
    }

    /// Where both the console API and the serverless engine are, such as a proxy or a simulator; see [`console_url`](Self::console_url).
    pub fn base_url(self, url: impl AsRef<str>) -> Self {
        self.console_url(&url).run_url(url)
    }

    /// How long a call may take from its start to the end of the response, with all its attempts and the waits between them. 60
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

    /// Sees every attempt, wait and call.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = SharedObserver::by(observer);
        self
    }

    /// The HTTP client to use, for a proxy or certificates of one's own.
    ///
    /// Build it with [`vastai_api::http_client_builder`], which follows no redirects, repeats nothing by itself and knows no proxy; a call that was
    /// redirected by the HTTP client fails. What must not be done twice goes over it too, unless there is a
    /// [`creation_http_client`](Self::creation_http_client).
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The HTTP client to use for operations that may not be repeated: what rents, creates, pays.
    ///
    /// It should give each request a connection of its own, so that no response that was left on another can be taken for its response: build
    /// it with [`vastai_api::fresh_connections`]. Without one and without an [`http_client`](Self::http_client), such a client is made.
    pub fn creation_http_client(mut self, http: reqwest::Client) -> Self {
        self.creation_http = Some(http);
        self
    }

    /// How many bytes a response may have: of the service, of a worker, and of a result file. 32 MiB unless set, which all real responses fit
    /// in.
    ///
    /// Decoded, a response may take eight times as much memory; [`ResponseLimit`](vastai_api::ResponseLimit) says how that is counted. One that is larger, either
    /// way, is [`ErrorKind::Decode`]. A worker's response that is read [in pieces](crate::serverless::WorkerResponse::chunk) or
    /// [event by event](crate::serverless::WorkerResponse::events) has no limit as a whole.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = ResponseLimit::bytes(bytes);
        self
    }

    /// What goes along as `User-Agent`: with every request to the service, also where the [HTTP client](Self::http_client) is one of the
    /// caller's; and, unless theirs is, with those to workers and for result files. `vastai-rs/VERSION` unless set.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
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
    /// with a path, a query or credentials, or with plain http to a host that is not loopback; a [`RetryPolicy`] that allows duplicates, which is for single calls; no TLS; a root certificate
    /// for workers that is not one; a `User-Agent` that cannot stand in a header.
    pub fn build(self) -> Result<Client> {
        let key = self.key.unwrap_or_else(|| {
            let message = "no API key: give one with `api_key`, or use `Client::from_env`";
            Err(Error::new(ErrorKind::Configuration, message))
        })?;
        if let Some(warning) = &self.key_warning {
            warn_once(warning);
        }
        let console = self.console.unwrap_or_else(|| BaseUrl::new(DEFAULT_CONSOLE_URL, "the default"))?;
        let run = self.run.unwrap_or_else(|| BaseUrl::new(DEFAULT_RUN_URL, "the default"))?;
        let servers = Servers::new(console, run);
        if self.retry.allows_duplicates() {
            let message = "a client as a whole may not allow duplicates: it might rent twice; use `with_retry` for the calls of which twice is \
                           as good as once";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        if let Some(error) = self.worker_root_error {
            return Err(error);
        }
        let user_agent = self.user_agent.as_deref().unwrap_or(vastai_api::USER_AGENT);
        let user_agent = HeaderValue::from_str(user_agent).map_err(|_| {
            Error::new(ErrorKind::Configuration, "the `user_agent` has a character that no header can hold")
        })?;
        let of_the_service = HttpSetUp {
            peer: "the service",
            roots: Vec::new(),
            system_proxies: self.system_proxies,
            user_agent: user_agent.clone(),
            pool_idle: None,
            fresh_connections: false,
        };
        let for_creations = HttpSetUp { fresh_connections: true, ..of_the_service.clone() };
        let of_workers = HttpSetUp {
            peer: "workers",
            roots: self.worker_roots,
            pool_idle: Some(WORKER_IDLE),
            ..of_the_service.clone()
        };
        let or_own = |given: Option<reqwest::Client>, own| {
            given.map_or_else(|| HttpClients::new(own), HttpClients::given)
        };
        let creations = or_own(self.creation_http.or_else(|| self.http.clone()), for_creations);
        let http = or_own(self.http, of_the_service);
        let workers = or_own(self.worker_http, of_workers);
        // What cannot be made is an error here and not in the middle of a program.
        for server in [servers.console(), servers.run()] {
            http.of(server.url())?;
        }
        let limits = Limits {
            timeout: self.timeout.unwrap_or(DEFAULT_TIMEOUT),
            deadline: None,
            retry: self.retry,
            response: self.response_limit,
        };
        let http = ServiceHttp { reads: http, creations, user_agent };
        let transport = ServiceTransport::new(servers, key, limits, http, self.pacing, self.observer);
        Client::of(transport, EndpointKeys::default(), workers)
    }
}

/// Logs a warning unless this process has done so before.
fn warn_once(warning: &str) {
    static LOGGED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    if logged.insert(warning.to_owned()) {
        tracing::warn!("{warning}");
    }
}
