//! Whether the client that a document makes compiles.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::console::Console;
use crate::repository::{DOCUMENT, Repository};

/// How many of the compiler's errors are told.
const TOLD: usize = 10;

/// Compiles `vastai-api` with this document instead of the vendored one, and tells the compiler's errors if it does not.
pub(crate) fn check(
    document: &str,
    cargo: &OsStr,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let folder = repository.root().join("target").join("sync-spec");
    let file = folder.join(DOCUMENT);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, document))
        .and_then(|()| std::path::absolute(&file))
        .with_context(|| format!("{} could not be written, to compile the client from it; nothing was changed", file.display()))
        .and_then(|file| {
            console.progress(Some("compiling the client"))?;
            let output = Command::new(cargo)
                .args(["check", "--quiet", "--message-format", "short", "--package", "vastai-api"])
                .current_dir(repository.root())
                .env("VASTAI_OPENAPI", file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .output();
            console.progress(None)?;
            let output = output.with_context(|| {
                format!("{} could not be run, to compile the client; nothing was changed", cargo.display())
            })?;
            if output.status.success() {
                return Ok(());
            }
            let told = String::from_utf8_lossy(&output.stderr);
            let is_error = |line: &&str| line.contains("error");
            let errors: Vec<&str> = told.lines().filter(is_error).take(TOLD).collect();
            // Where cargo itself failed it may have said it otherwise.
            let errors = if errors.is_empty() { told.lines().take(TOLD).collect() } else { errors };
            bail!(
                "the client that the new document makes does not compile; nothing was changed. `cargo check -p vastai-api` says\n  {}",
                errors.join("\n  ")
            )
        })
}
