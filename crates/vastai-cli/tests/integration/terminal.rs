//! What a response can do to a terminal, or to a shell into which a note is pasted: nothing.

use std::process::Command;

use expect_test::expect;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use vastai_mock::{RawResponse, WorkersShape};

use crate::support::{Done, Server, Vastai};

/// One of each kind that a terminal obeys or hides: C0, DEL, C1, marks of direction, separators, a byte order mark, and tags, which are
/// beyond 16 bits.
const HIDDEN: &str = "\u{1b}]0;x\u{7}\u{1b}[2J\u{8}\u{7f}\u{80}\u{9b}1m\u{9d}\u{9f}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\
                      \u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{206a}\u{feff}\u{e0001}\u{e0041}\u{e007f}";

/// JSON as a service writes it that escapes nothing but what it has to: C0, quotes and backslashes.
fn raw_json(value: &Value) -> RawResponse {
    RawResponse::new(StatusCode::OK, HeaderValue::from_static("application/json"), value.to_string())
}

/// Neither stream has a character that a terminal obeys or hides, but line feeds.
#[track_caller]
fn assert_harmless(done: &Done) {
    let is_hidden = |letter: char| {
        letter != '\n' && (letter.is_control() || HIDDEN.contains(letter) && !letter.is_ascii())
    };
    for stream in [&done.stdout, &done.stderr] {
        assert!(!stream.contains(is_hidden), "{stream:?}");
    }
}

#[test]
fn a_table_shows_escapes() {
    let server = Server::start();
    let endpoint = json!({"endpoint_name": format!("a{HIDDEN}b"), HIDDEN: HIDDEN});
    server.respond_with(
        "/api/v0/endptjobs",
        raw_json(&json!({"results": [endpoint], "found\u{9b}": "one\u{202e}"})),
    );
    let done = Vastai::asking(&server, &["show", "endpoints"]).run();
    assert_harmless(&done);
    assert_eq!(done.code, Some(0));
    assert!(done.stdout.contains(r"a\u{1b}]0;x\u{7}\u{1b}[2J\u{8}"), "{}", done.stdout);
    assert!(done.stderr.contains(r"found\u{9b}: one\u{202e}"), "{}", done.stderr);

    let object =
        json!({HIDDEN: HIDDEN, "log\u{9b}": format!("one\n{HIDDEN}\r\ntwo"), "nested": {"a": [HIDDEN]}});
    for answer in [
        object.clone(),
        json!([HIDDEN, "x"]),
        json!(format!("x{HIDDEN}")),
        json!({HIDDEN: []}),
        json!([object]),
    ] {
        server.respond_with("/api/v0/users/current", raw_json(&answer));
        let done = Vastai::asking(&server, &["show", "user"]).run();
        assert_harmless(&done);
    }
}

#[test]
fn workers_and_their_logs_show_escapes() {
    let server = Server::start();
    server.set_workers_shape(WorkersShape::Custom(json!([{"id": 1, "status": format!("UP{HIDDEN}")}])));
    let done = Vastai::asking(&server, &["get", "endpoint", "workers", "12345"]).run();
    assert_harmless(&done);
    assert!(done.stdout.contains(r"UP\u{1b}]0;x\u{7}"), "{}", done.stdout);
    server.respond_with(
        "/get_endpoint_logs/",
        raw_json(&json!({"info0": format!("one\n{HIDDEN}\n"), "trace": HIDDEN})),
    );
    let done = Vastai::asking(&server, &["get", "endpoint", "logs", "--id", "12345"]).run();
    assert_harmless(&done);
    assert!(done.stdout.contains(r"  \u{1b}]0;x\u{7}\u{1b}[2J"), "{}", done.stdout);
}

#[test]
fn json_has_escapes_of_json_and_means_the_same() {
    let server = Server::start();
    let answer = json!({"results": [{"endpoint_name": format!("a{HIDDEN}\\\"b"), HIDDEN: [HIDDEN, "größe 中文 🙂 ☂\u{fe0f}"]}]});
    server.respond_with("/api/v0/endptjobs", raw_json(&answer));
    for line in [&["show", "endpoints", "--output", "json"][..], &["show", "endpoints", "--raw"]] {
        let done = Vastai::asking(&server, line).run();
        assert_harmless(&done);
        let shown = serde_json::from_str::<Value>(&done.stdout).unwrap();
        assert_eq!(shown, if line.contains(&"--raw") { answer["results"].clone() } else { answer.clone() });
        assert!(
            done.stdout.contains(r"\u007f\u0080\u009b1m") && done.stdout.contains(r"\udb40\udc41"),
            "{}",
            done.stdout
        );
        assert!(done.stdout.contains("größe 中文 🙂 ☂\u{fe0f}"), "{}", done.stdout);
    }
}

#[test]
fn errors_show_escapes() {
    let server = Server::start();
    let failure = json!({"success": false, "error": format!("x{HIDDEN}"), "msg": format!("y{HIDDEN}")});
    for (status, body) in [
        (500, failure.to_string()),
        (404, failure.to_string()),
        (200, failure.to_string()),
        (502, format!("<html>{HIDDEN}</html>")),
        (200, format!("no JSON {HIDDEN}")),
    ] {
        let json = HeaderValue::from_static("application/json");
        server.respond_with(
            "/api/v0/endptjobs",
            RawResponse::new(StatusCode::from_u16(status).unwrap(), json, body),
        );
        for flags in [&[][..], &["--raw"]] {
            let done = Vastai::asking(&server, &[&["show", "endpoints"], flags].concat()).run();
            assert_harmless(&done);
            assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
            assert!(done.stderr.contains(r"\u{7f}"), "{}", done.stderr);
        }
    }
}

#[test]
fn a_command_line_is_quoted_with_escapes() {
    for line in
        [&[HIDDEN][..], &["show", HIDDEN], &["show", "instance", HIDDEN], &["search", "offers", HIDDEN]]
    {
        let done = Vastai::new(line).env("VAST_API_KEY", "x").run();
        assert_harmless(&done);
        assert_eq!(done.code, Some(2), "{}", done.stderr);
    }
}

#[test]
fn the_token_of_the_next_page_is_one_word_of_a_shell() {
    let server = Server::start();
    let tokens = [
        "a' ; id ; 'b",
        "-x",
        "--output=json",
        "$(id) `id` \\ \" !! * ~ #",
        "",
        "two\nlines",
        "'; id; \u{1b}[2J '\\",
        "\u{202e}\u{e0041}größe",
    ];
    for token in tokens {
        server.clear_responses("/api/v0/instances");
        let page = json!({"instances": [{"id": 1}], "next_token": token});
        server.respond_next_with("/api/v1/instances", raw_json(&page));
        let done = Vastai::asking(&server, &["show", "instances", "--limit", "1"]).run();
        assert_harmless(&done);
        let word = done.stderr.lines().find_map(|line| line.strip_prefix("note: there is more: ")).unwrap();
        let pasted = Command::new("bash").args(["-c", &format!("printf '%s|' {word}")]).output().unwrap();
        let pasted = String::from_utf8(pasted.stdout).unwrap();
        assert_eq!(pasted, format!("--after-token={token}|"), "{word}");

        Vastai::asking(&server, &["show", "instances", pasted.trim_end_matches('|')]).run();
        let request = server.requests().pop().unwrap();
        let sent = request
            .query_pairs()
            .find(|(name, _)| name == "after_token")
            .map(|(_, value)| value.into_owned());
        assert_eq!(sent.as_deref(), Some(token));
    }
    let page = json!({"instances": [{"id": 1}], "next_token": "a\u{0}b"});
    server.respond_with("/api/v1/instances", raw_json(&page));
    expect![[r#"
        exit 0
        --- stdout
        ID
         1
        --- stderr
        note: there is more, by a token that no argument can hold; --output json shows all
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "instances", "--limit", "1"]).run().transcript());
}

#[test]
fn a_table_has_an_end() {
    let server = Server::start();
    let body = format!(r#"{{"results":[{{"id":1}}{}]}}"#, r#",{"id":2}"#.repeat(30_000));
    server.respond_with(
        "/api/v0/endptjobs",
        RawResponse::new(StatusCode::OK, HeaderValue::from_static("application/json"), body),
    );
    let done = Vastai::asking(&server, &["show", "endpoints"]).run();
    assert_eq!((done.code, done.stdout.lines().count()), (Some(0), 10_001));
    assert_eq!(done.stderr, "note: 20001 more rows are not shown; --output json shows all\n");
    let done = Vastai::asking(&server, &["show", "endpoints", "--raw"]).run();
    let shown: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(shown.as_array().map(Vec::len), Some(30_001));
}

#[test]
fn what_is_nested_makes_no_pages_of_spaces() {
    let server = Server::start();
    let body = format!("{{\"results\":{}0{}{}}}", "[".repeat(100), ",0".repeat(100_000), "]".repeat(100));
    let length = body.len();
    server.respond_with(
        "/api/v0/endptjobs",
        RawResponse::new(StatusCode::OK, HeaderValue::from_static("application/json"), body),
    );
    let done = Vastai::asking(&server, &["show", "endpoints", "--raw"]).run();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.len() < 26 * length, "{} bytes of {length}", done.stdout.len());
}
