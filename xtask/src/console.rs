//! Where commands write, and their exit codes.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use vastai_spec::load::DuplicateKeys;
use vastai_spec::overlay::{self, StaleAction};
use vastai_spec::visible::{in_lines, in_one_line};

/// The two streams of a command: its result, and what a person should know beside it.
pub(crate) struct Console<'streams> {
    pub(crate) out: &'streams mut dyn Write,
    /// Written by this module alone: whatever a note quotes of a document or of a server, it is text to the terminal.
    err: &'streams mut dyn Write,
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

    /// Shows what is under way, in a line that the next one overwrites; with `None`, the line is gone.
    pub(crate) fn progress(&mut self, what: Option<&str>) -> anyhow::Result<()> {
        if self.is_watched {
            write!(self.err, "\r\x1b[K{}", in_one_line(what.unwrap_or_default()))?;
            self.err.flush()?;
        }
        Ok(())
    }

    /// Writes a line beside the result.
    pub(crate) fn note(&mut self, note: impl Display) -> anyhow::Result<()> {
        writeln!(self.err, "{}", in_one_line(&note.to_string()))?;
        Ok(())
    }

    /// A [`note`](Self::note) of something that may be wrong.
    pub(crate) fn warn(&mut self, warning: impl Display) -> anyhow::Result<()> {
        self.note(format_args!("warning: {warning}"))
    }

    /// Why the command could not do its work; lists take lines of their own.
    pub(crate) fn error(&mut self, error: &str) -> anyhow::Result<()> {
        writeln!(self.err, "error: {}", in_lines(error))?;
        Ok(())
    }

    /// Warns of stale corrections in one line.
    pub(crate) fn warn_of_stale(&mut self, stale: &[StaleAction]) -> anyhow::Result<()> {
        overlay::summary(stale).map_or(Ok(()), |summary| self.warn(summary))
    }

    /// Warns of every key that a document has more than once in a mapping.
    pub(crate) fn warn_of_duplicates(
        &mut self,
        name: &str,
        duplicates: &DuplicateKeys,
    ) -> anyhow::Result<()> {
        duplicates.lines(name).iter().try_for_each(|line| self.warn(line))
    }
}

/// An error with its causes, in one line; a cause that the error above it already names is left out.
pub(crate) fn with_causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |line, cause| match line.as_str() {
        "" => cause,
        _ if line.ends_with(&cause) => line,
        _ => format!("{line}: {cause}"),
    })
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
    fn nothing_that_is_quoted_is_obeyed_by_the_terminal() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut err).watched(true);
        let quoted = "a\n\u{1b}[2J\u{9b}1m\u{202e}b";
        console.warn(quoted).unwrap();
        console.note(quoted).unwrap();
        console.error(quoted).unwrap();
        console.progress(Some(quoted)).unwrap();
        let shown = r"\u{1b}[2J\u{9b}1m\u{202e}b";
        assert_eq!(
            String::from_utf8(err).unwrap(),
            format!("warning: a\\n{shown}\na\\n{shown}\nerror: a\n{shown}\n\r\x1b[Ka\\n{shown}")
        );
    }

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
