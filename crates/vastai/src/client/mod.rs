//! The client: what one can ask for, and in which ways.

mod builder;
mod call;
mod typed;

use std::pin::Pin;
use std::time::{Duration, Instant};

use vastai_api::{Operation, SharedTransport};

use crate::account::{
    ApiKeyHandle, ApiKeys, EnvVarHandle, EnvVars, SshKeyHandle, SshKeys, TemplateHandle, Templates,
    VolumeHandle, Volumes,
};
use crate::config::{ApiKey, HttpClients};
use crate::error::{Error, ErrorKind, Result};
use crate::instances::{Cleanups, InstanceHandle, Rent};
use crate::offers::OfferSearch;
use crate::paging::{ChargeList, InstanceList, InvoiceList, TimeRange};
use crate::serverless::{
    CreateEndpoint, CreateWorkergroup, EndpointHandle, EndpointKeys, EndpointName, Endpoints, Route,
    WorkergroupHandle, Workergroups,
};
use crate::transport::{ResultFile, RetryPolicy, ServiceTransport};

pub use builder::ClientBuilder;
pub use call::{Call, CallResponse};
pub(crate) use typed::{body_builder, create, done, found, present};

/// The future of a call without options: it owns what it needs, so it can be spawned, joined and kept. Nothing is sent before it is awaited.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A client of the Vast.ai API. Clones share connections, pace and observer, and are cheap.
///
/// A call whose future is dropped is given up at once; a request that was sent by then may still be carried out.
#[derive(Debug, Clone)]
pub struct Client {
    api: vastai_api::Client,
    transport: ServiceTransport,
    endpoint_keys: EndpointKeys,
    workers: HttpClients,
    cleanups: Cleanups,
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
    /// The key is the first of: the variable `VAST_API_KEY`; the files `vastai/vast_tfa_key` (which `vastai tfa login` of the official command
    /// line writes, for accounts with two-factor authentication) and `vastai/vast_api_key` in `$XDG_CONFIG_HOME` (else in
    /// `~/.config`); the file `~/.vast_api_key`. `VAST_URL` replaces the console's base URL and `VAST_RUN_URL` the serverless
    /// engine's. Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`, …) are used for hosts that are not on this machine.
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
    pub fn endpoint(&self, id: i64) -> EndpointHandle {
        EndpointHandle::new(self, EndpointName::Id(id))
    }

    /// A serverless endpoint, by its name. Where only the id serves, it is looked up once.
    #[must_use]
    pub fn endpoint_named(&self, name: impl Into<String>) -> EndpointHandle {
        EndpointHandle::new(self, EndpointName::Name(name.into()))
    }

    /// A workergroup of a serverless endpoint, by its id (1 or more).
    #[must_use]
    pub fn workergroup(&self, id: i64) -> WorkergroupHandle {
        WorkergroupHandle::new(self, id)
    }

    /// A serverless endpoint to be created under this name; see [`CreateEndpoint`].
    pub fn create_endpoint(&self, name: impl Into<String>) -> CreateEndpoint {
        CreateEndpoint::new(self, name.into())
    }

    /// A workergroup to be created for the endpoint with this id; see [`CreateWorkergroup`].
    pub fn create_workergroup(&self, endpoint: i64) -> CreateWorkergroup {
        self.endpoint(endpoint).create_workergroup()
    }

    /// The serverless endpoints of the account.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        Endpoints::new(self)
    }

    /// The workergroups of the account.
    #[must_use]
    pub fn workergroups(&self) -> Workergroups {
        Workergroups::new(self)
    }

    /// A request for a worker of an endpoint, by the endpoint's name; see [`Route`]. It asks once.
    pub fn route(&self, endpoint: impl Into<String>) -> Route {
        Route::new(self, EndpointName::Name(endpoint.into()))
    }

    /// An instance, by its id: what creating it answered as `new_contract` (1 or more).
    #[must_use]
    pub fn instance(&self, id: i64) -> InstanceHandle {
        InstanceHandle::new(self, id)
    }

    /// A rental of an offer, by the `id` that it has in a search; see [`Rent`].
    pub fn rent(&self, offer: i64) -> Rent {
        Rent::new(self, offer)
    }

    /// The instance with this label, if there is one: after a creation that may have been carried out, whether it was. Each [`Rent`] that is
    /// given no label has [one of its own](Rent::rental_label).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where several instances have the label, with their ids. Else whatever listing instances failed with.
    pub async fn find_rented(&self, label: &str) -> Result<Option<InstanceHandle>> {
        let mut pages = self.instances().filter(crate::filter::field("label").eq(label)).pages();
        let mut ids = Vec::new();
        while let Some(instance) = pages.next().await {
            let instance = instance?;
            if instance.label.as_deref() == Some(label) {
                ids.push(instance.id);
            }
        }
        match ids.as_slice() {
            [] => Ok(None),
            [id] => Ok(Some(self.instance(*id))),
            several => {
                let message = format!("several instances have the label `{label}`: {several:?}");
                Err(Error::new(ErrorKind::Conflict, message))
            }
        }
    }

    /// The SSH keys of the account.
    #[must_use]
    pub fn ssh_keys(&self) -> SshKeys {
        SshKeys::new(self)
    }

    /// An SSH key of the account, by its id.
    #[must_use]
    pub fn ssh_key(&self, id: i64) -> SshKeyHandle {
        SshKeyHandle::new(self, id)
    }

    /// The API keys of the account.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys::new(self)
    }

    /// An API key of the account, by its id.
    #[must_use]
    pub fn api_key(&self, id: i64) -> ApiKeyHandle {
        ApiKeyHandle::new(self, id)
    }

    /// The environment variables of the account.
    #[must_use]
    pub fn env_vars(&self) -> EnvVars {
        EnvVars::new(self)
    }

    /// An environment variable of the account, by its name, whose case does not matter.
    #[must_use]
    pub fn env_var(&self, name: impl Into<String>) -> EnvVarHandle {
        EnvVarHandle::new(self, name.into())
    }

    /// Templates, the account's own and public ones.
    #[must_use]
    pub fn templates(&self) -> Templates {
        Templates::new(self)
    }

    /// A template, by its id, which is not its hash.
    #[must_use]
    pub fn template(&self, id: i64) -> TemplateHandle {
        TemplateHandle::new(self, id)
    }

    /// The volumes of the account, and the market of them.
    #[must_use]
    pub fn volumes(&self) -> Volumes {
        Volumes::new(self)
    }

    /// A volume of the account, by its id.
    #[must_use]
    pub fn volume(&self, id: i64) -> VolumeHandle {
        VolumeHandle::new(self, id)
    }

    /// Waits until no rental of [`Rent::scoped`] is being ended in the background: for a program that is about to end.
    pub async fn cleaned_up(&self) {
        self.cleanups.finished().await;
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
    /// [`ErrorKind::InvalidRequest`] for what is not a URL, or plain http to a host that is not loopback.
    pub fn result_file(&self, url: &str) -> Result<ResultFile<'_>> {
        ResultFile::new(&self.transport, url)
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

    fn with_transport(&self, transport: ServiceTransport) -> Self {
        let api = generated(&transport, self.http().clone());
        let (endpoint_keys, workers) = (self.endpoint_keys.clone(), self.workers.clone());
        Self { api, transport, endpoint_keys, workers, cleanups: self.cleanups.clone() }
    }

    fn of(transport: ServiceTransport, endpoint_keys: EndpointKeys, workers: HttpClients) -> Result<Self> {
        let http = transport.http_of_the_console()?.clone();
        let (api, cleanups) = (generated(&transport, http), Cleanups::default());
        Ok(Self { api, transport, endpoint_keys, workers, cleanups })
    }

    /// The HTTP client with which requests are built. The transport chooses the one that sends them.
    pub(crate) fn http(&self) -> &reqwest::Client {
        self.api.client()
    }

    pub(crate) fn transport(&self) -> &ServiceTransport {
        &self.transport
    }

    /// When all that this client does has to be over.
    pub(crate) fn deadline(&self) -> Option<tokio::time::Instant> {
        self.transport.deadline()
    }

    pub(crate) fn endpoint_keys(&self) -> &EndpointKeys {
        &self.endpoint_keys
    }

    pub(crate) fn cleanups(&self) -> &Cleanups {
        &self.cleanups
    }

    pub(crate) fn worker_http(&self) -> &HttpClients {
        &self.workers
    }
}

/// The generated client that sends through this transport.
fn generated(transport: &ServiceTransport, http: reqwest::Client) -> vastai_api::Client {
    vastai_api::Client::new_with_client(transport.console(), http, SharedTransport::new(transport.clone()))
}
