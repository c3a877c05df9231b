//! Searching offers.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::filter::{Filters, order};
use super::refusal::Refusal;

/// Fields of the search that are not filters.
pub(super) const STEERING: [&str; 5] = ["limit", "type", "order", "allocated_storage", "disable_bundling"];

/// The most offers in a response, whatever limit is asked for.
const MOST: usize = 64;

pub(super) fn search(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(json!({ "success": true, "offers": found(service, &call.body()?)? }))
}

/// The newer search, which has the filters in a field of their own.
pub(super) fn search_asks(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    Ok(json!({ "success": true, "offers": found(service, body.get("q").unwrap_or(&Value::Null))? }))
}

/// The offers that a search finds, in its order.
pub(super) fn found(service: &Service, body: &Value) -> Result<Vec<Map<String, Value>>, Refusal> {
    let empty = Map::new();
    let search = body.as_object().unwrap_or(&empty);
    let filters = search.iter().filter(|(column, _)| !STEERING.contains(&column.as_str()));
    let filters = Filters::of(filters)?;
    let mut found: Vec<Map<String, Value>> = service.state.offers().map(|offer| offer.to_json()).collect();
    found.retain(|offer| filters.let_through(offer));
    if search.contains_key("id") {
        // As the service has it: an offer goes by its `ask_contract_id` here.
        found.clear();
    }
    for key in search.get("order").and_then(Value::as_array).into_iter().flatten().rev() {
        let part = |at: usize| key.get(at).and_then(Value::as_str).unwrap_or_default();
        found.sort_by(|one, other| order(one, other, part(0), part(1) == "desc"));
    }
    let limit = search.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    found.truncate(limit.unwrap_or(MOST).min(MOST));
    Ok(found)
}
