//! Asking for a worker until one is free.

use std::time::Duration;

use tokio::time::sleep;

use super::{Assignment, Route, Routed};
use crate::error::{Error, Result};
use crate::waiting::Patience;

/// The pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A later pause is random, and no shorter than this…
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// …nor longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pauses between the tries to get a worker, as the official SDK makes them.
#[derive(Debug, Clone)]
pub(in crate::serverless) struct RoutePolls {
    longest: Duration,
    tries: u32,
}

impl RoutePolls {
    /// Pauses that are no longer than this either.
    pub(in crate::serverless) fn at_most(longest: Duration) -> Self {
        Self { longest, tries: 0 }
    }

    /// The pause after the first failure; later ones grow by themselves.
    pub(in crate::serverless) fn pause_after_failure(&self) -> Duration {
        self.longest.min(FIRST_PAUSE)
    }

    /// The next pause: one second first, then a random one from 0.1 up to the lesser of 2ⁿ seconds and a bit, and 5 seconds.
    fn next(&mut self) -> Duration {
        let tries = self.tries;
        self.tries += 1;
        let pause = match tries {
            0 => FIRST_PAUSE,
            tries => {
                let bound = Duration::from_secs_f64(f64::from(1_u32 << tries.min(20)) + fastrand::f64())
                    .min(LONGEST_PAUSE);
                SHORTEST_PAUSE + (bound - SHORTEST_PAUSE).mul_f64(fastrand::f64())
            }
        };
        pause.min(self.longest)
    }
}

impl Default for RoutePolls {
    fn default() -> Self {
        Self::at_most(LONGEST_PAUSE)
    }
}

/// Asks for a worker until one is free, with the number of the request carried along. It has no end of its own; what it saw can be told
/// where somebody ends it.
#[derive(Debug)]
pub(in crate::serverless) struct Router {
    route: Route,
    polls: RoutePolls,
    patience: Patience,
    status: Option<String>,
}

impl Router {
    pub(in crate::serverless) fn new(route: Route, polls: RoutePolls) -> Self {
        let patience = Patience::new(polls.pause_after_failure());
        Self { route, polls, patience, status: None }
    }

    /// A worker that is free. Failures to ask that may pass are lived through: no payload has been sent yet.
    pub(in crate::serverless) async fn assigned(&mut self) -> Result<Assignment> {
        let mut polls = self.polls.clone();
        loop {
            let pause = match self.route.send().await {
                Ok(routed) => {
                    self.patience.answered();
                    self.carry(routed.request_idx());
                    match routed {
                        Routed::Assigned(assignment) => return Ok(assignment),
                        Routed::Waiting(waiting) => self.status = waiting.shown_status(),
                    }
                    polls.next()
                }
                Err(error) => {
                    tracing::debug!(kind = %error.kind(), "asking for a worker failed");
                    self.patience.failed(error)?
                }
            };
            sleep(pause).await;
        }
    }

    /// The number that the engine gave the request goes with every later try.
    fn carry(&mut self, request_idx: i64) {
        if request_idx != 0 {
            self.route = self.route.clone().request_idx(request_idx);
        }
    }

    /// What the engine said of the workers last, and the last failure to ask.
    pub(in crate::serverless) fn seen(&self) -> (Option<&str>, Option<&Error>) {
        (self.status.as_deref(), self.patience.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_those_of_the_official_sdk() {
        for _ in 0..200 {
            let mut polls = RoutePolls::default();
            assert_eq!(polls.next(), FIRST_PAUSE);
            for bound in [3.0, 5.0, 5.0, 5.0] {
                let pause = polls.next().as_secs_f64();
                assert!((0.1..=bound).contains(&pause), "{pause} of {bound}");
            }
        }
    }

    #[test]
    fn pauses_stay_within_what_is_asked_for() {
        let mut polls = RoutePolls::at_most(Duration::from_millis(20));
        assert!((0..100).all(|_| polls.next() <= Duration::from_millis(20)));
    }
}
