//! `diff`: what changed between two documents.

use std::path::PathBuf;

use vastai_spec::pipeline::{Source, Staleness, prepare};

use crate::candidate::Candidate;
use crate::console::{Console, Outcome};
use crate::report::{self, Format};
use crate::repository::{Repository, overlay_source};

/// Compare two documents: what changed, and what that breaks (exit code 0: nothing changed, 4: nothing
/// breaks, 5: something breaks)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The old document: YAML, JSON, or a documentation page in Markdown
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
    let overlay = repository.overlay()?;
    let mut prepared = |file: &PathBuf| -> anyhow::Result<_> {
        let candidate = Candidate::from_file(file, console)?;
        Ok(prepare(Source::new(&candidate.name, &candidate.text), overlay_source(&overlay), Staleness::Warn)?)
    };
    let (old, new) = (prepared(&args.old)?, prepared(&args.new)?);
    let (old_code, new_code) = (old.generate(), new.generate());
    let diff = report::between(&old, &new, [old_code.as_ref(), new_code.as_ref()], console)?;
    report::write(&diff, args.format, console)?;
    Ok(report::outcome(&diff))
}
