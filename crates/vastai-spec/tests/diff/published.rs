//! What happened to the published document, read as its maintainer would.

use std::collections::BTreeMap;

use vastai_spec::diff::{Diff, Level, Wire};

use crate::documents;

#[test]
fn a_month_of_additions() {
    let Some((old, new)) = documents::pair("2026-05-07", "2026-06-30") else { return };
    let diff = Diff::between(&old, &new).unwrap();
    assert_eq!(diff.wire, Wire::Compatible);
    let operations = &diff.operations;
    assert_eq!(operations.added.len(), 18);
    assert_eq!((operations.removed.len(), operations.changed.len(), operations.moved.len()), (0, 0, 0));
    assert!(diff.changes.iter().all(|change| change.id == "operation-added"), "{diff:#?}");

    let back = Diff::between(&new, &old).unwrap();
    assert_eq!((back.wire, back.operations.removed.len()), (Wire::Breaking, 18));
}

#[test]
fn the_month_in_which_all_slashes_went() {
    let Some((old, new)) = documents::pair("2026-06-30", "2026-07-22") else { return };
    let diff = Diff::between(&old, &new).unwrap();
    assert_eq!(
        diff.operations.removed,
        ["GET /api/v0/notifications/inbox/", "PUT /api/v0/notifications/inbox/"]
    );
    assert!(diff.operations.added.is_empty());
    assert_eq!(diff.operations.moved.len(), 96);
    let slashes = diff.operations.moved.iter().filter(|moved| moved.from == format!("{}/", moved.to));
    assert_eq!(slashes.count(), 93, "the others have a path parameter renamed too");
    // Beside that, one field of one request went.
    assert_eq!(diff.operations.changed, ["POST /api/v0/team"]);
    let mut counted: BTreeMap<_, usize> = BTreeMap::new();
    for change in diff.changes.iter().filter(|change| change.level != Level::Docs) {
        *counted.entry(change.id).or_default() += 1;
    }
    let expected = [
        ("operation-moved", 96),
        ("operation-removed", 2),
        ("path-parameter-renamed", 3),
        ("property-removed", 1),
    ];
    assert_eq!(counted, BTreeMap::from(expected));
}

#[test]
fn the_document_without_its_prose() {
    let Some((whole, facts)) = documents::pair("2026-07-22", "2026-07-22.facts") else { return };
    let diff = Diff::between(&whole, &facts).unwrap();
    assert_eq!((diff.wire, diff.docs), (Wire::None, diff.changes.len()));
    assert!(diff.docs > 1000, "{}", diff.docs);
}
