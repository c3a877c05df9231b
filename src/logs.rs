//! The log of an endpoint or a workergroup, by level.

use crate::types::Logs;

/// How detailed a line of the log is, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// `info0`: what everyone wants to know.
    Info0,
    /// `info1`
    Info1,
    /// `trace`
    Trace,
    /// `debug`: everything.
    Debug,
}

impl LogLevel {
    /// Every level, the least detailed first.
    pub const ALL: [Self; 4] = [Self::Info0, Self::Info1, Self::Trace, Self::Debug];

    /// The level's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info0 => "info0",
            Self::Info1 => "info1",
            Self::Trace => "trace",
            Self::Debug => "debug",
        }
    }
}

impl Logs {
    /// The text of one level; empty where there is none. A log in one piece, as the document knows it, is all of [`LogLevel::Info0`].
    #[must_use]
    pub fn level(&self, level: LogLevel) -> &str {
        let text = match level {
            LogLevel::Info0 => self.info0.as_ref().or(self.logs.as_ref()),
            LogLevel::Info1 => self.info1.as_ref(),
            LogLevel::Trace => self.trace.as_ref(),
            LogLevel::Debug => self.debug.as_ref(),
        };
        text.map_or("", String::as_str)
    }
}
