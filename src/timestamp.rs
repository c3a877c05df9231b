//! Points in time as the service writes them.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize};

use crate::wire;

/// A point in time, which the service writes as seconds since the Unix epoch.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use vastai_api::Timestamp;
///
/// let start: Timestamp = serde_json::from_str("1761008618.5")?;
/// assert_eq!(start.seconds(), 1_761_008_618.5);
/// assert_eq!(start.system_time(), Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_761_008_618_500)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(f64);

impl Timestamp {
    /// Seconds since the Unix epoch, as they came.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0
    }

    /// The point in time; `None` where the number is none that the clock of this machine has, such as a year beyond it.
    #[must_use]
    pub fn system_time(self) -> Option<SystemTime> {
        let distance = Duration::try_from_secs_f64(self.0.abs()).ok()?;
        if self.0 < 0.0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        }
    }

    pub(crate) fn place(&mut self) -> &mut f64 {
        &mut self.0
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => since.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        })
    }
}

/// Seconds since the Unix epoch.
impl From<f64> for Timestamp {
    fn from(seconds: f64) -> Self {
        Self(seconds)
    }
}

/// Seconds since the Unix epoch.
impl From<i64> for Timestamp {
    #[allow(clippy::cast_precision_loss, reason = "the seconds of any year that people mean are exact")]
    fn from(seconds: i64) -> Self {
        Self(seconds as f64)
    }
}

/// The seconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::whole(deserializer)
    }
}
