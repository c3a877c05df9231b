//! The values of a query: what they mean to their field, and how they are written so that they are read as the same.

use std::fmt;

use serde_json::{Number, Value};

use crate::filter::{Condition, Operator};

use super::Fields;
use crate::offers::fields::{self, Field, Kind};

/// A value as it is written.
pub(super) enum Written<'query> {
    Bare(&'query str),
    /// As a bare one, but spaces may stand in it.
    DoubleQuoted(&'query str),
    /// Taken as it is.
    SingleQuoted(String),
}

impl Written<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Bare(text) | Self::DoubleQuoted(text) => text,
            Self::SingleQuoted(text) => text,
        }
    }

    /// The text that is meant: an underscore stands for a space.
    fn meant(&self) -> String {
        match self {
            Self::Bare(text) | Self::DoubleQuoted(text) => text.replace('_', " "),
            Self::SingleQuoted(text) => text.clone(),
        }
    }

    /// Nothing at all, as the official command line writes it.
    fn is_null(&self) -> bool {
        matches!(self, Self::Bare("null" | "None"))
    }
}

/// The value on the wire, or what the field takes instead.
pub(super) fn read(field: Field<'_>, operator: Operator, written: &Written<'_>) -> Result<Value, String> {
    let is_equality = matches!(operator, Operator::Eq | Operator::Neq | Operator::In | Operator::NotIn);
    if written.is_null() && is_equality {
        return Ok(Value::Null);
    }
    let text = written.text();
    if written.meant().trim().is_empty() {
        return Err("a value, and this is an empty one".to_owned());
    }
    match field.kind {
        Kind::Text => Ok(Value::String(written.meant())),
        Kind::Number { times } => number(text, times).ok_or_else(|| format!("a number, not `{text}`")),
        Kind::Flag => match flag(text) {
            Some(_) if !is_equality => Err(format!("`=` and `!=`, not `{}`", symbol(operator))),
            Some(flag) => Ok(Value::Bool(flag)),
            None => Err(format!("true or false, not `{text}`")),
        },
        Kind::Version => version(text).ok_or_else(|| format!("a version such as 535.86.05, not `{text}`")),
        Kind::Any => Ok(match written {
            Written::Bare(text) => {
                let flag =
                    flag(text).filter(|_| text.starts_with(|letter: char| letter.is_ascii_alphabetic()));
                flag.map(Value::Bool)
                    .or_else(|| number(text, 1.0))
                    .unwrap_or_else(|| Value::String(written.meant()))
            }
            _ => Value::String(written.meant()),
        }),
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "1" => Some(true),
        "false" | "False" | "0" => Some(false),
        _ => None,
    }
}

/// A finite number, a whole one as such.
fn number(text: &str, times: f64) -> Option<Value> {
    let text = text.trim();
    if !text.ends_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        // `inf`, `nan` and hexadecimal numbers are none here.
        return None;
    }
    let number = text.parse::<f64>().ok()? * times;
    match text.parse::<i64>() {
        #[allow(clippy::float_cmp, reason = "one is the number that changes nothing")]
        Ok(whole) if times == 1.0 => Some(Value::from(whole)),
        // However it is written, a whole number is the same one.
        _ => crate::lenient::integer(&Value::from(number))
            .map(Value::from)
            .or_else(|| Number::from_f64(number).map(Value::Number)),
    }
}

/// A driver's version as a number with three digits for each part: 535.86.05 is 535086005.
fn version(text: &str) -> Option<Value> {
    let mut parts = text.split('.');
    let mut version = 0_i64;
    for index in 0..3 {
        let part = match parts.next() {
            Some(part) if (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()) => {
                part.parse::<i64>().ok()?
            }
            // As the wire has it.
            Some(part)
                if index == 0 && parts.next().is_none() && part.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                return part.parse::<i64>().ok().map(Value::from);
            }
            Some(_) => return None,
            None => 0,
        };
        version = version * 1000 + part;
    }
    parts.next().is_none().then(|| Value::from(version))
}

/// Writes a condition so that it is read as the same.
pub(super) fn print(
    condition: &Condition,
    fields: Fields,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let Condition { field, operator, value } = condition;
    let kind = match fields {
        Fields::OfOffers => fields::named(field).map_or(Kind::Any, |field| field.kind),
        Fields::Any => Kind::Any,
    };
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

/// A string without quotes where that is read as the same string, else in quotes.
fn written_text(text: &str, kind: Kind) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || " .-+/():".contains(letter);
    let is_word = matches!(text, "null" | "None" | "any" | "true" | "True" | "false" | "False");
    // Of a field that only the document knows, what looks like a number is taken for one.
    let looks_otherwise = is_word || (kind == Kind::Any && !text.starts_with(char::is_alphabetic));
    if !looks_otherwise && !text.trim().is_empty() && text.chars().all(is_plain) {
        return text.replace(' ', "_");
    }
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
