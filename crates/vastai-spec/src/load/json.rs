//! JSON: serde_json reads, and the builder gets the pieces with their places.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::duplicates::DuplicateKeys;
use super::error::Place;
use super::tree::{Builder, Duplicates, Key, Refusal};

/// Why the input cannot be read as JSON.
pub(super) enum Fault {
    /// The text is JSON up to this place, and what stands there is refused.
    Refused(Refusal),
    /// The text is not JSON.
    Syntax {
        refusal: Refusal,
        /// Whether there was a key in double quotes before the fault: then it was meant as JSON.
        has_key: bool,
    },
}

pub(super) fn read(text: &str, duplicates_are: Duplicates) -> Result<(Value, DuplicateKeys), Fault> {
    let last_read = Cell::new(Place { line: 1, column: 0 });
    let reading = Reading {
        builder: RefCell::new(Builder::new(duplicates_are)),
        last_read: &last_read,
        refusal: Cell::new(None),
        has_key: Cell::new(false),
    };
    let mut deserializer =
        serde_json::Deserializer::from_reader(Placed { rest: text.as_bytes(), last_read: &last_read });
    let read =
        (&mut deserializer).deserialize_any(Node { reading: &reading }).and_then(|()| deserializer.end());
    match (read, reading.refusal.take()) {
        (Ok(()), None) => match reading.builder.into_inner().finish() {
            Some(read) => Ok(read),
            None => Err(Fault::Refused(Refusal::new(Place::START, "the document is empty"))),
        },
        (_, Some(refusal)) => Err(Fault::Refused(refusal)),
        (Err(error), None) => {
            let at = Place { line: error.line(), column: error.column() };
            let message = error.to_string();
            // serde_json's own limit, which is the builder's.
            if message.starts_with("recursion limit exceeded") {
                return Err(Fault::Refused(Refusal::too_deep(at)));
            }
            let place = format!(" at line {} column {}", at.line, at.column);
            let refusal = Refusal::new(at, message.replace(&place, ""));
            Err(Fault::Syntax { refusal, has_key: reading.has_key.get() })
        }
    }
}

/// An input that knows the place of the last byte that was read of it.
///
/// serde_json takes one byte after the other from a reader and looks ahead by one at most. So the place is that of the quotation mark
/// when a key begins, and of the first byte when a value does.
struct Placed<'text> {
    rest: &'text [u8],
    last_read: &'text Cell<Place>,
}

impl Read for Placed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some((first, rest)), Some(slot)) = (self.rest.split_first(), buffer.first_mut()) else {
            return Ok(0);
        };
        (*slot, self.rest) = (*first, rest);
        let Place { line, column } = self.last_read.get();
        self.last_read.set(match first {
            b'\n' => Place { line: line + 1, column: 0 },
            // A column counts characters, not bytes.
            0x80..0xC0 => Place { line, column },
            _ => Place { line, column: column + 1 },
        });
        Ok(1)
    }
}

/// What the visitors of one text share.
struct Reading<'text> {
    builder: RefCell<Builder>,
    last_read: &'text Cell<Place>,
    refusal: Cell<Option<Refusal>>,
    has_key: Cell<bool>,
}

impl Reading<'_> {
    /// Gives the builder a piece. What it refuses is kept, as serde_json's errors have no room for it.
    fn push<T, E: serde::de::Error>(
        &self,
        piece: impl FnOnce(&mut Builder, Place) -> Result<T, Refusal>,
        at: Place,
    ) -> Result<T, E> {
        piece(&mut self.builder.borrow_mut(), at).map_err(|refusal| {
            self.refusal.set(Some(refusal));
            E::custom("refused")
        })
    }

    fn scalar<E: serde::de::Error>(&self, value: Value) -> Result<(), E> {
        self.push(|builder, at| builder.scalar(value, at), self.last_read.get())
    }
}

/// A value.
#[derive(Clone, Copy)]
struct Node<'reading> {
    reading: &'reading Reading<'reading>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.reading.scalar(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.reading.scalar(Value::from(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.reading.scalar(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.reading.scalar(Value::from(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.reading.scalar(Value::from(value))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.reading.scalar(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let at = self.reading.last_read.get();
        self.reading.push(Builder::begin_list, at)?;
        while elements.next_element_seed(self)?.is_some() {}
        self.reading.push(close, at)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let at = self.reading.last_read.get();
        self.reading.push(Builder::begin_mapping, at)?;
        while members.next_key_seed(NodeKey { reading: self.reading })?.is_some() {
            members.next_value_seed(self)?;
        }
        self.reading.push(close, at)
    }
}

fn close(builder: &mut Builder, at: Place) -> Result<(), Refusal> {
    let complete = builder.end();
    builder.add(complete, at)
}

/// A key.
struct NodeKey<'reading> {
    reading: &'reading Reading<'reading>,
}

impl<'de> DeserializeSeed<'de> for NodeKey<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let at = self.reading.last_read.get();
        deserializer.deserialize_str(PlacedKey { reading: self.reading, at })
    }
}

struct PlacedKey<'reading> {
    reading: &'reading Reading<'reading>,
    at: Place,
}

impl Visitor<'_> for PlacedKey<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<(), E> {
        self.reading.has_key.set(true);
        self.reading.push(|builder, at| builder.key(Key::Name(key.to_owned()), at), self.at)
    }
}
