//! Numbers that the service also sends as texts.

use std::fmt;
use std::ops::Deref;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A number that the service sends as a number or as a text that holds one. It is used like the `f64` that it holds.
///
/// ```
/// let load: vastai_api::WireNumber = serde_json::from_str("\"12.5\"")?;
/// assert_eq!(*load, 12.5);
/// assert_eq!(serde_json::to_string(&load)?, "12.5");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct WireNumber(pub f64);

/// A whole number that the service sends as a number, with or without a fraction of zero, or as a text that holds one. It is used like
/// the `i64` that it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct WireInteger(pub i64);

macro_rules! like_what_it_holds {
    ($wire:ident, $held:ident) => {
        impl Deref for $wire {
            type Target = $held;

            fn deref(&self) -> &$held {
                &self.0
            }
        }

        impl From<$held> for $wire {
            fn from(held: $held) -> Self {
                Self(held)
            }
        }

        impl From<$wire> for $held {
            fn from(wire: $wire) -> Self {
                wire.0
            }
        }

        impl fmt::Display for $wire {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

like_what_it_holds!(WireNumber, f64);
like_what_it_holds!(WireInteger, i64);

impl<'de> Deserialize<'de> for WireNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsNumber;

        impl Visitor<'_> for AsNumber {
            type Value = WireNumber;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number, or a text that holds one")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<WireNumber, E> {
                Ok(WireNumber(number))
            }

            #[allow(clippy::cast_precision_loss, reason = "as any decoder of a double does")]
            fn visit_i64<E: Error>(self, number: i64) -> Result<WireNumber, E> {
                Ok(WireNumber(number as f64))
            }

            #[allow(clippy::cast_precision_loss, reason = "as any decoder of a double does")]
            fn visit_u64<E: Error>(self, number: u64) -> Result<WireNumber, E> {
                Ok(WireNumber(number as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<WireNumber, E> {
                let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
                number.map(WireNumber).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(AsNumber)
    }
}

impl<'de> Deserialize<'de> for WireInteger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsInteger;

        impl Visitor<'_> for AsInteger {
            type Value = WireInteger;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a whole number, or a text that holds one")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<WireInteger, E> {
                Ok(WireInteger(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<WireInteger, E> {
                let number = i64::try_from(number)
                    .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
                Ok(WireInteger(number))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<WireInteger, E> {
                /// Up to here every whole number has a double of its own.
                const EXACT: f64 = 9_007_199_254_740_992.0;
                if number.fract() != 0.0 || number.abs() > EXACT {
                    return Err(E::invalid_value(Unexpected::Float(number), &self));
                }
                #[allow(
                    clippy::cast_possible_truncation,
                    reason = "checked: whole and within the exact range"
                )]
                Ok(WireInteger(number as i64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<WireInteger, E> {
                let number = text.trim().parse();
                number.map(WireInteger).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(AsInteger)
    }
}
