//! Media types with parameters, and ranges of them.

use vastai_spec::diff::Wire::{self, Breaking, Compatible, None as Nothing};

use crate::{between, document};

fn content(members: &str, direction: &str) -> serde_json::Value {
    let content = format!("content: {{{members}}}");
    let operation = match direction {
        "request" => format!("requestBody: {{{content}}}"),
        "parameter" => format!("parameters: [{{name: q, in: query, {content}}}]"),
        "header" => format!("responses: {{'200': {{headers: {{H: {{{content}}}}}}}}}"),
        _ => format!("responses: {{'200': {{{content}}}}}"),
    };
    document(&format!("/a: {{post: {{{operation}}}}}"), "")
}

#[track_caller]
fn check(old: &str, new: &str, request: Wire, response: Wire) {
    for (direction, right) in
        [("request", request), ("response", response), ("parameter", request), ("header", response)]
    {
        let types = |names: &str| {
            let members = names.split(" + ").map(|name| format!("'{name}': {{schema: {{type: string}}}}"));
            content(&members.collect::<Vec<_>>().join(", "), direction)
        };
        let diff = between(&types(old), &types(new));
        assert_eq!(diff.wire, right, "{direction}, {old} → {new}: {:#?}", diff.changes);
        if right == Nothing {
            assert!(diff.is_empty(), "{direction}, {old} → {new}: {:#?}", diff.changes);
        }
    }
}

#[test]
fn parameters_that_make_another_format_count() {
    check("a/b; version=1", "a/b; version=2", Breaking, Breaking);
    check("application/json; profile=\"x\"", "application/json; profile=\"y\"", Breaking, Breaking);
    check(
        "application/vnd.x+json; version=1; charset=utf-8",
        "application/vnd.x+json; version=2",
        Breaking,
        Breaking,
    );
    check("a/b; version=1", "a/b; version=1 + a/b; version=2", Compatible, Compatible);
    check("a/b; version=1 + a/b; version=2", "a/b; version=2", Breaking, Breaking);
    check("a/b", "a/b; version=1", Breaking, Breaking);
    check("a/b; version=1", "a/b", Breaking, Breaking);
}

#[test]
fn the_charset_of_text_counts() {
    check("text/plain; charset=utf-8", "text/plain; charset=utf-16", Breaking, Breaking);
    check("application/xml; charset=utf-8", "application/xml; charset=iso-8859-1", Breaking, Breaking);
    // Without a charset, any may come.
    check("text/csv; charset=utf-8", "text/csv", Compatible, Breaking);
    check("text/csv", "text/csv; charset=utf-8", Breaking, Compatible);
}

#[test]
fn what_says_nothing_about_the_format_does_not_count() {
    check("application/json; charset=utf-8", "application/json; charset=utf-16", Nothing, Nothing);
    check("application/json; charset=utf-8", "application/json", Nothing, Nothing);
    check("application/problem+json", "application/problem+json;charset=latin1", Nothing, Nothing);
    check("multipart/form-data; boundary=a", "multipart/form-data; boundary=b", Nothing, Nothing);
    check("Text/Plain;Charset=\"UTF-8\"", "text/plain; charset=utf-8", Nothing, Nothing);
    check("a/b; x=1; y=\"2\"", "a/b;Y=2;x=1", Nothing, Nothing);
}

#[test]
fn ranges_stand_for_what_they_cover() {
    check("application/json", "application/*", Compatible, Breaking);
    check("application/*", "application/json", Breaking, Compatible);
    check("text/plain; charset=utf-8 + text/csv; version=1", "text/*", Compatible, Breaking);
    check("text/*", "text/plain + text/csv", Breaking, Compatible);
    check("text/*", "image/*", Breaking, Breaking);
    check("*/*", "text/*", Breaking, Compatible);
    check("*/*", "*/* + text/plain", Compatible, Compatible);
    check("*/* + text/plain", "*/*", Compatible, Breaking);
}

#[test]
fn what_a_range_said_holds_for_what_it_covered() {
    let schema = |name: &str, schema: &str| format!("{name}: {{schema: {schema}}}");
    let old = schema("text/*", "{type: string, maxLength: 9}");
    let new = format!("{old}, {}", schema("text/csv", "{type: string, maxLength: 5}"));
    // What was sent as CSV had nine characters.
    let diff = between(&content(&old, "request"), &content(&new, "request"));
    assert!(diff.changes.iter().any(|change| change.id == "limit-tightened"), "{diff:#?}");
    assert_eq!(diff.wire, Breaking);
    assert_eq!(between(&content(&old, "response"), &content(&new, "response")).wire, Compatible);
    // Two spellings of JSON in one document are two entries, and neither is lost.
    let of = |second: &str| {
        format!(
            "{}, {}",
            schema("application/json", "{type: string}"),
            schema("'application/json; charset=utf-8'", second)
        )
    };
    let diff =
        between(&content(&of("{type: string}"), "response"), &content(&of("{type: integer}"), "response"));
    assert_eq!(diff.wire, Breaking);
}

#[test]
fn encodings_are_compared_part_by_part() {
    let of =
        |encoding: &str| content(&format!("multipart/form-data: {{encoding: {{a: {encoding}}}}}"), "request");
    let level = |old: &str, new: &str| between(&of(old), &of(new)).wire;
    assert_eq!(
        level("{contentType: 'image/png, Image/GIF'}", "{contentType: 'image/gif,image/png'}"),
        Nothing
    );
    assert_eq!(level("{contentType: text/plain}", "{contentType: text/plain; charset=utf-8}"), Breaking);
    assert_eq!(level("{headers: {X: {description: a}}}", "{headers: {X: {description: b}}}"), Nothing);
    assert_eq!(
        level("{headers: {X: {schema: {type: string}}}}", "{headers: {X: {schema: {type: integer}}}}"),
        Breaking
    );
    assert_eq!(level("{style: form}", "{style: pipeDelimited}"), Breaking);
    assert_eq!(level("{}", "{unheardOf: 1}"), Breaking);
    assert_eq!(level("3", "4"), Breaking);
}
