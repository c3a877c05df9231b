//! `check-document`: would a client come out of this document?

use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use vastai_spec::pipeline::{Keep, Staleness};
use vastai_spec::visible::{in_json, in_one_line};

use crate::console::{Console, Outcome};
use crate::document::Candidate;
use crate::repository::Repository;

/// Run the whole pipeline on a document, without compiling, and report what it changes on the way
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The document: YAML, JSON, or a documentation page in Markdown
    file: PathBuf,
    /// Show every place under each rule, and every correction that matches nothing
    #[arg(long, short)]
    verbose: bool,
    /// How to write the report; as JSON it is whole
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let mut candidate = Candidate::from_file(&args.file, console)?;
    let overlays = repository.overlays()?;
    // The vendored document and its corrections belong together; to any other document, some of them may say
    // nothing.
    let staleness = if repository.is_document(&args.file) { Staleness::Fail } else { Staleness::Warn };
    let prepared = candidate.prepare(overlays.sources(), staleness, Keep::LoweredAlone)?;
    let generated = prepared.check().with_context(|| candidate.name.clone())?;
    if args.format == Format::Json {
        let report = serde_json::json!({
            "document": candidate.name,
            "operations": prepared.published_operations,
            "generated": generated,
            "applications": prepared.report.applications(),
            "duplicate_keys": candidate.duplicates,
            "stale": prepared.stale,
        });
        writeln!(console.out, "{}", in_json(&format!("{report:#}")))?;
        return Ok(Outcome::Same);
    }
    writeln!(
        console.out,
        "{}: {} operations in the document, {} in the client",
        in_one_line(&candidate.name),
        prepared.published_operations,
        generated,
    )?;
    write!(console.out, "{}", prepared.report.text(args.verbose))?;
    match args.verbose {
        true => prepared.stale.iter().try_for_each(|action| console.warn(action))?,
        false => console.warn_of_stale(&prepared.stale)?,
    }
    Ok(Outcome::Same)
}
