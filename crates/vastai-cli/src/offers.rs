//! The search for offers: its query, an argument beside the parameters of the operation, and a note where the result may be cut off.

use clap::{Arg, ArgAction, ArgMatches};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use vastai::Client;
use vastai::offers::{OfferSearch, Query, QueryError};
use vastai_api::{Location, Operation, Parameter, ValueKind};

use crate::arguments::wrapped;

/// The argument's id. It has no dot, so it is not the id of a parameter.
const QUERY: &str = "query";

const HELP: &str = "What to search for, in the query language of the official command line: comparisons such as gpu_name=RTX_4090, \
                    num_gpus>=2, dph<1.5 or geolocation in [SE,NO], all of which must hold. Memory is in GB, duration in days. The \
                    conditions verified=true external=false rentable=true rented=false hold unless it says otherwise. \
                    `vastai help search-query` says the rest, with all fields; each is a flag too";

/// Whether an operation is the search for offers, which takes a query.
pub(crate) fn is_search(operation: &Operation) -> bool {
    operation.id == "searchOffers"
}

/// The fields by which a search filters: a query is made of them, and there is a flag for each.
pub(crate) fn filters(operation: &'static Operation) -> impl Iterator<Item = &'static Parameter> {
    let is_filter = |parameter: &&Parameter| {
        parameter.location == Location::Body && parameter.kind == ValueKind::Json && parameter.name != "order"
    };
    operation.parameters.iter().filter(is_filter)
}

/// Whether a flag is one of a filter.
pub(crate) fn is_filter(operation: &'static Operation, flag: &str) -> bool {
    is_search(operation) && filters(operation).any(|parameter| parameter.name.replace('_', "-") == flag)
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

/// What a search with this query sends, with the default conditions or without.
pub(crate) fn body(client: &Client, query: &str, defaults: bool) -> vastai::Result<Map<String, Value>> {
    let search = client.offers().query(query)?;
    if defaults { search.body() } else { search.unfiltered().body() }
}

/// A note, if a search with this limit may have found more than it returned.
pub(crate) fn cut_off(limit: Option<u64>, response: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(default)]
        offers: Vec<IgnoredAny>,
    }
    const MOST: usize = OfferSearch::MAX_OFFERS;
    let found: Found = serde_json::from_slice(response).ok()?;
    let more_is_wanted = limit.is_none_or(|limit| usize::try_from(limit).map_or(true, |limit| limit > MOST));
    (found.offers.len() == MOST && more_is_wanted).then(|| {
        format!("the service returned {MOST} offers, the most that it does for one search; there may be more: narrow the query, or change --order")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_cut_off_at_the_most_that_the_service_returns() {
        let found = |count: usize| format!(r#"{{"offers": [{}]}}"#, vec!["{}"; count].join(","));
        let is_cut = |limit, count: usize| cut_off(limit, found(count).as_bytes()).is_some();
        assert!(is_cut(None, 64) && is_cut(Some(65), 64) && is_cut(Some(u64::MAX), 64));
        assert!(!is_cut(Some(64), 64) && !is_cut(Some(3), 3) && !is_cut(None, 63) && !is_cut(None, 65));
        assert_eq!((cut_off(None, b"[]"), cut_off(None, b""), cut_off(None, b"{}")), (None, None, None));
    }
}
