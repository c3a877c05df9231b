//! The polls: each source on a task of its own, whose last data every scrape reads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use vastai::{Client, Result};

use super::host::Host;
use super::market;
use super::metric::{Families, Metric, labels};
use super::renter;
use super::serverless::Endpoints;
use super::targets::{self, Target};
use crate::failure;
use crate::output;

/// The longest pause after failures in a row, unless the interval is longer or the service asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// The longest wait for which the service is obeyed at once.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10 * 60);

const UP: Metric = Metric::gauge("vastai_up", "", "Whether the last poll of a source had its data");
const DATA_AGE: Metric = Metric::gauge(
    "vastai_source_age",
    "seconds",
    "Age of what is said of a source; missing before it was first had",
);
const LEFT_OUT: Metric = Metric::gauge(
    "vastai_source_left_out_samples",
    "",
    "Samples of a source that are left out, as a metric had too many",
);
const INTERVAL: Metric =
    Metric::gauge("vastai_source_interval", "seconds", "How far apart the polls of a source are");
const POLLS: Metric = Metric::counter("vastai_polls", "Polls that have ended");
const FAILURES: Metric =
    Metric::counter("vastai_poll_failures", "Polls that have failed, after their retries");
const DURATION: Metric =
    Metric::gauge("vastai_poll_duration", "seconds", "How long the last poll took, retries included");
const BUILD: Metric = Metric::gauge("vastai_exporter_build_info", "", "What serves this; always 1");

/// What is polled.
#[derive(Debug)]
pub(super) enum Source {
    Account,
    Instances { compat: bool },
    Endpoints(Endpoints),
    Host { host: Host, compat: bool },
    Market { gpus: Vec<String>, compat: bool },
}

impl Source {
    const fn name(&self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Instances { .. } => "instances",
            Self::Endpoints(_) => "endpoints",
            Self::Host { .. } => "host",
            Self::Market { .. } => "market",
        }
    }

    async fn poll(&mut self, client: &Client, now: SystemTime) -> Result<(Families, Vec<Target>)> {
        match self {
            Self::Account => Ok((renter::account(client).await?, Vec::new())),
            Self::Instances { compat } => renter::instances(client, now, *compat).await,
            Self::Endpoints(endpoints) => endpoints.poll(client).await,
            Self::Host { host, compat } => Ok((host.poll(client, *compat).await?, Vec::new())),
            Self::Market { gpus, compat } => Ok((market::poll(client, gpus, *compat).await?, Vec::new())),
        }
    }
}

/// What the sources said last. Its lock is held to read and to replace, never while something is awaited.
#[derive(Debug, Default)]
pub(super) struct Snapshot(Mutex<BTreeMap<&'static str, State>>);

#[derive(Debug)]
struct State {
    interval: Duration,
    /// When the data are of, and the data.
    data: Option<(Instant, Arc<Families>)>,
    targets: Arc<Vec<Target>>,
    is_up: bool,
    polls: u32,
    failures: u32,
    took: Option<Duration>,
}

impl Snapshot {
    /// All that is known now.
    pub(super) fn families(&self) -> Vec<Arc<Families>> {
        let mut own = Families::default();
        own.set(BUILD, &labels([("version", env!("CARGO_PKG_VERSION").to_owned())]), 1.0);
        let states = self.locked();
        let mut parts = Vec::new();
        for (source, state) in &*states {
            let source = labels([("source", (*source).to_owned())]);
            own.flag(UP, &source, state.is_up);
            own.set(INTERVAL, &source, state.interval.as_secs_f64());
            own.set(POLLS, &source, f64::from(state.polls));
            own.set(FAILURES, &source, f64::from(state.failures));
            own.set(DURATION, &source, state.took.map(|took| took.as_secs_f64()));
            if let Some((since, families)) = &state.data {
                own.set(DATA_AGE, &source, since.elapsed().as_secs_f64());
                own.set(LEFT_OUT, &source, f64::from(families.left_out()));
                parts.push(Arc::clone(families));
            }
        }
        parts.push(Arc::new(own));
        parts
    }

    /// The document of all targets.
    pub(super) fn targets(&self) -> String {
        let targets: Vec<_> = self.locked().values().map(|state| Arc::clone(&state.targets)).collect();
        targets::document(targets.iter().flat_map(|targets| targets.iter()))
    }

    /// Whether each source was polled once, be it in vain.
    pub(super) fn is_filled(&self) -> bool {
        self.locked().values().all(|state| state.polls > 0)
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<&'static str, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, source: &'static str, interval: Duration) {
        let state = State {
            interval,
            data: None,
            targets: Arc::default(),
            is_up: false,
            polls: 0,
            failures: 0,
            took: None,
        };
        self.locked().insert(source, state);
    }

    fn ended(&self, source: &'static str, took: Duration, had: Option<(Families, Vec<Target>)>) {
        let mut states = self.locked();
        let Some(state) = states.get_mut(source) else { return };
        state.polls = state.polls.saturating_add(1);
        state.took = Some(took);
        state.is_up = had.is_some();
        match had {
            Some((families, targets)) => {
                state.data = Some((Instant::now(), Arc::new(families)));
                state.targets = Arc::new(targets);
            }
            None => state.failures = state.failures.saturating_add(1),
        }
    }
}

/// Starts the polls; dropping the set ends them.
pub(super) fn start(
    client: &Client,
    sources: Vec<(Source, Duration)>,
    snapshot: &Arc<Snapshot>,
    now: impl Fn() -> SystemTime + Clone + Send + Sync + 'static,
) -> JoinSet<()> {
    let mut polls = JoinSet::new();
    for (source, interval) in sources {
        snapshot.begin(source.name(), interval);
        polls.spawn(keep_polling(client.clone(), source, interval, Arc::clone(snapshot), now.clone()));
    }
    polls
}

async fn keep_polling(
    client: Client,
    mut source: Source,
    interval: Duration,
    snapshot: Arc<Snapshot>,
    now: impl Fn() -> SystemTime,
) {
    let (name, mut failures) = (source.name(), 0_u32);
    loop {
        let began = Instant::now();
        let ended = source.poll(&client, now()).await;
        let due = match ended {
            Ok(had) => {
                if failures > 0 {
                    output::note(&format!("{name}: polled again after {failures} failures"));
                }
                failures = 0;
                snapshot.ended(name, began.elapsed(), Some(had));
                began + interval
            }
            Err(error) => {
                // Once for each row of failures: a service that is down for a night fills no log.
                if failures == 0 {
                    output::warn(&format!("{name}: {}", failure::in_words(&error)));
                }
                failures = failures.saturating_add(1);
                snapshot.ended(name, began.elapsed(), None);
                let asked = error.retry_after().unwrap_or_default().min(LONGEST_RETRY_AFTER);
                Instant::now() + pause(interval, failures).max(asked)
            }
        };
        sleep_until(due).await;
    }
}

/// The pause after so many failures in a row: it doubles, up to the longest.
fn pause(interval: Duration, failures: u32) -> Duration {
    let doubled = interval.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(LONGEST_PAUSE.max(interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_make_polls_rarer_up_to_a_limit() {
        let seconds = Duration::from_secs;
        let pauses = [1, 2, 3, 4, 5, 400].map(|failures| pause(seconds(30), failures));
        assert_eq!(pauses, [30, 60, 120, 240, 300, 300].map(seconds));
        assert_eq!(pause(seconds(3_600), 9), seconds(3_600));
    }
}
