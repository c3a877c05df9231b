//! `accepted-breaks.toml`: breaks that a maintainer has looked at and accepts, each with the reason.
//!
//! An entry is about a break that is published and not vendored yet. It turns `--check` from *breaking* to *different*. The sync that
//! brings the break in writes the reason to the CHANGELOG and takes the entry away. An entry whose break is not there is an error, so
//! that none stays and accepts something else later.

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize, Serializer};
use toml::value::Datetime;
use vastai_spec::diff::{Bump, Change, Diff, Level};
use vastai_spec::visible::in_one_line;

use super::Repository;

/// The file, at the repository's root.
pub(crate) const ACCEPTED: &str = "accepted-breaks.toml";

/// What an entry says as its rule that accepts the verdict for Rust.
const RUST_MAJOR: &str = "rust-major";

/// The start of every such file.
const HEADER: &str = "\
# Breaks in the published document that were looked at and are accepted. `cargo xtask sync-spec --check` counts
# them as differences; the sync that brings them in moves their reasons to CHANGELOG.md and empties this file.
# An entry whose break is not there (any more) is an error. `cargo xtask sync-spec --accept REASON` writes
# entries for all that breaks now, to be reviewed.
#
# [[accepted]]
# rule = \"operation-removed\"                 # or rust-major, without operation and pointer
# operation = \"GET /api/v0/example/\"         # empty for the document as a whole
# pointer = \"/paths/~1api~1v0~1example~1/get\"
# reason = \"Nobody has called it since 2025.\"
# date = 2026-01-31
";

/// An accepted break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptedBreak {
    /// The rule that finds the break.
    pub(crate) rule: String,
    /// Method and path, as in the report.
    #[serde(default)]
    pub(crate) operation: String,
    /// The place, as in the report.
    #[serde(default)]
    pub(crate) pointer: String,
    /// Why it is accepted.
    pub(crate) reason: String,
    /// Since when.
    #[serde(serialize_with = "as_text")]
    pub(crate) date: Datetime,
}

/// TOML has dates, and the other formats have not.
fn as_text<S: Serializer>(date: &Datetime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

impl AcceptedBreak {
    /// Whether this is the break.
    pub(crate) fn is_of(&self, change: &Change) -> bool {
        change.level == Level::Breaking
            && self.rule == change.id
            && self.operation == in_one_line(&change.operation)
            && self.pointer == in_one_line(&change.pointer)
    }

    /// Whether the verdict for Rust is accepted.
    pub(crate) fn is_of_rust(&self) -> bool {
        self.rule == RUST_MAJOR && self.operation.is_empty() && self.pointer.is_empty()
    }
}

/// The file's entries.
#[derive(Debug, Default)]
pub(crate) struct AcceptedBreaks {
    entries: Vec<AcceptedBreak>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<AcceptedBreak>,
}

impl AcceptedBreaks {
    /// The entries; none where there is no file.
    pub(crate) fn read(repository: &Repository) -> anyhow::Result<Self> {
        let Some(text) = repository.read_if_present(ACCEPTED)? else { return Ok(Self::default()) };
        let File { accepted: entries } = toml::from_str(&text)
            .with_context(|| format!("{ACCEPTED} is not what its own first lines say it is"))?;
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("{ACCEPTED}: entry {} ({} {})", index + 1, entry.rule, entry.operation);
            if entry.reason.trim().is_empty() {
                bail!("{at} has no reason");
            }
            if entry.date.date.is_none() {
                bail!("{at}: `{}` is not a date", entry.date);
            }
            let same = |other: &AcceptedBreak| {
                (&other.rule, &other.operation, &other.pointer)
                    == (&entry.rule, &entry.operation, &entry.pointer)
            };
            if entries.iter().take(index).any(same) {
                bail!("{at} is there twice");
            }
        }
        Ok(Self { entries })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, if each is about a break of this difference, and whether they are all that breaks.
    pub(crate) fn of(self, diff: &Diff) -> anyhow::Result<(Vec<AcceptedBreak>, bool)> {
        let rust_breaks = diff.rust.as_ref().is_some_and(|rust| rust.bump == Bump::Major);
        let applies = |entry: &AcceptedBreak| {
            diff.changes.iter().any(|change| entry.is_of(change)) || (rust_breaks && entry.is_of_rust())
        };
        let stale: Vec<String> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !applies(entry))
            .map(|(index, entry)| {
                format!(
                    "\n  entry {}: {} {} at {} ({})",
                    index + 1,
                    entry.rule,
                    entry.operation,
                    entry.pointer,
                    entry.reason
                )
            })
            .collect();
        if !stale.is_empty() {
            bail!("{ACCEPTED} accepts what does not break (any more); remove it there{}", stale.concat());
        }
        let all = open(&self.entries, diff).is_empty();
        Ok((self.entries, all))
    }
}

/// What breaks and is in no entry, as entries without a reason.
fn open(entries: &[AcceptedBreak], diff: &Diff) -> Vec<[String; 3]> {
    let mut open: Vec<[String; 3]> = Vec::new();
    for change in diff.changes.iter().filter(|change| change.level == Level::Breaking) {
        // As a reviewer can see it.
        let text = |text: &str| in_one_line(text).into_owned();
        let named = [change.id.to_owned(), text(&change.operation), text(&change.pointer)];
        // Two findings in one place are accepted together.
        if !entries.iter().any(|entry| entry.is_of(change)) && !open.contains(&named) {
            open.push(named);
        }
    }
    let rust_breaks = diff.rust.as_ref().is_some_and(|rust| rust.bump == Bump::Major);
    if rust_breaks && !entries.iter().any(AcceptedBreak::is_of_rust) {
        open.push([RUST_MAJOR.to_owned(), String::new(), String::new()]);
    }
    open
}

/// The file with an entry for each break that has none yet, and how many those are.
pub(crate) fn with_all(
    entries: &[AcceptedBreak],
    diff: &Diff,
    reason: &str,
    date: Datetime,
) -> anyhow::Result<(String, usize)> {
    #[derive(Serialize)]
    struct Written<'entry> {
        rule: &'entry str,
        #[serde(skip_serializing_if = "str::is_empty")]
        operation: &'entry str,
        #[serde(skip_serializing_if = "str::is_empty")]
        pointer: &'entry str,
        reason: &'entry str,
        date: Datetime,
    }
    #[derive(Serialize)]
    struct File<'entry> {
        accepted: Vec<Written<'entry>>,
    }
    let open = open(entries, diff);
    let known = entries.iter().map(|entry| Written {
        rule: &entry.rule,
        operation: &entry.operation,
        pointer: &entry.pointer,
        reason: &entry.reason,
        date: entry.date,
    });
    let new =
        open.iter().map(|[rule, operation, pointer]| Written { rule, operation, pointer, reason, date });
    let file = File { accepted: known.chain(new).collect() };
    if file.accepted.is_empty() {
        return Ok((empty(), 0));
    }
    Ok((format!("{HEADER}\n{}", toml::to_string(&file)?), open.len()))
}

/// The file without entries.
pub(crate) fn empty() -> String {
    HEADER.to_owned()
}
