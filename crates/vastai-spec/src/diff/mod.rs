//! What changed between two documents, and what that breaks.
//!
//! Both documents are brought into one spelling first (`normal`), so that order, references, and the
//! differences between 3.0 and 3.1 that are only of form do not count. Operations are then matched by method
//! and path; what is left is matched again without the slash at the path's end and the names of path
//! parameters, and counts as *moved*.
//!
//! How a change is judged is still coarse: a removed operation breaks, and so does every change that is not
//! prose. Nothing that breaks passes as compatible; some of what is compatible is called breaking.

mod document;
mod lines;
mod model;
mod normal;
mod rust;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::identify::{operation_pointer, operations};
use crate::pointer;
use normal::Normal;

pub use document::Document;
pub use model::{Change, Diff, Level, Location, Moved, OperationChanges, Side, VERSION, Wire};
pub use normal::DiffError;
pub use rust::{Bump, RustItems, RustVerdict};

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
    pub fn between<'document>(
        old: impl Into<Document<'document>>,
        new: impl Into<Document<'document>>,
    ) -> Result<Self, DiffError> {
        let texts = (old.into(), new.into());
        let (old, new) = (texts.0.value, texts.1.value);
        let mut diff = Self {
            version: VERSION,
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
            Some(Level::Docs | Level::Compatible) => Wire::Compatible,
            Some(Level::Breaking) => Wire::Breaking,
        };
        diff.tell_lines(texts.0, texts.1);
        Ok(diff)
    }

    fn tell_lines(&mut self, old: Document<'_>, new: Document<'_>) {
        let places = |change: &Change| [change.old.clone(), change.new.clone()];
        for (index, document) in [old, new].into_iter().enumerate() {
            let Some(text) = document.text else { continue };
            let wanted = self.changes.iter().filter_map(|change| places(change)[index].clone());
            let lines = lines::of(text, wanted.map(|place| place.pointer));
            for change in &mut self.changes {
                let place = if index == 0 { &mut change.old } else { &mut change.new };
                if let Some(place) = place {
                    place.line = lines.get(&place.pointer).copied();
                }
            }
        }
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
        let location = || Some(Location { pointer: pointer.clone(), line: None });
        let (old, new) = match id {
            "operation-removed" => (location(), None),
            _ => (None, location()),
        };
        let operation = place.to_string();
        let (tag, before, after) = (None, None, None);
        self.changes.push(Change {
            id,
            level,
            side,
            operation,
            tag,
            pointer,
            message,
            old,
            new,
            before,
            after,
        });
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
            let new = Some(Location { pointer: pointer.clone(), line: None });
            let (operation, tag, old, before, after) = (String::new(), None, None, None, None);
            self.changes.push(Change {
                id,
                level,
                side,
                operation,
                tag,
                pointer,
                message,
                old,
                new,
                before,
                after,
            });
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
