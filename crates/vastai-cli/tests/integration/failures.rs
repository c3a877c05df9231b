//! What is said, where, and with which exit code when the service or the network fails.

use std::net::TcpListener;

use expect_test::{Expect, expect};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde_json::json;
use vastai_mock::{RawResponse, WorkersShape};

use crate::support::{KEY, Server, Vastai};

const WORKERS: [&str; 4] = ["get", "endpoint", "workers", "12345"];

/// Asks in both formats, which must fail in the same words.
fn check(server: &Server, line: &[&str], expected: Expect) {
    let transcript = Vastai::asking(server, line).run().transcript();
    let raw = [line, &["--raw"]].concat();
    assert_eq!(transcript, Vastai::asking(server, &raw).run().transcript());
    expected.assert_eq(&transcript);
}

fn check_workers(shape: WorkersShape, expected: Expect) {
    let server = Server::start();
    server.set_workers_shape(shape);
    check(&server, &WORKERS, expected);
}

fn check_endpoints(answer: RawResponse, expected: Expect) {
    let server = Server::start();
    server.respond_with("/api/v0/endptjobs", answer);
    check(&server, &["show", "endpoints"], expected);
}

#[test]
fn a_key_that_is_not_accepted() {
    let server = Server::start();
    let done = Vastai::asking(&server, &["--api-key", "another-key", "show", "endpoints"]).run();
    assert!(!done.stderr.contains("another-key"));
    expect![[r#"
        exit 1
        --- stderr
        error: unauthorized: Invalid user key (auth_error) (status 401)
        hint: check the API key, or log in again; the key is the first of --api-key, VAST_API_KEY, vast_tfa_key and vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai), and ~/.vast_api_key
    "#]].assert_eq(&done.transcript());
    let not_found =
        json!({"success": false, "error": "auth_error", "msg": "Session expired. Please log in again."});
    check_endpoints(
        RawResponse::json(StatusCode::NOT_FOUND, &not_found),
        expect![[r#"
            exit 1
            --- stderr
            error: unauthorized: Session expired. Please log in again. (auth_error) (status 404)
            hint: the session that began with two-factor authentication has ended: begin another (`vastai tfa login`), or go back to the API key; the key is the first of --api-key, VAST_API_KEY, vast_tfa_key and vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai), and ~/.vast_api_key
        "#]],
    );
    let two_factor = json!({"success": false, "msg": "This action requires you to have logged in using Two Factor Authentication"});
    check_endpoints(
        RawResponse::json(StatusCode::UNAUTHORIZED, &two_factor),
        expect![[r#"
        exit 1
        --- stderr
        error: unauthorized: This action requires you to have logged in using Two Factor Authentication (status 401)
        hint: begin a session with two-factor authentication (`vastai tfa login`), and use its key in place of the API key; the key is the first of --api-key, VAST_API_KEY, vast_tfa_key and vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai), and ~/.vast_api_key
    "#]],
    );
    let echo = json!({"success": false, "error": "auth_error", "msg": format!("{KEY} is no key")});
    check_endpoints(
        RawResponse::json(StatusCode::UNAUTHORIZED, &echo),
        expect![[r#"
            exit 1
            --- stderr
            error: unauthorized: [redacted] is no key (auth_error) (status 401)
            hint: check the API key, or log in again; the key is the first of --api-key, VAST_API_KEY, vast_tfa_key and vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai), and ~/.vast_api_key
        "#]],
    );
}

#[test]
fn statuses_of_failure() {
    let failure = json!({"success": false, "error": "deprecated_endpoint", "msg": "Use v1."});
    check_endpoints(
        RawResponse::json(StatusCode::GONE, &failure),
        expect![[r#"
            exit 1
            --- stderr
            error: gone: Use v1. (deprecated_endpoint) (status 410)
            hint: the service has retired this call, so this client is out of date: update it
        "#]],
    );
    check_endpoints(
        RawResponse::text(StatusCode::FORBIDDEN, "no"),
        expect![[r#"
        exit 1
        --- stderr
        error: forbidden: no (status 403)
        hint: the key lacks the permission; use one with a wider scope
    "#]],
    );
    check_endpoints(
        RawResponse::html(StatusCode::BAD_GATEWAY, "<html>\n<h1>502</h1>\x1b[2J</html>"),
        expect![[r#"
            exit 1
            --- stderr
            error: server failure: <html> <h1>502</h1>\u{1b}[2J</html> (status 502)
            hint: it is safe to try again
        "#]],
    );
    let frequent = RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "API requests too frequent");
    check_endpoints(
        frequent.clone(),
        expect![[r#"
            exit 1
            --- stderr
            error: rate limited: API requests too frequent (status 429)
            hint: too many calls; try again in a few seconds
        "#]],
    );
    check_endpoints(
        frequent.header(RETRY_AFTER, HeaderValue::from_static("10")),
        expect![[r#"
        exit 1
        --- stderr
        error: rate limited: API requests too frequent (status 429)
        hint: try again in 10 s
    "#]],
    );
    let elsewhere =
        RawResponse::redirect(StatusCode::MOVED_PERMANENTLY, "https://elsewhere.example/?key=1").unwrap();
    check_endpoints(
        elsewhere,
        expect![[r#"
        exit 1
        --- stderr
        error: redirect: the service redirects to https://elsewhere.example/, which is not followed: the key stays with the configured servers (status 301)
        hint: this command goes to the console; --console-url and VAST_URL say where that is
    "#]],
    );
}

#[test]
fn failures_with_a_status_of_success() {
    let refused = |failure| RawResponse::json(StatusCode::OK, &failure);
    check_endpoints(
        refused(json!({"success": false, "msg": "No endpoints for user found"})),
        expect![[r#"
        exit 1
        --- stderr
        error: refused: No endpoints for user found (status 200)
    "#]],
    );
    check_endpoints(
        refused(json!({"success": false, "error": "x", "msg": format!("{KEY} is no key")})),
        expect![[r#"
            exit 1
            --- stderr
            error: refused: [redacted] is no key (x) (status 200)
        "#]],
    );
    check_endpoints(
        RawResponse::html(StatusCode::OK, "<html>Welcome</html>"),
        expect![[r#"
        exit 1
        --- stderr
        error: undecodable response: expected value at line 1 column 1; the response begins with: <html>Welcome</html> (status 200)
    "#]],
    );
    check_endpoints(
        RawResponse::text(StatusCode::OK, "[1, 2"),
        expect![[r#"
        exit 1
        --- stderr
        error: undecodable response: EOF while parsing a list at line 1 column 5; the response begins with: [1, 2 (status 200)
    "#]],
    );
}

#[test]
fn shapes_of_the_engine_that_are_no_workers() {
    check_workers(
        WorkersShape::ErrorMsg("no worker yet".into()),
        expect![[r#"
            exit 1
            --- stderr
            error: not ready: no worker yet (status 200)
            hint: try again in a few seconds
        "#]],
    );
    check_workers(
        WorkersShape::Error("endpoint is suspended".into()),
        expect![[r#"
        exit 1
        --- stderr
        error: refused: endpoint is suspended (status 200)
    "#]],
    );
    check_workers(
        WorkersShape::Text(format!("invalid api_key {KEY}")),
        expect![[r#"
        exit 1
        --- stderr
        error: refused: invalid api_key [redacted] (status 200)
    "#]],
    );
    let server = Server::start();
    server.set_workers_shape(WorkersShape::OtherObject);
    for format in ["table", "json"] {
        let done = Vastai::asking(&server, &[&WORKERS[..], &["--output", format]].concat()).run();
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
        assert!(done.stderr.contains("neither a list of workers nor an error"), "{}", done.stderr);
    }
    server.set_workers_shape(WorkersShape::Custom(json!([{"id": 1}, {"status": "IDLE"}])));
    for format in ["table", "json"] {
        let done = Vastai::asking(&server, &[&WORKERS[..], &["--output", format]].concat()).run();
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
        assert!(
            done.stderr.contains("the worker at 1: ") && done.stderr.contains("has no `id`"),
            "{}",
            done.stderr
        );
    }
}

#[test]
fn logs_and_routes_that_are_none() {
    let server = Server::start();
    check(
        &server,
        &["get", "endpoint", "logs", "--endpoint", "nobodys"],
        expect![[r#"
        exit 1
        --- stderr
        error: refused: authenticate_endpoint_apikey: invalid api_key or endpoint nobodys not found (status 200)
    "#]],
    );
    server.respond_with(
        "/route/",
        RawResponse::json(StatusCode::OK, &json!({"error_msg": "the endpoint has no workers"})),
    );
    check(
        &server,
        &["route", "1", "vLLM-Qwen3-8B"],
        expect![[r#"
            exit 1
            --- stderr
            error: refused: the endpoint has no workers (status 200)
        "#]],
    );
}

#[test]
fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    let ask = |line: &[&str]| {
        let line = [line, &["--no-retry"]].concat();
        Vastai::new(&line).env("VAST_API_KEY", KEY).env("VAST_URL", &url).env("VAST_RUN_URL", &url)
    };
    expect![[r#"
        exit 1
        --- stderr
        error: connection failure: URL was not reached: Connection refused
        hint: check the network, and HTTPS_PROXY where there is a proxy; this command goes to the serverless engine, and --run-url and VAST_RUN_URL say where that is
    "#]]
    .assert_eq(&ask(&WORKERS).run().transcript().replace(&url, "URL"));
    expect![[r#"
        exit 1
        --- stderr
        error: connection failure: URL was not reached: Connection refused
        hint: check the network, and HTTPS_PROXY where there is a proxy; this command goes to the console, and --console-url and VAST_URL say where that is
    "#]]
    .assert_eq(&ask(&["show", "endpoints", "--raw"]).run().transcript().replace(&url, "URL"));
}

#[test]
fn commands_that_are_none() {
    let transcript = |line: &[&str]| Vastai::new(line).run().transcript();
    expect![[r#"
        exit 2
        --- stderr
        error: unrecognized subcommand 'shwo'

          tip: some similar subcommands exist: 'show instances', 'show instance', 'show instance-backups'

        Usage: vastai [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&["shwo", "instances"]));
    expect![[r#"
        exit 2
        --- stderr
        error: unrecognized subcommand 'worker'

          tip: a similar subcommand exists: 'get endpoint workers'

        Usage: vastai get endpoint [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&["get", "endpoint", "worker", "7"]));
    expect![[r#"
        exit 2
        --- stderr
        error: invalid value 'seven' for '<ID>': not a whole number

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&["get", "endpoint", "workers", "seven"]));
    expect![[r#"
        exit 2
        --- stderr
        error: the following required arguments were not provided:
          <ID>

        Usage: vastai get endpoint workers <ID>

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&["get", "endpoint", "workers"]));
    expect![[r#"
        exit 2
        --- stderr
        error: invalid value 'yaml' for '--output <FORMAT>'
          [possible values: table, json, jsonl, csv]

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&["get", "endpoint", "workers", "7", "--output", "yaml"]));
    // A key that was meant for a flag of another name is not repeated.
    expect![[r#"
        exit 2
        --- stderr
        error: unexpected argument '--apikey' found

          tip: a similar argument exists: '--api-key'

        Usage: vastai [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&[&format!("--apikey={KEY}"), "show", "endpoints"]));
}

#[test]
fn what_is_safe_to_repeat_is_tried_again() {
    let server = Server::start();
    let ask = |line: &[&str]| {
        let vastai = Vastai::new(line).env("VAST_API_KEY", KEY);
        vastai.env("VAST_URL", server.url()).env("VAST_RUN_URL", server.url()).run()
    };
    server
        .respond_next_with("/api/v0/endptjobs", RawResponse::text(StatusCode::SERVICE_UNAVAILABLE, "later"));
    assert_eq!(ask(&["show", "endpoints"]).code, Some(0));
    assert_eq!(server.requests().len(), 2);

    server.respond_with("/api/v0/instances/reboot/7", RawResponse::text(StatusCode::BAD_GATEWAY, "lost"));
    expect![[r#"
        exit 1
        --- stderr
        error: server failure: lost (status 502)
        hint: it may have been done all the same, so look with `vastai show instances` before you repeat it
    "#]]
    .assert_eq(&ask(&["reboot", "instance", "7"]).transcript());
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn what_is_taken_and_what_is_queued_is_said_so() {
    let server = Server::start();
    let ask = |line: &[&str]| {
        let vastai = Vastai::new(line).env("VAST_API_KEY", KEY);
        vastai.env("VAST_URL", server.url()).env("VAST_RUN_URL", server.url()).run().transcript()
    };
    let said = |code: &str, msg: &str| serde_json::json!({ "success": false, "error": code, "msg": msg });
    let taken = said("no_such_ask", "offer 4001 is not to be had");
    server.respond_with("/api/v0/asks/4001", RawResponse::json(StatusCode::GONE, &taken));
    expect![[r#"
        exit 1
        --- stderr
        note: rent offer 4001 (not on the market)
        error: offer gone: offer 4001 is not to be had (no_such_ask) (status 410)
        hint: somebody else has taken the offer: search again, and take another
    "#]]
    .assert_eq(&ask(&["create", "instance", "4001", "--image", "u"]));
    let queued =
        said("resources_unavailable", "Required resources are currently unavailable, state change queued.");
    server.respond_with("/api/v0/instances/1", RawResponse::json(StatusCode::OK, &queued));
    expect![[r#"
        exit 1
        --- stderr
        error: queued: Required resources are currently unavailable, state change queued. (resources_unavailable) (status 200)
        hint: it is not refused: it will be done later, without another call, and a start is billed from then on; set the state to `stopped` to call it off
    "#]]
    .assert_eq(&ask(&["manage", "instance", "1", "--state", "running"]));
}

#[test]
fn options_that_exclude_each_other_are_wrong_usage() {
    for (options, error) in [
        (["--curl", "--explain"], "the argument '--curl' cannot be used with '--explain'"),
        (["--no-retry", "--retry=3"], "the argument '--no-retry' cannot be used with '--retry <N>'"),
    ] {
        // A line of the official client, and one of ours.
        for words in [&["show", "endpoints"][..], &["get", "endpoint", "logs", "--id", "1"]] {
            let transcript = Vastai::new(&[&options[..], words].concat()).run().transcript();
            let help = "For more information, try '--help'.";
            let expected = format!(
                "exit 2\n--- stderr\nerror: {error}\n\nUsage: vastai [OPTIONS] <COMMAND>\n\n{help}\n"
            );
            assert_eq!(transcript, expected, "{words:?}");
        }
    }
}
