//! What long work is at: a line on stderr that moves, where that is a terminal, and goes when the work is done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

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
