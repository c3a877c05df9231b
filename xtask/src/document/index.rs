//! An index of documentation pages, each with the document of one operation, as one document.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use url::Url;
use vastai_spec::load::{self, Published};
use vastai_spec::merge::{Page, merge};

use super::candidate::{Candidate, Index, Source, as_yaml, read_file, text};
use super::fetch::{self, Deadline};
use crate::console::{Console, with_causes};
use crate::repository::lockfile::Wording;
use crate::repository::sha256;

/// The folder that has the pages of the operations. Such a page must be there; another one may be missing.
const REFERENCE: &str = "api-reference";
/// The most failures that are listed.
const LISTED: usize = 5;

/// A page that an index names, as it was read.
struct Read {
    name: String,
    bytes: anyhow::Result<Vec<u8>>,
    is_reference: bool,
}

/// Reads all the pages and puts their documents together. Without a deadline, no page may lie on the network.
pub(super) fn merged(
    index: &Index,
    deadline: Option<Deadline>,
    console: &mut Console<'_>,
) -> anyhow::Result<Candidate> {
    let read = match &index.place {
        Source::Url(url) => fetched(index, url, deadline, console)?,
        Source::File(file) => from_disk(index, file, deadline, console)?,
    };
    let total = read.len();
    let (pages, duplicates) = documents(index, read, console)?;
    let found = pages.len();
    let merged = merge(&pages).with_context(|| index.name.clone())?;
    for note in &merged.notes {
        console.warn(note)?;
    }
    let name = format!("{} (the documents of its pages)", index.name);
    let text = as_yaml(&merged.document, &name)?;
    console.note(format_args!("{}: {total} pages, {found} of them with a document", index.name))?;
    Ok(Candidate {
        name,
        sha256: sha256(&text),
        text,
        published: None,
        source: index.source.clone(),
        etag: None,
        duplicates,
        wording: Wording::Merged,
        undescribed: Vec::new(),
    })
}

/// The documents in those pages that have one, and the keys that they have twice, which are warned of.
fn documents(
    index: &Index,
    read: Vec<Read>,
    console: &mut Console<'_>,
) -> anyhow::Result<(Vec<Page>, Vec<String>)> {
    // Where no page is in the folder of the operations, any may be one of theirs.
    let all_matter = !read.iter().any(|page| page.is_reference);
    let (mut pages, mut duplicates, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for Read { name, bytes, is_reference } in read {
        match bytes.and_then(|bytes| document(&name, bytes)) {
            Ok(Some(published)) => {
                console.warn_of_duplicates(&name, &published.duplicates)?;
                duplicates.extend(published.duplicates.lines(&name));
                pages.push(Page { name, document: published.document });
            }
            Ok(None) => {}
            Err(error) if is_reference || all_matter => failures.push(with_causes(&error)),
            Err(error) => console.warn(format_args!("{}; the page is left out", with_causes(&error)))?,
        }
    }
    if !failures.is_empty() {
        let count = failures.len();
        let more = count.saturating_sub(LISTED);
        let mut listed: String =
            failures.iter().take(LISTED).map(|failure| format!("\n  {failure}")).collect();
        if more > 0 {
            listed.push_str(&format!("\n  and {more} more"));
        }
        bail!(
            "{}: {count} of its pages could not be read, and their operations would look removed{listed}",
            index.name
        );
    }
    if pages.is_empty() {
        bail!(
            "{}: none of the pages that it links to has an OpenAPI document; is this the right index?",
            index.name
        );
    }
    Ok((pages, duplicates))
}

fn document(name: &str, bytes: Vec<u8>) -> anyhow::Result<Option<Published>> {
    let text = text(name, bytes)?;
    Ok(load::document_in_page(&text, name)?.map(|document| load::published(&document, name)).transpose()?)
}

/// The pages that lie where the index lies. Of links to elsewhere there is a warning; they are not followed.
fn fetched(
    index: &Index,
    base: &Url,
    deadline: Option<Deadline>,
    console: &mut Console<'_>,
) -> anyhow::Result<Vec<Read>> {
    let mut urls: Vec<Url> = Vec::new();
    let mut elsewhere = Vec::new();
    for page in &index.pages {
        match base.join(&page.target) {
            Ok(url) if url.origin() != base.origin() => elsewhere.push(url),
            Ok(url) if urls.contains(&url) => {}
            Ok(url) => urls.push(url),
            Err(error) => {
                bail!("{}:{}: the link `{}` is not a URL: {error}", index.name, page.line, page.target)
            }
        }
    }
    if let Some(first) = elsewhere.first() {
        let count = elsewhere.len();
        console.warn(format_args!(
            "{}: links to other sites are not followed: {count}, the first to {first}",
            index.name
        ))?;
    }
    from_network(index, &urls, deadline, console)
}

fn from_network(
    index: &Index,
    urls: &[Url],
    deadline: Option<Deadline>,
    console: &mut Console<'_>,
) -> anyhow::Result<Vec<Read>> {
    let Some(deadline) = deadline else {
        bail!("{}: its pages lie on the network; give it to `cargo xtask sync-spec --source`", index.name);
    };
    let count = urls.len();
    let read = fetch::get_pages(urls, deadline, &mut |done| {
        // A console that cannot be written to fails when the result is written.
        let _ = console.progress(Some(&format!("{}: {done} of {count} pages", index.name)));
    });
    console.progress(None)?;
    let read = read.with_context(|| index.name.clone())?;
    Ok(urls
        .iter()
        .zip(read)
        .map(|(url, bytes)| Read {
            name: url.to_string(),
            bytes,
            is_reference: url.path().split('/').any(|segment| segment == REFERENCE),
        })
        .collect())
}

/// The pages beside an index on the disk. Where its links are URLs, it is the copy of an index on the network, and so are its pages.
fn from_disk(
    index: &Index,
    file: &Path,
    deadline: Option<Deadline>,
    console: &mut Console<'_>,
) -> anyhow::Result<Vec<Read>> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut read = Vec::new();
    let mut urls: Vec<Url> = Vec::new();
    for page in &index.pages {
        let at = format!("{}:{}", index.name, page.line);
        if page.target.contains("://") {
            let url: Url = page.target.parse().with_context(|| format!("{at}: `{}`", page.target))?;
            fetch::check_url(&url).map_err(|reason| anyhow!("{at}: {url}: {reason}"))?;
            if let Some(first) = urls.first().filter(|first| first.origin() != url.origin()) {
                bail!("{at}: {url} is of another site than {first}; pages of one site are one document");
            }
            urls.push(url);
            continue;
        }
        let Some(path) = beside(folder, &page.target) else {
            bail!("{at}: `{}` leads out of the folder of the index, or is not a path", page.target);
        };
        read.push(Read {
            name: path.display().to_string(),
            bytes: read_file(&path).map(|original| original.bytes),
            is_reference: page.target.split('/').any(|segment| segment == REFERENCE),
        });
    }
    read.extend(if urls.is_empty() { Vec::new() } else { from_network(index, &urls, deadline, console)? });
    Ok(read)
}

/// A path below a folder, from a link; the root of the site is the folder.
fn beside(folder: &Path, target: &str) -> Option<PathBuf> {
    let target = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let inside =
        Path::new(target).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    inside.then(|| folder.join(target))
}
