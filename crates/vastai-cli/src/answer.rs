//! Failures that the service answers with a status of success.

use serde_json::{Map, Value};
use vastai::{ErrorKind, Worker};
use vastai_api::Operation;

use crate::connection::is_of_engine;

/// What an answer of success is in truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What was asked for.
    Succeeded,
    /// A failure of this kind, with what is said about it.
    Failed(ErrorKind, String),
}

/// Looks for a failure in an answer of an operation.
///
/// - `{"success": false, …}` is one everywhere, and so is an `error_msg` or `error` that says something, unless `success` is true.
/// - A bare text is one from the serverless engine; a few operations of the console succeed with a text.
/// - Where workers are listed, everything but a list of workers is one.
pub(crate) fn judge(operation: &Operation, lists_workers: bool, answer: &Value) -> Verdict {
    let list = match answer {
        Value::Array(list) => Some(list),
        Value::Object(members) => members.get("workers").and_then(Value::as_array),
        _ => None,
    };
    if lists_workers && let Some(list) = list {
        let wrong = list.iter().enumerate().find_map(|(index, worker)| {
            let error = serde_json::from_value::<Worker>(worker.clone()).err()?;
            Some(format!("the worker at {index} cannot be read: {error}"))
        });
        return wrong.map_or(Verdict::Succeeded, |wrong| Verdict::Failed(ErrorKind::Decode, masked(&wrong)));
    }
    let said = match answer {
        Value::Object(members) => said(operation, members),
        Value::String(text) if is_of_engine(operation) && !text.trim().is_empty() => {
            Some((ErrorKind::Refused, text.clone()))
        }
        _ => None,
    };
    match said {
        Some((kind, words)) => Verdict::Failed(kind, masked(&words)),
        None if lists_workers => {
            Verdict::Failed(ErrorKind::Decode, "neither a list of workers nor an error".to_owned())
        }
        None => Verdict::Succeeded,
    }
}

/// The failure that an object tells. The engine's `error_msg` says of a read that there is nothing to read yet.
fn said(operation: &Operation, members: &Map<String, Value>) -> Option<(ErrorKind, String)> {
    let words = |name: &str| {
        members.get(name).and_then(Value::as_str).map(str::trim).filter(|words| !words.is_empty())
    };
    let success = members.get("success").and_then(Value::as_bool);
    let error = words("error");
    match (success, words("error_msg")) {
        (Some(true), _) => None,
        (_, Some(notice)) => {
            let kind = if operation.repeatable { ErrorKind::NotReady } else { ErrorKind::Refused };
            Some((kind, notice.to_owned()))
        }
        (None, None) => error.map(|error| (ErrorKind::Refused, error.to_owned())),
        (Some(false), None) => {
            let words = ["msg", "message", "detail"].into_iter().find_map(words);
            let kind = if error == Some("auth_error") { ErrorKind::Unauthorized } else { ErrorKind::Refused };
            let words = match (words, error) {
                (Some(words), Some(code)) => format!("{words} ({code})"),
                (Some(only), None) | (None, Some(only)) => only.to_owned(),
                (None, None) => "the service gave no reason".to_owned(),
            };
            Some((kind, words))
        }
    }
}

/// A text without what may be a key: the service repeats keys, and only the client knows which is ours. Keys are long.
fn masked(text: &str) -> String {
    const KEY_LENGTH: usize = 32;
    let is_of_key = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    text.split_inclusive(|letter| !is_of_key(letter))
        .map(|piece| {
            let word = piece.trim_end_matches(|letter| !is_of_key(letter));
            if word.len() < KEY_LENGTH { piece.to_owned() } else { piece.replace(word, "[redacted]") }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::commands::tests::operation;

    fn console() -> Operation {
        operation("x", &[])
    }

    fn engine() -> Operation {
        Operation { server: vastai::DEFAULT_RUN_URL, ..console() }
    }

    fn failed(kind: ErrorKind, words: &str) -> Verdict {
        Verdict::Failed(kind, words.to_owned())
    }

    #[test]
    fn failures_with_a_status_of_success() {
        let judged = |answer: Value| judge(&console(), false, &answer);
        let refused = |words| failed(ErrorKind::Refused, words);
        assert_eq!(judged(json!({"success": false, "msg": "no"})), refused("no"));
        assert_eq!(judged(json!({"success": false, "error": "code", "msg": "no"})), refused("no (code)"));
        assert_eq!(judged(json!({"success": false})), refused("the service gave no reason"));
        let auth = json!({"success": false, "error": "auth_error", "msg": "Invalid user key"});
        assert_eq!(judged(auth), failed(ErrorKind::Unauthorized, "Invalid user key (auth_error)"));
        assert_eq!(judged(json!({"error": "no such thing"})), refused("no such thing"));
        assert_eq!(judged(json!({"error_msg": "no"})), refused("no"));
        for fine in [
            json!({"success": true, "error": "old news"}),
            json!({"error": null}),
            json!({}),
            json!([]),
            json!("done"),
            json!(null),
        ] {
            assert_eq!(judged(fine.clone()), Verdict::Succeeded, "{fine}");
        }
    }

    #[test]
    fn a_text_of_the_engine_is_an_error() {
        assert_eq!(judge(&engine(), false, &json!("not found")), failed(ErrorKind::Refused, "not found"));
        assert_eq!(judge(&engine(), false, &json!({"info0": "a line"})), Verdict::Succeeded);
    }

    #[test]
    fn a_read_of_the_engine_can_come_too_early() {
        let read = Operation { repeatable: true, ..engine() };
        assert_eq!(judge(&read, false, &json!({"error_msg": "later"})), failed(ErrorKind::NotReady, "later"));
        assert_eq!(judge(&engine(), false, &json!({"error_msg": "no"})), failed(ErrorKind::Refused, "no"));
    }

    #[test]
    fn where_workers_are_listed_nothing_else_will_do() {
        let judged = |answer: Value| judge(&engine(), true, &answer);
        assert_eq!(judged(json!([{"id": 1, "reliability": "0.5"}])), Verdict::Succeeded);
        assert_eq!(judged(json!({"workers": []})), Verdict::Succeeded);
        for other in [json!({"status": "ok"}), json!(null), json!(""), json!({"workers": null}), json!(3)] {
            let Verdict::Failed(ErrorKind::Decode, _) = judged(other.clone()) else { panic!("{other}") };
        }
        let wrong = judged(json!([{"id": 1}, {"id": "x"}]));
        let Verdict::Failed(ErrorKind::Decode, words) = wrong else { panic!("{wrong:?}") };
        assert!(words.starts_with("the worker at 1 "), "{words}");
    }

    #[test]
    fn what_may_be_a_key_is_not_repeated() {
        let key = "0123456789abcdef".repeat(4);
        let text = masked(&format!("invalid api_key '{key}', or endpoint vLLM-Qwen3-8B not found"));
        assert_eq!(text, "invalid api_key '[redacted]', or endpoint vLLM-Qwen3-8B not found");
        assert_eq!(masked(&key), "[redacted]");
    }
}
