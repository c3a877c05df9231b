//! The simulated world, as tests change it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Simulator;
use crate::record::RecordedRequest;
use crate::state::{
    Charge, Endpoint, Instance, Invoice, LiveEndpoint, LiveInstance, LiveOffer, NotFound, Offer, Phase,
    Worker, Workergroup, volume,
};
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

    /// Removes an endpoint, with its workergroups and workers, as *delete endpoint* does.
    ///
    /// # Errors
    ///
    /// There is no such endpoint.
    pub fn remove_endpoint(&self, endpoint_id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.remove_endpoint(endpoint_id);
        removed.map(drop).ok_or(NotFound::Endpoint(endpoint_id))
    }

    /// The ids of all endpoints, in their order.
    pub fn endpoint_ids(&self) -> Vec<u64> {
        self.service().state.endpoints().map(LiveEndpoint::id).collect()
    }

    /// Adds a workergroup with its workers to an endpoint; it replaces one of the same id.
    ///
    /// # Errors
    ///
    /// There is no such endpoint.
    pub fn add_workergroup(&self, endpoint_id: u64, workergroup: Workergroup) -> Result<(), NotFound> {
        self.service().state.add_workergroup(endpoint_id, workergroup)
    }

    /// Removes a workergroup with its workers, as *delete workergroup* does.
    ///
    /// # Errors
    ///
    /// There is no such workergroup.
    pub fn remove_workergroup(&self, workergroup_id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.remove_workergroup(workergroup_id);
        removed.map(drop).ok_or(NotFound::Workergroup(workergroup_id))
    }

    /// Adds a worker to a workergroup; it replaces one of the same id.
    ///
    /// # Errors
    ///
    /// There is no such workergroup.
    pub fn add_worker(&self, workergroup_id: u64, worker: Worker) -> Result<(), NotFound> {
        self.service().state.add_worker(workergroup_id, worker)
    }

    /// Removes a worker, as when the engine destroys one. A [server](Self::serve_worker) that it has goes on until it is stopped.
    ///
    /// # Errors
    ///
    /// There is no such worker.
    pub fn remove_worker(&self, worker_id: i64) -> Result<(), NotFound> {
        self.service().state.remove_worker(worker_id)
    }

    /// The ids of a workergroup's workers; none where there is no such workergroup.
    pub fn worker_ids_of(&self, workergroup_id: u64) -> Vec<i64> {
        let service = self.service();
        service.state.workergroup(workergroup_id).map(|(_, group)| group.worker_ids()).unwrap_or_default()
    }

    /// The ids of an endpoint's workers; none where there is no such endpoint.
    pub fn worker_ids(&self, endpoint_id: u64) -> Vec<i64> {
        self.service().state.endpoint(endpoint_id).map(LiveEndpoint::worker_ids).unwrap_or_default()
    }

    /// The ids of an endpoint's workergroups, in their order; none where there is no such endpoint.
    pub fn workergroup_ids(&self, endpoint_id: u64) -> Vec<u64> {
        self.service().state.endpoint(endpoint_id).map(LiveEndpoint::workergroup_ids).unwrap_or_default()
    }

    /// Adds an instance; it replaces one of the same id.
    pub fn add_instance(&self, instance: Instance) {
        self.service().state.add_instance(instance);
    }

    /// Removes an instance, as when its host takes the machine back or somebody else destroys it.
    ///
    /// # Errors
    ///
    /// There is no such instance.
    pub fn remove_instance(&self, instance_id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.destroy(instance_id);
        if removed { Ok(()) } else { Err(NotFound::Instance(instance_id)) }
    }

    /// The ids of all instances, in their order: a test asks here whether a program has left a machine behind.
    pub fn instance_ids(&self) -> Vec<u64> {
        self.service().state.instances().map(LiveInstance::id).collect()
    }

    /// An instance as *show instance* shows it; `None` where there is none of this id.
    pub fn instance(&self, instance_id: u64) -> Option<Value> {
        let service = self.service();
        let now = service.state.now();
        service.state.instance(instance_id).map(|instance| instance.to_json(now))
    }

    /// Adds an offer; it replaces one of the same id, also if that was rented.
    pub fn add_offer(&self, offer: Offer) {
        self.service().state.add_offer(offer);
    }

    /// Removes an offer, as when its host takes the machine off the market.
    ///
    /// # Errors
    ///
    /// There is no such offer.
    pub fn remove_offer(&self, offer_id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.remove_offer(offer_id);
        if removed { Ok(()) } else { Err(NotFound::Offer(offer_id)) }
    }

    /// Rents an offer to somebody else: a client that takes it now is too late, and gets 410, `no_such_ask`. It does not count among the
    /// [machines rented](Self::machines_rented).
    ///
    /// # Errors
    ///
    /// There is no such offer.
    pub fn take_offer(&self, offer_id: u64) -> Result<(), NotFound> {
        let taken = self.service().state.take_offer(offer_id);
        if taken { Ok(()) } else { Err(NotFound::Offer(offer_id)) }
    }

    /// The ids of the offers that nobody has rented, in their order.
    pub fn offer_ids(&self) -> Vec<u64> {
        let service = self.service();
        service.state.offers().filter(|offer| !offer.is_rented()).map(LiveOffer::id).collect()
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
    /// There is no such worker ([`io::ErrorKind::NotFound`]), or no port is free.
    pub fn serve_worker(&self, worker_id: i64) -> io::Result<ServedWorker> {
        ServedWorker::start(worker_id, Arc::clone(&self.service), self.place)
    }

    /// Lets the next responses of *route*, of whatever endpoint, assign no worker although there is one: so many requests have to wait and
    /// ask again.
    pub fn let_routes_wait(&self, responses: u64) {
        self.service().routes_to_wait = responses;
    }

    /// Adds an invoice.
    pub fn add_invoice(&self, invoice: Invoice) {
        self.service().state.add_invoice(invoice);
    }

    /// Adds a charge of a contract, which may have several.
    pub fn add_charge(&self, charge: Charge) {
        self.service().state.add_charge(charge);
    }

    /// Removes all invoices and charges, those of the sample too.
    pub fn clear_billing(&self) {
        self.service().state.clear_billing();
    }

    /// Adds an API key, which opens what the account's own opens; it replaces one of the same id.
    pub fn add_api_key(&self, id: u64, key: &str) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.put_api_key(id, key, now);
    }

    /// Removes an API key; the account's own stays.
    ///
    /// # Errors
    ///
    /// There is no such key.
    pub fn remove_api_key(&self, id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.api_keys.remove(id);
        if removed { Ok(()) } else { Err(NotFound::ApiKey(id)) }
    }

    /// Adds a public SSH key to the account; it replaces one of the same id.
    pub fn add_ssh_key(&self, id: u64, public_key: &str) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.put_ssh_key(id, public_key, now);
    }

    /// Removes a public SSH key of the account.
    ///
    /// # Errors
    ///
    /// There is no such key.
    pub fn remove_ssh_key(&self, id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.ssh_keys.remove(id);
        if removed { Ok(()) } else { Err(NotFound::SshKey(id)) }
    }

    /// Adds a public SSH key to an instance; it replaces one of the same id.
    pub fn attach_ssh_key(&self, instance_id: u64, key_id: u64, public_key: &str) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.attach_ssh_key(instance_id, key_id, public_key, now);
    }

    /// Removes a public SSH key of an instance.
    ///
    /// # Errors
    ///
    /// The instance has no such key.
    pub fn detach_ssh_key(&self, instance_id: u64, key_id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.attached_to(instance_id).remove(key_id);
        if removed { Ok(()) } else { Err(NotFound::SshKey(key_id)) }
    }

    /// Adds a template with these contents, such as `{"name": "vLLM", "image": "vllm/vllm-openai"}`; it replaces one of the same id. Its
    /// `hash_id` follows from the contents unless they have one.
    pub fn add_template(&self, id: u64, contents: Value) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.put_template(id, contents, now);
    }

    /// Adds an offer of volumes: so many GB on a machine, for so many dollars a GB and month. It replaces one of the same id.
    pub fn add_volume_offer(&self, id: u64, machine: u64, gigabytes: f64, dollars_per_gigabyte: f64) {
        self.service().state.account.put_volume_offer(id, machine, gigabytes, dollars_per_gigabyte);
    }

    /// Removes an offer of volumes.
    ///
    /// # Errors
    ///
    /// There is no such offer.
    pub fn remove_volume_offer(&self, id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.volume_offers.remove(id);
        if removed { Ok(()) } else { Err(NotFound::VolumeOffer(id)) }
    }

    /// Adds a volume of so many GB on a machine, as if it had been rented; it replaces one of the same id.
    pub fn add_volume(&self, id: u64, machine: u64, gigabytes: f64) {
        let mut service = self.service();
        let now = service.state.now().as_secs_f64();
        service.state.account.volumes.put(id, volume(id, &machine.into(), gigabytes, now));
    }

    /// Removes a volume.
    ///
    /// # Errors
    ///
    /// There is no such volume.
    pub fn remove_volume(&self, id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.volumes.remove(id);
        if removed { Ok(()) } else { Err(NotFound::Volume(id)) }
    }

    /// The ids of the volumes that are rented, in their order.
    pub fn volume_ids(&self) -> Vec<u64> {
        let service = self.service();
        let volumes = service.state.account.volumes.iter();
        volumes.filter_map(|volume| volume.get("id")?.as_u64()).collect()
    }

    /// Removes a template.
    ///
    /// # Errors
    ///
    /// There is no such template.
    pub fn remove_template(&self, id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.templates.remove(id);
        if removed { Ok(()) } else { Err(NotFound::Template(id)) }
    }

    /// Sets an environment variable of the account.
    pub fn set_env_var(&self, name: impl Into<String>, value: impl Into<String>) {
        self.service().state.account.secrets.insert(name.into(), value.into());
    }

    /// Removes an environment variable of the account.
    ///
    /// # Errors
    ///
    /// There is no such variable.
    pub fn remove_env_var(&self, name: &str) -> Result<(), NotFound> {
        let removed = self.service().state.account.secrets.remove(name);
        removed.map(drop).ok_or_else(|| NotFound::EnvVar(name.to_owned()))
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
    /// let response: Value = logs.bearer_auth(sim.api_key()).json(&json!({})).send().await?.json().await?;
    /// let url = response["result_url"].as_str().unwrap_or_default();
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
