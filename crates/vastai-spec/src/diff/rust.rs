//! What a dependent of the generated client must change, found by comparing two surfaces.
//!
//! The verdict is about Cargo's rules for compatible releases, applied to what the generator makes: structs with fields and enums are
//! `#[non_exhaustive]`, so that a new field or variant is an addition; a field, variant, method or trait that goes away, or has
//! another type, may keep a dependent from compiling.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// What a change of document does to a program that uses the generated client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RustVerdict {
    /// The release that the change asks for.
    #[serde(rename = "rust")]
    pub bump: Bump,
    /// The items that differ.
    #[serde(rename = "rust_items")]
    pub items: RustItems,
    /// The ids of the operations that each of the items comes from, where they are known.
    #[serde(rename = "rust_origins")]
    pub origins: BTreeMap<String, BTreeSet<String>>,
    /// Methods and setters that have another name for the same operation or path parameter.
    #[serde(rename = "rust_renames")]
    pub renames: Vec<Rename>,
    /// How many operations got an operationId and keep the names of their methods.
    #[serde(rename = "rust_kept_names")]
    pub kept_names: usize,
}

/// The release that a change asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    /// None: the generated client is the same.
    None,
    /// It has the same items; its documentation differs, or what it sends.
    Patch,
    /// It offers more.
    Minor,
    /// A dependent may have to change to compile.
    Major,
}

/// Public items that differ, as lines of `surface.txt`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RustItems {
    /// Items of the new surface alone.
    pub added: Vec<String>,
    /// Items of the old surface alone.
    pub removed: Vec<String>,
    /// Items of both whose signature or type differs: `old → new`.
    pub changed: Vec<String>,
}

/// An item that has another name: a dependent writes the new one and is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rename {
    /// The old item: `Client.show_instances`, `builder::ShowInstance.id`.
    pub from: String,
    /// The new one.
    pub to: String,
    /// Method and path of the operation in the new document.
    pub operation: String,
    /// Why the name changed, in words.
    pub reason: String,
}

impl RustVerdict {
    /// Compares two surfaces. `code` says whether the code of the clients differs at all, even if only in prose.
    pub(super) fn between(old: &str, new: &str, code: bool) -> Self {
        let (old, new) = (items(old), items(new));
        let mut gone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in old.difference(&new) {
            gone.entry(item_name(line)).or_default().push(line);
        }
        let mut items = RustItems::default();
        for line in new.difference(&old) {
            match gone.get_mut(item_name(line)).and_then(Vec::pop) {
                Some(before) => items.changed.push(format!("{before} → {line}")),
                None => items.added.push((*line).to_owned()),
            }
        }
        items.removed = gone.into_values().flatten().map(str::to_owned).collect();
        let bump = if !items.removed.is_empty() || !items.changed.is_empty() {
            Bump::Major
        } else if !items.added.is_empty() {
            Bump::Minor
        } else if code {
            Bump::Patch
        } else {
            Bump::None
        };
        Self { bump, items, origins: BTreeMap::new(), renames: Vec::new(), kept_names: 0 }
    }
}

/// The items of a surface. Lines about operations say where requests go; that is the wire's side and no item
/// of Rust.
fn items(surface: &str) -> BTreeSet<&str> {
    surface.lines().filter(|line| !line.is_empty() && !line.starts_with("operation ")).collect()
}

/// A line without its type or signature: `field types::Worker.id: i64` → `field types::Worker.id`.
fn item_name(line: &str) -> &str {
    if line.starts_with("impl ") {
        // A trait is implemented or not; `TryFrom<(A, B)>` is another one than `TryFrom<A>`.
        return line;
    }
    let end = [": ", "(", " = "].iter().filter_map(|mark| line.find(mark)).min();
    &line[..end.unwrap_or(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_with_another_type_is_changed_and_not_removed_and_added() {
        let old = "field types::A.id: i64\nfn Client.read() -> Read\noperation read: GET https://x/a/\nstruct types::A\n";
        let new = "field types::A.id: String\nfn Client.list() -> List\noperation read: GET https://x/a\nstruct types::A\n";
        let verdict = RustVerdict::between(old, new, false);
        assert_eq!(verdict.bump, Bump::Major);
        assert_eq!(verdict.items.changed, ["field types::A.id: i64 → field types::A.id: String"]);
        assert_eq!(verdict.items.removed, ["fn Client.read() -> Read"]);
        assert_eq!(verdict.items.added, ["fn Client.list() -> List"]);
    }

    #[test]
    fn a_moved_operation_and_new_prose_ask_for_little() {
        let (old, new) = ("operation a: GET https://x/a/\n", "operation a: GET https://x/a\n");
        assert_eq!(RustVerdict::between(old, new, false).bump, Bump::None);
        assert_eq!(RustVerdict::between(old, new, true).bump, Bump::Patch);
        assert_eq!(RustVerdict::between(old, "struct A\n", true).bump, Bump::Minor);
    }

    #[test]
    fn a_trait_that_goes_is_removed_and_one_that_comes_is_added() {
        let (with, without) = ("impl Default for types::A\nstruct types::A\n", "struct types::A\n");
        let gone = RustVerdict::between(with, without, false);
        assert_eq!(
            (gone.bump, gone.items.removed),
            (Bump::Major, vec!["impl Default for types::A".to_owned()])
        );
        assert_eq!(RustVerdict::between(without, with, false).bump, Bump::Minor);
    }
}
