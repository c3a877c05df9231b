//! The facade, `crates/vastai`, as its sources have it: which features a document breaks, and where.
//!
//! A feature is what the first line of its file's documentation says. The facade names operations by the constants and methods of the
//! generated client, so an operation that a document lacks is found in the sources alone; for all else there is the compiler
//! ([`compile`]). Both are needed: the compiler stops at names that it does not find, and then says nothing about methods and types.

pub(crate) mod compile;
mod lines;
mod syntax;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::repository::Repository;
use compile::CompilerError;

pub(crate) use syntax::MissingOperation;

/// The sources, below the repository's root.
pub(crate) const SOURCES: &str = "crates/vastai/src";

/// A place in the facade that does not go with a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Break {
    /// What the file is about, in the words of its documentation.
    pub(crate) feature: String,
    /// The file, from the repository's root.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// The type and the method, or the function, that has the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
}

impl Break {
    /// The file and the line, with the item.
    pub(crate) fn place(&self) -> String {
        let item = self.item.as_ref().map(|item| format!(" in {item}")).unwrap_or_default();
        format!("{}:{}{item}", self.file, self.line)
    }
}

/// What is known about the facade and a document.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Verdict {
    /// Whether the facade was compiled with the document; if not, only operations that the document lacks are known.
    pub(crate) compiled: bool,
    /// Sorted by feature and place.
    pub(crate) breaks: Vec<Break>,
}

impl Verdict {
    /// The breaks of each feature.
    pub(crate) fn by_feature(&self) -> BTreeMap<&str, Vec<&Break>> {
        let mut features: BTreeMap<&str, Vec<&Break>> = BTreeMap::new();
        for found in &self.breaks {
            features.entry(&found.feature).or_default().push(found);
        }
        features
    }
}

/// The sources of the facade by their names, which begin at the repository's root.
#[derive(Debug)]
pub(crate) struct Facade {
    sources: BTreeMap<String, String>,
}

impl Facade {
    /// Reads the sources; a repository without them has none.
    pub(crate) fn read(repository: &Repository) -> anyhow::Result<Self> {
        let mut sources = BTreeMap::new();
        if repository.root().join(SOURCES).is_dir() {
            read_folder(repository.root(), SOURCES, &mut sources)?;
        }
        Ok(Self { sources })
    }

    /// The sources by their names below `crates/vastai/src`.
    pub(crate) fn sources(&self) -> BTreeMap<&str, &str> {
        let below = |name: &'_ str| name.len().min(SOURCES.len() + 1);
        self.sources.iter().map(|(name, text)| (&name[below(name)..], text.as_str())).collect()
    }

    /// Where the facade names an operation that the document lacks, and where the compiler says that it does not go with it.
    pub(crate) fn verdict(
        &self,
        missing: &[MissingOperation],
        compiler: Option<&[CompilerError]>,
    ) -> anyhow::Result<Verdict> {
        let mut messages: BTreeMap<(&str, usize), String> = BTreeMap::new();
        for (file, text) in &self.sources {
            for (line, operation) in syntax::uses_of(text, missing).with_context(|| file.clone())? {
                messages
                    .entry((file, line))
                    .or_insert_with(|| format!("the document has no operation `{}`", operation.id));
            }
        }
        for error in compiler.unwrap_or_default() {
            messages.entry((&error.file, error.line)).or_insert_with(|| error.message.clone());
        }
        let mut breaks: Vec<Break> = messages
            .into_iter()
            .map(|((file, line), message)| {
                let text = self.sources.get(file).map_or("", String::as_str);
                Break {
                    feature: syntax::first_line_of_docs(text).unwrap_or_else(|| file.to_owned()),
                    file: file.to_owned(),
                    line,
                    item: syntax::item_at(text, line),
                    message,
                }
            })
            .collect();
        breaks.sort();
        Ok(Verdict { compiled: compiler.is_some(), breaks })
    }
}

fn read_folder(root: &Path, folder: &str, sources: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    let path = root.join(folder);
    let at = || format!("{} could not be read", path.display());
    for entry in fs::read_dir(&path).with_context(at)? {
        let entry = entry.with_context(at)?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().with_context(at)?.is_dir() {
            read_folder(root, &name, sources)?;
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path())
                .with_context(|| format!("{} could not be read", entry.path().display()))?;
            sources.insert(name, text);
        }
    }
    Ok(())
}
