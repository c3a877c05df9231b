//! The items of Rust that differ, each with the operations that it comes from.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase as _;
use vastai_spec::diff::{Rename, RustItems, RustVerdict};

use super::{Report, groups};

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Gone,
    Changed,
    New,
}

impl Fate {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::New => "new",
        }
    }
}

/// An item, or a type with all that belongs to it.
#[derive(Debug)]
pub(super) struct Item<'report> {
    pub(super) fate: Fate,
    pub(super) line: &'report str,
    /// How many items are not listed: the parts of a type that is itself in the list.
    pub(super) parts: usize,
    /// The operations that it comes from, in words.
    pub(super) from: String,
}

/// The items to list: the parts of a type that is added or removed as a whole are counted, not listed.
pub(super) fn of<'report>(report: &'report Report<'_>) -> Vec<Item<'report>> {
    let Some(verdict) = &report.diff.rust else { return Vec::new() };
    let RustItems { removed, changed, added, .. } = &verdict.items;
    let mut items = Vec::new();
    let renamed = Renamed::of(&verdict.renames);
    for (fate, lines) in [(Fate::Gone, removed), (Fate::Changed, changed), (Fate::New, added)] {
        // Whatever belongs to a struct or an enum of the list.
        let owners: BTreeSet<&str> = lines
            .iter()
            .filter_map(|line| line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum ")))
            .map(|name| name.split('(').next().unwrap_or(name))
            .collect();
        let mut parts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut of_fate = Vec::new();
        for line in lines.iter().filter(|line| !renamed.covers(line, fate)) {
            match owner_candidates(line).into_iter().find_map(|candidate| owners.get(candidate.as_ref())) {
                Some(owner) => *parts.entry(owner).or_default() += 1,
                None => of_fate.push(line),
            }
        }
        for line in of_fate {
            let name = line.split_once(' ').map_or("", |(_, name)| name.split('(').next().unwrap_or(name));
            let parts = parts.get(name).copied().unwrap_or_default();
            items.push(Item { fate, line, parts, from: from(verdict, report, line) });
        }
    }
    items
}

/// The line about operations that got an operationId without consequence.
pub(super) fn kept(verdict: &RustVerdict) -> Option<String> {
    match verdict.kept_names {
        0 => None,
        1 => Some("1 operation got an operationId, and its method keeps its name".to_owned()),
        count => Some(format!("{count} operations got an operationId, and their methods keep their names")),
    }
}

/// The items of renames: methods and setters by their names, and the builders of methods.
#[derive(Default)]
struct Renamed {
    gone: Names,
    new: Names,
}

#[derive(Default)]
struct Names {
    items: BTreeSet<String>,
    builders: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, name: &str) {
        self.items.insert(name.to_owned());
        if let Some(method) = name.strip_prefix("Client.") {
            self.builders.insert(format!("builder::{}", method.to_pascal_case()));
        }
    }

    fn covers(&self, line: &str) -> bool {
        let item = line.split_once("fn ").and_then(|(_, item)| item.split('(').next());
        item.is_some_and(|item| self.items.contains(item))
            || line.strip_prefix("struct ").is_some_and(|name| self.builders.contains(name))
            || owner_candidates(line).iter().any(|owner| self.builders.contains(owner.as_ref()))
    }
}

impl Renamed {
    fn of(renames: &[Rename]) -> Self {
        let mut renamed = Self::default();
        for rename in renames {
            renamed.gone.add(&rename.from);
            renamed.new.add(&rename.to);
        }
        renamed
    }

    /// Whether a rename has the item already: the method or setter itself, and the builder of a method.
    fn covers(&self, line: &str, fate: Fate) -> bool {
        match fate {
            Fate::Gone => self.gone.covers(line),
            Fate::New => self.new.covers(line),
            Fate::Changed => false,
        }
    }
}

/// The types that a line may be a part of: as a field, a variant, a method, a trait, or as the builder of the type. The outer ones
/// come first.
fn owner_candidates(line: &str) -> Vec<Cow<'_, str>> {
    if let Some(builder) = line.strip_prefix("struct types::builder::") {
        return vec![Cow::Owned(format!("types::{builder}"))];
    }
    let name = match line.split_once(" for ") {
        Some((of, subject)) if of.starts_with("impl ") => return vec![Cow::Borrowed(subject)],
        _ => line.trim_start_matches("async ").split_once(' ').map_or("", |(_, name)| name),
    };
    // What follows is a signature or a type.
    let name = &name[..name.find(['(', ' ', '<']).unwrap_or(name.len())];
    name.match_indices(['.', ':']).map(|(end, _)| Cow::Borrowed(&name[..end])).collect()
}

/// The operations that an item comes from, in words.
fn from(verdict: &RustVerdict, report: &Report<'_>, line: &str) -> String {
    let ids = verdict.origins.get(line);
    let mut names: Vec<&str> = ids
        .into_iter()
        .flatten()
        .map(|id| report.operations.get(id).map_or(id.as_str(), String::as_str))
        .collect();
    names.sort_by_key(|name| name.split_once(' ').map_or(("", *name), |(method, path)| (path, method)));
    groups::some_of(&names)
}

#[cfg(test)]
mod tests {
    use super::owner_candidates;

    fn is_member(line: &str, owner: &str) -> bool {
        owner_candidates(line).iter().any(|candidate| candidate == owner)
    }

    #[test]
    fn what_belongs_to_a_type() {
        for line in [
            "field types::Worker.id: i64",
            "variant types::Worker::Text(String)",
            "impl Default for types::Worker",
            "struct types::builder::Worker",
        ] {
            assert!(is_member(line, "types::Worker"), "{line}");
        }
        for line in [
            "field types::WorkerId.id: i64",
            "impl Default for types::Workers",
            "struct types::builder::Workers",
            "fn Client.worker() -> builder::Worker<'_>",
        ] {
            assert!(!is_member(line, "types::Worker"), "{line}");
        }
        assert!(is_member("async fn builder::Worker.send() -> ()", "builder::Worker"));
    }
}
