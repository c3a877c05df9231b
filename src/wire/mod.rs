//! Reading responses: every type takes whatever JSON value comes, in one pass.
//!
//! The service sends numbers as strings, a string where a list is documented, and null anywhere. A derived `Deserialize` fails the whole response
//! for one such value. Here a value that does not fit its field comes back from the read, and the object keeps it in its `extra`.
//!
//! The generated code names the fields of each type (`response_types.rs`, one macro call for a type); all else is here. Nothing is buffered:
//! a value is read into its place, and becomes a [`Value`] only where it does not fit.
//!
//! Types and deserializers know each other by dynamic calls alone ([`Read`], [`Elements`], [`Fields`]): a hundred types that were compiled
//! for each deserializer took a third of this crate's build, and of that of every crate that uses them.

mod collections;
mod notes;
mod object;
mod open_enum;
mod scalars;
mod source;
mod union;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error};
use serde_json::Value;

pub(crate) use collections::value_of;
pub(crate) use notes::{Notes, take_notes};
pub(crate) use object::{Object, Trim, keep_objects, object, read_fields, read_only_element};
pub(crate) use open_enum::open_enum;
pub(crate) use source::{Broken, Elements, Fields};
pub(crate) use union::{newtype, union};

use source::Place;

/// The value that did not fit, where one did not. It is rare, and in a box what every read gives fits into a register.
pub(crate) type Misfit = Option<Box<Value>>;

/// What became of reading a list or an object.
pub(crate) type Result = std::result::Result<Misfit, Broken>;

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

/// A place in a response, which reads whatever comes.
///
/// Each method reads a value of one kind into this place, and gives the value back where it does not fit. The place then holds nothing
/// of use, and the caller clears it. Of two values for one place the last counts.
pub(crate) trait Read {
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

    fn list(&mut self, list: &mut dyn Elements) -> Result {
        any_list(list).map(odd)
    }

    fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        any_object(object).map(odd)
    }

    /// A list that is the whole response. Where an object with a list is documented, it is that list.
    fn whole_list(&mut self, list: &mut dyn Elements) -> Result {
        self.list(list)
    }

    /// An object that is the whole response. Where a list is documented, it holds that list.
    fn whole_object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        self.object(object)
    }
}

/// A type of a response.
pub(crate) trait FromWire: Read + Serialize + Sized {
    const KIND: Kind;

    /// The names of its fields, where it is an object with fields.
    const FIELDS: &'static [&'static str] = &[];

    /// Which of them it is nothing without.
    const REQUIRED: &'static [&'static str] = &[];

    /// A place to read into.
    fn empty() -> Self;
}

/// Any list as a value.
pub(crate) fn any_list(list: &mut dyn Elements) -> std::result::Result<Value, Broken> {
    let mut value = Value::empty();
    value.list(list)?;
    Ok(value)
}

/// Any object as a value.
pub(crate) fn any_object(object: &mut dyn Fields<'_>) -> std::result::Result<Value, Broken> {
    let mut value = Value::empty();
    value.object(object)?;
    Ok(value)
}

/// Reads a whole response.
pub(crate) fn whole<'de, T: FromWire, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    let mut response = T::empty();
    match Place::whole(&mut response).deserialize(deserializer)? {
        None => Ok(response),
        Some(odd) => Err(D::Error::custom(expected(T::KIND, T::REQUIRED, &odd))),
    }
}

/// Reads a value that was kept, with the code that reads responses.
fn from_value<T: FromWire>(value: &Value) -> Option<T> {
    let mut read = T::empty();
    fits(&mut read, value).then_some(read)
}

fn fits(place: &mut dyn Read, value: &Value) -> bool {
    let text = value.to_string();
    let odd = Place::of(place).deserialize(&mut serde_json::Deserializer::from_str(&text));
    matches!(odd, Ok(None))
}

/// What is wrong with a value that is not what is documented in a place that cannot do without it. Of the value it shows an id at most.
fn expected(kind: Kind, required: &[&str], found: &Value) -> String {
    let lacks = |name: &&&str| found.get(**name).is_none_or(Value::is_null);
    match (found, required) {
        (Value::Object(_), [first, ..]) if kind == Kind::Object => match required.iter().find(lacks) {
            Some(missing) => format!("this has no `{missing}`"),
            None => {
                let value = crate::shortened(&found[*first].to_string()).to_string();
                format!("its `{first}` is {value}, which is not an integer")
            }
        },
        _ => format!("{} is expected here, and this is {}", kind.in_words(), kind_of(found).in_words()),
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
