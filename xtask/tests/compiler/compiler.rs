//! rustc, on the generated client in place of the one in the build folder, and on a dependent of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use vastai_spec::generate::Generated;

/// What the client and its dependents are compiled against: the client's own dependencies, as cargo has built them.
pub(crate) struct Compiler {
    root: PathBuf,
    externs: Vec<String>,
    libraries: PathBuf,
}

impl Compiler {
    /// Lets cargo build the client's dependencies, and learns where they are.
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["check", "--locked", "--quiet", "--package", "vastai-api", "--message-format", "json"])
            .current_dir(&root)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the client does not compile as it is");
        let wanted = direct_dependencies(&root);
        let mut externs = Vec::new();
        let mut libraries = None;
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            let name = message["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
            // What is only checked has no code; the same crate for a build script has.
            let Some([file]) = message["filenames"].as_array().map(Vec::as_slice) else { continue };
            let file = Path::new(file.as_str().unwrap());
            if message["reason"] == "compiler-artifact"
                && file.extension().is_some_and(|extension| extension == "rmeta")
            {
                if wanted.contains(&name) {
                    externs.push(format!("{name}={}", file.display()));
                }
                libraries = file.parent().map(Path::to_owned);
            }
        }
        assert_eq!(externs.len(), wanted.len(), "each dependency once: {externs:?}");
        Self { root, externs, libraries: libraries.unwrap() }
    }

    /// Compiles the client, and gives the errors if it does not.
    pub(crate) fn client(&self, code: &Generated, folder: &Path) -> Result<(), String> {
        for (name, text) in code.files() {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let mut rustc = self.rustc("vastai_api", folder);
        for dependency in &self.externs {
            rustc.args(["--extern", dependency]);
        }
        rustc.env("OUT_DIR", folder).arg(self.root.join("src/lib.rs"));
        run(rustc)
    }

    /// Compiles the dependent of a client that was compiled in this folder.
    pub(crate) fn dependent(&self, file: &Path, folder: &Path) -> Result<(), String> {
        let mut rustc = self.rustc("dependent", folder);
        let client = folder.join("libvastai_api.rmeta");
        rustc.args(["--extern", &format!("vastai_api={}", client.display())]).arg(file);
        run(rustc)
    }

    fn rustc(&self, name: &str, folder: &Path) -> Command {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc
            .args([
                "--edition",
                "2024",
                "--crate-type",
                "lib",
                "--emit",
                "metadata",
                "--cap-lints",
                "allow",
                "--crate-name",
                name,
            ])
            .arg("-L")
            .arg(format!("dependency={}", self.libraries.display()))
            .arg("--out-dir")
            .arg(folder);
        rustc
    }
}

fn run(mut rustc: Command) -> Result<(), String> {
    let output = rustc.output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// The dependencies that the client's manifest names, as crates.
fn direct_dependencies(root: &Path) -> Vec<String> {
    let manifest: toml::Table =
        toml::from_str(&std::fs::read_to_string(root.join("Cargo.toml")).unwrap()).unwrap();
    manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect()
}
