//! Searching offers by a query.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{Server, Vastai};

/// What a search sends.
fn sent(line: &[&str]) -> Value {
    let server = Server::start();
    let done = Vastai::asking(&server, &[&["search", "offers", "--output", "json"], line].concat()).run();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    server.requests()[0].json().unwrap()
}

#[test]
fn a_query_is_sent_as_the_official_command_line_sends_it() {
    let expected = json!({
        "gpu_name": { "eq": "RTX 4090" }, "num_gpus": { "gte": 2 }, "dph_total": { "lt": 1.5 }, "verified": { "eq": true },
        "external": { "eq": false }, "rentable": { "eq": true }, "rented": { "eq": false }, "order": [["score", "desc"]],
        "type": "on-demand", "allocated_storage": 5.0,
    });
    assert_eq!(sent(&["gpu_name=RTX_4090 num_gpus>=2 dph<1.5"]), expected);
    assert_eq!(
        sent(&["gpu_name=RTX_4090", "num_gpus", ">=2", "dph<1.5"]),
        expected,
        "also in words of the shell"
    );
}

#[test]
fn flags_stand_above_what_a_query_means() {
    let sent = sent(&[
        "--limit",
        "3",
        "verified=any",
        "--order",
        r#"[["dph_total","asc"]]"#,
        "--rented",
        r#"{"eq":true}"#,
    ]);
    assert_eq!(
        sent,
        json!({
            "external": { "eq": false }, "rentable": { "eq": true }, "rented": { "eq": true }, "limit": 3,
            "order": [["dph_total", "asc"]], "type": "on-demand", "allocated_storage": 5.0,
        })
    );
}

#[test]
fn without_a_query_the_flags_are_all() {
    assert_eq!(sent(&["--limit", "3"]), json!({ "limit": 3 }));
}

#[test]
fn a_wrong_query_is_wrong_usage_and_is_not_sent() {
    let server = Server::start();
    let done = Vastai::asking(&server, &["search", "offers", "gpu_name=RTX_4090 num_gpus=>2"]).run();
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    expect![[r#"
        error: the query is wrong: `=>` is not an operator; operators are =, !=, <, <=, >, >=, in, notin
          gpu_name=RTX_4090 num_gpus=>2
                                    ^

        Usage: vastai [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&done.stderr);
    assert!(server.requests().is_empty());
}
