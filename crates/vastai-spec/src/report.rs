//! What the pipeline changed on the way, and why: every application of every rule, with its place.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::visible::in_one_line;

/// What a rule does to the set of values that a schema accepts, or to the operation it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Another spelling of the same thing.
    Same,
    /// More is accepted than the document says; the service decides.
    Widened,
    /// Something that the document says has no place in the client.
    Ignored,
    /// An operation that the client does not offer.
    LeftOut,
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Same => "same meaning",
            Self::Widened => "accepts more",
            Self::Ignored => "ignored",
            Self::LeftOut => "left out",
        })
    }
}

/// A named step of the pipeline with its reason.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The stable name, in kebab case.
    pub id: &'static str,
    /// Why the rule exists.
    pub reason: &'static str,
    /// What it does.
    pub effect: Effect,
}

/// One use of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Application {
    /// The rule.
    pub rule: &'static Rule,
    /// Where in the document, as a JSON pointer.
    pub pointer: String,
    /// What exactly was met there.
    pub detail: String,
}

impl fmt::Display for Application {
    /// The place and what was met there, in one line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", in_one_line(&self.pointer), in_one_line(&self.detail))
    }
}

/// All that was changed between the published document and the one the client is generated from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    applications: Vec<Application>,
    /// Which of them are about a place.
    by_place: BTreeMap<String, Vec<usize>>,
}

impl Report {
    /// Notes one use of a rule.
    pub fn note(&mut self, rule: &'static Rule, pointer: &str, detail: impl Into<String>) {
        let application = Application { rule, pointer: pointer.to_owned(), detail: detail.into() };
        // A shared component is lowered once for each direction; what is said of it is said once.
        let of_place = self.by_place.entry(pointer.to_owned()).or_default();
        if !of_place.iter().any(|index| self.applications.get(*index) == Some(&application)) {
            of_place.push(self.applications.len());
            self.applications.push(application);
        }
    }

    /// Every use of every rule, in the order of the pipeline.
    #[must_use]
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// The operations that the client does not offer, with the reason.
    pub fn left_out(&self) -> impl Iterator<Item = &Application> {
        self.applications.iter().filter(|application| application.rule.effect == Effect::LeftOut)
    }

    /// The rules that were used, with how often, by effect and name.
    #[must_use]
    pub fn by_rule(&self) -> Vec<(&'static Rule, usize)> {
        let mut counts: Vec<(&'static Rule, usize)> = Vec::new();
        for application in &self.applications {
            match counts.iter_mut().find(|(rule, _)| *rule == application.rule) {
                Some((_, count)) => *count += 1,
                None => counts.push((application.rule, 1)),
            }
        }
        counts.sort_by_key(|(rule, _)| (std::cmp::Reverse(rule.effect), rule.id));
        counts
    }

    /// The report for a person: a line for each rule, and with `verbose` each place under it.
    #[must_use]
    pub fn text(&self, verbose: bool) -> String {
        use fmt::Write as _;
        let mut text = String::new();
        for (rule, count) in self.by_rule() {
            let _ = writeln!(text, "{count:>6}  {:<13} {:<28} {}", rule.effect, rule.id, rule.reason);
            if verbose {
                for application in self.applications.iter().filter(|application| application.rule == rule) {
                    let _ = writeln!(text, "          {application}");
                }
            }
        }
        text
    }
}
