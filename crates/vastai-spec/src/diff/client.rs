//! The verdict for Rust of two generated clients: items that kept their meaning under another name, and the operations of each.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::model::{Diff, Wire};
use super::rust::{Rename, RustVerdict};
use crate::generate::{Generated, Origins};
use crate::identify::{names, operation_pointer, operations};
use crate::operations::Operation;
use crate::pipeline::Prepared;

/// A document's client, with the document that it is made from.
#[derive(Debug, Clone, Copy)]
pub struct Client<'client> {
    /// The document.
    pub prepared: &'client Prepared,
    /// The code.
    pub generated: &'client Generated,
}

impl Diff {
    /// Adds the verdict for Rust: what a dependent of the generated client must change, and which operations that comes from.
    #[must_use]
    pub fn with_clients(mut self, old: Client<'_>, new: Client<'_>) -> Self {
        let same_code = old.generated.client == new.generated.client
            && old.generated.operations == new.generated.operations;
        // Where only the spelling of the documents differs, the code may too, and nobody needs a release.
        let code = self.docs > 0 || (self.wire != Wire::None && !same_code);
        let mut verdict = RustVerdict::between(&old.generated.surface, &new.generated.surface, code);
        verdict.trace(&old.generated.origins, &new.generated.origins);
        (verdict.renames, verdict.kept_names) = self.renames(old.prepared, new.prepared);
        self.rust = Some(verdict);
        self
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
