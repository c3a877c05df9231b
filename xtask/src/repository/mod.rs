//! The files of a checkout that the commands read and write, and how several of them are replaced as one.

pub(crate) mod accepted;
pub(crate) mod changelog;
pub(crate) mod lockfile;
pub(crate) mod replace;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use vastai_spec::pipeline::Source;

/// The vendored document.
pub(crate) const DOCUMENT: &str = "openapi.yaml";
/// The workspace, with the version of its crates.
pub(crate) const MANIFEST: &str = "Cargo.toml";
/// The reviewed corrections to it.
pub(crate) const OVERLAY: &str = "overlay.yaml";
/// What the official client uses and the document lacks.
pub(crate) const UNDOCUMENTED: &str = "undocumented.yaml";
/// Where the document came from.
pub(crate) const LOCK: &str = "openapi.lock";
/// The public items of the generated crate.
pub(crate) const SURFACE: &str = "surface.txt";
/// The public items of the facade.
pub(crate) const FACADE_SURFACE: &str = "crates/vastai/surface.txt";

/// A checkout of this repository.
#[derive(Debug)]
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn read(&self, name: &str) -> anyhow::Result<String> {
        let path = self.root.join(name);
        fs::read_to_string(&path).with_context(|| format!("{} could not be read", path.display()))
    }

    pub(crate) fn read_if_present(&self, name: &str) -> anyhow::Result<Option<String>> {
        if self.root.join(name).exists() { self.read(name).map(Some) } else { Ok(None) }
    }

    /// The overlays. A repository without corrections has lost them; one without additions knows the document alone.
    pub(crate) fn overlays(&self) -> anyhow::Result<Overlays> {
        Ok(Overlays { corrections: self.read(OVERLAY)?, additions: self.read_if_present(UNDOCUMENTED)? })
    }

    /// Whether the file is the vendored document.
    pub(crate) fn is_document(&self, file: &Path) -> bool {
        let same = |path: &Path| fs::canonicalize(path).ok();
        same(file).is_some_and(|file| same(&self.root.join(DOCUMENT)) == Some(file))
    }
}

/// What is reviewed by a person beside the document.
#[derive(Debug)]
pub(crate) struct Overlays {
    corrections: String,
    additions: Option<String>,
}

impl Overlays {
    /// As the pipeline takes them, each under the name that errors give it.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let additions = self.additions.as_deref().map(|text| Source::new(UNDOCUMENTED, text));
        std::iter::once(Source::new(OVERLAY, &self.corrections)).chain(additions)
    }
}

/// The SHA-256 of some bytes in hexadecimal, as `sha256sum` prints it.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
