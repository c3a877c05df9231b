//! The record of what was done.

use std::fs;

use serde_json::{Value, json};
use vastai_mock::Simulator;

use crate::python::session_at;

#[test]
fn what_changes_is_recorded_with_its_outcome_and_without_secrets() {
    let sim = Simulator::start_on_thread().unwrap();
    let home = tempfile::TempDir::new().unwrap();
    let arguments = json!({ "offer": 14_000_001, "image": "ubuntu:24.04", "env": { "PLAIN": "5ecre7" }, "onstart": "echo 5ecre7" });
    let steps = json!([
        { "tool": "show_instances" },
        { "tool": "rent", "arguments": arguments },
        { "tool": "stop", "arguments": { "instance": 1 } },
    ]);
    let Some(said) = session_at(home.path(), &sim, &[], Some("accept"), "legacy", steps) else { return };
    assert_eq!(said.results[1]["isError"], false, "{said:?}");
    let file = home.path().join(".local/state/vastai/mcp.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<(&str, &str)> =
        lines.iter().map(|line| (line["tool"].as_str().unwrap(), line["event"].as_str().unwrap())).collect();
    let expected =
        [("rent", "called"), ("rent", "sending"), ("rent", "done"), ("stop", "called"), ("stop", "failed")];
    assert_eq!(events, expected);
    assert!(!text.contains("5ecre7") && !text.contains(sim.api_key()), "{text}");
    assert_eq!(lines[2]["outcome"]["instance"], said.results[1]["structuredContent"]["instance"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn where_nothing_can_be_recorded_the_server_does_not_start() {
    let home = tempfile::TempDir::new().unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_vastai"))
        .args(["mcp", "--mock", "--audit-log"])
        .arg(home.path())
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(stderr.contains("the audit log") && stderr.contains("--audit-log"), "{stderr}");
}
