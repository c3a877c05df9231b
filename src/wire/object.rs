//! Objects with fields: the macro with which the generated code names them, and how they are read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::collections::{Any, is_one_of, value_of};
use super::notes::through_field;
use super::{FromWire, Misfit, any_list, from_value, odd};

/// What became of a field that came.
pub(crate) enum Field {
    /// The type has no such field, and the value is still to be read.
    Unknown,
    Fits,
    Odd(Box<Value>),
}

/// An object with fields. The generated code implements it with [`object!`].
pub(crate) trait Object: Sized {
    /// Reads the value of a field into its place.
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, object: &mut A) -> Result<Field, A::Error>;

    /// What has no field, or does not fit it.
    fn extra(&mut self) -> &mut Map<String, Value>;

    /// Trims what is marked so.
    fn trim(&mut self) {}
}

/// Reads the fields of an object. One without a required field does not fit, and comes back as it came.
pub(crate) fn read_fields<'de, T: Object + FromWire, A: MapAccess<'de>>(
    place: &mut T,
    mut object: A,
) -> Result<Misfit, A::Error> {
    let mut some_did_not_fit = false;
    // A bit for each required field.
    let mut present = 0_u32;
    let bit = |name: &str| T::REQUIRED.iter().position(|required| *required == name).map_or(0, |at| 1 << at);
    while let Some(Name(name)) = object.next_key()? {
        match place.field(&name, &mut object).map_err(|error| through_field(&name, error))? {
            Field::Fits => {
                present |= bit(&name);
                // The same field came before, with a value that did not fit.
                if some_did_not_fit {
                    place.extra().remove(&*name);
                }
            }
            Field::Odd(odd) => {
                present &= !bit(&name);
                some_did_not_fit = true;
                place.extra().insert(name.into_owned(), *odd);
            }
            Field::Unknown => {
                let value = object.next_value_seed(Any)?;
                place.extra().insert(name.into_owned(), value);
            }
        }
    }
    place.trim();
    let missing = T::REQUIRED.iter().filter(|name| present & bit(name) == 0);
    let missing: Vec<&str> = missing.copied().collect();
    Ok(if missing.is_empty() { None } else { as_it_came(place, &missing) })
}

/// An object without some required fields, which hold nothing that came.
#[cold]
fn as_it_came<T: Object + FromWire>(place: &mut T, missing: &[&str]) -> Misfit {
    let mut value = value_of(place);
    for name in missing {
        let came = place.extra().remove(*name);
        match (value.as_object_mut(), came) {
            (Some(fields), Some(came)) => drop(fields.insert((*name).to_owned(), came)),
            (Some(fields), None) => drop(fields.remove(*name)),
            (None, _) => {}
        }
    }
    odd(value)
}

/// Reads a list that holds the object alone, where that is certain.
pub(crate) fn read_only_element<'de, T: Object + FromWire, A: SeqAccess<'de>>(
    place: &mut T,
    list: A,
) -> Result<Misfit, A::Error> {
    let list = any_list(list)?;
    let only = match list.as_array().map(Vec::as_slice) {
        Some([only]) if is_one_of(<T as FromWire>::FIELDS, only) => from_value::<T>(only),
        _ => None,
    };
    Ok(match only {
        Some(only) => {
            *place = only;
            None
        }
        None => odd(list),
    })
}

/// Keeps a list that does not fit where it is of objects: one of them may lack what it is nothing without. Anything else comes back.
pub(crate) fn keep_objects(extra: &mut Map<String, Value>, name: &str, odd: Box<Value>) -> Misfit {
    if !odd.as_array().is_some_and(|list| list.iter().all(Value::is_object)) {
        return Some(odd);
    }
    extra.insert(name.to_owned(), *odd);
    None
}

/// The name of a field, borrowed from the response where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsName;

        impl<'de> Visitor<'de> for AsName {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a field")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }

            fn visit_string<E: Error>(self, name: String) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name)))
            }
        }

        deserializer.deserialize_str(AsName)
    }
}

/// What comes with white space around it, such as an address with the line break that ended it.
pub(crate) trait Trim {
    fn trim(&mut self);
}

impl Trim for String {
    fn trim(&mut self) {
        let trimmed = str::trim(self);
        if trimmed.len() < self.len() {
            *self = trimmed.to_owned();
        }
    }
}

impl<T: Trim> Trim for Option<T> {
    fn trim(&mut self) {
        self.iter_mut().for_each(Trim::trim);
    }
}

impl<T: Trim> Trim for Vec<T> {
    fn trim(&mut self) {
        self.iter_mut().for_each(Trim::trim);
    }
}

/// Names the fields of a type, by the lengths of their names on the wire: `object!(Type, field of the rest, { 2 { "id": id } … })`.
///
/// `required: "a";` names what it is nothing without, `trim: a, b;` trims fields; `list: "a" a;` names the field that a bare list in place of the object is.
#[allow(unused_macros, reason = "a document may have no object")]
macro_rules! object {
    (
        $type:ident, $extra:ident,
        $(required: $($required:literal),+;)?
        $(trim: $($trimmed:ident),+;)?
        $(list: $list_wire:literal $list:ident;)?
        { $($length:literal { $($wire:literal: $field:ident),* })* }
    ) => {
        impl $type {
            /// The names of its documented fields on the wire.
            pub const FIELDS: &'static [&'static str] = &[$($($wire,)*)*];
        }

        impl $crate::wire::FromWire for $type {
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Object;
            const FIELDS: &'static [&'static str] = &[$($($wire,)*)*];
            $(const REQUIRED: &'static [&'static str] = &[$($required),+];)?

            fn empty() -> Self {
                Self {
                    $($($field: $crate::wire::FromWire::empty(),)*)*
                    $extra: ::std::default::Default::default(),
                }
            }

            fn object<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                object: A,
            ) -> ::std::result::Result<$crate::wire::Misfit, A::Error> {
                $crate::wire::read_fields(self, object)
            }

            fn list<'de, A: ::serde::de::SeqAccess<'de>>(
                &mut self,
                list: A,
            ) -> ::std::result::Result<$crate::wire::Misfit, A::Error> {
                $crate::wire::read_only_element(self, list)
            }

            $(fn whole_list<'de, A: ::serde::de::SeqAccess<'de>>(
                &mut self,
                list: A,
            ) -> ::std::result::Result<$crate::wire::Misfit, A::Error> {
                let odd = $crate::wire::FromWire::list(&mut self.$list, list)?;
                ::std::result::Result::Ok(odd.and_then(|odd| {
                    $crate::wire::keep_objects(&mut self.$extra, $list_wire, odd)
                }))
            })?
        }

        impl $crate::wire::Object for $type {
            fn field<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                name: &str,
                object: &mut A,
            ) -> ::std::result::Result<$crate::wire::Field, A::Error> {
                let odd = match name.len() {
                    $($length => match name {
                        $($wire => object.next_value_seed($crate::wire::Place(&mut self.$field))?,)*
                        _ => return ::std::result::Result::Ok($crate::wire::Field::Unknown),
                    },)*
                    _ => return ::std::result::Result::Ok($crate::wire::Field::Unknown),
                };
                ::std::result::Result::Ok(odd.map_or($crate::wire::Field::Fits, $crate::wire::Field::Odd))
            }

            fn extra(&mut self) -> &mut ::serde_json::Map<::std::string::String, ::serde_json::Value> {
                &mut self.$extra
            }

            $(fn trim(&mut self) {
                $($crate::wire::Trim::trim(&mut self.$trimmed);)+
            })?
        }

        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::whole(deserializer)
            }
        }
    };
}

pub(crate) use object;
