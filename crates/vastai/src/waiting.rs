//! Pauses, deadlines and polls: asking again and again for what takes its time, and for no longer than that.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::error::{Delivery, Error, ErrorKind, Result};

/// The longest span of time that is counted from now on: programs give any duration, and so does the service.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The longest wait for which the service is obeyed when it asks for one. Known limits ask for seconds; a year would be the end of a watch.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10 * 60);

/// Between two polls that fail, at most, unless the polls are further apart by themselves or the service asks for more.
const LONGEST_POLL_BACKOFF: Duration = Duration::from_secs(60);

/// How many responses in a row may be undecodable: one is a gateway's hiccup, many are a service that has changed.
const UNDECODABLE: u32 = 5;

/// The time after a span, and at most a year from now.
pub(crate) fn later(span: Duration) -> Instant {
    later_than(Instant::now(), span)
}

/// The time that comes a span after another, and at most a year after it.
pub(crate) fn later_than(time: Instant, span: Duration) -> Instant {
    let span = span.min(YEAR);
    time.checked_add(span).unwrap_or(time)
}

/// The wait that the service asks for with a failure, and at most ten minutes; zero where it asks for none.
pub(crate) fn retry_after(error: &Error) -> Duration {
    error.retry_after().unwrap_or_default().min(LONGEST_RETRY_AFTER)
}

/// A random time between nothing and this.
fn random_part_of(longest: Duration) -> Duration {
    let part = longest.as_secs_f64() * fastrand::f64();
    Duration::try_from_secs_f64(part).unwrap_or(longest).min(longest)
}

/// The pauses after failures in a row: each is up to twice as long as the one before, up to a limit, and none is shorter than the service
/// asks for. They are random, so that many clients do not come back in step after a common failure.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    initial: Duration,
    max: Duration,
    jitter: Jitter,
    failures: u32,
}

#[derive(Debug, Clone, Copy)]
enum Jitter {
    /// Anything from nothing to the whole pause.
    Full,
    /// Up to a quarter more than the pause.
    Added,
}

impl Backoff {
    /// For requests that are tried again: from nothing to `initial`, which doubles up to `max` ("full jitter").
    pub(crate) fn of_retries(initial: Duration, max: Duration) -> Self {
        Self { initial, max, jitter: Jitter::Full, failures: 0 }
    }

    /// For polls that are so far apart: the interval, which doubles up to `max`, and up to a quarter more.
    pub(crate) fn of_polls(interval: Duration, max: Duration) -> Self {
        Self { initial: interval, max, jitter: Jitter::Added, failures: 0 }
    }

    /// Counts a failure in, and gives the pause before the next attempt.
    pub(crate) fn after(&mut self, error: &Error) -> Duration {
        let doubled = self.initial.saturating_mul(1 << self.failures.min(30));
        let pause = doubled.min(self.max.max(self.initial));
        self.failures = self.failures.saturating_add(1);
        let asked = retry_after(error);
        match self.jitter {
            Jitter::Full if asked.is_zero() => random_part_of(pause),
            Jitter::Full => random_part_of(pause).max(asked.saturating_add(random_part_of(self.initial))),
            Jitter::Added => pause.saturating_add(random_part_of(pause / 4)).max(asked),
        }
    }

    /// Begins anew after a success.
    fn reset(&mut self) {
        self.failures = 0;
    }
}

/// When a wait ends in any case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    timeout: Duration,
}

impl Deadline {
    /// After this time, or when all that the client does has to be over, where that comes before.
    pub(crate) fn after(timeout: Duration, of_client: Option<Instant>) -> Self {
        match of_client {
            Some(at) if at < later(timeout) => {
                Self { at, timeout: at.saturating_duration_since(Instant::now()) }
            }
            _ => Self { at: later(timeout), timeout },
        }
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// How far away it was when it was made.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What a future gives, unless the deadline comes before.
    pub(crate) async fn limit<F: Future>(&self, future: F) -> Option<F::Output> {
        timeout_at(self.at, future).await.ok()
    }
}

/// Decides how a poll goes on. It keeps no more than the last failure.
#[derive(Debug, Clone)]
pub(crate) struct Polling {
    interval: Duration,
    backoff: Backoff,
    undecodable: u32,
    last: Option<Error>,
}

impl Polling {
    /// Of polls that are this far apart.
    pub(crate) fn new(interval: Duration) -> Self {
        let backoff = Backoff::of_polls(interval, LONGEST_POLL_BACKOFF);
        Self { interval, backoff, undecodable: 0, last: None }
    }

    pub(crate) fn set_interval(&mut self, interval: Duration) {
        (self.interval, self.backoff.initial) = (interval, interval);
    }

    /// After what time to poll again, now that one succeeded.
    pub(crate) fn succeeded(&mut self) -> Duration {
        self.backoff.reset();
        self.undecodable = 0;
        self.interval
    }

    /// After what time to poll again in spite of a failure; the failure itself where it will not pass.
    pub(crate) fn failed(&mut self, error: Error) -> Result<Duration> {
        self.undecodable = if error.kind() == ErrorKind::Decode { self.undecodable + 1 } else { 0 };
        if !(error.may_pass() || (1..=UNDECODABLE).contains(&self.undecodable)) {
            return Err(error);
        }
        let pause = self.backoff.after(&error);
        self.last = Some(error);
        Ok(pause)
    }

    /// How many polls in a row have failed.
    pub(crate) fn failures(&self) -> u32 {
        self.backoff.failures
    }

    /// The failure of the last poll that failed.
    pub(crate) fn last_error(&self) -> Option<&Error> {
        self.last.as_ref()
    }
}

/// What a poll has shown.
pub(crate) enum Polled<T> {
    /// What was waited for.
    Done(T),
    NotYet,
}

/// Why a wait ended without what was waited for.
pub(crate) enum Ended {
    /// By a failure that will not pass.
    Failed(Error),
    /// At the deadline, with the last failure that was lived through.
    Late(Option<Error>),
}

impl Ended {
    /// The error, for a late end with what was seen last and what to do then.
    pub(crate) fn into_error(
        self,
        deadline: &Deadline,
        seen: impl FnOnce() -> String,
        advice: &str,
    ) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Late(last) => {
                let message = format!("{} after {:?}", seen(), deadline.timeout);
                timed_out(message, last.map(Error::of_a_wait).as_ref(), |error| {
                    error.with_delivery(Delivery::Answered).of_a_wait().with_advice(advice)
                })
            }
        }
    }
}

/// The error for what did not come in time, with the last failure as its source.
pub(crate) fn timed_out(message: String, last: Option<&Error>, finish: impl FnOnce(Error) -> Error) -> Error {
    let late = |message| finish(Error::new(ErrorKind::Timeout, message));
    match last {
        None => late(message),
        // What the failure advises is about itself, which is not what this error is about.
        Some(last) => late(format!("{message}; the last failure was: {}", last.without_advice()))
            .with_source(last.clone()),
    }
}

/// Polls until `judge` is content, or says that it never will be, or the deadline comes.
pub(crate) async fn poll_until<S, T, F: Future<Output = Result<S>>>(
    deadline: &Deadline,
    interval: Duration,
    mut poll: impl FnMut() -> F,
    mut judge: impl FnMut(S) -> Result<Polled<T>>,
) -> std::result::Result<T, Ended> {
    let mut polling = Polling::new(interval);
    loop {
        let Some(polled) = deadline.limit(poll()).await else {
            return Err(Ended::Late(polling.last));
        };
        let pause = match polled {
            Ok(seen) => match judge(seen).map_err(Ended::Failed)? {
                Polled::Done(done) => return Ok(done),
                Polled::NotYet => polling.succeeded(),
            },
            Err(error) => {
                tracing::debug!(kind = %error.kind(), failures = polling.failures() + 1, "a poll failed");
                polling.failed(error).map_err(Ended::Failed)?
            }
        };
        if deadline.limit(sleep(pause)).await.is_none() {
            return Err(Ended::Late(polling.last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failure(kind: ErrorKind) -> Error {
        Error::new(kind, "a test")
    }

    #[test]
    fn pauses_of_retries_double_up_to_the_longest_and_are_random() {
        let error = failure(ErrorKind::RateLimited);
        let mut longest = [Duration::ZERO; 5];
        for _ in 0..1000 {
            let mut backoff = Backoff::of_retries(SECOND, 5 * SECOND);
            for longest in &mut longest {
                *longest = backoff.after(&error).max(*longest);
            }
        }
        for (longest, bound) in longest.into_iter().zip([1.0, 2.0, 4.0, 5.0, 5.0]) {
            let longest = longest.as_secs_f64();
            assert!(longest <= bound && longest > bound * 0.75, "{longest} of {bound}");
        }
        let asked = error.with_retry_after(Some(10 * SECOND));
        for _ in 0..1000 {
            let pause = Backoff::of_retries(SECOND, 5 * SECOND).after(&asked);
            assert!((10 * SECOND..=11 * SECOND).contains(&pause), "{pause:?}");
        }
    }

    #[test]
    fn pauses_grow_up_to_a_bound_until_a_poll_succeeds() {
        let mut polling = Polling::new(SECOND);
        for (at_least, at_most) in [(1.0, 1.25), (2.0, 2.5), (4.0, 5.0)] {
            let pause = polling.failed(failure(ErrorKind::Server)).unwrap().as_secs_f64();
            assert!((at_least..=at_most).contains(&pause), "{pause}");
        }
        for _ in 0..100 {
            let pause = polling.failed(failure(ErrorKind::Connection)).unwrap();
            assert!(pause <= LONGEST_POLL_BACKOFF.mul_f64(1.25), "{pause:?}");
        }
        assert_eq!(polling.succeeded(), SECOND);
        assert_eq!(polling.failures(), 0);
        assert_eq!(
            polling.last_error().unwrap().kind(),
            ErrorKind::Connection,
            "kept for where the wait ends"
        );
    }

    #[test]
    fn polls_that_are_far_apart_stay_so() {
        let hour = Duration::from_secs(3600);
        assert!(Polling::new(hour).failed(failure(ErrorKind::Server)).unwrap() >= hour);
    }

    #[test]
    fn what_the_service_asks_for_is_kept_to() {
        let asked = failure(ErrorKind::RateLimited).with_retry_after(Some(Duration::from_secs(90)));
        assert_eq!(Polling::new(SECOND).failed(asked).unwrap(), Duration::from_secs(90));
    }

    #[test]
    fn an_absurd_wait_is_cut_and_no_duration_is_too_long() {
        for asked in [3600, 31_536_000, 99_999_999_999_999, u64::MAX] {
            let asked = failure(ErrorKind::Server).with_retry_after(Some(Duration::from_secs(asked)));
            assert_eq!(Polling::new(SECOND).failed(asked).unwrap(), Duration::from_secs(600));
        }
        for interval in [Duration::MAX, Duration::from_secs(1 << 62), Duration::ZERO] {
            let mut polling = Polling::new(interval);
            for _ in 0..100 {
                assert!(polling.failed(failure(ErrorKind::Server)).unwrap() >= interval);
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
            assert_eq!(Polling::new(SECOND).failed(failure(kind)).unwrap_err().kind(), kind);
        }
        let mut polling = Polling::new(SECOND);
        for _ in 0..UNDECODABLE {
            polling.failed(failure(ErrorKind::Decode)).unwrap();
        }
        assert_eq!(polling.failed(failure(ErrorKind::Decode)).unwrap_err().kind(), ErrorKind::Decode);
    }
}
