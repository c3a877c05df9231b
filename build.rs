//! `openapi.yaml` and `overlay.yaml` through the pipeline of `vastai-spec` to the code of the client, in `OUT_DIR`.
//!
//! `VASTAI_OPENAPI=FILE` builds the client from another document; corrections that match nothing there only warn.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::visible::in_one_line;
use vastai_spec::{load, overlay};

const OTHER_DOCUMENT: &str = "VASTAI_OPENAPI";

fn main() {
    if let Err(error) = build() {
        // Cargo shows each line as an error of this package, and fails.
        error.to_string().lines().for_each(|line| say("error", line));
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo did not set CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    say("rerun-if-env-changed", OTHER_DOCUMENT);

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
        say("warning", &format!("{stale}; {lists}"));
    }
    if let Some(duplicates) = prepared.duplicates.summary(&document_name) {
        say("warning", &format!("{duplicates}; {lists}"));
    }
    for application in prepared.report.left_out() {
        say("warning", &format!("the operation is left out: {application}"));
    }
    let generated = prepared.generate()?;
    write(&out.join("client.rs"), &generated.client)?;
    write(&out.join("answers.rs"), &generated.answers)?;
    write(&out.join("operations.rs"), &generated.operations)?;
    // Not part of the crate: its tests call every operation with it.
    write(&out.join("sample_calls.rs"), &prepared.sample_calls())
}

/// The one place that writes to cargo. Cargo takes each line for an order; what a document says stays within the one it is quoted in.
fn say(order: &str, what: &str) {
    println!("cargo::{order}={}", in_one_line(what));
}

fn read(file: &Path) -> Result<String, Box<dyn Error>> {
    say("rerun-if-changed", &file.display().to_string());
    let bytes = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(load::text(bytes, &file.display().to_string())?)
}

fn write(file: &Path, code: &str) -> Result<(), Box<dyn Error>> {
    fs::write(file, code).map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}
