//! What there is on the market: models of GPUs, and what machines have been measured to do.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::filter::{Filters, order};
use super::page::{page, parameter};
use super::refusal::Refusal;

/// The most benchmarks on a page.
const PAGE: usize = 100;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "showGpuNames" => Ok(json!({ "gpu_names": models(service).into_keys().collect::<Vec<_>>() })),
        "showGpuTypes" => Ok(types(service)),
        "searchBenchmarks" => benchmarks(service, call),
        _ => return None,
    })
}

/// The models of the offers, with their memory in MB.
fn models(service: &Service) -> BTreeMap<String, Value> {
    let offers = service.state.offers().map(|offer| offer.to_json());
    let models = offers.filter_map(|offer| {
        Some((offer.get("gpu_name")?.as_str()?.to_owned(), offer.get("gpu_ram").cloned().unwrap_or_default()))
    });
    models.collect()
}

fn types(service: &Service) -> Value {
    let types = models(service).into_iter();
    let types: Vec<Value> =
        types.map(|(name, memory)| json!({ "canonical_name": name, "gpu_ram_mb": memory })).collect();
    json!({ "gpu_types": types })
}

fn benchmarks(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let json_of = |name: &str, default: &str| -> Result<Value, Refusal> {
        let text = parameter(call.request, name).unwrap_or_else(|| default.into());
        serde_json::from_str(&text)
            .map_err(|error| Refusal::invalid_args(format!("{name} is not JSON: {error}")))
    };
    let filters = json_of("select_filters", "{}")?;
    let empty = Map::new();
    let filters = Filters::of(filters.as_object().unwrap_or(&empty))?;
    let mut found: Vec<&Map<String, Value>> =
        service.state.account.benchmarks.iter().filter_map(Value::as_object).collect();
    found.retain(|benchmark| filters.let_through(benchmark));
    for key in json_of("order_by", "[]")?.as_array().into_iter().flatten().rev() {
        let part = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
        found.sort_by(|one, other| order(one, other, part("col"), part("dir") == "desc"));
    }
    let limit = match parameter(call.request, "limit").map(|limit| limit.parse::<usize>()) {
        None => PAGE,
        Some(Ok(limit)) if limit > 0 => limit.min(PAGE),
        Some(_) => return Err(Refusal::invalid_args("limit is not a positive integer.")),
    };
    let id = |benchmark: &Map<String, Value>| benchmark.get("id").and_then(Value::as_u64).unwrap_or_default();
    let page = page(&found, id, limit, call.request)?;
    Ok(json!({ "success": true, "benchmarks": page.items, "next_token": page.next_token }))
}
