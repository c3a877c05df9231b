//! What a scalar of YAML means: the core schema of YAML 1.2, with numbers as JSON reads them.
//!
//! So `yes`, `on`, `1_000`, `1:30` and `2020-01-01` are strings, and `0123` is a hundred and twenty-three.

use saphyr_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

use super::duplicates::shown;

/// The value of a scalar, or why it has none in JSON.
pub(super) fn value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    match tag {
        None if style == ScalarStyle::Plain => plain(text),
        None => Ok(Value::from(text)),
        Some(tag) => tagged(text, tag),
    }
}

/// The value of a scalar with a tag.
pub(super) fn tagged(text: &str, tag: &Tag) -> Result<Value, String> {
    if is_non_specific(tag) {
        return Ok(Value::from(text));
    }
    let expected = |what: &str, value: Value, fits: bool| {
        if fits { Ok(value) } else { Err(format!("`{}` is not {what}, as its tag says", shown(text))) }
    };
    match core_name(tag).unwrap_or_default() {
        "str" => Ok(Value::from(text)),
        "null" => plain(text).and_then(|value| expected("null", value.clone(), value.is_null())),
        "bool" => plain(text).and_then(|value| expected("true or false", value.clone(), value.is_boolean())),
        "int" => plain(text).and_then(|value| {
            let is_integer = value.is_number() && !text.contains('.');
            expected("an integer", value, is_integer)
        }),
        "float" => plain(text).and_then(|value| match value.as_f64() {
            Some(number) => Ok(Value::from(number)),
            None => expected("a number", value, false),
        }),
        _ => Err(unknown_tag(tag)),
    }
}

/// Whether a tag only says that a scalar is a string: `!`.
pub(super) fn is_non_specific(tag: &Tag) -> bool {
    tag.handle.is_empty() && tag.suffix == "!"
}

/// What a tag of YAML's own is called: `str` of `!!str` and of `!<tag:yaml.org,2002:str>`.
pub(super) fn core_name(tag: &Tag) -> Option<&str> {
    const PREFIX: &str = "tag:yaml.org,2002:";
    match tag.handle.as_str() {
        PREFIX => Some(&tag.suffix),
        "" => tag.suffix.strip_prefix(PREFIX),
        _ => None,
    }
}

pub(super) fn unknown_tag(tag: &Tag) -> String {
    let written = match core_name(tag) {
        Some(name) => format!("!!{name}"),
        None => format!("!{}", tag.suffix),
    };
    format!("the tag `{}` has no counterpart in JSON", shown(&written))
}

fn plain(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text)?.map_or_else(|| Value::from(text), Value::Number),
    })
}

/// The number that a plain scalar is, `None` where it is a string.
fn number(text: &str) -> Result<Option<Number>, String> {
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return Ok(None);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!(
            "`{text}` is a number that JSON does not know; write it in quotes if it is a string, and leave out a limit that does not limit"
        ));
    }
    let read = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => of_digits(digits, 16),
        (_, Some(digits)) => of_digits(digits, 8),
        _ => as_json(text).map(|json| serde_json::from_str(&json).ok()),
    };
    match read {
        None => Ok(None),
        Some(Some(number)) => Ok(Some(number)),
        Some(None) => Err(format!(
            "`{}` is larger than any number that can be read; write it in quotes if it is a string",
            shown(text)
        )),
    }
}

/// The number of these digits: `None` where they are none, `Some(None)` where it is too large.
fn of_digits(digits: &str, radix: u32) -> Option<Option<Number>> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    if let Ok(number) = u64::from_str_radix(digits, radix) {
        return Some(Some(Number::from(number)));
    }
    // Beyond 64 bits as JSON's integers are there: the nearest double.
    let number = digits
        .chars()
        .filter_map(|digit| digit.to_digit(radix))
        .fold(0.0, |number, digit| f64::from(radix).mul_add(number, f64::from(digit)));
    Some(Number::from_f64(number))
}

/// The spelling in JSON of a decimal number of YAML: no plus, no zeros in front, digits around the point.
fn as_json(text: &str) -> Option<String> {
    let (sign, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(unsigned) => (if text.starts_with('-') { "-" } else { "" }, unsigned),
        None => ("", text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let no_digits = whole.is_empty() && fraction.is_none_or(str::is_empty);
    if no_digits || !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    let mut json = format!("{sign}{}", whole.trim_start_matches('0'));
    if json.len() == sign.len() {
        json.push('0');
    }
    if let Some(fraction) = fraction {
        json.push('.');
        json.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !is_digits(digits) {
            return None;
        }
        json.push('e');
        json.push_str(exponent);
    }
    Some(json)
}
