//! Why an input is not a document, and where in it.

use std::fmt;

use serde::Serialize;

use crate::visible::in_one_line;

/// A place in the input. Line and column are counted from one, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The place behind a string.
    pub(super) fn behind(text: &str) -> Self {
        let line_begins = text.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: text.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: text[line_begins..].chars().count() + 1,
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::START
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    name: String,
    place: Option<Place>,
    message: String,
}

impl LoadError {
    pub(super) fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), place: None, message: message.into() }
    }

    pub(super) fn at(name: &str, place: Place, message: impl Into<String>) -> Self {
        Self { place: Some(place), ..Self::new(name, message) }
    }

    /// The place of the fault, where it has one.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.place
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, message) = (in_one_line(&self.name), in_one_line(&self.message));
        match self.place {
            Some(place) => write!(formatter, "{name}:{place}: {message}"),
            None => write!(formatter, "{name}: {message}"),
        }
    }
}

impl std::error::Error for LoadError {}
