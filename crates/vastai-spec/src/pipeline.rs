//! The steps in their order: load, identify, overlay, lower, and the operations table.

use std::borrow::Cow;

use serde_json::Value;

use crate::identify::{self, identify};
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

/// What is kept of the forms that a document takes on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All of them.
    Everything,
    /// The lowered one alone: each of the others takes as much memory, which for a large document is too much to keep in vain.
    LoweredAlone,
}

/// A document after every step but the generation.
#[derive(Debug)]
pub struct Prepared {
    /// As it was published, every operation identified. What it has of [`marks`] is in none of the steps behind. Null where only the
    /// lowered form was to be kept.
    pub published: Value,
    /// How many operations the document has as it was published.
    pub published_operations: usize,
    /// After the overlay. Null where only the lowered form was to be kept.
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

impl Prepared {
    /// The operations that the client has: all but those that the report calls left out.
    pub fn offered(&self) -> impl Iterator<Item = &Operation> {
        let paths = &self.lowered["paths"];
        self.operations.iter().filter(|operation| paths[&operation.path].get(&operation.method).is_some())
    }
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
    #[error("{}", listed(.0))]
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

fn listed(stale: &[StaleAction]) -> String {
    stale.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Runs the pipeline on a document, with overlays that are applied one after the other.
///
/// # Errors
///
/// [`Error`], each naming the file and the place.
pub fn prepare<'text>(
    document: Source<'_>,
    overlays: impl IntoIterator<Item = Source<'text>>,
    staleness: Staleness,
) -> Result<Prepared, Error> {
    // The corrections are ours: what is wrong with them is said first.
    let overlays = parsed(overlays)?;
    let published = load::published(document.text, document.name)?;
    steps(published, document.name, &overlays, staleness, Keep::Everything)
}

/// [`prepare`] of a document that is read already.
///
/// # Errors
///
/// [`Error`], each naming the file and the place.
pub fn prepare_published<'text>(
    published: Published,
    name: &str,
    overlays: impl IntoIterator<Item = Source<'text>>,
    staleness: Staleness,
    keep: Keep,
) -> Result<Prepared, Error> {
    steps(published, name, &parsed(overlays)?, staleness, keep)
}

fn parsed<'text>(sources: impl IntoIterator<Item = Source<'text>>) -> Result<Vec<Overlay>, OverlayError> {
    sources.into_iter().map(|source| Overlay::parse(source.text, source.name)).collect()
}

fn steps(
    Published { document: mut published, duplicates }: Published,
    name: &str,
    overlays: &[Overlay],
    staleness: Staleness,
    keep: Keep,
) -> Result<Prepared, Error> {
    let mut report = Report::default();
    for duplicate in duplicates.listed() {
        report.note(&DUPLICATE_KEY, &duplicate.pointer, duplicate.to_string());
    }
    identify(&mut published, &mut report);
    let published_operations = identify::operations(&published).count();
    let mut overlaid = match keep {
        Keep::Everything => published.clone(),
        Keep::LoweredAlone => published.take(),
    };
    marks::take_out(&mut overlaid, &mut report);
    let stale: Vec<_> = overlays.iter().flat_map(|overlay| overlay.apply(&mut overlaid)).collect();
    if staleness == Staleness::Fail && !stale.is_empty() {
        return Err(Error::Stale(stale));
    }
    let operations = operations::table(&overlaid, &mut report);
    let document = match keep {
        Keep::Everything => Cow::Borrowed(&overlaid),
        Keep::LoweredAlone => Cow::Owned(overlaid.take()),
    };
    let lowered =
        lower(document, &mut report).map_err(|source| Error::Lower { name: name.to_owned(), source })?;
    Ok(Prepared { published, published_operations, overlaid, lowered, operations, report, duplicates, stale })
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
