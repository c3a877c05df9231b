//! Names of a document are one line of text; references stay within the document.

use vastai_spec::load;
use vastai_spec::pipeline::{Source, Staleness, prepare};

/// Line ends in every spelling, what terminals obey, and marks that turn the order of a text around.
const OBEYED: [&str; 14] = [
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{0}",
    "\u{b}",
    "\u{c}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{85}",
    "\u{9b}1m",
    "\u{2028}",
    "\u{202e}",
    "\u{2067}",
];

/// The document with `NAME` replaced, as JSON, in which every character can be written.
fn with(name: &str) -> String {
    let written = serde_json::to_string(name).unwrap();
    DOCUMENT.replace("NAME", written.trim_matches('"'))
}

/// A place for every kind of name, one at a time: each `NAME` in turn, the others are plain.
const DOCUMENT: &str = r##"{
  "openapi": "3.1.0", "info": { "title": "Names", "version": "1" }, "NAME": 1,
  "servers": [{ "url": "https://console.example/NAME", "variables": { "NAME": { "default": "a" } } }],
  "tags": [{ "name": "NAME" }],
  "security": [{ "NAME": ["a"] }],
  "paths": {
    "/NAME": { "NAME": {}, "get": { "operationId": "NAME", "tags": ["NAME"], "responses": { "NAME": { "description": "a" } } } },
    "/a": { "post": {
      "parameters": [
        { "name": "NAME", "in": "query", "schema": { "type": "NAME" } },
        { "name": "a", "in": "NAME", "schema": { "format": "NAME", "enum": [{ "NAME": 1 }] } },
        { "$ref": "#/components/examples/A/value" }
      ],
      "requestBody": { "content": { "text/plain; a=NAME": { "schema": {
        "type": "object", "required": ["a", "NAME"],
        "properties": { "NAME": {}, "default": { "type": "object", "properties": { "NAME": {} } } },
        "patternProperties": { "NAME": {} }, "discriminator": { "propertyName": "NAME", "mapping": { "NAME": "NAME-unchecked" } }
      }, "encoding": { "NAME": {} } } } },
      "responses": { "200": { "description": "a", "headers": { "NAME": { "$ref": "NAME" } }, "links": { "NAME": { "operationId": "NAME" } } } },
      "callbacks": { "NAME": { "{$request.body#/NAME}": {} } }
    } }
  },
  "components": {
    "schemas": { "NAME": { "$ref": "#/components/NAME" } }, "parameters": { "NAME": {} },
    "securitySchemes": { "NAME": { "type": "http", "scheme": "NAME" } },
    "examples": { "A": { "value": { "name": "NAME", "in": "query" } } }
  },
  "x-a": { "NAME": 1 }
}"##;

#[test]
fn a_name_with_a_line_end_or_worse_is_refused_with_its_place() {
    let document = DOCUMENT.replace("NAME-unchecked", "a");
    let pieces: Vec<&str> = document.split("NAME").collect();
    assert!(load::openapi(&document, "names.json").is_ok());
    for (index, obeyed) in (1..pieces.len()).zip(OBEYED.iter().cycle()) {
        let written = serde_json::to_string(&format!("a{obeyed}cargo::rustc-cfg=a")).unwrap();
        let name = |at: usize| if at == index { written.trim_matches('"') } else { "NAME" };
        let text: String = pieces
            .iter()
            .enumerate()
            .map(|(at, piece)| if at == 0 { (*piece).to_owned() } else { format!("{}{piece}", name(at)) })
            .collect();
        let around = format!(
            "…{}NAME{}…",
            &pieces[index - 1][pieces[index - 1].len().saturating_sub(20)..],
            &pieces[index][..pieces[index].len().min(20)]
        );
        let error = load::openapi(&text, "names.json").expect_err(&around).to_string();
        assert!(
            error.starts_with("names.json: /") && error.contains("a name is one line of text"),
            "{around}: {error}"
        );
        assert!(!error.chars().any(vastai_spec::visible::is_hidden), "{error:?}");
    }
    for obeyed in OBEYED {
        let text = with(&format!("a{obeyed}b")).replace("b-unchecked", "b");
        assert!(load::openapi(&text, "names.json").is_err(), "{obeyed:?}");
    }
}

#[test]
fn the_place_of_a_refused_name_is_its_pointer() {
    for (text, expected) in [
        (
            "openapi: 3.1.0\npaths:\n  \"/odd\\ncargo:rustc-cfg=said\": {}\n",
            r"names.yaml: /paths/~1odd\ncargo:rustc-cfg=said: a key with a line end, a control character or a mark of direction; a name is one line of text",
        ),
        (
            "openapi: 3.1.0\npaths: { /a: { get: { operationId: \"a\\u2029b\" } } }\n",
            "names.yaml: /paths/~1a/get/operationId: `operationId` with a line end, a control character or a mark of direction; a name is one line of text",
        ),
    ] {
        assert_eq!(load::openapi(text, "names.yaml").unwrap_err().to_string(), expected);
    }
}

#[test]
fn prose_and_values_may_have_lines() {
    let text = r##"{ "openapi": "3.1.0",
      "info": { "title": "a\nb", "version": "1\n", "summary": "a\nb", "description": "a\r\n\tb", "contact": { "x-a": "a\nb" } },
      "paths": { "/a": { "get": { "summary": "a\nb", "description": "a\n\u2028b", "parameters": [
        { "name": "a", "in": "query", "description": "a\nb", "example": { "name": "a\nb", "url": "a\tb" },
          "schema": { "enum": ["a\nb"], "default": "a\nb", "const": "a\nb", "pattern": "[\n]", "title": "a\nb", "examples": ["a\u001bb"] } }
      ], "responses": { "200": { "description": "a\nb", "content": { "text/plain": { "examples": { "a": { "summary": "a\nb", "value": { "operationId": "a\nb" } } } } } } } } } } }"##;
    assert!(load::openapi(text, "prose.json").is_ok());
    let emoji = "openapi: 3.1.0\npaths: { \"/☂\u{fe0f}/👩\u{200d}🚀/\u{ad}é\": {} }\n";
    assert!(load::openapi(emoji, "names.yaml").is_ok());
}

#[test]
fn a_reference_out_of_the_document_is_refused_and_nothing_is_opened() {
    // A file that is there, and would be a schema.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{ \"type\": \"object\", \"title\": \"fetched\" }").unwrap();
    let path = file.path().display().to_string();
    // Nobody answers at this port, and nobody is asked.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for reference in [
        path.clone(),
        format!("file://{path}"),
        format!("{path}#/title"),
        "other.yaml#/components/schemas/A".to_owned(),
        "../openapi.yaml".to_owned(),
        "/etc/passwd".to_owned(),
        format!("http://127.0.0.1:{port}/a.json"),
        format!("//127.0.0.1:{port}/a.json#/b"),
        "https://a.example/a#/b".to_owned(),
        "A".to_owned(),
    ] {
        for place in [
            "\"200\": { $ref: \"REF\" }",
            "\"200\": { description: a, content: { application/json: { schema: { $ref: \"REF\" } } } }",
            "\"200\": { description: a, content: { application/json: { schema: { type: array, items: { allOf: [{ $ref: \"REF\" }] } } } } }",
        ] {
            let text = format!(
                "openapi: 3.1.0\npaths: {{ /a: {{ get: {{ responses: {{ {} }} }} }} }}\n",
                place.replace("REF", &reference)
            );
            let error =
                prepare(Source::new("refs.yaml", &text), None, Staleness::Fail).unwrap_err().to_string();
            let expected = format!("the reference `{reference}` leaves the document");
            assert!(
                error.starts_with("refs.yaml: /paths/~1a/get/responses/200") && error.contains(&expected),
                "{error}"
            );
        }
    }
    let asked = listener.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(asked, Err(std::io::ErrorKind::WouldBlock));
}

/// They stand in literals and comments, and end neither; that the code compiles is tested with all odd documents.
#[cfg(feature = "generate")]
#[test]
fn no_name_ends_the_literal_or_the_comment_that_it_stands_in() {
    let document =
        crate::documents::odd().into_iter().find(|document| document.name == "names.yaml").unwrap();
    let generated = document.prepared().generate().unwrap();
    let (mut in_comments, mut in_literals) = (0, 0);
    for line in generated.client.lines().chain(generated.operations.lines()).map(str::trim_start) {
        if line.starts_with("///") {
            in_comments += line.matches("mod evil").count();
        } else if line.contains("mod evil") {
            assert!(line.contains(r#"\"; mod evil"#), "{line}");
            in_literals += 1;
        }
    }
    assert!(in_comments > 0 && in_literals > 0, "{in_comments} and {in_literals}");
    assert!(!generated.surface.contains("evil {}"), "{}", generated.surface);
}
