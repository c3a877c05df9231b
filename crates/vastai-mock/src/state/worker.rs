//! Workers: how they are set up, and how they live.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::log::{Level, Log, Timestamp};
use super::phase::Phase;

/// How long a request that *route* assigned stays with its worker. Its cost is spread evenly over
/// this time.
const SERVICE: Duration = Duration::from_secs(10);
/// What counts as recent load.
const RECENT: Duration = Duration::from_secs(5);
/// The window of the rolling average.
const WINDOW: Duration = Duration::from_secs(60);
/// How long a worker that starts its simulated life as stopping or stopped had been idle.
const IDLE: Duration = Duration::from_secs(600);

/// A worker to put into a workergroup. It takes its defaults from an RTX 4090 that serves an 8B
/// model.
///
/// ```
/// use std::time::Duration;
/// use vastai_mock::{Phase, Worker};
///
/// let busy = Worker::new(30215871).load(512.5, 3);
/// let coming = Worker::new(30215872).phase(Phase::ModelLoading).age(Duration::from_secs(20));
/// let odd = Worker::new(0)
///     .phase(Phase::Fixed("ERROR".into()))
///     .field("perf", "12.5")
///     .without_field("reliability");
/// # let _ = (busy, coming, odd);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Worker {
    id: i64,
    phase: Phase,
    age: Duration,
    load: f64,
    requests: u64,
    benchmark: f64,
    dlperf: f64,
    reliability: f64,
    disk_usage: f64,
    url: String,
    fields: Fields,
}

impl Worker {
    /// An idle worker without load. The id is that of its instance; the service has been seen to
    /// use 0 and negative ones too.
    pub fn new(id: i64) -> Self {
        Self {
            id,
            phase: Phase::Idle,
            age: Duration::ZERO,
            load: 0.0,
            requests: 0,
            benchmark: 1650.0,
            dlperf: 102.5,
            reliability: 0.995,
            disk_usage: 22.4,
            // An address set aside for documentation: nothing answers there.
            url: format!("https://192.0.2.{}:{}", id.rem_euclid(254) + 1, 20_000 + id.rem_euclid(10_000)),
            fields: Fields::default(),
        }
    }

    /// The phase it is in when it is added.
    pub fn phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }

    /// How long it has been in its phase when it is added. A worker older than its phase lasts is
    /// already in a later one.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// A steady load while it is idle: `per_second` in the worker's own units (tokens/s), from
    /// `requests` requests in progress.
    pub fn load(mut self, per_second: f64, requests: u64) -> Self {
        (self.load, self.requests) = (per_second, requests);
        self
    }

    /// The performance its benchmark will find, in units per second (tokens/s). Until it is first
    /// idle, `measured_perf` is its DLPerf score.
    pub fn benchmark(mut self, per_second: f64) -> Self {
        self.benchmark = per_second;
        self
    }

    /// The DLPerf score.
    pub fn dlperf(mut self, score: f64) -> Self {
        self.dlperf = score;
        self
    }

    /// The reliability, from 0 to 1.
    pub fn reliability(mut self, reliability: f64) -> Self {
        self.reliability = reliability;
        self
    }

    /// The disk space in use, in GB.
    pub fn disk_usage(mut self, gb: f64) -> Self {
        self.disk_usage = gb;
        self
    }

    /// The URL at which it takes requests. The default is an address at which nothing answers.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Sets a member of its JSON, known or not, over what the simulator would say.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.push(name.into(), Some(value.into()));
        self
    }

    /// Leaves a member out of its JSON.
    pub fn without_field(mut self, name: impl Into<String>) -> Self {
        self.fields.push(name.into(), None);
        self
    }
}

/// A phase that began.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) at: Duration,
    worker_id: i64,
    phase: Phase,
    /// The phase before, and how long it was.
    before: Option<(Phase, Duration)>,
    /// What the benchmark found, in units per second.
    measured: Option<f64>,
}

impl Event {
    pub(super) fn write_to(&self, log: &mut Log) {
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
    pub(super) fn new(spec: Worker, now: Duration) -> (Self, Vec<Event>) {
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

    pub(super) fn id(&self) -> i64 {
        self.spec.id
    }

    pub(super) fn phase(&self) -> &Phase {
        &self.phase
    }

    pub(super) fn url(&self) -> &str {
        &self.spec.url
    }

    pub(super) fn set_url(&mut self, url: &str) {
        url.clone_into(&mut self.spec.url);
    }

    pub(super) fn set_load(&mut self, per_second: f64, requests: u64) {
        (self.spec.load, self.spec.requests) = (per_second, requests);
    }

    pub(super) fn set_phase(&mut self, phase: Phase, now: Duration) -> Event {
        if matches!(phase, Phase::Created | Phase::Loading) {
            self.started_at = now;
        }
        self.enter(phase, now)
    }

    /// Goes through the phases that have ended by `now`.
    pub(super) fn advance_to(&mut self, now: Duration) -> Vec<Event> {
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
    pub(super) fn assign(&mut self, cost: f64, now: Duration) -> u64 {
        let per_second = cost / SERVICE.as_secs_f64();
        self.running.push(Running { from: now, until: now.saturating_add(SERVICE), per_second });
        self.assigned += 1;
        self.assigned
    }

    /// How much of its performance is taken; 1 and more is full.
    pub(super) fn utilization(&self, now: Duration) -> f64 {
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
    pub(super) fn to_json(&self, now: Duration) -> Map<String, Value> {
        let spec = &self.spec;
        let steady_requests = if self.phase == Phase::Idle { spec.requests } else { 0 };
        let requests = usize::try_from(steady_requests)
            .unwrap_or(usize::MAX)
            .saturating_add(self.in_progress(now).count());
        let cur_load = self.cur_load(now);
        let created = Timestamp::of(self.created_at);
        let mut members = super::fields::object([json!({
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
            "loaded_at": self.loaded_at.map(|at| at.as_secs_f64()),
            "started_at": self.started_at.as_secs_f64(),
            "url": spec.url,
            "created_at": format!("{}T{}Z", created.date, created.time),
        })]);
        spec.fields.apply(&mut members);
        members
    }
}
