//! Loading: what is read, and what is refused with its place.

use proptest::prelude::*;
use serde_json::{Value, json};
use vastai_spec::load::{document, document_in_page, openapi, text};

fn refused(text: &str) -> String {
    document(text, "doc.yaml").unwrap_err().to_string()
}

#[test]
fn yaml_and_json_are_one() {
    let yaml =
        "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        200: { description: ok }\n";
    let json_text =
        r#"{"paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}, "openapi": "3.1.0"}"#;
    let value = document(yaml, "doc.yaml").unwrap();
    assert_eq!(value, document(json_text, "doc.json").unwrap());
    assert_eq!(
        value["paths"]["/a"]["get"]["responses"]["200"]["description"], "ok",
        "a numeric key is a string"
    );
}

#[test]
fn flow_yaml_in_braces_is_yaml() {
    assert_eq!(document("{ a: 1, b: [x, y] }", "doc.yaml").unwrap(), json!({ "a": 1, "b": ["x", "y"] }));
}

#[test]
fn keys_are_strings_as_they_are_written() {
    let value = document("1.10: a\ntrue: b\nnull: c\n? ''\n: d\n", "doc.yaml").unwrap();
    assert_eq!(value, json!({ "1.10": "a", "true": "b", "null": "c", "": "d" }));
}

#[test]
fn what_is_not_yaml_is_refused_with_its_place() {
    let message = refused("a: [1, 2\nb: 3\n");
    assert!(message.starts_with("doc.yaml:2:"), "{message}");
    let tab = refused("a:\n\t- b\n");
    assert!(tab.starts_with("doc.yaml:2:"), "{tab}");
    let json_text = document("{\"a\": 1,, }", "doc.json").unwrap_err().to_string();
    assert!(json_text.starts_with("doc.json:1:9: "), "{json_text}");
}

#[test]
fn an_empty_document_is_refused() {
    for empty in ["", "  \n\t\n", "\u{feff}", "# only a comment\n", "---\n...\n"] {
        let message = openapi(empty, "doc.yaml").unwrap_err().to_string();
        assert!(message.starts_with("doc.yaml: "), "{empty:?}: {message}");
    }
    assert!(refused("").contains("is empty"));
}

#[test]
fn two_documents_in_one_file_are_refused() {
    assert_eq!(refused("a: 1\n---\nb: 2\n"), "doc.yaml:2:1: the file holds more than one YAML document");
    assert!(refused("{a: 1}\n---\n{b: 2}\n").starts_with("doc.yaml:2:1: "));
    assert!(refused("a: 1\n...\n---\n").starts_with("doc.yaml:3:1: "));
    assert!(document("---\na: 1\n...\n", "doc.yaml").is_ok(), "one document with its marks");
}

#[test]
fn line_ends_and_the_mark_of_utf8_say_nothing() {
    let expected = json!({ "a": [1, "b\nc\n"] });
    let text = "a:\n- 1\n- |\n  b\n  c\n";
    for text in [text.to_owned(), format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
        assert_eq!(document(&text, "doc.yaml").unwrap(), expected, "{text:?}");
    }
    let json_text = "\u{feff}\r\n{\t\"a\":\r\n[1, \"b\\nc\\n\"]}\r\n";
    assert_eq!(document(json_text, "doc.json").unwrap(), expected);
    assert!(refused("a: 1\r\nb: [\r\n").starts_with("doc.yaml:3:"), "a CRLF is one line end");
}

#[test]
fn bytes_that_are_not_utf8_have_a_place() {
    let error_of = |bytes: &[u8]| text(bytes.to_vec(), "doc.yaml").map_err(|error| error.to_string());
    assert_eq!(error_of("a: é\n".as_bytes()), Ok("a: é\n".to_owned()));
    assert_eq!(
        error_of(b"a: 1\nb: \xc3\xa9\xff"),
        Err("doc.yaml:2:5: not text in UTF-8; is this an OpenAPI document?".to_owned())
    );
    for mark in [[0xFF, 0xFE], [0xFE, 0xFF]] {
        let utf16 = [mark.as_slice(), b"a\0:\0"].concat();
        assert_eq!(error_of(&utf16), Err("doc.yaml:1:1: the text is in UTF-16; save it in UTF-8".to_owned()));
    }
}

#[test]
fn a_fault_of_json_is_reported_as_one_and_one_of_flow_yaml_as_one() {
    let json_text = refused("{\"openapi\": \"3.1.0\",\n \"a\": [1,, 2] }");
    assert!(json_text.starts_with("doc.yaml:2:") && json_text.contains("expected value"), "{json_text}");
    let surrogate = refused(r#"{"a": "\ud800"}"#);
    assert!(surrogate.starts_with("doc.yaml:1:") && surrogate.contains("hex escape"), "{surrogate}");
    let yaml = refused("{ openapi: 3.1.0,\n a: [1 }");
    assert!(yaml.starts_with("doc.yaml:2:8: ") && yaml.contains("flow sequence"), "{yaml}");
}

#[test]
fn what_is_not_openapi_is_refused_as_what_it_is() {
    let error_of = |text: &str| openapi(text, "doc").unwrap_err().to_string();
    assert!(error_of("<!doctype html><html><body>Not found</body></html>").starts_with("doc"));
    assert!(error_of("<html>").contains("HTML"));
    assert!(error_of("just words").contains("a single value, not an OpenAPI document"));
    assert!(error_of("- a\n- b\n").contains("a list, not an OpenAPI document"));
    assert!(error_of("[1, 2]").contains("a list, not an OpenAPI document"));
    assert_eq!(
        error_of("openapi: 3.1.0\npaths: [\n"),
        "doc:3:1: while parsing a node, did not find expected node content"
    );
    assert!(error_of("swagger: '2.0'\n").contains("Swagger 2.0"));
    assert!(error_of("openapi: 4.0.0\npaths: {}\n").contains("OpenAPI 4.0.0 is not read"));
    assert!(error_of("openapi: 3.0.0\n").contains("`paths` is missing"));
    assert!(error_of("openapi: 3.1.0\npaths: []\n").contains("`paths` is not an object"));
    assert!(openapi("openapi: 3.1.0\n", "doc").is_ok(), "3.1 does not need paths");
    assert!(openapi("openapi: 3.0\npaths: {}\n", "doc").is_ok(), "a number as the version");
}

#[test]
fn a_page_holds_one_document_in_a_fence() {
    let page = "# Title\n\n```bash\nopenapi: no\n```\n\n````yaml /a.yaml post /route/\nopenapi: 3.1.0\ndescription: |\n  ```\n  code\n  ```\n````\n";
    let found = document_in_page(page, "page.md").unwrap().unwrap();
    assert_eq!(found, "openapi: 3.1.0\ndescription: |\n  ```\n  code\n  ```\n");
    assert_eq!(document_in_page("# no fence here\n", "page.md").unwrap(), None);
}

#[test]
fn half_a_page_is_refused_with_its_line() {
    let message =
        document_in_page("# Title\n\n````yaml a\nopenapi: 3.1.0\n", "page.md").unwrap_err().to_string();
    assert!(message.starts_with("page.md:3:1: ") && message.contains("never closes"), "{message}");
    let two = "```yaml\nopenapi: 3.1.0\n```\n```yaml\nopenapi: 3.0.0\n```\n";
    assert!(document_in_page(two, "page.md").unwrap_err().to_string().contains("second fence"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[ \\n\\t:#&*!|>'\"%@`{}\\[\\],?-]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,8}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_of_a_document_is_lost(value in any_json()) {
        let value = json!({ "a": value });
        prop_assert_eq!(&document(&value.to_string(), "doc.json").unwrap(), &value);
        let yaml = serde_yaml::to_string(&value).unwrap();
        // The writer leaves a key `<<` without its quotes, which makes it YAML's own, and breaks lines as YAML 1.1 does, where 1.2 goes on.
        let is_of_the_writer = |text: &str| ["\"<<\"", "\u{2028}", "\u{2029}"].iter().any(|odd| text.contains(odd));
        if !is_of_the_writer(&value.to_string()) {
            prop_assert_eq!(&document(&yaml, "doc.yaml").unwrap(), &value, "{}", yaml);
        }
    }

    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC{0,200}", page in "(```|~~~|`|yaml|openapi:|\\n| ){0,30}") {
        let _ = openapi(&text, "doc");
        let _ = document_in_page(&page, "page");
    }
}
