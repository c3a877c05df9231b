//! The documents that the tests are about.

use std::path::{Path, PathBuf};

use vastai_spec::pipeline::{Error, Prepared, Source, Staleness, prepare};

/// A document and what it is called.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Document {
    fn read(file: &Path) -> Self {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        Self { name, text: std::fs::read_to_string(file).unwrap() }
    }

    pub(crate) fn prepared(&self) -> Prepared {
        prepare(Source::new(&self.name, &self.text), None, Staleness::Warn).unwrap()
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The document that the client is generated from.
pub(crate) fn vendored() -> Document {
    Document::read(&repository().join("openapi.yaml"))
}

/// The corrections to it, and what it lacks.
pub(crate) fn overlays() -> [Document; 2] {
    ["overlay.yaml", "undocumented.yaml"].map(|name| Document::read(&repository().join(name)))
}

/// A document with its corrections and what it lacks.
pub(crate) fn overlaid(document: &Document, staleness: Staleness) -> Result<Prepared, Error> {
    let overlays = overlays();
    let overlays = overlays.iter().map(|overlay| Source::new(&overlay.name, &overlay.text));
    prepare(Source::new(&document.name, &document.text), overlays, staleness)
}

/// The published documents, where they lie beside the checkout.
pub(crate) fn published() -> Vec<Document> {
    let folder = repository().join("../shared/upstream");
    if !folder.is_dir() {
        eprintln!("skipped: no published documents beside the checkout");
        return Vec::new();
    }
    yaml_files(&folder)
}

/// Documents with everything that no real one has at once.
pub(crate) fn odd() -> Vec<Document> {
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/odd"))
}

/// All of them.
pub(crate) fn all() -> Vec<Document> {
    let mut documents = published();
    documents.extend(odd());
    documents.push(vendored());
    documents
}

fn yaml_files(folder: &Path) -> Vec<Document> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|file| file.extension().is_some_and(|extension| extension == "yaml")).collect();
    files.sort();
    files.iter().map(|file| Document::read(file)).collect()
}
