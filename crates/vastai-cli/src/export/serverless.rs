//! Serverless endpoints and their workers.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;
use tokio::time::Instant;
use vastai::{Client, Error, Result, Worker};
use vastai_api::types::{EndpointState, WorkerStatus};

use super::metric::{Families, Metric, count, labels, value};
use super::targets::{Target, of_worker};

const GIGABYTE: f64 = 1e9;

/// How many endpoints are asked for their workers at once: enough that a poll of many takes seconds, and few for the service.
const AT_ONCE: usize = 8;

const ENDPOINT_INFO: Metric = Metric::gauge("vastai_endpoint_info", "", "What an endpoint is; always 1");
const ENDPOINT_ACTIVE: Metric =
    Metric::gauge("vastai_endpoint_is_active", "", "Whether the endpoint is active");
const MAX_WORKERS: Metric = Metric::gauge("vastai_endpoint_max_workers", "", "Workers that it may have");
const ENDPOINT_UP: Metric =
    Metric::gauge("vastai_endpoint_up", "", "Whether the last poll of its workers had them");
const ENDPOINT_AGE: Metric = Metric::gauge(
    "vastai_endpoint_data_age",
    "seconds",
    "Age of what is said of its workers when the endpoints were polled",
);
const WORKERS: Metric = Metric::gauge("vastai_endpoint_workers", "", "Workers of an endpoint by state");
const ENDPOINT_LOAD: Metric =
    Metric::gauge("vastai_endpoint_load", "", "Load of all its workers a second, in their own units");
const ENDPOINT_REQUESTS: Metric =
    Metric::gauge("vastai_endpoint_requests_in_progress", "", "Requests that its workers are at");
const STATE: Metric = Metric::gauge("vastai_worker_state", "", "1 for the state that a worker is in");
const READY: Metric = Metric::gauge("vastai_worker_is_ready", "", "Whether the worker takes requests");
const FAILED: Metric =
    Metric::gauge("vastai_worker_is_failed", "", "Whether the worker is in error, unavailable or offline");
const LOAD: Metric =
    Metric::gauge("vastai_worker_load", "", "Load a second, in the worker's own units such as tokens");
const MEASURED: Metric = Metric::gauge(
    "vastai_worker_measured_performance",
    "",
    "Performance a second in the worker's own units; its DLPerf score until it was benchmarked",
);
const CURRENT: Metric = Metric::gauge(
    "vastai_worker_current_performance",
    "",
    "Performance now, a second, in the worker's own units",
);
const REQUESTS: Metric =
    Metric::gauge("vastai_worker_requests_in_progress", "", "Requests that the worker is at");
const RELIABILITY: Metric = Metric::gauge("vastai_worker_reliability", "ratio", "Reliability of its machine");
const DISK: Metric = Metric::gauge("vastai_worker_disk_used", "bytes", "Disk in use");
const STARTED: Metric =
    Metric::gauge("vastai_worker_start_time", "seconds", "When it was started, since the Unix epoch");

/// What the label says, whatever else the engine comes to say.
const STATES: [&str; 21] = [
    "created",
    "creating",
    "destroying",
    "error",
    "idle",
    "loading",
    "model_loading",
    "offline",
    "other",
    "pending",
    "ready",
    "rebooting",
    "running",
    "starting",
    "stopped",
    "stopping",
    "unavail",
    "unknown",
    "update_ready",
    "update_rebooting",
    "update_starting",
];

/// The workers of the endpoints as they were last had: those of one that cannot be asked are kept, and get older.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    last: BTreeMap<i64, (Instant, Vec<Worker>)>,
}

impl Endpoints {
    /// Polls all endpoints. That one of them cannot be asked hides no other, and is no failure unless no workers could be had at all.
    pub(super) async fn poll(&mut self, client: &Client) -> Result<(Families, Vec<Target>)> {
        let endpoints = client.endpoints().list().await?;
        let (mut families, mut targets) = (Families::default(), Vec::new());
        let ids: BTreeSet<i64> = endpoints.iter().map(|endpoint| endpoint.id).collect();
        self.last.retain(|id, _| ids.contains(id));
        let (up, failed) = self.ask(client, ids).await;
        let had = endpoints.is_empty() || !up.is_empty();
        for endpoint in &endpoints {
            let up = up.contains(&endpoint.id);
            let id = || ("endpoint_id", endpoint.id.to_string());
            let own = labels([id()]);
            let name = endpoint.endpoint_name.as_deref().unwrap_or_default();
            families.set(ENDPOINT_INFO, &labels([id(), ("endpoint_name", value(name))]), 1.0);
            let is_active = endpoint.endpoint_state.as_ref().map(|it| *it == EndpointState::Active);
            families.flag(ENDPOINT_ACTIVE, &own, is_active);
            families.set(MAX_WORKERS, &own, endpoint.max_workers.and_then(count));
            families.flag(ENDPOINT_UP, &own, up);
            let Some((since, workers)) = self.last.get(&endpoint.id) else { continue };
            families.set(ENDPOINT_AGE, &own, since.elapsed().as_secs_f64());
            of_all(endpoint.id, workers, &mut families);
            for worker in workers {
                of(endpoint.id, worker, &mut families);
            }
            targets.extend(workers.iter().filter_map(|worker| of_worker(endpoint.id, name, worker)));
        }
        match failed {
            Some(error) if !had => Err(error),
            _ => Ok((families, targets)),
        }
    }

    /// Asks for the workers of these endpoints, some at once: those that had them, and a failure of the others. The client paces them.
    async fn ask(&mut self, client: &Client, ids: BTreeSet<i64>) -> (BTreeSet<i64>, Option<Error>) {
        let (mut up, mut failed) = (BTreeSet::new(), None);
        let (mut waiting, mut asked) = (ids.into_iter(), JoinSet::new());
        loop {
            for id in waiting.by_ref().take(AT_ONCE.saturating_sub(asked.len())) {
                let workers = client.endpoint(id).workers();
                asked.spawn(async move { (id, workers.await) });
            }
            match asked.join_next().await {
                None => return (up, failed),
                Some(Ok((id, Ok(workers)))) => {
                    self.last.insert(id, (Instant::now(), workers));
                    up.insert(id);
                }
                Some(Ok((_, Err(error)))) => failed = Some(error),
                // Nothing ends a task here but a panic in it: its endpoint is not up.
                Some(Err(_)) => {}
            }
        }
    }
}

fn of_all(endpoint: i64, workers: &[Worker], families: &mut Families) {
    let id = || ("endpoint_id", endpoint.to_string());
    let sum = |of: fn(&Worker) -> Option<f64>| {
        workers.iter().filter_map(of).filter(|it| it.is_finite()).sum::<f64>()
    };
    families.set(ENDPOINT_LOAD, &labels([id()]), sum(|worker| worker.cur_load));
    families.set(ENDPOINT_REQUESTS, &labels([id()]), sum(requests));
    for name in STATES {
        let present = workers.iter().filter(|worker| state(worker) == name).count();
        families.set(WORKERS, &labels([id(), ("state", name.to_owned())]), count(present));
    }
}

fn of(endpoint: i64, worker: &Worker, families: &mut Families) {
    let ids = || [("endpoint_id", endpoint.to_string()), ("worker_id", worker.id.to_string())];
    let own = labels(ids());
    let [endpoint_id, worker_id] = ids();
    families.set(STATE, &labels([endpoint_id, worker_id, ("state", state(worker).to_owned())]), 1.0);
    families.flag(READY, &own, worker.status().is_ready());
    families.flag(FAILED, &own, matches!(state(worker), "error" | "unavail" | "offline"));
    families.set(LOAD, &own, worker.cur_load);
    families.set(MEASURED, &own, worker.measured_perf);
    families.set(CURRENT, &own, worker.cur_perf);
    families.set(REQUESTS, &own, requests(worker));
    families.set(RELIABILITY, &own, worker.reliability);
    families.set(DISK, &own, worker.disk_usage.filter(|it| *it >= 0.0).map(|it| it * GIGABYTE));
    families.set(STARTED, &own, worker.started_at.map(|it| it.seconds()).filter(|it| *it > 0.0));
}

fn requests(worker: &Worker) -> Option<f64> {
    worker.reqs_working.and_then(count)
}

/// What a worker is doing, as the label says it.
pub(super) fn state(worker: &Worker) -> &'static str {
    match worker.status() {
        WorkerStatus::Created => "created",
        WorkerStatus::Creating => "creating",
        WorkerStatus::Destroying => "destroying",
        WorkerStatus::Error => "error",
        WorkerStatus::Idle => "idle",
        WorkerStatus::Loading => "loading",
        WorkerStatus::ModelLoading => "model_loading",
        WorkerStatus::Offline => "offline",
        WorkerStatus::Pending => "pending",
        WorkerStatus::Ready => "ready",
        WorkerStatus::Rebooting => "rebooting",
        WorkerStatus::Running => "running",
        WorkerStatus::Starting => "starting",
        WorkerStatus::Stopped => "stopped",
        WorkerStatus::Stopping => "stopping",
        WorkerStatus::Unavail => "unavail",
        WorkerStatus::Unknown => "unknown",
        WorkerStatus::UpdateReady => "update_ready",
        WorkerStatus::UpdateRebooting => "update_rebooting",
        WorkerStatus::UpdateStarting => "update_starting",
        _ => "other",
    }
}
