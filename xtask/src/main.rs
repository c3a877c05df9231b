//! The chores of this repository: `cargo xtask COMMAND`.
//!
//! The commands are `sync`, which replaces the vendored document, `conformance`, which runs the official client beside ours, `package`, and the smaller `chores`. They stand on `document` (documents from
//! outside), `facade` (what a document breaks there), `report` (a difference, written) and `repository` (the files of this checkout). Commands write to a [`Console`], never to
//! the process's own streams, and say with an [`Outcome`] what a script needs to know.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use chores::{check_document, diff, lower, operations, surface};
use console::{Console, Outcome, with_causes};
use repository::Repository;

mod cargo;
mod chores;
mod conformance;
mod console;
mod document;
mod facade;
mod measure;
mod package;
mod release;
mod report;
mod repository;
mod sync;

/// The exit code of a command that could not do its work.
const FAILED: u8 = 100;

#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about = "The chores of this repository", long_about = None)]
struct Cli {
    /// The repository to work on, where it is not the one this was built from.
    #[arg(long, global = true, hide = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/.."))]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    CheckDocument(check_document::Args),
    Conformance(conformance::Args),
    Diff(diff::Args),
    Lower(lower::Args),
    Measure(measure::Args),
    Operations(operations::Args),
    Package(package::Args),
    Release(release::Args),
    Surface(surface::Args),
    SyncSpec(sync::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Help is not a failure; where even this cannot be written, nothing can be done.
            let _ = usage.print();
            return if usage.use_stderr() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS };
        }
    };
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let mut console = Console::new(&mut out, &mut err).watched(io::stderr().is_terminal());
    // https://no-color.org
    let colours_are_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    console.is_coloured = io::stdout().is_terminal() && !colours_are_unwanted;
    match run(cli, &mut console) {
        Ok(outcome) => outcome.into(),
        // Nobody reads on: `cargo xtask diff OLD NEW | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(FAILED),
        Err(error) => {
            let _ = console.error(&with_causes(&error));
            ExitCode::from(FAILED)
        }
    }
}

fn run(cli: Cli, console: &mut Console<'_>) -> anyhow::Result<Outcome> {
    let repository = Repository::at(cli.root);
    let outcome = match cli.command {
        Command::CheckDocument(args) => check_document::run(&args, &repository, console),
        Command::Conformance(args) => conformance::run(&args, &repository, console),
        Command::Diff(args) => diff::run(&args, &repository, console),
        Command::Lower(args) => lower::run(&args, &repository, console),
        Command::Measure(args) => measure::run(&args, &repository, console),
        Command::Operations(args) => operations::run(&args, &repository, console),
        Command::Package(args) => package::run(&args, &repository, console),
        Command::Release(args) => release::run(&args, &repository, console),
        Command::Surface(args) => surface::run(&args, &repository, console),
        Command::SyncSpec(args) => sync::run(&args, &repository, console),
    }?;
    console.out.flush()?;
    Ok(outcome)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
