//! Workers that take requests.

mod reply;
mod service;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::fault::{Fault, FaultPlan};
use crate::record::RecordedRequest;
use crate::server::{Place, Running};
use crate::service::Service;
use service::WorkerService;

pub use reply::WorkerReply;

/// A worker that takes the requests which *route* assigns to it; made by [`Simulator::serve_worker`](crate::Simulator::serve_worker).
/// Dropping it closes its port: the worker is gone.
///
/// It takes a `POST` at any path with `{"auth_data": …, "payload": …}`, optionally with a `session_id`, and answers in the order of the
/// official workers: 422 for a body that is not JSON or lacks a part, 410 for a session that it does not know, 401 unless `auth_data` is
/// what *route* gave for this worker and was not used before, else as [`reply_with`](Self::reply_with) says. A full queue is a fault:
/// `Fault::status(429)`.
///
/// A session is opened by a payload to `/session/create` (201 with its `session_id`), looked up by `/session/get`, closed by `/session/end`,
/// and lets its `auth_data` be used again.
///
/// ```
/// use serde_json::{Value, json};
/// use vastai_mock::{Simulator, WorkerReply};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::start().await?;
/// let worker = sim.serve_worker(30_215_872)?;
/// worker.reply_with(WorkerReply::Events(vec![json!({ "token": "Hello" })]));
///
/// let client = reqwest::Client::new();
/// let route = client.post(format!("{}/route/", sim.url())).bearer_auth(sim.api_key());
/// let assigned: Value = route
///     .json(&json!({ "endpoint": "vLLM-Qwen3-8B", "cost": 100.0 }))
///     .send()
///     .await?
///     .json()
///     .await?;
/// let response = client
///     .post(format!("{}/v1/completions", worker.url()))
///     .json(&json!({ "auth_data": assigned, "payload": { "prompt": "Hi" } }))
///     .send()
///     .await?;
/// assert!(response.text().await?.starts_with("data: {\"token\":\"Hello\"}\n\n"));
/// assert_eq!(worker.payloads(), [json!({ "prompt": "Hi" })]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ServedWorker {
    id: i64,
    service: Arc<Mutex<WorkerService>>,
    server: Running,
}

impl ServedWorker {
    pub(crate) fn start(id: i64, world: Arc<Mutex<Service>>, place: Place) -> io::Result<Self> {
        let service = Arc::new(Mutex::new(WorkerService::new(id, Arc::clone(&world))));
        let server = Running::at(place, Arc::clone(&service))?;
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = world.state.set_worker_url(id, server.url());
        moved.map_err(|error| io::Error::new(io::ErrorKind::NotFound, error))?;
        drop(world);
        Ok(Self { id, service, server })
    }

    /// The worker's id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Where it takes requests, without a slash at the end. This is its `url` in the responses of *route* and *get endpoint workers*.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Chooses what it answers to payloads from now on.
    pub fn reply_with(&self, reply: WorkerReply) {
        self.service().reply = reply;
    }

    /// Lets a fault hit the next requests. What is done after the effect has taken the payload.
    pub fn inject(&self, fault: Fault) {
        self.service().faults.inject("", fault);
    }

    /// Draws a fault for every request that no injected fault hits. A plan that is for some [operations only](FaultPlan::only) is for none
    /// of a worker.
    pub fn plan_faults(&self, plan: FaultPlan) {
        self.service().faults.plan(plan);
    }

    /// Forgets the faults.
    pub fn clear_faults(&self) {
        self.service().faults.clear();
    }

    /// Forgets the sessions: those who go on with one get 410.
    pub fn lose_sessions(&self) {
        self.service().sessions.clear();
    }

    /// The payloads that it took and worked on, in order, whether the responses arrived or not. Those of sessions' own calls are not among
    /// them.
    pub fn payloads(&self) -> Vec<Value> {
        self.service().payloads.clone()
    }

    /// Every request received so far, in order, also those that were refused.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service().record.requests()
    }

    /// Stops it as [`Simulator::stop`](crate::Simulator::stop) does. Dropping it cuts everything off at once.
    ///
    /// # Errors
    ///
    /// The server had failed.
    pub async fn stop(self) -> io::Result<()> {
        self.server.stop().await
    }

    fn service(&self) -> MutexGuard<'_, WorkerService> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
