//! Where a document is to be had: a file or a URL, each of them a document, a page with one, or an index of such pages.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use crate::candidate::{Candidate, Content, Original, read_file};
use crate::console::Console;
use crate::fetch::{self, Deadline, Fetched};
use crate::index;

/// Where a document is to be had.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Url(Url),
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains("://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
        fetch::check_url(&url)?;
        Ok(Self::Url(url))
    }
}

/// What reading a source gave.
#[derive(Debug)]
pub(crate) enum Reading {
    Candidate(Candidate),
    /// The server says that the document is the one whose ETag it was told.
    Unchanged,
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
