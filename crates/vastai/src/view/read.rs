//! Values as the service sends them: numbers as texts, whole numbers with a fraction of zero, truths as 0 and 1.

use serde_json::{Map, Value};

use crate::error::shortened;

/// Takes a member that `read` understands. One that it does not understand stays, and so ends up in `extra`.
pub(crate) fn take<T>(
    members: &mut Map<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    let found = members.get(name).and_then(read);
    if found.is_some() || members.get(name).is_some_and(Value::is_null) {
        members.remove(name);
    }
    found
}

/// The id of a thing that is nothing without one, or what is wrong with it.
pub(crate) fn take_id(members: &mut Map<String, Value>) -> Result<i64, String> {
    match members.remove("id") {
        Some(id) => integer(&id)
            .ok_or_else(|| format!("has the id {}, which is no whole number", shortened(&id.to_string()))),
        None => Err("has no id".to_owned()),
    }
}

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

/// A text without the white space around it: addresses may end in a line break.
pub(crate) fn trimmed(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.trim().to_owned())
}

/// True or false, also where it comes as 1 or 0.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| match value.as_i64()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    })
}

/// An object.
pub(crate) fn members(value: &Value) -> Option<Map<String, Value>> {
    value.as_object().cloned()
}
