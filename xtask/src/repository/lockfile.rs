//! `openapi.lock`: where the vendored document came from, and what belongs to it.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::{DOCUMENT, LOCK, Repository, SURFACE, sha256};

const HEADER: &str = "\
# Where openapi.yaml comes from. Written by `cargo xtask sync-spec`, and after an edit of openapi.yaml by
# `cargo xtask surface`; not by hand.
#
# [published] is the document as its publisher had it; the sum is of the bytes as they were fetched.
# [vendored] is openapi.yaml: \"as-published\" is the published text, \"merged\" was put together from published
# pages, \"reworded\" says the same facts, or some of them, in words of our own. The sums are of openapi.yaml and
# surface.txt; where one does not match, the file was edited, or a sync was interrupted.

";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lockfile {
    pub(crate) published: Published,
    pub(crate) vendored: Vendored,
}

/// The document as its publisher had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Published {
    /// The URL, or the name of a file.
    pub(crate) source: String,
    /// The publisher's name for the version, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<String>,
    pub(crate) sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    pub(crate) fetched: Datetime,
    pub(crate) operations: usize,
}

/// The document as this repository has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vendored {
    pub(crate) text: Wording,
    pub(crate) operations: usize,
    pub(crate) sha256: String,
    pub(crate) surface_sha256: String,
}

/// Whose words the vendored document is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wording {
    AsPublished,
    Merged,
    Reworded,
}

impl Vendored {
    /// Whether this is the document that was noted.
    pub(crate) fn is_of(&self, document: &str) -> bool {
        self.sha256 == sha256(document)
    }
}

impl Lockfile {
    pub(crate) fn read(repository: &Repository) -> anyhow::Result<Option<Self>> {
        let Some(text) = repository.read_if_present(LOCK)? else { return Ok(None) };
        let lockfile = toml::from_str(&text).with_context(|| {
            format!("{LOCK} is not what `cargo xtask sync-spec` writes; restore it from git or remove it")
        })?;
        Ok(Some(lockfile))
    }

    /// The same origin, for a vendored document and a surface that may have been edited since.
    pub(crate) fn with_vendored(mut self, document: &str, operations: usize, surface: &str) -> Self {
        let sum = sha256(document);
        let text = if sum == self.vendored.sha256 { self.vendored.text } else { Wording::Reworded };
        self.vendored = Vendored { text, operations, sha256: sum, surface_sha256: sha256(surface) };
        self
    }

    /// The ETag to ask with: only where the vendored document still is the one that came with it.
    pub(crate) fn etag_for(&self, source: &str, document: &str) -> Option<&str> {
        let current = self.published.source == source
            && self.vendored.text == Wording::AsPublished
            && self.vendored.is_of(document);
        self.published.etag.as_deref().filter(|_| current)
    }

    pub(crate) fn to_text(&self) -> anyhow::Result<String> {
        let tables = toml::to_string(self)
            .with_context(|| format!("{LOCK} cannot be written for {DOCUMENT} and {SURFACE}"))?;
        Ok(format!("{HEADER}{tables}"))
    }
}
