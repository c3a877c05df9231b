//! Over HTTP: on this machine alone, and for those who may.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use vastai_mock::Simulator;

use crate::python::{content, refusal, run};

const TOKEN: &str = "a-token-of-the-test-0123456789";

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(sim: &Simulator, arguments: &[&str], token: Option<&str>) -> Self {
        let home = tempfile::TempDir::new().unwrap();
        let mut child = command(arguments)
            .env("VAST_API_KEY", sim.api_key())
            .env("VAST_URL", sim.url())
            .env("VAST_RUN_URL", sim.url())
            .envs(token.map(|token| ("VASTAI_MCP_TOKEN", token)))
            .args(["--audit-log"])
            .arg(home.path().join("log"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().trim_end_matches("/mcp").parse().unwrap();
        Self { child, address }
    }

    fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// The status of a request with these headers.
    fn status(&self, headers: &str) -> u16 {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } } })
        .to_string();
        let head = "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close\r\n";
        write!(stream, "{head}Content-Length: {}\r\n{headers}\r\n{body}", body.len()).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        std::str::from_utf8(&status[9..]).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vastai"));
    command.arg("mcp").args(arguments).env_clear();
    command
}

#[test]
fn the_foreign_client_is_served_with_the_token_and_limits_hold_for_all_sessions() {
    let sim = Simulator::start_on_thread().unwrap();
    let server = Server::start(&sim, &["--http", "127.0.0.1:0", "--max-instances", "4"], Some(TOKEN));
    let rent = json!({ "tool": "rent", "arguments": { "offer": 14_000_001, "image": "ubuntu:24.04" } });
    let other = json!({ "tool": "rent", "arguments": { "offer": 14_000_002, "image": "ubuntu:24.04" } });
    for (mode, step, is_done) in [("legacy", rent, true), ("auto", other, false)] {
        let script = json!({
            "url": server.url(), "headers": { "Authorization": format!("Bearer {TOKEN}") }, "mode": mode, "elicit": "accept",
            "steps": [{ "tool": "show_instances" }, step],
        });
        let Some(said) = run(script) else { return };
        content(&said.results[0]);
        match is_done {
            true => drop(content(&said.results[1])),
            false => assert!(refusal(&said.results[1]).contains("--max-instances"), "{said:?}"),
        }
    }
    assert_eq!(sim.machines_rented(), 1);
}

#[test]
fn a_client_that_cannot_ask_its_user_spends_nothing_over_http() {
    let sim = Simulator::start_on_thread().unwrap();
    let server = Server::start(&sim, &["--http", "127.0.0.1:0"], None);
    let rent = json!({ "tool": "rent", "arguments": { "offer": 14_000_001, "image": "ubuntu:24.04", "confirm": "x" } });
    let Some(said) = run(json!({ "url": server.url(), "mode": "legacy", "steps": [rent] })) else { return };
    assert!(refusal(&said.results[0]).contains("over HTTP there is no other way"), "{said:?}");
    assert_eq!(sim.machines_rented(), 0);
}

#[test]
fn token_host_and_origin_are_checked() {
    let sim = Simulator::start_on_thread().unwrap();
    let arguments = [
        "--http",
        "127.0.0.1:0",
        "--http-host",
        "mcp.example.com",
        "--http-origin",
        "https://app.example.com:443",
    ];
    let server = Server::start(&sim, &arguments, Some(TOKEN));
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let host = format!("Host: {}\r\n", server.address);
    assert_eq!(server.status(&format!("{host}{token}")), 200);
    assert_eq!(server.status(&format!("Host: mcp.example.com\r\n{token}")), 200);
    assert_eq!(server.status(&format!("{host}{token}Origin: https://app.example.com\r\n")), 200);
    assert_eq!(server.status(&host), 401);
    assert_eq!(server.status(&format!("{host}Authorization: Bearer {TOKEN}0\r\n")), 401);
    assert_eq!(server.status(&format!("Host: evil.example\r\n{token}")), 403);
    assert_eq!(server.status(&format!("{host}{token}Origin: https://evil.example\r\n")), 403);
    assert_eq!(server.status(&format!("{host}{token}Origin: null\r\n")), 403);
}

#[test]
fn what_is_not_safe_to_listen_on_is_refused_with_what_to_do() {
    let refused_with = |token: Option<&str>, arguments: &[&str]| {
        let mut command = command(arguments);
        command.envs(token.map(|token| ("VASTAI_MCP_TOKEN", token)));
        let done = command.arg("--mock").stdin(Stdio::null()).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(done.stderr).unwrap()
    };
    let refused = |arguments: &[&str]| refused_with(None, arguments);
    let open = refused_with(Some(TOKEN), &["--http", "0.0.0.0:0"]);
    assert!(open.contains("--tls-cert") && open.contains("put a proxy with TLS in front"), "{open}");
    assert!(refused_with(Some("short"), &["--http", "127.0.0.1:0"]).contains("16 characters"));
    assert!(refused(&["--http", "127.0.0.1:0", "--http-host", "mcp.example.com"]).contains("needs a token"));
    assert!(refused(&["--allow", "createNothing"]).contains("there is no such operation"));
    assert!(refused(&["--max-dph=-1"]).contains("0 or more"));
    assert!(refused(&["--token-file", "token"]).contains("--http"));
    // Where others on the machine see it, there is no place for a token.
    assert!(refused(&["--http", "127.0.0.1:0", "--token", TOKEN]).contains("unexpected argument '--token'"));
}
