//! What changed between two documents, and what that breaks.
//!
//! Both documents are brought into one spelling first (`normal`), so that order, references, and the
//! differences between 3.0 and 3.1 that are only of form do not count. Operations are then matched by method
//! and path; what is left is matched again without the slash at the path's end and the names of path
//! parameters, and counts as *moved*.
//!
//! How a change is judged is still coarse: a removed operation breaks, and so does every change that is not
//! prose. Nothing that breaks passes as compatible; some of what is compatible is called breaking.

mod normal;
mod rust;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::identify::{operation_pointer, operations};
use crate::pointer;
use normal::Normal;

pub use normal::DiffError;
pub use rust::{Bump, RustItems, RustVerdict};

/// The difference between two documents; serialised, it is the JSON that `cargo xtask diff --format json`
/// prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// What the changes mean for a client that follows the old document.
    pub wire: Wire,
    /// What they mean for a Rust program that uses the generated client, where both documents could be
    /// generated.
    #[serde(flatten)]
    pub rust: Option<RustVerdict>,
    /// The operations that differ.
    pub operations: OperationChanges,
    /// Every finding, in the order of the documents' operations.
    pub changes: Vec<Change>,
    /// In how many places only prose differs: descriptions, titles, examples, tags.
    pub docs: usize,
}

/// What changes mean on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Nothing that travels changed.
    None,
    /// A client that follows the old document works on.
    Compatible,
    /// A client that follows the old document can be refused, or can misread an answer.
    Breaking,
}

/// The operations that differ, each as method and path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OperationChanges {
    /// Only in the new document.
    pub added: Vec<String>,
    /// Only in the old document.
    pub removed: Vec<String>,
    /// In both, and different in more than prose.
    pub changed: Vec<String>,
    /// In both, with another slash at the path's end or another name of a path parameter. It may have changed
    /// as well.
    pub moved: Vec<Moved>,
}

/// An operation that has another path for the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Method and path in the old document.
    pub from: String,
    /// Method and path in the new document.
    pub to: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The stable name of the rule that found it.
    pub id: &'static str,
    /// What it does to a client.
    pub level: Level,
    /// What it concerns.
    pub side: Side,
    /// Method and path in the new document; in the old one for what was removed. Empty for the document as a
    /// whole.
    pub operation: String,
    /// The place, as a JSON pointer into that document with its references resolved.
    pub pointer: String,
    /// The finding in words.
    pub message: String,
}

/// What a finding does to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing that a client that follows the old document would notice.
    Compatible,
    /// It can be refused, or can misread an answer.
    Breaking,
}

/// What a finding concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// What a client sends.
    Request,
    /// What it gets.
    Response,
    /// The operation itself.
    Operation,
    /// Where it is sent.
    Server,
    /// How the caller proves who it is.
    Security,
}

impl Diff {
    /// Compares two identified documents, the old and the new one.
    ///
    /// # Errors
    ///
    /// [`DiffError`] where the references of a document expand to more than can be compared.
    ///
    /// ```
    /// use vastai_spec::diff::{Diff, Wire};
    /// use serde_json::json;
    ///
    /// let old = json!({ "paths": { "/a/": { "get": { "summary": "read a" } } } });
    /// let new = json!({ "paths": { "/a": { "get": { "summary": "reads a" } }, "/b": { "get": {} } } });
    /// let diff = Diff::between(&old, &new)?;
    /// assert_eq!(diff.wire, Wire::Compatible);
    /// assert_eq!(diff.operations.moved[0].to, "GET /a");
    /// assert_eq!(diff.operations.added, ["GET /b"]);
    /// assert_eq!(diff.docs, 1);
    /// # Ok::<(), vastai_spec::diff::DiffError>(())
    /// ```
    pub fn between(old: &Value, new: &Value) -> Result<Self, DiffError> {
        let mut diff = Self {
            wire: Wire::None,
            rust: None,
            operations: OperationChanges::default(),
            changes: Vec::new(),
            docs: 0,
        };
        let matching = Matching::of(old, new);
        let (mut old, mut new) = (Normal::new(old), Normal::new(new));
        for (before, after) in matching.pairs {
            diff.operation(before, after, &mut old, &mut new)?;
        }
        for place in matching.removed {
            let message = "the operation is gone".to_owned();
            diff.note("operation-removed", Level::Breaking, Side::Operation, place, place.pointer(), message);
            diff.operations.removed.push(place.to_string());
        }
        for place in matching.added {
            let message = "the operation is new".to_owned();
            diff.note("operation-added", Level::Compatible, Side::Operation, place, place.pointer(), message);
            diff.operations.added.push(place.to_string());
        }
        diff.document(&mut old, &mut new)?;
        diff.wire = match diff.changes.iter().map(|change| change.level).max() {
            None => Wire::None,
            Some(Level::Compatible) => Wire::Compatible,
            Some(Level::Breaking) => Wire::Breaking,
        };
        Ok(diff)
    }

    /// Adds the verdict for Rust: what a dependent of the generated client must change, told by the two
    /// surfaces.
    #[must_use]
    pub fn with_surfaces(mut self, old: &str, new: &str) -> Self {
        self.rust = Some(RustVerdict::between(old, new, self.docs > 0));
        self
    }

    /// Whether the documents say the same, prose included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let same_in_rust = self.rust.as_ref().is_none_or(|rust| rust.bump == Bump::None);
        self.wire == Wire::None && self.docs == 0 && same_in_rust
    }

    /// Whether a client breaks: on the wire, or when it is compiled again.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.wire == Wire::Breaking || self.rust.as_ref().is_some_and(|rust| rust.bump == Bump::Major)
    }

    fn note(
        &mut self,
        id: &'static str,
        level: Level,
        side: Side,
        place: Place<'_>,
        pointer: String,
        message: String,
    ) {
        self.changes.push(Change { id, level, side, operation: place.to_string(), pointer, message });
    }

    fn operation(
        &mut self,
        before: Place<'_>,
        after: Place<'_>,
        old: &mut Normal<'_>,
        new: &mut Normal<'_>,
    ) -> Result<(), DiffError> {
        if before != after {
            self.operations.moved.push(Moved { from: before.to_string(), to: after.to_string() });
            let message = format!("was `{before}`; the same place in another spelling");
            self.note("operation-moved", Level::Compatible, Side::Operation, after, after.pointer(), message);
        }
        let old = old.operation(before.path, before.method)?;
        let new = new.operation(after.path, after.method)?;
        self.docs += differing(&old.prose, &new.prose);
        let findings = self.changes.len();
        if old.id != new.id {
            let message = format!(
                "the operationId was `{}` and is `{}`: its method in Rust has another name",
                old.id, new.id
            );
            self.note(
                "operation-id-changed",
                Level::Compatible,
                Side::Operation,
                after,
                after.pointer(),
                message,
            );
        }
        for part in PARTS {
            let mut found = Vec::new();
            compare(old.wire.get(part.key), new.wire.get(part.key), String::new(), part.key, &mut found);
            for (within, message) in found {
                // Parameters are matched by name, not by their place in a list: the name is told in words.
                let (within, message) = match (part.key, within.trim_start_matches('/').split_once('/')) {
                    ("parameters", Some((parameter, _))) => {
                        (String::new(), format!("{parameter}: {message}"))
                    }
                    ("parameters", None) => (String::new(), message),
                    _ => (within, message),
                };
                let pointer = format!("{}/{}{within}", after.pointer(), part.key);
                self.note(part.id, Level::Breaking, part.side, after, pointer, unjudged(&message));
            }
        }
        let mut found = Vec::new();
        compare(old.wire.get("rest"), new.wire.get("rest"), after.pointer(), "rest", &mut found);
        for (pointer, message) in found {
            self.note(
                "operation-changed",
                Level::Breaking,
                Side::Operation,
                after,
                pointer,
                unjudged(&message),
            );
        }
        if self.changes.len() > findings {
            self.operations.changed.push(after.to_string());
        }
        Ok(())
    }

    /// What no operation says: the document's own prose, and members of it that no operation refers to.
    fn document(&mut self, old: &mut Normal<'_>, new: &mut Normal<'_>) -> Result<(), DiffError> {
        let (old, new) = (old.document()?, new.document()?);
        self.docs += differing(&old.prose, &new.prose);
        let mut found = Vec::new();
        compare(Some(&old.wire), Some(&new.wire), String::new(), "", &mut found);
        for (pointer, message) in found {
            let message = unjudged(&message);
            let (id, level, side) = ("document-changed", Level::Breaking, Side::Operation);
            self.changes.push(Change { id, level, side, operation: String::new(), pointer, message });
        }
        Ok(())
    }
}

/// A part of an operation whose changes have a rule of their own.
struct Part {
    key: &'static str,
    id: &'static str,
    side: Side,
}

const PARTS: [Part; 5] = [
    Part { key: "servers", id: "server-changed", side: Side::Server },
    Part { key: "security", id: "security-changed", side: Side::Security },
    Part { key: "parameters", id: "parameter-changed", side: Side::Request },
    Part { key: "requestBody", id: "request-changed", side: Side::Request },
    Part { key: "responses", id: "response-changed", side: Side::Response },
];

fn unjudged(message: &str) -> String {
    format!("{message} (counted as breaking: a finer judgement is not made yet)")
}

/// Where an operation stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place<'document> {
    path: &'document str,
    method: &'static str,
}

impl Place<'_> {
    fn pointer(self) -> String {
        operation_pointer(self.path, self.method)
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method.to_uppercase(), self.path)
    }
}

/// Which operation of the old document is which of the new one.
struct Matching<'document> {
    pairs: Vec<(Place<'document>, Place<'document>)>,
    removed: Vec<Place<'document>>,
    added: Vec<Place<'document>>,
}

impl<'document> Matching<'document> {
    fn of(old: &'document Value, new: &'document Value) -> Self {
        let places = |document| {
            operations(document).map(|(path, method, _)| Place { path, method }).collect::<Vec<_>>()
        };
        let (mut removed, mut added) = (places(old), places(new));
        let mut pairs = Vec::new();
        // The closest spelling first: a document may have both `/a` and `/a/`.
        for key in [|path: &str| path.to_owned(), without_slash, normal::without_parameter_names] {
            let mut offered: BTreeMap<(&str, String), Vec<Place<'_>>> = BTreeMap::new();
            for place in added.drain(..).rev() {
                offered.entry((place.method, key(place.path))).or_default().push(place);
            }
            removed.retain(|before| {
                let after = offered.get_mut(&(before.method, key(before.path))).and_then(Vec::pop);
                pairs.extend(after.map(|after| (*before, after)));
                after.is_none()
            });
            added = offered.into_values().flatten().collect();
            added.sort_by_key(|place| (place.path, place.method));
        }
        pairs.sort_by_key(|(_, after)| (after.path, after.method));
        Self { pairs, removed, added }
    }
}

fn without_slash(path: &str) -> String {
    path.trim_end_matches('/').to_owned()
}

/// In how many places two sets of texts differ.
fn differing(old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> usize {
    let gone_or_changed = old.iter().filter(|(place, text)| new.get(*place) != Some(text)).count();
    gone_or_changed + new.keys().filter(|place| !old.contains_key(*place)).count()
}

/// Finds the innermost places in which two values differ.
fn compare(
    old: Option<&Value>,
    new: Option<&Value>,
    at: String,
    name: &str,
    found: &mut Vec<(String, String)>,
) {
    match (old, new) {
        (None, None) => {}
        (Some(old), Some(new)) if old == new => {}
        (None, Some(_)) => found.push((at, format!("{name} is new"))),
        (Some(_), None) => found.push((at, format!("{name} is gone"))),
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for (key, before) in old {
                compare(Some(before), new.get(key), pointer::child(&at, key), key, found);
            }
            for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
                compare(None, Some(after), pointer::child(&at, key), key, found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if old.len() == new.len() && old.iter().all(Value::is_object) =>
        {
            for (index, (before, after)) in old.iter().zip(new).enumerate() {
                compare(Some(before), Some(after), format!("{at}/{index}"), name, found);
            }
        }
        (Some(old), Some(new)) => {
            found.push((at, format!("{name} was {} and is {}", short(old), short(new))));
        }
    }
}

/// A value for a message: whole where it is short.
fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
