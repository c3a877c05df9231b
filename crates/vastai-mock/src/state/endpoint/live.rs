//! Endpoints as they live.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Endpoint, LiveWorkergroup, Workergroup};
use crate::state::fields::object;
use crate::state::log::{Level, Log};
use crate::state::phase::Phase;
use crate::state::worker::{Event, LiveWorker, Worker};

/// A worker that *route* chose.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) worker_id: i64,
    pub(crate) url: String,
    /// The number of the request on this worker.
    pub(crate) reqnum: u64,
}

/// An endpoint in the world. Times are since the Unix epoch.
#[derive(Debug)]
pub(crate) struct LiveEndpoint {
    /// Without its workergroups, which live on their own.
    spec: Endpoint,
    created_at: Duration,
    workergroups: BTreeMap<u64, LiveWorkergroup>,
    log: Log,
    /// The last index given to a request.
    request_idx: u64,
}

impl LiveEndpoint {
    pub(in crate::state) fn new(mut spec: Endpoint, now: Duration) -> Self {
        let workergroups = std::mem::take(&mut spec.workergroups);
        let created_at = now.saturating_sub(spec.age);
        let mut endpoint =
            Self { spec, created_at, workergroups: BTreeMap::new(), log: Log::default(), request_idx: 0 };
        let mut events = Vec::new();
        for group in workergroups {
            events.extend(endpoint.insert(group, created_at, now));
        }
        endpoint.write(events);
        endpoint
    }

    /// Puts a workergroup in the place of one of the same id, and gives the events of its workers.
    fn insert(&mut self, group: Workergroup, created_at: Duration, now: Duration) -> Vec<(u64, Event)> {
        let Workergroup { id, workers, fields } = group;
        let mut group = LiveWorkergroup { fields, created_at, ..LiveWorkergroup::default() };
        let events = workers.into_iter().flat_map(|worker| group.add_worker(worker, now));
        let events = events.map(|event| (id, event)).collect();
        self.workergroups.insert(id, group);
        events
    }

    pub(in crate::state) fn add_workergroup(&mut self, group: Workergroup, now: Duration) {
        let events = self.insert(group, now, now);
        self.write(events);
    }

    /// The ids of its workers, if there was such a workergroup.
    pub(in crate::state) fn remove_workergroup(&mut self, id: u64) -> Option<Vec<i64>> {
        Some(self.workergroups.remove(&id)?.worker_ids())
    }

    pub(in crate::state) fn workergroup_mut(&mut self, id: u64) -> Option<&mut LiveWorkergroup> {
        self.workergroups.get_mut(&id)
    }

    pub(crate) fn worker_ids(&self) -> Vec<i64> {
        self.workergroups.values().flat_map(LiveWorkergroup::worker_ids).collect()
    }

    pub(crate) fn workergroup_ids(&self) -> Vec<u64> {
        self.workergroups.keys().copied().collect()
    }

    /// Sets fields of its JSON.
    pub(crate) fn set_fields(&mut self, members: Map<String, Value>) {
        if let Some(name) = members.get("endpoint_name").and_then(Value::as_str) {
            name.clone_into(&mut self.spec.name);
        }
        self.spec.fields.extend(members);
    }

    /// The workergroups as *show workergroups* has them.
    pub(crate) fn workergroups_json(&self) -> impl Iterator<Item = Value> {
        self.workergroups.iter().map(|(id, group)| {
            let mut members = object([json!({
                "id": id,
                "endpoint_id": self.spec.id,
                "endpoint_name": self.spec.name,
                "api_key": self.api_key(),
                "user_id": 456,
                "created_at": group.created_at.as_secs_f64(),
                "min_load": 0.0,
                "target_util": 0.9,
                "cold_mult": 2.5,
                "test_workers": 3,
                "gpu_ram": 24,
                "launch_args": "",
                "search_query": { "rentable": { "eq": true }, "verified": { "eq": true } },
                "template_hash": null,
                "template_id": null,
            })]);
            group.fields.apply(&mut members);
            members.into()
        })
    }

    pub(crate) fn id(&self) -> u64 {
        self.spec.id
    }

    pub(crate) fn name(&self) -> &str {
        &self.spec.name
    }

    pub(crate) fn api_key(&self) -> &str {
        self.spec.api_key.as_str()
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn workergroup(&self, id: u64) -> Option<&LiveWorkergroup> {
        self.workergroups.get(&id)
    }

    pub(in crate::state) fn worker_mut(&mut self, id: i64) -> Option<&mut LiveWorker> {
        self.workergroups.values_mut().flat_map(|group| &mut group.workers).find(|worker| worker.id() == id)
    }

    pub(in crate::state) fn add_worker(&mut self, workergroup_id: u64, worker: Worker, now: Duration) {
        let group = self.workergroups.entry(workergroup_id).or_default();
        let events = group.add_worker(worker, now);
        self.write(events.into_iter().map(|event| (workergroup_id, event)).collect());
    }

    /// Whether there was such a worker.
    pub(in crate::state) fn remove_worker(&mut self, worker_id: i64, now: Duration) -> bool {
        let group =
            self.workergroups.values_mut().find_map(|group| group.remove_worker(worker_id).then_some(group));
        let Some(group) = group else { return false };
        for log in [&mut self.log, &mut group.log] {
            log.write(Level::Info0, now, format_args!("worker {worker_id}: destroyed"));
        }
        true
    }

    /// Whether there is such a worker.
    pub(in crate::state) fn set_phase(&mut self, worker_id: i64, phase: &Phase, now: Duration) -> bool {
        let event = self.workergroups.iter_mut().find_map(|(&id, group)| {
            let worker = group.workers.iter_mut().find(|worker| worker.id() == worker_id)?;
            Some((id, worker.set_phase(phase.clone(), now)))
        });
        let found = event.is_some();
        self.write(event.into_iter().collect());
        found
    }

    pub(in crate::state) fn advance_to(&mut self, now: Duration) {
        let mut events = Vec::new();
        for (&id, group) in &mut self.workergroups {
            for worker in &mut group.workers {
                events.extend(worker.advance_to(now).into_iter().map(|event| (id, event)));
            }
        }
        self.write(events);
    }

    /// Writes events, each with its workergroup, to the logs, the earlier first.
    fn write(&mut self, mut events: Vec<(u64, Event)>) {
        events.sort_by_key(|(_, event)| event.at);
        for (workergroup_id, event) in events {
            event.write_to(&mut self.log);
            if let Some(group) = self.workergroups.get_mut(&workergroup_id) {
                event.write_to(&mut group.log);
            }
        }
    }

    /// The next index for a request that has none.
    pub(crate) fn next_request_idx(&mut self) -> u64 {
        self.request_idx += 1;
        self.request_idx
    }

    /// Gives a request of this cost, in the workers' units, to the idle worker with the most room,
    /// if there is an idle one.
    pub(crate) fn assign(&mut self, request_idx: u64, cost: f64, now: Duration) -> Option<Assignment> {
        let Some((group_log, worker)) = self
            .workergroups
            .values_mut()
            .filter_map(|group| group.roomiest(now))
            .min_by(|(_, a), (_, b)| a.utilization(now).total_cmp(&b.utilization(now)))
        else {
            self.log.write(Level::Debug, now, format_args!("request {request_idx}: waits"));
            return None;
        };
        let reqnum = worker.assign(cost, now);
        for log in [&mut self.log, group_log] {
            log.write(Level::Trace, now, format_args!("request {request_idx}: to worker {}", worker.id()));
        }
        Some(Assignment { worker_id: worker.id(), url: worker.url().to_owned(), reqnum })
    }

    /// How many workers there are of each status, such as `1 LOADING, 2 STOPPED`.
    pub(crate) fn breakdown(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for worker in self.workergroups.values().flat_map(|group| &group.workers) {
            *counts.entry(worker.phase().status()).or_default() += 1;
        }
        if counts.is_empty() {
            return "no workers".to_owned();
        }
        let counts = counts.into_iter().map(|(status, count)| format!("{count} {status}"));
        counts.collect::<Vec<_>>().join(", ")
    }

    /// The workers as *get endpoint workers* has them.
    pub(crate) fn workers_json(&self, now: Duration) -> Vec<Value> {
        let workers = self.workergroups.values().flat_map(|group| &group.workers);
        workers.map(|worker| worker.to_json(now).into()).collect()
    }

    /// Its JSON in *show endpoints*.
    pub(crate) fn to_json(&self) -> Value {
        let mut members = object([json!({
            "id": self.spec.id,
            "endpoint_name": self.spec.name,
            "endpoint_state": "active",
            "api_key": self.api_key(),
            "user_id": 456,
            "created_at": self.created_at.as_secs_f64(),
            "min_load": 0.0,
            "min_cold_load": 0.0,
            "target_util": 0.9,
            "cold_mult": 2.5,
            "cold_workers": 5,
            "max_workers": 20,
            "max_queue_time": 30.0,
            "target_queue_time": 10.0,
            "inactivity_timeout": null,
            "auto_delete_in_seconds": null,
            "auto_delete_due_24h": false,
        })]);
        self.spec.fields.apply(&mut members);
        members.into()
    }
}
