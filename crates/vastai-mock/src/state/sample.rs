//! What a simulator starts with unless configured otherwise: enough that the first response shows
//! something.

use std::time::Duration;

use super::billing::{Charge, Invoice};
use super::endpoint::{Endpoint, Workergroup};
use super::instance::Instance;
use super::offer::Offer;
use super::phase::Phase;
use super::worker::Worker;

const HOUR: Duration = Duration::from_secs(3_600);

/// The endpoint 12345 with two workergroups and five workers in different phases.
pub(crate) fn endpoint() -> Endpoint {
    let rtx_4090 = Workergroup::new(4242)
        .worker(Worker::new(30_215_871).age(6 * HOUR).load(1240.5, 7))
        .worker(Worker::new(30_215_872).age(2 * HOUR).load(310.0, 2).benchmark(1612.4).reliability(0.981))
        .worker(Worker::new(30_215_873).phase(Phase::ModelLoading).age(Duration::from_secs(25)));
    let h100 = Workergroup::new(4243)
        .worker(fast(Worker::new(30_215_874)).phase(Phase::Loading).age(Duration::from_secs(40)))
        .worker(fast(Worker::new(30_215_875)).phase(Phase::Stopped).age(HOUR));
    Endpoint::new(12_345, "vLLM-Qwen3-8B").age(72 * HOUR).workergroup(rtx_4090).workergroup(h100)
}

fn fast(worker: Worker) -> Worker {
    worker.benchmark(5210.0).dlperf(412.8).reliability(0.9991).disk_usage(23.1)
}

/// Three instances: one that runs, one on its way, and one that never will.
pub(crate) fn instances() -> Vec<Instance> {
    vec![
        Instance::new(28_004_311).label("training").gpus("RTX 4090", 2).dph_total(0.8042).age(30 * HOUR),
        Instance::new(28_004_312).label("notebook").actual_status("loading").age(Duration::from_secs(90)),
        Instance::new(28_004_313).gpus("RTX 3090", 1).actual_status("exited").dph_total(0.2121).age(9 * HOUR),
    ]
}

/// A top-up on each of the last three days, the last by transfer.
pub(crate) fn invoices(now: Duration) -> Vec<Invoice> {
    let at = |hours: u32| now.saturating_sub(HOUR.saturating_mul(hours));
    vec![
        Invoice::new(2_185_418, at(60)),
        Invoice::new(2_185_431, at(36)).amount(-50.0),
        Invoice::new(2_185_440, at(12)).amount(10.0).service("transfer").field("type", "transfer"),
    ]
}

/// What the instances have cost.
pub(crate) fn charges(now: Duration) -> Vec<Charge> {
    vec![
        Charge::new(28_004_311, now.saturating_sub(30 * HOUR)).amount(24.126),
        Charge::new(28_004_313, now.saturating_sub(9 * HOUR)).amount(1.909),
    ]
}

/// Machines of different sizes and prices.
pub(crate) fn offers() -> Vec<Offer> {
    vec![
        Offer::new(14_000_001).dph_total(0.4021),
        Offer::new(14_000_002).dph_total(0.3487).reliability(0.981),
        Offer::new(14_000_003).gpus("RTX 4090", 2).dph_total(0.7714),
        Offer::new(14_000_004).gpus("RTX 3090", 1).dph_total(0.1893).verified(false),
        Offer::new(14_000_005).gpus("RTX 5090", 1).dph_total(0.6525),
        Offer::new(14_000_006).gpus("H100 SXM", 8).dph_total(17.12).reliability(0.9991),
    ]
}

/// Offers of volumes: id, machine, GB, and dollars a GB and month.
pub(crate) const VOLUME_OFFERS: [(u64, u64, f64, f64); 2] =
    [(15_000_001, 31_001, 500.0, 0.15), (15_000_002, 31_002, 2_000.0, 0.1)];

/// Machines of the host: id, GPUs and their number.
pub(crate) const MACHINES: [(u64, &str, u32); 2] = [(7, "RTX 4090", 2), (8, "RTX 3090", 4)];
