//! What a dependent of the generated client must change, told by comparing two surfaces.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// What a change of document does to a program that uses the generated client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RustVerdict {
    /// The release that the change asks for.
    #[serde(rename = "rust")]
    pub bump: Bump,
    /// The items that differ.
    #[serde(rename = "rust_items")]
    pub items: RustItems,
}

/// The release that a change asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    /// None: the generated client is the same.
    None,
    /// Only its documentation differs.
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

impl RustVerdict {
    /// Compares two surfaces. `docs` tells whether the prose differs.
    pub(super) fn between(old: &str, new: &str, docs: bool) -> Self {
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
        } else if docs {
            Bump::Patch
        } else {
            Bump::None
        };
        Self { bump, items }
    }
}

/// The items of a surface. Lines about operations tell where requests go; that is the wire's side and no item
/// of Rust.
fn items(surface: &str) -> BTreeSet<&str> {
    surface.lines().filter(|line| !line.is_empty() && !line.starts_with("operation ")).collect()
}

/// A line without its type or signature: `field types::Worker.id: i64` → `field types::Worker.id`.
fn item_name(line: &str) -> &str {
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
}
