//! Workergroups: the search by which their workers are rented.

use vastai::Client;

use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

/// What the official client adds to every search of a workergroup.
pub(super) const DEFAULT: &str = "verified=True rentable=True rented=False";

/// The search, which is sent whether it is said or not: an update sets it back to the default.
pub(super) fn search_params(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let said_params = said.word("--search_params").unwrap_or_default();
    let params = match (said.has("--no-default"), said_params.is_empty()) {
        (true, _) => said_params.to_owned(),
        (false, true) => DEFAULT.to_owned(),
        // Said already: twice is the same.
        (false, false) if said_params.ends_with(DEFAULT) => said_params.to_owned(),
        (false, false) => format!("{said_params} {DEFAULT}"),
    };
    request.set("search_params", params);
    Ok(())
}
