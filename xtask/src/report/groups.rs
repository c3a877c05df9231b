//! The findings by operation, those that break first.

use std::collections::HashMap;

use vastai_spec::diff::{Change, Level, Location, Moved, Side};

use super::Report;

/// The findings of one operation.
#[derive(Debug)]
pub(super) struct Group<'report> {
    /// Method and path; empty for the document as a whole.
    pub(super) operation: &'report str,
    pub(super) tag: Option<&'report str>,
    /// Where it was before, if it moved.
    pub(super) was: Option<&'report Moved>,
    /// The worst of the findings.
    pub(super) level: Level,
    /// The worst first, else in the order of the document.
    pub(super) changes: Vec<Finding<'report>>,
    /// Whether some of its findings are listed at an operation before.
    pub(super) is_listed_in_part: bool,
}

/// A finding, and where else it is.
#[derive(Debug)]
pub(super) struct Finding<'report> {
    pub(super) change: &'report Change,
    /// Other operations with the same finding, as they use the same component.
    pub(super) also: Vec<&'report str>,
}

/// All groups, those that break first, else in the order of the document.
pub(super) fn of<'report>(report: &'report Report<'_>) -> Vec<Group<'report>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let moved: HashMap<&str, &Moved> =
        report.diff.operations.moved.iter().map(|moved| (moved.to.as_str(), moved)).collect();
    for change in &report.diff.changes {
        let finding = Finding { change, also: Vec::new() };
        let index = *known.entry(&change.operation).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => {
                group.level = group.level.max(change.level);
                group.tag = group.tag.or(change.tag.as_deref());
                group.changes.push(finding);
            }
            None => groups.push(Group {
                operation: &change.operation,
                tag: change.tag.as_deref(),
                was: moved.get(change.operation.as_str()).copied(),
                level: change.level,
                changes: vec![finding],
                is_listed_in_part: false,
            }),
        }
    }
    for group in &mut groups {
        group.changes.sort_by_key(|finding| std::cmp::Reverse(finding.change.level));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.level));
    groups
}

/// All groups, in which a finding about a component is listed once, at the first of the operations that use it.
pub(super) fn once<'report>(report: &'report Report<'_>) -> Vec<Group<'report>> {
    let mut groups: Vec<Group<'report>> = Vec::new();
    // Where a finding about a component is listed: the group, and its place there.
    let mut listed_at: HashMap<Statement<'report>, (usize, usize)> = HashMap::new();
    for mut group in of(report) {
        let all = group.changes.len();
        let mut kept: Vec<Finding<'report>> = Vec::new();
        for finding in std::mem::take(&mut group.changes) {
            let statement = shared(finding.change);
            match statement.as_ref().and_then(|statement| listed_at.get(statement)).copied() {
                // One operation may have several findings that are one.
                Some((earlier, place)) if earlier < groups.len() => {
                    groups[earlier].changes[place].also.push(&finding.change.operation);
                }
                _ => {
                    if let Some(statement) = statement {
                        listed_at.entry(statement).or_insert((groups.len(), kept.len()));
                    }
                    kept.push(finding);
                }
            }
        }
        group.changes = kept;
        group.is_listed_in_part = group.changes.len() < all;
        if !group.changes.is_empty() {
            groups.push(group);
        }
    }
    groups
}

/// What makes findings of two operations one.
type Statement<'report> =
    (&'report str, Side, &'report str, Option<&'report Location>, Option<&'report Location>);

/// What a finding says, if it is about a component, so that other operations may have the same.
fn shared(change: &Change) -> Option<Statement<'_>> {
    let places = [&change.old, &change.new];
    let is_shared = places.into_iter().flatten().all(|place| place.pointer.starts_with("/components/"))
        && (change.old.is_some() || change.new.is_some());
    is_shared.then_some((change.id, change.side, &*change.message, change.old.as_ref(), change.new.as_ref()))
}

/// Some operations, and how many more there are.
pub(super) fn some_of(operations: &[&str]) -> String {
    const NAMED: usize = 3;
    let named = operations.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match operations.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

impl Group<'_> {
    /// How the operation is called.
    pub(super) fn name(&self) -> &str {
        if self.operation.is_empty() { "the whole document" } else { self.operation }
    }

    /// Whether a slash at the path's end is all that differs in where the operation is: `true` where it is gone, `false` where it is new.
    pub(super) fn lost_its_slash(&self) -> Option<bool> {
        let was = &self.was?.from;
        match (was.strip_suffix('/'), self.operation.strip_suffix('/')) {
            (Some(was), _) if was == self.operation => Some(true),
            (_, Some(is)) if is == was => Some(false),
            _ => None,
        }
    }

    /// Whether the operation is only somewhere else, or is new: a line says all.
    pub(super) fn is_only(&self, rule: &str) -> bool {
        let mut changes = self.changes.iter().map(|finding| finding.change);
        !self.is_listed_in_part
            && changes.clone().all(|change| change.id == rule || change.level == Level::Docs)
            && changes.any(|change| change.id == rule)
    }
}

/// The word for a level.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Breaking => "breaking",
        Level::Compatible => "compatible",
        Level::Docs => "docs",
    }
}

/// What a finding is about, where its message does not say: the same property may be in requests and in responses.
pub(super) fn side(change: &Change) -> &'static str {
    match change.side {
        Side::Request => " in the request",
        Side::Response => " in the response",
        Side::Operation | Side::Server | Side::Security => "",
    }
}

/// Where in its operation a finding is, as a pointer; none for the operation as a whole.
pub(super) fn within_operation(change: &Change) -> Option<&str> {
    let mut tokens = change.pointer.splitn(5, '/');
    match (tokens.next()?, tokens.next()?, tokens.next()?, tokens.next()?, tokens.next()) {
        ("", "paths", _, _, within) => within,
        _ => Some(&change.pointer),
    }
}

/// Where a finding is written in the two documents.
pub(super) fn lines(change: &Change) -> Option<String> {
    let line = |place: Option<&Location>| place.and_then(|place| place.line);
    match (line(change.old.as_ref()), line(change.new.as_ref())) {
        (Some(old), Some(new)) => Some(format!("old line {old}, new line {new}")),
        (Some(old), None) => Some(format!("old line {old}")),
        (None, Some(new)) => Some(format!("new line {new}")),
        (None, None) => None,
    }
}
