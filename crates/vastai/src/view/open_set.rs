//! Words of which the service knows more than any list.

/// Makes an enum of the words that are known, and of all others: how it is read (without regard to case), written and shown.
///
/// `"" = Variant` says what nothing at all means; without it, that is a word like any other.
macro_rules! open_set {
    (
        $(#[$meta:meta])*
        $name:ident {
            $("" = $nothing:ident,)?
            $($(#[$doc:meta])* $variant:ident = $word:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// One that this crate does not know, as it came.
            Other(String),
        }

        impl $name {
            /// The word as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            /// Without regard to case.
            fn from(word: &str) -> Self {
                match word.trim() {
                    $("" => Self::$nothing,)?
                    $(word if word.eq_ignore_ascii_case($word) => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let word = Option::<String>::deserialize(deserializer)?;
                Ok(Self::from(word.as_deref().unwrap_or_default()))
            }
        }
    };
}

pub(crate) use open_set;
