//! A terminal obeys no character of a document, whatever command shows it.

use vastai_spec::visible::is_hidden;

use crate::checkout::{Checkout, Run};

/// Escape sequences of both kinds (ESC and C1), DEL, marks of direction, separators that are line ends to some programs, and
/// characters that nobody sees, as YAML writes them in a string.
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

/// A document whose every name and text is hostile, and one to compare it with.
fn hostile_pair() -> [String; 2] {
    let old = r##"
openapi: 3.1.0
info: { title: Parcels, version: "1" }
servers: [{ url: https://console.parcels.example }]
paths:
  /parcels:
    get:
      operationId: listParcels
      summary: list parcels
      parameters: [{ name: kind, in: query, schema: { type: string, enum: [a, b] } }]
      responses: { "200": { description: Parcels., content: { application/json: { schema: { $ref: "#/components/schemas/Parcel" } } } } }
components: { schemas: { Parcel: { type: object, properties: { name: { type: string } } } } }
"##;
    let new = r##"
openapi: 3.1.0
info: { title: "Parcels HOSTILE", version: "1 HOSTILE" }
servers: [{ url: https://console.parcels.example, description: "HOSTILE" }]
paths:
  /parcels:
    get:
      operationId: listParcels
      summary: "list parcels HOSTILE"
      tags: ["Tag HOSTILE | `|`"]
      parameters:
        - { name: kind, in: query, schema: { type: string, enum: [a, "HOSTILE", "b|c
| x | y |
# z
- [ ] w", "<img src=x onerror="document.title='ran'">", "</script><script>document.title='ran'</script>", "[a](javascript:alert) `` ` `` https://example.invalid"] } }
        - { name: "k HOSTILE <b>", in: query, required: true, schema: { type: string } }
      responses:
        "200": { description: Parcels., content: { application/json: { schema: { $ref: "#/components/schemas/Parcel" } } } }
        "4HOSTILE": { description: odd }
  "/parcels/more HOSTILE <i>":
    get: { operationId: "listMore HOSTILE", summary: "list more HOSTILE", tags: ["HOSTILE"], responses: { "200": { description: More. } } }
components: { schemas: { Parcel: { type: object, properties: { "na HOSTILE me": { type: integer, description: "HOSTILE" }, name: { type: integer, default: "HOSTILE" } } } } }
"##;
    [old.to_owned(), new.replace("HOSTILE", HOSTILE)]
}

#[test]
fn no_report_lets_a_document_write_to_the_terminal() {
    let checkout = Checkout::new();
    let [old, new] = hostile_pair();
    checkout.write("old.yaml", old);
    checkout.write("new.yaml", &new);
    for format in ["text", "json", "markdown", "html"] {
        for documents in [["old.yaml", "new.yaml"], ["new.yaml", "old.yaml"]] {
            let [one, other] = documents;
            let run = checkout.run(&["diff", one, other, "--format", format]);
            // A name with control characters may be refused as well, and then the error says so.
            assert!([Some(5), Some(100)].contains(&run.code), "{run}");
            if format == "markdown" {
                // The space without width keeps an `@` from calling somebody.
                let shown = Run { stdout: run.stdout.replace('\u{200b}', ""), ..run };
                assert_shown(&shown);
            } else {
                assert_shown(&run);
            }
        }
    }
}

/// The same without control characters in names, for which a document is refused: what is left has to be text in each report.
#[test]
fn a_report_shows_the_text_of_a_document_as_text() {
    let checkout = Checkout::new();
    let [old, _] = hostile_pair();
    let new = old.replace(
        "enum: [a, b]",
        r##"enum: [a, "b|c\n| x | y |\n# z\n- [ ] w", "<img src=x>", "</script><script>x</script>", "[a](javascript:alert) `` ` `` https://example.invalid"]"##,
    );
    assert_ne!(old, new);
    checkout.write("old.yaml", old);
    checkout.write("new.yaml", new);
    let report = |format: &str| {
        let run = checkout.run(&["diff", "old.yaml", "new.yaml", "--format", format]);
        assert_eq!(run.code, Some(5), "{run}");
        run.stdout
    };
    let markdown = report("markdown");
    for line in markdown.lines().map(str::trim_start) {
        assert!(
            !line.starts_with("| x") && !line.starts_with("# z") && !line.starts_with("- [ ] w"),
            "{markdown}"
        );
    }
    for mark in ["<img", "<script", "</script", "[a](", " https://example"] {
        assert!(!markdown.contains(mark), "{mark}: {markdown}");
    }
    let html = report("html");
    assert_eq!((html.matches("<script").count(), html.matches("</script").count()), (1, 1), "{html}");
    assert!(!html.contains("<img") && html.contains("&lt;img src=x&gt;"), "{html}");
    let json: serde_json::Value = serde_json::from_str(&report("json")).unwrap();
    let messages: Vec<&str> =
        json["changes"].as_array().unwrap().iter().filter_map(|change| change["message"].as_str()).collect();
    assert!(messages.iter().any(|message| message.contains("<img src=x>")), "{messages:?}");
}
