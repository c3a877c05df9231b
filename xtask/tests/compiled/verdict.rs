//! The verdict for Rust against the compiler: for each of many changes of a document, a program that uses all of the old
//! client compiles against the new one, or does not, as the verdict says.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;
use vastai_spec::diff::{Bump, Diff};
use vastai_spec::generate::Generated;
use vastai_spec::load;
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};

use crate::mutations::{MUTATIONS, Mutation};
use crate::workspace::WORKSPACE;

/// The corrections that add the types which the client has methods for, whatever the document; without the slashes of paths, which are tried
/// here.
static CORRECTIONS: LazyLock<String> = LazyLock::new(|| {
    let corrections = std::fs::read_to_string(here("../../../overlay.yaml")).unwrap();
    let mut corrections = load::document(&corrections, "overlay.yaml").unwrap();
    corrections["actions"].as_array_mut().unwrap().retain(|action| action["x-slash-at-the-end"].is_null());
    corrections.to_string()
});

fn made(document: &Value) -> (Prepared, Generated) {
    let (document, overlay) = (document.to_string(), Source::new("overlay.yaml", &CORRECTIONS));
    let prepared = prepare(Source::new("new.json", &document), [overlay], Staleness::Warn).unwrap();
    let generated = prepared.generate().unwrap();
    (prepared, generated)
}

fn here(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compiled").join(name)
}

/// What is wrong with the verdict about a change, if anything is.
fn disagreement(mutation: &Mutation, base: &Value, old: &Prepared) -> Option<String> {
    let mut document = base.clone();
    (mutation.edit)(&mut document);
    let (new, new_code) = made(&document);
    let mut diff = Diff::between(&old.published, &new.published).unwrap();
    diff.judge_rust(old, &new).unwrap();
    let verdict = diff.rust.unwrap();
    let folder = TempDir::new().unwrap();
    if let Err(errors) = WORKSPACE.client(&new_code, folder.path()) {
        return Some(format!("{}: the client does not compile\n{errors}", mutation.name));
    }
    let compiled = WORKSPACE.dependent(&here("dependent.rs"), folder.path());
    let items = &verdict.items;
    match (verdict.bump, compiled) {
        (bump, _) if bump != mutation.bump => {
            Some(format!("{}: {bump:?} instead of {:?}: {items:#?}", mutation.name, mutation.bump))
        }
        (Bump::Major, Ok(())) => {
            Some(format!("{}: major, and the dependent compiles: {items:#?}", mutation.name))
        }
        (bump, Err(errors)) if bump != Bump::Major => Some(format!(
            "{}: {bump:?}, and the dependent does not compile: {items:#?}\n{errors}",
            mutation.name
        )),
        _ => None,
    }
}

#[test]
fn the_verdict_is_what_the_compiler_says() {
    let base = load::openapi(&std::fs::read_to_string(here("base.yaml")).unwrap(), "base.yaml").unwrap();
    let (old, _) = made(&base);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut disagreements = Vec::new();
        while let Some(mutation) = MUTATIONS.get(next.fetch_add(1, Ordering::Relaxed)) {
            disagreements.extend(disagreement(mutation, &base, &old));
        }
        disagreements
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let disagreements: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|running| running.join().unwrap()).collect()
    });
    assert!(
        disagreements.is_empty(),
        "{} of {}:\n{}",
        disagreements.len(),
        MUTATIONS.len(),
        disagreements.join("\n")
    );
}
