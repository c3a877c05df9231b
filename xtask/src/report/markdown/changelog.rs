//! What users of the crates have to know of a difference, as the body of a section of the CHANGELOG.

use std::fmt::{self, Write as _};

use vastai_spec::diff::Level;

use super::super::{Report, groups};
use super::escape::{code, escaped};

/// The body of the section.
pub(crate) fn for_changelog(report: &Report<'_>) -> String {
    let mut text = String::new();
    let _ = changelog(report, &mut text);
    text
}

fn changelog(report: &Report<'_>, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "Wire: {}. Rust: {}. {}.\n",
        report.wire(),
        report.rust(),
        report.counts().replacen("operations", "Operations", 1)
    )?;
    let operations = &report.diff.operations;
    for name in &operations.added {
        writeln!(out, "- Added: {}.", code(name))?;
    }
    let groups = groups::once(report);
    for finding in groups
        .iter()
        .flat_map(|group| &group.changes)
        .filter(|finding| finding.change.level == Level::Breaking)
    {
        let change = finding.change;
        let operation = match change.operation.as_str() {
            "" => "the whole document".to_owned(),
            operation => code(operation),
        };
        let operation = match finding.also.as_slice() {
            [] => operation,
            also => format!("{operation} (also {})", code(&groups::some_of(also))),
        };
        let accepted = report.acceptance(change).map(|accepted| reason(&accepted.reason)).unwrap_or_default();
        if operations.removed.contains(&change.operation) {
            writeln!(out, "- Removed: {operation}.{accepted}")?;
        } else {
            let message = escaped(&change.message);
            let side = match groups::side(change).trim() {
                "" => String::new(),
                side => format!(" ({side})"),
            };
            writeln!(out, "- Breaking: {operation}: {}{side}.{accepted}", without_point(&message))?;
        }
    }
    for accepted in report.accepted.iter().filter(|accepted| accepted.is_of_rust()) {
        writeln!(out, "- Breaking in Rust.{}", reason(&accepted.reason))?;
    }
    for rename in report.diff.rust.iter().flat_map(|verdict| &verdict.renames) {
        writeln!(
            out,
            "- Renamed: {} is now {}, as {}.",
            code(&rename.from),
            code(&rename.to),
            escaped(&rename.reason)
        )?;
    }
    Ok(())
}

/// Why a break was accepted, behind what breaks.
fn reason(text: &str) -> String {
    format!(" Accepted: {}.", without_point(&escaped(text)))
}

/// A sentence without its point, which what stands around it sets.
fn without_point(text: &str) -> &str {
    text.trim_end_matches('.')
}
