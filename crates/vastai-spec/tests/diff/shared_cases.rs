//! Small pairs of documents beside the checkout, each with what is right.

use std::fs;
use std::path::Path;

use serde_json::Value;
use vastai_spec::diff::{Diff, Wire};
use vastai_spec::identify::identify;
use vastai_spec::load;
use vastai_spec::report::Report;

/// The pairs, with the verdicts that are right.
const RIGHT: &[(&str, &[Wire])] = &[
    ("callback-cycle-same", &[Wire::None]),
    ("callback-cycle-change", &[Wire::Breaking]),
    ("read-only-required", &[Wire::Compatible]),
    ("media-type-version", &[Wire::Breaking]),
    ("media-type-charset-text", &[Wire::Breaking]),
    ("media-type-charset-text-gone", &[Wire::Breaking]),
    ("media-type-charset-json", &[Wire::None, Wire::Breaking]),
    ("media-type-charset-json-gone", &[Wire::None, Wire::Breaking]),
    ("variant-covered", &[Wire::None, Wire::Compatible]),
    ("one-of-overlapping", &[Wire::Breaking]),
    ("any-value-to-integer", &[Wire::Compatible]),
    ("query-text-to-list", &[Wire::Compatible]),
    ("pattern-to-empty", &[Wire::Compatible]),
    ("unevaluated-after-additional", &[Wire::None, Wire::Compatible]),
    ("const-alternatives", &[Wire::None]),
    ("one-of-for-others", &[Wire::Compatible]),
    ("any-of-overlapping", &[Wire::Compatible]),
    ("one-of-in-answer", &[Wire::Breaking]),
    ("any-value-to-integer-request", &[Wire::Breaking]),
    ("media-type-spelling", &[Wire::None]),
    ("read-only-enum", &[Wire::Compatible]),
    ("type-list-or-one-of", &[Wire::None]),
    ("closed-object", &[Wire::Breaking]),
    ("path-limit", &[Wire::Breaking]),
    ("deep-object-enum", &[Wire::Breaking]),
    ("security-alternative-gone", &[Wire::Breaking]),
    ("security-renamed", &[Wire::None]),
    ("paths-merged", &[Wire::Compatible]),
    ("discriminator-spelling", &[Wire::None]),
];

fn read(file: &Path) -> Value {
    let mut value = load::openapi(&fs::read_to_string(file).unwrap(), &file.display().to_string()).unwrap();
    identify(&mut value, &mut Report::default());
    value
}

#[test]
fn every_pair_is_judged_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/diff");
    if !folder.exists() {
        eprintln!("skipped: the pairs do not lie beside the checkout");
        return;
    }
    for (name, right) in RIGHT {
        let [old, new] = ["old", "new"].map(|which| read(&folder.join(format!("{name}.{which}.json"))));
        let diff = Diff::between(&old, &new).unwrap();
        assert!(right.contains(&diff.wire), "{name}: {:?}: {:#?}", diff.wire, diff.changes);
    }
}

/// Documents of all kinds beside the checkout; those that are refused are left out.
fn odd_documents() -> Vec<(String, Value)> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let folders = ["diff", "documents", "hostile", "hostile/report", "hostile/repeatable"];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(shared.join(folder)).ok()).flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let mut value = load::openapi(&fs::read_to_string(file).ok()?, "document").ok()?;
        identify(&mut value, &mut Report::default());
        Some((file.display().to_string(), value))
    };
    files.iter().filter_map(read).collect()
}

#[test]
fn any_two_documents_are_compared() {
    let documents = odd_documents();
    if documents.is_empty() {
        eprintln!("skipped: the documents do not lie beside the checkout");
    }
    for (name, document) in &documents {
        assert!(Diff::between(document, &document.clone()).unwrap().is_empty(), "{name}");
        // One operation more, so that the rest is looked at: nothing is reported of it.
        let mut more = document.clone();
        more["paths"]["/one-more"] = serde_json::json!({ "get": { "operationId": "oneMore" } });
        let diff = Diff::between(document, &more).unwrap();
        let found: Vec<_> = diff.changes.iter().map(|change| change.id).collect();
        assert_eq!(found, ["operation-added"], "{name}: {:#?}", diff.changes);
        for (other, another) in &documents {
            let diff = Diff::between(document, another);
            assert!(diff.is_ok_and(|diff| diff.is_empty() || name != other), "{name} and {other}");
        }
    }
}
