//! A request as an operation sees it.

use std::collections::HashMap;

use serde_json::Value;

use super::refusal::Refusal;
use crate::record::RecordedRequest;

/// A request for an operation, with the values of its path.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) request: &'a RecordedRequest,
    pub(super) path: &'a HashMap<String, String>,
}

impl Call<'_> {
    /// The id in the path.
    pub(super) fn id(&self, name: &str) -> Result<u64, Refusal> {
        let text = self.segment(name);
        text.parse().map_err(|_| Refusal::invalid_args(format!("{name} in the path is not an id: {text}")))
    }

    /// A string in the path.
    pub(super) fn segment(&self, name: &str) -> &str {
        self.path.get(name).map(String::as_str).unwrap_or_default()
    }

    /// An id in the body.
    pub(super) fn body_id(&self, name: &str) -> Result<u64, Refusal> {
        let id = self.body()?.get(name).and_then(Value::as_u64);
        id.ok_or_else(|| Refusal::invalid_args(format!("{name} is not an id.")))
    }

    /// A list of ids in the body, at least one.
    pub(super) fn ids(&self, name: &str) -> Result<Vec<u64>, Refusal> {
        let body = self.body()?;
        let ids = body.get(name).and_then(Value::as_array);
        let ids = ids.and_then(|ids| ids.iter().map(Value::as_u64).collect::<Option<Vec<_>>>());
        ids.filter(|ids| !ids.is_empty())
            .ok_or_else(|| Refusal::invalid_args(format!("{name} is not a list of ids.")))
    }

    /// The body; null where there is none.
    pub(super) fn body(&self) -> Result<Value, Refusal> {
        if self.request.body().is_empty() {
            return Ok(Value::Null);
        }
        self.request.json().map_err(|error| Refusal::invalid_args(format!("The body is not JSON: {error}")))
    }

    /// A string in the body.
    pub(super) fn text(&self, name: &str) -> Result<String, Refusal> {
        let body = self.body()?;
        let text = body.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| Refusal::invalid_args(format!("{name} is missing.")))
    }
}
