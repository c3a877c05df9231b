//! `conformance`: whether our command line sends what the official client sends.
//!
//! Both clients run against a server on loopback that records their requests; the tables of pairs, of responses and of forms that mean the same
//! are data, in `xtask/conformance`.

mod against;
mod compare;
mod official;
mod ours;
mod pairs;
mod recorder;
mod report;
mod request;
mod responses;
mod simulator;

use std::path::PathBuf;

use anyhow::Context as _;
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::visible::in_json;

use crate::cargo::Cargo;
use crate::console::{Console, Outcome};
use crate::repository::{DOCUMENT, Repository};
use compare::{Forms, without_listed};
use official::{Official, PINNED, Release, Unavailable};
use ours::Ours;
use pairs::{PAIRS, Pair};
use recorder::Recorder;
use report::{Report, Tried, Verdict};
use request::Request;
use responses::Responses;

/// Both clients send it; it opens nothing.
const KEY: &str = "conformance-key";

/// Compare what our command line sends with what the official client sends
///
/// The official client is a Python package, which is installed once into a virtual environment below target/conformance; it needs Python 3.10
/// or newer and the Python package index. Exit code 0: no difference; 4: differences, each with a reason in the table (with --against: only
/// what is new); 5: other differences; 100: could not do it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A table of pairs of command lines, instead of the repository's own
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Give the official command lines to our command line unchanged, and count which of them it takes
    #[arg(long, conflicts_with = "against")]
    drop_in: bool,
    /// Compare the pinned release of the official client with another one instead: what changed on the wire
    #[arg(long, value_name = "VERSION", value_parser = official::version)]
    against: Option<String>,
    /// Run a session of the official client, its command line and its library, against the simulator instead: exit code 0 where all of it is
    /// served, 4 but for faults of the client's own
    #[arg(long, conflicts_with_all = ["against", "drop_in", "pairs"])]
    simulator: bool,
    /// Exit with 0 and a notice where the official client cannot be had
    #[arg(long)]
    if_available: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    cargo: Cargo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For a program
    Json,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    match compared(args, repository, console) {
        Err(error) if args.if_available && error.is::<Unavailable>() => {
            console.note(format_args!("conformance was skipped: {error}"))?;
            Ok(Outcome::Same)
        }
        other => other,
    }
}

fn compared(args: &Args, repository: &Repository, console: &mut Console<'_>) -> anyhow::Result<Outcome> {
    // First: without it nothing else is worth its time.
    let release = Release::installed(PINNED, repository, console)?;
    if args.simulator {
        let files = written_files(repository)?;
        let session = simulator::session(&release, &files, &args.cargo, repository, console)?;
        write(&session, args.format, console)?;
        return Ok(session.outcome());
    }
    let table = args.pairs.clone().unwrap_or_else(|| repository.root().join(PAIRS));
    let table = pairs::read(&table)?;
    let pairs = &table.pairs;
    let bench = Bench::set_up(repository, console)?;
    if let Some(version) = &args.against {
        let other = Release::installed(version, repository, console)?;
        let changes = against::compared(&other, &release, pairs, &bench, repository, console)?;
        write(&changes, args.format, console)?;
        return Ok(changes.outcome());
    }
    let ours = Ours::built(&args.cargo, repository, console)?;
    let mut official = Official::start(&release, repository)?;
    let mut report = Report::new(release.version(), args.drop_in);
    for (number, pair) in pairs.iter().enumerate() {
        console.progress(Some(&format!("{} of {} pairs: {}", number + 1, pairs.len(), pair.name)))?;
        report.add(bench.tried(pair, args.drop_in, &mut official, &ours)?);
    }
    console.progress(None)?;
    report.lacks(table.lacking(official.commands()?));
    write(&report, args.format, console)?;
    Ok(report.outcome())
}

/// The files that command lines name.
fn written_files(repository: &Repository) -> anyhow::Result<PathBuf> {
    let files = official::work_folder(repository)?.join("files");
    pairs::write_files(&files)?;
    Ok(files)
}

/// Writes what came of a run.
fn write(
    result: &(impl std::fmt::Display + serde::Serialize),
    format: Format,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    match format {
        Format::Text => write!(console.out, "{result}")?,
        Format::Json => {
            let json = serde_json::to_string_pretty(result).context("the result could not be written")?;
            writeln!(console.out, "{}", in_json(&json))?;
        }
    }
    Ok(())
}

/// What both clients run against.
#[derive(Debug)]
struct Bench {
    recorder: Recorder,
    forms: Forms,
    files: PathBuf,
}

impl Bench {
    fn set_up(repository: &Repository, console: &mut Console<'_>) -> anyhow::Result<Self> {
        let (document, overlays) = (repository.read(DOCUMENT)?, repository.overlays()?);
        let document = prepare(Source::new(DOCUMENT, &document), overlays.sources(), Staleness::Warn)?;
        console.warn_of_stale(&document.stale)?;
        let files = written_files(repository)?;
        Ok(Self { recorder: Recorder::start(Responses::of(&document)?)?, forms: Forms::read()?, files })
    }

    /// The requests of an official command line.
    fn sent_by(&self, official: &mut Official, pair: &Pair) -> anyhow::Result<(official::Ran, Vec<Request>)> {
        let words = pairs::with_files(&pair.official, &self.files);
        let ran = official.run(&words, &pair.stdin, self.recorder.url(), KEY)?;
        Ok((ran, self.recorded()))
    }

    fn recorded(&self) -> Vec<Request> {
        let mut requests = self.recorder.take();
        requests.retain(|request| self.forms.counts(request));
        requests
    }

    fn tried(
        &self,
        pair: &Pair,
        drop_in: bool,
        official: &mut Official,
        ours: &Ours,
    ) -> anyhow::Result<Tried> {
        let (ran, mut theirs) = self.sent_by(official, pair)?;
        let mut tried = Tried::of(pair);
        // The last request is what a command is about; what it looks up before is its own affair.
        tried.official = theirs.pop();
        // Without words of ours, the official ones are ours, too.
        let words = if drop_in || pair.ours.is_empty() { &pair.official } else { &pair.ours };
        let words = pairs::with_files(words, &self.files);
        let our_run = ours.run(&words, &pair.stdin, self.recorder.url(), KEY)?;
        tried.ours = self.recorded().pop();
        let (Some(left), Some(right)) = (&tried.official, &tried.ours) else {
            return Ok(match tried.official {
                None => tried.with(Verdict::Silent, said(&ran)),
                Some(_) => tried.with(Verdict::Refused, said(&our_run)),
            });
        };
        tried.differences = without_listed(self.forms.differences(left, right), &pair.same);
        let verdict = match (tried.differences.is_empty(), &pair.expected_difference) {
            (true, Some(_)) if !drop_in => Verdict::Stale,
            (true, _) => Verdict::Same,
            (false, _) => Verdict::Different,
        };
        Ok(tried.with(verdict, String::new()))
    }
}

/// The last that a command had to say.
fn said(ran: &official::Ran) -> String {
    if ran.code.is_none() {
        return "it did not end, and was stopped".to_owned();
    }
    let lines = |text: &str| {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (err, out) = (lines(&ran.stderr), lines(&ran.stdout));
    // A usage error has its reason first, a traceback last.
    let error = err.iter().find(|line| line.starts_with("error")).or(err.last());
    error.or(out.last()).cloned().unwrap_or_default()
}
