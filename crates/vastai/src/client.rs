//! The client and how it is set up.

use std::time::{Duration, Instant};

use vastai_api::{Operation, SharedTransport};

use crate::call::Call;
use crate::config::{ApiKey, BaseUrl, DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL, Servers};
use crate::error::{Error, ErrorKind, Result};
use crate::instances::InstanceHandle;
use crate::offers::OfferSearch;
use crate::paging::{ChargeList, InstanceList, InvoiceList, TimeRange};
use crate::serverless::{
    EndpointHandle, EndpointKeys, EndpointName, Route, WorkerHttp, WorkerRequest, WorkergroupHandle,
    certificates,
};
use crate::transport::{Limits, Observer, Pacing, ResultFile, RetryPolicy, Transport, Watched};

/// How long a call may take unless [`ClientBuilder::timeout`] says otherwise. The slowest reads of the console take some seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection may take to be made. A server that is there answers well within it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of the Vast.ai API. Clones share connections, pace and observer, and are cheap.
///
/// A call whose future is dropped is given up at once; a request that was sent by then may still be carried out.
#[derive(Debug, Clone)]
pub struct Client {
    api: vastai_api::Client,
    http: reqwest::Client,
    transport: Transport,
    endpoint_keys: EndpointKeys,
    workers: WorkerHttp,
}

impl Client {
    /// A client that is set up by hand. Nothing is read from the environment.
    ///
    /// ```
    /// let client = vastai::Client::builder().api_key("0123abcd").build()?;
    /// # Ok::<(), vastai::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client that is set up as the official ones are.
    ///
    /// The key is the first of: the variable `VAST_API_KEY`; the file `vastai/vast_api_key` in `$XDG_CONFIG_HOME` (else in
    /// `~/.config`); the file `~/.vast_api_key`. `VAST_URL` replaces the console's base URL and `VAST_RUN_URL` the serverless
    /// engine's. Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`, …) are used.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where there is no key, or it or a URL is not one.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env().build()
    }

    /// The generated client: every operation of the document, with the policies of this crate.
    ///
    /// Its errors turn into [`Error`] with `?`.
    #[must_use]
    pub fn api(&self) -> &vastai_api::Client {
        &self.api
    }

    /// A serverless endpoint, by its id (1 or more).
    #[must_use]
    pub fn endpoint(&self, id: u64) -> EndpointHandle<'_> {
        EndpointHandle::new(self, id)
    }

    /// A workergroup of a serverless endpoint, by its id (1 or more).
    #[must_use]
    pub fn workergroup(&self, id: u64) -> WorkergroupHandle<'_> {
        WorkergroupHandle::new(self, id)
    }

    /// A request for a worker of an endpoint, by the endpoint's name; see [`Route`]. It asks once.
    pub fn route(&self, endpoint: impl Into<String>) -> Route {
        Route::new(self, EndpointName::Name(endpoint.into()))
    }

    /// A request through an endpoint, by its name, to one of its workers, at a path such as `/v1/completions`; see [`WorkerRequest`].
    pub fn worker_request(
        &self,
        endpoint: impl Into<String>,
        path: impl Into<String>,
        payload: impl Into<serde_json::Value>,
    ) -> WorkerRequest {
        WorkerRequest::new(self, EndpointName::Name(endpoint.into()), path.into(), payload.into())
    }

    /// An instance, by its id: what creating it answered as `new_contract` (1 or more).
    #[must_use]
    pub fn instance(&self, id: u64) -> InstanceHandle<'_> {
        InstanceHandle::new(self, id)
    }

    /// All instances of the account, page by page.
    pub fn instances(&self) -> InstanceList {
        InstanceList::new(self)
    }

    /// Payments into the account and out of it within a span of time, page by page.
    pub fn invoices(&self, range: TimeRange) -> InvoiceList {
        InvoiceList::new(self, range)
    }

    /// What instances, volumes and serverless workers have cost within a span of time, page by page.
    pub fn charges(&self, range: TimeRange) -> ChargeList {
        ChargeList::new(self, range)
    }

    /// A search for offers of the market.
    pub fn offers(&self) -> OfferSearch {
        OfferSearch::new(self)
    }

    /// A call of any operation by its place in the operations table, with values that are known at run time only.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let operation = vastai::Client::operation("getEndpointWorkers")?;
    /// let answer = client.call(operation).set("id", 12345)?.send().await?;
    /// println!("{}", answer.json()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, operation: &'static Operation) -> Call<'_> {
        Call::new(self, operation)
    }

    /// An operation of the document by its operationId.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the document that this crate was built with has no such operation.
    pub fn operation(id: &str) -> Result<&'static Operation> {
        Operation::by_id(id).ok_or_else(|| {
            let message = format!("the document that this client was built from has no operation `{id}`");
            Error::new(ErrorKind::Configuration, message)
        })
    }

    /// The file that an answer's `result_url` points to, such as a log; see [`ResultFile`].
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let asked = client.api().show_logs().id(1234).body_map(|body| body.tail("100".to_owned())).send().await?;
    /// if let Some(url) = &asked.result_url {
    ///     println!("{}", client.result_file(url)?.text().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for what is no URL, or plain http to a host that is not loopback.
    pub fn result_file(&self, url: &str) -> Result<ResultFile<'_>> {
        ResultFile::new(&self.http, &self.transport, url)
    }

    /// A clone whose calls are tried again as this policy says, those of the generated client too.
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with_transport(self.transport.clone().with_retry(policy))
    }

    /// A clone whose calls may take that long, attempts and waits included.
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with_transport(self.transport.clone().with_timeout(timeout))
    }

    /// A clone whose calls have to be over at that moment, whatever their timeout.
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        self.with_transport(self.transport.clone().with_deadline(deadline))
    }

    /// A clone that sends another key, to the same servers. A serverless endpoint has one of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for what cannot be a key.
    pub fn with_api_key(&self, key: impl AsRef<str>) -> Result<Self> {
        let key = ApiKey::new(key.as_ref(), "`with_api_key`")?;
        let other = self.with_transport(self.transport.clone().with_key(key));
        // The keys of one account's endpoints are nothing for another's.
        Ok(Self { endpoint_keys: EndpointKeys::default(), ..other })
    }

    fn with_transport(&self, transport: Transport) -> Self {
        Self::of(self.http.clone(), transport, self.endpoint_keys.clone(), self.workers.clone())
    }

    fn of(
        http: reqwest::Client,
        transport: Transport,
        endpoint_keys: EndpointKeys,
        workers: WorkerHttp,
    ) -> Self {
        let shared = SharedTransport::new(transport.clone());
        let api = vastai_api::Client::new_with_client(transport.console(), http.clone(), shared);
        Self { api, http, transport, endpoint_keys, workers }
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// When all that this client does has to be over.
    pub(crate) fn deadline(&self) -> Option<tokio::time::Instant> {
        self.transport.deadline()
    }

    pub(crate) fn endpoint_keys(&self) -> &EndpointKeys {
        &self.endpoint_keys
    }

    pub(crate) fn worker_http(&self) -> &WorkerHttp {
        &self.workers
    }
}

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
    /// redirected by the HTTP client fails.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
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
        let http = match self.http {
            Some(http) => http,
            None => {
                let builder = vastai_api::http_client_builder().connect_timeout(CONNECT_TIMEOUT);
                let builder = if self.system_proxies { builder } else { builder.no_proxy() };
                // Without TLS no certificates are needed, and a small container has none to load.
                let builder = if servers.are_plain_http() { builder.tls_certs_only([]) } else { builder };
                builder.build().map_err(|error| {
                    Error::new(ErrorKind::Configuration, "the HTTP client cannot be made").with_source(error)
                })?
            }
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
        let transport = Transport::new(servers, key, limits, self.pacing, self.watched);
        Ok(Client::of(http, transport, EndpointKeys::default(), workers))
    }
}
