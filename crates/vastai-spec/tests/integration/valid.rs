//! Lowered documents are valid OpenAPI 3.0.3 to a validator that is not ours: `jsonschema` with the specification's own schema.

use serde_json::Value;

use crate::documents;

const SCHEMA: &str = include_str!("../schemas/openapi-3.0.json");

#[test]
fn lowered_documents_are_valid_openapi_3_0() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for document in documents::all() {
        let lowered = document.prepared().lowered;
        let faults: Vec<String> = validator
            .iter_errors(&lowered)
            .map(|fault| format!("{}: {}: {fault}", document.name, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        // The specification says so in words, which its schema does not check.
        for name in lowered["components"]["schemas"].as_object().unwrap().keys() {
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
            assert!(name.chars().all(allowed), "{}: `{name}` names no component", document.name);
        }
    }
}
