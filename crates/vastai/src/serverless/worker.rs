//! A worker of a serverless endpoint.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::view::{integer, number, open_set, take, take_id, text};

/// A worker of a serverless endpoint, as the engine sees it.
///
/// Of everything but the id the engine may say nothing, which is `None`. A load is in the worker's own units per second: tokens for
/// language models.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Worker {
    /// The id of the instance the worker runs on. 0 and negative ids occur.
    pub id: i64,
    /// What the worker is doing.
    pub status: WorkerStatus,
    /// The load now, per second.
    pub cur_load: Option<f64>,
    /// The load that came lately, per second.
    pub new_load: Option<f64>,
    /// The rolling average of the load, per second.
    pub cur_load_rolling_avg: Option<f64>,
    /// The performance now, per second.
    pub cur_perf: Option<f64>,
    /// The performance that was measured in the benchmark, per second. Before that it is the DLPerf score; it is real only once the
    /// worker has been idle. Workergroups do not tell it.
    pub measured_perf: Option<f64>,
    /// `measured_perf` times `reliability`.
    pub perf: Option<f64>,
    /// The DLPerf score of the machine.
    pub dlperf: Option<f64>,
    /// How reliable the machine is, from 0 to 1.
    pub reliability: Option<f64>,
    /// Requests in progress.
    pub reqs_working: Option<i64>,
    /// Disk in use, in GB.
    pub disk_usage: Option<f64>,
    /// When the worker was loaded, in seconds since the Unix epoch.
    pub loaded_at: Option<f64>,
    /// When the worker was started, in seconds since the Unix epoch.
    pub started_at: Option<f64>,
    /// Where the worker listens. Only the document knows it.
    pub url: Option<String>,
    /// When the worker was made. Only the document knows it.
    pub created_at: Option<String>,
    /// What else came: fields without a name here, and values that are not of their field's type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Worker {
    /// For how long the worker has been up at `now`, where the engine says when it was started.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// let worker: vastai::Worker = serde_json::from_str(r#"{"id": 7, "started_at": 1000.5}"#)?;
    /// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1060);
    /// assert_eq!(worker.age(now), Some(Duration::from_secs_f64(59.5)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn age(&self, now: SystemTime) -> Option<Duration> {
        let started =
            Duration::try_from_secs_f64(self.started_at?).ok().filter(|started| !started.is_zero())?;
        now.duration_since(SystemTime::UNIX_EPOCH).ok()?.checked_sub(started)
    }

    /// The worker in a value, or what is wrong with it.
    pub(super) fn from_value(value: Value) -> Result<Self, String> {
        let Value::Object(mut members) = value else {
            return Err(format!("is no object but {}", crate::error::shortened(&value.to_string())));
        };
        let members = &mut members;
        Ok(Self {
            id: take_id(members)?,
            status: take(members, "status", |value| value.as_str().map(WorkerStatus::from))
                .unwrap_or(WorkerStatus::Unknown),
            cur_load: take(members, "cur_load", number),
            new_load: take(members, "new_load", number),
            cur_load_rolling_avg: take(members, "cur_load_rolling_avg", number),
            cur_perf: take(members, "cur_perf", number),
            measured_perf: take(members, "measured_perf", number),
            perf: take(members, "perf", number),
            dlperf: take(members, "dlperf", number),
            reliability: take(members, "reliability", number),
            reqs_working: take(members, "reqs_working", integer),
            disk_usage: take(members, "disk_usage", number),
            loaded_at: take(members, "loaded_at", number),
            started_at: take(members, "started_at", number),
            url: take(members, "url", text),
            created_at: take(members, "created_at", text),
            extra: std::mem::take(members),
        })
    }
}

impl<'de> Deserialize<'de> for Worker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(value).map_err(|why| serde::de::Error::custom(format!("the worker {why}")))
    }
}

open_set! {
    /// What a worker is doing. The service knows more than any list: what is not here is [`Other`](Self::Other).
    WorkerStatus {
        "" = Unknown,
        /// The instance is being created.
        Creating = "CREATING",
        /// The instance is created.
        Created = "CREATED",
        /// The instance is starting.
        Starting = "STARTING",
        /// The image is pulled, or the worker starts.
        Loading = "LOADING",
        /// The model is loaded for the first time.
        ModelLoading = "MODEL_LOADING",
        /// Ready for requests.
        Idle = "IDLE",
        /// Ready for requests.
        Ready = "READY",
        /// Running.
        Running = "RUNNING",
        /// Being stopped.
        Stopping = "STOPPING",
        /// Stopped; storage is still paid for.
        Stopped = "STOPPED",
        /// Rebooting.
        Rebooting = "REBOOTING",
        /// The offer is accepted.
        Pending = "PENDING",
        /// An update is ready.
        UpdateReady = "UPDATE_READY",
        /// Rebooting for an update.
        UpdateRebooting = "UPDATE_REBOOTING",
        /// Starting after an update.
        UpdateStarting = "UPDATE_STARTING",
        /// Being destroyed.
        Destroying = "DESTROYING",
        /// Failed.
        Error = "ERROR",
        /// Not available.
        Unavail = "UNAVAIL",
        /// The machine is offline.
        Offline = "OFFLINE",
        /// The engine does not know, or does not say.
        Unknown = "UNKNOWN",
    }
}

impl WorkerStatus {
    /// Whether the worker takes requests now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Idle | Self::Ready | Self::Running)
    }
}
