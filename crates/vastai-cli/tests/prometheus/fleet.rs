//! A fleet of 1,000 workers and 200 instances, whose time runs 600 times as fast, under faults.
//!
//! By default it runs for 30 seconds, which are 300 minutes of the fleet. `VASTAI_FLEET_SECONDS=144` makes that a day.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use vastai_mock::{
    Endpoint, Fault, FaultPlan, Instance, Phase, RateLimitForm, Simulator, Worker, Workergroup,
};

use crate::exporter::{Exporter, sample};

const ENDPOINTS: u64 = 20;
const WORKERS: i64 = 1_000;
const INSTANCES: u64 = 200;
const SPEED: f64 = 600.0;
const SOURCES: [&str; 3] = ["account", "instances", "endpoints"];

fn fleet() -> Simulator {
    let per_endpoint = WORKERS / i64::try_from(ENDPOINTS).unwrap();
    let mut world = Simulator::builder().empty().speed(SPEED);
    for endpoint in 1..=ENDPOINTS {
        let first = i64::try_from(endpoint).unwrap() * 10_000;
        let workers = (first..first + per_endpoint).fold(Workergroup::new(endpoint * 10), |group, id| {
            group.worker(Worker::new(id).phase(Phase::Created).load(100.0, 3))
        });
        world = world.endpoint(Endpoint::new(endpoint, format!("endpoint-{endpoint}")).workergroup(workers));
    }
    for id in 0..INSTANCES {
        // Some come up, some die, by the clock of the fleet.
        let minutes = |minutes| Duration::from_secs(60 * minutes);
        let instance =
            Instance::new(1_000_000 + id).actual_status("loading").then(minutes(1 + id), "running");
        world = world.instance(if id % 5 == 0 { instance.then(minutes(30), "exited") } else { instance });
    }
    let simulator = world.start_on_thread().unwrap();
    let plan = FaultPlan::seeded(3)
        .healthy(90)
        .fault(3, Fault::status(503))
        .fault(3, Fault::half_body())
        .fault(2, Fault::cut_before_effect())
        .fault(2, Fault::too_many_requests(RateLimitForm::HeaderOnly { retry_after: 1 }));
    simulator.plan_faults(plan).unwrap();
    simulator
}

/// What of a process's own memory is resident, in KB, where the system tells. Its code does not count: pages of it come in as they are first
/// run, under one fault after another.
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
}

#[test]
fn of_a_fleet_nothing_is_missing_and_nothing_grows() {
    let seconds = std::env::var("VASTAI_FLEET_SECONDS").ok().map_or(30, |seconds| seconds.parse().unwrap());
    let simulator = fleet();
    let exporter = Exporter::of(&simulator, &["--interval", "1"]).filled();
    let began = Instant::now();
    // The longest age of each source, the longest poll, and the memory.
    let (mut ages, mut longest, mut memories) = (BTreeMap::new(), 0.0_f64, Vec::new());
    while began.elapsed() < Duration::from_secs(seconds) {
        let text = exporter.metrics();
        let workers = text.lines().filter(|line| line.starts_with("vastai_worker_is_ready{")).count();
        let instances = text.lines().filter(|line| line.starts_with("vastai_instance_info{")).count();
        for source in SOURCES {
            let of = |name: &str| sample(&text, &format!("{name}{{source=\"{source}\"}}"));
            longest = longest.max(of("vastai_poll_duration_seconds").unwrap_or_default());
            if let Some(age) = of("vastai_source_age_seconds") {
                let oldest = ages.entry(source).or_insert(0.0_f64);
                *oldest = oldest.max(age);
            }
        }
        // A source whose first poll failed has nothing yet.
        if sample(&text, "vastai_source_age_seconds{source=\"endpoints\"}").is_some() {
            assert!(workers >= usize::try_from(WORKERS).unwrap() / 2, "{workers} workers");
        }
        if sample(&text, "vastai_source_age_seconds{source=\"instances\"}").is_some() {
            assert_eq!(instances, usize::try_from(INSTANCES).unwrap());
        }
        memories.extend(memory(exporter.process()));
        thread::sleep(Duration::from_millis(250));
    }
    let text = exporter.metrics();
    let total = |name: &str| -> BTreeMap<&str, f64> {
        let of = |source| sample(&text, &format!("{name}{{source=\"{source}\"}}")).unwrap();
        SOURCES.map(|source| (source, of(source))).into()
    };
    let (polls, failures) = (total("vastai_polls_total"), total("vastai_poll_failures_total"));
    let requests = simulator.requests();
    let hit = requests.iter().filter(|request| request.fault().is_some()).count();
    eprintln!(
        "{seconds} s: {polls:?} polls, {failures:?} failed; {} requests, {hit} hit by faults; oldest {ages:?}; \
         longest poll {longest} s; memory {:?} to {:?} KB",
        requests.len(),
        memories.first(),
        memories.last(),
    );
    for source in SOURCES {
        assert!(polls[source] >= 2.0, "{source} is not polled");
        // A pause follows a poll, and a longer one failures in a row, of which retries leave few.
        let gap = (1.0 + longest) * (2.0 + failures[source]);
        assert!(ages[source] <= gap, "{source} was {} s old, polls took up to {longest} s", ages[source]);
        assert!(failures[source] <= polls[source] / 5.0, "{source}: {failures:?} of {polls:?}");
    }
    // Beside what a poll has to ask, there is a request for one that failed, and no other.
    let pages = INSTANCES.div_ceil(25) + 1;
    let needed =
        polls["account"] + polls["instances"] * pages as f64 + polls["endpoints"] * (1 + ENDPOINTS) as f64;
    let running = (1 + pages + 1 + ENDPOINTS) as f64;
    assert!(requests.len() as f64 <= needed + running + hit as f64, "{} requests", requests.len());
    // What it needs is there in the first half; what comes later is the allocator's, which grows less and less. The workers of a poll are
    // some 300 KB: whoever kept those of each would be seen.
    if memories.len() > 12 {
        let most = |part: &[u64]| part.iter().copied().max().unwrap();
        let (early, late) = (most(&memories[..memories.len() / 2]), most(&memories[memories.len() / 2..]));
        eprintln!("memory of the first half {early} KB, of the second {late} KB");
        assert!(late <= early + 1_536, "memory grew from {early} to {late} KB");
    }
}
