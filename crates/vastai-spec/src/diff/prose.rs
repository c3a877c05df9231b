//! What people read and no client acts upon.

use std::collections::BTreeMap;

use serde_json::Value;

use super::site::Site;

/// Under which name the text of a field is compared, if it is prose wherever the name is a keyword.
fn name_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "description" => "description",
        "summary" => "summary",
        "title" => "title",
        // 3.0 and 3.1 say it in different words.
        "example" | "examples" => "examples",
        "externalDocs" => "externalDocs",
        "$comment" => "$comment",
        "bearerFormat" => "bearerFormat",
        _ if is_rendering(key) => "extension",
        _ => return None,
    })
}

/// Whether a keyword of a schema is text for people.
pub(super) fn is_prose(key: &str) -> bool {
    name_of(key).is_some()
}

/// Extensions of documentation sites: they say how an operation is shown.
fn is_rendering(key: &str) -> bool {
    matches!(
        key,
        "x-codeSamples"
            | "x-code-samples"
            | "x-logo"
            | "x-tagGroups"
            | "x-displayName"
            | "x-mint"
            | "x-readme"
    )
}

/// Text for people by name, each with where it is written.
#[derive(Debug, Default)]
pub(super) struct Prose<'d>(pub(super) BTreeMap<&'static str, Text<'d>>);

#[derive(Debug)]
pub(super) struct Text<'d> {
    depth: usize,
    values: Vec<&'d Value>,
    pub(super) site: Site<'d>,
}

impl<'d> Prose<'d> {
    /// Adds a field if it is text for people. The outermost of a name holds; those equally deep hold together, in any order.
    pub(super) fn take(&mut self, key: &str, site: &Site<'d>, depth: usize) -> bool {
        let Some(name) = name_of(key) else { return false };
        let site = site.clone();
        let values: Vec<&Value> = match site.value {
            Value::Array(examples) if key == "examples" => examples.iter().collect(),
            Value::Object(examples) if key == "examples" => {
                // One with prose of its own is more than its value.
                let bare = |example: &'d Value| example.get("value").filter(|_| is_bare(example));
                examples.values().map(|example| bare(example).unwrap_or(example)).collect()
            }
            value => vec![value],
        };
        let text =
            self.0.entry(name).or_insert_with(|| Text { depth, values: Vec::new(), site: site.clone() });
        if depth < text.depth {
            *text = Text { depth, values: Vec::new(), site };
        }
        if depth == text.depth {
            text.values.extend(values);
        }
        true
    }
}

fn is_bare(example: &Value) -> bool {
    example.as_object().is_some_and(|members| members.len() == 1)
}

impl Text<'_> {
    pub(super) fn says(&self, other: &Self) -> bool {
        let all_of = |one: &Self, other: &Self| one.values.iter().all(|value| other.values.contains(value));
        all_of(self, other) && all_of(other, self)
    }
}
