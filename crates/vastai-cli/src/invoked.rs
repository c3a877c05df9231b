//! What a command of this program's own runs with.

use clap::{ArgMatches, Command};

use crate::globals::{Format, Target};
use crate::look::Look;

/// The parts of a command line that are nobody's but the command's, and those of every command. Without `Debug`, as it may hold a key.
pub(crate) struct Invoked<'line> {
    /// Its own arguments.
    pub(crate) matches: &'line ArgMatches,
    pub(crate) format: Format,
    pub(crate) target: &'line Target,
    pub(crate) look: &'line Look,
    /// Makes all commands as clap knows them, which takes its time.
    pub(crate) commands: &'line dyn Fn() -> Command,
}
