//! Types that the overlay names: what programs see of a thing is what the document says of it.

use serde_json::{Value, json};
use vastai_spec::load;
use vastai_spec::pipeline::Staleness;

use crate::documents;

/// The surface of the vendored document with its overlays, after an edit of the document.
fn surface(edit: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut document = load::document(&documents::vendored().text, "openapi.yaml").unwrap();
    edit(&mut document);
    let edited = documents::Document { name: "openapi.json".to_owned(), text: document.to_string() };
    let prepared = documents::overlaid(&edited, Staleness::Fail).unwrap();
    prepared.generate().unwrap().surface.lines().map(str::to_owned).collect()
}

#[test]
fn a_field_that_the_document_gains_is_a_typed_field_of_the_named_type() {
    let before = surface(|_| ());
    let after = surface(|document| {
        let instance = &mut document["components"]["schemas"]["Instance"]["properties"];
        assert!(instance["actual_status"].is_object());
        instance["fan_speed"] = json!({ "type": "number" });
    });
    let gained: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert_eq!(gained, ["field types::Instance.fan_speed: Option<f64>"]);
    assert!(before.iter().all(|line| after.contains(line)));
}

/// What is a component in one document and written out in another is the same type: no dependent has to change anything for it.
#[test]
fn the_newest_published_document_makes_the_types_of_ours() {
    let ours = surface(|_| ());
    for document in documents::published().into_iter().filter(|it| it.name.starts_with("2026-07-22")) {
        let prepared = documents::overlaid(&document, Staleness::Fail).unwrap();
        let theirs = prepared.generate().unwrap().surface;
        let other: Vec<&str> = theirs.lines().filter(|line| !ours.iter().any(|it| it == line)).collect();
        assert_eq!(other, Vec::<&str>::new(), "{}", document.name);
        assert_eq!(theirs.lines().count(), ours.len(), "{}", document.name);
    }
}
