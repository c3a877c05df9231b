//! Values of responses that no type describes, as the service sends them: numbers as strings, integers with a fraction of zero.

use serde_json::Value;

/// A number, also where it comes as a text.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// A whole number, also where it comes as a text or with a fraction of zero.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    /// Below, every integer has a double of its own; from here on several would be rounded to one.
    const ROUNDED: f64 = 9_007_199_254_740_992.0;
    let exact = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    #[allow(clippy::cast_possible_truncation, reason = "checked: whole and within the exact range")]
    exact.or_else(|| {
        number(value)
            .filter(|number| number.fract() == 0.0 && number.abs() < ROUNDED)
            .map(|number| number as i64)
    })
}

/// A text.
pub(crate) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
