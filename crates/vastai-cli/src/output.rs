//! Printing: responses to stdout, everything else to stderr.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use vastai_spec::visible::in_lines;

use crate::failure::Failure;
use crate::quoting::one_line;
use crate::styled::Styled;
use crate::{json, narrow};

/// Writes a response for people.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    to_stdout(|stdout| stdout.write_all(in_lines(text).as_bytes()))
}

/// Writes a text with styles, which is clean already.
pub(crate) fn print_styled(text: &Styled) -> Result<(), Failure> {
    to_stdout(|stdout| stdout.write_all(text.as_str().as_bytes()))
}

/// Writes the JSON of a response, indented, without a copy of it.
pub(crate) fn print_json(json: &[u8]) -> Result<(), Failure> {
    to_stdout(|stdout| json::write_indented(json, stdout))
}

/// Writes a response. That a reader has seen enough (`vastai … | head -1`) is not a failure.
fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let written = write(&mut stdout).and_then(|()| stdout.flush());
    // What could not be written is not tried again when the buffer goes.
    drop(stdout.into_parts());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::local(format!("the response cannot be written to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line about the response.
pub(crate) fn note(text: &str) {
    say("note", text);
}

/// Writes a question, whose answer is typed behind it.
pub(crate) fn prompt(text: &str) {
    let mut stderr = io::stderr();
    // Where stderr is closed, nobody reads it.
    let _ = stderr.write_all(in_lines(text).as_bytes()).and_then(|()| stderr.flush());
}

/// Writes a warning.
pub(crate) fn warn(text: &str) {
    say("warning", text);
}

/// Writes why the command failed.
pub(crate) fn fail(failure: &Failure) {
    say("error", failure.message());
    if let Some(hint) = failure.hint() {
        say("hint", hint);
    }
}

/// Writes what clap makes of a command line: help to stdout, errors to stderr.
///
/// Help quotes the document, errors quote the command line, and afterwards neither can be distinguished from clap's own words; so all
/// of it is escaped, and has no colours.
pub(crate) fn print_clap(error: &clap::Error) -> ExitCode {
    let text = clap_text(error);
    let (code, written) = match error.use_stderr() {
        true => (2, io::stderr().write_all(text.as_bytes())),
        false => {
            let text = narrow::for_stdout(&text);
            (0, io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
        }
    };
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::from(code),
    }
}

fn clap_text(error: &clap::Error) -> String {
    // With styles: without them, clap takes out what looks like one, also of what it quotes. The commands have none of their own.
    in_lines(&error.render().ansi().to_string()).into_owned()
}

fn say(what: &str, text: &str) {
    // Where stderr is closed, nobody reads it.
    let _ = writeln!(io::stderr(), "{what}: {}", one_line(text));
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use vastai_api::{Location, Operation, Parameter, ValueKind};
    use vastai_spec::visible::is_hidden;

    use super::*;
    use crate::commands::Commands;
    use crate::test_operations::{operation, parameter};

    const HOSTILE: &str = "a\u{1b}[2J\u{7f}\u{9b}1m\u{61c}\u{202e}\u{2028}\u{feff}\u{e0041}b";

    fn shown(operations: &'static [Operation], line: &[&str]) -> String {
        let words = std::iter::once("vastai").chain(line.iter().copied()).map(OsString::from);
        match Commands::new(operations).parse(words) {
            Ok(_) => panic!("{line:?} is a command"),
            Err(misuse) => clap_text(&misuse.0),
        }
    }

    #[test]
    fn help_and_errors_show_the_document_with_escapes() {
        let parameters = Vec::leak(vec![
            Parameter { description: HOSTILE, ..parameter("id", Location::Path, true, ValueKind::Integer) },
            Parameter { description: HOSTILE, ..parameter(HOSTILE, Location::Body, false, ValueKind::Text) },
            Parameter { description: HOSTILE, ..parameter(HOSTILE, Location::Query, true, ValueKind::Text) },
        ]);
        let hostile = Operation { summary: HOSTILE, path: HOSTILE, ..operation("first", parameters) };
        let plain = Operation { summary: "get it", path: HOSTILE, ..operation("second", parameters) };
        let operations: &[Operation] = Vec::leak(vec![hostile, plain]);
        for line in [
            &["--help"][..],
            &["get", "--help"],
            &["get", "it", "--help"],
            &["get", "it"],
            &["get", "it", HOSTILE],
            &["get", "it", "7", "x", HOSTILE],
            &["get", "it", "7", "x", "--\u{1b}[2J"],
            &[HOSTILE],
            &["--output", HOSTILE],
        ] {
            let shown = shown(operations, line);
            assert!(!shown.replace('\n', "").contains(is_hidden), "{line:?}: {shown:?}");
            assert!(!shown.is_empty());
        }
        assert!(shown(operations, &["get", "it", "--help"]).contains("\\u{1b}[2J"));
    }
}
