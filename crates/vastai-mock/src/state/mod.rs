//! The simulated world: endpoints with their workergroups and workers, instances, and the clock
//! that moves them.

mod account;
mod assigned;
mod billing;
mod deployment;
mod endpoint;
mod fields;
mod host;
mod instance;
mod log;
mod offer;
mod phase;
pub(crate) mod sample;
mod store;
mod team;
mod tfa;
mod worker;

use std::collections::BTreeMap;
use std::time::Duration;

pub use billing::{Charge, Invoice};
pub use endpoint::{Endpoint, Workergroup};
pub use instance::Instance;
pub use offer::Offer;
pub use phase::Phase;
pub use worker::Worker;

pub(crate) use account::{USER, api_key, network_volume, ssh_key, template_hash, volume};
pub(crate) use billing::Billed;
pub(crate) use endpoint::{Assignment, LiveEndpoint, LiveWorkergroup};
pub(crate) use host::{join, leave, nodes};
pub(crate) use instance::LiveInstance;
pub(crate) use offer::LiveOffer;
pub(crate) use store::Store;
pub(crate) use tfa::{Pending, Unproved};

use account::Account;
use assigned::Assigned;
use serde_json::{Map, Value};

/// The simulator has nothing of this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotFound {
    /// No worker has this id.
    #[error("the simulator has no worker {0}")]
    Worker(i64),
    /// No workergroup has this id.
    #[error("the simulator has no workergroup {0}")]
    Workergroup(u64),
    /// No endpoint has this id.
    #[error("the simulator has no endpoint {0}")]
    Endpoint(u64),
    /// No instance has this id.
    #[error("the simulator has no instance {0}")]
    Instance(u64),
    /// No offer has this id.
    #[error("the simulator has no offer {0}")]
    Offer(u64),
    /// No API key of the account has this id.
    #[error("the simulator has no API key {0}")]
    ApiKey(u64),
    /// The account has no SSH key of this id, or the instance has none.
    #[error("the simulator has no SSH key {0}")]
    SshKey(u64),
    /// No template has this id.
    #[error("the simulator has no template {0}")]
    Template(u64),
    /// No offer of volumes has this id.
    #[error("the simulator has no offer of volumes {0}")]
    VolumeOffer(u64),
    /// No volume has this id.
    #[error("the simulator has no volume {0}")]
    Volume(u64),
    /// The host has no machine of this id.
    #[error("the simulator has no machine {0}")]
    Machine(u64),
    /// No environment variable has this name.
    #[error("the simulator has no environment variable {0}")]
    EnvVar(String),
}

/// The id of the first worker that is recruited.
const FIRST_RECRUIT: u64 = 31_000_001;

impl Rentals {
    fn none() -> Self {
        Self { like: Instance::loading(), next_id: 29_000_001, count: 0, by_label: BTreeMap::new() }
    }
}

/// The world at one moment.
#[derive(Debug)]
pub(crate) struct State {
    /// Since the Unix epoch.
    now: Duration,
    endpoints: BTreeMap<u64, LiveEndpoint>,
    instances: BTreeMap<u64, LiveInstance>,
    rentals: Rentals,
    invoices: Vec<Invoice>,
    charges: Vec<Charge>,
    /// How many invoices and charges there ever were.
    entries: u64,
    assigned: Assigned,
    offers: BTreeMap<u64, LiveOffer>,
    pub(crate) account: Account,
    next_serverless_id: u64,
}

/// What came of an attempt to rent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rental {
    /// The id of the new instance.
    Rented(u64),
    NoSuchOffer,
    /// The offer was rented before.
    TakenOffer,
}

/// What was rented by requests, also what is gone again.
#[derive(Debug)]
struct Rentals {
    /// What a machine is like when it is rented.
    like: Instance,
    next_id: u64,
    count: u64,
    by_label: BTreeMap<String, u64>,
}

impl State {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            now,
            endpoints: BTreeMap::new(),
            instances: BTreeMap::new(),
            rentals: Rentals::none(),
            invoices: Vec::new(),
            charges: Vec::new(),
            entries: 0,
            assigned: Assigned::default(),
            offers: BTreeMap::new(),
            account: Account::new(),
            next_serverless_id: 20_001,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        // What is added or changed is at once as it has to be now.
        if by.is_zero() {
            return;
        }
        self.now = self.now.saturating_add(by);
        for endpoint in self.endpoints.values_mut() {
            endpoint.advance_to(self.now);
        }
        for instance in self.instances.values_mut() {
            instance.advance_to(self.now);
        }
    }

    pub(crate) fn add_endpoint(&mut self, endpoint: Endpoint) {
        let endpoint = LiveEndpoint::new(endpoint, self.now);
        self.endpoints.insert(endpoint.id(), endpoint);
    }

    pub(crate) fn add_instance(&mut self, instance: Instance) {
        let instance = LiveInstance::new(instance, self.now);
        self.instances.insert(instance.id(), instance);
    }

    pub(crate) fn add_worker(&mut self, workergroup_id: u64, worker: Worker) -> Result<(), NotFound> {
        let mut endpoints = self.endpoints.values_mut();
        let endpoint = endpoints.find(|endpoint| endpoint.workergroup(workergroup_id).is_some());
        let endpoint = endpoint.ok_or(NotFound::Workergroup(workergroup_id))?;
        endpoint.add_worker(workergroup_id, worker, self.now);
        Ok(())
    }

    /// Rents a worker for a workergroup, with the GPUs that its search names. It takes requests once it is served, which gives it its URL.
    pub(crate) fn recruit(&mut self, workergroup_id: u64, search: &str) -> Result<(), NotFound> {
        let wanted = |field: &str| {
            let mut words = search.split_whitespace().filter_map(|word| word.split_once('='));
            words.find(|(name, _)| *name == field).map(|(_, value)| value.replace('_', " "))
        };
        let (gpu, count) = (wanted("gpu_name"), wanted("num_gpus"));
        let mut offers = self.offers.values().filter(|offer| !offer.is_rented()).map(LiveOffer::terms);
        let fits = |(name, gpus, _): &(&str, u32, f64)| {
            gpu.as_ref().is_none_or(|gpu| gpu == name)
                && count.as_ref().is_none_or(|count| *count == gpus.to_string())
        };
        let (gpu_name, num_gpus, dph_total) =
            offers.find(|terms| gpu.is_some() && fits(terms)).unwrap_or(("RTX 4090", 1, 0.4021));
        let is_worker = |id: u64| {
            let mut ids = self.endpoints.values().flat_map(LiveEndpoint::worker_ids);
            ids.any(|worker| worker.unsigned_abs() == id)
        };
        let taken = |id: &u64| self.instances.contains_key(id) || is_worker(*id);
        let id = (FIRST_RECRUIT..i64::MAX.unsigned_abs()).find(|id| !taken(id)).unwrap_or(FIRST_RECRUIT);
        let machine = Instance::loading().gpus(gpu_name, num_gpus).dph_total(dph_total);
        self.add_worker(workergroup_id, Worker::new(id.cast_signed()).url("").phase(Phase::Created))?;
        self.add_instance(machine.rented_as(id, None));
        Ok(())
    }

    pub(crate) fn set_phase(&mut self, worker_id: i64, phase: &Phase) -> Result<(), NotFound> {
        let now = self.now;
        let mut endpoints = self.endpoints.values_mut();
        let found = endpoints.any(|endpoint| endpoint.set_phase(worker_id, phase, now));
        if found { Ok(()) } else { Err(NotFound::Worker(worker_id)) }
    }

    pub(crate) fn set_load(
        &mut self,
        worker_id: i64,
        per_second: f64,
        requests: u64,
    ) -> Result<(), NotFound> {
        let mut endpoints = self.endpoints.values_mut();
        let worker = endpoints.find_map(|endpoint| endpoint.worker_mut(worker_id));
        worker.ok_or(NotFound::Worker(worker_id))?.set_load(per_second, requests);
        Ok(())
    }

    pub(crate) fn remove_worker(&mut self, worker_id: i64) -> Result<(), NotFound> {
        let now = self.now;
        let found = self.endpoints.values_mut().any(|endpoint| endpoint.remove_worker(worker_id, now));
        if found { Ok(()) } else { Err(NotFound::Worker(worker_id)) }
    }

    /// In the order of their ids, as are the instances.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &LiveEndpoint> {
        self.endpoints.values()
    }

    pub(crate) fn endpoint(&self, id: u64) -> Option<&LiveEndpoint> {
        self.endpoints.get(&id)
    }

    pub(crate) fn endpoint_named(&self, name: &str) -> Option<&LiveEndpoint> {
        self.endpoints.values().find(|endpoint| endpoint.name() == name)
    }

    pub(crate) fn endpoint_mut(&mut self, id: u64) -> Option<&mut LiveEndpoint> {
        self.endpoints.get_mut(&id)
    }

    /// A workergroup, and the endpoint that it belongs to.
    pub(crate) fn workergroup(&self, id: u64) -> Option<(&LiveEndpoint, &LiveWorkergroup)> {
        self.endpoints.values().find_map(|endpoint| Some((endpoint, endpoint.workergroup(id)?)))
    }

    pub(crate) fn instances(&self) -> impl ExactSizeIterator<Item = &LiveInstance> {
        self.instances.values()
    }

    pub(crate) fn instance(&self, id: u64) -> Option<&LiveInstance> {
        self.instances.get(&id)
    }

    pub(crate) fn instance_mut(&mut self, id: u64) -> Option<&mut LiveInstance> {
        self.instances.get_mut(&id)
    }

    pub(crate) fn destroy(&mut self, id: u64) -> bool {
        self.instances.remove(&id).is_some()
    }

    pub(crate) fn rent_like(&mut self, instance: Instance) {
        self.rentals.like = instance;
    }

    pub(crate) fn add_offer(&mut self, offer: Offer) {
        let offer = LiveOffer::new(offer, self.now);
        self.offers.insert(offer.id(), offer);
    }

    pub(crate) fn offers(&self) -> impl Iterator<Item = &LiveOffer> {
        self.offers.values()
    }

    /// An id for a new offer.
    pub(crate) fn new_offer_id(&self) -> u64 {
        self.offers.last_key_value().map_or(14_500_001, |(id, _)| id.saturating_add(1).max(14_500_001))
    }

    /// Whether there was such an offer.
    pub(crate) fn remove_offer(&mut self, id: u64) -> bool {
        self.offers.remove(&id).is_some()
    }

    /// Rents an offer to somebody else; whether there is such an offer.
    pub(crate) fn take_offer(&mut self, id: u64) -> bool {
        self.offers.get_mut(&id).map(LiveOffer::rent).is_some()
    }

    /// Rents a machine.
    pub(crate) fn rent(&mut self, ask: u64, label: Option<&str>, only_offers: bool) -> Rental {
        let mut instance = self.rentals.like.clone();
        let mut machine = Map::new();
        match self.offers.get_mut(&ask) {
            Some(offer) if offer.is_rented() => return Rental::TakenOffer,
            Some(offer) => {
                offer.rent();
                let (gpu_name, num_gpus, dph_total) = offer.terms();
                instance = instance.gpus(gpu_name, num_gpus).dph_total(dph_total);
                machine = offer.machine();
            }
            None if only_offers => return Rental::NoSuchOffer,
            None => {}
        }
        let taken = |id: &u64| self.instances.contains_key(id);
        let id = (self.rentals.next_id..).find(|id| !taken(id)).unwrap_or(u64::MAX);
        self.rentals.next_id = id.saturating_add(1);
        self.rentals.count += 1;
        if let Some(label) = label {
            *self.rentals.by_label.entry(label.to_owned()).or_default() += 1;
        }
        self.add_instance(instance.rented_as(id, label));
        if let Some(instance) = self.instance_mut(id) {
            instance.complete(machine);
        }
        Rental::Rented(id)
    }

    pub(crate) fn machines_rented(&self) -> u64 {
        self.rentals.count
    }

    pub(crate) fn machines_rented_with_label(&self, label: &str) -> u64 {
        self.rentals.by_label.get(label).copied().unwrap_or_default()
    }

    pub(crate) fn add_invoice(&mut self, mut invoice: Invoice) {
        invoice.entry.number = self.next_entry();
        self.invoices.push(invoice);
    }

    pub(crate) fn add_charge(&mut self, mut charge: Charge) {
        charge.entry.number = self.next_entry();
        self.charges.push(charge);
    }

    fn next_entry(&mut self) -> u64 {
        self.entries += 1;
        self.entries
    }

    pub(crate) fn clear_billing(&mut self) {
        self.invoices.clear();
        self.charges.clear();
    }

    pub(crate) fn invoices(&self) -> &[Invoice] {
        &self.invoices
    }

    pub(crate) fn charges(&self) -> &[Charge] {
        &self.charges
    }

    pub(crate) fn set_worker_url(&mut self, worker_id: i64, url: &str) -> Result<(), NotFound> {
        let mut endpoints = self.endpoints.values_mut();
        let worker = endpoints.find_map(|endpoint| endpoint.worker_mut(worker_id));
        worker.ok_or(NotFound::Worker(worker_id))?.set_url(url);
        Ok(())
    }

    /// Keeps what *route* answered when it assigned a worker.
    pub(crate) fn note_assigned(&mut self, worker_id: i64, response: &Value) {
        self.assigned.note(worker_id, response);
    }

    /// Whether *route* assigned this worker with these data.
    pub(crate) fn assigned(&self, worker_id: i64, auth_data: &Value) -> bool {
        self.assigned.knows(worker_id, auth_data)
    }

    /// An id for a new endpoint or workergroup.
    pub(crate) fn new_serverless_id(&mut self) -> u64 {
        let taken = |id: &u64| self.endpoints.contains_key(id) || self.workergroup(*id).is_some();
        let id = (self.next_serverless_id..).find(|id| !taken(id)).unwrap_or(u64::MAX);
        self.next_serverless_id = id.saturating_add(1);
        id
    }

    /// Adds a workergroup to an endpoint.
    pub(crate) fn add_workergroup(&mut self, endpoint_id: u64, group: Workergroup) -> Result<(), NotFound> {
        let endpoint = self.endpoints.get_mut(&endpoint_id).ok_or(NotFound::Endpoint(endpoint_id))?;
        endpoint.add_workergroup(group, self.now);
        Ok(())
    }

    pub(crate) fn workergroup_mut(&mut self, id: u64) -> Option<&mut LiveWorkergroup> {
        self.endpoints.values_mut().find_map(|endpoint| endpoint.workergroup_mut(id))
    }

    /// The ids of the workers that went with it, if there was such an endpoint.
    pub(crate) fn remove_endpoint(&mut self, id: u64) -> Option<Vec<i64>> {
        let workers = self.endpoints.remove(&id)?.worker_ids();
        Some(self.dismissed(workers))
    }

    /// The ids of the workers that went with it, if there was such a workergroup.
    pub(crate) fn remove_workergroup(&mut self, id: u64) -> Option<Vec<i64>> {
        let workers = self.endpoints.values_mut().find_map(|endpoint| endpoint.remove_workergroup(id))?;
        Some(self.dismissed(workers))
    }

    /// Workers that are gone, whose machines go, too: a worker has the id of its instance.
    fn dismissed(&mut self, workers: Vec<i64>) -> Vec<i64> {
        let machines = workers.iter().filter_map(|id| u64::try_from(*id).ok());
        machines.for_each(|id| drop(self.instances.remove(&id)));
        workers
    }
}
