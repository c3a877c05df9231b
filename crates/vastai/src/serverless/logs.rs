//! The log of an endpoint or a workergroup.

use serde_json::{Map, Value};

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

/// How much of the end of a log to fetch. Without it the engine gives as much as it sees fit: some 10,000 bytes of each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogTail {
    /// So many bytes of each level, 1 or more.
    Bytes(u32),
    /// All of it.
    All,
}

impl LogTail {
    /// The number on the wire.
    pub(super) fn to_wire(self) -> i64 {
        match self {
            Self::Bytes(bytes) => i64::from(bytes),
            Self::All => -1,
        }
    }
}

/// A log, by level.
///
/// The service answers with a text for each level; its document speaks of one text, which is then all of [`LogLevel::Info0`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logs {
    levels: [String; 4],
}

impl Logs {
    /// The text of one level; empty where there is none.
    #[must_use]
    pub fn level(&self, level: LogLevel) -> &str {
        &self.levels[level as usize]
    }

    /// The log in an answer, if it is one.
    pub(super) fn from_members(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| match members.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) => Some(String::new()),
            _ => None,
        };
        let levels = LogLevel::ALL.map(|level| text(level.as_str()));
        if levels.iter().any(Option::is_some) {
            return Some(Self { levels: levels.map(Option::unwrap_or_default) });
        }
        let mut logs = Self::default();
        logs.levels[LogLevel::Info0 as usize] = text("logs")?;
        Some(logs)
    }
}
