//! The report for a program: the difference as it serialises, and beside it what only the repository knows.

use anyhow::Context as _;
use serde::Serialize;
use vastai_spec::diff::Diff;
use vastai_spec::visible::in_json;

use super::Report;
use super::release::Release;
use super::undocumented::Undocumented;
use crate::facade::Verdict;
use crate::repository::accepted::AcceptedBreak;

/// All that [`Diff`] has, and:
///
/// | field | what it holds |
/// |---|---|
/// | `documents` | how the two documents are called, `old` and `new` |
/// | `release` | the version in Cargo.toml, `current`, the `next` one, and the `reason`; absent where none is needed |
/// | `duplicate_keys` | the keys that the new document has more than once in a mapping, in words |
/// | `undocumented` | operations that overlays add: those that the new document is `lacking`, and those that are `documented` by now, each `from` and `to` |
/// | `stale` | the corrections that match nothing in the new document, in words |
/// | `accepted` | the breaks that were accepted beforehand, as they stand in accepted-breaks.toml |
/// | `facade` | of a sync: whether the facade was `compiled`, and its `breaks`, each with `feature`, `file`, `line`, `item` and `message` |
#[derive(Serialize)]
struct Json<'report> {
    #[serde(flatten)]
    diff: &'report Diff,
    documents: Documents<'report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'report Release>,
    duplicate_keys: &'report [String],
    #[serde(skip_serializing_if = "Undocumented::is_empty")]
    undocumented: &'report Undocumented,
    stale: Vec<String>,
    accepted: &'report [AcceptedBreak],
    #[serde(skip_serializing_if = "Option::is_none")]
    facade: Option<&'report Verdict>,
}

#[derive(Serialize)]
struct Documents<'report> {
    old: &'report str,
    new: &'report str,
}

pub(super) fn of(report: &Report<'_>) -> anyhow::Result<String> {
    let json = Json {
        diff: &report.diff,
        documents: Documents { old: report.old, new: report.new },
        release: report.release.as_ref(),
        duplicate_keys: report.duplicates,
        undocumented: &report.undocumented,
        stale: report.stale.iter().map(ToString::to_string).collect(),
        accepted: &report.accepted,
        facade: report.facade(),
    };
    let json = serde_json::to_string_pretty(&json).context("the difference could not be written")?;
    Ok(in_json(&json).into_owned())
}
