//! Real published documents, where they lie beside the checkout.

use std::path::{Path, PathBuf};

use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Source, Staleness, prepare};

fn published() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstream");
    if !folder.is_dir() {
        eprintln!("skipped: no published documents beside the checkout");
        return None;
    }
    Some(folder)
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    documents.sort();
    documents
}

#[test]
fn every_published_document_becomes_a_client() {
    let Some(folder) = published() else { return };
    let overlay =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../overlay.yaml")).unwrap();
    let mut failures = Vec::new();
    for file in documents(&folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let overlay = Some(Source::new("overlay.yaml", &overlay));
        let prepared = match prepare(Source::new(&name, &text), overlay, Staleness::Warn) {
            Ok(prepared) => prepared,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        match prepared.generate() {
            Ok(generated) => {
                assert_eq!(operations(&prepared.published).count(), generated.generated_operations, "{name}");
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
