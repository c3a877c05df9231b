//! Where text goes: answers to stdout, everything else to stderr.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use crate::failure::Failure;
use crate::table;

/// Writes an answer. A reader that has seen enough (`vastai … | head -1`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::local(format!("the answer cannot be written to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line about the answer.
pub(crate) fn note(text: &str) {
    say("note", text);
}

/// Writes why there is no answer.
pub(crate) fn fail(failure: &Failure) {
    say("error", failure.message());
    if let Some(hint) = failure.hint() {
        say("hint", hint);
    }
}

/// Writes what clap has to tell, help to stdout and errors to stderr.
pub(crate) fn tell(told: &clap::Error) -> ExitCode {
    let code = if told.use_stderr() { 2 } else { 0 };
    match told.print() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::from(code),
    }
}

fn say(what: &str, text: &str) {
    // Where stderr is closed, there is nobody to tell.
    let _ = writeln!(io::stderr(), "{what}: {}", table::on_one_line(text));
}
