//! The client: what one can ask for, and in which ways.

mod builder;
mod call;
mod endpoint_keys;
mod listed;
mod typed;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use vastai_api::SharedTransport;

use crate::config::{ApiKey, HttpClients};
use crate::error::Result;
use crate::transport::{Ping, RetryPolicy, Server, ServiceTransport};

pub use builder::ClientBuilder;
pub use call::{Call, CallResponse};
pub(crate) use endpoint_keys::{EndpointKeys, EndpointName};
pub(crate) use listed::{Listable, Listed};
pub(crate) use typed::{
    awaited, body_builder, collection, create, done, found, handle, in_doubt, listed, present,
};

/// The future of a call without options: it owns what it needs, so it can be spawned, joined and kept. Nothing is sent before it is awaited.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A client of the Vast.ai API. Clones share connections, pace and observer, and are cheap.
///
/// ```no_run
/// # async fn example() -> vastai::Result<()> {
/// let client = vastai::Client::from_env()?;
/// let offers = client.offers().query("gpu_name=RTX_4090 num_gpus=1")?.send().await?;
/// let Some(offer) = offers.first() else { return Ok(()) };
/// let instance = client.rent(offer.id).image("pytorch/pytorch:latest").await?;
/// println!("{:?}", instance.wait_until_running().await?.ssh());
/// instance.destroy().await?;
/// # Ok(())
/// # }
/// ```
///
/// It is made [from the environment](Self::from_env) or with a [builder](Self::builder).
///
/// | what | methods |
/// |---|---|
/// | search the market | [`offers`](Self::offers) |
/// | rent, and find again | [`rent`](Self::rent), [`find_rented`](Self::find_rented), [`cleaned_up`](Self::cleaned_up) |
/// | instances | [`instance`](Self::instance), [`instances`](Self::instances) |
/// | serverless | [`endpoint`](Self::endpoint), [`endpoint_named`](Self::endpoint_named), [`workergroup`](Self::workergroup), [`create_endpoint`](Self::create_endpoint) |
/// | what it costs | [`charges`](Self::charges), [`invoices`](Self::invoices) |
/// | the account | [`ssh_keys`](Self::ssh_keys), [`api_keys`](Self::api_keys), [`env_vars`](Self::env_vars), [`templates`](Self::templates), [`volumes`](Self::volumes) |
/// | every operation of the document | [`api`](Self::api), [`call`](Self::call) |
/// | a clone with other settings | [`with_timeout`](Self::with_timeout), [`with_deadline`](Self::with_deadline), [`with_retry`](Self::with_retry), [`with_api_key`](Self::with_api_key) |
///
/// Handles and builders that it makes own a clone of it. A call whose future is dropped is given up at once; a request that was sent by
/// then may still be carried out.
#[derive(Debug, Clone)]
pub struct Client(Arc<Parts>);

/// What the clones of a client share: handles and futures own one each, and each call is made by one.
#[derive(Debug)]
struct Parts {
    api: vastai_api::Client,
    transport: ServiceTransport,
    endpoint_keys: EndpointKeys,
    workers: HttpClients,
    cleanups: Cleanups,
}

/// # Making a client, and changing its settings
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
    /// The key is the first of: the variable `VAST_API_KEY`; the files `vastai/vast_tfa_key` (which `vastai tfa login`
    /// writes, for accounts with two-factor authentication) and `vastai/vast_api_key` in `$XDG_CONFIG_HOME` (else in
    /// `~/.config`); the file `~/.vast_api_key`. `VAST_URL` replaces the console's base URL and `VAST_RUN_URL` the serverless
    /// engine's. Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`, …) are used for hosts that are not on this machine.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) where there is no key, or it or a URL is not one.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env().build()
    }

    /// The generated client: every operation of the document, with the policies of this crate.
    ///
    /// It fails with the same [`Error`](crate::Error).
    #[must_use]
    pub fn api(&self) -> &vastai_api::Client {
        &self.0.api
    }

    /// A clone whose calls are tried again as this policy says, those of the generated client too.
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with_transport(self.0.transport.clone().with_retry(policy))
    }

    /// A clone whose calls may take that long, attempts and waits included.
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with_transport(self.0.transport.clone().with_timeout(timeout))
    }

    /// A clone whose calls have to be over at that moment, whatever their timeout.
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        self.with_transport(self.0.transport.clone().with_deadline(deadline))
    }

    /// A clone that sends another key, to the same servers. A serverless endpoint has one of its own.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for what cannot be a key.
    pub fn with_api_key(&self, key: impl AsRef<str>) -> Result<Self> {
        let key = ApiKey::new(key.as_ref(), "`with_api_key`")?;
        // The keys of one account's endpoints are nothing for another's.
        Ok(self.with(self.0.transport.clone().with_key(key), EndpointKeys::default()))
    }

    /// Whether a server can be reached, how fast, and what its clock says. It asks for the head of the first page, once: no key goes along, so
    /// it says nothing about the key.
    ///
    /// # Errors
    ///
    /// [`Connection`](crate::ErrorKind::Connection) where the server cannot be reached, and
    /// [`Timeout`](crate::ErrorKind::Timeout) where it does not answer in the time of the client's calls.
    pub fn ping(&self, server: Server) -> CallFuture<Ping> {
        let transport = self.0.transport.clone();
        Box::pin(async move { transport.ping(server).await })
    }

    fn with_transport(&self, transport: ServiceTransport) -> Self {
        self.with(transport, self.0.endpoint_keys.clone())
    }

    fn with(&self, transport: ServiceTransport, endpoint_keys: EndpointKeys) -> Self {
        let api = generated(&transport, self.http().clone());
        let (workers, cleanups) = (self.0.workers.clone(), self.0.cleanups.clone());
        Self(Arc::new(Parts { api, transport, endpoint_keys, workers, cleanups }))
    }

    fn of(transport: ServiceTransport, endpoint_keys: EndpointKeys, workers: HttpClients) -> Result<Self> {
        let http = transport.http_of_the_console()?.clone();
        let (api, cleanups) = (generated(&transport, http), Cleanups::default());
        Ok(Self(Arc::new(Parts { api, transport, endpoint_keys, workers, cleanups })))
    }

    /// The HTTP client with which requests are built. The transport chooses the one that sends them.
    pub(crate) fn http(&self) -> &reqwest::Client {
        self.0.api.client()
    }

    pub(crate) fn transport(&self) -> &ServiceTransport {
        &self.0.transport
    }

    /// When all that this client does has to be over.
    pub(crate) fn deadline(&self) -> Option<tokio::time::Instant> {
        self.0.transport.deadline()
    }

    pub(crate) fn endpoint_keys(&self) -> &EndpointKeys {
        &self.0.endpoint_keys
    }

    pub(crate) fn cleanups(&self) -> &Cleanups {
        &self.0.cleanups
    }

    pub(crate) fn worker_http(&self) -> &HttpClients {
        &self.0.workers
    }
}

/// The generated client that sends through this transport.
fn generated(transport: &ServiceTransport, http: reqwest::Client) -> vastai_api::Client {
    vastai_api::Client::new_with_client(transport.console(), http, SharedTransport::new(transport.clone()))
}

/// How many cleanups are under way, shared by the clones of a client.
#[derive(Debug, Clone)]
pub(crate) struct Cleanups(watch::Sender<usize>);

impl Default for Cleanups {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Cleanups {
    pub(crate) fn begin(&self) -> impl Drop + Send + use<> {
        struct UnderWay(watch::Sender<usize>);
        impl Drop for UnderWay {
            fn drop(&mut self) {
                self.0.send_modify(|count| *count -= 1);
            }
        }
        self.0.send_modify(|count| *count += 1);
        UnderWay(self.0.clone())
    }

    pub(crate) async fn finished(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}
