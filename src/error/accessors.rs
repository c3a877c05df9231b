//! What an error says of a failure.

use std::time::Duration;

use super::{Delivery, Error, ErrorKind};
use crate::ServiceError;

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, by its operationId; `None` where no operation was called.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// The HTTP status; `None` where no response came. A failure that the service answers with 200 keeps that.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// What went wrong, in words: the service's own where it had any. No longer than some 2,000 characters; what is cut says so.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's code for the failure, such as `auth_error`; of an absurdly long one the beginning.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// After what time the service allows another try, where it says so: `Retry-After`, in seconds or as a date, or `retry_after` in
    /// the body. It is given as it came, however long; what this crate waits by itself because of it is at most ten minutes.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The least time between two calls of the operation with this key, where a rate limit names it. A client keeps to it by itself:
    /// see `Pacing` in the crate `vastai`.
    #[must_use]
    pub fn min_interval(&self) -> Option<Duration> {
        self.0.min_interval
    }

    /// How many requests the call made; 0 where it failed before the first.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How far the last request came.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// All that the service said of the failure, without the key: also what has no method here, such as `limit` of a rate limit.
    #[must_use]
    pub fn service_error(&self) -> Option<&ServiceError> {
        self.0.service_error.as_deref()
    }

    /// The place in an undecodable response where what is wrong stands: `instances[3].id`.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// How an undecodable response begins, on one line, without the key; at most 300 characters.
    #[must_use]
    pub fn body_start(&self) -> Option<&str> {
        self.0.body_start.as_deref()
    }

    /// Whether the call ran out of time: before it was answered, or because the service gave up.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }
}
