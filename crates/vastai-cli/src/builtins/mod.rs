//! The commands of this program's own, which are no operation of the document: each is a line of a table.

mod auth;
mod completions;
mod doctor;
mod help;
pub(crate) mod key_store;
mod mcp;
#[cfg(feature = "mock")]
mod mock;
mod ssh;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};

use crate::export;
use crate::failure::Failure;
use crate::globals::{self, Settings};
use crate::invoked::Invoked;
use crate::watch;

/// A command of this program's own. Its name begins no operation's words, which a test holds.
struct Builtin {
    name: &'static str,
    /// What it takes, and its help.
    command: fn(Command) -> Command,
    run: fn(&Invoked<'_>) -> Result<(), Failure>,
}

const ALL: &[Builtin] = &[
    Builtin { name: "auth", command: auth::command, run: auth::run },
    Builtin { name: "completions", command: completions::command, run: completions::run },
    Builtin { name: "doctor", command: doctor::command, run: doctor::run },
    Builtin { name: "export", command: export::command, run: export::run },
    Builtin { name: "help", command: help::command, run: help::run },
    Builtin { name: "man", command: completions::man_command, run: completions::run_man },
    Builtin { name: "mcp", command: mcp::command, run: mcp::run },
    #[cfg(feature = "mock")]
    Builtin { name: "mock", command: mock::command, run: mock::run },
    Builtin { name: "ssh", command: ssh::command, run: ssh::run },
    Builtin { name: "top", command: watch::top_command, run: watch::run },
    Builtin { name: "watch", command: watch::command, run: watch::run },
];

/// A command line of a builtin. Without `Debug`, as it may hold a key.
pub(crate) struct Invocation {
    builtin: &'static Builtin,
    matches: ArgMatches,
    settings: Settings,
}

/// All of them, as clap knows them.
pub(crate) fn commands() -> impl Iterator<Item = Command> {
    ALL.iter().map(|builtin| (builtin.command)(Command::new(builtin.name).disable_help_subcommand(true)))
}

impl Invocation {
    /// The builtin that a command line names, if it names one.
    pub(crate) fn of(matches: &ArgMatches) -> Option<Result<Self, (ErrorKind, String)>> {
        let (name, matches) = matches.subcommand()?;
        let builtin = ALL.iter().find(|builtin| builtin.name == name)?;
        let settings = globals::settings(matches);
        Some(settings.map(|settings| Self { builtin, matches: matches.clone(), settings }))
    }

    /// Does what it says; `commands` makes all of them.
    pub(crate) fn run(&self, commands: &dyn Fn() -> Command) -> Result<(), Failure> {
        let Self { builtin, matches, settings: Settings { format, target, look, .. } } = self;
        (builtin.run)(&Invoked { matches, format: *format, target, look, commands })
    }
}
