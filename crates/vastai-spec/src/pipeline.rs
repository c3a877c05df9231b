//! The steps in their order: load, identify, overlay, lower, and the operations table.

use serde_json::Value;

use crate::identify::identify;
use crate::load::{self, DUPLICATE_KEY, DuplicateKeys, LoadError, Published};
use crate::lower::{LowerError, lower};
use crate::marks;
use crate::operations::{self, Operation};
use crate::overlay::{self, Overlay, OverlayError, StaleAction};
use crate::report::Report;
use crate::visible::in_one_line;

/// The text of a document, and its name in errors.
#[derive(Debug, Clone, Copy)]
pub struct Source<'text> {
    /// A path or a URL.
    pub name: &'text str,
    /// The whole text.
    pub text: &'text str,
}

impl<'text> Source<'text> {
    /// A source.
    #[must_use]
    pub fn new(name: &'text str, text: &'text str) -> Self {
        Self { name, text }
    }
}

/// What a correction whose target is gone means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    /// The build fails: the vendored document and its overlay belong together.
    Fail,
    /// It is only reported, in [`Prepared::stale`]: another document is built.
    Warn,
}

/// A document after every step but the generation.
#[derive(Debug)]
pub struct Prepared {
    /// As it was published, every operation identified. What it has of [`marks`] is in none of the steps behind.
    pub published: Value,
    /// After the overlay.
    pub overlaid: Value,
    /// OpenAPI 3.0.3, as the generator takes it.
    pub lowered: Value,
    /// The operations table.
    pub operations: Vec<Operation>,
    /// What the steps changed.
    pub report: Report,
    /// Keys that the document's text has more than once in a mapping. A person has to see them: values are lost.
    pub duplicates: DuplicateKeys,
    /// Corrections that matched nothing (always empty with [`Staleness::Fail`]).
    pub stale: Vec<StaleAction>,
}

/// Why a document could not be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The overlay could not be read.
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    /// Corrections match nothing.
    #[error("{}", told(.0))]
    Stale(Vec<StaleAction>),
    /// The document says something that no rule can put into OpenAPI 3.0.3.
    #[error("{}: {source}", in_one_line(.name))]
    Lower {
        /// The document.
        name: String,
        /// What it says, and where.
        source: LowerError,
    },
}

fn told(stale: &[StaleAction]) -> String {
    stale.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Runs the pipeline on a document.
///
/// # Errors
///
/// [`Error`], each naming the file and the place.
pub fn prepare(
    document: Source<'_>,
    overlay: Option<Source<'_>>,
    staleness: Staleness,
) -> Result<Prepared, Error> {
    let overlay = overlay.map(|source| Overlay::parse(source.text, source.name)).transpose()?;
    let mut report = Report::default();
    let Published { document: mut published, duplicates } = load::published(document.text, document.name)?;
    for duplicate in duplicates.listed() {
        report.note(&DUPLICATE_KEY, &duplicate.pointer, duplicate.to_string());
    }
    identify(&mut published, &mut report);
    let mut overlaid = published.clone();
    marks::take_out(&mut overlaid, &mut report);
    let stale = overlay.map(|overlay| overlay.apply(&mut overlaid)).unwrap_or_default();
    if staleness == Staleness::Fail && !stale.is_empty() {
        return Err(Error::Stale(stale));
    }
    let operations = operations::table(&overlaid, &mut report);
    let lowered = lower(&overlaid, &mut report)
        .map_err(|source| Error::Lower { name: document.name.to_owned(), source })?;
    Ok(Prepared { published, overlaid, lowered, operations, report, duplicates, stale })
}

impl Prepared {
    /// What a person who builds the client should see: corrections that match nothing, keys that a mapping has twice, operations that are
    /// left out. A line each; `name` is how the document is called.
    #[must_use]
    pub fn warnings(&self, name: &str) -> Vec<String> {
        let summaries = [overlay::summary(&self.stale), self.duplicates.summary(name)];
        let lists = format!("`cargo xtask check-document --verbose {name}` lists them");
        let summaries = summaries.into_iter().flatten().map(|summary| format!("{summary}; {lists}"));
        let left_out =
            self.report.left_out().map(|application| format!("the operation is left out: {application}"));
        summaries.chain(left_out).collect()
    }
}
