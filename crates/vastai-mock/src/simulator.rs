//! The simulator as its users hold it.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use http::header::InvalidHeaderValue;

use crate::answers::{LogsShape, RawAnswer, WorkersShape};
use crate::builder::Builder;
use crate::document::UnknownOperation;
use crate::fault::{Fault, FaultPlan};
use crate::files::Files;
use crate::key::Key;
use crate::record::RecordedRequest;
use crate::server::{Place, Running};
use crate::service::Service;
use crate::state::{Charge, Endpoint, Instance, Invoice, NotFound, Offer, Phase, Worker};
use crate::worker::ServedWorker;

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
    /// No port could be had, or there is no Tokio runtime. The runtime must have I/O enabled.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up a simulator.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts a simulator with the sample, on a thread with a Tokio runtime of its own: for tests without a runtime, and for clients whose
    /// runtime is busy or paused.
    ///
    /// Injected delays go by the clock of that thread, which is real. A test that pauses its clock and injects delays starts the simulator
    /// on its own runtime with [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// No port or no thread could be had.
    pub fn start_on_thread() -> io::Result<Self> {
        Self::builder().start_on_thread()
    }

    pub(crate) fn run(service: Service, place: Place) -> io::Result<Self> {
        let api_key = service.api_key().clone();
        let service = Arc::new(Mutex::new(service));
        let server = Running::at(place, Arc::clone(&service))?;
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

    /// The account's key.
    pub fn api_key(&self) -> &str {
        self.api_key.as_str()
    }

    /// Stops the server and waits until its open requests are answered; one that an injected delay holds back is cut off. Dropping the simulator does
    /// the same without waiting.
    ///
    /// # Errors
    ///
    /// The server had failed.
    pub async fn stop(self) -> io::Result<()> {
        let files = self.files.stop().await;
        self.server.stop().await.and(files)
    }

    /// Every request received so far, in order, also those that were refused.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service().record.requests()
    }

    /// How many requests were received, also of those that are [no longer kept](Builder::keep_requests).
    pub fn request_count(&self) -> u64 {
        self.service().record.count()
    }

    /// How often an operation was carried out, whether its answer arrived or not. What was refused, redirected or answered by a
    /// [fault](Fault) before the effect or by a [script](Self::answer_with) does not count.
    ///
    /// # Errors
    ///
    /// The document has no operation of this id.
    pub fn effects(&self, operation: &str) -> Result<u64, UnknownOperation> {
        let service = self.service();
        service.document.operation(operation)?;
        Ok(service.effects(operation))
    }

    /// How many machines were rented by requests, whether their answers arrived or not, and also if they were destroyed since.
    pub fn machines_rented(&self) -> u64 {
        self.service().state.machines_rented()
    }

    /// How many machines were rented by requests with this `label`: with a label for each call, a test can say that no call rented twice.
    pub fn machines_rented_with_label(&self, label: &str) -> u64 {
        self.service().state.machines_rented_with_label(label)
    }

    /// Lets a fault hit the next requests for an operation. Several for one operation hit in the order in which they were injected.
    ///
    /// # Errors
    ///
    /// The document has no operation of this id; nothing is injected.
    pub fn inject(&self, operation: &str, fault: Fault) -> Result<(), UnknownOperation> {
        let mut service = self.service();
        service.document.operation(operation)?;
        service.faults.inject(operation, fault);
        Ok(())
    }

    /// Draws a fault for every request that no injected fault hits; in place of an earlier plan.
    ///
    /// # Errors
    ///
    /// The plan names an operation that the document does not have; the earlier plan stays.
    pub fn plan_faults(&self, plan: FaultPlan) -> Result<(), UnknownOperation> {
        let mut service = self.service();
        for operation in plan.named() {
            service.document.operation(operation)?;
        }
        service.faults.plan(plan);
        Ok(())
    }

    /// Forgets all faults, injected and planned.
    pub fn clear_faults(&self) {
        self.service().faults.clear();
    }

    /// The ids of all operations that the document has, in the order of paths and methods.
    pub fn operations(&self) -> Vec<String> {
        self.service().document.operations().iter().map(|operation| operation.id.clone()).collect()
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

    /// Adds an offer; it replaces one of the same id, also if that was rented.
    pub fn add_offer(&self, offer: Offer) {
        self.service().state.add_offer(offer);
    }

    /// Gives an instance a status, which the clock does not end: `exited`, `offline`, …
    ///
    /// # Errors
    ///
    /// There is no such instance.
    pub fn set_actual_status(&self, instance_id: u64, status: impl Into<String>) -> Result<(), NotFound> {
        let mut service = self.service();
        let now = service.state.now();
        let instance = service.state.instance_mut(instance_id).ok_or(NotFound::Instance(instance_id))?;
        instance.set_status(status.into(), now);
        Ok(())
    }

    /// What machines are like that are rented from now on: their ids, and their labels if the request gives any, are their own. The
    /// default loads for 60 seconds of the simulated clock and runs then.
    pub fn rent_like(&self, instance: Instance) {
        self.service().state.rent_like(instance);
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

    /// Serves a worker, so that what *route* assigns to it can be sent there: its URL becomes that of the server.
    ///
    /// # Errors
    ///
    /// There is no such worker ([`io::ErrorKind::NotFound`]), or no port could be had.
    pub fn serve_worker(&self, worker_id: i64) -> io::Result<ServedWorker> {
        ServedWorker::start(worker_id, Arc::clone(&self.service), self.place)
    }

    /// Lets the next answers of *route*, of whatever endpoint, assign no worker although there is one: so many requests have to wait and
    /// ask again.
    pub fn let_routes_wait(&self, answers: u64) {
        self.service().routes_to_wait = answers;
    }

    /// Adds an invoice.
    pub fn add_invoice(&self, invoice: Invoice) {
        self.service().state.add_invoice(invoice);
    }

    /// Adds the charges of a contract.
    pub fn add_charge(&self, charge: Charge) {
        self.service().state.add_charge(charge);
    }

    /// Adds an API key, which opens what the account's own opens; it replaces one of the same id.
    pub fn add_api_key(&self, id: u64, key: &str) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.put_api_key(id, key, now);
    }

    /// Adds a public SSH key to the account; it replaces one of the same id.
    pub fn add_ssh_key(&self, id: u64, public_key: &str) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.put_ssh_key(id, public_key, now);
    }

    /// Adds a public SSH key to an instance; it replaces one of the same id.
    pub fn attach_ssh_key(&self, instance_id: u64, key_id: u64, public_key: &str) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.attach_ssh_key(instance_id, key_id, public_key, now);
    }

    /// Sets an environment variable of the account.
    pub fn set_env_var(&self, name: impl Into<String>, value: impl Into<String>) {
        self.service().state.account.secrets.insert(name.into(), value.into());
    }

    /// What the files contain that appear at a `result_url` from now on: the logs of an instance, or what a command printed.
    pub fn write_results(&self, text: impl Into<String>) {
        self.service().files.text = text.into();
    }

    /// After how many polls in vain a file is there at its `result_url`. The default is 2.
    pub fn let_results_wait(&self, polls: u32) {
        self.service().files.polls = polls;
    }

    /// Lets a fault hit the next requests for a `result_url`.
    pub fn inject_into_results(&self, fault: Fault) {
        self.service().files.faults.inject("", fault);
    }

    /// Every request for a `result_url` so far, in order. A key must not have come there.
    pub fn result_requests(&self) -> Vec<RecordedRequest> {
        self.service().files.record.requests()
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
        f.debug_struct("Simulator").field("url", &self.url()).finish_non_exhaustive()
    }
}
