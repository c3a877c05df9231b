//! Retries: which failures are worth another attempt, when, and until when.

use std::time::Duration;

use tokio::time::Instant;
use vastai_api::{Method, Operation};

use vastai_api::Transience;

use crate::error::Error;
use crate::waiting::{Backoff, later};

/// How a failed call is tried again.
///
/// Two rules stand above the numbers. A request that the service certainly did not carry out (429, or no connection was made) is
/// sent again for any operation. One that may have been carried out (502, 503, 504, a time-out, a broken connection or response) is
/// sent again only where the operation is marked [repeatable](vastai_api::Operation::repeatable): what creates, rents, pays,
/// transfers or invites never is. A 500 is not tried again. Deletions by an id are repeatable: where one is sent again because the first
/// may have been carried out, "there is no such thing" is a success.
///
/// Before the attempt *n* + 1 the client waits a random time between nothing and `initial × 2^(n − 1)`, at most `max` ("full
/// jitter"); where the service says how long to wait, at least that, or ten minutes where it says more. The waits are part of the call's
/// [time](crate::ClientBuilder::timeout): a wait that would end after it is not begun, and the call fails at once with the last
/// error.
///
/// ```
/// use std::time::Duration;
/// use vastai::Client;
/// use vastai::retry::RetryPolicy;
///
/// let (first, longest) = (Duration::from_secs(1), Duration::from_secs(30));
/// let patient = RetryPolicy::default().max_attempts(8).backoff(first, longest);
/// let client = Client::builder().api_key("0123abcd").retry(patient).build()?;
/// // A clone of it that sends everything once:
/// let once = client.with_retry(RetryPolicy::never());
/// # Ok::<(), vastai::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    initial: Duration,
    max: Duration,
    attempt_timeout: Duration,
    allow_duplicates: bool,
}

impl Default for RetryPolicy {
    /// Four attempts, waits of up to 0.5 s, 1 s and 2 s between them (20 s at most, were there more), and 30 s for an attempt.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            initial: Duration::from_millis(500),
            max: Duration::from_secs(20),
            attempt_timeout: Duration::from_secs(30),
            allow_duplicates: false,
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// How often a request is sent at most, the first time included. 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest first wait, which doubles with each attempt, and the longest wait at all.
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial = initial.min(max);
        self.max = max;
        self
    }

    /// How long one attempt may take, so that one that hangs leaves time for another. It counts for calls that may be repeated;
    /// any other has all the time of the call, since to cut it off would leave open whether it was carried out.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Repeats also what may then be done twice, such as renting.
    ///
    /// This is for single calls of which the caller knows that twice is as good as once, such as rebooting an idle instance:
    /// [`Client::with_retry`](crate::Client::with_retry) and [`Call::retry`](crate::Call::retry) take it, a client as a whole does not.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// use vastai::retry::RetryPolicy;
    ///
    /// let insistent = client.with_retry(RetryPolicy::default().allow_duplicates());
    /// insistent.api().reboot_instance().id(1234).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_duplicates(mut self) -> Self {
        self.allow_duplicates = true;
        self
    }

    pub(crate) fn allows_duplicates(&self) -> bool {
        self.allow_duplicates
    }

    fn may_repeat(&self, operation: &Operation) -> bool {
        self.max_attempts > 1 && (operation.repeatable || self.allow_duplicates)
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(super) struct Attempts<'policy> {
    policy: &'policy RetryPolicy,
    operation: &'static Operation,
    deadline: Instant,
    backoff: Backoff,
    made: u32,
    /// One of them may have been carried out.
    was_ambiguous: bool,
}

impl<'policy> Attempts<'policy> {
    pub(super) fn new(
        policy: &'policy RetryPolicy,
        operation: &'static Operation,
        deadline: Instant,
    ) -> Self {
        let backoff = Backoff::of_retries(policy.initial, policy.max);
        Self { policy, operation, deadline, backoff, made: 0, was_ambiguous: false }
    }

    /// Begins an attempt; gives its number, from 1, and until when it may take. `None` where the time of the call is over.
    pub(super) fn begin(&mut self) -> Option<(u32, Instant)> {
        if self.deadline <= Instant::now() {
            return None;
        }
        self.made += 1;
        let until = match self.policy.may_repeat(self.operation) {
            true => self.deadline.min(later(self.policy.attempt_timeout)),
            false => self.deadline,
        };
        Some((self.made, until))
    }

    pub(super) fn made(&self) -> u32 {
        self.made
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long to wait after an attempt that failed so, before the next; or the failure of the call.
    pub(super) fn after(&mut self, error: Error) -> Result<(Duration, Error), Error> {
        let error = error.for_operation(self.operation);
        let allowed = match error.transience() {
            Transience::Lasting => false,
            Transience::NothingDone => true,
            Transience::MaybeDone => self.policy.may_repeat(self.operation),
        };
        self.was_ambiguous |= error.is_ambiguous();
        if allowed && self.made < self.policy.max_attempts {
            let wait = self.backoff.after(&error);
            if later(wait) < self.deadline {
                return Ok((wait, error));
            }
        }
        Err(self.given_up(error))
    }

    /// Whether a deletion failed because an earlier attempt had done it.
    pub(super) fn has_deleted(&self, error: &Error) -> bool {
        let deletes = self.operation.method == Method::Delete && self.operation.repeatable;
        deletes && self.was_ambiguous && error.is_of_missing_thing()
    }

    /// The failure of the call, where this is the last one.
    pub(super) fn given_up(&self, last: Error) -> Error {
        last.for_operation(self.operation).after_attempts(self.made, self.was_ambiguous)
    }
}
