//! A document from somewhere: a file or a URL, written as YAML, JSON, or a documentation page in Markdown.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use url::Url;
use vastai_spec::load::{self, MAX_BYTES};

use crate::fetch::{self, Fetched};
use crate::repository::sha256;

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

/// A document, read and known to be OpenAPI.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// How errors call the document.
    pub(crate) name: String,
    /// The document's own text: of a page, what stands in its fence.
    pub(crate) text: String,
    /// Where it came from, as the lock file notes it: the URL, or the file's name without its folder.
    pub(crate) source: String,
    /// The sum of all the bytes that were read.
    pub(crate) sha256: String,
    /// What the server calls this version.
    pub(crate) etag: Option<String>,
}

/// What reading a source gave.
#[derive(Debug)]
pub(crate) enum Reading {
    Candidate(Candidate),
    /// The server says that the document is the one whose ETag it was told.
    Unchanged,
}

impl Source {
    pub(crate) fn read(&self, etag: Option<&str>, timeout: Duration) -> anyhow::Result<Reading> {
        match self {
            Self::File(file) => Candidate::from_file(file).map(Reading::Candidate),
            Self::Url(url) => match fetch::get(url, etag, timeout)? {
                Fetched::NotModified => Ok(Reading::Unchanged),
                Fetched::Document { bytes, etag } => {
                    Candidate::new(url.to_string(), url.to_string(), bytes, etag).map(Reading::Candidate)
                }
            },
        }
    }
}

impl Candidate {
    pub(crate) fn from_file(file: &Path) -> anyhow::Result<Self> {
        let name = file.display().to_string();
        let mut bytes = Vec::new();
        File::open(file)
            // One byte more than is allowed tells a file that is too large from one that just fits.
            .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
            .with_context(|| format!("{name} could not be read"))?;
        let source = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::new(name, source, bytes, None)
    }

    fn new(name: String, source: String, bytes: Vec<u8>, etag: Option<String>) -> anyhow::Result<Self> {
        if bytes.len() > MAX_BYTES {
            bail!("{name}: more than {MAX_BYTES} bytes, the most that is read; is this an OpenAPI document?");
        }
        let sha256 = sha256(&bytes);
        let text = String::from_utf8(bytes).map_err(|error| {
            let read = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
            anyhow::anyhow!("{name}:{line}: not a text in UTF-8; is this an OpenAPI document?")
        })?;
        let start = text.trim_start().get(..9).unwrap_or_default().to_ascii_lowercase();
        if start.starts_with("<!doctype") || start.starts_with("<html") {
            bail!(
                "{name}: a web page (HTML), not a document; give the address of the file itself, or of the page \
                 with `.md` at its end"
            );
        }
        let (name, text) = document_of(name, text)?;
        Ok(Self { name, text, source, sha256, etag })
    }
}

/// The text itself where it is a document, else the document in the page that it is.
fn document_of(name: String, text: String) -> anyhow::Result<(String, String)> {
    let Err(no_document) = load::openapi(&text, &name) else { return Ok((name, text)) };
    let Some(document) = load::document_in_page(&text, &name)? else { return Err(no_document.into()) };
    let name = format!("{name} (the document in the page)");
    load::openapi(&document, &name)?;
    Ok((name, document))
}
