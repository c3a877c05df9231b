//! The workspace as cargo has built it, and rustc on its crates, with the generated client of another document in place of the vendored one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use vastai_spec::generate::Generated;

pub(crate) static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::built);

/// A crate of the workspace.
pub(crate) struct Crate {
    name: &'static str,
    /// The folder of its manifest.
    folder: &'static str,
    file: &'static str,
}

pub(crate) const CLIENT: Crate = Crate { name: "vastai_api", folder: "", file: "src/lib.rs" };
pub(crate) const FACADE: Crate = Crate { name: "vastai", folder: "crates/vastai", file: "src/lib.rs" };
pub(crate) const MODELS: Crate =
    Crate { name: "vastai_mcp", folder: "crates/vastai-mcp", file: "src/lib.rs" };
pub(crate) const COMMAND: Crate = Crate { name: "vastai", folder: "crates/vastai-cli", file: "src/main.rs" };

/// What rustc makes.
#[derive(Clone, Copy)]
pub(crate) enum Made {
    /// What dependents are checked with.
    Metadata,
    Library,
    Program,
}

/// What crates are compiled against.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// By the name of the crate: what cargo built of it.
    libraries: BTreeMap<String, Vec<Built>>,
    /// Where rustc looks for libraries.
    folders: Vec<String>,
    build_script: PathBuf,
    /// The lints of the workspace, as rustc takes them.
    lints: Vec<String>,
}

/// A library that cargo built.
#[derive(Debug)]
struct Built {
    version: Vec<u64>,
    features: Vec<Value>,
    file: PathBuf,
}

impl Workspace {
    /// Lets cargo build the workspace as `cargo test --workspace` does, which finds it built, and learns where everything is.
    fn built() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let output = as_from_a_shell(Command::new(env!("CARGO")))
            .args(["build", "--locked", "--offline", "--quiet", "--workspace", "--message-format", "json"])
            // With an example, cargo takes the features that tests ask for.
            .args(["--bins", "--example", "watch_endpoint"])
            .current_dir(&root)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the workspace does not compile as it is");
        let mut built = Self {
            lints: lints(&root),
            root,
            libraries: BTreeMap::new(),
            folders: Vec::new(),
            build_script: PathBuf::new(),
        };
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .for_each(|line| built.note(&serde_json::from_str(line).unwrap()));
        built
    }

    fn note(&mut self, message: &Value) {
        let texts = |name: &str| {
            let texts = message[name].as_array().into_iter().flatten();
            texts.map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        // `native=FOLDER`
        self.folders.extend(texts("linked_paths"));
        let is_ours = message["manifest_path"].as_str().map(Path::new).is_some_and(|manifest| {
            manifest.canonicalize().unwrap() == self.root.join("Cargo.toml").canonicalize().unwrap()
        });
        if message["target"]["kind"][0] == "custom-build" && is_ours {
            self.build_script = texts("filenames")[0].clone().into();
        }
        let library = texts("filenames")
            .into_iter()
            .map(PathBuf::from)
            .find(|file| file.extension().is_some_and(|it| it == "rlib"));
        if let Some(file) = library {
            let name = message["target"]["name"].as_str().unwrap().replace('-', "_");
            self.folders.push(format!("dependency={}", file.parent().unwrap().display()));
            let features = message["features"].as_array().unwrap().clone();
            // `…#NAME@1.2.3`, or `…#1.2.3` where the folder says the name.
            let id = message["package_id"].as_str().unwrap();
            let version = id.rsplit(['#', '@']).next().unwrap();
            let version = version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect();
            self.libraries.entry(name).or_default().push(Built { version, features, file });
        }
        self.folders.sort();
        self.folders.dedup();
    }

    /// A dependency, as the crates of the workspace have it that are no build scripts.
    fn library(&self, name: &str) -> &Path {
        let mut built: Vec<_> = self.libraries[name].iter().collect();
        // Older versions are those of other crates.
        let newest = built.iter().map(|it| &it.version).max().unwrap();
        built.retain(|it| it.version == *newest);
        if name == "vastai_spec" {
            // The build script's has fewer features.
            built.retain(|it| it.features.contains(&"diff".into()));
        }
        let [Built { file, .. }] = built[..] else { panic!("cargo builds {name} more than once: {built:?}") };
        file
    }

    /// rustc on a crate of the workspace, with the features that it has without its optional dependencies; libraries that were made in the
    /// folder, or programs of them, take the place of the workspace's own.
    pub(crate) fn compile(&self, of: &Crate, made: Made, folder: &Path) -> Output {
        let manifest = std::fs::read_to_string(self.root.join(of.folder).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = toml::from_str(&manifest).unwrap();
        let mut rustc = self.rustc(of.name, made, folder);
        for (name, dependency) in manifest["dependencies"].as_table().unwrap() {
            let is_optional = dependency.get("optional").and_then(toml::Value::as_bool) == Some(true);
            let name = name.replace('-', "_");
            let here = folder.join(format!("lib{name}.rlib"));
            let library = if here.is_file() {
                &here
            } else if is_optional {
                continue;
            } else {
                self.library(&name)
            };
            rustc.arg("--extern").arg(format!("{name}={}", library.display()));
        }
        // The command is called as the facade is: this tells them apart.
        rustc.arg("-C").arg(format!("metadata={}", of.folder));
        rustc.args(&self.lints).env("OUT_DIR", folder).env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION"));
        rustc.arg(self.root.join(of.folder).join(of.file)).output().unwrap()
    }

    /// Compiles the client, and gives the errors if it does not.
    pub(crate) fn client(&self, code: &Generated, folder: &Path) -> Result<(), String> {
        for (name, text) in code.files() {
            std::fs::write(folder.join(name), text).unwrap();
        }
        result(&self.compile(&CLIENT, Made::Metadata, folder))
    }

    /// Compiles the dependent of a client that was compiled in this folder.
    pub(crate) fn dependent(&self, file: &Path, folder: &Path) -> Result<(), String> {
        let mut rustc = self.rustc("dependent", Made::Metadata, folder);
        let client = folder.join("libvastai_api.rmeta");
        rustc.args(["--extern", &format!("vastai_api={}", client.display())]).arg(file);
        result(&rustc.output().unwrap())
    }

    fn rustc(&self, name: &str, made: Made, folder: &Path) -> Command {
        let (kind, emitted) = match made {
            Made::Metadata => ("lib", "metadata"),
            Made::Library => ("lib", "link"),
            Made::Program => ("bin", "link"),
        };
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition", "2024", "--crate-type", kind, "--emit", emitted, "--crate-name", name]);
        for folder in &self.folders {
            rustc.args(["-L", folder]);
        }
        rustc.arg("-L").arg(folder).arg("--out-dir").arg(folder);
        rustc
    }

    /// Runs the build script of the client as cargo does, on a document.
    pub(crate) fn build_script(&self, document: &Path, out: &Path) -> Output {
        Command::new(&self.build_script)
            .env("CARGO_MANIFEST_DIR", &self.root)
            .env("OUT_DIR", out)
            .env("VASTAI_OPENAPI", document)
            .current_dir(out)
            .output()
            .unwrap()
    }
}

/// A program that builds where this test was built, and does not see what cargo tells the test of its package: some build scripts look at
/// that, and would be run again, each time otherwise.
pub(crate) fn as_from_a_shell(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "VASTAI_OPENAPI"]
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            command.env_remove(name);
        }
    }
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    command
}

pub(crate) fn result(output: &Output) -> Result<(), String> {
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn lints(root: &Path) -> Vec<String> {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let lints = manifest["workspace"]["lints"]["rust"].as_table().unwrap();
    lints.iter().map(|(name, level)| format!("--{}={name}", level.as_str().unwrap())).collect()
}
