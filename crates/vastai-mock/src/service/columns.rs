//! The names of the fields that lists are filtered and sorted by: one that does not exist is refused, as the service does it.

use serde_json::{Map, Value};

use super::page::parameter;
use super::refusal::Refusal;
use super::{Service, offers};
use crate::document::Known;
use crate::record::RecordedRequest;

/// Fields of an operation that its document does not name: those by which the official clients search, and those that are for filters and
/// orders alone.
const BESIDE: [(&str, &[&str]); 5] = [
    (
        "searchOffers",
        &[
            "ask_contract_id",
            "avail_vol_ask_id",
            "avail_vol_dph",
            "avail_vol_size",
            "bundled_results",
            "cluster_id",
            "credit_discount_max",
            "driver_vers",
            "expected_reliability",
            "geolocode",
            "gpu_display_active",
            "gpu_ids",
            "gpu_lanes",
            "gpu_max_power",
            "gpu_max_temp",
            "has_avx",
            "hostname",
            "is_vm_deverified",
            "os_version",
            "reliability_mult",
            "resource_type",
            "ubuntu_version",
            "vericode",
            "vram_costperhour",
        ],
    ),
    (
        "searchVolumes",
        &["ask_contract_id", "hosting_type", "inet_down_cost", "inet_up_cost", "nw_disk_avg_bw", "score"],
    ),
    ("searchTemplates", &["default_tag", "docker_login_repo", "recent_create_date", "recommended"]),
    ("showInvoices", &["amount_cents", "paid_on", "service", "when"]),
    ("showCharges", &["day", "type"]),
];

/// Refuses a request that filters or sorts by what is not a field of the things that its operation lists.
pub(super) fn check(service: &Service, operation: &Known, request: &RecordedRequest) -> Result<(), Refusal> {
    let is_search = matches!(operation.id.as_str(), "searchOffers" | "searchVolumes");
    let body = if is_search { request.json().unwrap_or_default() } else { Value::Null };
    let names = in_query(request).into_iter().chain(in_body(&body));
    for (place, name) in names {
        if !is_known(service, operation, &name) {
            return Err(Refusal::not_as_documented(format!("{place}: there is no field {name}")));
        }
    }
    Ok(())
}

fn is_known(service: &Service, operation: &Known, name: &str) -> bool {
    let beside = BESIDE.iter().find(|(id, _)| *id == operation.id).map(|(_, names)| *names);
    operation.columns.contains(name)
        || beside.is_some_and(|names| names.contains(&name))
        || present(service, &operation.id).iter().any(|thing| thing.contains_key(name))
}

/// The things that the simulated world has for an operation, which may have fields of a test's own.
fn present(service: &Service, operation: &str) -> Vec<Map<String, Value>> {
    let state = &service.state;
    match operation {
        "searchOffers" => state.offers().map(|offer| offer.to_json()).collect(),
        "showInstances" => state.instances().map(|instance| instance.json_fields(state.now())).collect(),
        "searchTemplates" => state.account.templates.iter().filter_map(Value::as_object).cloned().collect(),
        _ => Vec::new(),
    }
}

/// The fields that the parameters of a list name, each with the parameter. What is not the JSON that it should be is for others to refuse.
fn in_query(request: &RecordedRequest) -> Vec<(&'static str, String)> {
    let json = |name| parameter(request, name).and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let mut names = Vec::new();
    for name in json("select_filters").iter().filter_map(Value::as_object).flat_map(Map::keys) {
        names.push(("query: select_filters", name.clone()));
    }
    match json("order_by") {
        Some(Value::Array(keys)) => {
            let columns = keys.iter().filter_map(|key| key.get("col")?.as_str());
            names.extend(columns.map(|column| ("query: order_by", column.to_owned())));
        }
        Some(_) => {}
        // A column alone, as templates are sorted.
        None => names.extend(parameter(request, "order_by").map(|it| ("query: order_by", it.into_owned()))),
    }
    names
}

/// The fields that the body of a search names.
fn in_body(search: &Value) -> Vec<(&'static str, String)> {
    let filters = search.as_object().into_iter().flat_map(Map::keys);
    let filters = filters.filter(|name| !offers::STEERING.contains(&name.as_str()));
    let mut names: Vec<_> = filters.map(|name| ("body", name.clone())).collect();
    let order = search.get("order").and_then(Value::as_array).into_iter().flatten();
    let columns = order.filter_map(|key| key.get(0)?.as_str());
    names.extend(columns.map(|column| ("body: order", column.to_owned())));
    names
}
