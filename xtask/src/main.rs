//! The chores of this repository: `cargo xtask COMMAND`.
//!
//! One module is one command; the rest is what they share. Commands write to a [`Console`], never to the
//! process's own streams, and say with an [`Outcome`] what a script needs to know.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use console::{Console, Outcome};
use repository::Repository;

mod accepted;
mod candidate;
mod changelog;
mod check_document;
mod compile;
mod console;
mod diff;
mod fetch;
mod index;
mod lockfile;
mod lower;
mod replace;
mod report;
mod repository;
mod source;
mod surface;
mod sync_spec;

/// What a command answers that could not do its work.
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
    Diff(diff::Args),
    Lower(lower::Args),
    Surface(surface::Args),
    SyncSpec(sync_spec::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Help is no failure; nothing can be done where even this cannot be written.
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
            let _ = console.error(&told(&error));
            ExitCode::from(FAILED)
        }
    }
}

fn run(cli: Cli, console: &mut Console<'_>) -> anyhow::Result<Outcome> {
    let repository = Repository::at(cli.root);
    let outcome = match cli.command {
        Command::CheckDocument(args) => check_document::run(&args, &repository, console),
        Command::Diff(args) => diff::run(&args, &repository, console),
        Command::Lower(args) => lower::run(&args, &repository, console),
        Command::Surface(args) => surface::run(&args, &repository, console),
        Command::SyncSpec(args) => sync_spec::run(&args, &repository, console),
    }?;
    console.out.flush()?;
    Ok(outcome)
}

/// An error with its causes, in one line; a cause that the error above already tells is not told again.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told.as_str() {
        "" => cause,
        _ if told.ends_with(&cause) => told,
        _ => format!("{told}: {cause}"),
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
