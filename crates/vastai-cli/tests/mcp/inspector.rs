//! The inspector of npm, in its command-line mode: another client that is not ours.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::python::skipped;

const PACKAGE: &str = "@modelcontextprotocol/inspector";

/// What the inspector prints. `None` where it cannot be run.
fn inspect(arguments: &[&str]) -> Option<Value> {
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    let version = Command::new(npx).args(["-y", PACKAGE, "--cli", "--help"]).stdin(Stdio::null()).output();
    if !version.is_ok_and(|done| done.status.success()) {
        skipped(&format!("{PACKAGE} cannot be installed from npm here"));
        return None;
    }
    let done = Command::new(npx)
        .args(["-y", PACKAGE, "--cli", env!("CARGO_BIN_EXE_vastai"), "mcp", "--mock"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{stdout}{}", String::from_utf8_lossy(&done.stderr));
    Some(serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}")))
}

#[test]
fn the_inspector_lists_the_tools_and_calls_them() {
    let Some(tools) = inspect(&["--method", "tools/list"]) else { return };
    assert_eq!(tools["tools"].as_array().unwrap().len(), 16);
    let search = ["--method", "tools/call", "--tool-name", "search_offers", "--tool-arg", "limit=1"];
    let Some(found) = inspect(&search) else { return };
    assert_eq!(found["structuredContent"]["offers"].as_array().unwrap().len(), 1, "{found}");
}
