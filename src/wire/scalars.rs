//! Numbers, strings, true and false.

use super::notes::may_be_rounded;
use super::{FromWire, Kind, Misfit, Read, odd};
use crate::{Secret, Timestamp, number};

impl FromWire for bool {
    const KIND: Kind = Kind::Boolean;

    fn empty() -> Self {
        false
    }
}

/// True and false also come as 1 and 0.
impl Read for bool {
    fn boolean(&mut self, value: bool) -> Misfit {
        *self = value;
        None
    }

    fn integer(&mut self, value: i64) -> Misfit {
        match value {
            0 | 1 => {
                *self = value == 1;
                None
            }
            _ => odd(value),
        }
    }
}

impl FromWire for f64 {
    const KIND: Kind = Kind::Number;

    fn empty() -> Self {
        0.0
    }
}

/// Numbers also come as strings.
impl Read for f64 {
    #[allow(clippy::cast_precision_loss, reason = "as any decoder of a double does")]
    fn integer(&mut self, value: i64) -> Misfit {
        *self = value as f64;
        None
    }

    #[allow(clippy::cast_precision_loss, reason = "as any decoder of a double does")]
    fn unsigned(&mut self, value: u64) -> Misfit {
        *self = value as f64;
        None
    }

    fn float(&mut self, value: f64) -> Misfit {
        *self = value;
        None
    }

    fn text(&mut self, value: &str) -> Misfit {
        match value.trim().parse() {
            Ok(number) if f64::is_finite(number) => {
                *self = number;
                None
            }
            _ => odd(value),
        }
    }
}

impl FromWire for i64 {
    const KIND: Kind = Kind::Number;

    fn empty() -> Self {
        0
    }
}

/// Integers also come as strings, and with a fraction of zero. One that would have to be rounded is none.
impl Read for i64 {
    fn integer(&mut self, value: i64) -> Misfit {
        *self = value;
        None
    }

    fn float(&mut self, value: f64) -> Misfit {
        match number::exact_integer_of_float(value) {
            Some(exact) => {
                *self = exact;
                None
            }
            None => {
                note_if_rounded(value);
                odd(value)
            }
        }
    }

    fn text(&mut self, value: &str) -> Misfit {
        match number::exact_integer(value) {
            Some(exact) => {
                *self = exact;
                None
            }
            None => odd(value),
        }
    }
}

impl FromWire for String {
    const KIND: Kind = Kind::Text;

    fn empty() -> Self {
        Self::new()
    }
}

impl Read for String {
    fn text(&mut self, value: &str) -> Misfit {
        *self = value.to_owned();
        None
    }
}

impl FromWire for Secret {
    const KIND: Kind = Kind::Text;

    fn empty() -> Self {
        Self::default()
    }
}

impl Read for Secret {
    fn text(&mut self, value: &str) -> Misfit {
        *self = Self::from(value);
        None
    }
}

impl FromWire for Timestamp {
    const KIND: Kind = Kind::Number;

    fn empty() -> Self {
        Self::default()
    }
}

/// As the number that it holds.
impl Read for Timestamp {
    fn integer(&mut self, value: i64) -> Misfit {
        self.place().integer(value)
    }

    fn unsigned(&mut self, value: u64) -> Misfit {
        self.place().unsigned(value)
    }

    fn float(&mut self, value: f64) -> Misfit {
        self.place().float(value)
    }

    fn text(&mut self, value: &str) -> Misfit {
        self.place().text(value)
    }
}

/// From here on the digits that were sent may not be those of the float.
pub(super) fn note_if_rounded(value: f64) {
    if value.abs() >= number::FIRST_ROUNDED {
        may_be_rounded();
    }
}
