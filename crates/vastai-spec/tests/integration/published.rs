//! Real published documents, where they lie beside the checkout.

use vastai_spec::identify::operations;
use vastai_spec::pipeline::Staleness;

use crate::documents;

#[test]
fn every_published_document_becomes_a_client() {
    let mut failures = Vec::new();
    for document in documents::published() {
        let name = &document.name;
        let prepared = match documents::overlaid(&document, Staleness::Warn) {
            Ok(prepared) => prepared,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        match prepared.generate() {
            Ok(generated) => {
                assert_eq!(operations(&prepared.overlaid).count(), generated.generated_operations, "{name}");
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Of the newest document each correction says something, and each addition is still lacking.
#[test]
fn the_overlays_fit_the_newest_published_document() {
    let newest = |document: &documents::Document| document.name.starts_with("2026-07-22");
    for document in documents::published().into_iter().filter(newest) {
        let prepared = documents::overlaid(&document, Staleness::Fail).unwrap();
        let undocumented = prepared.operations.iter().filter(|operation| !operation.documented).count();
        assert_eq!(prepared.operations.len() - undocumented, operations(&prepared.published).count());
        assert!(undocumented >= 60, "{undocumented}");
    }
}

/// A document that is not the service's gets no operation of it.
#[test]
fn the_seed_keeps_its_one_operation() {
    let seed = documents::published().into_iter().find(|document| document.name == "seed.yaml");
    if let Some(seed) = seed {
        let prepared = documents::overlaid(&seed, Staleness::Warn).unwrap();
        let operations: Vec<_> =
            prepared.operations.iter().map(|it| (it.id.as_str(), it.documented)).collect();
        assert_eq!(operations, [("getEndpointWorkers", true)]);
    }
}
