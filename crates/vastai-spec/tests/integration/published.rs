//! Real published documents, where they lie beside the checkout.

use std::path::Path;

use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Source, Staleness, prepare};

use crate::documents;

#[test]
fn every_published_document_becomes_a_client() {
    let overlay =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../overlay.yaml")).unwrap();
    let mut failures = Vec::new();
    for documents::Document { name, text } in documents::published() {
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
