//! What holds other values: lists, maps, options, boxes, and any value.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::scalars::note_if_rounded;
use super::source::Grow;
use super::{
    Broken, Elements, Fields, FromWire, Kind, Misfit, Read, Result, any_object, expected, from_value, odd,
};

impl<T: FromWire> FromWire for Option<T> {
    const KIND: Kind = T::KIND;
    const FIELDS: &'static [&'static str] = T::FIELDS;
    const REQUIRED: &'static [&'static str] = T::REQUIRED;

    fn empty() -> Self {
        None
    }
}

/// Null is nothing.
impl<T: FromWire> Read for Option<T> {
    fn null(&mut self) -> Misfit {
        *self = None;
        None
    }

    fn boolean(&mut self, value: bool) -> Misfit {
        filled(self, |place| place.boolean(value))
    }

    fn integer(&mut self, value: i64) -> Misfit {
        filled(self, |place| place.integer(value))
    }

    fn unsigned(&mut self, value: u64) -> Misfit {
        filled(self, |place| place.unsigned(value))
    }

    fn float(&mut self, value: f64) -> Misfit {
        filled(self, |place| place.float(value))
    }

    fn text(&mut self, value: &str) -> Misfit {
        filled(self, |place| place.text(value))
    }

    fn list(&mut self, list: &mut dyn Elements) -> Result {
        let odd = self.insert(T::empty()).list(list)?;
        Ok(filled_already(self, odd))
    }

    fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        let odd = self.insert(T::empty()).object(object)?;
        Ok(filled_already(self, odd))
    }

    fn whole_list(&mut self, list: &mut dyn Elements) -> Result {
        let odd = self.insert(T::empty()).whole_list(list)?;
        Ok(filled_already(self, odd))
    }

    fn whole_object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        let odd = self.insert(T::empty()).whole_object(object)?;
        Ok(filled_already(self, odd))
    }
}

fn filled<T: FromWire>(place: &mut Option<T>, read: impl FnOnce(&mut T) -> Misfit) -> Misfit {
    let odd = read(place.insert(T::empty()));
    filled_already(place, odd)
}

/// An option in which a value was read, unless that came back.
fn filled_already<T>(place: &mut Option<T>, odd: Misfit) -> Misfit {
    if odd.is_some() {
        *place = None;
    }
    odd
}

macro_rules! as_what_it_holds {
    ($($method:ident($($value:ident: $type:ty)?);)*) => {
        $(fn $method(&mut self $(, $value: $type)?) -> Misfit {
            (**self).$method($($value)?)
        })*

        fn list(&mut self, list: &mut dyn Elements) -> Result {
            (**self).list(list)
        }

        fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
            (**self).object(object)
        }
    };
}

impl<T: FromWire> FromWire for Box<T> {
    const KIND: Kind = T::KIND;
    const FIELDS: &'static [&'static str] = T::FIELDS;
    const REQUIRED: &'static [&'static str] = T::REQUIRED;

    fn empty() -> Self {
        Self::new(T::empty())
    }
}

impl<T: FromWire> Read for Box<T> {
    as_what_it_holds! {
        null();
        boolean(value: bool);
        integer(value: i64);
        unsigned(value: u64);
        float(value: f64);
        text(value: &str);
    }
}

impl<T: FromWire> FromWire for Vec<T> {
    const KIND: Kind = Kind::List;

    fn empty() -> Self {
        Self::new()
    }
}

/// A list of which one element does not fit comes back whole: half a list would be taken for all of it.
impl<T: FromWire> Read for Vec<T> {
    fn list(&mut self, list: &mut dyn Elements) -> Result {
        self.clear();
        while let Some(misfit) = list.next(self)? {
            if let Some(misfit) = misfit {
                self.pop();
                let mut whole: Vec<Value> = self.drain(..).map(|read| value_of(&read)).collect();
                whole.push(*misfit);
                while list.next(&mut whole)?.is_some() {}
                return Ok(odd(whole));
            }
        }
        Ok(None)
    }

    /// One of what the list is documented to hold, where that is certain: a list of one.
    fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        let object = any_object(object)?;
        Ok(self.read_one(object))
    }

    /// Here an element that does not fit is an error with its place, as there is no `extra` to keep the list.
    fn whole_list(&mut self, list: &mut dyn Elements) -> Result {
        self.clear();
        while let Some(misfit) = list.next(self)? {
            if let Some(odd) = misfit {
                return Err(list.refuse(expected(T::KIND, T::REQUIRED, &odd)));
            }
        }
        Ok(None)
    }

    /// An object with this list and nothing else that says anything; else as [`object`](Read::object).
    fn whole_object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        let object = any_object(object)?;
        match the_list_in(&object).and_then(from_value::<Self>) {
            Some(list) => {
                *self = list;
                Ok(None)
            }
            None => Ok(self.read_one(object)),
        }
    }
}

trait ReadOne {
    fn read_one(&mut self, object: Value) -> Misfit;
}

impl<T: FromWire> ReadOne for Vec<T> {
    fn read_one(&mut self, object: Value) -> Misfit {
        match is_one_of(T::FIELDS, &object).then(|| from_value::<T>(&object)).flatten() {
            Some(one) => {
                *self = vec![one];
                None
            }
            None => odd(object),
        }
    }
}

/// The one list in an object whose other fields only say that, and how much, there is.
fn the_list_in(object: &Value) -> Option<&Value> {
    const COUNTS: [&str; 5] = ["count", "total", "total_count", "num_results", "success"];
    let (lists, rest): (Vec<_>, Vec<_>) = object.as_object()?.iter().partition(|(_, value)| value.is_array());
    let says_nothing = |(name, value): &(&String, &Value)| {
        value.is_null() || (COUNTS.contains(&name.as_str()) && !matches!(value, Value::Bool(false)))
    };
    match lists.as_slice() {
        [(_, list)] if rest.iter().all(says_nothing) => Some(list),
        _ => None,
    }
}

/// Whether an object has a value for one of these fields at least: any object reads as a type whose fields may all be missing.
pub(super) fn is_one_of(fields: &[&str], object: &Value) -> bool {
    let known = |(name, value): (&String, &Value)| !value.is_null() && fields.contains(&name.as_str());
    object.as_object().is_some_and(|object| object.iter().any(known))
}

impl<T: FromWire> Grow for Vec<T> {
    fn grow(&mut self) -> &mut dyn Read {
        let place = self.len();
        self.push(T::empty());
        &mut self[place]
    }
}

/// What was read, as it came.
pub(crate) fn value_of(read: &impl Serialize) -> Value {
    serde_json::to_value(read).unwrap_or_default()
}

impl<T: FromWire> FromWire for BTreeMap<String, T> {
    const KIND: Kind = Kind::Object;

    fn empty() -> Self {
        Self::new()
    }
}

/// A map of which one value does not fit comes back whole.
impl<T: FromWire> Read for BTreeMap<String, T> {
    fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        self.clear();
        while let Some(name) = object.name()? {
            let mut value = T::empty();
            let misfit = object.value(&name, &mut value)?;
            let name = name.into_owned();
            let Some(misfit) = misfit else {
                self.insert(name, value);
                continue;
            };
            let mut whole: Map<String, Value> =
                std::mem::take(self).into_iter().map(|(name, read)| (name, value_of(&read))).collect();
            whole.insert(name, *misfit);
            read_rest(&mut whole, object)?;
            return Ok(odd(whole));
        }
        Ok(None)
    }
}

impl FromWire for Map<String, Value> {
    const KIND: Kind = Kind::Object;

    fn empty() -> Self {
        Self::new()
    }
}

impl Read for Map<String, Value> {
    fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        self.clear();
        read_rest(self, object)?;
        Ok(None)
    }
}

fn read_rest(whole: &mut Map<String, Value>, object: &mut dyn Fields<'_>) -> std::result::Result<(), Broken> {
    while let Some(name) = object.name()? {
        let mut value = Value::empty();
        object.value(&name, &mut value)?;
        whole.insert(name.into_owned(), value);
    }
    Ok(())
}

impl FromWire for Value {
    const KIND: Kind = Kind::Any;

    fn empty() -> Self {
        Self::Null
    }
}

/// Everything fits.
impl Read for Value {
    fn null(&mut self) -> Misfit {
        *self = Self::Null;
        None
    }

    fn boolean(&mut self, value: bool) -> Misfit {
        *self = Self::Bool(value);
        None
    }

    fn integer(&mut self, value: i64) -> Misfit {
        *self = Self::from(value);
        None
    }

    fn unsigned(&mut self, value: u64) -> Misfit {
        *self = Self::from(value);
        None
    }

    fn float(&mut self, value: f64) -> Misfit {
        note_if_rounded(value);
        *self = Self::from(value);
        None
    }

    fn text(&mut self, value: &str) -> Misfit {
        *self = Self::from(value);
        None
    }

    fn list(&mut self, list: &mut dyn Elements) -> Result {
        let mut values: Vec<Value> = Vec::new();
        while list.next(&mut values)?.is_some() {}
        *self = Self::Array(values);
        Ok(None)
    }

    fn object(&mut self, object: &mut dyn Fields<'_>) -> Result {
        let mut values = Map::new();
        values.object(object)?;
        *self = Self::Object(values);
        Ok(None)
    }
}
