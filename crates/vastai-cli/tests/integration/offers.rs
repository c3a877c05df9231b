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
fn without_a_query_the_defaults_are_the_same() {
    let expected = json!({
        "limit": 3, "verified": { "eq": true }, "external": { "eq": true }, "rentable": { "eq": true }, "rented": { "eq": false },
        "order": [["score", "desc"]], "type": "on-demand", "allocated_storage": 5.0,
    });
    assert_eq!(sent(&["--limit", "3", "--external", r#"{"eq":true}"#]), expected);
}

#[test]
fn the_defaults_can_be_left_out() {
    assert_eq!(sent(&["--limit", "3", "--no-defaults"]), json!({ "limit": 3 }));
    assert_eq!(
        sent(&["machine_id=7", "--no-defaults"]),
        json!({ "machine_id": { "eq": 7 }, "order": [["score", "desc"]], "type": "on-demand", "allocated_storage": 5.0 }),
        "an order, a kind and a disk are no conditions"
    );
}

#[test]
fn a_rental_has_the_disk_of_the_official_client_unless_another_is_given() {
    let lines: [(&[&str], Value); 3] = [
        (
            &["--image", "ubuntu"],
            json!({ "image": "ubuntu", "disk": 10.0, "runtype": "ssh", "cancel_unavail": false }),
        ),
        (
            &["--template-hash-id", "a1", "--disk", "48", "--cancel-unavail", "true"],
            json!({ "template_hash_id": "a1", "disk": 48, "cancel_unavail": true }),
        ),
        (&["--image", "ubuntu", "--no-defaults"], json!({ "image": "ubuntu" })),
    ];
    for (line, expected) in lines {
        let server = Server::start();
        // Whether the simulator has the offer, or the template, is of no concern here.
        let done = Vastai::asking(&server, &[&["create", "instance", "1"], line].concat()).run();
        let sent =
            server.requests().into_iter().filter(|request| request.path() == "/api/v0/asks/1/").count();
        assert_eq!(sent, 1, "{}", done.stderr);
        assert_eq!(server.requests().last().unwrap().json().unwrap(), expected);
    }
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
