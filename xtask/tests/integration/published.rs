//! Real documents, as they were published. They are not ours to keep, so they lie beside the repository, or nowhere.

use std::path::{Path, PathBuf};

use crate::checkout::Run;

const DOCUMENTS: [&str; 9] = [
    "seed.yaml",
    "2025-07-14.yaml",
    "2025-10-10.yaml",
    "2026-01-29.yaml",
    "2026-04-10.yaml",
    "2026-05-07.yaml",
    "2026-06-30.yaml",
    "2026-07-22.yaml",
    "2026-07-22.facts.yaml",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A published document, or `None` where there are none.
fn published(name: &str) -> Option<String> {
    let folder = root().join("../shared/upstream");
    if !folder.exists() {
        eprintln!("skipped: {name}, as there is no ../shared/upstream beside the repository");
        return None;
    }
    Some(folder.join(name).to_str().unwrap().to_owned())
}

/// Runs a command on this repository itself; only commands that change nothing.
fn run(arguments: &[&str]) -> Run {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
    Run::of(&output, &root())
}

fn diff(old: &str, new: &str) -> Option<(Option<i32>, serde_json::Value)> {
    let (old, new) = (published(old)?, published(new)?);
    let run = run(&["diff", &old, &new, "--format", "json"]);
    Some((run.code, serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"))))
}

/// Each item of Rust that differs comes from an operation.
fn assert_traced(diff: &serde_json::Value) {
    for fate in ["added", "removed", "changed"] {
        for item in diff["rust_items"][fate].as_array().unwrap() {
            let from = diff["rust_origins"][item.as_str().unwrap()].as_array();
            assert!(from.is_some_and(|ids| !ids.is_empty()), "{item}");
        }
    }
}

fn count(diff: &serde_json::Value, what: &str) -> usize {
    diff["operations"][what].as_array().unwrap().len()
}

#[test]
fn every_published_document_makes_a_client() {
    for name in DOCUMENTS {
        let Some(file) = published(name) else { return };
        let run = run(&["check-document", &file]);
        assert_eq!(run.code, Some(0), "{name}: {run}");
    }
}

#[test]
fn a_documentation_page_is_compared() {
    let Some(page) = published("seed-page.md") else { return };
    let run = run(&["sync-spec", "--source", &page, "--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert!(run.stdout.contains("operations: 99 removed, "), "{run}");
}

#[test]
fn a_year_of_changes() {
    let Some((code, more)) = diff("2026-05-07.yaml", "2026-06-30.yaml") else { return };
    assert_eq!(
        (code, more["wire"].as_str(), more["rust"].as_str()),
        (Some(4), Some("compatible"), Some("minor"))
    );
    assert_traced(&more);
    assert_eq!((count(&more, "added"), count(&more, "removed"), count(&more, "changed")), (18, 0, 0));

    let Some((code, moved)) = diff("2026-06-30.yaml", "2026-07-22.yaml") else { return };
    assert_traced(&moved);
    assert_eq!((code, count(&moved, "moved"), count(&moved, "added")), (Some(5), 96, 0));
    let removed = ["GET /api/v0/notifications/inbox/", "PUT /api/v0/notifications/inbox/"];
    assert_eq!(moved["operations"]["removed"], serde_json::json!(removed));
    assert_eq!(moved["operations"]["changed"], serde_json::json!(["POST /api/v0/team"]));
    // Every operation got an operationId, and each is what the summary said already; three setters have another name.
    assert_eq!(moved["rust_kept_names"], 94);
    let renames = moved["rust_renames"].as_array().unwrap().iter();
    let renames: Vec<_> =
        renames.map(|rename| format!("{} → {}", rename["from"], rename["to"]).replace('"', "")).collect();
    assert_eq!(
        renames,
        [
            "builder::ShowSshKeys.instance_id → builder::ShowSshKeys.id",
            "builder::ShowTeamRole.id → builder::ShowTeamRole.name",
            "builder::UpdateTeamRole.id → builder::UpdateTeamRole.name",
        ]
    );
}

#[test]
fn the_vendored_document_restates_the_published_one_faithfully() {
    let Some(published) = published("2026-07-22.yaml") else { return };
    let vendored = root().join("openapi.yaml");
    let run = run(&["diff", vendored.to_str().unwrap(), &published, "--format", "json"]);
    let diff: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((count(&diff, "removed"), count(&diff, "changed")), (0, 0), "{run}");
}
