//! A program on a terminal of its own: keys go in, and what the terminal then shows comes out.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use tempfile::TempDir;

/// When a program that shows nothing of what is waited for has failed.
const PATIENCE: Duration = Duration::from_secs(60);

type Shown = Arc<(Mutex<vt100::Parser>, Condvar)>;

/// A terminal with a program on it.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    shown: Shown,
    child: Child,
    _home: TempDir,
}

fn some(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

impl Terminal {
    /// Runs `vastai` with an empty home directory, on a terminal of so many rows and columns. Afterwards the shell says how it left the terminal.
    pub(crate) fn vastai((rows, columns): (u16, u16), line: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = TempDir::new().unwrap();
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        let script =
            r#""$0" "$@"; code=$?; stty -a | tr ';' '\n' | grep -wo -e -icanon -e -echo; echo "exit $code.""#;
        let command = Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_vastai")]).args(line);
        let command = command.env_clear().env("HOME", home.path()).env("TERM", "xterm-256color");
        let command = command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let child = command.envs(variables.iter().copied()).spawn(pts).unwrap();
        let parser = vt100::Parser::new(some(rows), some(columns), 0);
        let shown: Shown = Arc::new((Mutex::new(parser), Condvar::new()));
        let pty = Arc::new(pty);
        let (reader, writes) = (pty.clone(), shown.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // At its end a terminal gives an error on Linux, and nothing elsewhere.
            while let Ok(count @ 1..) = (&*reader).read(&mut bytes) {
                writes.0.lock().unwrap().process(&bytes[..count]);
                writes.1.notify_all();
            }
        });
        Self { pty, shown, child, _home: home }
    }

    pub(crate) fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        self.shown.0.lock().unwrap().set_size(some(rows), some(columns));
        self.pty.resize(Size::new(rows, columns)).unwrap();
    }

    /// Waits until the screen shows something, and gives the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str) -> String {
        self.wait_until(what, |screen| screen.contains(what))
    }

    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut parser = self.shown.0.lock().unwrap();
        loop {
            let screen = parser.screen().contents();
            if is_there(&screen) {
                return screen;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "there is no {what}:\n{screen}");
            parser = self.shown.1.wait_timeout(parser, left).unwrap().0;
        }
    }

    /// Whether a word on the screen has a colour.
    pub(crate) fn is_styled(&self, word: &str) -> bool {
        let parser = self.shown.0.lock().unwrap();
        let screen = parser.screen();
        let (rows, columns) = screen.size();
        (0..rows.get()).any(|row| {
            let line: String = screen.rows(0, columns.get()).nth(usize::from(row)).unwrap_or_default();
            let at = line.find(word).map(|at| u16::try_from(line[..at].chars().count()).unwrap());
            at.is_some_and(|at| screen.cell(row, at).unwrap().fgcolor() != vt100::Color::Default)
        })
    }

    pub(crate) fn child(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program has ended, which has to leave the terminal as it was; the screen, with the exit code.
    #[track_caller]
    pub(crate) fn end(mut self) -> String {
        let screen = self.wait_until("end", |screen| screen.contains("exit ") && screen.contains('.'));
        self.child.wait().unwrap();
        let parser = self.shown.0.lock().unwrap();
        assert!(!parser.screen().alternate_screen() && !parser.screen().hide_cursor(), "{screen}");
        assert!(
            !screen.contains("-icanon") && !screen.contains("-echo"),
            "lines are not read as before:\n{screen}"
        );
        screen
    }
}
