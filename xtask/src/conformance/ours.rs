//! Our own client, as it is built from this repository.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::official::{Ran, isolate, work_folder};
use crate::cargo::Cargo;
use crate::console::Console;
use crate::repository::Repository;

/// The binary, and the home that it runs in.
#[derive(Debug)]
pub(crate) struct Ours {
    binary: PathBuf,
    home: PathBuf,
}

impl Ours {
    pub(crate) fn built(
        cargo: &Cargo,
        repository: &Repository,
        console: &mut Console<'_>,
    ) -> anyhow::Result<Self> {
        console.progress(Some("building the command line"))?;
        let binary = built("bin", "vastai", cargo, repository);
        console.progress(None)?;
        let home = work_folder(repository)?.join("home-ours");
        Ok(Self { binary: binary?, home })
    }

    /// Runs a command line against a server, which is both console and engine.
    ///
    /// There is no terminal, and `VASTAI_YES` agrees to what would be asked about: the words of a line stay as they are.
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
            .envs([("VAST_URL", url), ("VAST_RUN_URL", url), ("VAST_API_KEY", key), ("VASTAI_YES", "1")])
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

/// Builds the command and the simulator with cargo, and says where the executable of this kind and name is.
///
/// Both at once and from the whole workspace: with an example among them, cargo takes the features that tests ask for, and finds everything
/// built where `cargo test --workspace` was run.
pub(super) fn built(
    kind: &str,
    name: &str,
    cargo: &Cargo,
    repository: &Repository,
) -> anyhow::Result<PathBuf> {
    const ARGUMENTS: [&str; 6] = ["build", "--workspace", "--bin", "vastai", "--example", "serve"];
    let mut build = cargo.online(repository.root());
    build.args(ARGUMENTS).args(["--quiet", "--message-format", "json-render-diagnostics"]);
    let output = build.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("{} could not be run", build.get_program().display()))?;
    ensure!(output.status.success(), "`cargo {}` failed", ARGUMENTS.join(" "));
    let executable = |line: &str| -> Option<PathBuf> {
        let message: Value = serde_json::from_str(line).ok()?;
        let target = message.get("target")?;
        let is_wanted = target.get("name")? == name && target.get("kind")?.get(0)? == kind;
        is_wanted.then(|| message.get("executable")?.as_str().map(PathBuf::from))?
    };
    match String::from_utf8_lossy(&output.stdout).lines().find_map(executable) {
        Some(executable) => Ok(executable),
        None => bail!("`cargo {}` made no executable {name}", ARGUMENTS.join(" ")),
    }
}
