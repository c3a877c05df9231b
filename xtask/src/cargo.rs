//! Cargo and other programs, run on folders of this checkout or made from it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// How many of a failed program's last lines an error has.
const LAST_LINES: usize = 30;

/// The cargo that commands run.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Cargo {
    /// The cargo that builds.
    #[arg(long = "cargo", hide = true, env = "CARGO", default_value = "cargo")]
    program: OsString,
}

impl Cargo {
    /// A command of cargo in a folder, which takes nothing from the network and builds the vendored document.
    pub(crate) fn offline(&self, folder: &Path) -> Command {
        let mut command = self.online(folder);
        command.env("CARGO_NET_OFFLINE", "true");
        command
    }

    /// A command of cargo in a folder, which takes from the registry what is not there yet.
    pub(crate) fn online(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).env_remove("VASTAI_OPENAPI");
        // What the cargo that runs xtask tells of its package. Build scripts that look at it (ring's) would be run again by every cargo that
        // is told otherwise, and all that depends on them built again.
        for (name, _) in std::env::vars_os() {
            let is_of_the_caller = name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "OUT_DIR"
            });
            if is_of_the_caller {
                command.env_remove(name);
            }
        }
        command
    }

    /// The packages of the workspace in a folder, without their dependencies, as `cargo metadata` tells them.
    pub(crate) fn packages(&self, folder: &Path) -> anyhow::Result<Vec<Value>> {
        let mut metadata = self.offline(folder);
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: Value = serde_json::from_str(&output_of(metadata)?).context("cargo metadata")?;
        let packages = metadata["packages"].as_array().cloned();
        packages.context("cargo metadata tells no packages")
    }
}

/// The folder in which cargo builds this checkout.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => root.join("target"),
    }
}

/// What a program prints.
///
/// # Errors
///
/// That it cannot be run, or fails; with the last lines that it printed.
pub(crate) fn output_of(mut command: Command) -> anyhow::Result<String> {
    let shown = shown(&command);
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{shown}` could not be run"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // Of a test that fails, the reason is on the standard output.
    let lines: Vec<&str> =
        said.lines().chain(printed.lines().filter(|line| !line.starts_with('{'))).collect();
    let last = lines.len().saturating_sub(LAST_LINES);
    bail!("`{shown}` failed ({}):\n  {}", output.status, lines[last..].join("\n  "))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
