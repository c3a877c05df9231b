//! The code of the client, in `OUT_DIR`: `openapi.yaml` and the overlays through the pipeline of `vastai-spec` (feature `generate`), or
//! `prebuilt/`, in which a package carries what this script made.
//!
//! `VASTAI_OPENAPI=FILE` builds the client from another document; corrections that match nothing there only warn.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[cfg(feature = "generate")]
use vastai_spec::pipeline::{Source, Staleness, prepare};

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
    // A relative path is meant from where cargo was called, which a build script cannot know: the workspace is assumed.
    let other = env::var_os(OTHER_DOCUMENT).filter(|file| !file.is_empty()).map(|file| here.join(file));
    write_client(&here, other, &out)
}

#[cfg(feature = "generate")]
fn write_client(here: &Path, other: Option<PathBuf>, out: &Path) -> Result<(), Box<dyn Error>> {
    let staleness = if other.is_some() { Staleness::Warn } else { Staleness::Fail };
    let document_file = other.unwrap_or_else(|| here.join("openapi.yaml"));
    let read = |file: &Path| -> Result<String, Box<dyn Error>> {
        let name = file.display().to_string();
        say("rerun-if-changed", &name);
        let bytes = fs::read(file).map_err(|error| format!("cannot read {name}: {error}"))?;
        Ok(vastai_spec::load::text(bytes, &name)?)
    };
    let (name, document) = (document_file.display().to_string(), read(&document_file)?);
    let names = ["overlay.yaml", "undocumented.yaml"];
    let contents = [read(&here.join(names[0]))?, read(&here.join(names[1]))?];
    let overlays = [Source::new(names[0], &contents[0]), Source::new(names[1], &contents[1])];
    let prepared = prepare(Source::new(&name, &document), overlays, staleness)?;
    prepared.warnings(&name).iter().for_each(|warning| say("warning", warning));
    for (name, code) in prepared.code_files()? {
        write(&out.join(name), &code)?;
    }
    // Not part of the crate: its tests call every operation with it.
    write(&out.join("sample_calls.rs"), &prepared.sample_calls())
}

#[cfg(not(feature = "generate"))]
fn write_client(here: &Path, other: Option<PathBuf>, out: &Path) -> Result<(), Box<dyn Error>> {
    if let Some(other) = other {
        let other = other.display();
        return Err(format!("{OTHER_DOCUMENT}={other} needs the feature `generate` of vastai-api").into());
    }
    let folder = here.join("prebuilt");
    say("rerun-if-changed", &folder.display().to_string());
    let cause = "only packages have it, elsewhere the feature `generate` is needed";
    let failed = |error| format!("cannot read {folder:?}: {error}; {cause}");
    fs::read_dir(&folder).map_err(failed)?.try_for_each(|file| {
        let file = file?;
        write(&out.join(file.file_name()), &fs::read_to_string(file.path())?)
    })
}

/// The one place that writes to cargo. Cargo takes each line for an order; what a document says stays within the one it is quoted in.
fn say(order: &str, what: &str) {
    #[cfg(feature = "generate")]
    let what = vastai_spec::visible::in_one_line(what);
    println!("cargo::{order}={what}");
}

fn write(file: &Path, code: &str) -> Result<(), Box<dyn Error>> {
    fs::write(file, code).map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}
