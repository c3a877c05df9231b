//! Runs the binary with an environment of its own against simulators of its own.

use std::fs;
use std::io::Write;
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use vastai_mock::Simulator;

/// The key of every test; as long as a real one, and in no output.
pub(crate) const KEY: &str = "5f0d7c9ae1b2436485f0d7c9ae1b2436485f0d7c9ae1b2436485f0d7c9ae1b24";

/// 2026-07-22 09:30:00 UTC, the time of the simulators.
pub(crate) const NOW: Duration = Duration::from_secs(1_784_712_600);

/// A simulator that answers from a thread of its own.
pub(crate) struct Server {
    simulator: Simulator,
    _runtime: Runtime,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::of(Simulator::builder().api_key(KEY).now(NOW))
    }

    /// One of a world of its own.
    pub(crate) fn of(world: vastai_mock::Builder) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(world.start()).unwrap();
        Self { simulator, _runtime: runtime }
    }
}

impl Deref for Server {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}

/// A command line, with nothing in its environment but what is put there.
pub(crate) struct Vastai {
    command: Command,
    home: TempDir,
}

/// What a command line did.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Vastai {
    pub(crate) fn new(line: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vastai"));
        command.args(line).env_clear().env("HOME", home.path());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Self { command, home }
    }

    /// A command line that asks this server with the right key, and once.
    pub(crate) fn asking(server: &Server, line: &[&str]) -> Self {
        Self::new(&[line, &["--no-retry"]].concat())
            .env("VAST_API_KEY", KEY)
            .env("VAST_URL", server.url())
            .env("VAST_RUN_URL", server.url())
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// One word more.
    pub(crate) fn arg(mut self, word: &str) -> Self {
        self.command.arg(word);
        self
    }

    /// A variable that names a place in the home directory.
    pub(crate) fn home_env(mut self, name: &str, path: &str) -> Self {
        self.command.env(name, self.home.path().join(path));
        self
    }

    /// Puts a file into the home directory.
    pub(crate) fn file(self, path: impl AsRef<Path>, content: &str) -> Self {
        let file = self.home.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        // As a person should keep a key.
        #[cfg(unix)]
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        self
    }

    /// A place in the home directory.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> std::path::PathBuf {
        self.home.path().join(path)
    }

    /// The same line, which a shell becomes after this.
    #[cfg(unix)]
    pub(crate) fn begun_by_a_shell(self, begin: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("{begin}exec \"$0\" \"$@\"")).arg(self.command.get_program());
        command.args(self.command.get_args()).env_clear();
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self { command, ..self }
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Done {
        self.run_with_input("")
    }

    /// Runs it to its end with this on its stdin; what it does to the home directory can be looked at then.
    pub(crate) fn run_with_input(&mut self, input: &str) -> Done {
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Whoever does not read has ended already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains(KEY), "the key is shown: {text}");
            without_error_numbers(&text.replace(&*self.home.path().to_string_lossy(), "[HOME]"))
        };
        Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Starts it, with a stdout to read from.
    pub(crate) fn start(mut self) -> (Child, TempDir) {
        let child = self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        (child.unwrap(), self.home)
    }

    /// Runs it with a stdout that nobody reads.
    pub(crate) fn run_unread(mut self) -> Done {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            self.command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        Done {
            code: output.status.code(),
            stdout: String::new(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Done {
    /// Exit code and both streams, for a golden output.
    pub(crate) fn transcript(&self) -> String {
        let code = self.code.map_or_else(|| "by a signal".to_owned(), |code| code.to_string());
        let mut transcript = format!("exit {code}\n");
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                transcript.push_str(&format!("--- {name}\n{text}"));
            }
        }
        transcript
    }

    /// The output of a success without remarks.
    pub(crate) fn answer(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.transcript());
        self.stdout
    }
}

/// A string without the numbers of the system's errors, which differ between systems.
fn without_error_numbers(text: &str) -> String {
    let mut pieces = text.split(" (os error ");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once(')').map_or(piece, |(_, rest)| rest))
}
