//! Which server a command asks, and what it sends there.

use serde_json::json;

use crate::support::{KEY, Server, Vastai};

#[test]
fn workers_are_asked_of_the_engine_once() {
    for format in ["table", "json"] {
        let (console, engine) = (Server::start(), Server::start());
        let line = [
            "--console-url",
            console.url(),
            "--run-url",
            engine.url(),
            "--output",
            format,
            "get",
            "endpoint",
            "workers",
            "99",
        ];
        let done = Vastai::new(&line).env("VAST_API_KEY", KEY).run();
        assert_eq!(done.code, Some(1), "{}", done.transcript());
        assert!(console.requests().is_empty());
        let requests = engine.requests();
        let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
        assert_eq!(
            (request.method().as_str(), request.path(), request.query()),
            ("POST", "/get_endpoint_workers/", None)
        );
        assert_eq!(request.json().unwrap(), json!({"id": 99}));
        assert_eq!(request.headers()["authorization"], format!("Bearer {KEY}"));
        assert_eq!(request.headers()["content-type"], "application/json");
    }
}

#[test]
fn endpoints_are_asked_of_the_console_once() {
    let (console, engine) = (Server::start(), Server::start());
    let line = ["show", "endpoints", "--console-url", console.url(), "--run-url", engine.url()];
    let done = Vastai::new(&line).env("VAST_API_KEY", KEY).run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    assert!(engine.requests().is_empty());
    let requests = console.requests();
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    assert_eq!(
        (request.method().as_str(), request.path().trim_end_matches('/')),
        ("GET", "/api/v0/endptjobs")
    );
    assert_eq!((request.query(), request.body()), (None, &b""[..]));
    assert_eq!(request.bearer(), Some(KEY));
}

#[test]
fn what_is_not_given_is_not_sent() {
    let server = Server::start();
    Vastai::asking(&server, &["show", "instances"]).run();
    Vastai::asking(&server, &["show", "instances", "--limit", "2", "--order-by", r#"[{"col":"id"}]"#]).run();
    Vastai::asking(&server, &["get", "endpoint", "logs", "--id", "12345", "--tail", "-1"]).run();
    Vastai::asking(&server, &["route", "10", "vLLM-Qwen3-8B"]).run();
    let requests = server.requests();
    let [first_page, filtered, logs, route] = requests.as_slice() else {
        panic!("{} requests", requests.len())
    };
    assert_eq!(first_page.query(), None);
    let pairs: Vec<(String, String)> =
        filtered.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs, [pair("limit", "2"), pair("order_by", r#"[{"col":"id"}]"#)]);
    assert_eq!(logs.json().unwrap(), json!({"id": 12345, "tail": -1}));
    assert_eq!(route.json().unwrap(), json!({"cost": 10, "endpoint": "vLLM-Qwen3-8B"}));
}

#[test]
fn values_of_one_name_go_each_to_its_place() {
    let server = Server::start();
    Vastai::asking(&server, &["update", "team", "role", "7", r#"{"api": {}}"#, "--name", "readers"]).run();
    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    assert_eq!(request.path().trim_end_matches('/'), "/api/v0/team/roles/7");
    assert_eq!(request.json().unwrap(), json!({"name": "readers", "permissions": {"api": {}}}));
}

#[test]
fn the_source_of_a_copy_comes_first() {
    let server = Server::start();
    Vastai::asking(&server, &["copy", "C.7:/from", "C.8:/to"]).run();
    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    assert_eq!(
        request.json().unwrap(),
        json!({"src_id": "C.7", "src_path": "/from", "dst_id": "C.8", "dst_path": "/to"})
    );
}

#[test]
fn wrong_usage_sends_nothing() {
    let server = Server::start();
    for line in [
        &["get", "endpoint", "workers", "0"][..],
        &["get", "endpoint", "workers", "-1", "--raw"],
        &["get", "endpoint", "workers"],
        &["get", "endpoint", "workers", "x"],
        &["show", "instances", "--limit", "many"],
        &["show", "instances", "--limit", "26"],
        &["change", "bid", "7", "me", "33"],
    ] {
        let done = Vastai::asking(&server, line).run();
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{line:?}: {}", done.transcript());
        assert!(done.stderr.starts_with("error: "), "{}", done.stderr);
    }
    assert!(server.requests().is_empty());
}
