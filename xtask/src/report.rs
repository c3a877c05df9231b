//! A difference between two documents, for a terminal or a program.

use std::fmt::{self, Display};

use anyhow::Context as _;
use clap::ValueEnum;
use vastai_spec::diff::{Bump, Diff, Level, RustVerdict, Wire};
use vastai_spec::generate::{GenerateError, Generated};
use vastai_spec::pipeline::Prepared;

use crate::console::{Console, Outcome};

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Writes the difference.
pub(crate) fn write(diff: &Diff, format: Format, console: &mut Console<'_>) -> anyhow::Result<()> {
    match format {
        Format::Text => write!(console.out, "{}", Text(diff))?,
        Format::Json => {
            let json = serde_json::to_string_pretty(diff).context("the difference could not be written")?;
            writeln!(console.out, "{json}")?;
        }
    }
    Ok(())
}

/// What a difference means to a script.
pub(crate) fn outcome(diff: &Diff) -> Outcome {
    match diff {
        _ if diff.is_breaking() => Outcome::Breaking,
        _ if diff.is_empty() => Outcome::Same,
        _ => Outcome::Different,
    }
}

/// The difference between two documents, with the verdict for Rust where both could be generated.
pub(crate) fn between(
    old: &Prepared,
    new: &Prepared,
    surfaces: [Result<&Generated, &GenerateError>; 2],
    console: &mut Console<'_>,
) -> anyhow::Result<Diff> {
    let diff = Diff::between(&old.published, &new.published)?;
    match surfaces {
        [Ok(old), Ok(new)] => Ok(diff.with_surfaces(&old.surface, &new.surface)),
        surfaces => {
            for error in surfaces.into_iter().filter_map(Result::err) {
                console.warn(format_args!("no verdict for Rust: {error}"))?;
            }
            Ok(diff)
        }
    }
}

struct Text<'diff>(&'diff Diff);

impl Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(diff) = self;
        let operations = &diff.operations;
        for removed in &operations.removed {
            writeln!(out, "removed  {removed}")?;
        }
        for changed in &operations.changed {
            writeln!(out, "changed  {changed}")?;
            let shown = diff.changes.iter().filter(|change| {
                change.operation == *changed && change.level != Level::Docs && change.id != "operation-moved"
            });
            for change in shown {
                let level = match change.level {
                    Level::Breaking => "breaking",
                    Level::Compatible => "compatible",
                    Level::Docs => "docs",
                };
                writeln!(
                    out,
                    "         {level} {} at {}\n           {}",
                    change.id, change.pointer, change.message
                )?;
            }
        }
        for moved in &operations.moved {
            writeln!(out, "moved    {} → {}", moved.from, moved.to)?;
        }
        for added in &operations.added {
            writeln!(out, "added    {added}")?;
        }
        for change in
            diff.changes.iter().filter(|change| change.operation.is_empty() && change.level != Level::Docs)
        {
            writeln!(out, "document {} at {}\n           {}", change.id, change.pointer, change.message)?;
        }
        if let Some(rust) = &diff.rust {
            rust_items(rust, out)?;
        }
        writeln!(
            out,
            "operations: {} removed, {} changed, {} moved, {} added; prose differs in {} places",
            operations.removed.len(),
            operations.changed.len(),
            operations.moved.len(),
            operations.added.len(),
            diff.docs,
        )?;
        let wire = match diff.wire {
            Wire::None => "no difference",
            Wire::Compatible => "compatible",
            Wire::Breaking => "breaking",
        };
        let rust = match diff.rust.as_ref().map(|rust| rust.bump) {
            None => "not judged",
            Some(Bump::None) => "no difference",
            Some(Bump::Patch) => "patch (documentation)",
            Some(Bump::Minor) => "minor",
            Some(Bump::Major) => "major",
        };
        writeln!(out, "wire: {wire}; rust: {rust}")
    }
}

/// The items of Rust, those left out that go without saying: the members of a type that is itself in the
/// list.
fn rust_items(rust: &RustVerdict, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let items = &rust.items;
    for (what, lines) in [("gone", &items.removed), ("changed", &items.changed), ("new", &items.added)] {
        for line in lines.iter().filter(|line| !is_member_of_any(line, lines)) {
            writeln!(out, "rust     {what}: {line}")?;
        }
    }
    Ok(())
}

fn is_member_of_any(line: &str, lines: &[String]) -> bool {
    let name = line.split(['(', ' ']).find(|word| word.contains(['.', ':'])).unwrap_or_default();
    let name = name.trim_end_matches(':');
    let owner = name.rsplit_once('.').or_else(|| name.rsplit_once("::")).map_or("", |(owner, _)| owner);
    lines.iter().any(|line| ["struct ", "enum "].iter().any(|kind| line.strip_prefix(kind) == Some(owner)))
}
