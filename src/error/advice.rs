//! What to do about a failure, in the words that end an error's sentence.

use std::fmt;

use super::{Delivery, Error, ErrorKind};
use crate::{Location, Method, OPERATIONS, Operation};

impl Error {
    /// What to do, where the message alone does not say it: the end of the sentence that [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        if let Some(advice) = &self.0.advice {
            return Some(advice.clone());
        }
        if self.0.is_wait {
            return None;
        }
        if self.kind() == ErrorKind::Queued {
            let queued = "it is not refused: it will be done later, without another call, and a start is billed from then on; set the state to \
                          `stopped` to call it off";
            return Some(queued.to_owned());
        }
        if self.may_have_been_done() {
            return Some(look_first(self.0.operation));
        }
        let advice = match self.kind() {
            ErrorKind::Unauthorized => how_to_log_in(self.message()),
            ErrorKind::Forbidden => "use a key with a wider scope",
            ErrorKind::OfferGone => "somebody else has taken the offer: search again, and take another",
            ErrorKind::NoCredit => "add credit to the account first",
            ErrorKind::Gone => "the service has retired this call, so this client is out of date: update it",
            ErrorKind::RateLimited => {
                return Some(match self.retry_after() {
                    Some(after) => format!("try again in {} s", after.as_secs_f64().ceil()),
                    None => "try again in some seconds".to_owned(),
                });
            }
            ErrorKind::SessionGone => "open another session",
            ErrorKind::NotReady => "ask again in some seconds",
            ErrorKind::Connection | ErrorKind::Timeout if self.delivery() == Delivery::NotSent => {
                "nothing was sent, so it is safe to try again"
            }
            ErrorKind::Server | ErrorKind::Connection | ErrorKind::Timeout if self.is_retryable() => {
                "it is safe to try again"
            }
            _ => return None,
        };
        Some(advice.to_owned())
    }

    /// What [`Display`](fmt::Display) writes without the [advice](Self::advice): for an error that is about another one, and has an advice
    /// of its own.
    #[must_use]
    pub fn without_advice(&self) -> impl fmt::Display + '_ {
        WithoutAdvice(self)
    }
}

/// An error without its advice; see [`Error::without_advice`].
struct WithoutAdvice<'error>(&'error Error);

impl fmt::Display for WithoutAdvice<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_sentence(formatter)
    }
}

/// What to do where the key does not open a call, by the words of the service.
fn how_to_log_in(message: &str) -> &'static str {
    let words = message.to_lowercase().replace('-', " ");
    if words.contains("two factor authentication") {
        "begin a session with two-factor authentication (`vastai tfa login`), and use its key in place of the API key"
    } else if words.contains("session expired") {
        "the session that began with two-factor authentication has ended: begin another (`vastai tfa login`), or go back to the API key"
    } else {
        "check the API key, or log in again"
    }
}

/// What to do about a call that may have been carried out.
fn look_first(operation: Option<&Operation>) -> String {
    match operation.and_then(shown_by) {
        Some(read) => {
            format!("it may have been done all the same, so look with {} before you repeat it", read.id)
        }
        None => "it may have been done all the same, so look before you repeat it".to_owned(),
    }
}

/// The operation that shows what another one changes: a read of the same path or of one above it, else a read of the same tag whose
/// name has the same noun.
fn shown_by(operation: &Operation) -> Option<&'static Operation> {
    let mut path = operation.path.trim_end_matches('/');
    while path.matches('/').count() > 2 {
        let here = reads().find(|read| read.path.trim_end_matches('/') == path && needs_nothing(read));
        if here.is_some() {
            return here;
        }
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    let noun = noun(operation.id);
    let named = reads().filter(|read| read.tag == operation.tag && self::noun(read.id).starts_with(noun));
    // The instances before their backups.
    named.min_by_key(|read| (read.parameters.iter().filter(|it| it.required).count(), read.id.len()))
}

fn reads() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.method == Method::Get && operation.repeatable)
}

fn needs_nothing(read: &Operation) -> bool {
    read.parameters.iter().all(|parameter| !parameter.required && parameter.location != Location::Path)
}

/// `createInstance` without its verb.
fn noun(id: &str) -> &str {
    id.find(|letter: char| letter.is_ascii_uppercase()).map_or(id, |start| &id[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_shown_by_a_read() {
        for (operation, read) in [
            ("createInstance", Some("showInstances")),
            ("destroyInstance", Some("showInstances")),
            ("rentVolume", Some("listVolumes")),
            ("createEndpoint", Some("showEndpoints")),
            ("deleteEndpoint", Some("showEndpoints")),
            ("createApiKey", Some("showApiKeys")),
            ("inviteTeamMember", Some("showTeamMembers")),
            ("transferCredit", None),
        ] {
            let operation = Operation::by_id(operation).unwrap();
            assert_eq!(shown_by(operation).map(|read| read.id), read, "{}", operation.id);
        }
    }
}
