//! Typed views of what the service sends.
//!
//! The facade compiles with any document, so its types are none of the generated ones. A view names the members that programs ask
//! for, each of which the service may leave out, and keeps what it does not name in `extra`.

mod open_set;
mod read;

use serde_json::Value;
pub(crate) use vastai_api::Shown;

pub(crate) use open_set::open_set;
pub(crate) use read::{flag, integer, members, number, take, take_id, text, trimmed};

/// Makes a view: a struct, and how it is read and written.
///
/// `Name ("what it is called", id "what the id is")` is for things that are nothing without their id; the second part may be left out.
/// Each field says how it is read: a function from a value, which gives `None` for what it does not understand. `as` names the member where
/// the field cannot be called like it.
macro_rules! view {
    (
        $(#[$meta:meta])*
        $name:ident ($what:literal $(, $id:ident $id_doc:literal)?) {
            $($(#[$doc:meta])* $field:ident: $type:ty = $read:ident $(as $wire:literal)?,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $(#[doc = $id_doc] pub $id: i64,)?
            $($(#[$doc])* $(#[serde(rename = $wire)])? pub $field: Option<$type>,)*
            /// What else came: members without a name here, and values that are not of their member's type. `Debug` leaves out what may
            /// be secret.
            #[serde(flatten)]
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            /// The view of a value, or what is wrong with it.
            pub(crate) fn from_value(value: serde_json::Value) -> std::result::Result<Self, String> {
                let serde_json::Value::Object(mut members) = value else {
                    return Err(format!("is no object but {}", $crate::view::kind_of(&value)));
                };
                let members = &mut members;
                Ok(Self {
                    $($id: $crate::view::take_id(members)?,)?
                    $($field: {
                        let name = [$($wire,)? stringify!($field)][0];
                        $crate::view::take(members, name, $read)
                    },)*
                    extra: std::mem::take(members),
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                Self::from_value(value).map_err(|why| serde::de::Error::custom(format!("the {} {why}", $what)))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = formatter.debug_struct(stringify!($name));
                $(shown.field(stringify!($id), &self.$id);)?
                $(shown.field(stringify!($field), &self.$field);)*
                shown.field("extra", &$crate::view::Shown(&self.extra)).finish()
            }
        }
    };
}

pub(crate) use view;

/// What kind of JSON a value is, for an error that must not repeat the value.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
