//! A watch: looks again and again, and tells what has changed.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::WatchEvent;
use super::snapshot::Snapshot;
use crate::client::Client;
use crate::error::Result;
use crate::serverless::{Worker, WorkersOf};
use crate::waiting::{Patience, later, later_than};

/// A watch over the workers of an endpoint or a workergroup; made by [`EndpointHandle::watch`](crate::EndpointHandle::watch).
///
/// It looks when it is asked for the next change and has none left to tell, and no sooner than the interval after the look before. So
/// looks never pile up behind a reader that is slow. Failures that may pass are told as [`WatchEvent::Trouble`], and the watch goes on:
/// less often while they go on, and never sooner than the service allows, though it waits no longer than ten minutes (or its interval, where
/// that is longer) whatever the service asks for; the event says both. A failure that will not pass is given as an error, and ends it.
///
/// It is a [`Stream`]; [`next`](Self::next) does without one. Dropping it ends it; a `next` that is dropped while it waits loses nothing.
/// What it keeps is the answer of the last look and no more.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use std::time::Duration;
/// use vastai::WatchEvent;
///
/// let mut watch = client.endpoint(12345).watch(Duration::from_secs(5));
/// while let Some(event) = watch.next().await {
///     match event? {
///         WatchEvent::Joined(worker) => println!("{} is there: {}", worker.id, worker.status),
///         WatchEvent::Left(worker) => println!("{} has left", worker.id),
///         WatchEvent::StatusChanged { worker, before } => println!("{}: {before} → {}", worker.id, worker.status),
///         WatchEvent::Trouble { error, .. } => eprintln!("{error}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "it looks only when it is asked for the next change"]
pub struct Watch {
    client: Client,
    of: WorkersOf,
    interval: Duration,
    /// When it ends by itself.
    deadline: Option<Instant>,
    patience: Patience,
    snapshot: Snapshot,
    events: VecDeque<WatchEvent>,
    /// When the next look is due.
    next_look: Instant,
    look: Option<BoxFuture<'static, Looked>>,
    looks: u64,
    ended: bool,
}

/// How a look ended.
enum Looked {
    /// With an answer or a failure.
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
            patience: Patience::new(interval),
            snapshot: Snapshot::default(),
            events: VecDeque::new(),
            next_look: Instant::now(),
            look: None,
            looks: 0,
            ended: false,
        }
    }

    /// Ends the watch after this time, without an error. It has no end unless set, but that of its [client](crate::Client::with_deadline).
    pub fn deadline(mut self, after: Duration) -> Self {
        let own = later(after);
        self.deadline = Some(self.deadline.map_or(own, |deadline| deadline.min(own)));
        self
    }

    /// How long to pause between two looks from now on.
    pub fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
        self.patience.set_interval(interval);
    }

    /// The workers as the last look that succeeded saw them, in the order of their ids. Changes of that look may still wait to be told.
    pub fn workers(&self) -> impl ExactSizeIterator<Item = &Worker> {
        self.snapshot.workers()
    }

    /// How many looks have been done, failed ones included.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.looks
    }

    /// The next change; `None` after the deadline, and after an error.
    ///
    /// # Errors
    ///
    /// A failure that will not pass: [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized),
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for an unknown endpoint, an answer that is undecodable many times in a row.
    pub async fn next(&mut self) -> Option<Result<WatchEvent>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next look, from the pause before it on.
    fn look(&self) -> BoxFuture<'static, Looked> {
        let (client, of, due, deadline) =
            (self.client.clone(), self.of.clone(), self.next_look, self.deadline);
        Box::pin(async move {
            let look = async {
                sleep_until(due).await;
                let began = Instant::now();
                Looked::Done { began, workers: of.workers(&client).await }
            };
            match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, look).await.unwrap_or(Looked::Late),
                None => look.await,
            }
        })
    }

    /// Takes in what a look has shown; the error where the watch cannot go on.
    fn take(&mut self, began: Instant, workers: Result<Vec<Worker>>) -> Result<()> {
        self.looks += 1;
        match workers {
            Ok(workers) => {
                let failures = self.patience.failures();
                if failures > 0 {
                    self.events.push_back(WatchEvent::Recovered { failures });
                }
                let pause = self.patience.answered();
                self.next_look = later_than(began, pause);
                self.snapshot.update(workers, &mut self.events);
            }
            Err(error) => {
                let pause = self.patience.failed(error.clone())?;
                let failures = self.patience.failures();
                tracing::debug!(of = %self.of, kind = %error.kind(), failures, "a look at the workers failed");
                // A failure may itself have taken longer than the pause.
                self.next_look = later(pause);
                self.events.push_back(WatchEvent::Trouble { error, failures, next_look: pause });
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.look = None;
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
            if watch.ended {
                return Poll::Ready(None);
            }
            let mut look = watch.look.take().unwrap_or_else(|| watch.look());
            match look.as_mut().poll(context) {
                Poll::Pending => {
                    watch.look = Some(look);
                    return Poll::Pending;
                }
                Poll::Ready(Looked::Late) => watch.end(),
                Poll::Ready(Looked::Done { began, workers }) => {
                    if let Err(error) = watch.take(began, workers) {
                        watch.end();
                        return Poll::Ready(Some(Err(error)));
                    }
                }
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
            .field("looks", &self.looks)
            .field("workers", &self.snapshot.workers().len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
