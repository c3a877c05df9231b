//! The four reports of one difference, as people and programs get them.

use std::fs;
use std::path::Path;

use expect_test::{expect, expect_file};
use serde_json::{Value, json};
use vastai_spec::load;

use crate::checkout::{Checkout, fixture};

fn report(format: &str) -> String {
    let run = Checkout::new().run(&["diff", "openapi.yaml", "candidate.yaml", "--format", format]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(5), ""), "{run}");
    run.stdout
}

/// A golden file; `UPDATE_EXPECT=1` writes it anew.
fn golden(name: &str, actual: &str) {
    expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)].assert_eq(actual);
}

#[test]
fn text() {
    golden("report.txt", &report("text"));
}

#[test]
fn json() {
    golden("report.json", &report("json"));
}

#[test]
fn markdown() {
    golden("report.md", &report("markdown"));
}

#[test]
fn html() {
    golden("report.html", &report("html"));
}

#[test]
fn nothing_changed() {
    let checkout = Checkout::new();
    let run = checkout.run(&["diff", "openapi.yaml", "openapi.yaml"]);
    expect![[r"
        operations: 0 removed, 0 changed, 0 moved, 0 added; prose differs in 0 places
        wire: no difference; rust: no difference
        [exit 0]
    "]]
    .assert_eq(&run.to_string());
    for format in ["json", "markdown", "html"] {
        assert_eq!(checkout.run(&["diff", "openapi.yaml", "openapi.yaml", "--format", format]).code, Some(0));
    }
}

/// A document is written by others. Whatever it says, a report says it and obeys nothing.
#[test]
fn a_document_cannot_write_the_report() {
    const EVIL: &str = "</code><script>alert(1)</script><img src=x onerror=alert(2)>\u{1b}[2J\" onclick='x' `a` [b](javascript:c) @maintainer";
    // A name with control characters is refused; one with markup is not.
    let evil_name = EVIL.replace('\u{1b}', "");
    let text = fs::read_to_string(fixture("candidate.yaml")).unwrap();
    let mut document = load::openapi(&text, "candidate.yaml").unwrap();
    let mut stamps: Value = document["paths"]["/parcels"].take();
    stamps["get"]["tags"] = json!([evil_name]);
    stamps["get"]["operationId"] = json!("listParcels");
    stamps["get"]["parameters"][0]["name"] = json!(evil_name);
    stamps["get"]["parameters"][0]["schema"] = json!({ "type": "string", "enum": [EVIL], "default": EVIL });
    document["paths"]["/parcels"] = stamps;
    document["paths"][format!("/parcels/{evil_name}")] =
        json!({ "get": { "summary": EVIL, "tags": [evil_name], "responses": {} } });
    let checkout = Checkout::new();
    checkout.write("evil.json", document.to_string());
    for format in ["text", "markdown", "html"] {
        let run = checkout.run(&["diff", "openapi.yaml", "evil.json", "--format", format]);
        assert_eq!(run.code, Some(5), "{run}");
        let said = run.stdout;
        assert!(said.contains("alert(2)"), "the report leaves out what the document says: {said}");
        assert!(!said.contains('\u{1b}'), "{said}");
        match format {
            "markdown" => {
                // Outside of code there are no tags but the report's own, and nobody is called.
                let outside = outside_of_code(&said);
                for mark in ["<script", "<img", "[b](javascript", "@maintainer"] {
                    assert!(!outside.contains(mark), "{mark} in {outside}");
                }
            }
            "html" => {
                assert_eq!(said.matches("<script").count(), 1, "{said}");
                assert!(!said.contains("<img") && !said.contains("onclick='x'"), "{said}");
            }
            _ => {}
        }
    }
}

/// Markdown without its code spans.
fn outside_of_code(text: &str) -> String {
    let (mut outside, mut rest) = (String::new(), text);
    while let Some(start) = rest.find('`') {
        let marks = rest[start..].chars().take_while(|mark| *mark == '`').count();
        let fence = "`".repeat(marks);
        outside.push_str(&rest[..start]);
        let code = &rest[start + marks..];
        // A span ends at as many marks as began it, not at more.
        let mut end = 0;
        loop {
            let Some(found) = code[end..].find(&fence) else { return outside + code };
            let at = end + found;
            let length = code[at..].chars().take_while(|mark| *mark == '`').count();
            end = at + length;
            if length == marks {
                break;
            }
        }
        rest = &code[end..];
    }
    outside + rest
}

/// What two operations have from one component is reported once, and where else it is.
#[test]
fn a_change_of_a_component_is_reported_once() {
    let checkout = Checkout::new();
    let old = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    checkout.write(
        "new.yaml",
        old.replace("        to: { type: string }\n  securitySchemes", "  securitySchemes"),
    );
    let report = checkout.run(&["diff", "openapi.yaml", "new.yaml"]).stdout;
    assert_eq!(report.matches("the property `to` is gone").count(), 1, "{report}");
    assert!(report.contains("\n              also in PUT /parcels/{id}/\n"), "{report}");
    let json = checkout.run(&["diff", "openapi.yaml", "new.yaml", "--format", "json"]).stdout;
    assert_eq!(json.matches("the property `to` is gone").count(), 2, "{json}");
}

#[test]
fn items_of_rust_come_from_operations() {
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let origins = &json["rust_origins"];
    assert_eq!(origins["struct types::Shipment"], json!(["listParcels", "sendParcel"]));
    assert_eq!(origins["fn Client.create_parcel() -> builder::CreateParcel<'_>"], json!(["createParcel"]));
    let items = ["added", "removed", "changed"]
        .map(|fate| json["rust_items"][fate].as_array().unwrap().clone())
        .concat();
    assert!(items.iter().all(|item| origins[item.as_str().unwrap()].is_array()), "{json:#}");
    assert_eq!(
        json["release"],
        json!({
            "current": "0.1.0",
            "next": "0.2.0",
            "reason": "a dependent may have to change; while the version is 0.x, Cargo counts a breaking change in the second number",
        })
    );
}

#[test]
fn an_operation_id_that_appears_can_rename_a_method() {
    let checkout = Checkout::new();
    let named = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    checkout.write(
        "unnamed.yaml",
        named
            .replace("      operationId: listStamps\n", "")
            .replace("      operationId: listParcels\n", "")
            .replace("summary: list stamps", "summary: show all stamps"),
    );
    let run = checkout.run(&["diff", "unnamed.yaml", "openapi.yaml"]);
    expect![[r#"
        GET /stamps/
          compatible  the operationId was `showAllStamps` and is `listStamps`
                      operation-id-changed at operationId (old line 35, new line 37)

        Rust
          renamed  Client.show_all_stamps is now Client.list_stamps: the operation got an operationId, `listStamps`
          1 operation got an operationId, and its method keeps its name

        what to do
          1. Write the new names where the old ones are used: 1 item is only called otherwise (see Rust).
          2. Set the version in Cargo.toml from 0.1.0 to 0.2.0, in [workspace.package] and [workspace.dependencies]: a dependent may have to change; while the version is 0.x, Cargo counts a breaking change in the second number.

        operations: 0 removed, 1 changed, 0 moved, 0 added; prose differs in 1 place
        wire: compatible; rust: major (0.1.0 → 0.2.0)
        [exit 5]
    "#]].assert_eq(&run.to_string());
}

/// What a published document says in marks of our own decides nothing, and whoever compares it learns that.
#[test]
fn a_mark_in_a_published_document_is_reported() {
    let checkout = Checkout::new();
    let old = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    let new = old.replacen("    get:\n", "    get:\n      x-vastai-repeatable: true\n", 1);
    assert_ne!(old, new);
    checkout.write("new.yaml", new);
    let run = checkout.run(&["diff", "openapi.yaml", "new.yaml", "--format", "json"]);
    assert_eq!(run.code, Some(4), "{run}");
    assert!(run.stderr.contains("warning: new.yaml: `x-vastai-repeatable: true` at /paths/"), "{run}");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["changes"][0]["id"], "extension-changed", "{json:#}");
}
