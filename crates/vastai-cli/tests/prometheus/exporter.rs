//! A running exporter, and how it is read.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vastai_mock::Simulator;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Exporter {
    child: Child,
    address: SocketAddr,
    home: TempDir,
}

/// What was answered: the status line, the headers, and the body.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Exporter {
    /// An exporter of its embedded simulator.
    pub(crate) fn of_mock(line: &[&str]) -> Self {
        Self::start(command().arg("--mock"), line)
    }

    /// An exporter of this simulator.
    pub(crate) fn of(simulator: &Simulator, line: &[&str]) -> Self {
        let mut command = command();
        command.env("VAST_API_KEY", simulator.api_key());
        Self::start(command.env("VAST_URL", simulator.url()).env("VAST_RUN_URL", simulator.url()), line)
    }

    fn start(command: &mut Command, line: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let said = File::create(home.path().join("stderr")).unwrap();
        let command =
            command.env("HOME", home.path()).args(["export", "prometheus", "--listen", "127.0.0.1:0"]);
        let mut child = command.args(line).stdout(Stdio::piped()).stderr(said).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("http://").and_then(|it| it.strip_suffix("/metrics"));
        let Some(address) = address else {
            child.kill().ok();
            panic!("it does not serve: {}", fs::read_to_string(home.path().join("stderr")).unwrap());
        };
        Self { child, address: address.parse().unwrap(), home }
    }

    /// Whether each source was polled.
    pub(crate) fn filled(self) -> Self {
        until("the first polls", || (self.get("/healthz").status == 200).then_some(()));
        self
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on stderr so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.home.path().join("stderr")).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Page {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n"))
    }

    pub(crate) fn metrics(&self) -> String {
        let page = self.get("/metrics");
        assert_eq!(page.status, 200, "{page:?}");
        page.body
    }

    /// The value of a sample, by its name with its labels as they are written.
    pub(crate) fn sample(&self, name: &str) -> Option<f64> {
        sample(&self.metrics(), name)
    }

    /// Sends this as it is.
    pub(crate) fn send(&self, request: &str) -> Page {
        get_raw(self.address, request)
    }

    /// Ends it as a user or a service manager does: its exit code.
    #[cfg(unix)]
    pub(crate) fn signal(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // It has ended already where the test ended it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The program with nothing in its environment but the path.
fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vastai"));
    command.env_clear();
    // Windows opens no socket without it.
    for name in ["PATH", "SystemRoot"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

pub(crate) fn sample(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(line.parse().unwrap())
}

/// Asks until there is something; what takes longer than a minute never comes.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(had) = ask() {
            return had;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        thread::sleep(Duration::from_millis(100));
    }
}

/// Sends a request as it is, and reads to the end.
pub(crate) fn get_raw(address: SocketAddr, request: &str) -> Page {
    let mut stream = TcpStream::connect(address).unwrap();
    // A server that refuses may have closed before all was sent.
    stream.write_all(request.as_bytes()).ok();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Page { status, head: head.to_lowercase(), body: body.to_owned() }
}

/// A program of Prometheus, where it is installed; else it is said what is skipped.
pub(crate) fn installed(program: &str, skipped: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|path| path.join(program)).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: {skipped}, as there is no {program}; .ci/install-prometheus installs it");
    }
    found
}

/// The folder `monitoring` of the repository.
pub(crate) fn monitoring() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../monitoring")
}
