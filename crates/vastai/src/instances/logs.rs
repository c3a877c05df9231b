//! The log of an instance, and what else the service puts into a file: fetched, and followed.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::future::BoxFuture;
use tokio::time::sleep;
use vastai_api::{Operation, operations};

use crate::client::{Client, present};
use crate::error::Result;
use crate::waiting::Polling;

/// Between two polls of the log, unless set.
const INTERVAL: Duration = Duration::from_secs(5);
/// How many lines each poll asks for: what a program writes in an interval, and so many more that the poll before is found in it.
const LINES: u32 = 1_000;

/// The log of an instance.
pub(super) async fn logs(client: &Client, id: i64, lines: Option<u32>) -> Result<String> {
    let lines = lines.map(|lines| lines.to_string());
    let put = client.api().show_logs().id(id).body_map(|body| body.tail(lines)).send().await?;
    content_of(client, put.result_url.as_deref(), operations::SHOW_LOGS).await
}

/// The content of the file that a response points to.
pub(super) async fn content_of(
    client: &Client,
    url: Option<&str>,
    operation: &'static Operation,
) -> Result<String> {
    client.result_file(present(url, "result_url", operation)?)?.text().await
}

/// What is new in the log of an instance, piece by piece; made by [`InstanceHandle::follow_logs`](super::InstanceHandle::follow_logs).
///
/// The service has no stream of logs, so this polls every five seconds and gives the lines that were not there before. Where more than
/// a thousand lines come between two polls, the oldest of them are missing, and the piece begins with a line that says so. A log that is
/// not there yet, and failures that may pass, are waited out. It has no end of its own: drop it.
///
/// It is a [`Stream`]; [`next`](Self::next) does without one.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// let mut log = client.instance(312).follow_logs();
/// while let Some(new) = log.next().await {
///     print!("{}", new?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is fetched before it is polled"]
pub struct FollowLogs {
    client: Client,
    id: i64,
    interval: Duration,
    seen: Option<String>,
    polling: Polling,
    poll: Option<BoxFuture<'static, Result<String>>>,
    pause: Duration,
    is_over: bool,
}

impl FollowLogs {
    pub(super) fn new(client: Client, id: i64) -> Self {
        Self {
            client,
            id,
            interval: INTERVAL,
            seen: None,
            polling: Polling::new(INTERVAL),
            poll: None,
            pause: Duration::ZERO,
            is_over: false,
        }
    }

    /// How long to pause between two polls. 5 seconds unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self.polling.set_interval(interval);
        self
    }

    /// The next piece: whole lines, each with its line break. The first is the end of the log as it is. `None` after an error.
    ///
    /// # Errors
    ///
    /// A failure that will not pass, such as [`NotFound`](crate::ErrorKind::NotFound).
    pub async fn next(&mut self) -> Option<Result<String>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn poll(&self) -> BoxFuture<'static, Result<String>> {
        let (client, id, pause) = (self.client.clone(), self.id, self.pause);
        Box::pin(async move {
            sleep(pause).await;
            logs(&client, id, Some(LINES)).await
        })
    }

    /// What of a log was not there at the last poll.
    fn take(&mut self, log: String) -> String {
        let whole = &log[..log.rfind('\n').map_or(0, |end| end + 1)];
        let new = match &self.seen {
            None => whole.to_owned(),
            Some(seen) => match overlap(seen, whole) {
                Some(length) => whole[length..].to_owned(),
                None if seen.is_empty() || whole.is_empty() => whole.to_owned(),
                None => format!("[lines are missing here: more than {LINES} came at once]\n{whole}"),
            },
        };
        if !whole.is_empty() {
            self.seen = Some(whole.to_owned());
        }
        new
    }
}

/// How much of the start of the log that is there now is the end of what was there before: the longest such part of whole lines.
fn overlap(before: &str, now: &str) -> Option<usize> {
    let starts = std::iter::once(0).chain(before.match_indices('\n').map(|(at, _)| at + 1));
    starts.filter(|start| *start < before.len()).find_map(|start| {
        let end = &before[start..];
        now.starts_with(end).then_some(end.len())
    })
}

impl Stream for FollowLogs {
    type Item = Result<String>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let follow = self.get_mut();
        loop {
            if follow.is_over {
                return Poll::Ready(None);
            }
            let mut poll = follow.poll.take().unwrap_or_else(|| follow.poll());
            let log = match poll.as_mut().poll(context) {
                Poll::Pending => {
                    follow.poll = Some(poll);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(log)) => {
                    follow.pause = follow.polling.succeeded();
                    log
                }
                Poll::Ready(Err(error)) => match follow.polling.failed(error) {
                    Ok(pause) => {
                        follow.pause = pause;
                        continue;
                    }
                    Err(error) => {
                        follow.is_over = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            };
            let new = follow.take(log);
            if !new.is_empty() {
                return Poll::Ready(Some(Ok(new)));
            }
        }
    }
}

impl fmt::Debug for FollowLogs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FollowLogs")
            .field("instance", &self.id)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
