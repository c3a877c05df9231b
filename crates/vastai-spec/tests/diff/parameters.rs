//! How parameters are written: where one value is written as a list of one is.

use vastai_spec::diff::Wire::{self, Breaking, Compatible, None as Nothing};

use crate::{between, document};

fn parameter(location: &str, members: &str) -> serde_json::Value {
    let path = if location == "path" { "/a/{q}" } else { "/a" };
    document(&format!("'{path}': {{get: {{parameters: [{{name: q, in: {location}, {members}}}]}}}}"), "")
}

#[track_caller]
fn check(location: &str, old: &str, new: &str, right: Wire) {
    let diff = between(&parameter(location, old), &parameter(location, new));
    assert_eq!(diff.wire, right, "{location}: {old} → {new}: {:#?}", diff.changes);
}

const TEXT: &str = "schema: {type: string}";
const NUMBER: &str = "schema: {type: integer}";
const TEXTS: &str = "schema: {type: array, items: {type: string}}";
const NUMBERS: &str = "schema: {type: array, items: {type: integer}}";

#[test]
fn one_value_is_a_list_of_one() {
    for (location, old, new) in [
        ("query", TEXT, TEXTS),
        ("query", NUMBER, NUMBERS),
        ("query", NUMBER, "schema: {type: array, items: {type: number}, maxItems: 3}"),
        ("query", TEXT, "explode: false, schema: {type: array, items: {type: string}}"),
        ("query", "explode: false, schema: {type: string}", TEXTS),
        (
            "query",
            "schema: {type: [string, integer]}",
            "schema: {type: array, items: {type: [integer, string]}, minItems: 1}",
        ),
        (
            "query",
            "schema: {anyOf: [{type: string, maxLength: 3}, {type: integer}]}",
            "schema: {type: array, items: {anyOf: [{type: string, maxLength: 3}, {type: integer}]}}",
        ),
        (
            "query",
            "schema: {type: string, default: a}",
            "schema: {type: array, items: {type: string}, default: [a]}",
        ),
        ("query", "schema: {type: boolean}", "schema: {type: array}"),
        ("path", TEXT, TEXTS),
        (
            "path",
            "style: label, schema: {type: integer}",
            "style: label, schema: {type: array, items: {type: integer}}",
        ),
        (
            "path",
            "style: matrix, schema: {type: integer}",
            "style: matrix, schema: {type: array, items: {type: integer}}",
        ),
        ("header", NUMBER, NUMBERS),
        (
            "header",
            "schema: {type: string, enum: [a, b]}",
            "schema: {type: array, items: {type: string, enum: [a, b]}}",
        ),
        (
            "header",
            "schema: {type: string, format: uuid}",
            "schema: {type: array, items: {type: string, format: uuid}}",
        ),
        ("cookie", NUMBER, NUMBERS),
    ] {
        check(location, old, new, Compatible);
        check(location, new, old, Breaking);
    }
}

#[test]
fn what_the_list_refuses_breaks() {
    for (location, old, new) in [
        ("query", TEXT, NUMBERS),
        ("query", TEXT, "schema: {type: array, items: {type: string, maxLength: 3}}"),
        ("query", TEXT, "schema: {type: array, items: {type: string}, minItems: 2}"),
        ("query", TEXT, "schema: {type: array, items: {type: string}, maxItems: 0}"),
        ("query", TEXT, "schema: {type: array, prefixItems: [{type: integer}]}"),
        ("query", TEXT, "required: true, schema: {type: array, items: {type: string}}"),
        ("query", TEXT, "style: pipeDelimited, schema: {type: array, items: {type: string}}"),
        ("query", TEXT, "style: spaceDelimited, schema: {type: array, items: {type: string}}"),
        ("query", TEXT, "content: {application/json: {schema: {type: array, items: {type: string}}}}"),
        (
            "query",
            "schema: {type: string, default: a}",
            "schema: {type: array, items: {type: string}, default: [b]}",
        ),
        ("query", "schema: {type: object}", "schema: {type: array}"),
        // A comma in a header separates, and a string may have one.
        ("header", TEXT, TEXTS),
        (
            "header",
            "schema: {type: string, enum: ['a,b']}",
            "schema: {type: array, items: {type: string, enum: ['a,b']}}",
        ),
        ("cookie", TEXT, TEXTS),
    ] {
        check(location, old, new, Breaking);
    }
}

#[test]
fn explode_says_nothing_of_one_value() {
    check("query", TEXT, "explode: false, schema: {type: string}", Nothing);
    check("query", "style: form, schema: {type: string}", "explode: true, schema: {type: string}", Nothing);
    check("query", TEXTS, "explode: false, schema: {type: array, items: {type: string}}", Breaking);
    check(
        "query",
        "schema: {type: [string, array]}",
        "explode: false, schema: {type: [string, array]}",
        Breaking,
    );
    check("query", "schema: {}", "explode: false, schema: {}", Breaking);
}

#[test]
fn a_header_of_an_answer_that_becomes_a_list_is_misread() {
    let of = |schema: &str| {
        document(&format!("/a: {{get: {{responses: {{'200': {{headers: {{H: {{{schema}}}}}}}}}}}}}"), "")
    };
    assert_eq!(between(&of(NUMBER), &of(NUMBERS)).wire, Breaking);
}

#[test]
fn a_member_of_a_form_is_written_as_a_list_of_one_is() {
    let of = |media_type: &str, member: &str| {
        let schema = format!("{{type: object, properties: {{a: {member}}}}}");
        document(
            &format!("/a: {{post: {{requestBody: {{content: {{{media_type}: {{schema: {schema}}}}}}}}}}}"),
            "",
        )
    };
    let (one, list) = ("{type: string}", "{type: array, items: {type: string}}");
    for media_type in ["application/x-www-form-urlencoded", "multipart/form-data"] {
        assert_eq!(between(&of(media_type, one), &of(media_type, list)).wire, Compatible, "{media_type}");
        assert_eq!(between(&of(media_type, list), &of(media_type, one)).wire, Breaking, "{media_type}");
    }
    assert_eq!(between(&of("application/json", one), &of("application/json", list)).wire, Breaking);
    // In JSON within a form, a list is a list.
    let (one, list) = (
        format!("{{type: object, properties: {{b: {one}}}}}"),
        format!("{{type: object, properties: {{b: {list}}}}}"),
    );
    let form = "multipart/form-data";
    assert_eq!(between(&of(form, &one), &of(form, &list)).wire, Breaking);
}
