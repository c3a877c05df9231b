//! A sync against the real facade and the real compiler: what a document breaks is named by feature, and nothing is changed.
//!
//! The repository is copied, and the copy is compiled where the workspace is, with the dependencies that are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use vastai_spec::load;

use crate::workspace::as_from_a_shell;

/// A copy of the repository, and what a document changes in it.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("facade").join("repository");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        copy(&repository, &root, &|name| name == "target" || name.starts_with('.'));
        Self { root }
    }

    fn read(&self, name: &str) -> Value {
        load::document(&fs::read_to_string(self.root.join(name)).unwrap(), name).unwrap()
    }

    /// The command with the document in place of the published one.
    fn sync(&self, document: &Value) -> Output {
        let file = self.root.join("target").join("published.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, document.to_string()).unwrap();
        let mut command = as_from_a_shell(Command::new(env!("CARGO_BIN_EXE_xtask")));
        command.arg("--root").arg(&self.root).args(["sync-spec", "--format", "json", "--source"]).arg(file);
        self.run(&mut command)
    }

    /// Cargo with the document of the last sync.
    fn cargo(&self, arguments: &[&str]) -> Output {
        let mut command = as_from_a_shell(Command::new(env!("CARGO")));
        command.args(arguments).env("VASTAI_OPENAPI", self.root.join("target/sync-spec/openapi.yaml"));
        self.run(&mut command)
    }

    fn run(&self, command: &mut Command) -> Output {
        command
            .current_dir(&self.root)
            .env("CARGO", env!("CARGO"))
            .env("CARGO_NET_OFFLINE", "true")
            .output()
            .unwrap()
    }

    /// The files at the root, with their bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let paths = fs::read_dir(&self.root).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            paths.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        files.sort();
        files
    }

    /// What a document that is refused breaks, after a look that nothing was changed.
    fn broken_by(&self, document: &Value) -> (Vec<Value>, String) {
        let before = self.files();
        let output = self.sync(document);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(100), "{stderr}");
        assert!(self.files() == before, "{stderr}");
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
        assert_eq!(report["facade"]["compiled"], true, "{stderr}");
        (report["facade"]["breaks"].as_array().unwrap().clone(), stderr)
    }
}

/// Makes a folder like another one. Files that are the same already stay: the compiler goes by the time of a file.
fn copy(from: &Path, to: &Path, is_left_out: &dyn Fn(&str) -> bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(to).unwrap().map(Result::unwrap) {
        let (name, path) = (entry.file_name().into_string().unwrap(), entry.path());
        match from.join(&name) {
            original if original.exists() || is_left_out(&name) => {}
            _ if path.is_dir() => fs::remove_dir_all(path).unwrap(),
            _ => fs::remove_file(path).unwrap(),
        }
    }
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let (from, to) = (entry.path(), to.join(&name));
        if is_left_out(&name) {
            continue;
        }
        if from.is_dir() {
            copy(&from, &to, is_left_out);
        } else {
            let bytes = of_the_copy(&name, fs::read(&from).unwrap());
            if fs::read(&to).ok().as_ref() != Some(&bytes) {
                fs::write(&to, bytes).unwrap();
            }
        }
    }
}

/// The bytes of a file in the copy. The packages there have another version: by it, cargo tells them from those that are copied.
fn of_the_copy(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    const VERSION: &str = concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "\"\n");
    const ANOTHER: &str = concat!(
        "\nversion = \"",
        env!("CARGO_PKG_VERSION_MAJOR"),
        ".",
        env!("CARGO_PKG_VERSION_MINOR"),
        ".1000\"\n"
    );
    let replaced = |text: &str| text.replacen(VERSION, ANOTHER, 1);
    match name {
        "Cargo.toml" => replaced(std::str::from_utf8(&bytes).unwrap()).into_bytes(),
        "Cargo.lock" => {
            let text = String::from_utf8(bytes).unwrap();
            let packages = text.split("\n\n");
            let ours = |package: &str| !package.contains("\nsource = ");
            let packages: Vec<String> = packages
                .map(|package| if ours(package) { replaced(package) } else { package.to_owned() })
                .collect();
            packages.join("\n\n").into_bytes()
        }
        _ => bytes,
    }
}

/// The corrections without those that are about this operation alone, as a maintainer leaves them.
fn without_corrections_of(id: &str, overlay: &mut Value) {
    let is_of_it = |target: &str| {
        target.contains(&format!("operationId == '{id}'")) && target.matches("operationId").count() == 1
    };
    overlay["actions"].as_array_mut().unwrap().retain(|action| !is_of_it(action["target"].as_str().unwrap()));
}

#[test]
fn a_document_names_the_features_that_it_breaks() {
    let copy = Copy::new();
    let vendored = copy.read("openapi.yaml");

    // A field of another type: the compiler finds where it is used.
    let mut document = vendored.clone();
    document["components"]["schemas"]["SshKey"]["properties"]["id"] = json!({ "type": "string" });
    let (breaks, stderr) = copy.broken_by(&document);
    let all = format!("{breaks:#?}\n{stderr}");
    let found = breaks.iter().find(|found| found["item"] == "SshKeyHandle::show").expect(&all);
    assert!(found["message"].as_str().unwrap().contains("mismatched types"), "{all}");
    assert!(stderr.contains(found["feature"].as_str().unwrap()), "{all}");

    // An operation that is gone: every feature that needs it, by whatever it names it.
    let mut document = vendored;
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        item.as_object_mut()
            .unwrap()
            .retain(|_, operation| operation.get("operationId") != Some(&json!("showEndpoints")));
    }
    let mut overlay = copy.read("overlay.yaml");
    without_corrections_of("showEndpoints", &mut overlay);
    fs::write(copy.root.join("overlay.yaml"), overlay.to_string()).unwrap();
    let (breaks, stderr) = copy.broken_by(&document);
    let all = format!("{breaks:#?}\n{stderr}");
    let missing = json!("the document has no operation `showEndpoints`");
    let needing: BTreeSet<&str> = breaks
        .iter()
        .filter(|found| found["message"] == missing)
        .map(|found| found["feature"].as_str().unwrap())
        .collect();
    assert!(needing.len() >= 2, "{all}");
    assert!(needing.iter().all(|feature| stderr.contains(feature)), "{all}");

    // Without the command, the compiler names the constant and the file of the feature.
    let compiled = copy.cargo(&["check", "--quiet", "--package", "vastai"]);
    let stderr = String::from_utf8(compiled.stderr).unwrap();
    assert!(!compiled.status.success() && stderr.contains("`SHOW_ENDPOINTS`"), "{stderr}");
    let file = breaks.iter().find(|found| found["message"] == missing).unwrap()["file"].as_str().unwrap();
    assert!(stderr.replace('\\', "/").contains(&format!("--> {file}:")), "{stderr}");
}
