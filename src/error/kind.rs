//! What kind of failure it is, and how far the request came.

use std::fmt;

/// What kind of failure it is, and so what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly: the key, a base URL, or an operation that the document lacks. Nothing was sent.
    Configuration,
    /// The request breaks a limit of the document, or the service calls it invalid (400, 422). Change the request.
    InvalidRequest,
    /// The service does not accept the key (401; 404 or 200 with the code `auth_error`). Check the key, or log in again.
    Unauthorized,
    /// The key lacks the permission (403). Use a key with a wider scope.
    Forbidden,
    /// There is no such thing (404, or a code such as `no_such_instance`).
    NotFound,
    /// The offer cannot be rented any more: somebody else was faster. The service says so with the code `no_such_ask` and 404, 410 or 400.
    /// Search again, and take another offer.
    OfferGone,
    /// The account has not enough credit (`insufficient_credit`, `insufficient_balance`, 402). Add some.
    NoCredit,
    /// The change was not refused but queued, although the service says `"success": false`: it is done later, without another call.
    /// A start that is queued is billed from the moment it is done. [`Error::may_have_been_done`](crate::Error::may_have_been_done) is true.
    Queued,
    /// The service has retired this call (`deprecated_endpoint`, 410). Update this crate: its document is out of date.
    Gone,
    /// The thing is in a state that does not allow this (409).
    Conflict,
    /// Too many calls (429). Wait for [`Error::retry_after`](crate::Error::retry_after), or some seconds where it says nothing.
    RateLimited,
    /// The service failed (5xx).
    Server,
    /// The service refused in a way that has no kind of its own, also with status 200. Read the message.
    Refused,
    /// The serverless engine has nothing to say yet about an endpoint or workergroup, or a result file is not there yet. Ask again
    /// in some seconds.
    NotReady,
    /// What was waited for will not come, such as an instance whose container cannot be created. The message says why.
    NeverReady,
    /// The worker has closed the session, or lost it (410). Open another.
    SessionGone,
    /// No response came in time. [`Error::may_have_been_done`](crate::Error::may_have_been_done) says whether that matters.
    Timeout,
    /// The service was not reached, or the connection broke; [`Error::delivery`](crate::Error::delivery) says which.
    Connection,
    /// The response is not what the document says. Update this crate, or report it with the message.
    Decode,
    /// The service redirected to another place, which is not followed: the key would go there. What was requested may have been done.
    Redirect,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Configuration => "configuration",
            Self::InvalidRequest => "invalid request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::OfferGone => "offer gone",
            Self::NoCredit => "no credit",
            Self::Queued => "queued",
            Self::Gone => "gone",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::Server => "server failure",
            Self::Refused => "refused",
            Self::NotReady => "not ready",
            Self::NeverReady => "never ready",
            Self::SessionGone => "session gone",
            Self::Timeout => "timeout",
            Self::Connection => "connection failure",
            Self::Decode => "undecodable response",
            Self::Redirect => "redirect",
        })
    }
}

/// How far the last request of a failed call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No byte of it left: it was refused before, or no connection was made. The service did nothing.
    NotSent,
    /// It was sent, at least in part, and no response came. The service may have done what was requested, or may still do it.
    Unknown,
    /// The service, or a gateway before it, answered; the response may be broken.
    Answered,
}

impl fmt::Display for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotSent => "not sent",
            Self::Unknown => "sent, without a response",
            Self::Answered => "answered",
        })
    }
}
