//! Words of which the service knows more than any list.

/// Names the words of an enum whose other words are `Other`: `open_enum!(Type { "" = Unknown; Running = "running", … })`. Words are read
/// without regard to case. `"" = Variant;` says what an empty string means; without it, that is a word like any other.
#[allow(unused_macros, reason = "a document may have no such set")]
macro_rules! open_enum {
    ($name:ident { $("" = $nothing:ident;)? $($variant:ident = $word:literal,)* }) => {
        impl $name {
            /// The word as the service writes it.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            /// Without regard to case.
            #[inline]
            fn from(word: &str) -> Self {
                match word.trim() {
                    $("" => Self::$nothing,)?
                    $(known if known.eq_ignore_ascii_case($word) => Self::$variant,)*
                    _ => Self::Other(word.to_owned()),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl $crate::wire::FromWire for $name {
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Text;

            #[inline]
            fn empty() -> Self {
                Self::Other(::std::string::String::new())
            }
        }

        impl $crate::wire::Read for $name {
            #[inline]
            fn text(&mut self, value: &str) -> $crate::wire::Misfit {
                *self = Self::from(value);
                ::std::option::Option::None
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::whole(deserializer)
            }
        }
    };
}

pub(crate) use open_enum;
