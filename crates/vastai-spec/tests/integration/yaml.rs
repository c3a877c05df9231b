//! YAML as its core schema has it: what is a number, a string or null, and what has no counterpart in JSON.

use serde_json::{Value, json};
use vastai_spec::load::document;

fn value(written: &str) -> Value {
    let text = format!("a: {written}\n");
    document(&text, "doc").unwrap_or_else(|error| panic!("{written}: {error}"))["a"].clone()
}

fn refused(text: &str) -> String {
    document(text, "doc").unwrap_err().to_string()
}

#[test]
fn numbers_are_those_of_json() {
    for written in [
        "0",
        "-0",
        "7",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "-9223372036854776000",
        "340282366920938463463374607431768211456",
        "100000000000000000000000000000000000000000000000000",
        "1.5",
        "-1.5",
        "1e3",
        "1E+3",
        "1e-3",
        "1.0",
        "9007199254740993.0",
        "1e308",
        "-1.7976931348623157e308",
        "1e-400",
        "0.1",
    ] {
        let as_json: Value = serde_json::from_str(written).unwrap();
        assert_eq!(value(written), as_json, "{written}");
        assert_eq!(document(&format!("{{\"a\": {written}}}"), "doc").unwrap()["a"], as_json, "{written}");
    }
    // And the spellings that JSON does not have.
    for (written, as_json) in [
        ("+7", "7"),
        ("0123", "123"),
        ("-007", "-7"),
        ("00", "0"),
        ("1.", "1.0"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("+1.e2", "1.0e2"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0xffffffffffffffff", "18446744073709551615"),
        ("0x10000000000000000", "18446744073709551616"),
        ("0o2000000000000000000000", "18446744073709551616"),
    ] {
        assert_eq!(value(written), serde_json::from_str::<Value>(as_json).unwrap(), "{written}");
    }
}

#[test]
fn a_limit_of_more_than_64_bits_goes_through() {
    let limits = |low: &str, high: &str| {
        document(&format!("minimum: {low}\nmaximum: {high}\nenum: [{high}]\ndefault: {low}\n"), "doc")
            .unwrap()
    };
    let value = limits("-9223372036854776000", "18446744073709552000");
    assert_eq!(value["minimum"], json!(-9.223_372_036_854_776e18));
    assert_eq!(value["enum"], json!([1.844_674_407_370_955_2e19]));
}

#[test]
fn what_is_a_number_elsewhere_only_is_a_string() {
    for written in [
        "1_000",
        "0b101",
        "1:30",
        "190:20:30",
        "2020-01-01",
        "2020-01-01T00:00:00Z",
        "1e",
        "e1",
        ".",
        "+",
        "--1",
        "+-1",
        "0x",
        "0o8",
        "0xg",
        "-0x1",
        "1,000",
        "1.2.3",
        "3.1.0",
        "0x1.8p1",
        "Infinity",
        "NaN",
        "inf",
        ".infinity",
        "+.nan",
        "1 2",
        "١٢",
    ] {
        assert_eq!(value(written), json!(written), "{written}");
    }
}

#[test]
fn numbers_that_json_does_not_have_are_refused_with_their_place() {
    for written in [".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN"] {
        let message = refused(&format!("a:\n  - {written}\n"));
        assert!(message.starts_with("doc:2:5: ") && message.contains("JSON does not know"), "{message}");
    }
    let digits = "9".repeat(400);
    for written in ["1e400", "-1e400", &digits] {
        let message = refused(&format!("a: 1\nb: {{ c: {written} }}\n"));
        assert!(message.starts_with("doc:2:9: ") && message.contains("larger than any number"), "{message}");
        let message = refused(&format!("{{\"a\": 1,\n \"b\": {written}}}"));
        assert!(message.starts_with("doc:2:") && message.contains("out of range"), "{message}");
    }
    assert_eq!(value("'.inf'"), json!(".inf"), "in quotes it is a string");
}

#[test]
fn yes_is_a_string_and_true_is_not() {
    for written in
        ["yes", "no", "on", "off", "Yes", "NO", "On", "y", "n", "tRUE", "nULL", "None", "nil", "=", "<<"]
    {
        assert_eq!(value(written), json!(written), "{written}");
    }
    for (written, expected) in [
        ("true", json!(true)),
        ("True", json!(true)),
        ("TRUE", json!(true)),
        ("false", json!(false)),
        ("False", json!(false)),
        ("FALSE", json!(false)),
        ("null", Value::Null),
        ("Null", Value::Null),
        ("NULL", Value::Null),
        ("~", Value::Null),
        ("", Value::Null),
        ("&a", Value::Null),
    ] {
        assert_eq!(value(written), expected, "{written}");
    }
    for quoted in ["\"true\"", "'null'", "\"1\"", "'~'", "''", "|-\n  1", ">-\n  true"] {
        assert!(value(quoted).is_string(), "{quoted}");
    }
}

#[test]
fn tags_of_the_core_schema_are_followed_and_others_are_refused() {
    for (written, expected) in [
        ("!!str 1", json!("1")),
        ("! 1", json!("1")),
        ("!!str", json!("")),
        ("!!int '1'", json!(1)),
        ("!!float 1", json!(1.0)),
        ("!!bool 'true'", json!(true)),
        ("!!null ''", Value::Null),
        ("!!seq [1]", json!([1])),
        ("!!map {b: 1}", json!({ "b": 1 })),
        ("!<tag:yaml.org,2002:str> 1", json!("1")),
    ] {
        assert_eq!(value(written), expected, "{written}");
    }
    for (written, expected) in [
        ("!!int x", "`x` is not an integer"),
        ("!!int 1.5", "`1.5` is not an integer"),
        ("!!bool 1", "`1` is not true or false"),
        ("!!null x", "`x` is not null"),
        ("!!float x", "`x` is not a number"),
        ("!!binary aGk=", "the tag `!!binary`"),
        ("!!timestamp 2020-01-01", "the tag `!!timestamp`"),
        ("!own x", "the tag `!own`"),
        ("!own [x]", "the tag `!own`"),
        ("!!set {x}", "the tag `!!set`"),
        ("!!map [x]", "the tag `!!map`"),
        ("!!seq {x: 1}", "the tag `!!seq`"),
    ] {
        let message = refused(&format!("a: {written}\n"));
        assert!(message.starts_with("doc:1:4: ") && message.contains(expected), "{written}: {message}");
    }
}

#[test]
fn a_merge_key_gives_what_is_not_there() {
    let read = |text: &str| document(text, "doc").unwrap()["here"].clone();
    let base = "base: &base { a: 1, b: 2 }\nother: &other { b: 9, c: 9 }\n";
    assert_eq!(read(&format!("{base}here:\n  <<: *base\n  b: 3\n")), json!({ "a": 1, "b": 3 }));
    assert_eq!(
        read(&format!("{base}here:\n  b: 3\n  <<: [*base, *other]\n")),
        json!({ "a": 1, "b": 3, "c": 9 })
    );
    assert_eq!(
        read("here: { <<: { a: 1 }, !!merge <<: { b: 2 } }\n".replace(", !!merge <<: { b: 2 }", "").as_str()),
        json!({ "a": 1 })
    );
    assert_eq!(
        read(&format!("{base}here:\n  \"<<\": *base\n")),
        json!({ "<<": { "a": 1, "b": 2 } }),
        "a string in quotes"
    );
    for wrong in ["1", "text", "[1]", "[{}, []]"] {
        let message = refused(&format!("a:\n  <<: {wrong}\n"));
        assert!(
            message.starts_with("doc:2:7: ") && message.contains("takes a mapping"),
            "{wrong}: {message}"
        );
    }
}

#[test]
fn aliases_stand_for_what_their_anchors_hold() {
    let read = document("a: &one { b: &two [1] }\nc: *two\nd: &one *two\n", "doc");
    assert!(read.is_err(), "an alias has no anchor of its own");
    let read = document("a: &one { b: &two [1] }\nc: *two\nd: [*one]\ne: &two 2\nf: *two\n", "doc").unwrap();
    assert_eq!(read, json!({ "a": { "b": [1] }, "c": [1], "d": [{ "b": [1] }], "e": 2, "f": 2 }));
    assert!(refused("a: 1\nb: *gone\n").starts_with("doc:2:4: "));
    assert_eq!(refused("a: &a [*a]\n"), "doc:1:8: the alias stands inside of what it repeats");
    assert_eq!(refused("a: &a { b: { c: *a } }\n"), "doc:1:17: the alias stands inside of what it repeats");
}

#[test]
fn a_key_is_a_string() {
    for (text, place) in [
        ("a: 1\n[b]: 1\n", "2:1"),
        ("? {a: 1}\n: 1\n", "1:3"),
        ("? - a\n: 1\n", "1:3"),
        ("a: &a [1]\n*a : 2\n", "2:1"),
    ] {
        let message = refused(text);
        assert!(
            message.starts_with(&format!("doc:{place}: ")) && message.contains("cannot be a key"),
            "{text}: {message}"
        );
    }
}

/// The standard knows it in quotes alone; other readers take it anywhere, and pasted prose has it.
#[test]
fn a_byte_order_mark_inside_of_a_string_is_a_character_as_any_other() {
    for written in
        ["b\u{feff}c", "\u{feff}c", "'b\u{feff}'", "\"\u{feff}b\"", "|-\n  b \u{feff} c", ">-\n  \u{feff}b"]
    {
        let expected = written.trim_matches(|quote| matches!(quote, '\'' | '"'));
        let expected = expected.rsplit("-\n  ").next().unwrap();
        assert_eq!(value(written), json!(expected), "{written:?}");
    }
    let read = document("\u{feff}#\u{feff}\n\u{feff}a\u{fdd0}: { '\u{fdd1}': \u{feff} }\n", "doc").unwrap();
    assert_eq!(
        read,
        json!({ "\u{feff}a\u{fdd0}": { "\u{fdd1}": "\u{feff}" } }),
        "and no other character is lost"
    );
}
