//! Documents from the sources where they are: each source is fetched or read, and an index is followed to its pages.

use std::path::Path;
use std::time::Duration;

use super::candidate::{Candidate, Content, Original, Source, read_file};
use super::fetch::{self, Deadline, Fetched};
use super::index;
use crate::console::Console;

/// What reading a source gave.
#[derive(Debug)]
pub(crate) enum Reading {
    Candidate(Candidate),
    /// The server says that the document still has the ETag that was sent.
    Unchanged,
}

impl Candidate {
    /// A document from the disk. An index may name pages on the disk only.
    pub(crate) fn from_file(file: &Path, console: &mut Console<'_>) -> anyhow::Result<Self> {
        match read_file(file)?.content(console)? {
            Content::Document(candidate) => Ok(candidate),
            Content::Index(index) => index::merged(&index, None, console),
        }
    }
}

impl Source {
    /// Reads the document, within the time for all that it takes.
    pub(crate) fn read(
        &self,
        etag: Option<&str>,
        timeout: Duration,
        console: &mut Console<'_>,
    ) -> anyhow::Result<Reading> {
        let deadline = Deadline::after(timeout);
        let original = match self {
            Self::File(file) => read_file(file)?,
            Self::Url(url) => {
                console.progress(Some(&format!("fetching {url}")))?;
                let fetched = fetch::get(url, etag, deadline);
                console.progress(None)?;
                match fetched? {
                    Fetched::NotModified => return Ok(Reading::Unchanged),
                    Fetched::Document { bytes, etag, url: found_at } => {
                        let name = url.to_string();
                        Original { source: name.clone(), name, place: Self::Url(found_at), bytes, etag }
                    }
                }
            }
        };
        match original.content(console)? {
            Content::Document(candidate) => Ok(Reading::Candidate(candidate)),
            Content::Index(index) => index::merged(&index, Some(deadline), console).map(Reading::Candidate),
        }
    }
}
