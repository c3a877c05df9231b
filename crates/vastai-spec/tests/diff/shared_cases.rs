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
