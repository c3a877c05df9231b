//! The list of instances.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Service;
use super::filter::{Filters, order};
use super::page::{self, parameter};
use super::refusal::Refusal;
use crate::record::RecordedRequest;
use crate::state::LiveInstance;

/// The most instances on a page, and how many there are if the request does not say.
const PAGE: usize = 25;
/// The instances on a page if the request asks for none or fewer.
const SMALL_PAGE: usize = 5;

/// Columns that are computed, and which cannot be searched by.
const COMPUTED: [&str; 4] = ["dph_total", "num_gpus", "duration", "uptime_mins"];

/// A page of instances.
pub(super) fn page(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let limit = match parameter(request, "limit") {
        None => PAGE,
        Some(limit) => page_size(&limit)?,
    };
    let filters = json_parameter(request, "select_filters", Value::is_object)?;
    let filters = filters.as_object();
    if let Some(computed) = filters.and_then(|it| it.keys().find(|name| COMPUTED.contains(&name.as_str()))) {
        return Err(invalid(format!("select_filters: {computed} is computed and cannot be searched by.")));
    }
    let order_by = json_parameter(request, "order_by", Value::is_array)?;
    let columns = json_parameter(request, "select_cols", Value::is_array)?;
    let columns: Vec<&str> = columns.as_array().into_iter().flatten().filter_map(Value::as_str).collect();

    let now = service.state.now();
    let filters = Filters::of(filters.into_iter().flatten())?;
    let mut all: Vec<&LiveInstance> = service.state.instances().collect();
    if !filters.is_empty() {
        all.retain(|instance| filters.let_through(&instance.json_fields(now)));
    }
    for key in order_by.as_array().into_iter().flatten().rev() {
        let part = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
        let (column, falling) = (part("col"), part("dir") == "desc");
        let mut listed: Vec<_> =
            all.into_iter().map(|instance| (instance.json_fields(now), instance)).collect();
        listed.sort_by(|(one, _), (other, _)| order(one, other, column, falling));
        all = listed.into_iter().map(|(_, instance)| instance).collect();
    }
    let mut label_counts: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in &all {
        *label_counts.entry(instance.label()).or_default() += 1;
    }
    let page = page::page(&all, LiveInstance::id, limit, request)?;
    let shown = page.items.iter().map(|instance| selected(instance.json_fields(now), &columns));
    Ok(json!({
        "success": true,
        "instances_found": page.items.len(),
        "total_instances": all.len(),
        "label_counts": label_counts,
        "next_token": page.next_token,
        "instances": shown.collect::<Vec<_>>(),
    }))
}

/// The columns that were asked for; all without any or with `*`. One that does not exist is null.
fn selected(instance: Map<String, Value>, columns: &[&str]) -> Value {
    if columns.is_empty() || columns.contains(&"*") {
        return instance.into();
    }
    let value = |name: &str| instance.get(name).cloned().unwrap_or_default();
    Value::Object(columns.iter().map(|&name| (name.to_owned(), value(name))).collect())
}

/// The JSON of a parameter in the query, which is to be of a kind; null without it.
fn json_parameter(
    request: &RecordedRequest,
    name: &str,
    is_it: impl Fn(&Value) -> bool,
) -> Result<Value, Refusal> {
    let Some(text) = parameter(request, name) else { return Ok(Value::Null) };
    let value = serde_json::from_str(&text).ok().filter(|value| is_it(value));
    value.ok_or_else(|| invalid(format!("{name} is not the JSON that it should be: {text}")))
}

fn invalid(msg: String) -> Refusal {
    Refusal::Invalid { error: "invalid_request", msg }
}

fn page_size(limit: &str) -> Result<usize, Refusal> {
    let msg = || format!("limit is not an integer: {limit}");
    let limit: i64 = limit.parse().map_err(|_| Refusal::Invalid { error: "invalid_request", msg: msg() })?;
    Ok(if limit <= 0 { SMALL_PAGE } else { usize::try_from(limit).map_or(PAGE, |limit| limit.min(PAGE)) })
}
