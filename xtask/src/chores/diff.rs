//! `diff`: what changed between two documents.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use vastai_spec::pipeline::{Keep, Staleness};

use crate::console::{Console, Outcome};
use crate::document::Candidate;
use crate::report::{Format, Made, Report};
use crate::repository::Repository;

/// Compare two documents: what changed, and what that breaks (exit code 0: nothing changed, 4: nothing
/// breaks, 5: something breaks)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The old document: YAML, JSON, a documentation page in Markdown, or an index of such pages
    old: PathBuf,
    /// The new document
    new: PathBuf,
    /// How to write the difference
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let overlays = repository.overlays()?;
    let mut old = Candidate::from_file(&args.old, console)?;
    let mut new = Candidate::from_file(&args.new, console)?;
    let prepare =
        |document: &mut Candidate| document.prepare(overlays.sources(), Staleness::Warn, Keep::Everything);
    // As much stack as the main thread has: documents may nest deeply.
    let beside = thread::Builder::new().stack_size(8 << 20);
    let (before, after) = thread::scope(|scope| -> anyhow::Result<_> {
        let after = beside.spawn_scoped(scope, || prepare(&mut new))?;
        let before = prepare(&mut old)?;
        Ok((before, after.join().unwrap_or_else(|panic| resume_unwind(panic))?))
    })?;
    let mut report = Report::between(
        Made { name: &old.name, text: &old.text, prepared: &before },
        Made { name: &new.name, text: &new.text, prepared: &after },
        repository,
        console,
    )?;
    report.note_duplicates(&new.duplicates);
    report.write(args.format, console)?;
    Ok(report.outcome())
}
