//! A span of time with both ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorKind, Result};

/// A span of time with both ends, in whole seconds. Both belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    from: u64,
    to: u64,
}

impl TimeRange {
    /// From one time to another. Parts of a second are rounded outwards.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use vastai::TimeRange;
    ///
    /// let now = SystemTime::now();
    /// let yesterday = TimeRange::new(now - Duration::from_secs(24 * 60 * 60), now)?;
    /// # Ok::<(), vastai::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where it ends before it begins, or begins before 1970.
    pub fn new(from: SystemTime, to: SystemTime) -> Result<Self> {
        let since_epoch = |time: SystemTime| {
            time.duration_since(UNIX_EPOCH).map_err(|error| {
                Error::new(ErrorKind::InvalidRequest, "a range of time begins before 1970").with_source(error)
            })
        };
        let (from, to) = (since_epoch(from)?, since_epoch(to)?);
        Self::from_epoch_seconds(from.as_secs(), to.as_secs() + u64::from(to.subsec_nanos() > 0))
    }

    /// From one time to another, each in seconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where it ends before it begins.
    pub fn from_epoch_seconds(from: u64, to: u64) -> Result<Self> {
        if from > to {
            let message = format!("a range of time ends before it begins: {to} is before {from}");
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        Ok(Self { from, to })
    }

    /// The span that ends now and is this long.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where it would begin before 1970.
    pub fn last(span: Duration) -> Result<Self> {
        let now = SystemTime::now();
        let from = now.checked_sub(span).ok_or_else(|| {
            Error::new(ErrorKind::InvalidRequest, "a range of time is longer than time can be told back")
        })?;
        Self::new(from, now)
    }

    /// The begin, in seconds since the Unix epoch.
    #[must_use]
    pub fn from(self) -> u64 {
        self.from
    }

    /// The end, in seconds since the Unix epoch.
    #[must_use]
    pub fn to(self) -> u64 {
        self.to
    }
}
