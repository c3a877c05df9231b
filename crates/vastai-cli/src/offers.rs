//! The query of a search for offers, which stands beside the parameters of the operation.

use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Map, Value};
use vastai::{Client, Query, QueryError};
use vastai_api::Operation;

use crate::arguments::wrapped;

/// The argument's id. It has no dot, so it is none of a parameter's.
const QUERY: &str = "query";

const HELP: &str = "What to search for, in the query language of the official command line: comparisons such as gpu_name=RTX_4090, \
                    num_gpus>=2, dph<1.5 or geolocation in [SE,NO], all of which must hold. Memory is in GB, duration in days. With a query, \
                    verified=true external=false rentable=true rented=false hold unless it says otherwise, and the best score comes first";

/// Whether an operation is the search that takes a query.
pub(crate) fn takes_query(operation: &Operation) -> bool {
    operation.id == "searchOffers"
}

/// The query as clap knows it, its help in lines of this width.
pub(crate) fn arg(width: usize) -> Arg {
    Arg::new(QUERY).value_name("QUERY").num_args(0..).action(ArgAction::Append).help(wrapped(HELP, width, ""))
}

/// The query of a command line. Words that the shell has split are one.
pub(crate) fn given(matches: &ArgMatches) -> Result<Option<String>, QueryError> {
    let Some(words) = matches.get_many::<String>(QUERY) else { return Ok(None) };
    let query = words.map(String::as_str).collect::<Vec<_>>().join(" ");
    query.parse::<Query>()?;
    Ok(Some(query))
}

/// What a search with this query sends.
pub(crate) fn body(client: &Client, query: &str) -> vastai::Result<Map<String, Value>> {
    client.offers().query(query)?.body()
}
