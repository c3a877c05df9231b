//! Documents of single operations, as a documentation site has them one a page, to one document.
//!
//! Nothing is chosen in silence. Two pages that describe one operation or one component differently are a conflict, and there is no
//! document. Where pages differ in what holds for the whole document, the more frequent is taken; servers and security of the others
//! are moved to their own operations, which keeps what they mean, and each is reported in a note.

mod shared;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde_json::{Map, Value};

use crate::identify::METHODS;
use crate::pointer;

pub use shared::Page;

/// One document out of many.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The document.
    pub document: Value,
    /// What pages say differently without contradicting each other, one sentence each.
    pub notes: Vec<String>,
}

/// Two pages that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What is described in two ways: an operation, a component.
    pub subject: String,
    /// Where in the documents the two first differ, as a JSON pointer.
    pub pointer: String,
    /// The two pages.
    pub pages: [String; 2],
}

impl fmt::Display for Conflict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.pages;
        write!(
            formatter,
            "{} is described in two ways: {first} and {second} differ at {}",
            self.subject, self.pointer
        )
    }
}

/// Why pages make no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is no page.
    #[error("no page has a document")]
    Empty,
    /// Pages contradict each other; each conflict is reported.
    #[error("{}", listed(.0))]
    Conflicts(Vec<Conflict>),
}

fn listed(conflicts: &[Conflict]) -> String {
    let lines: Vec<String> = conflicts.iter().map(|conflict| format!("\n  {conflict}")).collect();
    format!(
        "the pages contradict each other; a page may be older than the rest, try again later{}",
        lines.concat()
    )
}

/// Merges the documents of pages into one. The order of the pages matters only where they differ and neither variant is the more frequent.
///
/// # Errors
///
/// [`MergeError`] where there is no page, or where two describe one operation or component differently.
///
/// ```
/// use vastai_spec::merge::{Page, merge};
/// use serde_json::json;
///
/// let page = |name: &str, paths| Page { name: name.to_owned(), document: json!({ "openapi": "3.1.0", "paths": paths }) };
/// let merged = merge(&[page("a.md", json!({ "/a": { "get": {} } })), page("b.md", json!({ "/a": { "put": {} } }))])?;
/// assert_eq!(merged.document["paths"]["/a"], json!({ "get": {}, "put": {} }));
/// # Ok::<(), vastai_spec::merge::MergeError>(())
/// ```
pub fn merge(pages: &[Page]) -> Result<Merged, MergeError> {
    if pages.is_empty() {
        return Err(MergeError::Empty);
    }
    let mut pages = pages.to_vec();
    let mut notes = Vec::new();
    let mut parts = Parts { document: shared::members(&mut pages, &mut notes), ..Parts::default() };
    // A document without operations is refused by what reads it next.
    parts.document.insert("paths".to_owned(), Value::Object(Map::new()));
    for page in &pages {
        parts.add(page);
    }
    if !parts.conflicts.is_empty() {
        return Err(MergeError::Conflicts(parts.conflicts));
    }
    let mut document = Value::Object(parts.document);
    document.sort_all_objects();
    Ok(Merged { document, notes })
}

/// What the pages contribute piece by piece, and which page brought each piece.
#[derive(Default)]
struct Parts {
    document: Map<String, Value>,
    brought_by: BTreeMap<String, String>,
    conflicts: Vec<Conflict>,
}

impl Parts {
    fn add(&mut self, page: &Page) {
        for section in ["paths", "webhooks"] {
            for (name, item) in members(&page.document[section]) {
                // What is not of one method holds for all, so that pages must agree on it, and also on there being none.
                let of_all: Map<String, Value> = members(item)
                    .filter(|(member, _)| !METHODS.contains(&member.as_str()))
                    .map(|(member, value)| (member.clone(), value.clone()))
                    .collect();
                let of_all = if item.is_object() { Value::Object(of_all) } else { item.clone() };
                let subject = format!("what holds for all of {name}");
                self.piece(&[section, name], &of_all, &page.name, subject);
                for (method, operation) in
                    members(item).filter(|(member, _)| METHODS.contains(&member.as_str()))
                {
                    let subject = format!("{} {name}", method.to_uppercase());
                    self.piece(&[section, name, method], operation, &page.name, subject);
                }
            }
        }
        for (kind, components) in members(&page.document["components"]) {
            for (name, component) in members(components) {
                let subject = format!("components/{kind}/{name}");
                self.piece(&["components", kind, name], component, &page.name, subject);
            }
            if !components.is_object() {
                self.piece(&["components", kind], components, &page.name, format!("components/{kind}"));
            }
        }
    }

    fn piece(&mut self, place: &[&str], value: &Value, page: &str, subject: String) {
        let at = place.iter().fold(String::new(), |at, token| pointer::child(&at, token));
        let conflict = match self.brought_by.entry(at.clone()) {
            Entry::Occupied(first) => {
                // What was brought before may have got pieces of its own meanwhile: a path its operations.
                let known = place_in(&self.document, place).map(|known| match (known, place.len()) {
                    (Value::Object(item), 2) => {
                        let mut item = item.clone();
                        item.retain(|member, _| !METHODS.contains(&member.as_str()));
                        Value::Object(item)
                    }
                    _ => known.clone(),
                });
                let difference = known.and_then(|known| first_difference(&known, value, &at));
                difference.map(|pointer| (pointer, first.get().clone()))
            }
            Entry::Vacant(vacant) => {
                vacant.insert(page.to_owned());
                let put = put_in(&mut self.document, place, value);
                (!put).then(|| (at, "an earlier page".to_owned()))
            }
        };
        self.conflicts.extend(conflict.map(|(pointer, first)| Conflict {
            subject,
            pointer,
            pages: [first, page.to_owned()],
        }));
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn place_in<'document>(document: &'document Map<String, Value>, place: &[&str]) -> Option<&'document Value> {
    let (first, rest) = place.split_first()?;
    rest.iter().try_fold(document.get(*first)?, |value, token| value.get(token))
}

/// Puts a value in its place. Whether there was one: something that is not an object may stand where a field would go.
fn put_in(document: &mut Map<String, Value>, place: &[&str], value: &Value) -> bool {
    let Some((last, parents)) = place.split_last() else { return false };
    let mut members = document;
    for parent in parents {
        let next = members.entry(*parent).or_insert_with(|| Value::Object(Map::new()));
        let Some(next) = next.as_object_mut() else { return false };
        members = next;
    }
    members.insert((*last).to_owned(), value.clone());
    true
}

/// The first place in which two values differ.
fn first_difference(old: &Value, new: &Value, at: &str) -> Option<String> {
    match (old, new) {
        _ if old == new => None,
        (Value::Object(old), Value::Object(new)) => {
            let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
            let mut differing = keys.filter(|key| old.get(*key) != new.get(*key));
            let key = differing.next()?;
            let at = pointer::child(at, key);
            match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) => first_difference(old, new, &at),
                _ => Some(at),
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            let mut pairs = old.iter().zip(new).enumerate();
            pairs.find_map(|(index, (old, new))| first_difference(old, new, &format!("{at}/{index}")))
        }
        _ => Some(at.to_owned()),
    }
}
