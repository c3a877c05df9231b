//! Responses whose values have other types than they should.

use serde_json::{Map, Value, json};

/// Every value with another type; null stays.
pub(crate) fn all_wrong(value: Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(value) => json!(value.to_string()),
        Value::Number(number) => json!(number.to_string()),
        Value::String(text) => json!(text.chars().count()),
        Value::Array(items) => {
            let members = items.into_iter().enumerate().map(|(at, item)| (at.to_string(), all_wrong(item)));
            Value::Object(members.collect())
        }
        Value::Object(members) => {
            Value::Array(members.into_iter().map(|(_, value)| all_wrong(value)).collect())
        }
    }
}

/// Every number as a string, as the service sends some.
pub(crate) fn numbers_as_strings(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.to_string()),
        Value::Array(items) => items.into_iter().map(numbers_as_strings).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, numbers_as_strings(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_stays() {
        let value = json!({ "a": 1, "b": [true, "text"], "c": null });
        assert_eq!(all_wrong(value.clone()), json!(["1", { "0": "true", "1": 4 }, null]));
        assert_eq!(numbers_as_strings(value), json!({ "a": "1", "b": [true, "text"], "c": null }));
    }
}
