//! The official Python client, in an environment of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use vastai_mock::Simulator;

/// The release of the official package that drives the tests.
const PACKAGE: &str = "mcp==2.3.0";

/// What a script came to.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) results: Vec<Value>,
    pub(crate) questions: Vec<String>,
}

/// Starts `vastai mcp` with these arguments at this simulator, and does the steps. `None` where there is no Python client.
pub(crate) fn session(
    sim: &Simulator,
    arguments: &[&str],
    elicit: Option<&str>,
    mode: &str,
    steps: Value,
) -> Option<Said> {
    let home = tempfile::TempDir::new().unwrap();
    session_at(home.path(), sim, arguments, elicit, mode, steps)
}

/// The same with this folder as the home.
pub(crate) fn session_at(
    home: &Path,
    sim: &Simulator,
    arguments: &[&str],
    elicit: Option<&str>,
    mode: &str,
    steps: Value,
) -> Option<Said> {
    let command: Vec<&str> = [&[env!("CARGO_BIN_EXE_vastai"), "mcp"], arguments].concat();
    let env = json!({
        "HOME": home, "VAST_API_KEY": sim.api_key(), "VAST_URL": sim.url(), "VAST_RUN_URL": sim.url(),
    });
    run(json!({ "command": command, "env": env, "elicit": elicit, "mode": mode, "steps": steps }))
}

/// Does what a script says.
pub(crate) fn run(script: Value) -> Option<Said> {
    let mut output = answer(script)?;
    assert!(output.get("refused").is_none(), "{output}");
    let Value::Array(results) = output["results"].take() else { panic!("{output}") };
    Some(Said { results, questions: serde_json::from_value(output["questions"].take()).unwrap() })
}

/// The same, also where there was no connection.
pub(crate) fn answer(script: Value) -> Option<Value> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("mcp").join("client.py");
    let mut child = Command::new(python()?)
        .arg(client)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script.to_string().as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let parsed = serde_json::from_slice(&done.stdout);
    Some(parsed.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr))))
}

/// The text of a failed result.
pub(crate) fn refusal(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result}");
    result["content"][0]["text"].as_str().unwrap()
}

/// What a result holds.
pub(crate) fn content(result: &Value) -> &Value {
    assert_eq!(result["isError"], false, "{result}");
    &result["structuredContent"]
}

fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON.get_or_init(installed).as_deref()
}

fn installed() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("mcp-python");
    let bin = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = bin.join(if cfg!(windows) { "python.exe" } else { "python" });
    let has_client = || {
        let found =
            Command::new(&python).args(["-c", "import mcp.client.client"]).stderr(Stdio::null()).status();
        found.is_ok_and(|status| status.success())
    };
    if has_client() {
        return Some(python);
    }
    let host = if cfg!(windows) { "python" } else { "python3" };
    let made = Command::new(host).args(["-m", "venv"]).arg(&folder).stderr(Stdio::null()).status();
    if made.is_ok_and(|status| status.success()) {
        let _ = Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE])
            .stderr(Stdio::null())
            .status();
    }
    if has_client() {
        return Some(python);
    }
    skipped(&format!("{PACKAGE} cannot be installed from PyPI here"));
    None
}

/// Says that something was not tested.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
