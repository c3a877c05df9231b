//! JSON of the service as a model may see it: without the values of secrets, without control characters, and bounded.

use serde_json::Value;
use vastai::vastai_api::{is_private_name, is_secret_name};

use crate::untrusted::cleaned;

const HIDDEN: &str = "[hidden]";

/// The longest string of a response that is passed on whole, in characters.
const LONGEST_STRING: usize = 2_000;

/// Cleans all strings, and hides the values whose names say that they are secret or private, unless secrets are to be shown.
pub(crate) fn shown(value: Value, hides_secrets: bool) -> Value {
    match value {
        Value::String(text) => Value::String(string(&text)),
        Value::Array(elements) => match elements.as_slice() {
            // A pair of a variable and its value.
            [Value::String(name), Value::String(_)] if hides_secrets && is_private_name(name) => {
                Value::Array(vec![Value::String(string(name)), HIDDEN.into()])
            }
            _ => Value::Array(elements.into_iter().map(|element| shown(element, hides_secrets)).collect()),
        },
        Value::Object(fields) => {
            // A variable and its value, which no name tells to be secret.
            let is_variable = fields.contains_key("key") && fields.contains_key("value");
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| {
                        let value = match hides_secrets {
                            true if is_secret_name(&name) || (is_variable && name == "value") => {
                                hidden(value, true)
                            }
                            true if is_private_name(&name) => hidden(value, false),
                            _ => shown(value, hides_secrets),
                        };
                        (string(&name), value)
                    })
                    .collect(),
            )
        }
        other => other,
    }
}

/// What stands in place of a private value: names and structure stay. A list of objects under a name that is only private, such as the
/// keys of an account, is looked at field by field; of one under the name of a secret, ids and names stay.
fn hidden(value: Value, is_secret: bool) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value,
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (string(&name), hidden(value, true))).collect(),
        ),
        Value::Array(elements) if elements.iter().all(Value::is_object) => {
            let seen = |element| if is_secret { identified(element) } else { shown(element, true) };
            Value::Array(elements.into_iter().map(seen).collect())
        }
        Value::Number(_) if !is_secret => value,
        _ => HIDDEN.into(),
    }
}

/// A secret of a list: which one it is, and nothing else.
fn identified(secret: Value) -> Value {
    let Value::Object(fields) = secret else { return HIDDEN.into() };
    let seen = |(name, value): (String, Value)| {
        let value = if matches!(&*name, "id" | "name") { shown(value, true) } else { hidden(value, true) };
        (string(&name), value)
    };
    Value::Object(fields.into_iter().map(seen).collect())
}

fn string(text: &str) -> String {
    let clean = cleaned(&text.replace(['\n', '\r'], " "));
    match clean.char_indices().nth(LONGEST_STRING) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_secrets_are_hidden_and_names_stay() {
        let response = json!({
            "id": 7, "api_key": "5ecre7", "secrets": { "HF_TOKEN": "5ecre7" }, "env": { "PLAIN": "5ecre7" }, "extra_env": [["WANDB", "5ecre7"]],
            "onstart": "curl -H 5ecre7", "apikeys": [{ "id": 1, "key": "5ecre7", "name": "mine" }], "label": "a\u{1b}b",
            "set": { "key": "A", "value": "5ecre7" },
        });
        let seen = shown(response.clone(), true);
        assert!(!seen.to_string().contains("5ecre7"), "{seen}");
        assert_eq!(seen["secrets"]["HF_TOKEN"], HIDDEN);
        assert_eq!(seen["apikeys"][0]["name"], "mine");
        assert_eq!(seen["label"], "ab");
        assert_eq!(shown(response, false)["api_key"], "5ecre7");
    }
}
