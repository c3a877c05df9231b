//! The report for a terminal.

use std::fmt::{self, Write as _};

use vastai_spec::diff::{Change, Level};
use vastai_spec::visible::in_one_line;

use super::groups::{self, Finding, Group, word};
use super::{Report, counted, rust_items, to_do};
use rust_items::Fate;

use crate::repository::UNDOCUMENTED;

/// How long a value may be to be shown.
const LONGEST_VALUE: usize = 60;

pub(super) fn of(report: &Report<'_>, is_coloured: bool) -> String {
    let mut text = String::new();
    let writer = Text { report, paint: Paint { is_on: is_coloured } };
    // Writing to a string does not fail.
    let _ = writer.write(&mut text);
    text
}

struct Text<'report> {
    report: &'report Report<'report>,
    paint: Paint,
}

impl Text<'_> {
    fn write(&self, out: &mut String) -> fmt::Result {
        let groups = groups::once(self.report);
        let (mut moved, mut added) = (Vec::new(), Vec::new());
        for group in &groups {
            match group {
                group if group.level == Level::Docs => {}
                group if group.is_only("operation-moved") => moved.push(group),
                group if group.is_only("operation-added") => added.push(group),
                group => self.group(group, out)?,
            }
        }
        if !moved.is_empty() {
            writeln!(out, "{}", self.paint.bold("moved, and otherwise the same on the wire"))?;
            for group in moved.iter().filter(|group| group.lost_its_slash().is_none()) {
                let was = group.was.map_or("", |moved| &moved.from);
                writeln!(out, "  {} → {}", in_one_line(was), in_one_line(group.operation))?;
            }
            for (lost, what) in [(true, "without the slash at the end"), (false, "with a slash at the end")] {
                let mut of_kind =
                    moved.iter().filter(|group| group.lost_its_slash() == Some(lost)).peekable();
                if of_kind.peek().is_some() {
                    writeln!(out, "  {what}:")?;
                }
                for group in of_kind {
                    writeln!(out, "    {}", in_one_line(group.operation))?;
                }
            }
            writeln!(out)?;
        }
        if !added.is_empty() {
            writeln!(out, "{}", self.paint.bold("new operations"))?;
            for group in &added {
                writeln!(out, "  {}", in_one_line(group.operation))?;
            }
            writeln!(out)?;
        }
        self.undocumented(out)?;
        self.rust(out)?;
        self.facade(out)?;
        self.to_do(out)?;
        writeln!(out, "{}", self.report.counts())?;
        let release = self.report.release.as_ref();
        let release =
            release.map(|release| format!(" ({} → {})", release.current, release.next)).unwrap_or_default();
        writeln!(out, "wire: {}; rust: {}{release}", self.report.wire(), self.report.rust())
    }

    fn undocumented(&self, out: &mut String) -> fmt::Result {
        let undocumented = &self.report.undocumented;
        if undocumented.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", self.paint.bold("undocumented operations"))?;
        for found in &undocumented.documented {
            writeln!(
                out,
                "  documented by now: {} (was {})",
                in_one_line(&found.to),
                in_one_line(&found.from)
            )?;
        }
        if !undocumented.lacking.is_empty() {
            let count = counted(undocumented.lacking.len(), "operation is", "operations are");
            writeln!(out, "  {count} in {UNDOCUMENTED} alone")?;
        }
        writeln!(out)
    }

    fn group(&self, group: &Group<'_>, out: &mut String) -> fmt::Result {
        write!(out, "{}", self.paint.bold(&in_one_line(group.name())))?;
        if let Some(was) = group.was {
            write!(out, "  was {}", in_one_line(&was.from))?;
        }
        writeln!(out)?;
        for finding in group
            .changes
            .iter()
            .filter(|finding| finding.change.level != Level::Docs && finding.change.id != "operation-moved")
        {
            self.change(finding, out)?;
        }
        if group.is_listed_in_part {
            writeln!(out, "  and the findings above that name this operation")?;
        }
        writeln!(out)
    }

    fn change(&self, finding: &Finding<'_>, out: &mut String) -> fmt::Result {
        let change = finding.change;
        let level = self.paint.level(change.level, word(change.level));
        let padding = " ".repeat("compatible".len() - word(change.level).len());
        writeln!(out, "  {level}{padding}  {}", in_one_line(&change.message))?;
        if let Some(values) = values(change) {
            writeln!(out, "              {values}")?;
        }
        let lines = groups::lines(change).map(|lines| format!(" ({lines})")).unwrap_or_default();
        let within = groups::within_operation(change)
            .map(|within| format!(" at {}", in_one_line(within)))
            .unwrap_or_default();
        let place = format!("{}{}{within}{lines}", change.id, groups::side(change));
        writeln!(out, "              {}", self.paint.faint(&place))?;
        if !finding.also.is_empty() {
            writeln!(out, "              also in {}", in_one_line(&groups::some_of(&finding.also)))?;
        }
        if let Some(accepted) = self.report.acceptance(change) {
            writeln!(out, "              accepted on {}: {}", accepted.date, in_one_line(&accepted.reason))?;
        }
        Ok(())
    }

    fn rust(&self, out: &mut String) -> fmt::Result {
        let Some(verdict) = &self.report.diff.rust else { return Ok(()) };
        let items = rust_items::of(self.report);
        if items.is_empty() && verdict.renames.is_empty() && verdict.kept_names == 0 {
            return Ok(());
        }
        writeln!(out, "{}", self.paint.bold("Rust"))?;
        for rename in &verdict.renames {
            let (from, to) = (in_one_line(&rename.from), in_one_line(&rename.to));
            writeln!(out, "  renamed  {from} is now {to}: {}", in_one_line(&rename.reason))?;
        }
        if let Some(kept) = rust_items::kept(verdict) {
            writeln!(out, "  {kept}")?;
        }
        for item in &items {
            let fate = match item.fate {
                Fate::Gone | Fate::Changed => self.paint.level(Level::Breaking, item.fate.word()),
                Fate::New => self.paint.level(Level::Compatible, item.fate.word()),
            };
            let padding = " ".repeat("renamed".len() - item.fate.word().len());
            let parts = if item.parts > 0 {
                format!(" and its {}", counted(item.parts, "part", "parts"))
            } else {
                String::new()
            };
            writeln!(out, "  {fate}{padding}  {}{parts}", in_one_line(item.line))?;
            if !item.from.is_empty() {
                writeln!(
                    out,
                    "           {}",
                    self.paint.faint(&format!("from {}", in_one_line(&item.from)))
                )?;
            }
        }
        writeln!(out)
    }

    fn facade(&self, out: &mut String) -> fmt::Result {
        let features = self.report.broken_features();
        if features.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", self.paint.bold("Facade"))?;
        for (feature, breaks) in features {
            writeln!(out, "  {}", in_one_line(feature))?;
            for found in breaks {
                writeln!(out, "    {}", in_one_line(&found.message))?;
                writeln!(out, "    {}", self.paint.faint(&format!("  {}", in_one_line(&found.place()))))?;
            }
        }
        writeln!(out)
    }

    fn to_do(&self, out: &mut String) -> fmt::Result {
        let work = to_do::of(self.report);
        if work.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", self.paint.bold("what to do"))?;
        for (index, work) in work.iter().enumerate() {
            writeln!(out, "  {}. {}", index + 1, in_one_line(work))?;
        }
        for stale in self.report.stale_lines() {
            writeln!(out, "     {}", in_one_line(&stale))?;
        }
        writeln!(out)
    }
}

/// Old and new value in a line, where they are short enough to say more than the message does.
fn values(change: &Change) -> Option<String> {
    let value = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
    let (before, after) = (value(&change.before), value(&change.after));
    let is_short =
        |text: &Option<String>| text.as_ref().is_none_or(|text| text.chars().count() <= LONGEST_VALUE);
    // The message often has both.
    let is_in_message = |text: &Option<String>| {
        text.as_ref().is_none_or(|text| change.message.contains(text.trim_matches('"')))
    };
    if is_in_message(&before) && is_in_message(&after) {
        return None;
    }
    let text = match (before, after) {
        (before, after) if !is_short(&before) || !is_short(&after) => return None,
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(before), None) => format!("{before} → nothing"),
        (None, Some(after)) => format!("nothing → {after}"),
        (None, None) => return None,
    };
    Some(in_one_line(&text).into_owned())
}

/// Colours for who sees them.
struct Paint {
    is_on: bool,
}

impl Paint {
    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn faint(&self, text: &str) -> String {
        self.with("2", text)
    }

    fn level(&self, level: Level, text: &str) -> String {
        let code = match level {
            Level::Breaking => "1;31",
            Level::Compatible => "32",
            Level::Docs => "36",
        };
        self.with(code, text)
    }

    fn with(&self, code: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_a_terminal() {
        assert_eq!(Paint { is_on: false }.level(Level::Breaking, "gone"), "gone");
        assert_eq!(Paint { is_on: true }.level(Level::Breaking, "gone"), "\u{1b}[1;31mgone\u{1b}[0m");
    }
}
