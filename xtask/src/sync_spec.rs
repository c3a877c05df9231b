//! `sync-spec`: the published document in place of the vendored one, if everything that is made from it can
//! be made.

use std::time::Duration;

use anyhow::{Context as _, bail};
use vastai_spec::diff::Diff;
use vastai_spec::identify::operations;
use vastai_spec::overlay::StaleAction;
use vastai_spec::pipeline::{Source as Text, Staleness, prepare};

use crate::console::{Console, Outcome};
use crate::lockfile::{Lockfile, Wording};
use crate::replace::{Exclusive, NewFile, Recovered, Steps, is_pending};
use crate::report::{self, Format};
use crate::repository::{DOCUMENT, LOCK, OVERLAY, Repository, SURFACE, overlay_source};
use crate::source::{Reading, Source};

/// Where the document is published: the repository of the documentation, the documentation itself, and the index of its pages, of
/// which each has the document of one operation.
const PUBLISHED: [&str; 3] = [
    "https://raw.githubusercontent.com/vast-ai/docs/main/api-reference/openapi.yaml",
    "https://docs.vast.ai/api-reference/openapi.yaml",
    "https://docs.vast.ai/llms.txt",
];

/// Replace the vendored document by the published one, and tell what changed
///
/// The new document goes through the whole pipeline first; where anything fails, nothing is changed. Exit
/// code 0: no difference, or replaced; with --check or --dry-run 4: different, nothing breaks, and 5:
/// different, something breaks; 100: could not do it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A URL or a file with the document: YAML, JSON, a documentation page in Markdown, or an index of such
    /// pages (llms.txt). Of several, the next is tried if one cannot be read
    #[arg(long = "source", value_name = "URL|FILE", default_values = PUBLISHED)]
    sources: Vec<Source>,
    /// Change nothing, only tell the difference. Corrections that match nothing any more are told, and do
    /// not fail
    #[arg(long)]
    check: bool,
    /// Do everything but replace the files
    #[arg(long)]
    dry_run: bool,
    /// How to write the difference
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long a source may take, with all its pages
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// The sum that the document must have, as `sha256sum` prints it; another one is refused
    #[arg(long, value_name = "SUM", value_parser = checksum)]
    expect_sha256: Option<String>,
    /// Die after that many steps of the replacement, as if killed: for the test that nothing is ever half
    /// done.
    #[arg(long, hide = true)]
    abort_after: Option<u32>,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let replaces = !args.check && !args.dry_run;
    let exclusive = if replaces || is_pending(repository) { Some(Exclusive::of(repository)?) } else { None };
    if let Some(exclusive) = &exclusive {
        tell_recovered(exclusive.recover()?, console)?;
    }
    let vendored = repository.read(DOCUMENT)?;
    let overlay = repository.overlay()?;
    let lockfile = Lockfile::read(repository)?;

    let candidate = match first_readable(args, &vendored, lockfile.as_ref(), console)? {
        Reading::Candidate(candidate) => candidate,
        Reading::Unchanged => {
            writeln!(console.err, "the published document is the vendored one: the server knows its ETag")?;
            let same = prepare(Text::new(DOCUMENT, &vendored), overlay_source(&overlay), Staleness::Warn)?;
            let no_difference = Diff::between(&same.published, &same.published)?.with_surfaces("", "");
            report::write(&no_difference, args.format, console)?;
            return Ok(Outcome::Same);
        }
    };

    let new =
        prepare(Text::new(&candidate.name, &candidate.text), overlay_source(&overlay), Staleness::Warn)?;
    let generated = new.generate().with_context(|| candidate.name.clone())?;
    let old = prepare(Text::new(DOCUMENT, &vendored), overlay_source(&overlay), Staleness::Warn)
        .with_context(|| format!("the vendored {DOCUMENT} cannot be compared with"))?;
    let diff = report::between(&old, &new, [old.generate().as_ref(), Ok(&generated)], console)?;
    let count = operations(&new.published).count();
    writeln!(
        console.err,
        "{}: {count} operations, {} of them in the client; vendored: {}",
        candidate.name,
        generated.generated_operations,
        operations(&old.published).count(),
    )?;
    report::write(&diff, args.format, console)?;

    let Some(exclusive) = exclusive.filter(|_| replaces) else {
        console.warn_of_stale(&new.stale)?;
        return Ok(report::outcome(&diff));
    };
    if !new.stale.is_empty() {
        bail!(stale(&new.stale));
    }
    if candidate.text == vendored {
        writeln!(console.err, "{DOCUMENT} is the published document already; nothing was changed")?;
        return Ok(Outcome::Same);
    }
    let lock = Lockfile::of(&candidate, count, &generated.surface)?.to_text()?;
    let files = [
        NewFile { name: DOCUMENT, text: &candidate.text },
        NewFile { name: SURFACE, text: &generated.surface },
        NewFile { name: LOCK, text: &lock },
    ];
    exclusive.replace(&files, &mut Steps::new(args.abort_after))?;
    if lockfile.is_some_and(|lockfile| lockfile.vendored.text == Wording::Restated) {
        console.warn(format_args!("{DOCUMENT} was in words of our own; it has the publisher's prose now"))?;
    }
    writeln!(console.err, "replaced {DOCUMENT}, {SURFACE} and {LOCK}")?;
    Ok(Outcome::Same)
}

/// Tells that an earlier command did not come to its end, and what became of its work.
pub(crate) fn tell_recovered(recovered: Recovered, console: &mut Console<'_>) -> anyhow::Result<()> {
    match recovered {
        Recovered::Nothing => Ok(()),
        Recovered::Discarded => console
            .warn("an earlier command was interrupted before it replaced anything; its files are removed"),
        Recovered::Finished => {
            console.warn("an earlier command was interrupted while it replaced files; that is finished now")
        }
    }
}

/// The first source that gives a document.
fn first_readable(
    args: &Args,
    vendored: &str,
    lockfile: Option<&Lockfile>,
    console: &mut Console<'_>,
) -> anyhow::Result<Reading> {
    let mut sources = args.sources.iter().peekable();
    while let Some(source) = sources.next() {
        let etag = match source {
            // A sum that is wanted can only be told of a document that is sent.
            Source::Url(_) if args.expect_sha256.is_some() => None,
            Source::Url(url) => lockfile.and_then(|lockfile| lockfile.etag_for(url.as_str(), vendored)),
            Source::File(_) => None,
        };
        let read = source.read(etag, args.timeout, console).and_then(|reading| expected(reading, args));
        match read {
            Ok(reading) => return Ok(reading),
            Err(error) if sources.peek().is_some() => {
                console.warn(format_args!("{}; the next source is tried", crate::told(&error)))?;
            }
            Err(error) => return Err(error),
        }
    }
    bail!("no --source was given")
}

/// Refuses a document that is not the one that is wanted.
fn expected(reading: Reading, args: &Args) -> anyhow::Result<Reading> {
    if let (Reading::Candidate(candidate), Some(wanted)) = (&reading, &args.expect_sha256)
        && candidate.sha256 != *wanted
    {
        bail!("{}: the SHA-256 is {}, and --expect-sha256 wants {wanted}", candidate.name, candidate.sha256);
    }
    Ok(reading)
}

/// A SHA-256 in hexadecimal.
fn checksum(text: &str) -> Result<String, String> {
    let is_sum = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sum { Ok(text.to_ascii_lowercase()) } else { Err("a SHA-256 has 64 hexadecimal digits".to_owned()) }
}

fn stale(actions: &[StaleAction]) -> String {
    let listed: Vec<String> = actions.iter().map(|action| format!("\n  {action}")).collect();
    format!(
        "nothing was changed: corrections in {OVERLAY} match nothing in the new document; mend or remove them{}",
        listed.concat()
    )
}
