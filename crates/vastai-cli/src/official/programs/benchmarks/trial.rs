//! One worker: made, waited for, read and deleted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use vastai::{Client, Error, ErrorKind, Worker, WorkerStatus};

use super::Spec;
use crate::failure::in_words;
use crate::progress::Steps;
use crate::request::Request;

/// Between two looks at the workers.
const INTERVAL: Duration = Duration::from_secs(5);
/// For how long no worker may be rented.
const UNRENTED: Duration = Duration::from_secs(120);
/// For how long all workers may be in a state from which none goes on.
const DEAD: Duration = Duration::from_secs(30);
/// How often a worker may be given up.
const MOST_ABANDONED: usize = 3;
/// For how long what was made is tried to be deleted while the service fails, and how far apart.
const PERSISTENCE: Duration = Duration::from_secs(10 * 60);
const PAUSE: Duration = Duration::from_secs(5);
/// The pauses before each look for an endpoint whose response was lost.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(5)];

/// What is measured.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) id: Option<i64>,
    pub(super) hash: Option<String>,
    /// Whether workers are made by the id, and not by the hash.
    pub(super) is_by_id: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Cached,
    Skipped,
    Failed,
    NoWorker,
    Timeout,
    Aborted,
    Error,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cached => "cached",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::NoWorker => "no_worker",
            Self::Timeout => "timeout",
            Self::Aborted => "aborted",
            Self::Error => "error",
        }
    }
}

/// A line of the result.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) gpu: String,
    pub(super) count: i64,
    pub(super) status: Status,
    pub(super) performance: Option<f64>,
    /// Of the GPUs alone, in dollars per hour.
    pub(super) price: Option<f64>,
    /// What could not be deleted, in words.
    pub(super) left: Option<String>,
}

impl Row {
    pub(super) fn without(spec: &Spec, status: Status) -> Self {
        Self { gpu: spec.gpu.clone(), count: spec.count, status, performance: None, price: None, left: None }
    }

    /// The performance for its price; less than nothing where it is not known.
    pub(super) fn per_dollar(&self) -> f64 {
        self.known_per_dollar().unwrap_or(-1.0)
    }

    fn known_per_dollar(&self) -> Option<f64> {
        self.price.filter(|price| *price > 0.0).and_then(|price| Some(self.performance? / price))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "gpu_name": self.gpu, "num_gpus": self.count, "rental_dph": self.price, "measured_perf": self.performance,
            "status": self.status.as_str(), "perf_per_dollar": self.known_per_dollar() })
    }
}

/// A trial, which owns what it needs.
pub(super) struct Trial {
    pub(super) client: Client,
    pub(super) engine: Client,
    pub(super) template: Template,
    pub(super) spec: Spec,
    /// Which instance of the engine.
    pub(super) instance: Option<String>,
    pub(super) timeout: Duration,
    pub(super) begins_after: Duration,
    pub(super) steps: Arc<Steps>,
}

/// What may have been made so far: what has begun may be there, whatever came of its response.
#[derive(Debug, Default, Clone, Copy)]
struct Made {
    has_begun: bool,
    endpoint: Option<i64>,
    workergroup: Option<i64>,
}

type Measured = (Status, Option<(f64, Option<f64>)>);

impl Trial {
    /// Makes, measures and deletes; where it is told to stop, it deletes at once.
    pub(super) async fn run(self, mut stopping: watch::Receiver<bool>) -> Row {
        let name = format!("benchmark {} {:08x}", self.spec, fastrand::u32(..));
        let made = Mutex::new(Made::default());
        let (status, measured) = tokio::select! {
            // One whose sender is gone was not told to stop.
            Ok(_) = stopping.wait_for(|stops| *stops) => (Status::Aborted, None),
            measured = self.measured(&name, &made) => measured.unwrap_or_else(|error| {
                self.say(&in_words(&error));
                (Status::Error, None)
            }),
        };
        let made = *made.lock().unwrap_or_else(PoisonError::into_inner);
        let left = self.deleted(&name, made).await.err();
        Row {
            performance: measured.map(|(performance, _)| performance),
            price: measured.and_then(|(_, price)| price),
            left,
            ..Row::without(&self.spec, status)
        }
    }

    fn say(&self, what: &str) {
        self.steps.say(&format!("{}: {what}", self.spec));
    }

    async fn measured(&self, name: &str, made: &Mutex<Made>) -> Result<Measured, Error> {
        let set =
            |change: &dyn Fn(&mut Made)| change(&mut made.lock().unwrap_or_else(PoisonError::into_inner));
        sleep(self.begins_after).await;
        let deadline = Instant::now() + self.timeout;
        self.say("making an endpoint");
        let mut create = Request::of("createEndpoint")?;
        create.set("endpoint_name", name);
        create.set("cold_workers", 1);
        create.set("max_workers", 1);
        create.set("min_load", 1.0);
        create.set_if("autoscaler_instance", self.instance.as_deref());
        set(&|made| made.has_begun = true);
        let endpoint = match self.created(&create).await {
            Ok(id) => id,
            Err(error) if error.may_have_been_done() => match self.found(name).await {
                Ok(Some(id)) => id,
                _ => return Err(error),
            },
            Err(error) => return Err(error),
        };
        set(&|made| made.endpoint = Some(endpoint));
        let mut create = Request::of("createWorkergroup")?;
        create.set("endpoint_id", endpoint);
        create.set("endpoint_name", name);
        let gpu = self.spec.gpu.replace(' ', "_");
        let search = format!("gpu_name={gpu} num_gpus={}", self.spec.count);
        create.set("search_params", format!("{search} {}", crate::official::serverless::DEFAULT));
        match self.template.is_by_id {
            true => create.set_if("template_id", self.template.id),
            false => create.set_if("template_hash", self.template.hash.as_deref()),
        }
        create.set_if("autoscaler_instance", self.instance.as_deref());
        let workergroup = self.created(&create).await?;
        set(&|made| made.workergroup = Some(workergroup));
        match timeout_at(deadline, self.waited(endpoint)).await {
            Ok(measured) => measured,
            Err(_) => Ok((Status::Timeout, None)),
        }
    }

    /// Sends a creation; the id of what was created, which comes by either name.
    async fn created(&self, create: &Request) -> Result<i64, Error> {
        let response = create.call(&self.client)?.send().await?;
        let created = response.json()?;
        let id = created.get("result").or_else(|| created.get("id")).and_then(Value::as_i64);
        id.ok_or_else(|| Error::new(ErrorKind::Decode, "the response names nothing that was created"))
    }

    /// Waits until a worker has measured itself.
    async fn waited(&self, endpoint: i64) -> Result<Measured, Error> {
        self.say("waiting for a worker");
        let begin = Instant::now();
        let (mut seen, mut prices) = (Vec::<i64>::new(), Vec::<(i64, Option<f64>)>::new());
        let mut dead_since = None;
        loop {
            let workers = match self.engine.endpoint(endpoint).workers().await {
                Ok(workers) => workers,
                Err(error) if error.is_retryable() => Vec::new(),
                Err(error) => return Err(error),
            };
            for worker in &workers {
                if !seen.contains(&worker.id) {
                    seen.push(worker.id);
                    prices.push((worker.id, self.price_of(worker.id).await));
                }
            }
            let ready = workers.iter().find_map(|worker| {
                let performance = worker.measured_perf.filter(|performance| *performance > 0.0)?;
                (*worker.status() == WorkerStatus::Idle).then_some((worker.id, performance))
            });
            if let Some((id, performance)) = ready {
                let price = prices.iter().find(|(worker, _)| *worker == id).and_then(|(_, price)| *price);
                self.say(&format!("measured {performance:.1}"));
                return Ok((Status::Ok, Some((performance, price))));
            }
            match workers.first() {
                Some(worker) => self.say(&format!("worker {} is {}", worker.id, worker.status())),
                None if seen.is_empty() && begin.elapsed() > UNRENTED => {
                    self.say(
                        "no worker was rented; is there credit, and do the filters of the template fit?",
                    );
                    return Ok((Status::NoWorker, None));
                }
                None => {}
            }
            let gone = seen.iter().filter(|id| workers.iter().all(|worker| worker.id != **id)).count();
            if gone >= MOST_ABANDONED {
                self.say(&format!("{gone} workers were given up before one was ready"));
                return Ok((Status::Failed, None));
            }
            let is_dead = !workers.is_empty() && workers.iter().all(goes_nowhere);
            dead_since = if is_dead { dead_since.or_else(|| Some(Instant::now())) } else { None };
            if dead_since.is_some_and(|since: Instant| since.elapsed() > DEAD) {
                self.say("its workers stopped before one was ready");
                return Ok((Status::Failed, None));
            }
            sleep(INTERVAL).await;
        }
    }

    /// What the GPUs of a worker cost per hour, where the service says so.
    async fn price_of(&self, worker: i64) -> Option<f64> {
        self.client.instance(worker).show().await.ok()?.dph_base
    }

    /// The endpoint of a name, after a response was lost.
    async fn found(&self, name: &str) -> Result<Option<i64>, Error> {
        for pause in LOOKS {
            sleep(pause).await;
            let endpoints = self.client.endpoints().list().await?;
            if let Some(found) = endpoints.into_iter().find(|it| it.endpoint_name.as_deref() == Some(name)) {
                return Ok(Some(found.id));
            }
        }
        Ok(None)
    }

    /// Deletes what was made, also where the service fails for a while; what is left, in words.
    async fn deleted(&self, name: &str, made: Made) -> Result<(), String> {
        if !made.has_begun {
            return Ok(());
        }
        self.say("deleting what was made");
        let unknown = |error: &Error| {
            format!("whether the endpoint {name:?} was made is not known: {}", in_words(error))
        };
        let endpoint = match made.endpoint {
            Some(id) => id,
            None => match persistently(async || self.found(name).await).await {
                Ok(Some(id)) => id,
                Ok(None) => return Ok(()),
                Err(error) => return Err(unknown(&error)),
            },
        };
        let groups = match made.workergroup {
            Some(id) => vec![id],
            // Its response may have been lost. Where they cannot be listed, the endpoint is deleted all the same, and with it they are.
            None => persistently(async || self.client.workergroups().list().await)
                .await
                .unwrap_or_default()
                .into_iter()
                .filter(|group| group.endpoint_id == Some(endpoint))
                .map(|group| group.id)
                .collect(),
        };
        let mut left = Vec::new();
        // First, so that no more workers are rented.
        for group in groups {
            let delete = async || self.client.workergroup(group).delete().await.map(drop);
            if let Err(error) = persistently(delete).await
                && !self
                    .client
                    .workergroups()
                    .list()
                    .await
                    .is_ok_and(|all| all.iter().all(|it| it.id != group))
            {
                left.push(format!("workergroup {group} is left: {}", in_words(&error)));
            }
        }
        let delete = async || self.client.endpoint(endpoint).delete().await.map(drop);
        if let Err(error) = persistently(delete).await
            // Of what an earlier attempt deleted, the service says that the request is wrong.
            && !self.client.endpoints().list().await.is_ok_and(|all| all.iter().all(|it| it.id != endpoint))
        {
            left.push(format!("endpoint {endpoint} is left: {}", in_words(&error)));
        }
        if left.is_empty() { Ok(()) } else { Err(left.join("; ")) }
    }
}

/// Whether a worker will not be ready any more.
fn goes_nowhere(worker: &Worker) -> bool {
    ["stopped", "destroying", "unavail"]
        .iter()
        .any(|state| worker.status().as_str().eq_ignore_ascii_case(state))
}

/// Does something again while the service fails in a way that may pass. What is not there is done. However long the service asks to wait, it is
/// tried once more at the end: what is not given up is billed.
async fn persistently<T: Default>(attempt: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    let until = Instant::now() + PERSISTENCE;
    loop {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
            Err(error) if !error.is_retryable() || Instant::now() > until => return Err(error),
            Err(error) => {
                let pause = error.retry_after().unwrap_or_default().max(PAUSE);
                sleep(pause.min(until.saturating_duration_since(Instant::now()))).await;
            }
        }
    }
}
