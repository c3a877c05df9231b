//! `--mock`: a first try without a key.

use expect_test::expect;

use crate::support::Vastai;

fn transcript(line: &[&str]) -> String {
    Vastai::new(line).run().transcript()
}

#[test]
fn workers_of_the_simulator() {
    expect![[r#"
        exit 0
        --- stdout
              ID  STATUS         LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS     AGE
        30215871  IDLE           1240.5      1650.0          99.50         7   6h 2m
        30215872  IDLE            310.0      1612.4          98.10         2   2h 2m
        30215873  MODEL_LOADING     0.0       102.5          99.50         0   2m 5s
        30215874  LOADING           0.0       412.8          99.91         0     50s
        30215875  STOPPED           0.0      5210.0          99.91         0  1h 13m
        --- stderr
        note: responses come from the embedded simulator
    "#]]
    .assert_eq(&transcript(&["--mock", "get", "endpoint", "workers", "12345"]));
    expect![[r#"
        exit 0
        --- stdout
              ID  STATUS         LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS    AGE
        30215871  IDLE           1240.5           -          99.50         7  6h 2m
        30215872  IDLE            310.0           -          98.10         2  2h 2m
        30215873  MODEL_LOADING     0.0           -          99.50         0  2m 5s
        --- stderr
        note: responses come from the embedded simulator
    "#]]
    .assert_eq(&transcript(&["get", "workergroup", "workers", "4242", "--mock"]));
}

#[test]
fn json_of_the_simulator() {
    let done = Vastai::new(&["--mock", "get", "endpoint", "workers", "12345", "--output", "json"]).run();
    assert_eq!(
        (done.code, done.stderr.as_str()),
        (Some(0), "note: responses come from the embedded simulator\n")
    );
    assert!(done.stdout.starts_with("[\n  {\n    \""), "{}", done.stdout);
}

#[test]
fn commands_of_all_kinds_answer() {
    for line in [
        &["show", "endpoints"][..],
        &["show", "instances"],
        &["get", "endpoint", "logs", "--id", "12345"],
        &["get", "workergroup", "logs", "4242"],
        &["route", "10", "vLLM-Qwen3-8B"],
        &["create", "endpoint", "--endpoint-name", "mine"],
        &["destroy", "instance", "28004311"],
    ] {
        let done = Vastai::new(&[&["--mock"], line].concat()).run();
        assert_eq!(done.code, Some(0), "{}", done.transcript());
        assert!(!done.stdout.is_empty());
    }
}

#[test]
fn a_template_is_measured_by_the_simulator() {
    let templates = Vastai::new(&["--mock", "search", "templates", "--raw"]).run();
    let templates: serde_json::Value = serde_json::from_str(&templates.stdout).unwrap();
    let hash = templates[0]["hash_id"].as_str().unwrap();
    let line = ["--mock", "run", "benchmarks", "--template_hash", hash, "--gpus", "RTX_4090,RTX_5090,H200"];
    let done = Vastai::new(&line).run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    expect![[r#"
        STATUS   GPU       GPUS  MEASURED_PERF  PERF_PER_DOLLAR  RENTAL_DPH
        ok       RTX 4090     1         1650.0           4125.0         0.4
        ok       RTX 5090     1         1650.0           2536.9        0.65
        skipped  H200         1              -                -           -
    "#]]
    .assert_eq(&done.stdout);
}

#[test]
fn the_environment_is_not_asked() {
    let line = ["--mock", "get", "endpoint", "workers", "12345"];
    let done = Vastai::new(&line)
        .env("VAST_API_KEY", "two\nlines")
        .env("VAST_URL", "?")
        .env("VAST_RUN_URL", "?")
        .run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
}

#[test]
fn failures_of_the_simulator_are_failures() {
    expect![[r#"
        exit 1
        --- stderr
        note: responses come from the embedded simulator
        error: refused: authenticate_endpoint_apikey: invalid api_key or endpoint 6 not found (status 200)
    "#]]
    .assert_eq(&transcript(&["--mock", "get", "endpoint", "workers", "6"]));
}

#[test]
fn servers_and_key_are_the_simulators() {
    expect![[r#"
        exit 2
        --- stderr
        error: the argument '--mock' cannot be used with '--run-url'

        Usage: vastai [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript(&["--mock", "show", "endpoints", "--run-url", "http://127.0.0.1:1"]));
}
