//! What is sent where the caller gives nothing.

use reqwest::Request;
use serde_json::{Map, Value};

use crate::{Location, Operation};

/// What a client sends for a parameter, or a field of the body, that the caller gives no value. It is what the official client sends, and not
/// what the service would take.
///
/// ```
/// use vastai_api::operations::CREATE_INSTANCE;
///
/// let disk = CREATE_INSTANCE.parameters.iter().find(|parameter| parameter.name == "disk");
/// assert_eq!(disk.and_then(|disk| disk.default).map(|default| default.json), Some("10.0"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DefaultValue {
    /// The value, as JSON.
    pub json: &'static str,
    /// It is not sent where one of these fields is given, which stand in for it.
    pub unless: &'static [&'static str],
}

impl DefaultValue {
    /// The value.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(self.json).unwrap_or_default()
    }

    fn counts_beside(&self, is_given: impl Fn(&str) -> bool) -> bool {
        !self.unless.iter().any(|name| is_given(name))
    }
}

impl Operation {
    /// The default of a parameter, or of a field of the body; `None` where the service decides.
    #[must_use]
    pub fn default_of(&self, name: &str) -> Option<DefaultValue> {
        self.parameters.iter().find(|parameter| parameter.name == name)?.default
    }

    /// Adds to a request of this operation the defaults of what it does not have. The generated client does this in `send`; a client of
    /// one's own can do it too. A field that is null is given.
    pub fn add_defaults(&self, request: &mut Request) {
        let mut defaults =
            self.parameters.iter().filter_map(|parameter| Some((parameter, parameter.default?)));
        if defaults.clone().any(|(parameter, _)| parameter.location == Location::Body) {
            let body = request.body().and_then(reqwest::Body::as_bytes);
            let fields = body.and_then(|body| serde_json::from_slice::<Map<String, Value>>(body).ok());
            if let Some(mut fields) = fields {
                let given: Vec<String> = fields
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, _)| name.clone())
                    .collect();
                let is_given = |name: &str| given.iter().any(|given| given == name);
                for (parameter, default) in defaults.clone().filter(|(it, _)| it.location == Location::Body) {
                    if !fields.contains_key(parameter.name) && default.counts_beside(is_given) {
                        fields.insert(parameter.name.to_owned(), default.value());
                    }
                }
                *request.body_mut() = Some(Value::Object(fields).to_string().into());
            }
        }
        let in_query =
            |name: &str, request: &Request| request.url().query_pairs().any(|(given, _)| given == name);
        for (parameter, default) in defaults.by_ref().filter(|(it, _)| it.location == Location::Query) {
            if !in_query(parameter.name, request) && default.counts_beside(|name| in_query(name, request)) {
                let value = match default.value() {
                    Value::String(text) => text,
                    value => value.to_string(),
                };
                request.url_mut().query_pairs_mut().append_pair(parameter.name, &value);
            }
        }
    }
}
