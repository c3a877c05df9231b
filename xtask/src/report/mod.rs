//! A difference between two documents, written for a terminal, a program, a pull request, or a browser.
//!
//! The documents come from outside, and so does every string in a finding: each writer makes them harmless in its own way.

mod groups;
mod html;
mod json;
mod markdown;
mod release;
mod rust_items;
mod text;
mod to_do;
mod undocumented;

use std::collections::BTreeMap;

use clap::ValueEnum;
use vastai_spec::diff::{Bump, Diff, Document, NoVerdict, Wire};
use vastai_spec::identify::operations;
use vastai_spec::overlay::{self, StaleAction};
use vastai_spec::pipeline::Prepared;

use crate::console::{Console, Outcome};
use crate::facade::{Break, Verdict};
use crate::repository::Repository;
use crate::repository::accepted::AcceptedBreak;
use release::Release;
use undocumented::Undocumented;

pub(crate) use markdown::for_changelog;

/// The rule that reports a mark of this project in a published document.
const MARK_NOT_OBEYED: &str = "mark-not-obeyed";

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a program
    Json,
    /// For a pull request
    Markdown,
    /// For a browser: one page with filters, which needs nothing else
    Html,
}

/// A document with all that was made of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'document> {
    pub(crate) name: &'document str,
    pub(crate) text: &'document str,
    pub(crate) prepared: &'document Prepared,
}

/// A difference, and what a reader needs beside it.
#[derive(Debug)]
pub(crate) struct Report<'document> {
    pub(crate) diff: Diff,
    /// The names of the two documents.
    old: &'document str,
    new: &'document str,
    /// Method and path of an operation by its id; of one that moved, those of the new document.
    operations: BTreeMap<String, String>,
    /// The release that the difference asks for.
    release: Option<Release>,
    /// What the overlays add to the new document, and what they need not add any more.
    undocumented: Undocumented,
    /// Corrections that match nothing in the new document.
    stale: &'document [StaleAction],
    /// Whether they are listed: the new document is to be the vendored one, and each has to be mended.
    lists_stale: bool,
    /// Keys that the new document has more than once in a mapping, a line each.
    duplicates: &'document [String],
    /// The breaks that were accepted beforehand.
    accepted: Vec<AcceptedBreak>,
    /// Whether all that breaks was accepted.
    all_accepted: bool,
    /// Whether the new document's words take the place of our own.
    replaces_our_words: bool,
    /// What the new document describes in the publisher's words only, so that it is not described: JSON pointers.
    undescribed: &'document [String],
    /// What the new document breaks in the facade, where that was looked for.
    facade: Option<Verdict>,
}

impl<'document> Report<'document> {
    /// Compares two documents. Where one of them could not be generated, there is no verdict for Rust, and a warning says so.
    pub(crate) fn between(
        old: Made<'document>,
        new: Made<'document>,
        repository: &Repository,
        console: &mut Console<'_>,
    ) -> anyhow::Result<Self> {
        let document = |made: Made<'document>| Document::new(&made.prepared.published).with_text(made.text);
        let mut diff = Diff::between(document(old), document(new))?;
        if let Err(NoVerdict { old: before, new: after }) = diff.judge_rust(old.prepared, new.prepared) {
            for (made, error) in [(old, before), (new, after)] {
                if let Some(error) = error {
                    console.warn(format_args!("{}: no verdict for Rust: {error}", made.name))?;
                }
            }
        }
        for application in new.prepared.report.applications() {
            if application.rule.id == MARK_NOT_OBEYED {
                console.warn(format_args!(
                    "{}: {} at {} is not obeyed: only the overlay may say so",
                    new.name, application.detail, application.pointer
                ))?;
            }
        }
        let named = [old, new].into_iter().flat_map(|made| operations(&made.prepared.published));
        let operations = named
            .filter_map(|(path, method, operation)| {
                let id = operation.get("operationId")?.as_str()?;
                Some((id.to_owned(), format!("{} {path}", method.to_uppercase())))
            })
            .collect();
        let release = match &diff.rust {
            Some(verdict) if verdict.bump != Bump::None => Release::after(repository, verdict.bump)?,
            _ => None,
        };
        let undocumented = Undocumented::between(old.prepared, new.prepared);
        let stale = new.prepared.stale.as_slice();
        let (old, new) = (old.name, new.name);
        let accepted = Vec::new();
        let (all_accepted, replaces_our_words) = (false, false);
        let (undescribed, duplicates, lists_stale) = (&[], &[], false);
        Ok(Self {
            diff,
            old,
            new,
            operations,
            release,
            undocumented,
            stale,
            lists_stale,
            duplicates,
            accepted,
            all_accepted,
            replaces_our_words,
            undescribed,
            facade: None,
        })
    }

    /// Notes the breaks that were accepted beforehand, and whether they are all.
    pub(crate) fn accept(&mut self, accepted: Vec<AcceptedBreak>, all: bool) {
        (self.accepted, self.all_accepted) = (accepted, all);
    }

    /// Notes that the vendored document says the published facts in words of our own, which the new one does not.
    pub(crate) fn note_our_words(&mut self) {
        self.replaces_our_words = true;
    }

    /// Notes the keys that the new document has more than once in a mapping.
    pub(crate) fn note_duplicates(&mut self, duplicates: &'document [String]) {
        self.duplicates = duplicates;
    }

    /// Lists every correction that matches nothing.
    pub(crate) fn list_stale(&mut self) {
        self.lists_stale = true;
    }

    /// The corrections that match nothing, as lines: one for all, unless they are listed.
    fn stale_lines(&self) -> Vec<String> {
        match self.lists_stale {
            true => self.stale.iter().map(ToString::to_string).collect(),
            false => overlay::summary(self.stale).into_iter().collect(),
        }
    }

    /// Notes what our words do not describe.
    pub(crate) fn note_undescribed(&mut self, undescribed: &'document [String]) {
        self.undescribed = undescribed;
    }

    /// Notes what the new document breaks in the facade.
    pub(crate) fn note_facade(&mut self, facade: Verdict) {
        self.facade = Some(facade);
    }

    /// What the new document breaks in the facade, where that was looked for.
    pub(crate) fn facade(&self) -> Option<&Verdict> {
        self.facade.as_ref()
    }

    /// The breaks of each feature of the facade.
    fn broken_features(&self) -> BTreeMap<&str, Vec<&Break>> {
        self.facade.as_ref().map(Verdict::by_feature).unwrap_or_default()
    }

    /// Writes the report.
    pub(crate) fn write(&self, format: Format, console: &mut Console<'_>) -> anyhow::Result<()> {
        match format {
            Format::Text => write!(console.out, "{}", text::of(self, console.is_coloured))?,
            Format::Json => writeln!(console.out, "{}", json::of(self)?)?,
            Format::Markdown => write!(console.out, "{}", markdown::of(self))?,
            Format::Html => write!(console.out, "{}", html::of(self))?,
        }
        Ok(())
    }

    /// Whether nothing differs but what people read.
    pub(crate) fn is_about_words(&self) -> bool {
        let same_items = self.diff.rust.as_ref().is_none_or(|rust| rust.bump <= Bump::Patch);
        self.diff.wire == Wire::None && same_items
    }

    /// What the difference means to a script.
    pub(crate) fn outcome(&self) -> Outcome {
        match &self.diff {
            diff if diff.is_empty() => Outcome::Same,
            diff if diff.is_breaking() && !self.all_accepted => Outcome::Breaking,
            _ => Outcome::Different,
        }
    }

    /// Whether this break was accepted, and why.
    fn acceptance(&self, change: &vastai_spec::diff::Change) -> Option<&AcceptedBreak> {
        self.accepted.iter().find(|accepted| accepted.is_of(change))
    }

    /// What the difference means on the wire.
    fn wire(&self) -> &'static str {
        match self.diff.wire {
            Wire::None => "no difference",
            Wire::Compatible => "compatible",
            Wire::Breaking => "breaking",
        }
    }

    /// What it means for a dependent.
    fn rust(&self) -> &'static str {
        match self.diff.rust.as_ref().map(|rust| rust.bump) {
            None => "not judged",
            Some(Bump::None) => "no difference",
            Some(Bump::Patch) => "patch",
            Some(Bump::Minor) => "minor",
            Some(Bump::Major) => "major",
        }
    }

    /// The counts, in a line.
    fn counts(&self) -> String {
        let operations = &self.diff.operations;
        format!(
            "operations: {} removed, {} changed, {} moved, {} added; prose differs in {}",
            operations.removed.len(),
            operations.changed.len(),
            operations.moved.len(),
            operations.added.len(),
            counted(self.diff.docs, "place", "places"),
        )
    }
}

/// A number with the word for what is counted.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
