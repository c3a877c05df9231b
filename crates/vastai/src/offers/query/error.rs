//! What is wrong with a query, and where.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// What is wrong with a query. In words it shows the query with a mark under the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    query: String,
    at: usize,
    message: String,
}

impl QueryError {
    /// `at` is a place in bytes.
    pub(super) fn new(query: &str, at: usize, message: impl Into<String>) -> Self {
        Self { query: query.to_owned(), at, message: message.into() }
    }

    /// The character that is wrong, counted from 0; the length of the query where its end is.
    #[must_use]
    pub fn position(&self) -> usize {
        self.query.get(..self.at).unwrap_or(&self.query).chars().count()
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The mark stands under its character only on one line, and only where every character has its place.
        let line: String =
            self.query.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        write!(formatter, "{}\n  {line}\n  {:width$}^", self.message, "", width = self.position())
    }
}

impl std::error::Error for QueryError {}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        Self::new(ErrorKind::InvalidRequest, error.to_string()).with_source(error)
    }
}
