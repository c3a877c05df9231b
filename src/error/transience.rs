//! Which failures may pass, and which may have been carried out all the same.

use super::{Delivery, Error, ErrorKind};
use crate::ServiceError;

/// What another attempt could do, before the question whether it is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transience {
    /// It would fail again.
    Lasting,
    /// It may succeed, and the failed one did nothing.
    NothingDone,
    /// It may succeed, and the failed one may have been carried out.
    MaybeDone,
}

impl Error {
    /// Whether the same call may succeed later, and making it again cannot do a thing twice.
    ///
    /// So a rate limit, a service that was not reached, and an engine that has nothing to say yet; and for an operation that may
    /// be repeated also 502, 503, 504, a time-out and a broken response. The client has tried again already, as its
    /// retry policy says: what is left is to wait longer.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.transience() {
            Transience::Lasting => self.0.kind == ErrorKind::NotReady,
            Transience::NothingDone => !self.may_have_been_done(),
            Transience::MaybeDone => self.is_repeatable(),
        }
    }

    /// Whether the service may have carried out, or may still carry out, what was requested, although the call failed.
    ///
    /// This is never so of an operation that may be repeated, since there it does not matter. Of any other, it is so where the
    /// request was sent and no response came, or one that is neither a success nor a refusal: a failure of the server (5xx), a redirect
    /// that is not followed, a switch of protocols (101), a response that nobody had asked for or that cannot be read; also where an
    /// earlier attempt of the call ended so. Look what there is before you make the call again: it may rent, create or pay twice.
    ///
    /// Of any operation, it is so of a change that is [queued](ErrorKind::Queued).
    #[must_use]
    pub fn may_have_been_done(&self) -> bool {
        self.0.kind == ErrorKind::Queued
            || (!self.is_repeatable() && (self.0.was_ambiguous || self.is_ambiguous()))
    }

    /// Whether the service itself says that a thing is not there; a gateway may say so of a path.
    #[must_use]
    pub fn is_of_missing_thing(&self) -> bool {
        // The published response to a deletion of an SSH key that does not exist is 400 with this code.
        let is_missing = self.0.kind == ErrorKind::NotFound || self.code() == Some("no_ssh_key");
        let said = self.0.service_error.as_deref();
        is_missing && said.is_some_and(|said| said.text.is_none() && *said != ServiceError::default())
    }

    /// Whether a failure may pass by itself, so that what only looks (a poll, a request for a file) may be made again after a pause. It
    /// does not say that a call may be repeated: [`is_retryable`](Self::is_retryable) does.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::NotReady
                | ErrorKind::RateLimited
                | ErrorKind::Server
                | ErrorKind::Timeout
                | ErrorKind::Connection
        )
    }

    fn is_repeatable(&self) -> bool {
        self.0.is_read || self.0.operation.is_some_and(|operation| operation.repeatable)
    }

    /// Whether the last attempt may have been carried out.
    pub fn is_ambiguous(&self) -> bool {
        match self.0.delivery {
            Delivery::NotSent => false,
            Delivery::Unknown => true,
            Delivery::Answered => {
                self.0.is_broken
                    || self.0.status.is_some_and(|status| status.as_u16() >= 500)
                    || matches!(self.0.kind, ErrorKind::Timeout | ErrorKind::Decode | ErrorKind::Connection)
            }
        }
    }

    /// Whether another attempt may succeed, and whether the failed one may have been carried out. This alone does not say that another one is
    /// allowed: [`is_retryable`](Self::is_retryable) does.
    #[must_use]
    pub fn transience(&self) -> Transience {
        let status = self.0.status.map(|status| status.as_u16());
        match (self.0.kind, self.0.delivery) {
            _ if self.0.is_wait => Transience::Lasting,
            // A gateway that fails may have passed the request on before.
            (ErrorKind::RateLimited, _) if self.is_ambiguous() => Transience::MaybeDone,
            (ErrorKind::RateLimited, _) => Transience::NothingDone,
            (ErrorKind::Connection | ErrorKind::Timeout, Delivery::NotSent) => Transience::NothingDone,
            (ErrorKind::Connection | ErrorKind::Timeout, _) => Transience::MaybeDone,
            (ErrorKind::Server, _) if matches!(status, Some(502..=504)) => Transience::MaybeDone,
            (_, Delivery::Answered) if self.0.is_broken => Transience::MaybeDone,
            _ => Transience::Lasting,
        }
    }
}
