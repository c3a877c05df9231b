//! The items of Rust that differ, each with the operations that it comes from.

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
    /// How many items go without saying: the members of a type that is itself in the list.
    pub(super) members: usize,
    /// The operations that it comes from, in words.
    pub(super) from: String,
}

/// The items worth telling: the members of a type that comes or goes as a whole are counted, not listed.
pub(super) fn of<'report>(report: &'report Report<'_>) -> Vec<Item<'report>> {
    let Some(verdict) = &report.diff.rust else { return Vec::new() };
    let RustItems { removed, changed, added, .. } = &verdict.items;
    let mut items = Vec::new();
    for (fate, lines) in [(Fate::Gone, removed), (Fate::Changed, changed), (Fate::New, added)] {
        // Whatever belongs to a struct or an enum of the list.
        let owners: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum ")))
            .map(|name| name.split('(').next().unwrap_or(name))
            .collect();
        let lines: Vec<&String> =
            lines.iter().filter(|line| !is_told(line, fate, &verdict.renames)).collect();
        let owner_of = |line: &str| owners.iter().copied().find(|owner| is_member(line, owner));
        for line in lines.iter().copied().filter(|line| owner_of(line).is_none()) {
            let name = line.split_once(' ').map_or("", |(_, name)| name.split('(').next().unwrap_or(name));
            let members = lines.iter().filter(|line| owner_of(line) == Some(name)).count();
            items.push(Item { fate, line, members, from: from(verdict, report, line) });
        }
    }
    items
}

/// What is told of operations that got an operationId without consequence.
pub(super) fn kept(verdict: &RustVerdict) -> Option<String> {
    match verdict.kept_names {
        0 => None,
        1 => Some("1 operation got an operationId, and its method keeps its name".to_owned()),
        count => Some(format!("{count} operations got an operationId, and their methods keep their names")),
    }
}

/// Whether a rename tells of the item already: the method or setter itself, and the builder of a method.
fn is_told(line: &str, fate: Fate, renames: &[Rename]) -> bool {
    let name_of = |rename: &Rename| match fate {
        Fate::Gone => Some(rename.from.clone()),
        Fate::New => Some(rename.to.clone()),
        Fate::Changed => None,
    };
    renames.iter().filter_map(name_of).any(|name| {
        let builder =
            name.strip_prefix("Client.").map(|method| format!("builder::{}", method.to_pascal_case()));
        line.split_once("fn ").is_some_and(|(_, item)| item.split('(').next() == Some(&name))
            || builder.is_some_and(|builder| line == format!("struct {builder}") || is_member(line, &builder))
    })
}

/// Whether a line is about a part of a type: a member, a variant, a method, a trait, or the builder of the type.
fn is_member(line: &str, owner: &str) -> bool {
    if let Some(builder) = line.strip_prefix("struct types::builder::") {
        return owner.strip_prefix("types::") == Some(builder);
    }
    let name = match line.split_once(" for ") {
        Some((of, subject)) if of.starts_with("impl ") => return subject == owner,
        _ => line.trim_start_matches("async ").split_once(' ').map_or("", |(_, name)| name),
    };
    name.strip_prefix(owner).is_some_and(|rest| rest.starts_with(['.', ':']))
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
    use super::is_member;

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
