//! What the service's codes, words and statuses stand for: one kind of failure each.
//!
//! The service's code decides, in whatever field and spelling it comes; then known words of messages that have no code; then the status.
//! The tables are open at the end: what none of them knows goes by the next.

use reqwest::StatusCode;

use super::ErrorKind;
use crate::{Method, Operation, ServiceError};

/// A code of the service.
struct Code {
    code: &'static str,
    kind: ErrorKind,
    #[allow(dead_code, reason = "for the reader")]
    evidence: &'static str,
}

const fn code(code: &'static str, kind: ErrorKind, evidence: &'static str) -> Code {
    Code { code, kind, evidence }
}

const PUBLISHED: &str = "the published document of 2026-07-22";
const CAPTURED: &str = "a response captured on 2026-07-25";
const CLIENTS: &str = "clients of others that were used against the service in 2026";
const ASSUMED: &str = "assumed: a name of the same kind, which nobody has reported";

/// Codes that decide. They are compared by their letters and digits alone, and found in the middle of a message too, as in `error 404/3603: no_such_ask
/// Instance type by id 7 is not available`.
const CODES: &[Code] = &[
    // Published with 404 and 410, there with the code `invalid_args` and this one in the message; reported with 400 and with 200.
    code("no_such_ask", ErrorKind::OfferGone, PUBLISHED),
    code("no_such_offer", ErrorKind::OfferGone, ASSUMED),
    code("insufficient_credit", ErrorKind::NoCredit, CLIENTS),
    code("insufficient_balance", ErrorKind::NoCredit, PUBLISHED),
    code("insufficient_credits", ErrorKind::NoCredit, ASSUMED),
    code("insufficient_funds", ErrorKind::NoCredit, ASSUMED),
    code("no_credit", ErrorKind::NoCredit, ASSUMED),
    code("deprecated_endpoint", ErrorKind::Gone, CAPTURED),
    code("auth_error", ErrorKind::Unauthorized, PUBLISHED),
    code("unauthorized", ErrorKind::Unauthorized, PUBLISHED),
    code("forbidden", ErrorKind::Forbidden, PUBLISHED),
    code("not_allowed", ErrorKind::Forbidden, PUBLISHED),
    code("not_authorized", ErrorKind::Forbidden, PUBLISHED),
    code("not_found", ErrorKind::NotFound, PUBLISHED),
    code("nonexistent_key", ErrorKind::NotFound, PUBLISHED),
    code("existing_key", ErrorKind::Conflict, PUBLISHED),
    code("user_exists", ErrorKind::Conflict, PUBLISHED),
    code("rate_limit_exceeded", ErrorKind::RateLimited, PUBLISHED),
    code("HTTPTooManyRequests", ErrorKind::RateLimited, CAPTURED),
    code("too_many_requests", ErrorKind::RateLimited, ASSUMED),
];

/// How the published codes of things that are not there begin: `no_such_instance`, `no_such_volume`, `no_such_user`, …
const NO_SUCH: &str = "no_such_";

/// Phrases of messages without a code, in lower case, with the kind that they stand for.
const PHRASES: &[(&str, ErrorKind)] = &[
    // 404 where two-factor authentication has run out.
    ("session expired", ErrorKind::Unauthorized),
    // 401 of an account with two-factor authentication, whose key alone does not open most calls.
    ("logged in using two factor", ErrorKind::Unauthorized),
    ("logged in using two-factor", ErrorKind::Unauthorized),
    ("invalid user key", ErrorKind::Unauthorized),
    // 400 of createInstance: "Your account lacks credit; see the billing page."
    ("lacks credit", ErrorKind::NoCredit),
    // 411 of prepayInstance.
    ("insufficient credit", ErrorKind::NoCredit),
    ("insufficient balance", ErrorKind::NoCredit),
    ("insufficient funds", ErrorKind::NoCredit),
    ("not enough credit", ErrorKind::NoCredit),
    ("deprecated endpoint", ErrorKind::Gone),
    ("endpoint is deprecated", ErrorKind::Gone),
];

/// What is rented, in messages of the operations that rent it.
const OFFER: &[&str] = &["instance type", "offer", "ask"];
/// That it cannot be had, in such messages.
const TAKEN: &[&str] =
    &["not available", "no longer available", "unavailable", "already rented", "already taken", "was taken"];

/// The kind of a failure that was answered.
pub(super) fn kind(status: StatusCode, said: &ServiceError, operation: Option<&Operation>) -> ErrorKind {
    let words = said.words().unwrap_or_default().to_lowercase();
    // A page of HTML is a gateway's, whatever stands in it.
    let words = if words.starts_with('<') { "" } else { words.as_str() };
    // A gateway that fails knows nothing of the service's reasons.
    let from_service = status.is_success() || status.is_client_error();
    let by_words = || by_words(words, operation).filter(|_| from_service);
    let decided = is_queued(words, operation).then_some(ErrorKind::Queued);
    decided
        .or_else(|| by_code(said, words))
        .or_else(by_words)
        .or_else(|| by_status_of_rental(status, said, operation))
        .unwrap_or_else(|| by_status(status))
}

fn by_code(said: &ServiceError, words: &str) -> Option<ErrorKind> {
    let known = |written: &str| {
        let plain = letters(written);
        let exact = CODES.iter().find(|code| letters(code.code) == plain).map(|code| code.kind);
        // A sentence may begin so, too.
        let is_word = !written.trim().contains(char::is_whitespace);
        exact.or_else(|| (is_word && plain.starts_with(&letters(NO_SUCH))).then_some(ErrorKind::NotFound))
    };
    let of_code = said.code().and_then(known);
    // A word of a message is a code only where it is written as one.
    let mut tokens = words.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    of_code.or_else(|| tokens.by_ref().filter(|token| token.contains('_')).find_map(known))
}

fn by_words(words: &str, operation: Option<&Operation>) -> Option<ErrorKind> {
    let phrase = PHRASES.iter().find(|(phrase, _)| words.contains(phrase)).map(|(_, kind)| *kind);
    let contains = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    phrase
        .or_else(|| (rents(operation) && contains(OFFER) && contains(TAKEN)).then_some(ErrorKind::OfferGone))
}

/// Of an operation that rents, 404 and 410 are about the offer: they are documented so, and what else could be missing has codes.
fn by_status_of_rental(
    status: StatusCode,
    said: &ServiceError,
    operation: Option<&Operation>,
) -> Option<ErrorKind> {
    // Plain text and HTML come from what stands before the service.
    let is_about_offer = rents(operation) && said.text.is_none() && *said != ServiceError::default();
    (is_about_offer && matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE))
        .then_some(ErrorKind::OfferGone)
}

/// Whether an operation takes an offer of the market.
fn rents(operation: Option<&Operation>) -> bool {
    operation.is_some_and(|operation| matches!(operation.id, "createInstance" | "rentVolume"))
}

/// Whether a change is said to be done later: `Required resources are currently unavailable, state change queued`. It comes with
/// `"success": false`, though it is not a refusal.
fn is_queued(words: &str, operation: Option<&Operation>) -> bool {
    if operation.is_some_and(|operation| operation.method == Method::Get) {
        return false;
    }
    let mut before = ["", "", ""];
    words.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).any(|word| {
        let is_denied = before.iter().any(|word| matches!(*word, "not" | "cannot" | "t" | "never"));
        before.rotate_left(1);
        before[2] = word;
        matches!(word, "queued" | "enqueued") && !is_denied
    })
}

fn by_status(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        400 | 413 | 422 => ErrorKind::InvalidRequest,
        401 => ErrorKind::Unauthorized,
        // No response with it has been reported; it is what the status means.
        402 => ErrorKind::NoCredit,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        410 => ErrorKind::Gone,
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Server,
        300..400 => ErrorKind::Redirect,
        _ => ErrorKind::Refused,
    }
}

/// A code by its letters and digits alone: `no_such_ask`, `No-Such-Ask` and `NoSuchAsk` are one.
fn letters(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn kind_of(operation: &str, status: u16, said: Value) -> ErrorKind {
        let said: ServiceError = serde_json::from_value(said).unwrap();
        kind(StatusCode::from_u16(status).unwrap(), &said, Operation::by_id(operation))
    }

    #[test]
    fn an_offer_that_was_taken_is_one_kind_whatever_the_status_and_the_form() {
        for said in [
            json!({ "success": false, "error": "no_such_ask", "msg": "offer 7 is not to be had" }),
            json!({ "success": false, "error": "NO_SUCH_ASK" }),
            json!({ "success": false, "error": "no-such-ask" }),
            json!({ "success": false, "error": "NoSuchAsk" }),
            json!({ "success": false, "error": " no such ask " }),
            json!({ "success": false, "msg": "no_such_ask" }),
            json!({ "success": false, "message": "no_such_ask: 7" }),
            json!({ "success": false, "detail": "error 410/3907: no_such_ask Instance type 7 is no longer available." }),
            json!({ "success": false, "error": "invalid_args", "msg": "error 404/3603: no_such_ask Instance type by id 7 is not available." }),
            json!({ "success": false, "error": "failed", "msg": "Instance type 7 is not available." }),
            json!({ "success": false, "msg": "This offer was taken by somebody else" }),
            json!("no_such_ask"),
        ] {
            for status in [200, 400, 404, 409, 410, 422] {
                assert_eq!(
                    kind_of("createInstance", status, said.clone()),
                    ErrorKind::OfferGone,
                    "{status}: {said}"
                );
            }
        }
        for said in [json!({ "success": false }), json!({ "error": "ask_gone" }), json!({ "msg": "gone" })] {
            for (status, kind) in
                [(404, ErrorKind::OfferGone), (410, ErrorKind::OfferGone), (400, ErrorKind::InvalidRequest)]
            {
                assert_eq!(kind_of("createInstance", status, said.clone()), kind, "{status}: {said}");
            }
        }
        // What a wrong base URL or a gateway says is nothing about an offer.
        assert_eq!(kind_of("createInstance", 404, json!("<html>404</html>")), ErrorKind::NotFound);
        assert_eq!(kind_of("createInstance", 404, json!("404: Not Found")), ErrorKind::NotFound);
        assert_eq!(kind_of("createInstance", 404, json!(null)), ErrorKind::NotFound);
        // Nor is what else a rental can lack.
        let image = json!({ "success": false, "error": "invalid_args", "msg": "The image is not available" });
        assert_eq!(kind_of("createInstance", 400, image), ErrorKind::InvalidRequest);
        let user = json!({ "success": false, "error": "no_such_user" });
        assert_eq!(kind_of("createInstance", 404, user), ErrorKind::NotFound);
        assert_eq!(kind_of("showInstance", 404, json!({ "msg": "no such offer" })), ErrorKind::NotFound);
    }

    #[test]
    fn a_code_goes_before_the_status() {
        for (code, kind) in [
            ("deprecated_endpoint", ErrorKind::Gone),
            ("Deprecated-Endpoint", ErrorKind::Gone),
            ("auth_error", ErrorKind::Unauthorized),
            ("no_such_instance", ErrorKind::NotFound),
            ("NoSuchVolume", ErrorKind::NotFound),
            ("nonexistent_key", ErrorKind::NotFound),
            ("insufficient_credit", ErrorKind::NoCredit),
            ("insufficient_balance", ErrorKind::NoCredit),
            ("HTTPTooManyRequests", ErrorKind::RateLimited),
            ("not_authorized", ErrorKind::Forbidden),
            ("user_exists", ErrorKind::Conflict),
        ] {
            for status in [200, 400, 403, 404, 410, 500] {
                let said = json!({ "success": false, "error": code, "msg": "in words" });
                assert_eq!(kind_of("showInstances", status, said), kind, "{status} {code}");
            }
        }
    }

    #[test]
    fn without_a_code_that_is_known_the_status_decides() {
        for said in [
            json!({ "error": "some_code", "msg": "words" }),
            json!("words"),
            json!(null),
            json!({ "error": 7 }),
        ] {
            for (status, kind) in [
                (200, ErrorKind::Refused),
                (400, ErrorKind::InvalidRequest),
                (401, ErrorKind::Unauthorized),
                (402, ErrorKind::NoCredit),
                (404, ErrorKind::NotFound),
                (410, ErrorKind::Gone),
                (411, ErrorKind::Refused),
                (429, ErrorKind::RateLimited),
                (503, ErrorKind::Server),
                (700, ErrorKind::Server),
            ] {
                assert_eq!(kind_of("showInstances", status, said.clone()), kind, "{status}: {said}");
            }
        }
        let vague = json!({ "success": false, "error": "invalid_args" });
        assert_eq!(kind_of("showInstance", 404, vague.clone()), ErrorKind::NotFound);
        assert_eq!(kind_of("showInstance", 200, vague), ErrorKind::Refused);
        assert_eq!(kind_of("showInstance", 200, json!({ "error": "no such luck" })), ErrorKind::Refused);
    }

    #[test]
    fn messages_without_a_code_are_understood() {
        for (words, status, kind) in [
            ("Session expired. Please log in again.", 404, ErrorKind::Unauthorized),
            ("Invalid user key", 404, ErrorKind::Unauthorized),
            (
                "This action requires you to have logged in using Two Factor Authentication",
                403,
                ErrorKind::Unauthorized,
            ),
            ("Your account lacks credit; see the billing page.", 400, ErrorKind::NoCredit),
            ("Insufficient credit", 411, ErrorKind::NoCredit),
            ("INSUFFICIENT FUNDS", 200, ErrorKind::NoCredit),
            ("This endpoint is deprecated, use v1", 404, ErrorKind::Gone),
            ("error 403/12: auth_error Invalid key", 404, ErrorKind::Unauthorized),
            // A word of ordinary prose is not a code.
            ("forbidden fruit", 400, ErrorKind::InvalidRequest),
            // A gateway's failure stays one.
            ("insufficient credit", 502, ErrorKind::Server),
        ] {
            assert_eq!(kind_of("prepayInstance", status, json!({ "msg": words })), kind, "{status} {words}");
        }
    }

    #[test]
    fn a_change_that_is_queued_is_not_a_refusal() {
        for words in [
            "Required resources are currently unavailable, state change queued.",
            "required resources are currently unavailable; STATE CHANGE QUEUED",
            "The state change has been queued",
            "Your request was enqueued",
        ] {
            for status in [200, 400, 409, 503] {
                let said = json!({ "success": false, "error": "resources_unavailable", "msg": words });
                assert_eq!(kind_of("manageInstance", status, said), ErrorKind::Queued, "{status} {words}");
            }
            assert_eq!(kind_of("manageInstance", 200, json!({ "msg": words })), ErrorKind::Queued);
            assert_eq!(kind_of("showInstance", 200, json!({ "msg": words })), ErrorKind::Refused);
        }
        for words in [
            "Required resources are currently unavailable",
            "The change could not be queued",
            "This was not queued",
            "It wasn't queued",
            "the queue is full",
        ] {
            let said = json!({ "success": false, "error": "resources_unavailable", "msg": words });
            assert_eq!(kind_of("manageInstance", 200, said), ErrorKind::Refused, "{words}");
        }
    }
}
