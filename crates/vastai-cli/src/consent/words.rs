//! What a request does, in words, as far as it says itself.

use serde_json::Value;
use vastai_api::Operation;

use crate::request::Request;

/// What a request does.
pub(crate) fn words(request: &Request) -> String {
    let get = |name: &str| request.get(name).map(in_words).unwrap_or_default();
    match request.operation().id {
        "transferCredit" => {
            format!("transfer {:.2} $ of credit to {}", dollars(request, "amount"), get("recipient"))
        }
        "createTeam" => {
            format!(
                "create team {} and move {:.2} $ of credit to it",
                get("team_name"),
                dollars(request, "transfer_credit")
            )
        }
        "launchInstance" => "rent the first offer of the search".to_owned(),
        _ => plain(request, "", ""),
    }
}

/// The operation with what it is about, which a field of the request names, and the other names and ids in the request.
pub(super) fn plain(request: &Request, field: &str, subject: &str) -> String {
    let operation = request.operation();
    let mut text = called(operation);
    let names = operation.parameters.iter().map(|parameter| parameter.name);
    let values = names.filter(|name| *name != field && names_something(name));
    let values = values.filter_map(|name| request.get(name).map(in_words));
    for value in [subject.to_owned()].into_iter().chain(values) {
        if !value.is_empty() && !text.ends_with(&format!(" {value}")) {
            text.push_str(&format!(" {value}"));
        }
    }
    text
}

/// An amount of a request.
pub(super) fn dollars(request: &Request, name: &str) -> f64 {
    request.get(name).and_then(Value::as_f64).unwrap_or_default()
}

/// Whether a parameter says what an operation is about.
fn names_something(name: &str) -> bool {
    let is = |end: &str| name == end || name.ends_with(&format!("_{end}"));
    is("id") || is("ids") || is("name") || name == "key" || name == "size" || name == "tag"
}

/// What people call an operation: `destroy instance`.
fn called(operation: &Operation) -> String {
    if !operation.summary.is_empty() {
        return operation.summary.to_lowercase();
    }
    let mut text = String::new();
    for letter in operation.id.chars() {
        if letter.is_uppercase() {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

pub(super) fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// A text in quotes, which it cannot end by itself.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A price, as people write it.
pub(crate) fn per_hour(price: f64) -> String {
    match price {
        price if price < 0.095 => format!("{price:.4} $/h"),
        price => format!("{price:.2} $/h"),
    }
}
