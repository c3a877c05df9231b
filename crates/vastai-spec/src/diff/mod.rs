//! What changed between two documents, and what that breaks.
//!
//! Operations are matched by method and path (`matching`); what is left is matched again without the slash at the path's end and the
//! names of path parameters, and counts as *moved*. Each pair is compared part by part, with the direction in mind: a request breaks
//! where less is taken than before, a response where more may come. What is a difference, and what it does to a client, is said by one
//! table of rules ([`RULES`]). What no rule knows is a finding too, `unclassified`, and breaks: nothing is silent.
//!
//! Spelling is not a difference: order, `$ref` against inline, `allOf` of one or shared parts pulled into one, 3.0 against 3.1 for one
//! meaning. References are followed while comparing, so recursion and components that many operations share cost nothing.

mod body;
#[cfg(feature = "generate")]
mod client;
mod comparison;
mod document;
mod flat;
mod info;
mod lines;
mod matching;
mod media_type;
mod model;
mod operation;
mod parameter;
mod place;
mod prose;
mod response;
mod rest;
mod rules;
mod rust;
mod schema;
mod security;
mod server;
mod site;
mod source;

use std::collections::HashMap;

use serde_json::Value;

use crate::identify::operations;
use comparison::{Comparison, TooLarge};
use matching::Matching;
use place::Place;

#[cfg(feature = "generate")]
pub use client::NoVerdict;
pub use comparison::DiffError;
pub use document::Document;
pub use model::{Change, Diff, Level, Location, Moved, OperationChanges, Side, VERSION, Wire};
pub use rules::{RULES, Rule, rule};
pub use rust::{Bump, Rename, RustItems, RustVerdict};

impl Diff {
    /// Compares two identified documents, the old and the new one.
    ///
    /// # Errors
    ///
    /// [`DiffError`] where the schemas of a document combine to more than can be compared.
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
        let (old, new): (Document<'_>, Document<'_>) = (old.into(), new.into());
        let mut diff = Self {
            version: VERSION,
            wire: Wire::None,
            rust: None,
            operations: OperationChanges::default(),
            changes: Vec::new(),
            docs: 0,
        };
        // Many times the usual case, and it needs no look at what the document combines to.
        if old.value == new.value {
            return Ok(diff);
        }
        let matching = Matching::of(old.value, new.value);
        let mut comparison = Comparison::new(old.value, new.value);
        for (before, after) in &matching.pairs {
            let too_large = |TooLarge| DiffError::TooLarge { pointer: after.pointer() };
            comparison.operation(*before, *after).map_err(too_large)?;
            diff.take_operation(&mut comparison, *before, *after, new.value);
        }
        let by_id = operations_by_id(new.value);
        for place in &matching.removed {
            comparison.operation_removed(*place, &by_id);
            let known = diff.changes.len();
            diff.take(&mut comparison, &place.to_string(), tag(old.value, *place));
            diff.show_places(known, Some(*place), None);
            diff.operations.removed.push(place.to_string());
        }
        for place in &matching.added {
            comparison.operation_added(*place);
            let known = diff.changes.len();
            diff.take(&mut comparison, &place.to_string(), tag(new.value, *place));
            diff.show_places(known, None, Some(*place));
            diff.operations.added.push(place.to_string());
        }
        comparison.document().map_err(|TooLarge| DiffError::TooLarge { pointer: "/webhooks".to_owned() })?;
        diff.take(&mut comparison, "", None);

        diff.docs = diff.changes.iter().filter(|change| change.level == Level::Docs).count();
        diff.wire = match diff.changes.iter().map(|change| change.level).max() {
            None | Some(Level::Docs) => Wire::None,
            Some(Level::Compatible) => Wire::Compatible,
            Some(Level::Breaking) => Wire::Breaking,
        };
        diff.add_lines(old, new);
        Ok(diff)
    }

    fn take(&mut self, comparison: &mut Comparison<'_>, operation: &str, tag: Option<&str>) {
        let found = comparison.take_found();
        self.changes.extend(found.into_iter().map(|found| found.into_change(operation, tag)));
    }

    fn take_operation(
        &mut self,
        comparison: &mut Comparison<'_>,
        before: Place<'_>,
        after: Place<'_>,
        document: &Value,
    ) {
        let known = self.changes.len();
        self.take(comparison, &after.to_string(), tag(document, after));
        self.show_places(known, Some(before), Some(after));
        if before != after {
            self.operations.moved.push(Moved { from: before.to_string(), to: after.to_string() });
        }
        let is_more_than_moved = |change: &Change| {
            change.level > Level::Docs && !["operation-moved", "path-parameter-renamed"].contains(&change.id)
        };
        if self.changes[known..].iter().any(is_more_than_moved) {
            self.operations.changed.push(after.to_string());
        }
    }

    /// Of an operation that comes, goes or moves, its place says more than the beginning of all that it is.
    fn show_places(&mut self, known: usize, before: Option<Place<'_>>, after: Option<Place<'_>>) {
        let text = |place: Option<Place<'_>>| place.map(|place| Value::String(place.to_string()));
        for change in &mut self.changes[known..] {
            if ["operation-added", "operation-moved", "operation-removed"].contains(&change.id) {
                (change.before, change.after) = (text(before), text(after));
            }
        }
    }

    fn add_lines(&mut self, old: Document<'_>, new: Document<'_>) {
        for (is_old, document) in [(true, old), (false, new)] {
            let Some(text) = document.text else { continue };
            let place = |change: &Change| if is_old { change.old.clone() } else { change.new.clone() };
            let wanted = self.changes.iter().filter_map(place);
            let lines = lines::of(text, wanted.map(|place| place.pointer));
            for change in &mut self.changes {
                if let Some(place) = if is_old { &mut change.old } else { &mut change.new } {
                    place.line = lines.get(&place.pointer).copied();
                }
            }
        }
    }
}

/// The operations by their operationId; of two with the same, the first.
fn operations_by_id(document: &Value) -> HashMap<&str, Place<'_>> {
    let mut by_id = HashMap::new();
    for (path, method, operation) in operations(document) {
        if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
            by_id.entry(id).or_insert(Place { path, method });
        }
    }
    by_id
}

/// The first tag of an operation.
fn tag<'document>(document: &'document Value, place: Place<'_>) -> Option<&'document str> {
    document["paths"][place.path][place.method]["tags"][0].as_str()
}
