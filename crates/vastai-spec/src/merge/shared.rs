//! What each page repeats of the whole document: the version, `info`, servers, security, tags.

use serde_json::{Map, Value, json};

use crate::identify::METHODS;

/// A page's document, and how errors call it.
#[derive(Debug, Clone)]
pub struct Page {
    /// A path or a URL.
    pub name: String,
    /// The document, as [`crate::load::openapi`] gives it.
    pub document: Value,
}

/// Members that are merged piece by piece instead.
const IN_PIECES: [&str; 3] = ["paths", "webhooks", "components"];

/// What an operation inherits from its document, and what a document without it means.
const INHERITED: [&str; 2] = ["servers", "security"];

/// The fields that hold for the whole document. Servers and security in which a page differs move to its own operations.
pub(super) fn members(pages: &mut [Page], notes: &mut Vec<String>) -> Map<String, Value> {
    let mut names: Vec<String> = Vec::new();
    for page in pages.iter() {
        for name in page.document.as_object().into_iter().flat_map(Map::keys) {
            if !IN_PIECES.contains(&name.as_str()) && !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    let mut members = Map::new();
    for name in names {
        let value = match name.as_str() {
            "tags" => tags(pages, notes),
            _ => most_frequent(pages, &name),
        };
        for page in
            pages.iter_mut().filter(|page| name != "tags" && page.document.get(&name) != value.as_ref())
        {
            if INHERITED.contains(&name.as_str()) {
                move_to_operations(&mut page.document, &name);
                notes.push(format!(
                    "{} has other `{name}` than most pages; they are kept at its operations",
                    page.name
                ));
            } else {
                notes.push(format!(
                    "{} differs from most pages in `{name}`; it is taken from those",
                    page.name
                ));
            }
        }
        members.extend(value.map(|value| (name, value)));
    }
    members
}

/// What most pages have there, or have not; of equally frequent, what came first.
fn most_frequent(pages: &[Page], name: &str) -> Option<Value> {
    let mut counts: Vec<(Option<&Value>, usize)> = Vec::new();
    for page in pages {
        let value = page.document.get(name);
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    counts.into_iter().find(|(_, count)| *count == most)?.0.cloned()
}

/// Gives each operation what it inherited from its document.
fn move_to_operations(document: &mut Value, name: &str) {
    // What the standard says of a document that is silent.
    let silent = if name == "servers" { json!([{ "url": "/" }]) } else { json!([]) };
    let inherited = document.get(name).cloned().unwrap_or(silent);
    let items = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for item in items.filter_map(|(_, item)| item.as_object_mut()) {
        // Servers also come from the path, which is nearer than the document.
        if name == "servers" && item.contains_key(name) {
            continue;
        }
        for (_, operation) in item.iter_mut().filter(|(method, _)| METHODS.contains(&method.as_str())) {
            if let Some(operation) = operation.as_object_mut() {
                operation.entry(name).or_insert_with(|| inherited.clone());
            }
        }
    }
}

/// The tags of all pages, each once, by name.
fn tags(pages: &[Page], notes: &mut Vec<String>) -> Option<Value> {
    let mut tags: Vec<Value> = Vec::new();
    for page in pages {
        for tag in page.document["tags"].as_array().into_iter().flatten() {
            match tags.iter().find(|known| known["name"] == tag["name"]) {
                None => tags.push(tag.clone()),
                Some(known) if known == tag => {}
                Some(_) => notes.push(format!(
                    "{} describes the tag {} differently; the first description is taken",
                    page.name, tag["name"]
                )),
            }
        }
    }
    tags.sort_by_key(|tag| tag["name"].to_string());
    Some(Value::Array(tags))
}
