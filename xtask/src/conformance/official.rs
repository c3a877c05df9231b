//! The official client: its installation, and the process that runs its command lines.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::console::Console;
use crate::repository::Repository;

/// The release that the table of pairs was written for.
pub(crate) const PINNED: &str = "1.9.1";

const PACKAGE: &str = "vastai";
const OLDEST_PYTHON: (u32, u32) = (3, 10);
const DRIVER: &str = include_str!("../../conformance/driver.py");
/// How long a command may take. Those that wait for the service get their response at once.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A port that nobody serves: what the client asks its default address in passing must not get anywhere.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The official client cannot be had here: there is no Python that it runs on, or its packages cannot be fetched.
#[derive(Debug, thiserror::Error)]
#[error("the official client cannot be had: {0}")]
pub(crate) struct Unavailable(String);

/// A release of the official client, installed.
#[derive(Debug)]
pub(crate) struct Release {
    version: String,
    folder: PathBuf,
}

/// What a command line left behind.
#[derive(Debug, Deserialize)]
pub(crate) struct Ran {
    /// Nothing for one that had to be stopped.
    #[serde(rename = "exit")]
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A release by its version, as the command line takes it.
pub(crate) fn version(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.chars().all(|character| character.is_ascii_alphanumeric() || character == '.')
    {
        return Err(format!("not a version, such as {PINNED}"));
    }
    if text.starts_with("0.") {
        return Err("releases before 1.0 do not let themselves be sent to a server of ours".to_owned());
    }
    Ok(text.to_owned())
}

impl Release {
    /// Installs a release into a virtual environment below `target/conformance`, unless it is there.
    ///
    /// This is the one thing in xtask beside `fetch` that goes to the network, and it is not xtask that does: pip fetches the packages, from
    /// the index that it is set up for.
    pub(crate) fn installed(
        version: &str,
        repository: &Repository,
        console: &mut Console<'_>,
    ) -> anyhow::Result<Self> {
        let folder = work_folder(repository)?.join(format!("{PACKAGE}-{version}"));
        let complete = folder.join("complete");
        let release = Self { version: version.to_owned(), folder };
        if complete.exists() {
            return Ok(release);
        }
        let python = python()?;
        console.note(format_args!(
            "installing {PACKAGE} {version} from the Python package index into {} (once)",
            release.folder.display()
        ))?;
        if release.folder.exists() {
            fs::remove_dir_all(&release.folder)
                .with_context(|| format!("{} could not be removed", release.folder.display()))?;
        }
        succeed(Command::new(python).args(["-m", "venv"]).arg(&release.folder))?;
        let requirement = format!("{PACKAGE}=={version}");
        succeed(release.python().args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &requirement,
        ]))?;
        fs::write(&complete, "").with_context(|| format!("{} could not be written", complete.display()))?;
        Ok(release)
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The interpreter of the environment.
    pub(crate) fn python(&self) -> Command {
        let bin = if cfg!(windows) { "Scripts" } else { "bin" };
        Command::new(self.folder.join(bin).join("python"))
    }

    /// The interpreter as the client is to find the world: a home of its own, and nothing of this machine's settings, keys and proxies.
    pub(crate) fn isolated_python(&self, home: &Path) -> Command {
        let mut python = self.python();
        isolate(&mut python, home);
        python.envs([
            ("VAST_URL", NOWHERE),
            ("VASTAI_NO_UPDATE_CHECK", "1"),
            ("HTTP_PROXY", NOWHERE),
            ("HTTPS_PROXY", NOWHERE),
            ("NO_PROXY", "127.0.0.1,localhost"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ]);
        python
    }
}

/// The folder of all that is installed and written here.
pub(crate) fn work_folder(repository: &Repository) -> anyhow::Result<PathBuf> {
    let folder = repository.root().join("target").join("conformance");
    fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
    std::path::absolute(&folder).with_context(|| folder.display().to_string())
}

/// Puts the driver where Python finds it.
pub(super) fn write_driver(folder: &Path) -> anyhow::Result<PathBuf> {
    let driver = folder.join("driver.py");
    fs::write(&driver, DRIVER).with_context(|| format!("{} could not be written", driver.display()))?;
    Ok(driver)
}

/// A command without the environment of this process but what programs need to start.
pub(crate) fn isolate(command: &mut Command, home: &Path) {
    let kept = ["PATH", "SystemRoot", "LD_LIBRARY_PATH"];
    let kept: Vec<_> = kept.iter().filter_map(|name| Some((name, std::env::var_os(name)?))).collect();
    command
        .env_clear()
        .envs(kept)
        .env("HOME", home)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "200");
}

/// A Python that the client runs on.
fn python() -> Result<&'static str, Unavailable> {
    let mut found = Vec::new();
    for name in ["python3", "python"] {
        let version = Command::new(name)
            .args(["-c", "import sys; print(sys.version_info[0], sys.version_info[1])"])
            .stderr(Stdio::null())
            .output();
        let Ok(output) = version else { continue };
        let version = String::from_utf8_lossy(&output.stdout);
        let mut numbers = version.split_whitespace().map(str::parse::<u32>);
        let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { continue };
        if (major, minor) >= OLDEST_PYTHON {
            return Ok(name);
        }
        found.push(format!("{name} is {major}.{minor}"));
    }
    let found = if found.is_empty() { "there is none".to_owned() } else { found.join(", ") };
    let (major, minor) = OLDEST_PYTHON;
    Err(Unavailable(format!("it needs Python {major}.{minor} or newer, and {found}")))
}

fn succeed(command: &mut Command) -> Result<(), Unavailable> {
    let shown = format!("{command:?}");
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| Unavailable(format!("{shown}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    // venv writes its errors to stdout.
    let said = if stderr.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { stderr };
    let last: Vec<&str> = said.lines().rev().take(4).collect();
    Err(Unavailable(format!("{shown} failed: {}", last.into_iter().rev().collect::<Vec<_>>().join("\n"))))
}

/// A process that runs command lines of a release, one after the other.
#[derive(Debug)]
pub(crate) struct Official {
    process: Child,
    lines: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Official {
    pub(crate) fn start(release: &Release, repository: &Repository) -> anyhow::Result<Self> {
        let folder = work_folder(repository)?;
        let home = folder.join(format!("home-{}", release.version()));
        let driver = write_driver(&folder)?;
        let mut process = release
            .isolated_python(&home)
            .arg(driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the official client could not be started")?;
        let (Some(lines), Some(replies)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("the official client's process has no streams");
        };
        Ok(Self { process, lines, replies: BufReader::new(replies) })
    }

    /// The words of all its commands.
    pub(crate) fn commands(&mut self) -> anyhow::Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Commands {
            commands: Vec<String>,
        }
        let Commands { commands } = self.ask(&json!({ "commands": true }))?;
        Ok(commands)
    }

    /// Runs a command line against a server.
    pub(crate) fn run(&mut self, words: &[String], stdin: &str, url: &str, key: &str) -> anyhow::Result<Ran> {
        // Before the words: some of them take the rest of the line.
        let argv = ["--url", url, "--api-key", key].into_iter().chain(words.iter().map(String::as_str));
        let argv: Vec<&str> = argv.collect();
        self.ask(&json!({ "argv": argv, "stdin": stdin, "timeout": TIMEOUT.as_secs() }))
    }

    fn ask<T: serde::de::DeserializeOwned>(&mut self, line: &Value) -> anyhow::Result<T> {
        let written = writeln!(self.lines, "{line}").and_then(|()| self.lines.flush());
        let mut reply = String::new();
        written
            .and_then(|()| self.replies.read_line(&mut reply))
            .context("the official client's process is gone")?;
        serde_json::from_str(&reply).context("the official client's process ended")
    }
}

impl Drop for Official {
    fn drop(&mut self) {
        // It may be gone already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
