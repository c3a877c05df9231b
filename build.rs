//! `openapi.yaml` and `overlay.yaml` through the pipeline of `vastai-spec` to the code of the client, in `OUT_DIR`.
//!
//! `VASTAI_OPENAPI=FILE` builds the client from another document; corrections that match nothing there only warn.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::{load, overlay};

const OTHER_DOCUMENT: &str = "VASTAI_OPENAPI";

fn main() {
    if let Err(error) = build() {
        // Cargo shows each line as an error of this package, and fails.
        error.to_string().lines().for_each(|line| println!("cargo::error={line}"));
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo did not set CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    println!("cargo::rerun-if-env-changed={OTHER_DOCUMENT}");

    let other = env::var_os(OTHER_DOCUMENT).filter(|file| !file.is_empty());
    let (document_file, staleness) = match &other {
        // A relative path is meant from where cargo was called, which a build script cannot know: the workspace is assumed.
        Some(file) => (here.join(file), Staleness::Warn),
        None => (here.join("openapi.yaml"), Staleness::Fail),
    };
    let overlay_file = here.join("overlay.yaml");
    let document = read(&document_file)?;
    let overlay = read(&overlay_file)?;

    let document_name = document_file.display().to_string();
    let overlay_source = Source::new("overlay.yaml", &overlay);
    let prepared = prepare(Source::new(&document_name, &document), Some(overlay_source), staleness)?;
    let lists = format!("`cargo xtask check-document --verbose {document_name}` lists them");
    if let Some(stale) = overlay::summary(&prepared.stale) {
        println!("cargo::warning={stale}; {lists}");
    }
    if let Some(duplicates) = prepared.duplicates.summary(&document_name) {
        println!("cargo::warning={duplicates}; {lists}");
    }
    for application in prepared.report.left_out() {
        println!("cargo::warning={}: the operation is left out: {}", application.pointer, application.detail);
    }
    let generated = prepared.generate()?;
    write(&out.join("client.rs"), &generated.client)?;
    write(&out.join("operations.rs"), &generated.operations)?;
    // Not part of the crate: its tests call every operation with it.
    write(&out.join("exercise.rs"), &prepared.exercise_code())
}

fn read(file: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", file.display());
    let bytes = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(load::text(bytes, &file.display().to_string())?)
}

fn write(file: &Path, code: &str) -> Result<(), Box<dyn Error>> {
    fs::write(file, code).map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}
