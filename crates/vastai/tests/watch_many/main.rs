//! Watches over many endpoints at once, with faults: each ends with the right state, and memory stays flat.
//!
//! A binary of its own, as it measures the memory of its process. `WATCH_POLLS` says how often each endpoint is looked at; the
//! acceptance of the whole is 2,000, which takes a release build:
//!
//! ```sh
//! WATCH_POLLS=2000 cargo test --release -p vastai --test watch_many -- --nocapture
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and tells what it measured"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use vastai::retry::{Pacing, RetryPolicy};
use vastai::serverless::{Watch, WatchEvent};
use vastai::{Client, WorkerStatus};
use vastai_mock::{Endpoint, Fault, FaultPlan, Phase, RateLimitForm, Simulator, Worker, Workergroup};

const ENDPOINTS: u64 = 200;
const WORKERS: u64 = 4;
/// How much the process may grow while the watches go on, whatever their number of looks: what allocators keep back, and the log of the
/// simulator, which is in the same process.
const GROWTH: u64 = 12 * 1024 * 1024;

/// How often each endpoint is looked at.
fn polls() -> u64 {
    std::env::var("WATCH_POLLS").ok().map_or(25, |polls| polls.parse().unwrap())
}

/// The memory of this process, in bytes, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

fn worker_id(endpoint: u64, worker: u64) -> i64 {
    i64::try_from(endpoint * 100 + worker).unwrap()
}

async fn world() -> Simulator {
    let mut builder = Simulator::builder().empty().keep_requests(10);
    for id in 1..=ENDPOINTS {
        let workers = (0..WORKERS).map(|worker| Worker::new(worker_id(id, worker)));
        let group = workers.fold(Workergroup::new(id), Workergroup::worker);
        builder = builder.endpoint(Endpoint::new(id, format!("endpoint-{id}")).workergroup(group));
    }
    builder.start().await.unwrap()
}

/// About one look in eight goes wrong.
fn faults() -> FaultPlan {
    FaultPlan::seeded(20_260_722)
        .healthy(88)
        .fault(2, Fault::status(500))
        .fault(2, Fault::status(503))
        .fault(1, Fault::html(502))
        .fault(1, Fault::html(200))
        .fault(1, Fault::too_many_requests(RateLimitForm::PlainText))
        .fault(1, Fault::cut_before_effect())
        .fault(1, Fault::cut_after_effect())
        .fault(1, Fault::half_body())
        .fault(1, Fault::wrong_types())
        .fault(1, Fault::delay(Duration::from_millis(3)))
}

/// What somebody knows who only heard the changes.
#[derive(Default)]
struct Heard {
    workers: BTreeMap<i64, (WorkerStatus, Option<f64>)>,
    failures: u64,
    in_trouble: bool,
}

impl Heard {
    fn hear(&mut self, event: WatchEvent) {
        match event {
            WatchEvent::Joined(worker) => {
                assert!(self.workers.insert(worker.id, (worker.status().clone(), worker.cur_load)).is_none());
            }
            WatchEvent::Left(worker) => assert!(self.workers.remove(&worker.id).is_some()),
            WatchEvent::StatusChanged { worker, before } => {
                let known =
                    self.workers.insert(worker.id, (worker.status().clone(), worker.cur_load)).unwrap();
                assert_eq!(known.0, before);
            }
            WatchEvent::LoadChanged { worker, before, .. } => {
                let known =
                    self.workers.insert(worker.id, (worker.status().clone(), worker.cur_load)).unwrap();
                assert_eq!(known.1, before);
            }
            WatchEvent::PollFailed { failures, .. } => {
                assert_eq!(self.in_trouble, failures > 1, "each failure is told");
                (self.failures, self.in_trouble) = (self.failures + 1, true);
            }
            WatchEvent::Recovered { .. } => {
                assert!(self.in_trouble);
                self.in_trouble = false;
            }
            other => panic!("{other:?}"),
        }
    }

    /// Listens until the endpoint was looked at so often.
    async fn listen(&mut self, watch: &mut Watch, looks: u64) {
        while watch.polls() < looks || self.in_trouble {
            // Where nothing changes nothing is told, however often it is looked at.
            match tokio::time::timeout(Duration::from_millis(20), watch.next()).await {
                Ok(Some(event)) => self.hear(event.unwrap()),
                Ok(None) => panic!("the watch has no end"),
                Err(_) => {}
            }
        }
        // What the last look has shown may not have been told yet.
        while let Ok(Some(event)) = tokio::time::timeout(Duration::ZERO, watch.next()).await {
            self.hear(event.unwrap());
        }
    }
}

/// What the watches have in common.
struct Shared {
    client: Client,
    polls: u64,
    /// All have looked so often as they shall while the world moves.
    moved: Barrier,
    /// The world stands still, and nothing goes wrong.
    still: Barrier,
    looks: AtomicU64,
    failures: AtomicU64,
}

async fn watched(shared: Arc<Shared>, endpoint: i64) {
    let mut watch = shared.client.endpoint(endpoint).watch(Duration::from_millis(1));
    let mut heard = Heard::default();
    // The looks are counted as they go, for the one who measures.
    let mut counted = 0;
    while counted < shared.polls {
        let next = (counted + 10).min(shared.polls);
        heard.listen(&mut watch, next).await;
        shared.looks.fetch_add(watch.polls() - counted, Ordering::Relaxed);
        counted = watch.polls();
    }
    shared.moved.wait().await;
    shared.still.wait().await;
    let looks = watch.polls();
    heard.listen(&mut watch, looks + 3).await;
    shared.failures.fetch_add(heard.failures, Ordering::Relaxed);

    let seen: BTreeMap<_, _> =
        watch.workers().map(|worker| (worker.id, (worker.status().clone(), worker.cur_load))).collect();
    assert_eq!(heard.workers, seen, "endpoint {endpoint}: the changes add up to what was seen");
    let there = shared.client.endpoint(endpoint).workers().await.unwrap();
    let there: BTreeMap<_, _> =
        there.into_iter().map(|worker| (worker.id, (worker.status().clone(), worker.cur_load))).collect();
    assert_eq!(seen, there, "endpoint {endpoint}: what was seen is what there is");
}

/// Moves the world: loads change all the time, phases so often that the simulator's log does not count.
async fn move_world(simulator: &Simulator, shared: &Shared) -> Option<(u64, u64)> {
    const ROUNDS: u64 = 6;
    let phases = [Phase::Stopping, Phase::Loading, Phase::Idle, Phase::Fixed("ERROR".into()), Phase::Stopped];
    let all = shared.polls * ENDPOINTS;
    let (mut round, mut before) = (0, None);
    for step in 0_u32.. {
        let looks = shared.looks.load(Ordering::Relaxed);
        if looks >= all {
            break;
        }
        // What is there after the first fifth is what it takes; from then on it must not grow.
        if before.is_none() && looks > all / 5 {
            before = memory();
        }
        if looks * ROUNDS / all > round {
            round += 1;
            for endpoint in 1..=ENDPOINTS {
                let worker = (endpoint + round) % WORKERS;
                let phase = phases[usize::try_from(endpoint + round).unwrap() % phases.len()].clone();
                simulator.set_phase(worker_id(endpoint, worker), phase).unwrap();
            }
            simulator.advance(Duration::from_secs(20));
        }
        let endpoint = u64::from(step) % ENDPOINTS + 1;
        let worker = worker_id(endpoint, u64::from(step) % WORKERS);
        simulator.set_load(worker, f64::from(step), u64::from(step % 9)).unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Some((before?, memory()?))
}

/// What a future gives, unless a watch ends before, which would leave the others waiting.
async fn unless_one_fails<T>(watches: &mut JoinSet<()>, future: impl Future<Output = T>) -> T {
    tokio::select! {
        done = future => done,
        Some(ended) = watches.join_next() => match ended {
            Ok(()) => panic!("a watch has ended too early"),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watches_over_200_endpoints_end_with_the_right_state_and_flat_memory() {
    let simulator = world().await;
    simulator.plan_faults(faults().only("getEndpointWorkers")).unwrap();
    let url = simulator.url();
    let builder = Client::builder().api_key(simulator.api_key()).console_url(url).run_url(url);
    let client = builder.retry(RetryPolicy::never()).pacing(Pacing::off()).build().unwrap();
    let parties = usize::try_from(ENDPOINTS).unwrap() + 1;
    let shared = Arc::new(Shared {
        client,
        polls: polls(),
        moved: Barrier::new(parties),
        still: Barrier::new(parties),
        looks: AtomicU64::new(0),
        failures: AtomicU64::new(0),
    });
    let mut watches = JoinSet::new();
    for endpoint in 1..=ENDPOINTS {
        watches.spawn(watched(Arc::clone(&shared), i64::try_from(endpoint).unwrap()));
    }
    let measured = unless_one_fails(&mut watches, move_world(&simulator, &shared)).await;
    unless_one_fails(&mut watches, shared.moved.wait()).await;
    simulator.clear_faults();
    shared.still.wait().await;
    while let Some(watch) = watches.join_next().await {
        watch.unwrap();
    }
    let (looks, failures) = (shared.looks.load(Ordering::Relaxed), shared.failures.load(Ordering::Relaxed));
    assert!(looks >= ENDPOINTS * polls() && failures > looks / 50, "{failures} failures of {looks} looks");
    match measured {
        Some((before, after)) => {
            let grown = after.saturating_sub(before);
            eprintln!(
                "{looks} looks, {failures} of them failed; memory {} KiB after a fifth of them, {} KiB at the end",
                before / 1024,
                after / 1024
            );
            assert!(grown < GROWTH, "the process has grown by {grown} bytes");
        }
        None => eprintln!(
            "{looks} looks, {failures} of them failed; the system does not tell how much memory that took"
        ),
    }
}
