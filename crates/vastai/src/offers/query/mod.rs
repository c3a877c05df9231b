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
pub struct Query {
    terms: Vec<Term>,
    fields: Fields,
}

/// Which fields a query is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Fields {
    /// Those of offers, each with its kind and unit.
    #[default]
    OfOffers,
    /// Whatever is named.
    Any,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
enum Term {
    Condition(Condition),
    /// The field may have any value.
    Any(String),
}

impl Query {
    /// A query about another list than that of offers, such as benchmarks or templates, in the same language. Fields go by their names on the
    /// wire, none is unknown, and none has a unit or a kind: a value is `true`, `false` or `null`, a number where it looks like one, else a
    /// string.
    ///
    /// ```
    /// let query = vastai::offers::Query::of_any_fields("count_created > 50 name=my_template")?;
    /// let values: Vec<String> = query.conditions().map(|condition| condition.value.to_string()).collect();
    /// assert_eq!(values, ["50", r#""my template""#]);
    /// # Ok::<(), vastai::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The place in the query that is wrong.
    pub fn of_any_fields(query: &str) -> Result<Self, QueryError> {
        let fields = Fields::Any;
        parser::parse(query, fields).map(|terms| Self { terms, fields })
    }

    /// The conditions, in the units of the wire.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.terms.iter().filter_map(|term| match term {
            Term::Condition(condition) => Some(condition),
            Term::Any(_) => None,
        })
    }

    /// The fields that may have any value, also where a search has a default for them.
    pub fn any_value(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match term {
            Term::Any(field) => Some(field.as_str()),
            Term::Condition(_) => None,
        })
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(query: &str) -> Result<Self, QueryError> {
        let fields = Fields::OfOffers;
        parser::parse(query, fields).map(|terms| Self { terms, fields })
    }
}

impl fmt::Display for Query {
    /// A query that is read as the same.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" ")?;
            }
            match term {
                Term::Condition(condition) => values::print(condition, self.fields, formatter)?,
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
