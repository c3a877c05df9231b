//! The workers as they were last seen, and what is different now.

use std::collections::{BTreeMap, VecDeque};

use super::WatchEvent;
use crate::serverless::Worker;

/// The workers of one look. It is as large as that look's answer, however many came before.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    /// By id, and where several have the same, as those without an instance can, by their order too.
    workers: BTreeMap<(i64, usize), Worker>,
}

impl Snapshot {
    pub(super) fn workers(&self) -> impl ExactSizeIterator<Item = &Worker> {
        self.workers.values()
    }

    /// Takes the workers of the next look in and tells what is different.
    pub(super) fn update(&mut self, workers: Vec<Worker>, events: &mut VecDeque<WatchEvent>) {
        let mut now: BTreeMap<(i64, usize), Worker> = BTreeMap::new();
        for worker in workers {
            let id = worker.id;
            let same = now.range((id, 0)..=(id, usize::MAX)).count();
            now.insert((id, same), worker);
        }
        let before = std::mem::take(&mut self.workers);
        for (key, worker) in &before {
            if !now.contains_key(key) {
                events.push_back(WatchEvent::Left(worker.clone()));
            }
        }
        for (key, worker) in &now {
            events.extend(change(before.get(key), worker));
        }
        self.workers = now;
    }
}

fn change(before: Option<&Worker>, worker: &Worker) -> Option<WatchEvent> {
    let Some(before) = before else { return Some(WatchEvent::Joined(worker.clone())) };
    if before.status != worker.status {
        return Some(WatchEvent::StatusChanged { worker: worker.clone(), before: before.status.clone() });
    }
    if (before.cur_load, before.reqs_working) != (worker.cur_load, worker.reqs_working) {
        return Some(WatchEvent::LoadChanged {
            worker: worker.clone(),
            before: before.cur_load,
            requests_before: before.reqs_working,
        });
    }
    None
}
