//! The findings by operation, those that break first.

use vastai_spec::diff::{Change, Level, Moved};

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
    pub(super) changes: Vec<&'report Change>,
}

/// All groups, those that break first, else in the order of the document.
pub(super) fn of<'report>(report: &'report Report<'_>) -> Vec<Group<'report>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in &report.diff.changes {
        let known = groups.iter_mut().find(|group| group.operation == change.operation);
        match known {
            Some(group) => {
                group.level = group.level.max(change.level);
                group.tag = group.tag.or(change.tag.as_deref());
                group.changes.push(change);
            }
            None => groups.push(Group {
                operation: &change.operation,
                tag: change.tag.as_deref(),
                was: report.diff.operations.moved.iter().find(|moved| moved.to == change.operation),
                level: change.level,
                changes: vec![change],
            }),
        }
    }
    for group in &mut groups {
        group.changes.sort_by_key(|change| std::cmp::Reverse(change.level));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.level));
    groups
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
    pub(super) fn is_told_by(&self, rule: &str) -> bool {
        self.changes.iter().all(|change| change.id == rule || change.level == Level::Docs)
            && self.changes.iter().any(|change| change.id == rule)
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

/// Where a finding is written in the two documents.
pub(super) fn lines(change: &Change) -> Option<String> {
    let line = |place: Option<&vastai_spec::diff::Location>| place.and_then(|place| place.line);
    match (line(change.old.as_ref()), line(change.new.as_ref())) {
        (Some(old), Some(new)) => Some(format!("old line {old}, new line {new}")),
        (Some(old), None) => Some(format!("old line {old}")),
        (None, Some(new)) => Some(format!("new line {new}")),
        (None, None) => None,
    }
}
