//! The build script itself, on documents that would give orders to cargo.

use std::path::Path;

use crate::workspace::{WORKSPACE, result};

/// What the build script prints to cargo.
fn printed(document: &Path, out: &Path) -> String {
    let output = WORKSPACE.build_script(document, out);
    result(&output).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_document_gives_cargo_an_order() {
    let out = tempfile::tempdir().unwrap();

    let order = "cargo:rustc-cfg=said\\ncargo::rustc-env=SAID=by-the-document\\ncargo::rustc-link-arg=--said";
    let responses = "responses: { '200': { description: a } }";
    let mut documents = Vec::new();
    // Line ends, and what some programs take for one.
    for end in ["\\n", "\\r\\n", "\\r", "\\x85", "\\u2028"] {
        let said = format!("a{end}{order}");
        for paths in [
            format!("\"/{said}\": {{ trace: {{ operationId: a, {responses} }} }}"),
            format!("\"{said}\": {{ get: {{ {responses} }} }}"),
            format!(
                "/a: {{ trace: {{ operationId: \"{said}\", summary: \"{said}\", description: \"{said}\", {responses} }} }}"
            ),
            format!(
                "/a: {{ post: {{ requestBody: {{ content: {{ \"text/{said}\": {{ schema: {{}} }} }} }}, {responses} }} }}"
            ),
            format!(
                "/a: {{ get: {{ parameters: [{{ name: \"{said}\", in: cookie, required: true, schema: {{}} }}], {responses} }} }}"
            ),
            format!("/a: {{ get: {{ responses: {{ '200': {{ $ref: \"#/{said}\" }} }} }} }}"),
            format!("/a: {{ get: {{ responses: {{ \"{said}\": \"{said}\" }} }} }}"),
            format!("/a: {{ get: \"{said}\", put: [\"{said}\"] }}"),
            format!("\"/{said}\": {{}}, \"/{said}\": {{}}"),
            format!("/a: {{ $ref: \"{said}\" }}"),
        ] {
            documents.push(format!("openapi: 3.1.0\ninfo: {{ title: \"{said}\", version: \"{said}\" }}\nservers: [{{ url: \"https://a.example/{said}\" }}]\npaths: {{ {paths} }}\n"));
            documents
                .push(format!("openapi: 3.1.0\ninfo: {{ title: A, version: '1' }}\npaths: {{ {paths} }}\n"));
        }
        documents.push(format!("openapi: \"{said}\"\n"));
        documents.push(format!("\"{said}"));
        documents.push(format!("openapi: 3.1.0\npaths: {{ /a: {{ get: {{ summary: \"{said}\", responses: {{ '200': {{ description: \"{said}\", content: {{ application/json: {{ schema: {{ type: string, enum: [\"{said}\"], default: \"{said}\", description: \"{said}\", title: \"{said}\" }} }} }} }} }} }} }} }}\n"));
    }
    // What is left out is named, and stands in the line that names it.
    documents.push(
        "openapi: 3.1.0\npaths: { \"/\u{ad}\u{feff}cargo::rustc-cfg=said\": { trace: { responses: {} } } }\n"
            .to_owned(),
    );
    documents.push("openapi: 3.1.0\npaths: { !<tag:cargo::rustc-cfg=said> a: 1 }\n".to_owned());
    documents.push("cargo::rustc-cfg=said\ncargo::rustc-env=SAID=1\n".to_owned());

    let file = out.path().join("hostile.yaml");
    let mut reported = 0;
    for document in &documents {
        std::fs::write(&file, document).unwrap();
        let printed = printed(&file, out.path());
        assert_ordinary(&printed, document);
        reported += usize::from(printed.contains("cargo::warning=") || printed.contains("cargo::error="));
    }
    assert!(reported > documents.len() / 2, "the build script reports on {reported} of {}", documents.len());

    // Nor does the name of a file.
    if cfg!(unix) {
        let file = out.path().join("a\ncargo::rustc-cfg=said\n.yaml");
        std::fs::write(&file, documents.last().unwrap()).unwrap();
        assert_ordinary(&printed(&file, out.path()), "a name of a file");
    }
}

/// Each line is an order of the build script's own kind.
fn assert_ordinary(printed: &str, document: &str) {
    const OWN: [&str; 4] = ["rerun-if-env-changed", "rerun-if-changed", "warning", "error"];
    for line in printed.lines() {
        let order = line.strip_prefix("cargo::").and_then(|order| order.split_once('='));
        let (order, text) = order.unwrap_or_else(|| panic!("{line:?} of {document}"));
        assert!(OWN.contains(&order), "{line:?} of {document}");
        assert!(!text.contains(vastai_spec::visible::is_hidden), "{line:?} of {document}");
    }
}
