//! Values of responses that no type describes, as the service sends them: numbers as strings, integers with a fraction of zero.

use serde_json::Value;
use vastai_api::exact_integer_of_float;

/// A number, also where it comes as a string.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// An integer, also where it comes as a string or with a fraction of zero.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    let exact = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    exact.or_else(|| exact_integer_of_float(number(value)?))
}
