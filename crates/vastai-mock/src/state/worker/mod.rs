//! Workers: how they are set up.

mod live;

use std::time::Duration;

use super::fields::{Fields, settable_fields};
use super::phase::Phase;

pub(super) use live::{Event, LiveWorker};

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

    /// The URL at which it takes requests; without one, nothing is routed to it. The default is an address at which nothing responds.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }
}

settable_fields!(Worker, fields);
