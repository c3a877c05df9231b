//! The simulated world, as tests change it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::Simulator;
use crate::record::RecordedRequest;
use crate::state::{Charge, Endpoint, Instance, Invoice, NotFound, Offer, Phase, Worker};
use crate::worker::ServedWorker;

impl Simulator {
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

    /// Adds a template with these contents, such as `{"name": "vLLM", "image": "vllm/vllm-openai"}`; it replaces one of the same id. Its
    /// `hash_id` follows from the contents unless they have one.
    pub fn add_template(&self, id: u64, contents: serde_json::Value) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.put_template(id, contents, now);
    }

    /// Sets an environment variable of the account.
    pub fn set_env_var(&self, name: impl Into<String>, value: impl Into<String>) {
        self.service().state.account.secrets.insert(name.into(), value.into());
    }

    /// What the files contain that appear at a `result_url` from now on: the logs of an instance, or what a command printed.
    ///
    /// ```
    /// use serde_json::{Value, json};
    /// use vastai_mock::Simulator;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::start().await?;
    /// sim.write_results("epoch 1: loss 0.25\n");
    /// sim.let_results_wait(1);
    ///
    /// let client = reqwest::Client::new();
    /// let logs = client.put(format!("{}/api/v0/instances/request_logs/28004311/", sim.url()));
    /// let answer: Value = logs.bearer_auth(sim.api_key()).json(&json!({})).send().await?.json().await?;
    /// let url = answer["result_url"].as_str().unwrap_or_default();
    /// // Not yet there, then there; a key would be refused.
    /// assert_eq!(client.get(url).send().await?.status(), 404);
    /// assert_eq!(client.get(url).send().await?.text().await?, "epoch 1: loss 0.25\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn write_results(&self, text: impl Into<String>) {
        self.service().files.text = text.into();
    }

    /// After how many polls in vain a file is there at its `result_url`. The default is 2.
    pub fn let_results_wait(&self, polls: u32) {
        self.service().files.polls = polls;
    }

    /// Every request for a `result_url` so far, in order. A key must not have come there.
    pub fn result_requests(&self) -> Vec<RecordedRequest> {
        self.service().files.record.requests()
    }
}
