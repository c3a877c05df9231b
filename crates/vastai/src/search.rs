//! What the searches of the market have in common: what they send unless told otherwise, as the operations table has it.

use serde_json::{Map, Value, json};
use vastai_api::Operation;

use crate::paging::Direction;

/// The default conditions of a search on fields that it does not mention, as the service takes them. What steers the search is none.
pub(crate) fn default_conditions(
    operation: &Operation,
    steering: &[&str],
    mentioned: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    let defaults = operation.parameters.iter().filter_map(|it| Some((it.name, it.default?)));
    defaults
        .filter(|(name, _)| !steering.contains(name) && !mentioned(name))
        .map(|(name, default)| (name.to_owned(), default.value()))
        .collect()
}

/// The order of a search: the one that is given, else the default.
pub(crate) fn written_order(operation: &Operation, order: &[(String, Direction)]) -> Option<(String, Value)> {
    let given: Vec<Value> =
        order.iter().map(|(field, direction)| json!([field, direction.as_str()])).collect();
    let order = if given.is_empty() { operation.default_of("order")?.value() } else { Value::Array(given) };
    Some(("order".to_owned(), order))
}

/// The size that a search quotes prices for: the one that is given, else the default.
pub(crate) fn storage(operation: &Operation, gigabytes: Option<f64>) -> Option<(String, Value)> {
    const NAME: &str = "allocated_storage";
    let default = || Some(operation.default_of(NAME)?.value());
    Some((NAME.to_owned(), gigabytes.map(Value::from).or_else(default)?))
}
