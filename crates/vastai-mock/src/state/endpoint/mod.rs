//! Endpoints and workergroups: how they are set up.

mod live;
mod workergroup;

use std::time::Duration;

use super::fields::{Fields, settable_fields};
use super::worker::Worker;
use crate::key::Key;

pub(crate) use live::{Assignment, LiveEndpoint};
pub(crate) use workergroup::LiveWorkergroup;

/// A workergroup to put into an endpoint.
#[derive(Debug, Clone)]
#[must_use]
pub struct Workergroup {
    id: u64,
    workers: Vec<Worker>,
    fields: Fields,
}

impl Workergroup {
    /// A workergroup without workers. Its id should be no other workergroup's, in this or another
    /// endpoint.
    pub fn new(id: u64) -> Self {
        Self { id, workers: Vec::new(), fields: Fields::default() }
    }

    /// Adds a worker; it replaces one of the same id.
    pub fn worker(mut self, worker: Worker) -> Self {
        self.workers.push(worker);
        self
    }
}

settable_fields!(Workergroup, fields);

/// A serverless endpoint to put into the simulator.
///
/// ```
/// use vastai_mock::{Endpoint, Worker, Workergroup};
///
/// let endpoint = Endpoint::new(77, "embeddings")
///     .api_key("mock-embeddings-key")
///     .workergroup(Workergroup::new(770).worker(Worker::new(1)).worker(Worker::new(2)));
/// # let _ = endpoint;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Endpoint {
    id: u64,
    name: String,
    api_key: Key,
    age: Duration,
    workergroups: Vec<Workergroup>,
    fields: Fields,
}

impl Endpoint {
    /// An endpoint without workergroups. Its key is `mock-endpoint-key-` and the id.
    pub fn new(id: u64, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            api_key: Key::new(format!("mock-endpoint-key-{id}")),
            age: Duration::ZERO,
            workergroups: Vec::new(),
            fields: Fields::default(),
        }
    }

    /// Its key.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Key::new(key);
        self
    }

    /// How long ago it was created when it is added.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Adds a workergroup; it replaces one of the same id.
    pub fn workergroup(mut self, workergroup: Workergroup) -> Self {
        self.workergroups.push(workergroup);
        self
    }
}

settable_fields!(Endpoint, fields);
