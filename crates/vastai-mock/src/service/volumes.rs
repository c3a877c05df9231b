//! Volumes and the offers that they are rented from: of single machines, and of network disks.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::clusters::no_such_disk;
use super::filter::{Filters, order};
use super::machines::present;
use super::offers::STEERING;
use super::page::parameter;
use super::refusal::Refusal;
use crate::state::{Store, network_volume, nodes, volume};

/// The size of a volume that is rented without one, in GB.
const SIZE: f64 = 15.0;
/// What volumes are offered for where nothing is said, in dollars a GB and month.
pub(super) const OFFERED_AT: f64 = 0.1;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "searchVolumes" => search(&service.state.account.volume_offers, call),
        "rentVolume" => rent(service, call),
        "listVolumes" => list(service, call),
        "deleteVolume" => delete(service, call),
        "cloneVolume" => clone(service, call),
        "offerVolume" => offer(service, call),
        "unlistVolume" => unlist(&mut service.state.account.volume_offers, call),
        "searchNetworkVolumes" => search(&service.state.account.host.network_offers, call),
        "createNetworkVolume" => rent_network(service, call),
        "offerNetworkVolume" => offer_network(service, call),
        "unlistNetworkVolume" => unlist(&mut service.state.account.host.network_offers, call),
        _ => return None,
    })
}

fn search(offers: &Store, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let empty = Map::new();
    let search = body.as_object().unwrap_or(&empty);
    let filters = Filters::of(search.iter().filter(|(column, _)| !STEERING.contains(&column.as_str())))?;
    let offers = offers.iter().filter_map(Value::as_object).cloned();
    let mut found: Vec<Map<String, Value>> = offers.filter(|offer| filters.let_through(offer)).collect();
    for key in search.get("order").and_then(Value::as_array).into_iter().flatten().rev() {
        let part = |at: usize| key.get(at).and_then(Value::as_str).unwrap_or_default();
        found.sort_by(|one, other| order(one, other, part(0), part(1) == "desc"));
    }
    let limit = search.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    found.truncate(limit.unwrap_or(usize::MAX));
    Ok(json!({ "offers": found }))
}

/// The response has the volume's name alone, as the service's.
fn rent(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let size = body.get("size").and_then(Value::as_f64).unwrap_or(SIZE);
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let offer = taken_of(&mut account.volume_offers, call.body_id("id")?, size)?;
    let rented = account.volumes.add(|id| named(volume(id, &offer["machine_id"], size, at), &body));
    Ok(json!({ "success": true, "volume_name": rented["label"] }))
}

fn rent_network(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let size = body.get("size").and_then(Value::as_f64).unwrap_or(SIZE);
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let offer = taken_of(&mut account.host.network_offers, call.body_id("id")?, size)?;
    let rented = account.volumes.add(|id| named(network_volume(id, &offer["cluster_id"], size, at), &body));
    Ok(json!({ "success": true, "volume_name": rented["label"] }))
}

fn clone(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (original, offer) = (call.body_id("src_id")?, call.body_id("dst_id")?);
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let own = account.volumes.get(original).ok_or_else(|| no_such_volume(original))?;
    let least = own["disk_space"].as_f64().unwrap_or_default();
    let size = call.body()?.get("size").and_then(Value::as_f64).unwrap_or(least);
    if size < least {
        return Err(Refusal::invalid_args(format!(
            "The volume {original} has {least} GB: size is too small."
        )));
    }
    let offer = taken_of(&mut account.volume_offers, offer, size)?;
    let copy = account.volumes.add(|id| volume(id, &offer["machine_id"], size, at));
    Ok(json!({ "success": true, "volume_name": copy["label"] }))
}

/// Takes space of an offer, which keeps what is left.
fn taken_of(offers: &mut Store, id: u64, size: f64) -> Result<&Value, Refusal> {
    let offer = offers.get_mut(id).ok_or_else(|| no_such_offer(id))?;
    let free = offer["disk_space"].as_f64().unwrap_or_default();
    if size > free {
        return Err(Refusal::invalid_args(format!("The offer {id} has {free} GB left.")));
    }
    offer["disk_space"] = json!(free - size);
    Ok(offer)
}

/// With the name that a request gives it.
fn named(mut volume: Value, body: &Value) -> Value {
    if let Some(name) = body.get("name").filter(|name| name.is_string()) {
        volume["label"] = name.clone();
    }
    volume
}

fn list(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let kind = parameter(call.request, "type");
    let is_meant = |volume: &Value| match kind.as_deref() {
        None | Some("all_volume") => Ok(true),
        Some("local_volume") => Ok(volume["cluster_id"].is_null()),
        Some("network_volume") => Ok(!volume["cluster_id"].is_null()),
        Some(other) => Err(Refusal::invalid_args(format!("type is no type of volumes: {other}"))),
    };
    let mut volumes = Vec::new();
    for volume in service.state.account.volumes.iter() {
        if is_meant(volume)? {
            volumes.push(volume);
        }
    }
    Ok(json!({ "volumes": volumes }))
}

fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = parameter(call.request, "id").and_then(|id| id.parse().ok()).unwrap_or_default();
    if service.state.account.volumes.remove(id) {
        Ok(json!({ "success": true }))
    } else {
        Err(no_such_volume(id))
    }
}

/// Offers the same of each machine. A second offer of a machine stands beside the first.
fn offer(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let machines = match body.get("machine").and_then(Value::as_u64) {
        Some(machine) => vec![machine],
        None => call.ids("machine")?,
    };
    machines.iter().try_for_each(|machine| present(service, *machine))?;
    let size = body.get("size").and_then(Value::as_f64).unwrap_or(SIZE);
    let price = body.get("price_disk").and_then(Value::as_f64).unwrap_or(OFFERED_AT);
    let account = &mut service.state.account;
    let ids: Vec<u64> = machines.iter().map(|machine| account.offer_volume(*machine, size, price)).collect();
    Ok(json!({ "success": true, "msg": format!("Offered volumes of {} machines.", ids.len()), "ids": ids }))
}

fn offer_network(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (disk_id, body) = (call.body_id("disk_id")?, call.body()?);
    let host = &mut service.state.account.host;
    let disk = host.disks.get(disk_id).ok_or_else(|| no_such_disk(disk_id))?;
    let machine = disk["machines"].as_object().and_then(|it| it.keys().next()?.parse::<u64>().ok());
    let is_in = |cluster: &Value| nodes(cluster).any(|node| Some(node) == machine);
    let cluster = host.clusters.find(is_in).map(|it| it["id"].clone()).unwrap_or_else(|| json!(0));
    let size = body.get("size").and_then(Value::as_f64).unwrap_or(SIZE);
    let price = body.get("price_disk").and_then(Value::as_f64).unwrap_or(OFFERED_AT);
    let id = host.offer_network_volume(&cluster, size, price);
    Ok(json!({ "success": true, "msg": format!("Offered network volume {id}."), "id": id }))
}

/// What is rented of it stays.
fn unlist(offers: &mut Store, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.body_id("id")?;
    if offers.remove(id) {
        Ok(json!({ "success": true, "msg": format!("Unlisted Volume {id}.") }))
    } else {
        Err(no_such_offer(id))
    }
}

fn no_such_offer(id: u64) -> Refusal {
    Refusal::NotFound { error: "no_such_ask", msg: format!("There is no offer of volumes {id}.") }
}

fn no_such_volume(id: u64) -> Refusal {
    Refusal::not_found(format!("There is no volume {id}."))
}
