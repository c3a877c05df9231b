//! Waiting for the workers of an endpoint.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Worker, WorkersOf};
use crate::client::{Client, awaited};
use crate::error::Result;
use crate::waiting::{Deadline, Polled, poll_until};

/// Between two polls of the workers, unless set.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long to wait, unless set. A cold worker pulls an image and loads a model.
const TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// A wait until an endpoint or a workergroup has so many workers that take requests; made by
/// [`EndpointHandle::wait_until_ready`](super::EndpointHandle::wait_until_ready), and done by `.await`.
///
/// It gives all workers, those that are ready among them. Failures that may pass do not end it, as with
/// [`WaitUntilRunning`](crate::instances::WaitUntilRunning), nor does an engine that has nothing to say yet. Dropping it ends it.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use std::time::Duration;
///
/// let wait = client.endpoint(12345).wait_until_ready(2);
/// let workers = wait.timeout(Duration::from_secs(900)).await?;
/// println!("{} workers", workers.len());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) at the end of its [time](Self::timeout), with what the workers were doing; its
/// [`source`](std::error::Error::source) is the last failure on the way. A failure that will not pass, such as
/// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for an unknown endpoint, at once.
#[derive(Debug, Clone)]
#[must_use = "it waits only where it is awaited"]
pub struct WaitUntilReady {
    of: WorkersOf,
    client: Client,
    ready: usize,
    interval: Duration,
    timeout: Duration,
}

impl WaitUntilReady {
    pub(crate) fn new(client: Client, of: WorkersOf, ready: usize) -> Self {
        Self { of, client, ready, interval: INTERVAL, timeout: TIMEOUT }
    }

    /// How long to pause between two polls. 5 seconds unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to wait at most, from the first poll on. 30 minutes unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn wait(self) -> Result<Vec<Worker>> {
        let Self { of, client, ready, interval, timeout } = self;
        let deadline = Deadline::after(timeout, client.deadline());
        let mut seen = None;
        let polled = poll_until(
            &deadline,
            interval,
            || of.workers(&client),
            |workers: Vec<Worker>| {
                let now = workers.iter().filter(|worker| worker.status().is_ready()).count();
                if now >= ready {
                    return Ok(Polled::Done(workers));
                }
                seen = Some((now, by_status(&workers)));
                Ok(Polled::NotYet)
            },
        );
        match polled.await {
            Ok(workers) => Ok(workers),
            Err(ended) => {
                let seen = || match seen {
                    Some((now, doing)) => format!("{of} has {now} of {ready} ready workers ({doing})"),
                    None => format!("the engine has not said which workers {of} has"),
                };
                Err(ended.into_error(
                    &deadline,
                    seen,
                    "its workers are billed meanwhile: wait on, or scale it down",
                ))
            }
        }
    }
}

awaited!(WaitUntilReady -> Vec<Worker>, by wait);

/// How many workers are in which status: `1 IDLE, 2 LOADING`.
fn by_status(workers: &[Worker]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for worker in workers {
        *counts.entry(worker.status().as_str()).or_default() += 1;
    }
    match counts.is_empty() {
        true => "no workers".to_owned(),
        false => {
            counts.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
        }
    }
}
