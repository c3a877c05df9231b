//! The simulator as its users hold it.

mod account;
mod responses;
mod world;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::builder::Builder;
use crate::document::UnknownOperation;
use crate::files::Files;
use crate::key::Key;
use crate::record::RecordedRequest;
use crate::server::{Place, Running};
use crate::service::Service;

/// A simulated Vast.ai service on a loopback port. Dropping it closes the port and cuts off all connections; see [`stop`](Self::stop).
///
/// Console and serverless engine are served from the same URL; a test of two servers starts two
/// simulators.
///
/// It starts with a sample: the endpoint 12345, `vLLM-Qwen3-8B`, with the workergroups 4242 and
/// 4243 and five workers in different phases; three instances, six offers, three invoices and two
/// charges. [`Builder::empty`] leaves it out.
///
/// # Keys
///
/// The account's [key](Self::api_key) opens everything. Each endpoint has a key of its own, which
/// opens the serverless operations of that endpoint and of its workergroups. A key comes as
/// `Authorization: Bearer KEY`; the serverless operations also take it as `api_key` in the body. If
/// both are there, both must be known, and one of them must open the endpoint.
///
/// # Time
///
/// The clock stands still until [`advance`](Self::advance) moves it, unless each request does
/// ([`Builder::step`]) or it goes by itself ([`Builder::speed`]). Workers go through their [phases](crate::Phase), instances load and
/// run by it.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use vastai_mock::{Phase, Simulator};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::start().await?;
/// let client = reqwest::Client::new();
///
/// let workers: serde_json::Value = client
///     .post(format!("{}/get_endpoint_workers/", sim.url()))
///     .bearer_auth(sim.api_key())
///     .json(&serde_json::json!({ "id": 12345 }))
///     .send()
///     .await?
///     .json()
///     .await?;
/// assert_eq!(workers[0]["status"], "IDLE");
///
/// // Later, every worker that was on its way is ready.
/// sim.advance(Duration::from_secs(600));
///
/// // What the client sent can be looked at.
/// let requests = sim.requests();
/// assert_eq!(requests[0].path(), "/get_endpoint_workers/");
/// assert_eq!(requests[0].json()?, serde_json::json!({ "id": 12345 }));
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    api_key: Key,
    service: Arc<Mutex<Service>>,
    server: Running,
    files: Running,
    place: Place,
}

impl Simulator {
    /// Starts a simulator with the sample, on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// No port could be had, or there is no Tokio runtime. The runtime must have I/O and time enabled.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up a simulator.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts a simulator with the sample, on a thread with a Tokio runtime of its own: for tests
    /// without a runtime, and for clients that keep their own runtime busy.
    ///
    /// Injected delays go by the real clock there. A test that pauses its clock starts the simulator
    /// on its own runtime with [`start`](Self::start): a paused clock jumps to the next time-out as
    /// soon as its runtime has nothing to do, and does not wait for another thread.
    ///
    /// # Errors
    ///
    /// No port is free, or no thread can be started.
    pub fn start_on_thread() -> io::Result<Self> {
        Self::builder().start_on_thread()
    }

    pub(crate) fn run(service: Service, place: Place, port: u16) -> io::Result<Self> {
        let api_key = service.api_key().clone();
        let service = Arc::new(Mutex::new(service));
        let server = Running::at_port(place, port, Arc::clone(&service))?;
        let files = Files::new(Arc::clone(&service));
        let files = Running::at(place, Arc::new(Mutex::new(files)))?;
        let simulator = Self { api_key, service, server, files, place };
        simulator.service().files.serve_at(simulator.files.url());
        Ok(simulator)
    }

    /// The base URL, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// The account's key at the start, which `resetApiKey` replaces.
    pub fn api_key(&self) -> &str {
        self.api_key.as_str()
    }

    /// Stops the server, and waits until nothing is left of it: no port, no task, no connection.
    ///
    /// Requests that have come whole are answered first. What could last is cut off: at once a request that has come but in part, and one
    /// that an injected delay holds back; after a second also a response that its client does not read. So it takes no longer than some two
    /// seconds, whatever clients do. Dropping the simulator cuts everything off at once.
    ///
    /// # Errors
    ///
    /// The server had failed.
    pub async fn stop(self) -> io::Result<()> {
        let (files, server) = tokio::join!(self.files.stop(), self.server.stop());
        server.and(files)
    }

    /// Every request received so far, in order, also those that were refused.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service().record.requests()
    }

    /// How many requests were received, also of those that are [no longer kept](Builder::keep_requests).
    pub fn request_count(&self) -> u64 {
        self.service().record.count()
    }

    /// How often an operation was carried out, whether its response arrived or not. What was refused, redirected or answered by a
    /// [fault](crate::Fault) before the effect or by a [script](Self::respond_with) does not count.
    ///
    /// # Errors
    ///
    /// The document has no operation of this id.
    pub fn effects(&self, operation: &str) -> Result<u64, UnknownOperation> {
        let service = self.service();
        service.document.operation(operation)?;
        Ok(service.effects(operation))
    }

    /// How many machines were rented by requests, whether their responses arrived or not, and also if they were destroyed since.
    pub fn machines_rented(&self) -> u64 {
        self.service().state.machines_rented()
    }

    /// How many machines were rented by requests with this `label`: with a label for each call, a test can say that no call rented twice.
    pub fn machines_rented_with_label(&self, label: &str) -> u64 {
        self.service().state.machines_rented_with_label(label)
    }

    /// The ids of all operations that the document has, in the order of paths and methods.
    pub fn operations(&self) -> Vec<String> {
        self.service().document.operations().iter().map(|operation| operation.id.clone()).collect()
    }

    /// The service as it is now.
    fn service(&self) -> MutexGuard<'_, Service> {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        service.catch_up();
        service
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("url", &self.url()).finish_non_exhaustive()
    }
}
