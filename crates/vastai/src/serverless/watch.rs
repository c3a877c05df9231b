//! Watching the workers of an endpoint or a workergroup: polls again and again, and gives what has changed.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_core::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::{Worker, WorkerStatus, WorkersOf};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::waiting::{Polling, later, later_than};

/// What a watch has seen change. Each poll gives as many as there were changes: first the workers that left, then the
/// others in the order of their ids.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum WatchEvent {
    /// A worker is there that was not. The first poll gives all of them so.
    Joined(Worker),
    /// A worker is there no more; as it was last.
    Left(Worker),
    /// The status of a worker has changed. Its load may have changed with it.
    StatusChanged {
        /// The worker as it is now.
        worker: Worker,
        /// What it was doing before.
        before: WorkerStatus,
    },
    /// The load of a worker has changed, and its status has not.
    LoadChanged {
        /// The worker as it is now.
        worker: Worker,
        /// The load before, per second.
        before: Option<f64>,
        /// The requests in progress before.
        requests_before: Option<i64>,
    },
    /// A poll failed in a way that may pass, and the watch goes on. Given for every such failure.
    PollFailed {
        /// Why it failed. Its [`retry_after`](Error::retry_after) is what the service asked for, however long.
        error: Error,
        /// How many polls in a row have failed, this one included.
        failures: u32,
        /// After what time the next poll comes: at most ten minutes, or the interval of the watch where that is longer.
        retry_in: Duration,
    },
    /// A poll succeeded after some had failed. What changed meanwhile follows.
    Recovered {
        /// How many polls in a row had failed.
        failures: u32,
    },
}

/// A watch over the workers of an endpoint or a workergroup; made by [`EndpointHandle::watch`](super::EndpointHandle::watch).
///
/// It polls when it is asked for the next change and has none left to give, and no sooner than the interval after the poll before. So
/// polls never pile up behind a slow reader. Failures that may pass are given as [`WatchEvent::PollFailed`], and the watch goes on:
/// less often while they go on, and never sooner than the service allows, though it waits no longer than ten minutes (or its interval, where
/// that is longer) whatever the service asks for; the event says both. A failure that will not pass is given as an error, and ends it.
///
/// It is a [`Stream`]; [`next`](Self::next) does without one. Dropping it ends it; a `next` that is dropped while it waits loses nothing.
/// What it keeps is the response of the last poll and no more.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use std::time::Duration;
/// use vastai::serverless::WatchEvent;
///
/// let mut watch = client.endpoint(12345).watch(Duration::from_secs(5));
/// while let Some(event) = watch.next().await {
///     match event? {
///         WatchEvent::Joined(worker) => println!("{} is there: {}", worker.id, worker.status()),
///         WatchEvent::Left(worker) => println!("{} has left", worker.id),
///         WatchEvent::StatusChanged { worker, before } => {
///             println!("{}: {before} → {}", worker.id, worker.status());
///         }
///         WatchEvent::PollFailed { error, .. } => eprintln!("{error}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "it polls only when it is asked for the next change"]
pub struct Watch {
    client: Client,
    of: WorkersOf,
    interval: Duration,
    /// When it ends by itself.
    deadline: Option<Instant>,
    polling: Polling,
    snapshot: Snapshot,
    events: VecDeque<WatchEvent>,
    /// When the next poll is due.
    next_poll: Instant,
    poll: Option<BoxFuture<'static, PollResult>>,
    polls: u64,
    ended: bool,
}

/// How a poll ended.
enum PollResult {
    /// With a response or a failure.
    Done { began: Instant, workers: Result<Vec<Worker>> },
    /// The deadline came before.
    Late,
}

impl Watch {
    pub(crate) fn new(client: Client, of: WorkersOf, interval: Duration) -> Self {
        Self {
            deadline: client.deadline(),
            client,
            of,
            interval,
            polling: Polling::new(interval),
            snapshot: Snapshot::default(),
            events: VecDeque::new(),
            next_poll: Instant::now(),
            poll: None,
            polls: 0,
            ended: false,
        }
    }

    /// Ends the watch after this time, without an error. It has no end unless set, but that of its [client](crate::Client::with_deadline).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let own = later(timeout);
        self.deadline = Some(self.deadline.map_or(own, |deadline| deadline.min(own)));
        self
    }

    /// How long to pause between two polls from now on.
    pub fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
        self.polling.set_interval(interval);
    }

    /// The workers as the last poll that succeeded saw them, in the order of their ids. Changes of that poll may not have been given yet.
    pub fn workers(&self) -> impl ExactSizeIterator<Item = &Worker> {
        self.snapshot.workers()
    }

    /// How many polls have been made, failed ones included.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// The next change; `None` after the [timeout](Self::timeout), and after an error.
    ///
    /// # Errors
    ///
    /// A failure that will not pass: [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized),
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for an unknown endpoint, a response that is undecodable many times in a row.
    pub async fn next(&mut self) -> Option<Result<WatchEvent>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The changes of the next poll, all at once, and before them those that were not given yet; empty where a poll saw no change. So a
    /// program that shows how old its data is hears of every poll. `None` after the [timeout](Self::timeout), and after an error.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn next_poll(&mut self) -> Option<Result<Vec<WatchEvent>>> {
        let ended = poll_fn(|context| self.drive(context)).await?;
        Some(ended.map(|()| self.events.drain(..).collect()))
    }

    /// Drives one poll to its end, whose changes are then there to be given; `None` where there is none any more.
    fn drive(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut poll = self.poll.take().unwrap_or_else(|| self.poll());
        match poll.as_mut().poll(context) {
            Poll::Pending => {
                self.poll = Some(poll);
                Poll::Pending
            }
            Poll::Ready(PollResult::Late) => {
                self.end();
                Poll::Ready(None)
            }
            Poll::Ready(PollResult::Done { began, workers }) => {
                let taken = self.take(began, workers);
                if taken.is_err() {
                    self.end();
                }
                Poll::Ready(Some(taken))
            }
        }
    }

    /// The next poll, from the pause before it on.
    fn poll(&self) -> BoxFuture<'static, PollResult> {
        let (client, of, due, deadline) =
            (self.client.clone(), self.of.clone(), self.next_poll, self.deadline);
        Box::pin(async move {
            let poll = async {
                sleep_until(due).await;
                let began = Instant::now();
                PollResult::Done { began, workers: of.workers(&client).await }
            };
            match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, poll).await.unwrap_or(PollResult::Late),
                None => poll.await,
            }
        })
    }

    /// Takes in what a poll has shown; the error where the watch cannot go on.
    fn take(&mut self, began: Instant, workers: Result<Vec<Worker>>) -> Result<()> {
        self.polls += 1;
        match workers {
            Ok(workers) => {
                let failures = self.polling.failures();
                if failures > 0 {
                    self.events.push_back(WatchEvent::Recovered { failures });
                }
                let pause = self.polling.succeeded();
                self.next_poll = later_than(began, pause);
                self.snapshot.update(workers, &mut self.events);
            }
            Err(error) => {
                let pause = self.polling.failed(error.clone())?;
                let failures = self.polling.failures();
                tracing::debug!(of = %self.of, kind = %error.kind(), failures, "a poll of the workers failed");
                // A failure may itself have taken longer than the pause.
                self.next_poll = later(pause);
                self.events.push_back(WatchEvent::PollFailed { error, failures, retry_in: pause });
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.poll = None;
    }
}

impl Stream for Watch {
    type Item = Result<WatchEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = self.get_mut();
        loop {
            if let Some(event) = watch.events.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            match ready!(watch.drive(context)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Watch")
            .field("of", &self.of)
            .field("interval", &self.interval)
            .field("polls", &self.polls)
            .field("workers", &self.snapshot.workers().len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// The workers of one poll. It is as large as that poll's response, however many came before.
#[derive(Debug, Clone, Default)]
struct Snapshot {
    /// By id, and where several have the same, as those without an instance can, by their order too.
    workers: BTreeMap<(i64, usize), Worker>,
}

impl Snapshot {
    fn workers(&self) -> impl ExactSizeIterator<Item = &Worker> {
        self.workers.values()
    }

    /// Takes in the workers of the next poll, and adds what is different to the events.
    fn update(&mut self, workers: Vec<Worker>, events: &mut VecDeque<WatchEvent>) {
        let mut now: BTreeMap<(i64, usize), Worker> = BTreeMap::new();
        for worker in workers {
            let id = worker.id;
            let same = now.range((id, 0)..=(id, usize::MAX)).count();
            now.insert((id, same), worker);
        }
        let before = std::mem::take(&mut self.workers);
        for (key, worker) in &before {
            if !now.contains_key(key) {
                events.push_back(WatchEvent::Left(worker.clone()));
            }
        }
        for (key, worker) in &now {
            events.extend(change(before.get(key), worker));
        }
        self.workers = now;
    }
}

fn change(before: Option<&Worker>, worker: &Worker) -> Option<WatchEvent> {
    let Some(before) = before else { return Some(WatchEvent::Joined(worker.clone())) };
    if before.status() != worker.status() {
        return Some(WatchEvent::StatusChanged { worker: worker.clone(), before: before.status().clone() });
    }
    if (before.cur_load, before.reqs_working) != (worker.cur_load, worker.reqs_working) {
        return Some(WatchEvent::LoadChanged {
            worker: worker.clone(),
            before: before.cur_load,
            requests_before: before.reqs_working,
        });
    }
    None
}
