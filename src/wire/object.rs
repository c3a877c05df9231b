//! Objects with fields: the macro with which the generated code names them, and how they are read.

use serde_json::{Map, Value};

use super::collections::is_one_of;
use super::{Elements, Fields, FromWire, Misfit, Read, Result, any_list, from_value, odd};

/// An object with fields. The generated code implements it with [`object!`].
pub(crate) trait Object {
    /// The place of a field. `None` where the type has no such field.
    fn field(&mut self, name: &str) -> Option<&mut dyn Read>;

    /// What has no field, or does not fit it.
    fn extra(&mut self) -> &mut Map<String, Value>;

    /// Trims what is marked so.
    fn trim(&mut self) {}

    /// The whole object, of a type that has required fields.
    fn value(&self) -> Value {
        Value::Null
    }
}

/// Reads the fields of an object. One without a required field does not fit, and comes back as it came.
pub(crate) fn read_fields(
    place: &mut dyn Object,
    required: &'static [&'static str],
    object: &mut dyn Fields<'_>,
) -> Result {
    let mut some_did_not_fit = false;
    // A bit for each required field.
    let mut present = 0_u32;
    let bit = |name: &str| required.iter().position(|required| *required == name).map_or(0, |at| 1 << at);
    while let Some(name) = object.name()? {
        let Some(field) = place.field(&name) else {
            let mut value = Value::empty();
            object.value(&name, &mut value)?;
            place.extra().insert(name.into_owned(), value);
            continue;
        };
        match object.value(&name, field)? {
            None => {
                present |= bit(&name);
                // The same field came before, with a value that did not fit.
                if some_did_not_fit {
                    place.extra().remove(&*name);
                }
            }
            Some(odd) => {
                present &= !bit(&name);
                some_did_not_fit = true;
                place.extra().insert(name.into_owned(), *odd);
            }
        }
    }
    place.trim();
    let missing = required.iter().filter(|name| present & bit(name) == 0);
    let missing: Vec<&str> = missing.copied().collect();
    Ok(if missing.is_empty() { None } else { as_it_came(place, &missing) })
}

/// An object without some required fields, which hold nothing that came.
#[cold]
fn as_it_came(place: &mut dyn Object, missing: &[&str]) -> Misfit {
    let mut value = place.value();
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
pub(crate) fn read_only_element<T: FromWire>(place: &mut T, list: &mut dyn Elements) -> Result {
    let list = any_list(list)?;
    let only = match list.as_array().map(Vec::as_slice) {
        Some([only]) if is_one_of(T::FIELDS, only) => from_value::<T>(only),
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
    (@value $($required:literal)+) => {
        #[inline]
        fn value(&self) -> ::serde_json::Value {
            $crate::wire::value_of(self)
        }
    };
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

            #[inline]
            fn empty() -> Self {
                Self {
                    $($($field: $crate::wire::FromWire::empty(),)*)*
                    $extra: ::std::default::Default::default(),
                }
            }
        }

        impl $crate::wire::Read for $type {
            #[inline]
            fn object(&mut self, object: &mut dyn $crate::wire::Fields<'_>) -> $crate::wire::Result {
                $crate::wire::read_fields(self, <Self as $crate::wire::FromWire>::REQUIRED, object)
            }

            #[inline]
            fn list(&mut self, list: &mut dyn $crate::wire::Elements) -> $crate::wire::Result {
                $crate::wire::read_only_element(self, list)
            }

            $(#[inline]
            fn whole_list(&mut self, list: &mut dyn $crate::wire::Elements) -> $crate::wire::Result {
                let odd = $crate::wire::Read::list(&mut self.$list, list)?;
                ::std::result::Result::Ok(odd.and_then(|odd| {
                    $crate::wire::keep_objects(&mut self.$extra, $list_wire, odd)
                }))
            })?
        }

        impl $crate::wire::Object for $type {
            #[inline]
            fn field(&mut self, name: &str) -> ::std::option::Option<&mut dyn $crate::wire::Read> {
                let field: &mut dyn $crate::wire::Read = match name.len() {
                    $($length => match name {
                        $($wire => &mut self.$field,)*
                        _ => return ::std::option::Option::None,
                    },)*
                    _ => return ::std::option::Option::None,
                };
                ::std::option::Option::Some(field)
            }

            #[inline]
            fn extra(&mut self) -> &mut ::serde_json::Map<::std::string::String, ::serde_json::Value> {
                &mut self.$extra
            }

            $(#[inline]
            fn trim(&mut self) {
                $($crate::wire::Trim::trim(&mut self.$trimmed);)+
            })?

            $($crate::wire::object!(@value $($required)+);)?
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
