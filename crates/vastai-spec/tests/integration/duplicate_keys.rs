//! Keys that a mapping has more than once: refused in our own files, reported in published ones.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};
use vastai_spec::load::{DuplicateKey, Place, document, openapi, published};
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::visible::is_hidden;

/// The document, and its duplicate keys as a person reads them.
fn read(text: &str) -> (Value, Vec<String>) {
    let read = published(text, "doc").unwrap();
    (read.document, read.duplicates.listed().iter().map(ToString::to_string).collect())
}

/// A pointer, and lines and columns.
type Duplicate = (String, Vec<(usize, usize)>);

/// The value `x` of a document that says this beside it, and the places of its duplicate keys.
fn value_of(yaml: &str) -> (Value, Vec<Duplicate>) {
    let read = published(&format!("openapi: 3.1.0\npaths: {{}}\n{yaml}"), "doc").unwrap();
    let places = |duplicate: &DuplicateKey| {
        duplicate.places.iter().map(|Place { line, column }| (*line, *column)).collect()
    };
    let duplicates = read.duplicates.listed().iter();
    let duplicates = duplicates.map(|duplicate| (duplicate.pointer.clone(), places(duplicate))).collect();
    (read.document["x"].clone(), duplicates)
}

#[test]
fn the_last_value_counts_and_all_places_are_reported() {
    let yaml = "\
openapi: 3.1.0
info: { title: Twice, version: '1' }
paths:
  /worker/:
    get:
      operationId: first
      summary: one
      operationId: second
      responses:
        '200': { description: one, description: two, description: three }
";
    let (document, duplicates) = read(yaml);
    let operation = &document["paths"]["/worker/"]["get"];
    assert_eq!(operation["operationId"], "second");
    assert_eq!(operation["responses"]["200"]["description"], "three");
    expect![[r"
        8:7: the key `operationId` is in the same mapping at 6:7, too; the last value was taken (/paths/~1worker~1/get/operationId)
        10:54: the key `description` is in the same mapping at 10:18, 10:36, too; the last value was taken (/paths/~1worker~1/get/responses/200/description)"]]
    .assert_eq(&duplicates.join("\n"));
}

#[test]
fn json_has_them_too() {
    let text = "{\n  \"openapi\": \"3.1.0\",\n  \"paths\": {\"/é\": {\"a\": 1}, \"/b\": [{\"c\": {}}, {\"c\": 1, \"d\": 2,\n\t\"c\": 3}]},\n  \"paths\": {\"/b\": [0, {\"\\u0063\": 4, \"c\": 5}]}}";
    let (document, duplicates) = read(text);
    assert_eq!(document["paths"], json!({ "/b": [0, { "c": 5 }] }));
    expect![[r"
        4:2: the key `c` is in the same mapping at 3:48, too; the last value was taken (/paths/~1b/1/c)
        5:3: the key `paths` is in the same mapping at 3:3, too; the last value was taken (/paths)
        5:37: the key `c` is in the same mapping at 5:24, too; the last value was taken (/paths/~1b/1/c)"]]
    .assert_eq(&duplicates.join("\n"));
}

#[test]
fn keys_are_the_same_by_what_they_say() {
    let spellings = ["a", "'a'", "\"a\"", "\"\\u0061\"", "\"\\x61\"", "? a\n ", "!!str a", "&anchor a"];
    for other in spellings {
        let yaml = format!("x:\n a: 1\n {other}: 2\n");
        assert_eq!(
            value_of(&yaml),
            (
                json!({ "a": 2 }),
                vec![("/x/a".to_owned(), vec![(4, 2), (5, if other.starts_with('?') { 4 } else { 2 })])]
            ),
            "{yaml}"
        );
    }
    assert_eq!(value_of("x: { 200: 1, '200': 2 }\n").1.len(), 1, "a number and a string are one key in JSON");
    assert_eq!(value_of("x: { null: 1, 'null': 2 }\n").1.len(), 1);
    assert_eq!(value_of("x:\n key: &key a\n a: 1\n *key : 2\n").1[0].0, "/x/a", "an alias as a key");
    for different in
        ["a: 1\n A: 2", "1: 1\n 1.0: 2", "0x10: 1\n 16: 2", "a: 1\n 'a ': 2", "é: 1\n e\u{301}: 2"]
    {
        assert_eq!(value_of(&format!("x:\n {different}\n")).1, [], "{different}");
    }
}

#[test]
fn every_kind_of_mapping_is_looked_at() {
    for (yaml, pointer) in [
        ("x: { a: 1, a: 2 }\n", "/x/a"),
        ("x: [{ a: 1, a: 2 }]\n", "/x/0/a"),
        ("x:\n- - a: 1\n    a: 2\n", "/x/0/0/a"),
        ("x: { b/c~d: { '': { a: 1, a: 2 } } }\n", "/x/b~1c~0d//a"),
        ("x: { ? a : 1, a: 2 }\n", "/x/a"),
        ("x: { a, a: 2 }\n", "/x/a"),
        ("x: 1\nx: 2\n", "/x"),
    ] {
        let (_, duplicates) = value_of(yaml);
        assert_eq!(
            duplicates.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(),
            [pointer],
            "{yaml}"
        );
    }
}

#[test]
fn what_an_anchor_holds_is_reported_once() {
    let (value, duplicates) =
        value_of("x:\n  one: &one { a: 1, a: 2 }\n  two: *one\n  three: [*one, *one]\n");
    let one = json!({ "a": 2 });
    assert_eq!(value, json!({ "one": one, "two": one, "three": [one, one] }));
    assert_eq!(duplicates, [("/x/one/a".to_owned(), vec![(4, 15), (4, 21)])]);
}

#[test]
fn a_key_beside_a_merge_key_is_not_a_duplicate_and_a_second_merge_key_is() {
    let base = "b: &b { a: 1, c: 1 }\nd: &d { a: 2, e: 2 }\n";
    let (value, duplicates) = value_of(&format!("{base}x:\n  a: 3\n  <<: [*b, *d]\n"));
    assert_eq!((value, duplicates), (json!({ "a": 3, "c": 1, "e": 2 }), vec![]));
    let text = format!("openapi: 3.1.0\npaths: {{}}\n{base}x:\n  <<: *b\n  <<: *d\n");
    let (document, duplicates) = read(&text);
    assert_eq!(document["x"], json!({ "a": 2, "c": 1, "e": 2 }), "both are merged, the last first");
    assert_eq!(
        duplicates,
        ["7:3: the key `<<` is in the same mapping at 6:3, too; all are merged, the last first (/x/<<)"]
    );
    let (value, duplicates) = value_of("x:\n  '<<': 1\n  \"<<\": 2\n");
    assert_eq!((value, duplicates.len()), (json!({ "<<": 2 }), 1), "in quotes it is a key as any other");
}

#[test]
fn our_own_files_have_none() {
    for (text, expected) in [
        (
            "a:\n  b: 1\n  b: 2\n",
            "doc:3:3: the key `b` stands twice in one mapping, first at 2:3; which of the two is meant?",
        ),
        (
            "{\n  \"a\": 1,\n  \"a\": 2\n}",
            "doc:3:3: the key `a` stands twice in one mapping, first at 2:3; which of the two is meant?",
        ),
        (
            "a: &a {}\nb:\n  <<: *a\n  <<: *a\n",
            "doc:4:3: the key `<<` stands twice in one mapping, first at 3:3; which of the two is meant?",
        ),
    ] {
        assert_eq!(document(text, "doc").unwrap_err().to_string(), expected);
    }
}

#[test]
fn the_pipeline_reports_them_and_goes_on() {
    let text = "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths:\n  /a:\n    get:\n      operationId: a\n      operationId: b\n      responses: {}\n";
    let prepared = prepare(Source::new("doc", text), None, Staleness::Fail).unwrap();
    assert_eq!(prepared.duplicates.count(), 1);
    assert_eq!(prepared.operations[0].id, "b");
    let noted: Vec<_> =
        prepared.report.applications().iter().filter(|noted| noted.rule.id == "duplicate-key").collect();
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].pointer, "/paths/~1a/get/operationId");
    assert!(
        noted[0].detail.starts_with("7:7: the key `operationId` is in the same mapping at 6:7"),
        "{}",
        noted[0].detail
    );
}

#[test]
fn a_message_has_one_line_of_bounded_length() {
    let text = |start: &str| {
        let key = format!("{start}{}", "b".repeat(100_000));
        format!(
            "{{\"openapi\": \"3.1.0\", \"paths\": {{}},\n x: {{\"{key}\": {{a: 1, a: 2}}, \"{key}\": 2}}}}"
        )
    };
    let refused = published(&text("a\\n\\e[2J\\u202E"), "doc").unwrap_err().to_string();
    assert!(refused.len() < 1000 && !refused.contains(is_hidden), "{refused}");
    let read = published(&text("a\\u00AD\\uFEFF"), "doc").unwrap();
    let expected: Vec<String> = read.duplicates.listed().iter().map(ToString::to_string).collect();
    assert_eq!(expected.len(), 2);
    for expected in expected {
        assert!(expected.len() < 1000, "{} bytes", expected.len());
        assert!(!expected.contains(is_hidden), "{expected}");
    }
}

#[test]
fn many_are_counted_and_some_are_listed() {
    let mut text = "openapi: 3.1.0\npaths: {}\nx:\n".to_owned();
    for number in 0..5_000 {
        let _ = writeln!(text, "  - {{ a: {number}, a: 1 }}");
    }
    let read = published(&text, "doc").unwrap();
    assert_eq!((read.duplicates.count(), read.duplicates.listed().len()), (5_000, 100));
    let many = format!("openapi: 3.1.0\npaths: {{}}\nx: {{ {} }}\n", "a: 1, ".repeat(5_000));
    let read = published(&many, "doc").unwrap();
    assert_eq!((read.duplicates.count(), read.duplicates.listed()[0].places.len()), (1, 5_000));
    assert!(read.duplicates.listed()[0].to_string().contains("3:6, 3:12, 3:18, 3:24, 4995 more places"));
    assert_eq!(openapi(&many, "doc").unwrap()["x"], json!({ "a": 1 }));
}
