//! Which failures of a poll may pass, and when to ask again.

use std::time::Duration;

use super::clock::{at_most_asked, random_part_of};
use crate::error::{Error, ErrorKind};

/// Between two polls that fail, at most, unless the polls are further apart by themselves or the service asks for more.
const LONGEST: Duration = Duration::from_secs(60);
/// How many answers in a row may be undecodable: one is a gateway's hiccup, many are a service that has changed.
const UNDECODABLE: u32 = 5;

/// Decides how a poll goes on. It keeps no more than the last failure.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    interval: Duration,
    /// Failures in a row.
    failures: u32,
    undecodable: u32,
    last: Option<Error>,
}

impl Patience {
    /// For polls that are this far apart.
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, failures: 0, undecodable: 0, last: None }
    }

    pub(crate) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// After what time to ask again, now that an answer came.
    pub(crate) fn answered(&mut self) -> Duration {
        (self.failures, self.undecodable) = (0, 0);
        self.interval
    }

    /// After what time to ask again in spite of a failure; the failure itself where it will not pass.
    pub(crate) fn failed(&mut self, error: Error) -> Result<Duration, Error> {
        self.undecodable = if error.kind() == ErrorKind::Decode { self.undecodable + 1 } else { 0 };
        if !may_pass(&error) || self.undecodable > UNDECODABLE {
            return Err(error);
        }
        let doubled = self.interval.saturating_mul(1 << self.failures.min(16));
        let backoff = doubled.min(LONGEST.max(self.interval));
        // Up to a quarter more, so that many watchers do not ask in step after a common failure.
        let backoff = backoff.saturating_add(random_part_of(backoff / 4));
        let pause = error.retry_after().map_or(backoff, |after| backoff.max(at_most_asked(after)));
        self.failures = self.failures.saturating_add(1);
        self.last = Some(error);
        Ok(pause)
    }

    /// How many polls in a row have failed.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The failure of the last poll that failed.
    pub(crate) fn last(&self) -> Option<&Error> {
        self.last.as_ref()
    }
}

/// Whether a failure may pass by itself.
fn may_pass(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotReady
            | ErrorKind::RateLimited
            | ErrorKind::Server
            | ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::Decode
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failure(kind: ErrorKind) -> Error {
        Error::new(kind, "a test")
    }

    #[test]
    fn pauses_grow_up_to_a_bound_and_end_with_an_answer() {
        let mut patience = Patience::new(SECOND);
        for (at_least, at_most) in [(1.0, 1.25), (2.0, 2.5), (4.0, 5.0)] {
            let pause = patience.failed(failure(ErrorKind::Server)).unwrap().as_secs_f64();
            assert!((at_least..=at_most).contains(&pause), "{pause}");
        }
        for _ in 0..100 {
            let pause = patience.failed(failure(ErrorKind::Connection)).unwrap();
            assert!(pause <= LONGEST.mul_f64(1.25), "{pause:?}");
        }
        assert_eq!(patience.answered(), SECOND);
        assert_eq!(patience.failures(), 0);
        assert_eq!(patience.last().unwrap().kind(), ErrorKind::Connection, "told where the wait ends");
    }

    #[test]
    fn polls_that_are_far_apart_stay_so() {
        let hour = Duration::from_secs(3600);
        assert!(Patience::new(hour).failed(failure(ErrorKind::Server)).unwrap() >= hour);
    }

    #[test]
    fn what_the_service_asks_for_is_kept_to() {
        let asked = failure(ErrorKind::RateLimited).with_retry_after(Some(Duration::from_secs(90)));
        assert_eq!(Patience::new(SECOND).failed(asked).unwrap(), Duration::from_secs(90));
    }

    #[test]
    fn an_absurd_wait_is_cut_and_no_duration_is_too_long() {
        for asked in [3600, 31_536_000, 99_999_999_999_999, u64::MAX] {
            let asked = failure(ErrorKind::Server).with_retry_after(Some(Duration::from_secs(asked)));
            assert_eq!(Patience::new(SECOND).failed(asked).unwrap(), Duration::from_secs(600));
        }
        for interval in [Duration::MAX, Duration::from_secs(1 << 62), Duration::ZERO] {
            let mut patience = Patience::new(interval);
            for _ in 0..100 {
                assert!(patience.failed(failure(ErrorKind::Server)).unwrap() >= interval);
            }
        }
    }

    #[test]
    fn what_will_not_pass_ends_it() {
        for kind in [
            ErrorKind::Unauthorized,
            ErrorKind::NotFound,
            ErrorKind::Refused,
            ErrorKind::Gone,
            ErrorKind::InvalidRequest,
            ErrorKind::Redirect,
        ] {
            assert_eq!(Patience::new(SECOND).failed(failure(kind)).unwrap_err().kind(), kind);
        }
        let mut patience = Patience::new(SECOND);
        for _ in 0..UNDECODABLE {
            patience.failed(failure(ErrorKind::Decode)).unwrap();
        }
        assert_eq!(patience.failed(failure(ErrorKind::Decode)).unwrap_err().kind(), ErrorKind::Decode);
    }
}
