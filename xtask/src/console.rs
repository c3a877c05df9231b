//! Where commands write, and what they answer to a script.

use std::io::Write;
use std::process::ExitCode;

use vastai_spec::overlay::StaleAction;

/// The two streams of a command: what it was asked for, and what a person should know beside it.
pub(crate) struct Console<'streams> {
    pub(crate) out: &'streams mut dyn Write,
    pub(crate) err: &'streams mut dyn Write,
    /// Whether a person watches `err`: progress is for nobody else.
    is_watched: bool,
    /// Whether `out` is a terminal that shows colours.
    pub(crate) is_coloured: bool,
}

impl<'streams> Console<'streams> {
    pub(crate) fn new(out: &'streams mut dyn Write, err: &'streams mut dyn Write) -> Self {
        Self { out, err, is_watched: false, is_coloured: false }
    }

    pub(crate) fn watched(self, is_watched: bool) -> Self {
        Self { is_watched, ..self }
    }

    /// Tells what is under way, in a line that the next one overwrites; with `None`, the line is gone.
    pub(crate) fn progress(&mut self, what: Option<&str>) -> anyhow::Result<()> {
        if self.is_watched {
            write!(self.err, "\r\x1b[K{}", what.unwrap_or_default())?;
            self.err.flush()?;
        }
        Ok(())
    }

    pub(crate) fn warn(&mut self, warning: impl std::fmt::Display) -> anyhow::Result<()> {
        writeln!(self.err, "warning: {warning}")?;
        Ok(())
    }

    pub(crate) fn warn_of_stale(&mut self, stale: &[StaleAction]) -> anyhow::Result<()> {
        stale.iter().try_for_each(|action| self.warn(action))
    }
}

/// What a command found. That it could not do its work is an error instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No difference, or none any more.
    Same,
    /// A difference that breaks nothing.
    Different,
    /// A difference that breaks a client, on the wire or when it is compiled.
    Breaking,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Same => 0,
            Outcome::Different => 4,
            Outcome::Breaking => 5,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_for_who_watches() {
        for (is_watched, expected) in [(true, "\r\x1b[K1 of 2 pages\r\x1b[K"), (false, "")] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut console = Console::new(&mut out, &mut err).watched(is_watched);
            console.progress(Some("1 of 2 pages")).unwrap();
            console.progress(None).unwrap();
            assert_eq!((String::from_utf8(err).unwrap().as_str(), out.len()), (expected, 0));
        }
    }
}
