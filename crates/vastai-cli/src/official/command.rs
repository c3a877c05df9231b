//! An official command: its words, what it takes, and what it means.

use vastai::Client;

use super::argument::Argument;
use super::programs::Program;
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

/// A command of the official client.
#[derive(Debug)]
pub(crate) struct Command {
    /// Its words, `show instances`.
    pub(crate) words: &'static str,
    /// Other words for the same.
    pub(crate) also: &'static [&'static str],
    /// The operation that it calls, or that it is about.
    pub(crate) operation: &'static str,
    pub(crate) takes: &'static [Argument],
    /// Fields that always have this value, as JSON.
    pub(crate) sends: &'static [(&'static str, &'static str)],
    pub(crate) meaning: Meaning,
}

/// What a command does with what it is given.
#[derive(Clone, Copy)]
pub(crate) enum Meaning {
    /// One call of the operation.
    Call,
    /// One call, to which a function brings what is not a field.
    Made(Make),
    /// Several calls, or something on this machine.
    Does(Program),
}

/// Completes a request with what is said.
pub(crate) type Make = fn(&Said, &Client, &mut Request) -> Result<(), Failure>;

impl Meaning {
    /// Whether it is this program.
    pub(crate) fn is(self, program: Program) -> bool {
        matches!(self, Self::Does(does) if does == program)
    }
}

impl std::fmt::Debug for Meaning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Call => "Call",
            Self::Made(_) => "Made",
            Self::Does(_) => "Does",
        })
    }
}

/// A command that calls an operation.
pub(crate) const fn command(
    words: &'static str,
    operation: &'static str,
    takes: &'static [Argument],
) -> Command {
    Command { words, also: &[], operation, takes, sends: &[], meaning: Meaning::Call }
}

impl Command {
    pub(crate) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    pub(crate) const fn sends(self, sends: &'static [(&'static str, &'static str)]) -> Self {
        Self { sends, ..self }
    }

    pub(crate) const fn made(self, make: Make) -> Self {
        Self { meaning: Meaning::Made(make), ..self }
    }

    pub(crate) const fn does(self, program: Program) -> Self {
        Self { meaning: Meaning::Does(program), ..self }
    }

    /// Whether it does something here, and is not left to the package manager or the shell.
    pub(crate) fn is_ours_too(&self) -> bool {
        !self.meaning.is(Program::Elsewhere)
    }

    /// All that it goes by.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.words).chain(self.also.iter().copied())
    }
}
