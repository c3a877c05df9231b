//! Fields of a response that a test sets by name, over what the simulator would say.

use serde_json::{Map, Value};

/// Members to set (`Some`) or to leave out (`None`), the later over the earlier.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, Option<Value>)>);

impl Fields {
    pub(super) fn push(&mut self, name: String, value: Option<Value>) {
        self.0.push((name, value));
    }

    pub(super) fn extend(&mut self, members: Map<String, Value>) {
        self.0.retain(|(name, _)| !members.contains_key(name));
        self.0.extend(members.into_iter().map(|(name, value)| (name, Some(value))));
    }

    /// Sets those members that nothing was said of.
    pub(super) fn complete(&mut self, members: Map<String, Value>) {
        for (name, value) in members {
            if !self.0.iter().any(|(said, _)| *said == name) {
                self.0.push((name, Some(value)));
            }
        }
    }

    pub(super) fn apply(&self, members: &mut Map<String, Value>) {
        for (name, value) in &self.0 {
            match value {
                Some(value) => members.insert(name.clone(), value.clone()),
                None => members.remove(name),
            };
        }
    }
}

/// The methods with which a test sets fields of the JSON of a thing that keeps them in `$fields`.
macro_rules! settable_fields {
    ($thing:ty, $($fields:ident).+) => {
        impl $thing {
            /// Sets a field of its JSON, known or not, over what the simulator would say.
            pub fn field(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                self.$($fields).+.push(name.into(), Some(value.into()));
                self
            }

            /// Leaves a field out of its JSON.
            pub fn without_field(mut self, name: impl Into<String>) -> Self {
                self.$($fields).+.push(name.into(), None);
                self
            }
        }
    };
}
pub(super) use settable_fields;

/// The object made of these objects' fields.
pub(super) fn object(parts: impl IntoIterator<Item = Value>) -> Map<String, Value> {
    let mut members = Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            members.extend(part);
        }
    }
    members
}
