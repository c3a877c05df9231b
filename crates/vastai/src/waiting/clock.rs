//! Times to come. No duration is too long for them: programs give any, and so does the service.

use std::time::Duration;

use tokio::time::Instant;

/// A span of time that can be counted from now on.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The longest wait for which the service is obeyed when it asks for one. Known limits ask for seconds; a year would be the end of a watch.
const LONGEST_ASKED: Duration = Duration::from_secs(10 * 60);

/// The time after a span, and at most a year from now.
pub(crate) fn later(span: Duration) -> Instant {
    later_than(Instant::now(), span)
}

/// The time that comes a span after another, and at most a year after it.
pub(crate) fn later_than(time: Instant, span: Duration) -> Instant {
    let span = span.min(YEAR);
    time.checked_add(span).unwrap_or(time)
}

/// The wait that the service asked for, and at most ten minutes.
pub(crate) fn at_most_asked(asked: Duration) -> Duration {
    asked.min(LONGEST_ASKED)
}

/// A random time between nothing and this.
pub(crate) fn random_part_of(longest: Duration) -> Duration {
    let part = longest.as_secs_f64() * fastrand::f64();
    Duration::try_from_secs_f64(part).unwrap_or(longest).min(longest)
}
