//! A JSON value from any format, without losing a member and within bounds.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A document of the size that is read holds at most this many values; aliases can make more of a small one.
const MAX_VALUES: usize = 1_000_000;
/// What all texts of a document may add up to, in bytes, aliases followed.
const MAX_TEXT: usize = 4 * super::MAX_BYTES;

/// The text format a value is read from, where the formats differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    /// Knows merge keys (`<<`).
    Yaml,
}

/// What a document may still hold.
#[derive(Debug)]
pub(super) struct Budget {
    format: Format,
    values: Cell<usize>,
    text: Cell<usize>,
    refused: Cell<bool>,
}

impl Budget {
    /// The budget of one document.
    pub(super) fn new(format: Format) -> Self {
        Self { format, values: Cell::new(MAX_VALUES), text: Cell::new(MAX_TEXT), refused: Cell::new(false) }
    }

    /// Whether this reader, not the format's, refused the document.
    pub(super) fn refused(&self) -> bool {
        self.refused.get()
    }

    fn refuse<E: serde::de::Error>(&self, message: impl fmt::Display) -> E {
        self.refused.set(true);
        E::custom(message)
    }

    fn spend<E: serde::de::Error>(&self, text: usize) -> Result<(), E> {
        match (self.values.get().checked_sub(1), self.text.get().checked_sub(text)) {
            (Some(values), Some(left)) => {
                self.values.set(values);
                self.text.set(left);
                Ok(())
            }
            _ => Err(self
                .refuse("the document expands to more than can be read; do its aliases repeat each other?")),
        }
    }
}

pub(super) fn value<'de, D: Deserializer<'de>>(deserializer: D, budget: &Budget) -> Result<Value, D::Error> {
    ValueSeed { budget }.deserialize(deserializer)
}

#[derive(Clone, Copy)]
struct ValueSeed<'budget> {
    budget: &'budget Budget,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON knows (no YAML tag)")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.budget.spend(0)?;
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.budget.spend(0)?;
        Ok(Value::from(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.budget.spend(0)?;
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.budget.spend(0)?;
        let refused = || self.budget.refuse(format_args!("{value} is a number that JSON does not know"));
        Number::from_f64(value).map(Value::Number).ok_or_else(refused)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.budget.spend(value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.budget.spend(0)?;
        Ok(Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        self.budget.spend(0)?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.budget.spend(0)?;
        let mut object = Map::new();
        let mut merged = Vec::new();
        while let Some(key) = members.next_key_seed(KeySeed { budget: self.budget, present: &object })? {
            let member = members.next_value_seed(self)?;
            if key == "<<" && self.budget.format == Format::Yaml {
                merged.push(member)
            } else {
                drop(object.insert(key, member))
            }
        }
        for source in merged {
            merge(&mut object, source).map_err(|()| {
                self.budget
                    .refuse::<A::Error>("a YAML merge key (`<<`) takes a mapping or a list of mappings")
            })?;
        }
        Ok(Value::Object(object))
    }
}

/// YAML's merge key gives what the mapping itself does not say.
fn merge(object: &mut Map<String, Value>, source: Value) -> Result<(), ()> {
    match source {
        Value::Object(members) => {
            for (key, member) in members {
                object.entry(key).or_insert(member);
            }
            Ok(())
        }
        Value::Array(sources) => sources.into_iter().try_for_each(|source| match source {
            Value::Object(_) => merge(object, source),
            _ => Err(()),
        }),
        _ => Err(()),
    }
}

/// A key as it is written: `200:` is "200". The check for a duplicate stands here so that its error gets the key's place.
struct KeySeed<'map> {
    budget: &'map Budget,
    present: &'map Map<String, Value>,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key that is a text")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<String, E> {
        self.budget.spend(key.len())?;
        if self.present.contains_key(key) {
            return Err(self.budget.refuse(format_args!("the key `{key}` stands twice in one mapping")));
        }
        Ok(key.to_owned())
    }
}
