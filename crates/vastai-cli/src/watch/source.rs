//! Where the data come from: polls of the service, each list on a task of its own, so that one that hangs does not hold up the others.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use vastai::serverless::{Watch, WatchEvent};
use vastai::{Client, Error, Instance, Worker};

/// The longest pause after failures in a row, unless the interval is longer or the service asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest wait for which the service is obeyed: a view that waits a day is none.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10 * 60);
/// How old a price may become. That of an instance changes where its host changes it, or a bid is.
const PRICES_AGE: Duration = Duration::from_secs(60);

/// An endpoint, by what it was called on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Id(i64),
    Name(String),
}

/// What one list is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// The workers of one endpoint.
    Endpoint(Named),
    /// The workers of all endpoints.
    Endpoints,
    /// The account's instances.
    Instances,
}

/// What a poll saw.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// Workers with the names of their endpoints, and the prices in dollars per hour of the instances that they run on.
    Workers {
        workers: Vec<(String, Worker)>,
        prices: HashMap<i64, f64>,
    },
    Instances(Vec<Instance>),
}

/// How a poll ended.
#[derive(Debug, Clone)]
pub(super) enum Update {
    /// With data; `lacking` says what else was asked for and could not be had.
    Seen { seen: Seen, lacking: Option<String> },
    /// It failed in a way that may pass; the next one comes after `retry_in`.
    Failed { error: Error, failures: u32, retry_in: Duration },
    /// It failed in a way that will not pass, and there will be no other.
    Ended(Error),
}

/// The updates of several lists, by their places. Dropping it ends the polls.
pub(super) struct Updates {
    receiver: mpsc::Receiver<(usize, Update)>,
    _polls: JoinSet<()>,
}

impl Updates {
    pub(super) fn of(client: &Client, subjects: &[Subject], interval: Duration) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        let mut polls = JoinSet::new();
        for (place, subject) in subjects.iter().cloned().enumerate() {
            let (client, sender) = (client.clone(), sender.clone());
            polls.spawn(async move {
                let mut source = Source::new(client, subject, interval);
                while let Some(update) = source.next().await {
                    if sender.send((place, update)).await.is_err() {
                        break;
                    }
                }
            });
        }
        Self { receiver, _polls: polls }
    }

    /// The next update; `None` once no list is polled any more. Nothing is lost where it is dropped.
    pub(super) async fn next(&mut self) -> Option<(usize, Update)> {
        self.receiver.recv().await
    }
}

/// The polls of one list.
pub(super) struct Source {
    client: Client,
    polls: Polls,
    interval: Duration,
    prices: Prices,
    /// When the next poll of a list is due.
    due: Instant,
    failures: u32,
    ended: bool,
}

enum Polls {
    Endpoint { name: String, watch: Box<Watch> },
    Endpoints,
    Instances,
}

impl Source {
    pub(super) fn new(client: Client, subject: Subject, interval: Duration) -> Self {
        let polls = match subject {
            Subject::Endpoint(Named::Id(id)) => {
                Polls::Endpoint { name: id.to_string(), watch: Box::new(client.endpoint(id).watch(interval)) }
            }
            Subject::Endpoint(Named::Name(name)) => {
                Polls::Endpoint { watch: Box::new(client.endpoint_named(&name).watch(interval)), name }
            }
            Subject::Endpoints => Polls::Endpoints,
            Subject::Instances => Polls::Instances,
        };
        let prices = Prices::default();
        Self { client, polls, interval, prices, due: Instant::now(), failures: 0, ended: false }
    }

    /// The next poll, when it is due; `None` after one that failed in a way that will not pass.
    pub(super) async fn next(&mut self) -> Option<Update> {
        if self.ended {
            return None;
        }
        let update = match &mut self.polls {
            Polls::Endpoint { name, watch } => {
                // After the poll whose workers still lack prices, so that these never hold up a list.
                self.prices.refresh(&self.client, watch.workers().map(|worker| worker.id)).await;
                of_watch(name, watch, &self.prices).await?
            }
            Polls::Endpoints => {
                sleep_until(self.due).await;
                let began = Instant::now();
                let workers = all_workers(&self.client).await;
                self.listed(began, workers).await
            }
            Polls::Instances => {
                sleep_until(self.due).await;
                let began = Instant::now();
                let instances = self.client.instances().pages().collect().await;
                self.listed(began, instances.map(|instances| (Seen::Instances(instances), None))).await
            }
        };
        self.ended = matches!(update, Update::Ended(_));
        Some(update)
    }

    /// Takes in how a poll of lists ended, and when the next is due.
    async fn listed(&mut self, began: Instant, listed: Result<(Seen, Option<String>), Error>) -> Update {
        match listed {
            Ok((mut seen, mut lacking)) => {
                self.failures = 0;
                self.due = began + self.interval;
                if let Seen::Workers { workers, prices } = &mut seen {
                    self.prices.refresh(&self.client, workers.iter().map(|(_, worker)| worker.id)).await;
                    prices.clone_from(&self.prices.known);
                    lacking = lacking.or_else(|| self.prices.lacking());
                }
                Update::Seen { seen, lacking }
            }
            Err(error) if error.may_pass() => {
                self.failures = self.failures.saturating_add(1);
                let doubled = self.interval.saturating_mul(1 << (self.failures - 1).min(16));
                let asked = error.retry_after().unwrap_or_default().min(LONGEST_RETRY_AFTER);
                let retry_in = doubled.min(LONGEST_PAUSE.max(self.interval)).max(asked);
                self.due = Instant::now() + retry_in;
                Update::Failed { error, failures: self.failures, retry_in }
            }
            Err(error) => Update::Ended(error),
        }
    }
}

/// The next poll of a watch.
async fn of_watch(name: &str, watch: &mut Watch, prices: &Prices) -> Option<Update> {
    let events = match watch.next_poll().await? {
        Ok(events) => events,
        Err(error) => return Some(Update::Ended(error)),
    };
    if let Some(WatchEvent::PollFailed { error, failures, retry_in }) = events.into_iter().next_back() {
        return Some(Update::Failed { error, failures, retry_in });
    }
    let workers = watch.workers().map(|worker| (name.to_owned(), worker.clone())).collect();
    let seen = Seen::Workers { workers, prices: prices.known.clone() };
    Some(Update::Seen { seen, lacking: prices.lacking() })
}

/// The workers of all endpoints. An endpoint whose workers cannot be had, as one that is just being deleted, hides no other.
async fn all_workers(client: &Client) -> Result<(Seen, Option<String>), Error> {
    let (mut workers, mut failed) = (Vec::new(), None);
    let endpoints = client.endpoints().list().await?;
    let (mut had, mut last) = (endpoints.is_empty(), None);
    for endpoint in endpoints {
        let name = endpoint.endpoint_name.clone().unwrap_or_else(|| endpoint.id.to_string());
        match client.endpoint(endpoint.id).workers().await {
            Ok(of_endpoint) => {
                had = true;
                workers.extend(of_endpoint.into_iter().map(|worker| (name.clone(), worker)));
            }
            Err(error) => {
                failed.get_or_insert_with(|| format!("workers of {name}: {}", error.message()));
                last = Some(error);
            }
        }
    }
    match last {
        Some(error) if !had => Err(error),
        _ => Ok((Seen::Workers { workers, prices: HashMap::new() }, failed)),
    }
}

/// The prices of the instances that workers run on; the engine does not know them.
#[derive(Debug, Default)]
struct Prices {
    known: HashMap<i64, f64>,
    fetched: Option<Instant>,
    failed: Option<String>,
}

impl Prices {
    /// Fetches the prices where there are workers, and those known are too old or were never fetched.
    fn refresh(
        &mut self,
        client: &Client,
        mut workers: impl Iterator<Item = i64>,
    ) -> impl Future<Output = ()> {
        let fresh = self.fetched.is_some_and(|fetched| fetched.elapsed() < PRICES_AGE);
        let wanted = !fresh && workers.next().is_some();
        async move {
            if !wanted {
                return;
            }
            // A failure counts as well: prices are no reason to ask more often than for the workers themselves.
            self.fetched = Some(Instant::now());
            match client.instances().pages().collect().await {
                Ok(instances) => {
                    let priced =
                        instances.iter().filter_map(|instance| Some((instance.id, instance.dph_total?)));
                    self.known = priced.collect();
                    self.failed = None;
                }
                Err(error) => self.failed = Some(error.message().to_owned()),
            }
        }
    }

    fn lacking(&self) -> Option<String> {
        self.failed.as_ref().map(|failed| format!("prices: {failed}"))
    }
}
