//! Numbers as they are written, without rounding.

/// From here on (2^53) an integer may be written that no float holds; it was rounded to another.
pub(crate) const FIRST_ROUNDED: f64 = 9_007_199_254_740_992.0;

/// The integer that a float is, where no other integer would have been read as the same float.
#[allow(clippy::cast_possible_truncation, reason = "checked: whole and within the exact range")]
#[must_use]
pub fn exact_integer_of_float(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < FIRST_ROUNDED).then_some(value as i64)
}

/// The integer that is written here, also with a fraction of zero or an exponent: `7`, `7.0`, `7e3`. `None` for anything else, and for
/// what 64 bits do not hold.
pub(crate) fn exact_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| Decimal::of(text)?.integer()?.parse().ok())
}

/// A number as it is written: its digits without zeros at either end, and the power of ten that the last one stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// A number in the notation of JSON, with a sign `+` allowed.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        if whole.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits: String::new(), exponent: 0 });
        }
        let zeros = i64::try_from(significant.len() - digits.len()).ok()?;
        let fraction = i64::try_from(fraction.len()).ok()?;
        Some(Self {
            is_negative,
            digits: digits.to_owned(),
            exponent: i64::from(exponent) - fraction + zeros,
        })
    }

    /// The digits of the integer that it is, where it is one of at most twenty digits, which is more than 64 bits hold.
    pub(crate) fn integer(&self) -> Option<String> {
        if self.digits.is_empty() {
            return Some("0".to_owned());
        }
        let zeros = usize::try_from(self.exponent).ok()?;
        if self.digits.len().checked_add(zeros)? > 20 {
            return None;
        }
        let sign = if self.is_negative { "-" } else { "" };
        Some(format!("{sign}{}{}", self.digits, "0".repeat(zeros)))
    }

    /// Whether reading it as a float and writing that gives the same digits.
    pub(crate) fn survives_as_float(&self, text: &str) -> bool {
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite());
        float.is_some_and(|float| Self::of(&format!("{float:e}")).as_ref() == Some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, exact_integer};

    #[test]
    fn integers_are_read_from_any_notation_and_never_rounded() {
        for (text, expected) in [
            ("7", Some(7)),
            (" -7.0 ", Some(-7)),
            ("7e3", Some(7000)),
            ("1.5E1", Some(15)),
            ("0.0", Some(0)),
            ("-0", Some(0)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("9.007199254740993e15", Some(9_007_199_254_740_993)),
            ("9223372036854775807.000", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1e99999999999", None),
            ("1e2147483647", None),
            ("7.5", None),
            ("", None),
            ("-", None),
            (".5", None),
            ("1e", None),
            ("0x10", None),
            ("NaN", None),
            ("1_000", None),
        ] {
            assert_eq!(exact_integer(text), expected, "{text}");
        }
    }

    #[test]
    fn a_float_that_loses_digits_is_known() {
        for (text, survives) in [
            ("1.5", true),
            ("1e300", true),
            ("1.2345678901234567e20", true),
            ("100000000000000000000000", true),
            ("9007199254740993.0", false),
            ("18446744073709551617", false),
            ("1e400", false),
        ] {
            assert_eq!(Decimal::of(text).unwrap().survives_as_float(text), survives, "{text}");
        }
    }
}
