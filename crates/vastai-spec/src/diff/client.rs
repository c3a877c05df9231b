//! The verdict for Rust of two generated clients: items that kept their meaning under another name, and the operations of each.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::model::{Diff, Wire};
use super::rust::{Bump, Rename, RustVerdict};
use crate::generate::GenerateError;
use crate::generate::review::Origins;
use crate::generate::review::touched::Touched;
use crate::identify::{names, operation_pointer, operations};
use crate::operations::Operation;
use crate::pipeline::Prepared;

/// Why there is no verdict for Rust: a client could not be generated.
#[derive(Debug)]
pub struct NoVerdict {
    /// Why that of the old document could not, if it could not.
    pub old: Option<GenerateError>,
    /// Why that of the new document could not.
    pub new: Option<GenerateError>,
}

impl Diff {
    /// Adds the verdict for Rust: what a dependent of the generated client must change, and which operations that comes from.
    ///
    /// Only operations and types that a change touches are generated.
    ///
    /// # Errors
    ///
    /// [`NoVerdict`] where one of the clients cannot be generated; the rest of the difference is as it was.
    pub fn judge_rust(&mut self, old: &Prepared, new: &Prepared) -> Result<(), NoVerdict> {
        let touched = Touched::between(old, new);
        let (before, after) = match (touched.old.surface(), touched.new.surface()) {
            (Ok(before), Ok(after)) => (before, after),
            (before, after) => return Err(NoVerdict { old: before.err(), new: after.err() }),
        };
        let mut verdict = RustVerdict::between(&before, &after, self.docs > 0);
        // Where only the spelling of the documents differs, the code may too, and nobody needs a release.
        if verdict.bump == Bump::None && self.wire != Wire::None {
            let is_same_code = touched.is_same_code();
            let is_same_code = is_same_code.map_err(|error| NoVerdict { old: None, new: Some(error) })?;
            verdict.bump = if is_same_code { Bump::None } else { Bump::Patch };
        }
        if verdict.bump > Bump::Patch {
            verdict.trace(&touched.old.origins(), &touched.new.origins());
        }
        (verdict.renames, verdict.kept_names) = self.renames(old, new);
        self.rust = Some(verdict);
        Ok(())
    }

    /// What has another name for the same operation: its method, and the setters of its path parameters. And how many operations
    /// got an operationId without that.
    fn renames(&self, old: &Prepared, new: &Prepared) -> (Vec<Rename>, usize) {
        let (mut renames, mut kept) = (Vec::new(), 0);
        let (old_ids, new_ids) = (PublishedIds::of(old), PublishedIds::of(new));
        let moved: HashMap<&str, &str> =
            self.operations.moved.iter().map(|moved| (moved.from.as_str(), moved.to.as_str())).collect();
        let by_place: HashMap<String, &Operation> =
            new.operations.iter().rev().map(|after| (new_ids.place(after), after)).collect();
        for before in &old.operations {
            let from = old_ids.place(before);
            let at = moved.get(from.as_str()).copied().unwrap_or(&from);
            let Some(after) = by_place.get(at).copied() else { continue };
            let mut rename = |from: String, to: String, reason: String| {
                if from != to {
                    renames.push(Rename { from, to, operation: at.to_owned(), reason });
                }
            };
            let declared = (old_ids.declares(before), new_ids.declares(after));
            let reason = match declared {
                (false, true) => format!("the operation got an operationId, `{}`", after.id),
                (true, false) => {
                    format!(
                        "the operation lost its operationId, `{}`: its summary or path names it",
                        before.id
                    )
                }
                (true, true) => format!("the operationId was `{}` and is `{}`", before.id, after.id),
                (false, false) => {
                    "the operation has no operationId, and its summary or path changed".to_owned()
                }
            };
            let method = |operation: &Operation| format!("Client.{}", names::method(&operation.id));
            kept += usize::from(declared == (false, true) && method(before) == method(after));
            rename(method(before), method(after), reason);
            for (was, is) in path_parameters(&before.path).zip(path_parameters(&after.path)) {
                let setter = |operation: &Operation, name: &str| {
                    format!("builder::{}.{}", names::builder(&operation.id), names::parameter(name))
                };
                if was != is {
                    let reason = format!("the path parameter was called `{was}` and is called `{is}`");
                    rename(setter(before, was), setter(after, is), reason);
                }
            }
        }
        (renames, kept)
    }
}

/// Where a document has its operations, and whether it names them itself.
struct PublishedIds<'document> {
    /// The paths by the operations' ids; the overlay may have given a path a slash.
    paths: HashMap<&'document str, &'document str>,
    /// The places of the operations that got their ids from their summaries or paths.
    made_up: HashSet<&'document str>,
}

impl<'document> PublishedIds<'document> {
    fn of(document: &'document Prepared) -> Self {
        let mut paths = HashMap::new();
        for (path, _, operation) in operations(&document.published) {
            if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                paths.entry(id).or_insert(path);
            }
        }
        let made_up = document.report.applications().iter().filter(|application| {
            ["operation-id-from-summary", "operation-id-from-path"].contains(&application.rule.id)
        });
        Self { paths, made_up: made_up.map(|application| application.pointer.as_str()).collect() }
    }

    fn path<'operation>(&self, operation: &'operation Operation) -> &'operation str
    where
        'document: 'operation,
    {
        self.paths.get(operation.id.as_str()).copied().unwrap_or(&operation.path)
    }

    /// Method and path as the document has them.
    fn place(&self, operation: &Operation) -> String {
        format!("{} {}", operation.method.to_uppercase(), self.path(operation))
    }

    /// Whether the document names the operation itself.
    fn declares(&self, operation: &Operation) -> bool {
        let at = operation_pointer(self.path(operation), &operation.method);
        !self.made_up.contains(at.as_str())
    }
}

/// The names in the braces of a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

impl RustVerdict {
    fn trace(&mut self, old: &Origins, new: &Origins) {
        let items = &self.items;
        let lines = items.added.iter().chain(&items.removed).chain(&items.changed);
        for line in lines {
            let mut ids = old.of_item(line);
            let after = line.split_once(" → ").map_or(line.as_str(), |(_, after)| after);
            ids.extend(new.of_item(after));
            if !ids.is_empty() {
                self.origins.insert(line.clone(), ids);
            }
        }
    }
}
