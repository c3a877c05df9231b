//! What long work is at: a line on stderr that moves, where that is a terminal, and goes when the work is done. Elsewhere, and where only data are
//! wanted, [`Steps`] are notes.

use std::io::{IsTerminal as _, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;
use crate::quoting::one_line;

/// How often the line moves.
const TICK: Duration = Duration::from_millis(120);

/// Work that goes on; its line goes with it. Where stderr is no terminal, there is none.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn begin(text: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        // Without colours, which not every terminal has.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(one_line(text));
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Says how far the work is.
    pub(crate) fn say(&self, text: &str) {
        self.0.set_message(one_line(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// The steps of work that takes minutes: on a terminal the line says the last one, elsewhere each is a note.
pub(crate) struct Steps {
    line: Progress,
    is_terminal: bool,
    /// Whether nothing is to be said where there is no terminal.
    is_silent: bool,
    last: Mutex<String>,
}

impl Steps {
    pub(crate) fn begin(text: &str, is_silent: bool) -> Self {
        let steps = Self {
            line: Progress::begin(text),
            is_terminal: stderr().is_terminal(),
            is_silent,
            last: Mutex::default(),
        };
        steps.say(text);
        steps
    }

    /// Says what the work is at, unless that was said last.
    pub(crate) fn say(&self, text: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last == text {
            return;
        }
        text.clone_into(&mut last);
        drop(last);
        self.line.say(text);
        if !self.is_terminal && !self.is_silent {
            output::note(text);
        }
    }

    /// Says something that stays on the screen.
    pub(crate) fn note(&self, text: &str) {
        if self.is_terminal || !self.is_silent {
            self.line.0.suspend(|| output::note(text));
        }
    }
}
