//! The simulator as its users hold it.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use http::header::InvalidHeaderValue;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::answers::{LogsShape, RawAnswer, WorkersShape};
use crate::builder::Builder;
use crate::key::Key;
use crate::record::RecordedRequest;
use crate::server;
use crate::service::Service;
use crate::state::{Endpoint, Instance, NotFound, Phase, Worker};

/// A simulated Vast.ai service on a loopback port. Dropping it stops it.
///
/// Console and serverless engine are served from the same URL; whoever wants two servers starts two
/// simulators.
///
/// It starts with a sample: the endpoint 12345, `vLLM-Qwen3-8B`, with the workergroups 4242 and
/// 4243 and five workers in different phases, and three instances. [`Builder::empty`] leaves it
/// out.
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
/// The clock stands still until [`advance`](Self::advance) moves it (or each request does:
/// [`Builder::step`]). Workers go through their [phases](Phase) by it.
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
    url: String,
    api_key: Key,
    service: Arc<Mutex<Service>>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

impl Simulator {
    /// Starts a simulator with the sample, on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// No port could be had, or there is no Tokio runtime. The runtime must have I/O enabled.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up a simulator.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) async fn serve(service: Service) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let api_key = service.api_key().clone();
        let service = Arc::new(Mutex::new(service));
        let (stop, stopped) = oneshot::channel();
        let server = runtime.spawn(server::serve(listener, Arc::clone(&service), stopped));
        Ok(Self { url, api_key, service, stop, server })
    }

    /// The base URL, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The account's key.
    pub fn api_key(&self) -> &str {
        self.api_key.as_str()
    }

    /// Stops the server and waits until its open requests are answered. Dropping the simulator does
    /// the same without waiting.
    ///
    /// # Errors
    ///
    /// The server had failed.
    pub async fn stop(self) -> io::Result<()> {
        drop(self.stop);
        self.server.await.map_err(io::Error::other)?
    }

    /// Every request received so far, in order, also those that were refused.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service().requests().to_vec()
    }

    /// The simulated time, since the Unix epoch.
    pub fn now(&self) -> Duration {
        self.service().state.now()
    }

    /// Moves the clock, and everything that goes by it.
    pub fn advance(&self, by: Duration) {
        self.service().state.advance(by);
    }

    /// Adds an endpoint with its workergroups and workers; it replaces one of the same id.
    pub fn add_endpoint(&self, endpoint: Endpoint) {
        self.service().state.add_endpoint(endpoint);
    }

    /// Adds a worker to a workergroup; it replaces one of the same id.
    ///
    /// # Errors
    ///
    /// There is no such workergroup.
    pub fn add_worker(&self, workergroup_id: u64, worker: Worker) -> Result<(), NotFound> {
        self.service().state.add_worker(workergroup_id, worker)
    }

    /// Adds an instance; it replaces one of the same id.
    pub fn add_instance(&self, instance: Instance) {
        self.service().state.add_instance(instance);
    }

    /// Puts a worker into a phase, from which it goes on by the clock: [`Phase::Stopping`] stops
    /// it, [`Phase::Loading`] starts it again.
    ///
    /// # Errors
    ///
    /// There is no such worker.
    pub fn set_phase(&self, worker_id: i64, phase: Phase) -> Result<(), NotFound> {
        self.service().state.set_phase(worker_id, &phase)
    }

    /// Gives a worker a steady load, as [`Worker::load`] does: `per_second` in the worker's own
    /// units (tokens/s), from `requests` requests in progress. It counts while the worker is idle,
    /// beside what *route* assigns.
    ///
    /// # Errors
    ///
    /// There is no such worker.
    pub fn set_load(&self, worker_id: i64, per_second: f64, requests: u64) -> Result<(), NotFound> {
        self.service().state.set_load(worker_id, per_second, requests)
    }

    /// Chooses the form of the answers to *get endpoint workers* and *get workergroup workers*.
    pub fn answer_workers_with(&self, shape: WorkersShape) {
        self.service().workers_shape = shape;
    }

    /// Chooses the form of the answers to *get endpoint logs* and *get workergroup logs*.
    pub fn answer_logs_with(&self, shape: LogsShape) {
        self.service().logs_shape = shape;
    }

    /// Answers every request for `path` with `answer`, whatever its method and key. The path counts
    /// with and without its last slash.
    pub fn answer_with(&self, path: &str, answer: RawAnswer) {
        self.service().script.answer_with(path, answer);
    }

    /// Answers one request for `path` with `answer`. Several are used in the order in which they
    /// were given, before that of [`answer_with`](Self::answer_with).
    pub fn answer_next_with(&self, path: &str, answer: RawAnswer) {
        self.service().script.answer_next_with(path, answer);
    }

    /// Answers every request for exactly `path`, its last slash included or not, with a redirect to
    /// `location`: a path of this server or a URL.
    ///
    /// # Errors
    ///
    /// `location` has bytes that a header cannot hold, such as a line break.
    pub fn redirect(&self, path: &str, status: StatusCode, location: &str) -> Result<(), InvalidHeaderValue> {
        let answer = RawAnswer::redirect(status, location)?;
        self.service().script.redirect(path, answer);
        Ok(())
    }

    /// Forgets the answers and redirects given for `path`, with and without its last slash.
    pub fn clear_answers(&self, path: &str) {
        self.service().script.clear(path);
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("url", &self.url).finish_non_exhaustive()
    }
}
