//! Our own client, as it is built from this repository.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::official::{Ran, isolate, work_folder};
use crate::console::Console;
use crate::repository::Repository;

/// The binary, and the home that it runs in.
#[derive(Debug)]
pub(crate) struct Ours {
    binary: PathBuf,
    home: PathBuf,
}

impl Ours {
    pub(crate) fn built(repository: &Repository, console: &mut Console<'_>) -> anyhow::Result<Self> {
        console.progress(Some("building the command line"))?;
        let binary = built(&["build", "--package", "vastai-cli", "--bin", "vastai"], repository);
        console.progress(None)?;
        let home = work_folder(repository)?.join("home-ours");
        Ok(Self { binary: binary?, home })
    }

    /// Runs a command line against a server, which is both console and engine.
    pub(crate) fn run(&self, words: &[String], stdin: &str, url: &str, key: &str) -> anyhow::Result<Ran> {
        if self.home.exists() {
            fs::remove_dir_all(&self.home)
                .with_context(|| format!("{} could not be removed", self.home.display()))?;
        }
        fs::create_dir_all(&self.home)
            .with_context(|| format!("{} could not be made", self.home.display()))?;
        let mut command = Command::new(&self.binary);
        isolate(&mut command, &self.home);
        let mut process = command
            .args(words)
            .envs([("VAST_URL", url), ("VAST_RUN_URL", url), ("VAST_API_KEY", key)])
            .current_dir(&self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", self.binary.display()))?;
        if let Some(mut input) = process.stdin.take() {
            // A command that reads nothing has closed it.
            input.write_all(stdin.as_bytes()).ok();
        }
        let output = process.wait_with_output().with_context(|| self.binary.display().to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) })
    }
}

/// Builds one executable with cargo, and says where it is.
pub(super) fn built(arguments: &[&str], repository: &Repository) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO");
    let cargo = cargo.as_deref().unwrap_or(OsStr::new("cargo"));
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--quiet", "--message-format", "json-render-diagnostics"])
        .current_dir(repository.root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} could not be run", cargo.display()))?;
    ensure!(output.status.success(), "`cargo {}` failed", arguments.join(" "));
    let executable = |line: &str| -> Option<PathBuf> {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(message.get("executable")?.as_str()?.into())
    };
    match String::from_utf8_lossy(&output.stdout).lines().rev().find_map(executable) {
        Some(executable) => Ok(executable),
        None => bail!("`cargo {}` made no executable", arguments.join(" ")),
    }
}
