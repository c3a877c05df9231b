//! Times to come.

use std::time::Duration;

use tokio::time::Instant;

/// A span of time that can be told from now on.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time after a span, and at most a year from now.
pub(crate) fn later(span: Duration) -> Instant {
    later_than(Instant::now(), span)
}

/// The time that comes a span after another, and at most a year after it.
pub(crate) fn later_than(time: Instant, span: Duration) -> Instant {
    time + span.min(YEAR)
}
