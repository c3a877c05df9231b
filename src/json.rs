//! Bodies of responses as JSON, also where they are not quite JSON.
//!
//! The service writes JSON with Python's library and passes on what others sent it: halves of surrogate pairs, line breaks inside of
//! strings, `NaN`. A parser that keeps to the standard fails on one such character, and with it on the whole list.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::de::StrRead;

use crate::number::Decimal;
use crate::wire::{self, FromWire, Notes, take_notes};

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) error: serde_json::Error,
    /// Where in the response; `None` where it is the whole response, or where it is not JSON.
    pub(crate) path: Option<String>,
}

/// Reads a body as any JSON value, as the typed responses of this crate are read: [`repaired`] where that is needed, and integers exactly,
/// in whatever notation they come.
///
/// # Errors
///
/// That of the parser for what is not JSON, repaired or not.
///
/// ```
/// let value = vastai_api::json::value(br#"{"name": "\udc00", "id": 9007199254740993.0}"#)?;
/// assert_eq!(value["name"], "\u{fffd}");
/// assert_eq!(value["id"], 9_007_199_254_740_993_i64);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn value(body: &[u8]) -> serde_json::Result<Value> {
    read(body).map_err(|unreadable| unreadable.error)
}

/// Reads a body as a typed response.
pub(crate) fn read<T: FromWire>(body: &[u8]) -> Result<T, Unreadable> {
    read_by(body, |text| wire::whole(text))
}

/// What reads from text.
pub(crate) type Text<'text> = serde_json::Deserializer<StrRead<'text>>;

/// Reads a body; a second time, repaired, where it is not JSON or a number would be rounded.
pub(crate) fn read_by<T>(
    body: &[u8],
    by: fn(&mut Text<'_>) -> serde_json::Result<T>,
) -> Result<T, Unreadable> {
    let first = match std::str::from_utf8(body) {
        Ok(text) => {
            let (read, notes) = attempt(text, by);
            if read.is_ok() && !notes.rounded {
                return read.map_err(|error| Unreadable { error, path: None });
            }
            Some((read, notes))
        }
        Err(_) => None,
    };
    let again = repaired(body).map(|text| attempt(&text, by));
    let (read, notes) = match (first, again) {
        (Some((Err(error), notes)), Some((Err(_), _)) | None) => (Err(error), notes),
        (_, Some(again)) => again,
        (Some(first), None) => first,
        (None, None) => (Err(serde::de::Error::custom("the body is not text")), Notes::default()),
    };
    read.map_err(|error| Unreadable { path: notes.path().filter(|_| error.is_data()), error })
}

fn attempt<T>(text: &str, by: fn(&mut Text<'_>) -> serde_json::Result<T>) -> (serde_json::Result<T>, Notes) {
    // Of a read outside of this function, such as that of a test, notes may be left.
    drop(take_notes());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = by(&mut deserializer).and_then(|read| deserializer.end().map(|()| read));
    (read, take_notes())
}

/// A body with what keeps it from being JSON replaced; `None` where nothing is to be replaced.
///
/// - Bytes that are not UTF-8, and halves of surrogate pairs, become U+FFFD; a byte order mark goes.
/// - Control characters in a string are escaped.
/// - `NaN` and `Infinity` become strings, and so do numbers that a parser would round, or that no float holds.
/// - Integers that are written with a fraction of zero or an exponent are written without, where 64 bits hold them.
///
/// Whether the result is JSON is for the parser to say. The time it takes grows with the length of the body. A body that would become more
/// than twice as long is given up, since nothing that a person or a program wrote does.
///
/// ```
/// let body = vastai_api::json::repaired(b"[\"a\nb\", NaN]");
/// assert_eq!(body.as_deref(), Some(r#"["a\u000ab", "NaN"]"#));
/// assert_eq!(vastai_api::json::repaired(b"[1, 2.5]"), None);
/// ```
#[must_use]
pub fn repaired(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let was_utf8 = matches!(text, Cow::Borrowed(_));
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let longest = body.len().saturating_mul(2).saturating_add(1024);
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        if text.len() > longest || written.len() > longest {
            return None;
        }
        let length = match first {
            b'"' => string(rest, &mut written, longest),
            b'-' | b'+' | b'0'..=b'9' | b'N' | b'I' => number(rest, &mut written),
            _ => {
                let length = rest
                    .find(|next: char| matches!(next, '"' | '-' | '+' | '0'..='9' | 'N' | 'I'))
                    .unwrap_or(rest.len());
                written.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    (!was_utf8 || written.as_bytes() != body).then_some(written)
}

/// Writes the string with which JSON begins, up to a length that is too long anyway; how long it was.
fn string(text: &str, written: &mut String, longest: usize) -> usize {
    let bytes = text.as_bytes();
    written.push('"');
    // Up to here it is written.
    let mut done = 1;
    let mut at = 1;
    while let Some(byte) = bytes.get(at).filter(|_| written.len() <= longest) {
        match byte {
            b'"' => {
                written.push_str(&text[done..=at]);
                return at + 1;
            }
            b'\\' => match surrogate(&text[at..]) {
                Some(0xD800..0xDC00) if matches!(surrogate(&text[at + 6..]), Some(0xDC00..0xE000)) => {
                    at += 12
                }
                Some(_) => {
                    written.push_str(&text[done..at]);
                    written.push_str("\\ufffd");
                    at += 6;
                    done = at;
                }
                None => at += 2,
            },
            0..0x20 => {
                written.push_str(&text[done..at]);
                written.push_str(&format!("\\u{byte:04x}"));
                at += 1;
                done = at;
            }
            _ => at += 1,
        }
    }
    written.push_str(text.get(done..).unwrap_or_default());
    text.len()
}

/// The half of a surrogate pair whose escape JSON begins with.
fn surrogate(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let code =
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16))?.ok()?;
    (0xD800..0xE000).contains(&code).then_some(code)
}

/// Writes the number with which JSON begins; how long it was.
fn number(text: &str, written: &mut String) -> usize {
    let length = text
        .find(|next: char| !(next.is_ascii_alphanumeric() || matches!(next, '+' | '-' | '.')))
        .unwrap_or(text.len());
    let token = &text[..length];
    if matches!(token, "NaN" | "Infinity" | "-Infinity" | "+Infinity") {
        written.push_str(&format!("\"{token}\""));
        return length;
    }
    let is_plain = token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let fits = token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok();
    let decimal = if is_plain && fits { None } else { Decimal::of(token) };
    let Some(decimal) = decimal.filter(|_| !token.starts_with('+')) else {
        written.push_str(token);
        return length;
    };
    let integer = decimal.integer().filter(|_| is_large(token));
    match integer.filter(|integer| integer.parse::<i64>().is_ok() || integer.parse::<u64>().is_ok()) {
        Some(integer) => written.push_str(&integer),
        None if decimal.survives_as_float(token) => written.push_str(token),
        None => written.push_str(&format!("\"{token}\"")),
    }
    length
}

/// Whether a number is one of those that a float may hold rounded.
fn is_large(token: &str) -> bool {
    token.parse::<f64>().is_ok_and(|float| float.abs() >= crate::number::FIRST_ROUNDED)
}
