//! Keys that stand more than once in a mapping: where, and what was taken.

use std::fmt;

use serde::Serialize;

use super::error::Place;
use crate::pointer;
use crate::report::{Effect, Rule};
use crate::visible::in_one_line;

/// How many keys are listed; of more, only the number is known.
const MAX_LISTED: usize = 100;
/// What the pointers of the listed keys may add up to, in bytes: a pointer is as long as all the keys above it.
const MAX_POINTERS: usize = 256 * 1024;
/// How many of a key's places a message names.
const PLACES_SHOWN: usize = 4;
/// How many characters of a key or a pointer a message shows.
const CHARACTERS_SHOWN: usize = 200;

/// The rule under which the report of the pipeline lists them.
pub(crate) static DUPLICATE_KEY: Rule = Rule {
    id: "duplicate-key",
    reason: "a key that a mapping has more than once has its last value, as for most readers; the others are lost",
    effect: Effect::Ignored,
};

/// A key that a mapping has more than once. Its last value is the one that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateKey {
    /// The place of the key in the document, as a JSON pointer.
    pub pointer: String,
    /// Where the key is written, in the order of the text: two places at least.
    pub places: Vec<Place>,
    /// Whether this is YAML's merge key (`<<`): all its values are merged, and of entries that differ the last counts.
    pub is_merge_key: bool,
}

impl DuplicateKey {
    /// Where the value that counts has its key.
    #[must_use]
    pub fn last(&self) -> Place {
        self.places.last().copied().unwrap_or_default()
    }

    /// The key, where else it is written, and what became of the values.
    #[must_use]
    pub fn description(&self) -> String {
        let (_, earlier) = self.places.split_last().unwrap_or((&Place::START, &[]));
        let mut others: Vec<String> = earlier.iter().take(PLACES_SHOWN).map(ToString::to_string).collect();
        if let Some(more @ 1..) = earlier.len().checked_sub(PLACES_SHOWN) {
            others.push(format!("{more} more places"));
        }
        let taken =
            if self.is_merge_key { "all are merged, the last first" } else { "the last value was taken" };
        format!(
            "the key `{}` is in the same mapping at {}, too; {taken} ({})",
            shown(&pointer::last_token(&self.pointer)),
            others.join(", "),
            shown(&self.pointer),
        )
    }
}

impl fmt::Display for DuplicateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.last(), self.description())
    }
}

/// All keys of a document that stand more than once in a mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DuplicateKeys {
    listed: Vec<DuplicateKey>,
    unlisted: usize,
}

impl DuplicateKeys {
    /// The keys in the order of their last places; the first hundred of them in a document that has more.
    #[must_use]
    pub fn listed(&self) -> &[DuplicateKey] {
        &self.listed
    }

    /// How many there are, those that are not listed included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.listed.len() + self.unlisted
    }

    /// Whether every key stands once.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// All in one line: the first, and how many more there are; `None` where every key stands once.
    #[must_use]
    pub fn summary(&self, name: &str) -> Option<String> {
        let first = self.listed.first()?;
        Some(match self.count() - 1 {
            0 => format!("{name}:{first}"),
            more => format!("{name}:{first} (and {more} more keys)"),
        })
    }

    /// A line for each, with the name of the document: for warnings.
    #[must_use]
    pub fn lines(&self, name: &str) -> Vec<String> {
        let mut lines: Vec<String> =
            self.listed.iter().map(|duplicate| format!("{name}:{duplicate}")).collect();
        if self.unlisted > 0 {
            lines.push(format!("{name}: {} more keys are in their mappings more than once", self.unlisted));
        }
        lines
    }

    pub(super) fn add(&mut self, duplicate: impl FnOnce() -> DuplicateKey) {
        let pointers: usize = self.listed.iter().map(|listed| listed.pointer.len()).sum();
        if self.listed.len() < MAX_LISTED && pointers < MAX_POINTERS {
            self.listed.push(duplicate());
        } else {
            self.unlisted += 1;
        }
    }

    /// Mappings end from the inside out; readers look from the top down.
    pub(super) fn sort(&mut self) {
        self.listed.sort_by_key(DuplicateKey::last);
    }
}

/// A piece of the document for a message of one line: cut where it is long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS_SHOWN) {
        Some((end, _)) => format!("{}…", in_one_line(&text[..end])),
        None => in_one_line(text).into_owned(),
    }
}
