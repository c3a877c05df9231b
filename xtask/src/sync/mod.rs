//! `sync-spec`: the published document in place of the vendored one, if everything that is made from it can
//! be made.

mod published;

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use toml::value::Datetime;
use vastai_spec::identify::operations;
use vastai_spec::overlay::StaleAction;
use vastai_spec::pipeline::{Prepared, Source as Text, Staleness, prepare};

use crate::cargo::Cargo;
use crate::console::{Console, Outcome};
use crate::document::{Candidate, Reading, Source};
use crate::facade::{Facade, MissingOperation, Verdict, compile};
use crate::report::{self, Format, Made, Report, counted};
use crate::repository::accepted::{self, ACCEPTED, AcceptedBreaks};
use crate::repository::changelog::{self, CHANGELOG};
use crate::repository::lockfile::{Lockfile, Wording};
use crate::repository::replace::{Exclusive, NewFile, Steps, is_pending, names};
use crate::repository::{DOCUMENT, LOCK, OVERLAY, Repository, SURFACE, UNDOCUMENTED};

/// Replace the vendored document by the published one, and report what changed
///
/// The new document goes through the whole pipeline first, and the client that it makes is compiled with the
/// facade (crates/vastai); where anything fails, nothing is changed, and the features of the facade that break are listed. Exit code 0: no difference, or replaced; with --check or --dry-run 4:
/// different, and nothing breaks that is not accepted, and 5: different, and something breaks; 100: could not
/// do it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A URL or a file with the document: YAML, JSON, a documentation page in Markdown, or an index of such
    /// pages (llms.txt). Of several, the next is tried if one cannot be read
    #[arg(long = "source", value_name = "URL|FILE", default_values = published::PUBLISHED)]
    sources: Vec<Source>,
    /// Take the facts alone, and describe them in the words of the vendored document: the publisher's prose may
    /// not be ours to hand on
    #[arg(long)]
    in_our_words: bool,
    /// Change nothing, only report the difference. Nothing is compiled: of the facade, only what names an
    /// operation that the document lacks is listed. Corrections that match nothing are listed and do not fail
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// Do everything but replace the files
    #[arg(long)]
    dry_run: bool,
    /// Change nothing but accepted-breaks.toml: note all that breaks as accepted, for this reason. To be
    /// reviewed
    #[arg(long, value_name = "REASON", conflicts_with_all = ["check", "dry_run"])]
    accept: Option<String>,
    /// How to write the difference
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long a source may take, with all its pages
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// The SHA-256 that the document must have, as `sha256sum` prints it; a document with another one is refused
    #[arg(long, value_name = "SUM", value_parser = published::checksum)]
    expect_sha256: Option<String>,
    #[command(flatten)]
    cargo: Cargo,
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
    // Compiling writes too, and so does accepting; only a check needs nothing that another process may hold.
    let exclusive =
        if !args.check || is_pending(repository) { Some(Exclusive::of(repository)?) } else { None };
    if let Some(exclusive) = &exclusive {
        exclusive.recover(console)?;
    }
    let vendored = repository.read(DOCUMENT)?;
    let overlays = repository.overlays()?;
    let lockfile = Lockfile::read(repository)?;
    let accepted = AcceptedBreaks::read(repository)?;

    let candidate = match published::first_readable(args, &vendored, lockfile.as_ref(), console)? {
        Reading::Candidate(candidate) if args.in_our_words => candidate.in_our_words(&vendored)?,
        Reading::Candidate(candidate) => candidate,
        Reading::Unchanged => {
            console.note("the published document is the vendored one: the server knows its ETag")?;
            Candidate::vendored(&vendored)
        }
    };
    let prepared = |name: &str, text: &str| -> anyhow::Result<Prepared> {
        Ok(prepare(Text::new(name, text), overlays.sources(), Staleness::Warn)?)
    };
    let new = prepared(&candidate.name, &candidate.text)?;
    let generated = new.generate().with_context(|| candidate.name.clone())?;
    let old = prepared(DOCUMENT, &vendored)
        .with_context(|| format!("the vendored {DOCUMENT} cannot be compared with"))?;
    console.warn_of_duplicates(DOCUMENT, &old.duplicates)?;
    let mut report = Report::between(
        Made { name: DOCUMENT, text: &vendored, prepared: &old },
        Made { name: &candidate.name, text: &candidate.text, prepared: &new },
        repository,
        console,
    )?;
    report.note_duplicates(&candidate.duplicates);
    report.list_stale();
    if let Some(reason) = &args.accept {
        let exclusive = exclusive.context("no lock was taken")?;
        return accept(reason, accepted, &report, &exclusive, console);
    }
    let had_accepted = !accepted.is_empty();
    let (accepted, all_accepted) = accepted.of(&report.diff)?;
    report.accept(accepted, all_accepted);
    if args.in_our_words {
        report.note_undescribed(&candidate.undescribed);
    } else if candidate.text != vendored && is_reworded(lockfile.as_ref()) {
        report.note_our_words();
    }
    let says_the_same = candidate.text == vendored || (args.in_our_words && report.is_about_words());
    let compiled = (!args.check && new.stale.is_empty() && !says_the_same)
        .then(|| compile::check(&candidate.text, &args.cargo, repository, console));
    let errors = compiled.as_ref().and_then(|compiled| compiled.as_deref().ok());
    let missing = MissingOperation::between(&old, &new);
    report.note_facade(Facade::read(repository)?.verdict(&missing, errors)?);
    let count = operations(&new.published).count();
    console.note(format_args!(
        "{}: {count} operations, {} of them in the client; vendored: {}",
        candidate.name,
        generated.generated_operations,
        operations(&old.published).count(),
    ))?;
    report.write(args.format, console)?;
    for application in new.report.left_out() {
        console.warn(format_args!(
            "{}: the client has no such operation: {}",
            application.pointer, application.detail
        ))?;
    }
    if args.check {
        console.warn_of_stale(&new.stale)?;
        return Ok(report.outcome());
    }

    if !new.stale.is_empty() {
        bail!(stale(&new.stale));
    }
    if says_the_same {
        console.note(format_args!("{DOCUMENT} is the published document already; nothing was changed"))?;
        return Ok(Outcome::Same);
    }
    compiled.transpose()?;
    if let Some(verdict) = report.facade().filter(|verdict| !verdict.breaks.is_empty()) {
        bail!(broken_features(verdict));
    }
    let exclusive = exclusive.context("no lock was taken")?;
    if args.dry_run {
        console.note("the client and the facade compile; nothing was changed, as this is a dry run")?;
        return Ok(report.outcome());
    }
    warn_of_edits(lockfile.as_ref(), &vendored, args.in_our_words, console)?;
    let lock = candidate.lockfile(count, &generated.surface)?.to_text()?;
    let entry = changelog_entry(&report, &candidate, repository)?;
    let no_longer_accepted = accepted::empty();
    let mut files = vec![
        NewFile { name: DOCUMENT, text: &candidate.text },
        NewFile { name: SURFACE, text: &generated.surface },
        NewFile { name: LOCK, text: &lock },
    ];
    files.extend(entry.as_deref().map(|text| NewFile { name: CHANGELOG, text }));
    files.extend(had_accepted.then_some(NewFile { name: ACCEPTED, text: &no_longer_accepted }));
    exclusive.replace(&files, &mut Steps::new(args.abort_after))?;
    console.note(format_args!("replaced {}", names(&files)))?;
    Ok(Outcome::Same)
}

/// Writes down that what breaks now is accepted.
fn accept(
    reason: &str,
    known: AcceptedBreaks,
    report: &Report<'_>,
    exclusive: &Exclusive<'_>,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    if reason.trim().is_empty() {
        bail!("--accept without a reason; say why dependents can live with it");
    }
    let (known, _) = known.of(&report.diff)?;
    let (text, count) = accepted::with_all(&known, &report.diff, reason.trim(), today()?)?;
    if count == 0 {
        console.note(format_args!(
            "nothing breaks that {ACCEPTED} does not accept already; nothing was changed"
        ))?;
        return Ok(Outcome::Same);
    }
    exclusive.replace(&[NewFile { name: ACCEPTED, text: &text }], &mut Steps::default())?;
    console.note(format_args!("{ACCEPTED} accepts {count} more breaks; review what it says of each"))?;
    Ok(Outcome::Same)
}

fn today() -> anyhow::Result<Datetime> {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = now.split('T').next().unwrap_or_default();
    date.parse().context("the clock of this machine is wrong")
}

/// The CHANGELOG with what this difference means to users; none where there is no difference, or no CHANGELOG.
fn changelog_entry(
    report: &Report<'_>,
    candidate: &Candidate,
    repository: &Repository,
) -> anyhow::Result<Option<String>> {
    let Some(changelog) = repository.read_if_present(CHANGELOG)?.filter(|_| !report.diff.is_empty()) else {
        return Ok(None);
    };
    let document = format!("document {}", candidate.sha256.get(..12).unwrap_or(&candidate.sha256));
    let entry = changelog::with_entry(&changelog, &document, &report::for_changelog(report));
    Ok(Some(entry).filter(|entry| *entry != changelog))
}

/// Warns where the document that is replaced was edited: there may be no other copy.
fn warn_of_edits(
    lockfile: Option<&Lockfile>,
    vendored: &str,
    in_our_words: bool,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    if lockfile.is_some_and(|lockfile| !lockfile.vendored.is_of(vendored)) {
        console.warn(format_args!(
            "{DOCUMENT} was edited since {LOCK} was written; the edit is replaced, too, and git has it if it was committed"
        ))?;
    }
    if is_reworded(lockfile) && !in_our_words {
        console.warn(format_args!("{DOCUMENT} was in words of our own; it has the publisher's prose now"))?;
    }
    Ok(())
}

/// Whether the vendored document is in words of our own.
fn is_reworded(lockfile: Option<&Lockfile>) -> bool {
    lockfile.is_some_and(|lockfile| lockfile.vendored.text == Wording::Reworded)
}

/// The features that a document breaks, each with its first place.
fn broken_features(verdict: &Verdict) -> String {
    let features = verdict.by_feature();
    let count = counted(features.len(), "feature", "features");
    let mut text = format!(
        "the new document breaks {count} of the facade; nothing was changed. `{}` shows the compiler's errors",
        compile::COMMAND
    );
    for (feature, breaks) in features {
        let Some((first, more)) = breaks.split_first() else { continue };
        let more = match more.len() {
            0 => String::new(),
            more => format!(", and {}", counted(more, "more place", "more places")),
        };
        text.push_str(&format!("\n  {feature} ({}{more}): {}", first.place(), first.message));
    }
    text
}

fn stale(actions: &[StaleAction]) -> String {
    let listed: Vec<String> = actions.iter().map(|action| format!("\n  {action}")).collect();
    format!(
        "nothing was changed: {OVERLAY} and {UNDOCUMENTED} do not fit the new document; mend them{}",
        listed.concat()
    )
}
