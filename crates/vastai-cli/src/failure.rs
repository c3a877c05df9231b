//! What is printed when a command failed, and its exit code.

use std::error::Error as _;
use std::process::ExitCode;

use vastai::{Error, ErrorKind};
use vastai_api::{OPERATIONS, Operation};
use vastai_spec::words::{self, Named};

use crate::globals::{self, is_of_engine, server_in_words};

/// Where a key is looked up, for those whose key is not accepted.
const KEY_LOOKUP: &str = "the key is the first of --api-key, VAST_API_KEY, vast_tfa_key and vast_api_key in \
                          $XDG_CONFIG_HOME/vastai (~/.config/vastai), and ~/.vast_api_key";

/// What to do without a key.
pub(crate) const NO_KEY: &str = "`vastai auth` asks for one and stores it; the console's key page makes one";

/// A failed command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// The service or the network failed.
    const FAILED: u8 = 1;
    /// The command or its configuration is wrong.
    const USAGE: u8 = 2;

    /// Something on this machine failed.
    pub(crate) fn local(message: String) -> Self {
        Self { code: Self::FAILED, message, hint: None }
    }

    /// The command line asks for what cannot be.
    pub(crate) fn usage(message: String) -> Self {
        Self { code: Self::USAGE, message, hint: None }
    }

    /// The client cannot be made.
    pub(crate) fn of_client(error: &Error) -> Self {
        // The client names its settings by its methods, which here are flags.
        let message = [globals::API_KEY, globals::CONSOLE_URL, globals::RUN_URL]
            .iter()
            .fold(error.message().to_owned(), |message, flag| {
                message.replace(&format!("`{}`", flag.replace('-', "_")), &format!("--{flag}"))
            });
        let hint = error.message().starts_with("no API key:").then(|| NO_KEY.to_owned());
        Self { code: Self::USAGE, message: with_cause(message, error), hint }
    }

    /// The call failed.
    pub(crate) fn of_call(error: &Error, operation: &Operation) -> Self {
        // What the client refuses was never sent: the usage is wrong.
        let is_usage = match error.kind() {
            ErrorKind::Configuration => true,
            ErrorKind::InvalidRequest => error.status().is_none(),
            _ => false,
        };
        if is_usage {
            return Self::of_client(error);
        }
        let message = with_cause(in_words(error), error);
        // What may have been done, and a time to wait, help more than what is true of every failure of the kind.
        let hint = match error.may_have_been_done() || error.retry_after().is_some() {
            true => error.advice().map(in_commands),
            false => hint(error, operation).or_else(|| error.advice()),
        };
        Self { code: Self::FAILED, message, hint }
    }

    /// With other advice.
    pub(crate) fn hinting(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

/// Advice to look with an operation, which here is a command.
fn in_commands(advice: String) -> String {
    let named = OPERATIONS.iter().map(|it| Named { id: it.id, name: it.name, summary: it.summary });
    let at = OPERATIONS.iter().position(|it| advice.contains(&format!("look with {} before", it.id)));
    let words = at.and_then(|at| Some((OPERATIONS.get(at)?.id, words::of(named).get(at)?.join(" "))));
    match words {
        Some((id, words)) => advice.replace(&format!("with {id} "), &format!("with `vastai {words}` ")),
        None => advice,
    }
}

/// What failed, with the status and the attempts.
pub(crate) fn in_words(error: &Error) -> String {
    let status = error.status().map(|status| format!("status {status}"));
    let attempts = (error.attempts() > 1).then(|| format!("{} attempts", error.attempts()));
    let circumstances: Vec<String> = [status, attempts].into_iter().flatten().collect();
    let message = format!("{}: {}", error.kind(), error.message());
    if circumstances.is_empty() { message } else { format!("{message} ({})", circumstances.join(", ")) }
}

/// The message with the first cause of the error, unless it has it.
fn with_cause(message: String, error: &Error) -> String {
    let first =
        std::iter::successors(error.source(), |&error| error.source()).last().map(ToString::to_string);
    match first {
        Some(cause) if !message.contains(&cause) => format!("{message}: {cause}"),
        _ => message,
    }
}

/// What one can do about a failure, where the message does not say it.
fn hint(error: &Error, operation: &Operation) -> Option<String> {
    let (flag, variable) = if is_of_engine(operation) {
        (globals::RUN_URL, "VAST_RUN_URL")
    } else {
        (globals::CONSOLE_URL, "VAST_URL")
    };
    let server = server_in_words(operation);
    Some(match error.kind() {
        ErrorKind::Unauthorized => match error.advice() {
            Some(advice) => format!("{advice}; {KEY_LOOKUP}"),
            None => KEY_LOOKUP.to_owned(),
        },
        ErrorKind::Forbidden => "the key lacks the permission; use one with a wider scope".to_owned(),
        ErrorKind::RateLimited => "too many calls; try again in a few seconds".to_owned(),
        ErrorKind::NotReady => "try again in a few seconds".to_owned(),
        ErrorKind::Connection => format!(
            "check the network, and HTTPS_PROXY where there is a proxy; this command goes to the {server}, and --{flag} and {variable} say where \
             that is"
        ),
        ErrorKind::Redirect => {
            format!("this command goes to the {server}; --{flag} and {variable} say where that is")
        }
        _ => return None,
    })
}
