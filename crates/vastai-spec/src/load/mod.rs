//! The first step: text to one JSON value, strictly.
//!
//! YAML and JSON come in the same way. What other loaders let pass is an error here, with its line and column: a key that
//! stands twice (one of the two would be lost), aliases that explode, nesting without end, a document that is too large.

mod index;
mod page;
mod strict;

use std::fmt;

use serde_json::Value;

use crate::visible::in_one_line;

pub use index::{IndexedPage, pages_in_index};
pub use page::document_in_page;

/// The largest document that is read, in bytes. The published one has a third of a megabyte.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How deep the parsers follow a document; both count the same.
const MAX_LEVELS: usize = 128;

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    name: String,
    place: Option<(usize, usize)>,
    message: String,
}

impl LoadError {
    fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), place: None, message: message.into() }
    }

    fn at(mut self, line: usize, column: usize) -> Self {
        self.place = Some((line, column));
        self
    }

    /// Line and column, counted from one, where they are known.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, message) = (in_one_line(&self.name), in_one_line(&self.message));
        match self.place {
            Some((line, column)) => write!(formatter, "{name}:{line}:{column}: {message}"),
            None => write!(formatter, "{name}: {message}"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads YAML or JSON into one value whose members are sorted.
///
/// Sorted, so that nothing downstream depends on the order in which a document was written. `name` is how errors call the
/// document: a path or a URL.
///
/// # Errors
///
/// [`LoadError`], with line and column where the fault has a place: no YAML, a duplicate key, an empty or too large document,
/// more than 128 levels, aliases that expand to more than a document may hold, a number that JSON does not know.
pub fn document(text: &str, name: &str) -> Result<Value, LoadError> {
    if text.len() > MAX_BYTES {
        let message = format!(
            "the document has {} bytes, and at most {MAX_BYTES} are read; is this an OpenAPI document?",
            text.len()
        );
        return Err(LoadError::new(name, message));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(LoadError::new(name, "the document is empty"));
    }
    let mut value =
        if text.trim_start().starts_with('{') { json_or_flow_yaml(text, name)? } else { yaml(text, name)? };
    value.sort_all_objects();
    Ok(value)
}

/// Reads an OpenAPI document: [`document`], and a look at whether it is one.
///
/// # Errors
///
/// Those of [`document`]; and a value that is no object, has no `openapi: 3.x`, or has no `paths`.
pub fn openapi(text: &str, name: &str) -> Result<Value, LoadError> {
    let value = document(text, name)?;
    let Some(root) = value.as_object() else {
        let what = match &value {
            _ if text.trim_start().starts_with('<') => "this is HTML or XML",
            Value::Array(_) => "this is a list",
            _ => "this is a single value",
        };
        return Err(LoadError::new(name, format!("{what}, not an OpenAPI document")));
    };
    let version = match root.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        Some(_) => return Err(LoadError::new(name, "`openapi` is not a version such as 3.1.0")),
        None if root.contains_key("swagger") => {
            return Err(LoadError::new(name, "this is a Swagger 2.0 document; OpenAPI 3.0 and 3.1 are read"));
        }
        None => return Err(LoadError::new(name, "`openapi: 3.x` is missing; is this an OpenAPI document?")),
    };
    if !(version == "3.0" || version == "3.1" || version.starts_with("3.0.") || version.starts_with("3.1.")) {
        return Err(LoadError::new(name, format!("OpenAPI {version} is not read; 3.0 and 3.1 are")));
    }
    match root.get("paths") {
        Some(Value::Object(_)) => Ok(value),
        // Optional in 3.1, where a document may hold webhooks or components alone.
        None if version.starts_with("3.1") => Ok(value),
        None => Err(LoadError::new(name, "`paths` is missing; is the document cut short?")),
        Some(_) => Err(LoadError::new(name, "`paths` is not an object")),
    }
}

/// YAML also knows braces, so a text that is no JSON is tried as YAML before it is refused.
fn json_or_flow_yaml(text: &str, name: &str) -> Result<Value, LoadError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let budget = strict::Budget::new(strict::Format::Json);
    let parsed =
        strict::value(&mut deserializer, &budget).and_then(|value| deserializer.end().map(|()| value));
    parsed.or_else(|error: serde_json::Error| {
        let error = LoadError::new(name, without_place(&error.to_string(), error.line(), error.column()))
            .at(error.line(), error.column());
        // The fault of a JSON file is told as JSON's.
        if budget.refused() { Err(error) } else { yaml(text, name).map_err(|_| error) }
    })
}

fn yaml(text: &str, name: &str) -> Result<Value, LoadError> {
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let Some(first) = documents.next() else {
        return Err(LoadError::new(name, "the document is empty"));
    };
    let budget = strict::Budget::new(strict::Format::Yaml);
    let value = strict::value(first, &budget).map_err(|error| {
        let message = error.to_string();
        match error.location() {
            Some(at) => LoadError::new(name, without_place(&message, at.line(), at.column()))
                .at(at.line(), at.column()),
            None => LoadError::new(name, message),
        }
    })?;
    if documents.next().is_some() {
        return Err(LoadError::new(name, "the file holds more than one YAML document"));
    }
    Ok(value)
}

/// A message of a parser without the place, which [`LoadError`] tells itself, and in words that say what to do.
fn without_place(message: &str, line: usize, column: usize) -> String {
    let message = message.replace(&format!(" at line {line} column {column}"), "");
    // Both parsers stop there, and both call it so.
    message.replace("recursion limit exceeded", &format!("nested deeper than {MAX_LEVELS} levels"))
}
