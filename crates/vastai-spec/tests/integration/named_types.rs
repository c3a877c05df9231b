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
