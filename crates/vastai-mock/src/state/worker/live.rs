//! Workers as they live.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Worker;
use crate::state::fields::object;
use crate::state::log::{Level, Log, Timestamp};
use crate::state::phase::Phase;

/// How long a request that *route* assigned stays with its worker. Its cost is spread evenly over
/// this time.
const SERVICE: Duration = Duration::from_secs(10);
/// What counts as recent load.
const RECENT: Duration = Duration::from_secs(5);
/// The window of the rolling average.
const WINDOW: Duration = Duration::from_secs(60);
/// How long a worker that starts its simulated life as stopping or stopped had been idle.
const IDLE: Duration = Duration::from_secs(600);

/// A phase that began.
#[derive(Debug)]
pub(in crate::state) struct Event {
    pub(in crate::state) at: Duration,
    worker_id: i64,
    phase: Phase,
    /// The phase before, and how long it was.
    before: Option<(Phase, Duration)>,
    /// What the benchmark found, in units per second.
    measured: Option<f64>,
}

impl Event {
    pub(in crate::state) fn write_to(&self, log: &mut Log) {
        let Self { at, worker_id: id, phase, before, measured } = self;
        log.write(Level::Info0, *at, format_args!("worker {id}: {}", phase.status()));
        if let Some(measured) = measured {
            log.write(Level::Info1, *at, format_args!("worker {id}: benchmarked at {measured} per second"));
        }
        match phase {
            Phase::Loading => log.write(Level::Trace, *at, format_args!("worker {id}: pulls its image")),
            Phase::ModelLoading => log.write(Level::Trace, *at, format_args!("worker {id}: loads its model")),
            _ => {}
        }
        if let Some((before, lasted)) = before {
            log.write(
                Level::Debug,
                *at,
                format_args!("worker {id}: was {} for {} s", before.status(), lasted.as_secs()),
            );
        }
    }
}

/// A request that *route* assigned.
#[derive(Debug)]
struct Running {
    from: Duration,
    until: Duration,
    per_second: f64,
}

/// A worker in the world. Times are since the Unix epoch.
#[derive(Debug)]
pub(crate) struct LiveWorker {
    /// Its phase and age are those at the beginning.
    spec: Worker,
    phase: Phase,
    since: Duration,
    created_at: Duration,
    started_at: Duration,
    loaded_at: Option<Duration>,
    benchmarked: bool,
    running: Vec<Running>,
    assigned: u64,
}

impl LiveWorker {
    /// The worker as it is now, and the events that made it so.
    pub(in crate::state) fn new(spec: Worker, now: Duration) -> (Self, Vec<Event>) {
        let past = spec.phase.past();
        let behind: Duration = past.iter().map(|phase| phase.lasts().unwrap_or(IDLE)).sum();
        let mut at = now.saturating_sub(behind).saturating_sub(spec.age);
        let mut worker = Self {
            phase: spec.phase.clone(),
            since: at,
            created_at: at,
            started_at: at,
            loaded_at: None,
            benchmarked: false,
            running: Vec::new(),
            assigned: 0,
            spec,
        };
        let mut events = Vec::new();
        let mut before = None;
        for phase in past.iter().chain([&worker.spec.phase.clone()]) {
            let mut event = worker.enter(phase.clone(), at);
            let lasts = phase.lasts().unwrap_or(IDLE);
            event.before = before.replace((phase.clone(), lasts));
            events.push(event);
            at = at.saturating_add(lasts);
        }
        events.extend(worker.advance_to(now));
        (worker, events)
    }

    pub(in crate::state) fn id(&self) -> i64 {
        self.spec.id
    }

    pub(in crate::state) fn phase(&self) -> &Phase {
        &self.phase
    }

    pub(in crate::state) fn url(&self) -> &str {
        &self.spec.url
    }

    pub(in crate::state) fn set_url(&mut self, url: &str) {
        url.clone_into(&mut self.spec.url);
    }

    pub(in crate::state) fn set_load(&mut self, per_second: f64, requests: u64) {
        (self.spec.load, self.spec.requests) = (per_second, requests);
    }

    pub(in crate::state) fn set_phase(&mut self, phase: Phase, now: Duration) -> Event {
        if matches!(phase, Phase::Created | Phase::Loading) {
            self.started_at = now;
        }
        self.enter(phase, now)
    }

    /// Goes through the phases that have ended by `now`.
    pub(in crate::state) fn advance_to(&mut self, now: Duration) -> Vec<Event> {
        self.running.retain(|request| request.until.saturating_add(WINDOW) > now);
        let mut events = Vec::new();
        while let Some((lasts, next)) = self.phase.next() {
            let due = self.since.saturating_add(lasts);
            if due > now {
                break;
            }
            events.push(self.enter(next, due));
        }
        events
    }

    fn enter(&mut self, phase: Phase, at: Duration) -> Event {
        let lasted = at.saturating_sub(self.since);
        let before = std::mem::replace(&mut self.phase, phase.clone());
        self.since = at;
        let ready = phase == Phase::Idle;
        self.loaded_at = ready.then_some(at);
        let measured = (ready && !self.benchmarked).then_some(self.spec.benchmark);
        self.benchmarked |= ready;
        if !ready {
            self.running.clear();
        }
        Event { at, worker_id: self.spec.id, phase, before: Some((before, lasted)), measured }
    }

    /// Takes a request of this cost, in the worker's units, and gives the number of the request on
    /// this worker, from 1.
    pub(in crate::state) fn assign(&mut self, cost: f64, now: Duration) -> u64 {
        let per_second = cost / SERVICE.as_secs_f64();
        self.running.push(Running { from: now, until: now.saturating_add(SERVICE), per_second });
        self.assigned += 1;
        self.assigned
    }

    /// How much of its performance is taken; 1 and more is full.
    pub(in crate::state) fn utilization(&self, now: Duration) -> f64 {
        self.cur_load(now) / self.measured_perf()
    }

    fn steady_load(&self) -> f64 {
        if self.phase == Phase::Idle { self.spec.load } else { 0.0 }
    }

    fn in_progress(&self, now: Duration) -> impl Iterator<Item = &Running> {
        self.running.iter().filter(move |request| request.until > now)
    }

    fn cur_load(&self, now: Duration) -> f64 {
        self.steady_load() + self.in_progress(now).map(|request| request.per_second).sum::<f64>()
    }

    fn new_load(&self, now: Duration) -> f64 {
        let recent = self.in_progress(now).filter(|request| request.from.saturating_add(RECENT) > now);
        self.steady_load() + recent.map(|request| request.per_second).sum::<f64>()
    }

    fn rolling_load(&self, now: Duration) -> f64 {
        let begin = now.saturating_sub(WINDOW);
        let done = self.running.iter().map(|request| {
            let within = request.until.min(now).saturating_sub(request.from.max(begin));
            request.per_second * within.as_secs_f64() / WINDOW.as_secs_f64()
        });
        self.steady_load() + done.sum::<f64>()
    }

    fn measured_perf(&self) -> f64 {
        if self.benchmarked { self.spec.benchmark } else { self.spec.dlperf }
    }

    /// Its JSON in *get endpoint workers*.
    pub(in crate::state) fn to_json(&self, now: Duration) -> Map<String, Value> {
        let spec = &self.spec;
        let steady_requests = if self.phase == Phase::Idle { spec.requests } else { 0 };
        let requests = usize::try_from(steady_requests)
            .unwrap_or(usize::MAX)
            .saturating_add(self.in_progress(now).count());
        let cur_load = self.cur_load(now);
        let created = Timestamp::of(self.created_at);
        let mut members = object([json!({
            "id": spec.id,
            "status": self.phase.status(),
            "cur_load": cur_load,
            "new_load": self.new_load(now),
            "cur_load_rolling_avg": self.rolling_load(now),
            "cur_perf": cur_load.min(self.measured_perf()),
            "measured_perf": self.measured_perf(),
            "perf": self.measured_perf() * spec.reliability,
            "dlperf": spec.dlperf,
            "reliability": spec.reliability,
            "reqs_working": requests,
            "disk_usage": spec.disk_usage,
            // Official clients read a number: 0 for one that has not been loaded.
            "loaded_at": self.loaded_at.map_or(0.0, |at| at.as_secs_f64()),
            "started_at": self.started_at.as_secs_f64(),
            "url": spec.url,
            "created_at": format!("{}T{}Z", created.date, created.time),
        })]);
        spec.fields.apply(&mut members);
        members
    }
}
