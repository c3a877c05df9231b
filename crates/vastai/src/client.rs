//! The client and how it is set up.

use std::time::{Duration, Instant};

use vastai_api::{Operation, SharedTransport};

use crate::call::Call;
use crate::config::{ApiKey, BaseUrl, DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL, Servers};
use crate::error::{Error, ErrorKind, Result};
use crate::instances::InstanceHandle;
use crate::offers::OfferSearch;
use crate::paging::{ChargeList, InstanceList, InvoiceList, TimeRange};
use crate::serverless::{EndpointHandle, WorkergroupHandle};
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
        Ok(self.with_transport(self.transport.clone().with_key(key)))
    }

    fn with_transport(&self, transport: Transport) -> Self {
        Self::of(self.http.clone(), transport)
    }

    fn of(http: reqwest::Client, transport: Transport) -> Self {
        let shared = SharedTransport::new(transport.clone());
        let api = vastai_api::Client::new_with_client(transport.console(), http.clone(), shared);
        Self { api, http, transport }
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
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

    /// The client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`]: no key; a key that is empty, has several lines or a character that no key has; a base URL
    /// with a path, a query or credentials, or with plain http to a host that is not loopback; a [`Pacing`] of an operation
    /// that the document lacks; a [`RetryPolicy`] that allows duplicates, which is for single calls; no TLS.
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
        let limits =
            Limits { timeout: self.timeout.unwrap_or(DEFAULT_TIMEOUT), deadline: None, retry: self.retry };
        Ok(Client::of(http, Transport::new(servers, key, limits, self.pacing, self.watched)))
    }
}
