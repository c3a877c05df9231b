//! The operations of the console.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Service, page};
use crate::record::RecordedRequest;
use crate::state::{LiveEndpoint, LiveInstance};

/// The most instances on a page, and how many there are if the request does not say.
const PAGE: usize = 25;
/// The instances on a page if the request asks for none or fewer.
const SMALL_PAGE: usize = 5;

pub(super) fn endpoints(service: &Service) -> Result<Value, Refusal> {
    let results: Vec<Value> = service.state.endpoints().map(LiveEndpoint::to_json).collect();
    Ok(json!({ "success": true, "results": results }))
}

pub(super) fn instances(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    let limit = match page::parameter(request, "limit") {
        None => PAGE,
        Some(limit) => page_size(&limit)?,
    };
    let all: Vec<&LiveInstance> = service.state.instances().collect();
    let page = page::page(&all, LiveInstance::id, limit, request)?;
    let mut label_counts: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in &all {
        *label_counts.entry(instance.label()).or_default() += 1;
    }
    let now = service.state.now();
    Ok(json!({
        "success": true,
        "instances_found": page.items.len(),
        "total_instances": all.len(),
        "label_counts": label_counts,
        "next_token": page.next_token,
        "instances": page.items.iter().map(|instance| instance.to_json(now)).collect::<Vec<_>>(),
    }))
}

fn page_size(limit: &str) -> Result<usize, Refusal> {
    let msg = || format!("limit is not an integer: {limit}");
    let limit: i64 = limit.parse().map_err(|_| Refusal::Invalid { error: "invalid_request", msg: msg() })?;
    Ok(if limit <= 0 { SMALL_PAGE } else { usize::try_from(limit).map_or(PAGE, |limit| limit.min(PAGE)) })
}
