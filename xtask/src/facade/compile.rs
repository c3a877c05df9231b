//! Whether the client that a document makes compiles, and the facade with it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::cargo::Cargo;
use crate::console::Console;
use crate::repository::{DOCUMENT, Repository};

/// How many errors of the generated client are listed.
const LISTED: usize = 10;
/// The package of the facade, and of its library.
const PACKAGE: &str = "vastai";

/// What a person can run to see the compiler's errors in full.
pub(crate) const COMMAND: &str = "VASTAI_OPENAPI=target/sync-spec/openapi.yaml cargo check -p vastai";

/// An error of the compiler in the facade.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CompilerError {
    /// The file, from the repository's root.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Compiles `vastai-api` with this document instead of the vendored one, and the facade with it; gives the compiler's errors in the facade.
///
/// A generated client that does not compile is an error.
pub(crate) fn check(
    document: &str,
    cargo: &Cargo,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Vec<CompilerError>> {
    let folder = repository.root().join("target").join("sync-spec");
    let file = folder.join(DOCUMENT);
    let file = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, document))
        .and_then(|()| std::path::absolute(&file))
        .with_context(|| {
            format!(
                "{} could not be written, to compile the client from it; nothing was changed",
                file.display()
            )
        })?;
    console.progress(Some("compiling the client and the facade"))?;
    let mut check = cargo.online(repository.root());
    check.args(["check", "--quiet", "--message-format", "json", "--package", PACKAGE]);
    let output = check.env("VASTAI_OPENAPI", file).stdin(Stdio::null()).output();
    console.progress(None)?;
    let output = output.with_context(|| {
        let cargo = check.get_program().display();
        format!("{cargo} could not be run, to compile the client; nothing was changed")
    })?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let messages = errors(&String::from_utf8_lossy(&output.stdout));
    let (facade, others): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| message.target.name == PACKAGE);
    let facade: BTreeSet<CompilerError> =
        facade.iter().filter_map(|message| message.message.located()).collect();
    if !facade.is_empty() {
        return Ok(facade.into_iter().collect());
    }
    let others: Vec<String> = others.iter().take(LISTED).map(|message| message.message.line()).collect();
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Where cargo or the build script failed, the compiler said nothing.
    let lines = match others.is_empty() {
        true => {
            let errors = stderr.lines().filter(|line| line.starts_with("error"));
            errors.take(LISTED).map(str::to_owned).collect()
        }
        false => others,
    };
    bail!(
        "the client that the new document makes does not compile; nothing was changed. `{COMMAND}` says\n  {}",
        lines.join("\n  ")
    )
}

/// The errors among the messages of cargo, a JSON value each.
fn errors(stdout: &str) -> Vec<CargoMessage> {
    let messages = stdout.lines().filter_map(|line| serde_json::from_str::<CargoMessage>(line).ok());
    messages
        .filter(|message| message.reason == "compiler-message" && message.message.level == "error")
        .collect()
}

/// A message of `cargo check --message-format json`, as far as it is used here.
#[derive(Debug, Deserialize)]
struct CargoMessage {
    reason: String,
    target: Target,
    message: Diagnostic,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    message: String,
    level: String,
    spans: Vec<Span>,
}

#[derive(Debug, Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
    label: Option<String>,
    /// The macro call that made the code.
    expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Deserialize)]
struct Expansion {
    span: Span,
}

impl Diagnostic {
    fn primary(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }

    /// The error with its place: in code that a macro makes, the place of the call.
    fn located(&self) -> Option<CompilerError> {
        let primary = self.primary()?;
        let mut written = primary;
        while let Some(expansion) = &written.expansion {
            written = &expansion.span;
        }
        let label = primary.label.as_ref().filter(|label| !self.message.contains(label.as_str()));
        Some(CompilerError {
            file: written.file_name.replace('\\', "/"),
            line: written.line_start,
            message: match label {
                Some(label) => format!("{}: {label}", self.message),
                None => self.message.clone(),
            },
        })
    }

    fn line(&self) -> String {
        match self.located() {
            Some(CompilerError { file, line, message }) => format!("{file}:{line}: {message}"),
            None => self.message.clone(),
        }
    }
}
