//! Writes a condition so that it is read as the same.

use std::fmt;

use serde_json::Value;

use crate::filter::{Condition, Operator};
use crate::offers::fields::{self, Kind};

pub(super) fn print(condition: &Condition, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Condition { field, operator, value } = condition;
    let kind = fields::named(field).map_or(Kind::Any, |field| field.kind);
    let operator = symbol(*operator);
    let space = if condition.operator.takes_list() { " " } else { "" };
    write!(formatter, "{field}{space}{operator}{space}")?;
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| written(value, kind)).collect();
            write!(formatter, "[{}]", values.join(","))
        }
        value => formatter.write_str(&written(value, kind)),
    }
}

/// An operator as a query has it.
pub(super) fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => "=",
        Operator::Neq => "!=",
        Operator::Gt => ">",
        Operator::Gte => ">=",
        Operator::Lt => "<",
        Operator::Lte => "<=",
        Operator::In => "in",
        Operator::NotIn => "notin",
    }
}

fn written(value: &Value, kind: Kind) -> String {
    match (value, kind) {
        (Value::String(text), _) => written_text(text, kind),
        #[allow(clippy::float_cmp, reason = "one is the number that changes nothing")]
        (Value::Number(number), Kind::Number { times }) if times != 1.0 => {
            divided(number.as_f64().unwrap_or_default(), times).to_string()
        }
        (Value::Number(number), Kind::Version) => written_version(number.as_i64().unwrap_or_default()),
        (value, _) => value.to_string(),
    }
}

/// What gives `product` again when it is multiplied: division may be off by a bit or two.
fn divided(product: f64, times: f64) -> f64 {
    let quotient = product / times;
    let (down, up) = (quotient.next_down(), quotient.next_up());
    let near = [quotient, down, up, down.next_down(), up.next_up()];
    #[allow(clippy::float_cmp, reason = "the same number is wanted, to the bit")]
    near.into_iter().find(|near| near * times == product).unwrap_or(quotient)
}

fn written_version(version: i64) -> String {
    match version {
        0..=999_999_999 => {
            format!("{}.{:02}.{:02}", version / 1_000_000, version / 1_000 % 1_000, version % 1_000)
        }
        version => version.to_string(),
    }
}

/// A text bare where that is read as the same text, else in quotes.
fn written_text(text: &str, kind: Kind) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || " .-+/():".contains(letter);
    let is_word = matches!(text, "null" | "None" | "any" | "true" | "True" | "false" | "False");
    // Of a field that only the document knows, what looks like a number is one.
    let looks_otherwise = is_word || (kind == Kind::Any && !text.starts_with(char::is_alphabetic));
    if !looks_otherwise && !text.trim().is_empty() && text.chars().all(is_plain) {
        return text.replace(' ', "_");
    }
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
