//! Workers of serverless endpoints.

use std::time::{Duration, SystemTime};

use crate::types::{Worker, WorkerStatus};

impl Worker {
    /// What the worker is doing; [`Unknown`](WorkerStatus::Unknown) where the engine does not say.
    #[must_use]
    pub fn status(&self) -> &WorkerStatus {
        self.status.as_ref().unwrap_or(&WorkerStatus::Unknown)
    }

    /// For how long the worker has been up at `now`, where the engine says when it was started.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use vastai_api::types::Worker;
    ///
    /// let worker: Worker = serde_json::from_str(r#"{"id": 7, "started_at": 1000.5}"#)?;
    /// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1060);
    /// assert_eq!(worker.age(now), Some(Duration::from_secs_f64(59.5)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn age(&self, now: SystemTime) -> Option<Duration> {
        let started = self.started_at?.system_time().filter(|started| *started > SystemTime::UNIX_EPOCH)?;
        now.duration_since(started).ok()
    }
}

impl WorkerStatus {
    /// Whether the worker takes requests now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Idle | Self::Ready | Self::Running)
    }
}
