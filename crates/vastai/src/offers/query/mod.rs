//! The query language of the official command line: `gpu_name=RTX_4090 num_gpus>=2 dph<1.5`.

mod parser;
mod values;

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};
use crate::filter::Condition;

/// A query in the language of the official command line, as it is on the wire.
///
/// A query is comparisons with spaces between them, all of which must hold. A comparison is a field, an operator and a value:
///
/// - Fields go by the names of the wire or by those of the official command line: `dph` for `dph_total`, `cuda_vers` for `cuda_max_good`,
///   `dlperf_usd`, `flops_usd`, `display_active`.
/// - Operators are `=` or `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `notin`, and in words `eq`, `neq`, `lt`, `lte`, `gt`, `gte`, `not in`, `nin`,
///   `not eq`.
/// - Memory is in GB and `duration` in days; a driver's version is written `535.86.05`.
/// - In strings an underscore stands for a space. A string may stand in double quotes; in single quotes it is taken as it is, with `\'` for a
///   quote and `\\` for a backslash.
/// - A list stands in brackets: `geolocation in [SE,NO]`. `any` or `*` lets a field have any value, and so drops its default.
///
/// ```
/// let query: vastai::offers::Query = "gpu_name=RTX_4090 num_gpus>=2 gpu_ram>=24 dph<1.5".parse()?;
/// assert_eq!(query.to_string(), "gpu_name=RTX_4090 num_gpus>=2 gpu_ram>=24 dph_total<1.5");
///
/// let error = "num_gpus=>2".parse::<vastai::offers::Query>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`=>` is not an operator; operators are =, !=, <, <=, >, >=, in, notin\n  num_gpus=>2\n          ^"
/// );
/// # Ok::<(), vastai::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query(Vec<Term>);

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
enum Term {
    Condition(Condition),
    /// The field may have any value.
    Any(&'static str),
}

impl Query {
    /// The conditions, in the units of the wire.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter().filter_map(|term| match term {
            Term::Condition(condition) => Some(condition),
            Term::Any(_) => None,
        })
    }

    /// The fields that may have any value, also where a search has a default for them.
    pub fn any_value(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|term| match term {
            Term::Any(field) => Some(*field),
            Term::Condition(_) => None,
        })
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(query: &str) -> Result<Self, QueryError> {
        parser::parse(query).map(Self)
    }
}

impl fmt::Display for Query {
    /// A query that is read as the same.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" ")?;
            }
            match term {
                Term::Condition(condition) => values::print(condition, formatter)?,
                Term::Any(field) => write!(formatter, "{field}=any")?,
            }
        }
        Ok(())
    }
}

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
