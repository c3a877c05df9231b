//! What a watch tells.

use std::time::Duration;

use crate::error::Error;
use crate::serverless::{Worker, WorkerStatus};

/// What a watch has seen change. Each look at the workers gives as many as there were changes: first the workers that left, then the
/// others in the order of their ids.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum WatchEvent {
    /// A worker is there that was not. The first look tells all of them so.
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
    /// A look failed in a way that may pass, and the watch goes on. Told for every such failure.
    Trouble {
        /// Why it failed. Its [`retry_after`](Error::retry_after) is what the service asked for, however long.
        error: Error,
        /// How many looks in a row have failed, this one included.
        failures: u32,
        /// After what time the next look comes: at most ten minutes, or the interval of the watch where that is longer.
        next_look: Duration,
    },
    /// A look succeeded after some had failed. What changed meanwhile follows.
    Recovered {
        /// How many looks in a row had failed.
        failures: u32,
    },
}
