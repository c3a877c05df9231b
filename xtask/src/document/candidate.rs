//! A document that was read: its text, where it came from, and its checksum.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use url::Url;
use vastai_spec::load::{self, IndexedPage, MAX_BYTES};
use vastai_spec::pipeline::{self, Keep, Prepared, Staleness, prepare_published};
use vastai_spec::reword::{Reworded, reword};

use super::fetch;
use crate::console::Console;
use crate::repository::lockfile::{Lockfile, Published, Vendored, Wording};
use crate::repository::{DOCUMENT, sha256};

/// Where a document is: a file or a URL, each of them a document, a page with one, or an index of such pages.
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
    /// The name of the document in errors.
    pub(crate) name: String,
    /// The document's own text: of a page, what stands in its fence; of an index, what its pages say together.
    pub(crate) text: String,
    /// What was read of the text, until it is prepared: a large document is not read twice.
    pub(super) published: Option<Box<load::Published>>,
    /// Where it came from, as the lock file notes it: the URL, or the file's name without its folder.
    pub(crate) source: String,
    /// The checksum of all the bytes that were read; of an index, of the document that was made of its pages.
    pub(crate) sha256: String,
    /// What the server calls this version.
    pub(crate) etag: Option<String>,
    /// The keys that the text has more than once in a mapping, a line each.
    pub(crate) duplicates: Vec<String>,
    /// Whose words the text is in.
    pub(crate) wording: Wording,
    /// Where the publisher describes something that our words do not, as JSON pointers.
    pub(crate) undescribed: Vec<String>,
}

/// Bytes as they were read.
#[derive(Debug)]
pub(super) struct Original {
    /// Their name in errors.
    pub(crate) name: String,
    /// How the lock file calls where they came from.
    pub(crate) source: String,
    /// Where they were in the end; the links of an index start there.
    pub(crate) place: Source,
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: Option<String>,
}

/// What bytes turned out to be.
#[derive(Debug)]
pub(super) enum Content {
    Document(Candidate),
    Index(Index),
}

/// A list of pages that have a document each.
#[derive(Debug)]
pub(super) struct Index {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) place: Source,
    pub(crate) pages: Vec<IndexedPage>,
}

impl Candidate {
    /// The vendored document, where the published one is known to be the same.
    pub(crate) fn vendored(text: &str) -> Self {
        let name = DOCUMENT.to_owned();
        let (sha256, source) = (sha256(text), name.clone());
        Self {
            name,
            text: text.to_owned(),
            published: None,
            source,
            sha256,
            etag: None,
            duplicates: Vec::new(),
            wording: Wording::AsPublished,
            undescribed: Vec::new(),
        }
    }

    /// The same facts in the words of our document.
    pub(crate) fn in_our_words(self, ours: &str) -> anyhow::Result<Self> {
        let ours = load::openapi(ours, DOCUMENT)?;
        let Reworded { document, undescribed } = reword(&load::openapi(&self.text, &self.name)?, &ours);
        let text = as_yaml(&document, &self.name)?;
        Ok(Self { text, published: None, wording: Wording::Reworded, undescribed, ..self })
    }

    /// Takes the document through the pipeline, up to the generation.
    pub(crate) fn prepare<'overlay>(
        &mut self,
        overlays: impl IntoIterator<Item = pipeline::Source<'overlay>>,
        staleness: Staleness,
        keep: Keep,
    ) -> Result<Prepared, pipeline::Error> {
        let published = match self.published.take() {
            Some(published) => *published,
            None => load::published(&self.text, &self.name)?,
        };
        prepare_published(published, &self.name, overlays, staleness, keep)
    }

    /// The lock file for this document, vendored now.
    pub(crate) fn lockfile(&self, operations: usize, surface: &str) -> anyhow::Result<Lockfile> {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Ok(Lockfile {
            published: Published {
                source: self.source.clone(),
                revision: None,
                sha256: self.sha256.clone(),
                etag: self.etag.clone(),
                fetched: now.parse().context("the clock of this machine is wrong")?,
                operations,
            },
            vendored: Vendored {
                text: self.wording,
                operations,
                sha256: sha256(&self.text),
                surface_sha256: sha256(surface),
            },
        })
    }
}

/// The bytes of a file, not more than are allowed.
pub(super) fn read_file(file: &Path) -> anyhow::Result<Original> {
    let name = file.display().to_string();
    let mut bytes = Vec::new();
    File::open(file)
        // One byte more than is allowed: a file that is too large differs from one that just fits.
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("{name} could not be read"))?;
    if bytes.len() > MAX_BYTES {
        bail!("{name}: more than {MAX_BYTES} bytes, the most that is read; is this an OpenAPI document?");
    }
    let source = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Original { name, source, place: Source::File(file.to_owned()), bytes, etag: None })
}

impl Original {
    /// The document, or the list of pages with one each. Keys that the document has twice are warned of.
    pub(super) fn content(self, console: &mut Console<'_>) -> anyhow::Result<Content> {
        let sha256 = sha256(&self.bytes);
        let text = text(&self.name, self.bytes)?;
        let (name, text, published) = match load::published(&text, &self.name) {
            Ok(published) => (self.name, text, published),
            Err(no_document) => match load::document_in_page(&text, &self.name)? {
                Some(document) => {
                    let name = format!("{} (the document in the page)", self.name);
                    let published = load::published(&document, &name)?;
                    (name, document, published)
                }
                None => {
                    let pages = load::pages_in_index(&text);
                    if pages.is_empty() {
                        return Err(no_document.into());
                    }
                    let (name, source, place) = (self.name, self.source, self.place);
                    return Ok(Content::Index(Index { name, source, place, pages }));
                }
            },
        };
        console.warn_of_duplicates(&name, &published.duplicates)?;
        let (source, etag) = (self.source, self.etag);
        let duplicates = published.duplicates.lines(&name);
        let (wording, undescribed) = (Wording::AsPublished, Vec::new());
        Ok(Content::Document(Candidate {
            name,
            text,
            published: Some(Box::new(published)),
            source,
            sha256,
            etag,
            duplicates,
            wording,
            undescribed,
        }))
    }
}

/// A document that was made here, as the text that is vendored.
pub(super) fn as_yaml(document: &serde_json::Value, name: &str) -> anyhow::Result<String> {
    let text = serde_yaml::to_string(document).with_context(|| name.to_owned())?;
    if load::openapi(&text, name)? != *document {
        bail!("{name}: the document cannot be written as YAML without loss");
    }
    Ok(text)
}

/// Bytes as a string.
pub(super) fn text(name: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
    let text = load::text(bytes, name)?;
    let start = text.trim_start().get(..9).unwrap_or_default().to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") {
        bail!(
            "{name}: a web page (HTML), not a document; give the address of the file itself, or of the page \
             with `.md` at its end"
        );
    }
    Ok(text)
}
