//! The table: what, ours, reference, ratio, goal.

use std::fmt::{self, Write as _};

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row {
    what: String,
    measured: Result<Measured, String>,
}

#[derive(Debug)]
struct Measured {
    ours: Amount,
    reference: Option<(String, Amount)>,
    goal: Option<Goal>,
    /// What holds it where it misses its goal, and what was tried.
    held_by: &'static str,
}

/// A quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// Time of all cores together, in seconds.
    CpuSeconds(f64),
    /// Time by the clock, in seconds.
    Seconds(f64),
    /// Bytes.
    Bytes(u64),
    /// Lines of code.
    Lines(usize),
    /// So many times as much.
    Times(f64),
    /// So many.
    Count(f64),
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// At most so many times the reference.
    TimesReference(f64),
    /// At most so much.
    AtMost(Amount),
}

impl Amount {
    fn value(self) -> f64 {
        match self {
            Self::CpuSeconds(value) | Self::Seconds(value) | Self::Times(value) | Self::Count(value) => value,
            #[expect(clippy::cast_precision_loss, reason = "sizes for people")]
            Self::Bytes(bytes) => bytes as f64,
            #[expect(clippy::cast_precision_loss, reason = "sizes for people")]
            Self::Lines(lines) => lines as f64,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match *self {
            Self::CpuSeconds(seconds) if seconds < 1e-3 => (seconds * 1e6, " µs CPU"),
            Self::CpuSeconds(seconds) if seconds < 0.1 => (seconds * 1e3, " ms CPU"),
            Self::CpuSeconds(seconds) => (seconds, " s CPU"),
            Self::Seconds(seconds) if seconds < 0.1 => (seconds * 1e3, " ms"),
            Self::Seconds(seconds) => (seconds, " s"),
            Self::Bytes(_) => (self.value() / 1e6, " MB"),
            Self::Lines(lines) => return write!(out, "{lines} lines"),
            Self::Times(times) => (times, " ×"),
            Self::Count(count) => (count, ""),
        };
        let digits = if value < 10.0 { 2 } else { 1 };
        write!(out, "{value:.digits$}{unit}")
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesReference(times) => write!(out, "≤ {times} ×"),
            Self::AtMost(amount) => write!(out, "≤ {amount}"),
        }
    }
}

impl Row {
    pub(super) fn of(what: impl Into<String>, ours: Amount) -> Self {
        Self { what: what.into(), measured: Ok(Measured { ours, reference: None, goal: None, held_by: "" }) }
    }

    /// A row that could not be measured, and why.
    pub(super) fn missing(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), measured: Err(why.into()) }
    }

    pub(super) fn beside(self, reference: impl Into<String>, amount: Amount) -> Self {
        self.map(|measured| Measured { reference: Some((reference.into(), amount)), ..measured })
    }

    /// What is wanted of it, and what holds it where that is missed.
    pub(super) fn wanted(self, goal: Goal, held_by: &'static str) -> Self {
        self.map(|measured| Measured { goal: Some(goal), held_by, ..measured })
    }

    fn map(self, change: impl FnOnce(Measured) -> Measured) -> Self {
        Self { measured: self.measured.map(change), ..self }
    }

    fn cells(&self) -> [String; 6] {
        let Ok(measured) = &self.measured else {
            let dash = || "–".to_owned();
            return [self.what.clone(), "not measured".into(), dash(), dash(), dash(), dash()];
        };
        let cell = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        [
            self.what.clone(),
            measured.ours.to_string(),
            cell(measured.reference.as_ref().map(|(name, amount)| format!("{amount} ({name})"))),
            cell(measured.ratio().map(|ratio| format!("{ratio:.2}"))),
            cell(measured.goal.map(|goal| goal.to_string())),
            cell(measured.is_met().map(|met| if met { "met" } else { "missed" }.into())),
        ]
    }
}

impl Measured {
    fn ratio(&self) -> Option<f64> {
        self.reference.as_ref().map(|(_, amount)| self.ours.value() / amount.value())
    }

    fn is_met(&self) -> Option<bool> {
        match self.goal? {
            Goal::TimesReference(times) => self.ratio().map(|ratio| ratio <= times),
            Goal::AtMost(amount) => Some(self.ours.value() <= amount.value()),
        }
    }
}

const COLUMNS: [&str; 6] = ["what", "ours", "reference", "ratio", "goal", ""];

impl Table {
    /// As a terminal shows it.
    pub(super) fn text(&self) -> String {
        let rows: Vec<[String; 6]> =
            std::iter::once(COLUMNS.map(str::to_owned)).chain(self.rows.iter().map(Row::cells)).collect();
        let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
        let mut text = String::new();
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        text + &self.notes("")
    }

    /// As BENCHMARKS.md has it.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("| {} |\n|{}\n", COLUMNS.join(" | "), "---|".repeat(COLUMNS.len()));
        for row in &self.rows {
            let _ = writeln!(text, "| {} |", row.cells().map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
        text + &self.notes("### ")
    }

    fn notes(&self, heading: &str) -> String {
        let missed = self.rows.iter().filter_map(|row| match &row.measured {
            Ok(measured) if measured.is_met() == Some(false) => Some((&row.what, measured.held_by)),
            _ => None,
        });
        let unmeasured =
            self.rows.iter().filter_map(|row| Some((&row.what, row.measured.as_ref().err()?.as_str())));
        let mut text = String::new();
        for (title, notes) in [
            ("What misses its goal, and what holds it", missed.collect::<Vec<_>>()),
            ("What could not be measured here", unmeasured.collect()),
        ] {
            if !notes.is_empty() {
                let _ = writeln!(text, "\n{heading}{title}\n");
            }
            for (what, note) in notes {
                let _ = writeln!(text, "- {what}: {}", note.lines().next().unwrap_or("not looked into yet"));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Amount, Goal, Row, Table};

    #[test]
    fn a_table_tells_what_is_met_what_is_missed_and_what_is_not_known() {
        let rows = vec![
            Row::of("a build", Amount::CpuSeconds(60.0))
                .beside("floor", Amount::CpuSeconds(50.0))
                .wanted(Goal::TimesReference(1.15), "the code that is compiled; nothing was tried"),
            Row::of("a start", Amount::Seconds(0.005)).wanted(Goal::AtMost(Amount::Seconds(0.05)), ""),
            Row::of("memory", Amount::Bytes(12_000_000)),
            Row::missing("another client", "its generator is not to be had"),
        ];
        expect![[r#"
            what            ours          reference           ratio  goal
            a build         60.0 s CPU    50.0 s CPU (floor)  1.20   ≤ 1.15 ×   missed
            a start         5.00 ms       –                   –      ≤ 50.0 ms  met
            memory          12.0 MB       –                   –      –          –
            another client  not measured  –                   –      –          –

            What misses its goal, and what holds it

            - a build: the code that is compiled; nothing was tried

            What could not be measured here

            - another client: its generator is not to be had
        "#]]
        .assert_eq(&Table { rows }.text());
    }
}
