//! What a response has beside its documented fields.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::is_private_name;

/// What a response has beside its documented fields: fields that the document does not know, and values that are not of the documented
/// type, whose field is `None` then. It is used like the map that it holds.
///
/// Its `Debug` leaves out what may be secret: keys, tokens, passwords, environments and scripts, by the names of the fields.
///
/// ```
/// use vastai_api::types::Worker;
///
/// let worker: Worker = serde_json::from_str(r#"{"id": 7, "status": 3, "new_field": true}"#)?;
/// assert_eq!((worker.id, &worker.status), (7, &None));
/// assert_eq!(worker.extra["status"], 3);
/// assert_eq!(worker.extra["new_field"], true);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Extra(Map<String, Value>);

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl From<Extra> for Map<String, Value> {
    fn from(extra: Extra) -> Self {
        extra.0
    }
}

impl<'extra> IntoIterator for &'extra Extra {
    type Item = (&'extra String, &'extra Value);
    type IntoIter = serde_json::map::Iter<'extra>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for Extra {
    type Item = (String, Value);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(&self.0).fmt(formatter)
    }
}

/// Fields as `Debug` may show them: without the values of [private names](is_private_name), at whatever depth.
#[derive(Clone, Copy)]
pub struct Shown<'fields>(pub &'fields Map<String, Value>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_map();
        for (name, value) in self.0 {
            match value {
                _ if is_private_name(name) && !value.is_null() => {
                    shown.entry(name, &format_args!("[redacted]"))
                }
                value => shown.entry(name, &ShownValue(value)),
            };
        }
        shown.finish()
    }
}

struct ShownValue<'value>(&'value Value);

impl fmt::Debug for ShownValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Object(fields) => Shown(fields).fmt(formatter),
            Value::Array(values) => formatter.debug_list().entries(values.iter().map(ShownValue)).finish(),
            value => value.fmt(formatter),
        }
    }
}
