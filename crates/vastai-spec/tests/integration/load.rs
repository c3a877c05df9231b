//! Loading: what is read, and what is refused with its place.

use proptest::prelude::*;
use serde_json::{Value, json};
use vastai_spec::load::{MAX_BYTES, document, document_in_page, openapi};

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
        "a numeric key is a text"
    );
}

#[test]
fn flow_yaml_in_braces_is_yaml() {
    assert_eq!(document("{ a: 1, b: [x, y] }", "doc.yaml").unwrap(), json!({ "a": 1, "b": ["x", "y"] }));
}

#[test]
fn keys_are_texts_as_they_are_written() {
    let value = document("1.10: a\ntrue: b\nnull: c\n? ''\n: d\n", "doc.yaml").unwrap();
    assert_eq!(value, json!({ "1.10": "a", "true": "b", "null": "c", "": "d" }));
}

#[test]
fn merge_keys_give_what_is_not_there() {
    let value = document("base: &base { a: 1, b: 2 }\nhere:\n  <<: *base\n  b: 3\n", "doc.yaml").unwrap();
    assert_eq!(value["here"], json!({ "a": 1, "b": 3 }));
}

#[test]
fn a_duplicate_key_is_told_with_its_place() {
    let yaml = refused("paths:\n  /a:\n    get: {}\n    get: {}\n");
    assert!(yaml.starts_with("doc.yaml:4:5: "), "{yaml}");
    assert!(yaml.contains("the key `get` stands twice"), "{yaml}");
    let json_text = document("{\n  \"a\": 1,\n  \"a\": 2\n}", "doc.json").unwrap_err();
    assert_eq!(json_text.place().map(|(line, _)| line), Some(3), "{json_text}");
    assert!(json_text.to_string().contains("the key `a` stands twice"), "{json_text}");
}

#[test]
fn what_is_no_yaml_is_told_with_its_place() {
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
fn a_document_of_50_mb_is_refused_before_it_is_parsed() {
    let message = refused(&"a".repeat(50_000_000));
    assert!(message.contains("50000000 bytes") && message.contains(&MAX_BYTES.to_string()), "{message}");
}

#[test]
fn nesting_without_end_is_refused() {
    for open in ["[", "{a: ", "- ", "{\"a\":", "? "] {
        let message = refused(&open.repeat(10_000));
        assert!(message.starts_with("doc.yaml:1:"), "{open}: {}", &message[..message.len().min(200)]);
        // JSON's own fault comes sooner in the first of these, and a key that is no text in the second.
        let told = message.contains("nested deeper than 128 levels") || ["{a: ", "? "].contains(&open);
        assert!(told, "{open}: {}", &message[..message.len().min(200)]);
    }
    let blocks: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth.min(1200)))).collect();
    assert!(document(&blocks, "doc.yaml").is_err());
}

#[test]
fn aliases_that_explode_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let previous = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![previous; 10].join(", ")));
    }
    let message = refused(&bomb);
    assert!(message.contains("aliases") || message.contains("repetition limit"), "{message}");
    // A few large texts repeated are as bad as many small ones.
    let text = "x".repeat(1_000_000);
    let large = format!("a: &a {text}\nb: [{}]\n", vec!["*a"; 200].join(", "));
    assert!(refused(&large).contains("aliases"));
}

#[test]
fn numbers_that_json_does_not_know_are_refused() {
    let message = refused("a: .nan\n");
    assert!(message.contains("a number that JSON does not know"), "{message}");
}

#[test]
fn two_documents_in_one_file_are_refused() {
    assert!(refused("a: 1\n---\nb: 2\n").contains("more than one YAML document"));
}

#[test]
fn what_is_no_openapi_is_told_as_what_it_is() {
    let told = |text: &str| openapi(text, "doc").unwrap_err().to_string();
    assert!(told("<!doctype html><html><body>Not found</body></html>").starts_with("doc"));
    assert!(told("<html>").contains("HTML"));
    assert!(told("just words").contains("a single value, not an OpenAPI document"));
    assert!(told("- a\n- b\n").contains("a list, not an OpenAPI document"));
    assert!(told("[1, 2]").contains("a list, not an OpenAPI document"));
    assert_eq!(
        told("openapi: 3.1.0\npaths: [\n"),
        "doc:3:1: did not find expected node content, while parsing a flow node"
    );
    assert!(told("swagger: '2.0'\n").contains("Swagger 2.0"));
    assert!(told("openapi: 4.0.0\npaths: {}\n").contains("OpenAPI 4.0.0 is not read"));
    assert!(told("openapi: 3.0.0\n").contains("`paths` is missing"));
    assert!(told("openapi: 3.1.0\npaths: []\n").contains("`paths` is not an object"));
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
        // A key `<<` is YAML's own in YAML.
        if !value.to_string().contains("\"<<\"") {
            prop_assert_eq!(&document(&yaml, "doc.yaml").unwrap(), &value, "{}", yaml);
        }
    }

    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC{0,200}", page in "(```|~~~|`|yaml|openapi:|\\n| ){0,30}") {
        let _ = openapi(&text, "doc");
        let _ = document_in_page(&page, "page");
    }
}
