//! The report for a pull request, and the shorter one for the CHANGELOG.

mod changelog;
mod escape;

use std::fmt::{self, Write as _};

use vastai_spec::diff::Level;

use super::groups::{self, Finding, Group};
use super::{Report, counted, rust_items, to_do};
use escape::{code, escaped};
use rust_items::Fate;

use crate::repository::UNDOCUMENTED;

pub(crate) use changelog::for_changelog;

/// The most items of Rust that are listed; a whole surface would hide the rest of the page.
const MOST_ITEMS: usize = 200;

pub(super) fn of(report: &Report<'_>) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = whole(report, &mut text);
    text
}

fn whole(report: &Report<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "# What the service changed\n")?;
    writeln!(out, "From {} to {}.\n", code(report.old), code(report.new))?;
    summary(report, out)?;
    let work = to_do::of(report);
    if !work.is_empty() {
        writeln!(out, "## What to do\n")?;
        for work in &work {
            writeln!(out, "- [ ] {}", escaped(work))?;
        }
        for stale in report.stale_lines() {
            writeln!(out, "  - {}", escaped(&stale))?;
        }
        writeln!(out)?;
    }
    let groups = groups::once(report);
    let of_level = |level| groups.iter().filter(move |group| group.level == level);
    section("Breaking", of_level(Level::Breaking), report, out)?;
    let moved = |group: &&Group<'_>| group.is_only("operation-moved");
    let added = |group: &&Group<'_>| group.is_only("operation-added");
    let rest = of_level(Level::Compatible).filter(|group| !moved(group) && !added(group));
    section("Compatible", rest, report, out)?;
    let (moved, added): (Vec<_>, Vec<_>) = (
        of_level(Level::Compatible).filter(moved).collect(),
        of_level(Level::Compatible).filter(added).collect(),
    );
    folded("new operations", &added, out)?;
    folded("moved, otherwise the same on the wire", &moved, out)?;
    undocumented(report, out)?;
    rust(report, out)?;
    facade(report, out)?;
    prose(report, out)
}

fn undocumented(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let undocumented = &report.undocumented;
    if undocumented.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Undocumented operations\n")?;
    for found in &undocumented.documented {
        writeln!(out, "- {} is documented by now; it was {}", code(&found.to), code(&found.from))?;
    }
    if !undocumented.lacking.is_empty() {
        let count = counted(undocumented.lacking.len(), "operation is", "operations are");
        if !undocumented.documented.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "<details><summary>{count} in {UNDOCUMENTED} alone</summary>\n")?;
        for place in &undocumented.lacking {
            writeln!(out, "- {}", code(place))?;
        }
        writeln!(out, "\n</details>")?;
    }
    writeln!(out)
}

fn facade(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let features = report.broken_features();
    if features.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Facade\n")?;
    for (feature, breaks) in features {
        writeln!(out, "- {}", escaped(feature))?;
        for found in breaks {
            writeln!(out, "  - {}: {}", code(&found.place()), escaped(&found.message))?;
        }
    }
    writeln!(out)
}

fn summary(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let release = report.release.as_ref();
    let release =
        release.map(|release| format!(" ({} → {})", release.current, release.next)).unwrap_or_default();
    writeln!(out, "**Wire: {}. Rust: {}{release}.**\n", report.wire(), report.rust())?;
    let operations = &report.diff.operations;
    writeln!(out, "| removed | changed | moved | added | prose |\n|---:|---:|---:|---:|---:|")?;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} |\n",
        operations.removed.len(),
        operations.changed.len(),
        operations.moved.len(),
        operations.added.len(),
        report.diff.docs
    )
}

fn section<'report>(
    title: &str,
    groups: impl Iterator<Item = &'report Group<'report>>,
    report: &Report<'_>,
    out: &mut String,
) -> fmt::Result {
    let mut groups = groups.peekable();
    if groups.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "## {title}\n")?;
    for group in groups {
        let was = group.was.map(|was| format!(" (was {})", code(&was.from))).unwrap_or_default();
        let name = if group.operation.is_empty() { group.name().to_owned() } else { code(group.operation) };
        writeln!(out, "### {name}{was}\n")?;
        for finding in group
            .changes
            .iter()
            .filter(|finding| finding.change.level != Level::Docs && finding.change.id != "operation-moved")
        {
            change(finding, report, out)?;
        }
        if group.is_listed_in_part {
            writeln!(out, "- and the findings above that name this operation")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn change(finding: &Finding<'_>, report: &Report<'_>, out: &mut String) -> fmt::Result {
    let change = finding.change;
    let level = if change.level == Level::Breaking { "**breaking**" } else { "compatible" };
    let lines = groups::lines(change).map(|lines| format!(", {lines}")).unwrap_or_default();
    writeln!(
        out,
        "- {level}: {}  \n  {}{} at {}{lines}",
        escaped(&change.message),
        change.id,
        groups::side(change),
        code(&change.pointer)
    )?;
    if !finding.also.is_empty() {
        writeln!(out, "  \n  also in {}", code(&groups::some_of(&finding.also)))?;
    }
    if let Some(accepted) = report.acceptance(change) {
        writeln!(out, "  \n  accepted on {}: {}", accepted.date, escaped(&accepted.reason))?;
    }
    Ok(())
}

fn folded(what: &str, groups: &[&Group<'_>], out: &mut String) -> fmt::Result {
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>{what}: {}</summary>\n", groups.len())?;
    for group in groups {
        match group.was {
            Some(was) => writeln!(out, "- {} → {}", code(&was.from), code(group.operation))?,
            None => writeln!(out, "- {}", code(group.operation))?,
        }
    }
    writeln!(out, "\n</details>\n")
}

fn rust(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let Some(verdict) = &report.diff.rust else { return Ok(()) };
    let items = rust_items::of(report);
    if items.is_empty() && verdict.renames.is_empty() && verdict.kept_names == 0 {
        return Ok(());
    }
    writeln!(out, "## Rust\n")?;
    for rename in &verdict.renames {
        writeln!(out, "- {} is now {}: {}", code(&rename.from), code(&rename.to), escaped(&rename.reason))?;
    }
    if let Some(kept) = rust_items::kept(verdict) {
        writeln!(out, "- {kept}")?;
    }
    if !verdict.renames.is_empty() || verdict.kept_names > 0 {
        writeln!(out)?;
    }
    for (title, fate) in [("gone", Fate::Gone), ("changed", Fate::Changed), ("new", Fate::New)] {
        let of_fate: Vec<_> = items.iter().filter(|item| item.fate == fate).collect();
        if of_fate.is_empty() {
            continue;
        }
        writeln!(out, "<details><summary>{title}: {}</summary>\n", of_fate.len())?;
        for item in of_fate.iter().take(MOST_ITEMS) {
            let parts = if item.parts > 0 {
                format!(" and its {}", counted(item.parts, "part", "parts"))
            } else {
                String::new()
            };
            let from =
                if item.from.is_empty() { String::new() } else { format!("  \n  from {}", code(&item.from)) };
            writeln!(out, "- {}{parts}{from}", code(item.line))?;
        }
        if of_fate.len() > MOST_ITEMS {
            writeln!(out, "- and {} more; `--format json` has all", of_fate.len() - MOST_ITEMS)?;
        }
        writeln!(out, "\n</details>\n")?;
    }
    Ok(())
}

fn prose(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let docs: Vec<_> = report.diff.changes.iter().filter(|change| change.level == Level::Docs).collect();
    if docs.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>prose: {}</summary>\n", report.diff.docs)?;
    for change in docs.iter().take(MOST_ITEMS) {
        let operation = if change.operation.is_empty() {
            "the whole document".to_owned()
        } else {
            code(&change.operation)
        };
        writeln!(out, "- {operation}: {}", escaped(&change.message))?;
    }
    if docs.len() > MOST_ITEMS {
        writeln!(out, "- and {} more; `--format json` has all", docs.len() - MOST_ITEMS)?;
    }
    writeln!(out, "\n</details>\n")
}
