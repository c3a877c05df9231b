//! The logs of an endpoint or a workergroup.

use std::fmt::{Display, Write};
use std::time::Duration;

/// How much a line matters. The engine has a file for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Info0,
    Info1,
    Trace,
    Debug,
}

impl Level {
    const ALL: [Self; 4] = [Self::Info0, Self::Info1, Self::Trace, Self::Debug];

    fn name(self) -> &'static str {
        match self {
            Self::Info0 => "info0",
            Self::Info1 => "info1",
            Self::Trace => "trace",
            Self::Debug => "debug",
        }
    }
}

/// Four strings of lines, each line with its time.
#[derive(Debug, Default)]
pub(crate) struct Log([String; 4]);

impl Log {
    /// Adds a line to a level; `at` is since the Unix epoch.
    pub(super) fn write(&mut self, level: Level, at: Duration, line: impl Display) {
        let Timestamp { date, time } = Timestamp::of(at);
        // Writing to a string does not fail.
        writeln!(self.0[level as usize], "{date} {time} - {line}").ok();
    }

    /// The last `bytes` of each level, or all of it, with the level's name. A character that would
    /// be cut is left out.
    pub(crate) fn tail(&self, bytes: Option<usize>) -> [(&'static str, &str); 4] {
        Level::ALL.map(|level| {
            let text = self.0[level as usize].as_str();
            let from = bytes.map_or(0, |bytes| text.len().saturating_sub(bytes));
            let from = (from..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
            (level.name(), text.get(from..).unwrap_or_default())
        })
    }
}

/// A time in UTC, as people write it.
pub(super) struct Timestamp {
    /// `2023-10-01`
    pub(super) date: String,
    /// `12:00:00`
    pub(super) time: String,
}

impl Timestamp {
    /// The whole second of a time since the Unix epoch.
    pub(super) fn of(since_epoch: Duration) -> Self {
        let seconds = since_epoch.as_secs();
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Years that begin in March put the leap day at their end; 400 of them are always 146,097
        // days. The calendar's year 0 began in March 719,468 days before the epoch.
        let day = days + 719_468;
        let (era, day) = (day / 146_097, day % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        Self {
            date: format!("{year:04}-{month:02}-{day:02}"),
            time: format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(seconds: u64) -> String {
        let Timestamp { date, time } = Timestamp::of(Duration::from_secs(seconds));
        format!("{date} {time}")
    }

    #[test]
    fn timestamps_follow_the_calendar() {
        assert_eq!(written(0), "1970-01-01 00:00:00");
        assert_eq!(written(951_782_399), "2000-02-28 23:59:59");
        assert_eq!(written(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(written(951_868_800), "2000-03-01 00:00:00");
        assert_eq!(written(1_696_161_600), "2023-10-01 12:00:00");
        assert_eq!(written(4_107_542_400), "2100-03-01 00:00:00");
        // The clock can be moved anywhere.
        assert!(written(u64::MAX).contains('-'));
    }

    #[test]
    fn a_tail_does_not_cut_characters() {
        let mut log = Log::default();
        log.write(Level::Trace, Duration::ZERO, "größe");
        let tail = |bytes| log.tail(bytes)[2].1;
        assert_eq!(tail(None), "1970-01-01 00:00:00 - größe\n");
        assert_eq!(tail(Some(5)), "ße\n");
        assert_eq!(tail(Some(3)), "e\n");
        assert_eq!(tail(Some(0)), "");
        assert_eq!(log.tail(None)[0], ("info0", ""));
    }
}
