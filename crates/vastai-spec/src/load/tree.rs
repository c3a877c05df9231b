//! The value that a parser's pieces make, within bounds.
//!
//! The parsers of the two formats push what they read, with its place; what both must refuse or report is refused and reported here:
//! depth, size, keys that stand more than once.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::duplicates::{DuplicateKey, DuplicateKeys, shown};
use super::error::Place;
use crate::pointer;

/// The largest document that is read, in bytes. The published one has a third of a megabyte.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How many lists and mappings may stand in each other: as many as `serde_json` follows.
const MAX_LEVELS: usize = 127;

/// How many values and keys a document may have, aliases followed. Large published documents have some hundred thousand.
const MAX_VALUES: usize = 1_000_000;

/// What all strings of a document may add up to, in bytes, aliases followed.
const MAX_TEXT: usize = 4 * MAX_BYTES;

/// What a key that stands more than once in a mapping means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    /// The text is refused: it is ours, and one of the values would be lost.
    Refuse,
    /// The last value is taken, and the key is reported.
    Report,
}

/// Why a document is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) at: Place,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(at: Place, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    pub(super) fn too_deep(at: Place) -> Self {
        Self::new(at, format!("nested deeper than {MAX_LEVELS} levels"))
    }

    fn too_large(at: Place) -> Self {
        let message = format!(
            "more than {MAX_VALUES} values or {MAX_TEXT} bytes of text, aliases followed; do the aliases repeat each other?"
        );
        Self::new(at, message)
    }
}

/// What a value costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// Values and keys.
    values: usize,
    /// Bytes of all strings and keys.
    text: usize,
    /// Lists and mappings that stand in each other.
    levels: usize,
}

impl Size {
    fn of(value: &Value) -> Self {
        let parts = match value {
            Value::String(text) => return Self { values: 1, text: text.len(), levels: 0 },
            Value::Array(elements) => elements.iter().map(Self::of).fold(Self::default(), Self::beside),
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| {
                    let size = Self::of(member);
                    Self { values: size.values + 1, text: size.text + key.len(), ..size }
                })
                .fold(Self::default(), Self::beside),
            _ => return Self { values: 1, text: 0, levels: 0 },
        };
        Self { values: parts.values + 1, levels: parts.levels + 1, ..parts }
    }

    fn beside(self, other: Self) -> Self {
        Self {
            values: self.values + other.values,
            text: self.text + other.text,
            levels: self.levels.max(other.levels),
        }
    }
}

/// A value whose end was read.
#[derive(Debug, Clone)]
pub(super) struct Complete {
    pub(super) value: Value,
    pub(super) size: Size,
}

impl Complete {
    pub(super) fn scalar(value: Value) -> Self {
        let text = value.as_str().map_or(0, str::len);
        Self { value, size: Size { values: 1, text, levels: 0 } }
    }
}

/// A list or a mapping whose end was not read yet.
struct Open {
    content: Content,
    size: Size,
}

enum Content {
    List(Vec<Value>),
    Mapping(Mapping),
}

#[derive(Default)]
struct Mapping {
    members: Map<String, Value>,
    /// What merge keys give, in the order of the text.
    merged: Vec<Value>,
    /// The key whose value comes next.
    key: Option<Key>,
    /// Where each key is written first.
    places: HashMap<Key, Place>,
    /// Where those are written that stand more than once.
    repeated: BTreeMap<Key, Vec<Place>>,
}

/// A key; YAML's merge key is not the text `"<<"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    Name(String),
    Merge,
}

impl Key {
    fn text(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Merge => "<<",
        }
    }
}

/// Puts a document together.
pub(super) struct Builder {
    duplicates_are: Duplicates,
    open: Vec<Open>,
    root: Option<Value>,
    left: Size,
    duplicates: DuplicateKeys,
}

impl Builder {
    pub(super) fn new(duplicates_are: Duplicates) -> Self {
        Self {
            duplicates_are,
            open: Vec::new(),
            root: None,
            left: Size { values: MAX_VALUES, text: MAX_TEXT, levels: MAX_LEVELS },
            duplicates: DuplicateKeys::default(),
        }
    }

    /// Whether the next thing must be a key.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Mapping(Mapping { key: None, .. }), .. }))
    }

    pub(super) fn begin_list(&mut self, at: Place) -> Result<(), Refusal> {
        self.begin(Content::List(Vec::new()), at)
    }

    pub(super) fn begin_mapping(&mut self, at: Place) -> Result<(), Refusal> {
        self.begin(Content::Mapping(Mapping::default()), at)
    }

    fn begin(&mut self, content: Content, at: Place) -> Result<(), Refusal> {
        if self.open.len() >= MAX_LEVELS {
            return Err(Refusal::too_deep(at));
        }
        let size = Size { values: 1, text: 0, levels: 1 };
        self.spend(size, at)?;
        self.open.push(Open { content, size });
        Ok(())
    }

    /// The key of the value that comes next.
    pub(super) fn key(&mut self, key: Key, at: Place) -> Result<(), Refusal> {
        let size = Size { values: 1, text: key.text().len(), levels: 0 };
        self.spend(size, at)?;
        let Some(Open { content: Content::Mapping(mapping), size: of_mapping }) = self.open.last_mut() else {
            return Ok(());
        };
        of_mapping.values += size.values;
        of_mapping.text += size.text;
        if let Some(first) = mapping.places.get(&key) {
            if self.duplicates_are == Duplicates::Refuse {
                let message = format!(
                    "the key `{}` stands twice in one mapping, first at {first}; which of the two is meant?",
                    shown(key.text())
                );
                return Err(Refusal::new(at, message));
            }
            mapping.repeated.entry(key.clone()).or_insert_with(|| vec![*first]).push(at);
        } else {
            mapping.places.insert(key.clone(), at);
        }
        mapping.key = Some(key);
        Ok(())
    }

    /// Adds a scalar to what is open.
    pub(super) fn scalar(&mut self, value: Value, at: Place) -> Result<(), Refusal> {
        let complete = Complete::scalar(value);
        self.spend(complete.size, at)?;
        self.add(complete, at)
    }

    /// Adds a copy of what was read before.
    pub(super) fn copy(&mut self, complete: &Complete, at: Place) -> Result<(), Refusal> {
        if self.open.len() + complete.size.levels > MAX_LEVELS {
            return Err(Refusal::too_deep(at));
        }
        self.spend(complete.size, at)?;
        self.add(complete.clone(), at)
    }

    /// Adds a value to what is open.
    pub(super) fn add(&mut self, complete: Complete, at: Place) -> Result<(), Refusal> {
        let Complete { value, size } = complete;
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        open.size.values += size.values;
        open.size.text += size.text;
        open.size.levels = open.size.levels.max(size.levels + 1);
        match &mut open.content {
            Content::List(elements) => elements.push(value),
            Content::Mapping(mapping) => match mapping.key.take() {
                Some(Key::Name(name)) => drop(mapping.members.insert(name, value)),
                Some(Key::Merge) if can_be_merged(&value) => mapping.merged.push(value),
                Some(Key::Merge) => {
                    return Err(Refusal::new(at, "a merge key (`<<`) takes a mapping or a list of mappings"));
                }
                None => {}
            },
        }
        Ok(())
    }

    /// Ends the innermost list or mapping.
    pub(super) fn end(&mut self) -> Complete {
        let Some(Open { content, size }) = self.open.pop() else {
            return Complete::scalar(Value::Null);
        };
        match content {
            Content::List(elements) => Complete { value: Value::Array(elements), size },
            Content::Mapping(mut mapping) => {
                for (key, places) in mapping.repeated {
                    let open = &self.open;
                    self.duplicates.add(|| DuplicateKey {
                        pointer: pointer::child(&pointer_of(open), key.text()),
                        places,
                        is_merge_key: key == Key::Merge,
                    });
                }
                if mapping.merged.is_empty() {
                    return Complete { value: Value::Object(mapping.members), size };
                }
                // The mapping itself comes first, then the last merge key.
                for source in mapping.merged.into_iter().rev() {
                    merge(&mut mapping.members, source);
                }
                // What several sources give is there once.
                let value = Value::Object(mapping.members);
                Complete { size: Size::of(&value), value }
            }
        }
    }

    /// Counts what a copy that is kept for later costs.
    pub(super) fn spend(&mut self, size: Size, at: Place) -> Result<(), Refusal> {
        match (self.left.values.checked_sub(size.values), self.left.text.checked_sub(size.text)) {
            (Some(values), Some(text)) => {
                (self.left.values, self.left.text) = (values, text);
                Ok(())
            }
            _ => Err(Refusal::too_large(at)),
        }
    }

    /// The whole document; `None` where there was none.
    pub(super) fn finish(mut self) -> Option<(Value, DuplicateKeys)> {
        self.duplicates.sort();
        Some((self.root?, self.duplicates))
    }
}

/// The pointer to what is read next.
fn pointer_of(open: &[Open]) -> String {
    open.iter().fold(String::new(), |at, open| match &open.content {
        Content::List(elements) => pointer::child(&at, &elements.len().to_string()),
        Content::Mapping(mapping) => pointer::child(&at, mapping.key.as_ref().map_or("", Key::text)),
    })
}

fn can_be_merged(source: &Value) -> bool {
    source.is_object() || source.as_array().is_some_and(|sources| sources.iter().all(Value::is_object))
}

/// Adds what the mapping itself does not say; of several sources, the first that says it counts.
fn merge(members: &mut Map<String, Value>, source: Value) {
    match source {
        Value::Object(source) => {
            for (key, member) in source {
                members.entry(key).or_insert(member);
            }
        }
        Value::Array(sources) => sources.into_iter().for_each(|source| merge(members, source)),
        _ => {}
    }
}
