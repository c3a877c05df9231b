//! Over HTTP with TLS, as other machines are served: a certificate of the test, and clients that trust it or do not.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use vastai_mock::Simulator;

use crate::python::{answer, content, run};

const TOKEN: &str = "a-token-of-the-test-0123456789";

/// What a server with TLS needs, in a folder.
struct Files {
    folder: TempDir,
}

impl Files {
    /// A certificate for this machine that is its own root, its key, and a token.
    fn new() -> Self {
        let files = Self { folder: TempDir::new().unwrap() };
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        files.write("cert.pem", &made.cert.pem());
        files.write("key.pem", &made.signing_key.serialize_pem());
        files.write("token", &format!("{TOKEN}\n"));
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that is its owner's alone, as a key should be.
    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
        #[cfg(unix)]
        self.open_to(name, 0o600);
    }

    #[cfg(unix)]
    fn open_to(&self, name: &str, mode: u32) {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(self.path(name), mode).unwrap();
    }

    /// The server with these files, on all addresses of this machine.
    fn command(&self, sim: &Simulator) -> Command {
        let mut command = command();
        command
            .args(["--http", "0.0.0.0:0", "--http-host", "localhost", "--audit-log"])
            .arg(self.path("log"))
            .arg("--token-file")
            .arg(self.path("token"))
            .arg("--tls-cert")
            .arg(self.path("cert.pem"))
            .arg("--tls-key")
            .arg(self.path("key.pem"))
            .envs([("VAST_API_KEY", sim.api_key()), ("VAST_URL", sim.url()), ("VAST_RUN_URL", sim.url())]);
        command
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vastai"));
    command.arg("mcp").env_clear();
    command
}

struct Server {
    child: Child,
    port: u16,
    /// What it said before it listened.
    said: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stderr.take().unwrap());
        let mut server = Self { child, port: 0, said: String::new() };
        while server.port == 0 {
            let mut line = String::new();
            assert!(output.read_line(&mut line).unwrap() > 0, "it has ended: {}", server.said);
            match line.trim().split_once("listening at https://") {
                None => server.said += &line,
                Some((_, address)) => {
                    let address: SocketAddr = address.trim_end_matches("/mcp").parse().unwrap();
                    server.port = address.port();
                }
            }
        }
        server
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/mcp", self.port)
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// What a client that trusts this root, if any, gets for a request with these headers.
    fn status(&self, root: Option<&Path>, headers: &str) -> Result<u16, String> {
        let mut roots = RootCertStore::empty();
        if let Some(root) = root {
            roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        status(StreamOwned::new(client, self.connect()), headers)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status of a first request over this connection.
fn status(mut stream: impl Read + Write, headers: &str) -> Result<u16, String> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } } })
    .to_string();
    let head = "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {}\r\n{headers}\r\n{body}", body.len())
        .map_err(|it| it.to_string())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).map_err(|it| it.to_string())?;
    std::str::from_utf8(&status[9..]).unwrap().parse().map_err(|_| format!("{status:?}"))
}

#[test]
fn the_foreign_client_rents_over_tls() {
    let (sim, files) = (Simulator::start_on_thread().unwrap(), Files::new());
    let server = Server::start(files.command(&sim));
    let rent = json!({ "tool": "rent", "arguments": { "offer": 14_000_001, "image": "ubuntu:24.04" } });
    let mut script = json!({
        "url": server.url(), "headers": { "Authorization": format!("Bearer {TOKEN}") }, "root": files.path("cert.pem"),
        "mode": "legacy", "elicit": "accept", "steps": [rent],
    });
    let Some(said) = run(script.clone()) else { return };
    content(&said.results[0]);
    assert_eq!((said.questions.len(), sim.machines_rented()), (1, 1));

    // Who does not know the root does not come that far.
    script["root"] = json!(null);
    let Some(refused) = answer(script) else { return };
    assert!(refused.get("refused").is_some(), "{refused}");
    assert_eq!(sim.machines_rented(), 1);
}

#[test]
fn other_machines_are_served_with_tls_the_token_and_a_name_that_was_given() {
    let (sim, files) = (Simulator::start_on_thread().unwrap(), Files::new());
    let server = Server::start(files.command(&sim));
    assert_eq!(server.said, "", "nothing to warn of");
    let root = files.path("cert.pem");
    let (host, token) = ("Host: localhost\r\n", format!("Authorization: Bearer {TOKEN}\r\n"));
    assert_eq!(server.status(Some(&root), &format!("{host}{token}")), Ok(200));
    assert_eq!(server.status(Some(&root), host), Ok(401));
    assert_eq!(server.status(Some(&root), &format!("Host: evil.example\r\n{token}")), Ok(403));
    let untrusted = server.status(None, &format!("{host}{token}")).unwrap_err();
    assert!(untrusted.contains("invalid peer certificate"), "{untrusted}");
    // Whoever speaks without TLS hears nothing that could be taken for a response.
    assert!(status(server.connect(), &format!("{host}{token}")).is_err());
    assert_eq!(server.status(Some(&root), &format!("{host}{token}")), Ok(200), "it serves on");
}

#[test]
fn those_who_connect_and_say_nothing_keep_nobody_out() {
    let (sim, files) = (Simulator::start_on_thread().unwrap(), Files::new());
    let server = Server::start(files.command(&sim));
    let silent: Vec<TcpStream> = (0..50).map(|_| server.connect()).collect();
    let headers = format!("Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n");
    assert_eq!(server.status(Some(&files.path("cert.pem")), &headers), Ok(200));
    drop(silent);
}

#[test]
fn files_that_are_of_no_use_are_named_with_the_reason() {
    let (sim, other) = (Simulator::start_on_thread().unwrap(), Files::new());
    let refused = |change: &dyn Fn(&Files)| {
        let files = Files::new();
        change(&files);
        let done = files.command(&sim).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{said}");
        said.replace(&*files.folder.path().to_string_lossy(), "[FOLDER]")
    };
    let removed = |name: &'static str| refused(&|files| fs::remove_file(files.path(name)).unwrap());
    let said = removed("cert.pem");
    assert!(said.contains("[FOLDER]/cert.pem: ") && said.contains("(os error 2)"), "{said}");
    let said = removed("key.pem");
    assert!(said.contains("[FOLDER]/key.pem: ") && said.contains("(os error 2)"), "{said}");
    let said = removed("token");
    assert!(said.contains("the token in [FOLDER]/token cannot be read: "), "{said}");

    let said = refused(&|files| files.write("cert.pem", "not a certificate"));
    assert!(said.contains("[FOLDER]/cert.pem: there is no certificate in PEM in it"), "{said}");
    let key = fs::read_to_string(other.path("key.pem")).unwrap();
    let said = refused(&|files| files.write("key.pem", &key));
    assert!(
        said.contains("[FOLDER]/key.pem: the key is not that of the certificate in [FOLDER]/cert.pem"),
        "{said}"
    );
    let said = refused(&|files| fs::copy(files.path("cert.pem"), files.path("key.pem")).map(drop).unwrap());
    assert!(said.contains("[FOLDER]/key.pem: there is no private key in PEM in it"), "{said}");
    let broken = key.replacen("MIG", "!!!", 1);
    let said = refused(&|files| files.write("key.pem", &broken));
    assert!(said.contains("[FOLDER]/key.pem: it is not a private key in PEM"), "{said}");
    assert!(!said.contains("!!!"), "nothing of a key is shown: {said}");
    let said = refused(&|files| files.write("token", "short"));
    assert!(said.contains("16 characters or more") && !said.contains("short"), "{said}");
}

#[test]
fn what_is_missing_for_other_machines_is_said() {
    let files = Files::new();
    let (cert, key) = (files.path("cert.pem"), files.path("key.pem"));
    let refused = |arguments: &[&str], token: bool| {
        let mut command = command();
        command.args(["--mock", "--tls-cert"]).arg(&cert).arg("--tls-key").arg(&key).args(arguments);
        command.envs(token.then_some(("VASTAI_MCP_TOKEN", TOKEN)));
        let done = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{said}");
        said
    };
    assert!(
        refused(&["--http", "0.0.0.0:0", "--http-host", "localhost"], false).contains("VASTAI_MCP_TOKEN")
    );
    assert!(refused(&["--http", "0.0.0.0:0"], true).contains("say with --http-host"));
    assert!(refused(&[], true).contains("--http"));
    let alone =
        command().args(["--mock", "--http", "127.0.0.1:0", "--tls-cert"]).arg(&cert).output().unwrap();
    assert_eq!(alone.status.code(), Some(2));
    assert!(String::from_utf8(alone.stderr).unwrap().contains("--tls-key"));
}

#[cfg(unix)]
#[test]
fn secrets_that_others_on_the_machine_may_read_are_told() {
    let (sim, files) = (Simulator::start_on_thread().unwrap(), Files::new());
    files.open_to("key.pem", 0o644);
    files.open_to("token", 0o640);
    let server = Server::start(files.command(&sim));
    for (name, mode) in [("key.pem", "644"), ("token", "640")] {
        let path = files.path(name);
        let path = path.display();
        let warning =
            format!("warning: {path} is open to other users (mode {mode}); run `chmod 600 {path}`\n");
        assert!(server.said.contains(&warning), "{}", server.said);
    }
    assert!(!server.said.contains(TOKEN));
}
