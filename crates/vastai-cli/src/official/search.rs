//! Searches in the official query language.

use serde_json::{Map, Value, json};
use vastai::filter::Condition;
use vastai::offers::{OfferKind, OfferSearch, Query};
use vastai::paging::Direction;
use vastai::{Client, Error};

use super::dates;
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

/// A search for offers.
pub(super) fn offers(said: &Said, client: &Client) -> Result<OfferSearch, Failure> {
    let refused = |error: Error| Failure::of_client(&error);
    let mut search = client.offers().query(&said.joined("QUERY")).map_err(refused)?;
    if said.has("--no-default") {
        search = search.unfiltered();
    }
    for (field, direction) in order(said)? {
        search = search.order_by(&field, direction);
    }
    if let Some(limit) = said.integer("--limit").filter(|limit| *limit > 0) {
        search = search.limit(limit.unsigned_abs());
    }
    if let Some(gigabytes) = said.number("--storage") {
        search = search.storage(gigabytes);
    }
    Ok(search.kind(kind(said)?))
}

/// For what kind of rental: the option that is said last.
fn kind(said: &Said) -> Result<OfferKind, Failure> {
    let kinds = said.given().filter_map(|(argument, words)| {
        Some(match (argument.name(), words.first().map(String::as_str)) {
            ("--type", Some("on-demand" | "ondemand")) | ("--on-demand", _) => Ok(OfferKind::OnDemand),
            ("--type", Some("bid" | "interruptible")) | ("--interruptible" | "--bid", _) => {
                Ok(OfferKind::Bid)
            }
            ("--type", Some("reserved")) | ("--reserved", _) => Ok(OfferKind::Reserved),
            ("--type", Some(other)) => Err(Failure::usage(format!(
                "invalid value '{other}' for '--type': one of on-demand, bid, reserved"
            ))),
            _ => return None,
        })
    });
    kinds.last().unwrap_or(Ok(OfferKind::OnDemand))
}

/// The order that is asked for: fields with commas between them, each with a dash behind it for the greatest first. The form of the service,
/// pairs of field and direction, is taken too.
pub(super) fn order(said: &Said) -> Result<Vec<(String, Direction)>, Failure> {
    let Some(written) = said.word("--order") else { return Ok(Vec::new()) };
    if written.trim_start().starts_with('[') {
        let pairs: Vec<(String, String)> = serde_json::from_str(written).map_err(|error| {
            Failure::usage(format!("--order is not a list of fields and directions: {error}"))
        })?;
        return pairs
            .into_iter()
            .map(|(field, direction)| match direction.as_str() {
                "asc" => Ok((field, Direction::Ascending)),
                "desc" => Ok((field, Direction::Descending)),
                other => Err(Failure::usage(format!("'{other}' in --order is neither asc nor desc"))),
            })
            .collect();
    }
    let fields = written.split(',').map(str::trim).filter(|field| !field.is_empty());
    Ok(fields
        .map(|field| match field.strip_suffix('-') {
            Some(field) => (field.to_owned(), Direction::Descending),
            None => (field.trim_end_matches('+').to_owned(), Direction::Ascending),
        })
        .collect())
}

/// A search for volumes: conditions as fields of the body, on top of the default ones.
pub(super) fn volumes(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    const DEFAULTS: [(&str, &str, bool); 2] = [("verified", "eq", true), ("external", "eq", false)];
    let query = read(said, "QUERY")?;
    let mut filters = Map::new();
    if !said.has("--no-default") {
        filters
            .extend(DEFAULTS.map(|(field, operator, value)| (field.to_owned(), json!({ operator: value }))));
        filters.insert("disk_space".to_owned(), json!({ "gte": 1 }));
    }
    for field in query.any_value() {
        filters.remove(field);
    }
    for condition in query.conditions() {
        add(&mut filters, &condition.field, condition.operator.as_str(), in_units_of_the_wire(condition));
    }
    for (field, condition) in filters {
        request.set(&field, condition);
    }
    let order: Vec<Value> = match order(said)? {
        none if none.is_empty() => vec![json!(["score", "desc"])],
        // The official client has its short names for fields in the order, and not in the query.
        order => {
            order.iter().map(|(field, direction)| json!([on_the_wire(field), direction.as_str()])).collect()
        }
    };
    request.set("order", order);
    Ok(())
}

/// A field's name on the wire, by that of the official client.
fn on_the_wire(field: &str) -> &str {
    match field {
        "cuda_vers" => "cuda_max_good",
        "display_active" => "gpu_display_active",
        "dlperf_usd" => "dlperf_per_dphtotal",
        "dph" => "dph_total",
        "flops_usd" => "flops_per_dphtotal",
        other => other,
    }
}

/// The search of another list: conditions as JSON in the query string.
pub(super) fn list(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    // These fields are compared with dates.
    const TIMES: [&str; 6] =
        ["created_at", "recent_create_date", "last_update", "when", "paid_on", "payment_expected"];
    let query = read(said, "QUERY")?;
    let mut filters = Map::new();
    for condition in query.conditions() {
        let value = match &condition.value {
            Value::String(date) if TIMES.contains(&condition.field.as_str()) => {
                dates::seconds(date).map_err(Failure::usage)?.into()
            }
            value => value.clone(),
        };
        add(&mut filters, &condition.field, condition.operator.as_str(), value);
    }
    // Our own flag stands above the query.
    if request.get("select_filters").is_none() {
        request.set("select_filters", Value::Object(filters).to_string());
    }
    Ok(())
}

/// The filters of a template or a launch: those of a search for offers, without what is not a filter.
pub(super) fn filters(client: &Client, query: &str, defaults: bool) -> Result<Map<String, Value>, Failure> {
    let mut search = client.offers().query(query).map_err(|error| Failure::of_client(&error))?;
    if !defaults {
        search = search.unfiltered();
    }
    let mut filters = search.body().map_err(|error| Failure::of_client(&error))?;
    for steering in ["order", "type", "allocated_storage"] {
        filters.remove(steering);
    }
    // What is rented is not rentable: the official client leaves it to that, and so does a template of its.
    if filters.get("rented") == Some(&json!({ "eq": false })) && !query.contains("rented") {
        filters.remove("rented");
    }
    Ok(filters)
}

fn read(said: &Said, name: &str) -> Result<Query, Failure> {
    Query::of_any_fields(&said.joined(name)).map_err(|error| {
        let (place, why) = (error.position() + 1, error.message());
        Failure::usage(format!("the query is wrong at its character {place}: {why}"))
    })
}

fn add(filters: &mut Map<String, Value>, field: &str, operator: &str, value: Value) {
    let of_field = filters.entry(field.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(of_field) = of_field {
        of_field.insert(operator.to_owned(), value);
    }
}

/// The value of a condition, whose memory is in GB and whose duration in days.
fn in_units_of_the_wire(condition: &Condition) -> Value {
    let times = match condition.field.as_str() {
        "cpu_ram" | "gpu_ram" | "gpu_total_ram" => 1_000.0,
        "duration" => dates::DAY,
        _ => return condition.value.clone(),
    };
    let one = |value: &Value| value.as_f64().map_or_else(|| value.clone(), |number| (number * times).into());
    match &condition.value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => one(value),
    }
}
