//! Reading responses: every type takes whatever JSON value comes, in one pass.
//!
//! The service sends numbers as strings, a string where a list is documented, and null anywhere. A derived `Deserialize` fails the whole response
//! for one such value. Here a value that does not fit its field comes back from the read, and the object keeps it in its `extra`.
//!
//! The generated code names the fields of each type (`response_types.rs`, one macro call for a type); all else is here. Nothing is buffered:
//! a value is read into its place, and becomes a [`Value`] only where it does not fit.

mod collections;
mod notes;
mod object;
mod open_enum;
mod scalars;
mod union;

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use notes::{Notes, take_notes};
pub(crate) use object::{Field, Object, Trim, keep_objects, object, read_fields, read_only_element};
pub(crate) use open_enum::open_enum;
pub(crate) use union::{newtype, union};

/// The value that did not fit, where one did not. It is rare, and in a box what every read gives fits into a register.
pub(crate) type Misfit = Option<Box<Value>>;

/// A value that does not fit.
#[cold]
pub(crate) fn odd(value: impl Into<Value>) -> Misfit {
    Some(Box::new(value.into()))
}

/// What JSON a type is documented as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Number,
    Text,
    List,
    Object,
    Any,
}

/// A type of a response.
///
/// Each method reads a value of one kind into this place, and gives the value back where it does not fit. The place then holds nothing
/// of use, and the caller clears it. Of two values for one place the last counts.
pub(crate) trait FromWire: Serialize + Sized {
    const KIND: Kind;

    /// The names of its fields, where it is an object with fields.
    const FIELDS: &'static [&'static str] = &[];

    /// Which of them it is nothing without.
    const REQUIRED: &'static [&'static str] = &[];

    /// A place to read into.
    fn empty() -> Self;

    fn null(&mut self) -> Misfit {
        odd(Value::Null)
    }

    fn boolean(&mut self, value: bool) -> Misfit {
        odd(value)
    }

    fn integer(&mut self, value: i64) -> Misfit {
        odd(value)
    }

    /// An integer beyond those of [`integer`](Self::integer).
    fn unsigned(&mut self, value: u64) -> Misfit {
        odd(value)
    }

    fn float(&mut self, value: f64) -> Misfit {
        odd(value)
    }

    fn text(&mut self, value: &str) -> Misfit {
        odd(value)
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, list: A) -> Result<Misfit, A::Error> {
        any_list(list).map(odd)
    }

    fn object<'de, A: MapAccess<'de>>(&mut self, object: A) -> Result<Misfit, A::Error> {
        any_object(object).map(odd)
    }

    /// A list that is the whole response. Where an object with a list is documented, it is that list.
    fn whole_list<'de, A: SeqAccess<'de>>(&mut self, list: A) -> Result<Misfit, A::Error> {
        self.list(list)
    }

    /// An object that is the whole response. Where a list is documented, it holds that list.
    fn whole_object<'de, A: MapAccess<'de>>(&mut self, object: A) -> Result<Misfit, A::Error> {
        self.object(object)
    }
}

/// Any list as a value.
pub(crate) fn any_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Value, A::Error> {
    let mut value = Value::empty();
    value.list(list)?;
    Ok(value)
}

/// Any object as a value.
pub(crate) fn any_object<'de, A: MapAccess<'de>>(object: A) -> Result<Value, A::Error> {
    let mut value = Value::empty();
    value.object(object)?;
    Ok(value)
}

/// A place in a response, read as whatever comes.
pub(crate) struct Place<'place, T>(pub(crate) &'place mut T);

/// The place of the whole response.
struct Whole<'place, T>(&'place mut T);

macro_rules! reads_any_value {
    ($visitor:ident, $list:ident, $object:ident) => {
        impl<'de, T: FromWire> DeserializeSeed<'de> for $visitor<'_, T> {
            type Value = Misfit;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Misfit, D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        impl<'de, T: FromWire> Visitor<'de> for $visitor<'_, T> {
            type Value = Misfit;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(T::KIND.in_words())
            }

            fn visit_unit<E: Error>(self) -> Result<Misfit, E> {
                Ok(self.0.null())
            }

            fn visit_none<E: Error>(self) -> Result<Misfit, E> {
                Ok(self.0.null())
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Misfit, D::Error> {
                self.deserialize(deserializer)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Misfit, E> {
                Ok(self.0.boolean(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Misfit, E> {
                Ok(self.0.integer(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Misfit, E> {
                Ok(match i64::try_from(value) {
                    Ok(value) => self.0.integer(value),
                    Err(_) => self.0.unsigned(value),
                })
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Misfit, E> {
                Ok(self.0.float(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Misfit, E> {
                Ok(self.0.text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Misfit, A::Error> {
                self.0.$list(list)
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Misfit, A::Error> {
                self.0.$object(object)
            }
        }
    };
}

reads_any_value!(Place, list, object);
reads_any_value!(Whole, whole_list, whole_object);

/// Reads a whole response.
pub(crate) fn whole<'de, T: FromWire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut response = T::empty();
    match Whole(&mut response).deserialize(deserializer)? {
        None => Ok(response),
        Some(odd) => Err(wrong::<T, _>(&odd)),
    }
}

/// Reads a value that was kept, with the code that reads responses.
fn from_value<T: FromWire>(value: &Value) -> Option<T> {
    let mut read = T::empty();
    let text = value.to_string();
    let odd = Place(&mut read).deserialize(&mut serde_json::Deserializer::from_str(&text));
    matches!(odd, Ok(None)).then_some(read)
}

/// The error for a value that is not what is documented in a place that cannot do without it. Of the value it shows an id at most.
fn wrong<T: FromWire, E: Error>(found: &Value) -> E {
    let lacks = |name: &&&str| found.get(**name).is_none_or(Value::is_null);
    match (found, T::REQUIRED) {
        (Value::Object(_), [_, ..]) if T::KIND == Kind::Object => match T::REQUIRED.iter().find(lacks) {
            Some(missing) => E::custom(format_args!("this has no `{missing}`")),
            None => {
                let name = T::REQUIRED[0];
                E::custom(format_args!(
                    "its `{name}` is {}, which is not an integer",
                    crate::shortened(&found[name].to_string())
                ))
            }
        },
        _ => E::custom(format_args!(
            "{} is expected here, and this is {}",
            T::KIND.in_words(),
            kind_of(found).in_words()
        )),
    }
}

fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::Text,
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Object,
        Value::Null => Kind::Any,
    }
}

impl Kind {
    fn in_words(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Any => "null",
        }
    }
}
