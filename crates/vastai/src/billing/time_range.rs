//! A span of time with both ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorKind, Result};

/// The seconds of a day. The Unix epoch counts no leap seconds.
const DAY: u64 = 24 * 60 * 60;

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
    /// use vastai::billing::TimeRange;
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
            Error::new(
                ErrorKind::InvalidRequest,
                "the range of time begins before any time that can be represented",
            )
        })?;
        Self::new(from, now)
    }

    /// From a time until now. Parts of a second are rounded outwards.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a time before 1970 or in the future.
    pub fn since(from: SystemTime) -> Result<Self> {
        Self::new(from, SystemTime::now())
    }

    /// A year in UTC, from its first second to its last; from 1970 to 9999.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for another year.
    pub fn year(year: u16) -> Result<Self> {
        let from = days_before(year, 1)?;
        // The last month of every year has 31 days.
        Ok(Self::of_days(from, days_before(year, 12)? + 31 - from))
    }

    /// A month in UTC, from its first second to its last: a year from 1970 to 9999, and a month from 1 to 12.
    ///
    /// ```
    /// use vastai::billing::TimeRange;
    ///
    /// let october = TimeRange::month(2026, 10)?;
    /// assert_eq!((october.from(), october.to()), (1_790_812_800, 1_793_491_199));
    /// # Ok::<(), vastai::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for another year or month.
    pub fn month(year: u16, month: u8) -> Result<Self> {
        Ok(Self::of_days(days_before(year, month)?, days_of(year, month)))
    }

    /// A day in UTC, from its first second to its last: a year from 1970 to 9999, a month from 1 to 12, and a day that the month has.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a day that does not exist, such as February 30.
    pub fn day(year: u16, month: u8, day: u8) -> Result<Self> {
        let (first, days) = (days_before(year, month)?, days_of(year, month));
        let day = u64::from(day);
        if !(1..=days).contains(&day) {
            let message =
                format!("there is no day {year}-{month:02}-{day:02}: that month has the days 1 to {days}");
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        Ok(Self::of_days(first + day - 1, 1))
    }

    /// So many days from one that is so many days after 1970-01-01.
    fn of_days(first: u64, days: u64) -> Self {
        Self { from: first * DAY, to: (first + days) * DAY - 1 }
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

/// How many days lie between 1970-01-01 and the first of a month, in the Gregorian calendar.
fn days_before(year: u16, month: u8) -> Result<u64> {
    if !(1970..=9999).contains(&year) {
        let message = format!("the year {year} cannot be in a range of time; the years 1970 to 9999 can");
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    if !(1..=12).contains(&month) {
        let message = format!("there is no month {month}; months are 1 to 12");
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    let years = u64::from(year) - 1;
    let leap_days = |years: u64| years / 4 - years / 100 + years / 400;
    let in_years = (years - 1969) * 365 + leap_days(years) - leap_days(1969);
    Ok(in_years + (1..month).map(|month| days_of(year, month)).sum::<u64>())
}

/// How many days a month has.
fn days_of(year: u16, month: u8) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
