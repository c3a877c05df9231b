//! What a comparison finds: the data that reports are written from.

use serde::Serialize;
use serde_json::Value;

use super::rust::{Bump, RustVerdict};

/// The version of the JSON that a [`Diff`] serialises to. It rises when a field goes away or changes its meaning, not when one is
/// added.
pub const VERSION: u32 = 1;

/// The difference between two documents; serialised, it is the JSON that `cargo xtask diff --format json` prints.
///
/// | field | what it holds |
/// |---|---|
/// | `version` | [`VERSION`] |
/// | `wire` | `none`, `compatible` or `breaking`: the worst level of the changes that are not `docs` |
/// | `rust`, `rust_items`, `rust_origins`, `rust_renames`, `rust_kept_names` | the verdict for Rust ([`RustVerdict`]); absent where a document could not be generated |
/// | `operations` | the operations that are `added`, `removed`, `changed` (strings) and `moved` (`{from, to}`) |
/// | `changes` | every finding, see [`Change`] |
/// | `docs` | how many of the changes have the level `docs` |
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// The version of this form: [`VERSION`].
    pub version: u32,
    /// What the changes mean for a client that follows the old document.
    pub wire: Wire,
    /// What they mean for a Rust program that uses the generated client, where both documents could be generated.
    #[serde(flatten)]
    pub rust: Option<RustVerdict>,
    /// The operations that differ.
    pub operations: OperationChanges,
    /// Every finding, by operation and place; those of the document as a whole last.
    pub changes: Vec<Change>,
    /// In how many places only prose differs: descriptions, titles, examples, tags. Each is a finding of its own in `changes`.
    pub docs: usize,
}

/// What changes mean on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Nothing that travels changed.
    None,
    /// A client that follows the old document works on.
    Compatible,
    /// A client that follows the old document can be refused, or can misread a response.
    Breaking,
}

/// The operations that differ, each as method and path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OperationChanges {
    /// Only in the new document.
    pub added: Vec<String>,
    /// Only in the old document.
    pub removed: Vec<String>,
    /// In both, and different in more than prose.
    pub changed: Vec<String>,
    /// In both, with another slash at the path's end or another name of a path parameter. It may have changed as well.
    pub moved: Vec<Moved>,
}

/// An operation that has another path for the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Method and path in the old document.
    pub from: String,
    /// Method and path in the new document.
    pub to: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The stable name of the rule that found it, in kebab case.
    pub id: &'static str,
    /// What it does to a client.
    pub level: Level,
    /// What it concerns.
    pub side: Side,
    /// Method and path in the new document; in the old one for what was removed. Empty for the document as a whole.
    pub operation: String,
    /// The first tag of the operation, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The place as seen from the operation: a JSON pointer into the new document (the old one for what was removed) with references and
    /// `allOf` followed. Where it is written, which may be a component, say `old` and `new`.
    pub pointer: String,
    /// The finding in a sentence.
    pub message: String,
    /// Where it is written in the old document; absent where only the new one has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Location>,
    /// Where it is written in the new document; absent where only the old one has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Location>,
    /// What the old document says there, shortened if it is long; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What the new document says there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// A place in one of the two documents as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Location {
    /// A JSON pointer that leads to a value of the document.
    pub pointer: String,
    /// The line of the document's text, counted from one, where the text was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// What a finding does to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Only what people read differs.
    Docs,
    /// Nothing that breaks a client that follows the old document.
    Compatible,
    /// It can be refused, or can misread a response.
    Breaking,
}

/// What a finding concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// What a client sends.
    Request,
    /// What it gets.
    Response,
    /// The operation itself, or the document.
    Operation,
    /// Where it is sent.
    Server,
    /// How the caller proves who it is.
    Security,
}

impl Diff {
    /// Adds the verdict for Rust: what a dependent of the generated client must change, by a comparison of the two surfaces.
    #[must_use]
    pub fn with_surfaces(mut self, old: &str, new: &str) -> Self {
        self.rust = Some(RustVerdict::between(old, new, self.docs > 0));
        self
    }

    /// Whether the documents say the same, prose included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let same_in_rust = self.rust.as_ref().is_none_or(|rust| rust.bump == Bump::None);
        self.changes.is_empty() && self.docs == 0 && same_in_rust
    }

    /// Whether a client breaks: on the wire, or when it is compiled again.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.wire == Wire::Breaking || self.rust.as_ref().is_some_and(|rust| rust.bump == Bump::Major)
    }
}
