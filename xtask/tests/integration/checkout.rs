//! A copy of the fixture repository, and what a command did to it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) const FILES: [&str; 4] = ["openapi.yaml", "surface.txt", "CHANGELOG.md", "openapi.lock"];

pub(crate) struct Checkout {
    folder: TempDir,
}

/// The files that a sync replaces. The date in the lock file is left out, as it is always another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files(pub(crate) Vec<String>);

/// What a command said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A cargo that does what its name says: compiling a client takes long, and is a test of its own.
pub(crate) fn cargo(what: &str) -> PathBuf {
    fixture("cargo").join(format!("{what}.{}", if cfg!(windows) { "cmd" } else { "sh" }))
}

impl Checkout {
    /// The fixture repository, with the candidate document and the page beside its files.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for entry in fs::read_dir(fixture("repository")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        // Not among the fixtures: cargo would take the folder for a package of its own.
        fs::write(folder.path().join("Cargo.toml"), "[workspace.package]\nversion = \"0.1.0\"\n").unwrap();
        for name in ["candidate.yaml", "page.md"] {
            fs::copy(fixture(name), folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The command, to be run in the checkout.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(self.folder.path()).arg("--root").arg(self.folder.path()).args(arguments);
        command.stdin(Stdio::null()).env("CARGO", cargo("succeeds"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(arguments).output().unwrap(), self.folder.path())
    }

    /// Runs a command that must fail, and change nothing.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Run {
        let before = self.bytes();
        let run = self.run(arguments);
        assert_eq!(run.code, Some(100), "{run}");
        assert!(run.stderr.contains("error: "), "{run}");
        self.assert_untouched(&before);
        run
    }

    pub(crate) fn bytes(&self) -> Vec<Option<Vec<u8>>> {
        FILES.iter().map(|name| fs::read(self.path(name)).ok()).collect()
    }

    pub(crate) fn assert_untouched(&self, before: &[Option<Vec<u8>>]) {
        assert!(self.bytes() == before, "a command that failed changed a file");
        assert_eq!(self.leftovers(), Vec::<String>::new());
    }

    /// All that lies in the checkout but what a build leaves, with its bytes; a folder has none.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut pending = vec![self.folder.path().to_owned()];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path == self.path("target") {
                    continue;
                }
                if path.is_dir() {
                    pending.push(path.clone());
                }
                let bytes = fs::read(&path).ok();
                found.insert(path, bytes);
            }
        }
        found
    }

    pub(crate) fn files(&self) -> Files {
        let read = |name| fs::read_to_string(self.path(name)).unwrap();
        let dateless = |text: String| {
            text.lines().filter(|line| !line.starts_with("fetched")).collect::<Vec<_>>().join("\n")
        };
        Files(FILES.iter().map(|name| dateless(read(name))).collect())
    }

    /// What a replacement keeps while it is under way.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter_map(|name| name.into_string().ok()).filter(|name| name.starts_with('.')).collect()
    }
}

impl Files {
    /// Whether each file is the one of `old` or the one of `new`, in any mixture.
    pub(crate) fn is_of_either(&self, old: &Self, new: &Self) -> bool {
        let Self(files) = self;
        files.iter().zip(old.0.iter().zip(&new.0)).all(|(file, (old, new))| file == old || file == new)
    }
}

impl Run {
    pub(crate) fn of(output: &Output, folder: &Path) -> Self {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(&folder.display().to_string(), "[checkout]");
            // Windows has its own words for it.
            let missing = "No such file or directory (os error 2)";
            text.replace("The system cannot find the file specified. (os error 2)", missing)
                .replace("The system cannot find the path specified. (os error 3)", missing)
        };
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    pub(crate) fn replacing(mut self, text: &str, by: &str) -> Self {
        self.stdout = self.stdout.replace(text, by);
        self.stderr = self.stderr.replace(text, by);
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            write!(out, "[stderr]\n{}", self.stderr)?;
        }
        match self.code {
            Some(code) => writeln!(out, "[exit {code}]"),
            None => writeln!(out, "[killed]"),
        }
    }
}
