//! The first step: text to one JSON value, within bounds.
//!
//! YAML 1.2 and JSON are read alike; every error has its line and column. Nesting without end, aliases that explode and documents that
//! are too large are refused while they are read, so that they cost no more than their size. A key that a mapping has twice is refused
//! in our own files ([`document()`]); in a published document, where it happens, the last value is taken, and the key is reported
//! ([`published`]).

mod duplicates;
mod error;
mod index;
mod json;
mod names;
mod page;
mod scalar;
mod tree;
mod yaml;

use serde_json::Value;

pub(crate) use duplicates::DUPLICATE_KEY;
pub use duplicates::{DuplicateKey, DuplicateKeys};
pub use error::{LoadError, Place};
pub use index::{IndexedPage, pages_in_index};
pub use page::document_in_page;
pub use tree::MAX_BYTES;

use tree::{Duplicates, Refusal};
use yaml::BYTE_ORDER_MARK;

/// A published document, and what its text says twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The document. Its fields are sorted.
    pub document: Value,
    /// Keys that a mapping has more than once; their last values are in the document.
    pub duplicates: DuplicateKeys,
}

/// The text that the bytes of a document are.
///
/// # Errors
///
/// [`LoadError`], with its place: UTF-16, or bytes that are not UTF-8.
pub fn text(bytes: Vec<u8>, name: &str) -> Result<String, LoadError> {
    if bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xFF, 0xFE]) {
        return Err(LoadError::at(name, Place::START, "the text is in UTF-16; save it in UTF-8"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let read = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let at = Place::behind(&String::from_utf8_lossy(read));
        LoadError::at(name, at, "not text in UTF-8; is this an OpenAPI document?")
    })
}

/// Reads YAML or JSON of our own into one value whose keys are sorted.
///
/// Sorted, so that nothing downstream depends on the order in which a document was written. `name` is how errors call the
/// document: a path or a URL.
///
/// # Errors
///
/// [`LoadError`], with line and column where the fault has a place: not YAML, an empty or too large document, more than 127 levels,
/// more than a million values (aliases followed), a number or a tag that JSON does not have, a key that a mapping has twice.
pub fn document(text: &str, name: &str) -> Result<Value, LoadError> {
    Ok(read(text, name, Duplicates::Refuse)?.document)
}

fn read(text: &str, name: &str, duplicates_are: Duplicates) -> Result<Published, LoadError> {
    if text.len() > MAX_BYTES {
        let message = format!(
            "the document has {} bytes, and at most {MAX_BYTES} are read; is this an OpenAPI document?",
            text.len()
        );
        return Err(LoadError::new(name, message));
    }
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let read = match text.trim_start().starts_with('{') {
        true => json_or_flow_yaml(text, duplicates_are),
        false => yaml::read(text, duplicates_are),
    };
    let read = read.map_err(|refusal| LoadError::at(name, refusal.at, refusal.message))?;
    let Some((mut document, duplicates)) = read else {
        return Err(LoadError::new(name, "the document is empty"));
    };
    document.sort_all_objects();
    Ok(Published { document, duplicates })
}

/// YAML also knows braces, so what is not JSON is tried as YAML before it is refused.
fn json_or_flow_yaml(
    text: &str,
    duplicates_are: Duplicates,
) -> Result<Option<(Value, DuplicateKeys)>, Refusal> {
    match json::read(text, duplicates_are) {
        Ok(read) => Ok(Some(read)),
        Err(json::Fault::Refused(refusal)) => Err(refusal),
        Err(json::Fault::Syntax { refusal, has_key }) => yaml::read(text, duplicates_are)
            // What was meant as JSON has a fault of JSON.
            .map_err(|of_yaml| if has_key { refusal } else { of_yaml }),
    }
}

/// Reads a published OpenAPI document: YAML or JSON, and a look at whether it is one.
///
/// # Errors
///
/// Those of [`document()`], but for a key that a mapping has twice; a value that is not an object, has no `openapi: 3.x`, or has no
/// `paths`; and, with its JSON pointer, a key, an id or another name that has a line end, another control character or a mark of direction.
pub fn published(text: &str, name: &str) -> Result<Published, LoadError> {
    let published = read(text, name, Duplicates::Report)?;
    check_openapi(&published.document, text, name)?;
    names::check(&published.document).map_err(|message| LoadError::new(name, message))?;
    Ok(published)
}

/// The document that [`published`] reads, without what its text says twice.
///
/// # Errors
///
/// Those of [`published`].
pub fn openapi(text: &str, name: &str) -> Result<Value, LoadError> {
    Ok(published(text, name)?.document)
}

fn check_openapi(value: &Value, text: &str, name: &str) -> Result<(), LoadError> {
    let Some(root) = value.as_object() else {
        let what = match value {
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
        Some(Value::Object(_)) => Ok(()),
        // Optional in 3.1, where a document may hold webhooks or components alone.
        None if version.starts_with("3.1") => Ok(()),
        None => Err(LoadError::new(name, "`paths` is missing; is the document cut short?")),
        Some(_) => Err(LoadError::new(name, "`paths` is not an object")),
    }
}
