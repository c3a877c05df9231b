//! Workergroups as they live.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::state::fields::Fields;
use crate::state::log::Log;
use crate::state::phase::Phase;
use crate::state::worker::{Event, LiveWorker, Worker};

/// A workergroup in the world.
#[derive(Debug, Default)]
pub(crate) struct LiveWorkergroup {
    /// In the order in which they were added, which is the order of the responses.
    pub(super) workers: Vec<LiveWorker>,
    pub(super) log: Log,
    pub(super) fields: Fields,
    /// Since the Unix epoch.
    pub(super) created_at: Duration,
}

impl LiveWorkergroup {
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn worker_ids(&self) -> Vec<i64> {
        self.workers.iter().map(LiveWorker::id).collect()
    }

    /// Sets fields of its JSON.
    pub(crate) fn set_fields(&mut self, members: Map<String, Value>) {
        self.fields.extend(members);
    }

    /// The workers as *get workergroup workers* has them: what was measured is not shown there.
    pub(crate) fn workers_json(&self, now: Duration) -> Vec<Value> {
        let workers = self.workers.iter().map(|worker| worker.to_json(now));
        workers
            .map(|mut worker| {
                worker.remove("measured_perf");
                worker.into()
            })
            .collect()
    }

    /// The workers that are ready.
    pub(crate) fn ready(&self) -> Vec<i64> {
        self.workers.iter().filter(|worker| *worker.phase() == Phase::Idle).map(LiveWorker::id).collect()
    }

    /// Whether a worker is on its way to be ready.
    pub(crate) fn is_loading(&self) -> bool {
        self.workers.iter().any(|worker| matches!(worker.phase(), Phase::Loading | Phase::ModelLoading))
    }

    /// The idle worker with the most room, and the log to write it to.
    pub(super) fn roomiest(&mut self, now: Duration) -> Option<(&mut Log, &mut LiveWorker)> {
        let can_work = |worker: &&mut LiveWorker| *worker.phase() == Phase::Idle && !worker.url().is_empty();
        let idle = self.workers.iter_mut().filter(can_work);
        let worker = idle.min_by(|a, b| a.utilization(now).total_cmp(&b.utilization(now)))?;
        Some((&mut self.log, worker))
    }

    /// Whether there was such a worker.
    pub(super) fn remove_worker(&mut self, id: i64) -> bool {
        let before = self.workers.len();
        self.workers.retain(|worker| worker.id() != id);
        self.workers.len() < before
    }

    pub(super) fn add_worker(&mut self, worker: Worker, now: Duration) -> Vec<Event> {
        let (worker, events) = LiveWorker::new(worker, now);
        match self.workers.iter_mut().find(|old| old.id() == worker.id()) {
            Some(old) => *old = worker,
            None => self.workers.push(worker),
        }
        events
    }
}
