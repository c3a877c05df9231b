//! `lower`: the document as the generator gets it, to look at.

use std::path::PathBuf;

use vastai_spec::pipeline::{Keep, Staleness};
use vastai_spec::visible::in_json;

use crate::console::{Console, Outcome};
use crate::document::Candidate;
use crate::repository::Repository;

/// Print a document as the generator gets it: corrected, and lowered to OpenAPI 3.0.3, as JSON
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The document: YAML, JSON, or a documentation page in Markdown
    file: PathBuf,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let mut candidate = Candidate::from_file(&args.file, console)?;
    let overlays = repository.overlays()?;
    let prepared = candidate.prepare(overlays.sources(), Staleness::Warn, Keep::LoweredAlone)?;
    console.warn_of_stale(&prepared.stale)?;
    writeln!(console.out, "{}", in_json(&serde_json::to_string_pretty(&prepared.lowered)?))?;
    Ok(Outcome::Same)
}
