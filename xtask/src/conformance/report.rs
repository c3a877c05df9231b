//! What came of the pairs, for a person and for a program.

use std::fmt;

use serde::Serialize;
use vastai_spec::visible::in_one_line;

use super::compare::Difference;
use super::pairs::Pair;
use super::request::Request;
use crate::console::Outcome;

/// How long a value may be to be shown.
const LONGEST_VALUE: usize = 160;

/// What came of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// Both send the same request.
    Same,
    /// Not the same, and the table says why that is right.
    Explained,
    /// Not the same.
    Different,
    /// Ours does not take the words, or sends nothing.
    Refused,
    /// The table has a reason for a difference that there is not.
    Stale,
    /// The official client sends nothing: the table is wrong.
    Silent,
}

/// A pair, and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Tried {
    name: String,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    command: Vec<String>,
    pub(super) official: Option<Request>,
    pub(super) ours: Option<Request>,
    pub(super) differences: Vec<Difference>,
    /// What a client said that sent nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    said: String,
}

impl Tried {
    pub(super) fn of(pair: &Pair) -> Self {
        Self {
            name: pair.name.clone(),
            verdict: Verdict::Same,
            reason: pair.expected_difference.clone(),
            command: pair.official.clone(),
            official: None,
            ours: None,
            differences: Vec::new(),
            said: String::new(),
        }
    }

    /// A difference with a reason is explained.
    pub(super) fn with(self, verdict: Verdict, said: String) -> Self {
        let is_explained = self.reason.is_some();
        let verdict = match verdict {
            Verdict::Different | Verdict::Refused if is_explained => Verdict::Explained,
            verdict => verdict,
        };
        Self { verdict, said, ..self }
    }
}

/// What came of a table.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The official client's release.
    official: String,
    /// Whether ours was given the official words.
    drop_in: bool,
    counts: Counts,
    pairs: Vec<Tried>,
    /// The official commands for which the table has no pair.
    lacking: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    all: usize,
    same: usize,
    explained: usize,
    different: usize,
    refused: usize,
    stale: usize,
    silent: usize,
}

impl Report {
    pub(super) fn new(official: &str, drop_in: bool) -> Self {
        Self {
            official: official.to_owned(),
            drop_in,
            counts: Counts::default(),
            pairs: Vec::new(),
            lacking: Vec::new(),
        }
    }

    pub(super) fn lacks(&mut self, commands: Vec<String>) {
        self.lacking = commands;
    }

    pub(super) fn add(&mut self, mut tried: Tried) {
        if self.drop_in && tried.verdict == Verdict::Explained {
            // The reason is one for our words, not for theirs.
            tried.verdict = if tried.ours.is_some() { Verdict::Different } else { Verdict::Refused };
        }
        self.counts.all += 1;
        *match tried.verdict {
            Verdict::Same => &mut self.counts.same,
            Verdict::Explained => &mut self.counts.explained,
            Verdict::Different => &mut self.counts.different,
            Verdict::Refused => &mut self.counts.refused,
            Verdict::Stale => &mut self.counts.stale,
            Verdict::Silent => &mut self.counts.silent,
        } += 1;
        self.pairs.push(tried);
    }

    pub(super) fn outcome(&self) -> Outcome {
        let Counts { same, explained, refused, .. } = self.counts;
        match self.counts.all - same {
            _ if !self.lacking.is_empty() => Outcome::Breaking,
            0 => Outcome::Same,
            // To refuse what the official client takes does nothing wrong; to do something else does.
            rest if rest == explained || self.drop_in && rest == refused => Outcome::Different,
            _ => Outcome::Breaking,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: Vec<&Tried> =
            self.pairs.iter().filter(|tried| tried.verdict != Verdict::Same).collect();
        shown.sort_by_key(|tried| tried.verdict);
        let mut last = None;
        for tried in shown {
            if last != Some(tried.verdict) {
                writeln!(out, "{}", self.heading(tried.verdict))?;
                last = Some(tried.verdict);
            }
            writeln!(out, "  {}", in_one_line(&tried.name))?;
            if let (Some(reason), Verdict::Explained | Verdict::Stale) = (&tried.reason, tried.verdict) {
                writeln!(out, "    {}", in_one_line(reason))?;
            }
            if tried.verdict == Verdict::Stale {
                continue;
            }
            for difference in &tried.differences {
                writeln!(out, "    {}", difference_line(difference, "official", "ours"))?;
            }
            if let (None, Some(request)) = (&tried.ours, &tried.official) {
                writeln!(out, "    official: {}", shortened(&request.to_string()))?;
            }
            if !tried.said.is_empty() {
                writeln!(out, "    {}", shortened(&tried.said))?;
            }
        }
        if !self.lacking.is_empty() {
            writeln!(out, "official commands without a pair")?;
            self.lacking.iter().try_for_each(|command| writeln!(out, "  {}", in_one_line(command)))?;
        }
        if last.is_some() || !self.lacking.is_empty() {
            writeln!(out)?;
        }
        let Counts { all, same, explained, different, refused, stale, silent } = &self.counts;
        if self.drop_in {
            return writeln!(
                out,
                "{all} official command lines (vastai {}), with VASTAI_YES=1 for ours: {same} same, {different} other, {refused} refused{}",
                self.official,
                if *silent > 0 { format!(", {silent} that send nothing") } else { String::new() }
            );
        }
        write!(
            out,
            "{all} pairs (vastai {}): {same} same, {explained} with a reason to differ",
            self.official
        )?;
        for (count, what) in [
            (different, "different"),
            (refused, "refused"),
            (stale, "with a reason for no difference"),
            (silent, "whose official command sends nothing"),
        ] {
            if *count > 0 {
                write!(out, ", {count} {what}")?;
            }
        }
        writeln!(out)
    }
}

impl Report {
    fn heading(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Same => "the same",
            Verdict::Explained => "different, for a reason",
            Verdict::Different if self.drop_in => "the same words, and another request",
            Verdict::Different => "different",
            Verdict::Refused => "refused by ours",
            Verdict::Stale => "not different, although the table has a reason",
            Verdict::Silent => "nothing sent by the official client",
        }
    }
}

/// A difference in a line, with what the two sides are called.
pub(super) fn difference_line(difference: &Difference, left: &str, right: &str) -> String {
    let value = |value: &Option<serde_json::Value>| match value {
        None => "nothing".to_owned(),
        Some(value) => shortened(&value.to_string()),
    };
    let Difference { at, left: one, right: other } = difference;
    format!("{}: {left} {}, {right} {}", in_one_line(at), value(one), value(other))
}

/// A string in one line, cut where it gets long.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_VALUE).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    in_one_line(&short).to_string()
}
