//! A terminal obeys no character of a document, whatever command shows it.

use vastai_spec::visible::is_hidden;

use crate::checkout::{Checkout, Run};

/// Escape sequences of both kinds (ESC and C1), DEL, marks of direction, separators that are line ends to some programs, and
/// characters that nobody sees, as YAML writes them in a text.
const HOSTILE: &str = r"\e[2J\e]0;a\a\b\u009b1m\u009d0;b\u009c\x7f\u061c\u200e\u202e\u2066\u2028\u2029\u0085\ufeff\U000E0041\n\r\v\f";

fn is_shown(character: char) -> bool {
    character == '\n' || !is_hidden(character)
}

fn assert_shown(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        let raw = text.chars().find(|character| !is_shown(*character));
        assert_eq!(raw, None, "{run:?}");
    }
}

#[test]
fn the_prose_of_a_document_is_shown_as_text() {
    let checkout = Checkout::new();
    let document = r#"
openapi: 3.1.0
info: { title: "HOSTILE", version: "HOSTILE", description: "HOSTILE" }
servers: [{ url: https://console.parcels.example, description: "HOSTILE" }]
paths:
  /parcels:
    get:
      operationId: listParcels
      summary: "list parcels HOSTILE"
      description: "HOSTILE"
      tags: ["A tag"]
      frobnicate: "HOSTILE"
      parameters:
        - { name: kind, in: query, description: "HOSTILE", schema: { type: string, enum: [a, "HOSTILE"], default: "HOSTILE" } }
        - { name: order, in: query, schema: { type: integer, default: "HOSTILE" } }
      responses:
        "200":
          description: "HOSTILE"
          content:
            application/json:
              schema: { type: object, title: "HOSTILE", properties: { to: { type: string, pattern: "HOSTILE", example: "HOSTILE" } } }
  /unnamed:
    get: { summary: "HOSTILE it has a name", responses: {} }
    put: { summary: "a method that is\n  none", responses: {} }
"#
    .replace("HOSTILE", HOSTILE);
    checkout.write("hostile.yaml", document);
    for arguments in [
        &["check-document", "hostile.yaml"][..],
        &["check-document", "--verbose", "hostile.yaml"],
        &["check-document", "--format", "json", "hostile.yaml"],
        &["lower", "hostile.yaml"],
    ] {
        let run = checkout.run(arguments);
        assert_eq!(run.code, Some(0), "{run}");
        assert_shown(&run);
    }
    let verbose = checkout.run(&["check-document", "--verbose", "hostile.yaml"]);
    assert!(verbose.stdout.contains(r"\u{1b}[2J"), "{verbose}");
    // JSON keeps its meaning.
    let lowered = checkout.run(&["lower", "hostile.yaml"]).stdout;
    let lowered: serde_json::Value = serde_json::from_str(&lowered).unwrap();
    let description = lowered["paths"]["/parcels"]["get"]["description"].as_str().unwrap();
    assert!(description.starts_with("\u{1b}[2J\u{1b}]0;a\u{7}\u{8}\u{9b}1m"), "{description:?}");
}

#[test]
fn errors_and_warnings_are_shown_as_text() {
    let checkout = Checkout::new();
    for document in [
        // The error, or the warning, names the key.
        "openapi: 3.1.0\npaths:\n  \"/aHOSTILE\": {}\n  \"/aHOSTILE\": {}\n",
        "openapi: \"3.2HOSTILE\"\npaths: {}\n",
        "openapi: 3.1.0\npaths: { /a: { get: { responses: { \"200\": { $ref: \"HOSTILE\" } } } } }\n",
        "openapi: 3.1.0\npaths: { /a: { get: { responses: { \"200\": { $ref: \"#/HOSTILE\" } } } } }\n",
        "openapi: 3.1.0\npaths: { /a: { get: { responses: { \"200HOSTILE\": \"HOSTILE\" } } } }\n",
        "openapi: 3.1.0\npaths: { \"/aHOSTILE\": { get: { responses: {} } } }\n",
        "openapi: 3.1.0\npaths: { /a: { get: { operationId: \"HOSTILE\", responses: {} } } }\n",
        "openapi: 3.1.0\npaths: !<tag:HOSTILE> {}\n",
        "openapi: 3.1.0\npaths: { *HOSTILE : 1 }\n",
    ] {
        // As YAML's escapes, and as they are.
        for hostile in [HOSTILE, "\u{1b}[2J\u{9b}1m\u{7f}\u{202e}\u{2028}"] {
            checkout.write("hostile.yaml", document.replace("HOSTILE", hostile));
            for command in ["check-document", "lower"] {
                assert_shown(&checkout.run(&[command, "hostile.yaml"]));
            }
        }
    }
}

#[test]
fn the_surface_is_a_list_of_lines_that_everybody_sees_alike() {
    let checkout = Checkout::new();
    let document = std::fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    let document =
        document.replace("https://console.parcels.example", "https://console.parcels.example/\u{feff}");
    checkout.write("openapi.yaml", document);
    let run = checkout.run(&["surface"]);
    assert_shown(&run);
    assert_eq!(run.code, Some(0), "{run}");
    let surface = std::fs::read_to_string(checkout.path("surface.txt")).unwrap();
    assert!(surface.chars().all(is_shown), "{surface:?}");
    assert!(surface.contains(r"\u{feff}"), "{surface}");
}
