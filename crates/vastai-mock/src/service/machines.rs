//! The machines of a host: what they are offered for, their maintenance, and what runs on them while nobody rents them.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::page::parameter;
use super::refusal::Refusal;
use crate::state::{Offer, USER};

/// What a GPU costs where nothing is said, in dollars an hour.
const PRICE: f64 = 0.4;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "getMachines" => Ok(json!({ "machines": service.state.account.host.machines.list() })),
        "showMachine" => show(service, call),
        "deleteMachine" => delete(service, call),
        "listMachine" => list(service, call),
        "unlistMachine" => unlist(service, call),
        "setMinBid" => set_min_bid(service, call),
        "setDefjob" => set_default_job(service, call),
        "removeDefjob" => remove_default_job(service, call),
        "cleanupMachine" => clean_up(service, call),
        "defragMachines" => defragment(service, call),
        "showMaints" => maintenance(service, call),
        "scheduleMaint" => schedule(service, call),
        "cancelMaint" => cancel(service, call),
        "showReports" => machine(service, call).map(|_| json!([])),
        _ => return None,
    })
}

fn show(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    Ok(service.state.account.host.machines.get(id).into_iter().cloned().collect())
}

/// What is rented of a machine ends with it here, as nothing of the simulator is rented from the account's own machines.
fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    withdraw(service, id);
    service.state.account.host.remove_machine(id);
    Ok(json!({ "success": true, "msg": format!("Deleted machine {id}.") }))
}

/// Offers a machine: whoever searches for offers finds it from then on.
fn list(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let id = body.get("machine").and_then(Value::as_u64).unwrap_or_default();
    present(service, id)?;
    withdraw(service, id);
    let given = |name: &str| body.get(name).filter(|value| !value.is_null());
    let offer_id = service.state.new_offer_id();
    let host = &mut service.state.account.host;
    host.offers.insert(id, offer_id);
    let Some(machine) = host.machines.get_mut(id) else { return Err(no_such_machine(id)) };
    for (field, from) in [
        ("listed_gpu_cost", "price_gpu"),
        ("min_bid_price", "price_min_bid"),
        ("listed_inet_up_cost", "price_inetu"),
        ("listed_inet_down_cost", "price_inetd"),
        ("credit_discount_max", "credit_discount_max"),
        ("end_date", "end_date"),
        ("duration", "duration"),
    ] {
        if let Some(value) = given(from) {
            machine[field] = value.clone();
        }
    }
    machine["listed"] = json!(true);
    let gpus = machine["num_gpus"].as_u64().and_then(|gpus| u32::try_from(gpus).ok()).unwrap_or(1);
    let price = machine["listed_gpu_cost"].as_f64().unwrap_or(PRICE) * f64::from(gpus);
    let mut offer = Offer::new(offer_id).gpus(machine["gpu_name"].as_str().unwrap_or_default(), gpus);
    offer = offer.dph_total(price).field("machine_id", id).field("host_id", USER);
    if let Some(end) = given("end_date") {
        offer = offer.field("end_date", end.clone());
    }
    service.state.add_offer(offer);
    let space = given("vol_size").and_then(Value::as_f64).filter(|size| *size > 0.0);
    if let Some(space) = space {
        let price = given("vol_price").and_then(Value::as_f64).unwrap_or(super::volumes::OFFERED_AT);
        service.state.account.offer_volume(id, space, price);
    }
    Ok(json!({ "success": true, "extended": 0 }))
}

fn unlist(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    withdraw(service, id);
    if let Some(machine) = service.state.account.host.machines.get_mut(id) {
        (machine["listed"], machine["listed_gpu_cost"]) = (json!(false), Value::Null);
    }
    Ok(json!({ "success": true, "machine_id": id, "user_id": USER }))
}

/// Takes the offer of a machine off the market, if it has one.
fn withdraw(service: &mut Service, machine: u64) {
    if let Some(offer) = service.state.account.host.offers.remove(&machine) {
        service.state.remove_offer(offer);
    }
}

fn set_min_bid(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    let body = call.body()?;
    let price = body.get("price").filter(|price| price.is_number());
    let price = price.ok_or_else(|| Refusal::invalid_args("price is not a number."))?;
    if let Some(machine) = service.state.account.host.machines.get_mut(id) {
        machine["min_bid_price"] = price.clone();
    }
    Ok(json!({ "success": true, "you_sent": body }))
}

fn set_default_job(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let id = body.get("machine").and_then(Value::as_u64).unwrap_or_default();
    present(service, id)?;
    service.state.account.host.default_jobs.insert(id, body.clone());
    Ok(json!({ "success": true, "machine_id": id, "user_id": USER, "you_sent": body }))
}

fn remove_default_job(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    match service.state.account.host.default_jobs.remove(&id) {
        Some(_) => Ok(json!({ "success": true, "machine_id": id, "user_id": USER })),
        None => Err(Refusal::not_found(format!("The machine {id} has no default job."))),
    }
}

fn clean_up(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    Ok(json!({
        "success": true,
        "num_deleted": 0,
        "msg": format!("deleted 0 expired contracts on machine {id}"),
        "user_id": USER,
        "machine_id": id,
        "ctime": service.state.now().as_secs_f64(),
    }))
}

fn defragment(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let ids = call.ids("machine_ids")?;
    ids.iter().try_for_each(|id| present(service, *id))?;
    Ok(json!({ "success": true, "machine_ids": body["machine_ids"] }))
}

fn maintenance(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let given = parameter(call.request, "machine_ids").unwrap_or_default();
    let ids: Vec<u64> = serde_json::from_str(&given).map_err(|error| {
        Refusal::invalid_args(format!("machine_ids is not a list of ids in JSON: {error}"))
    })?;
    let announced = &service.state.account.host.maintenance;
    Ok(ids.iter().filter_map(|id| announced.get(id).cloned()).collect())
}

/// One window a machine: the later takes the place of the earlier.
fn schedule(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    let body = call.body()?;
    let number = |name: &str| {
        let number = body.get(name).and_then(Value::as_f64);
        number.ok_or_else(|| Refusal::invalid_args(format!("{name} is not a number.")))
    };
    let (start, hours) = (number("sdate")?, number("duration")?);
    if start < service.state.now().as_secs_f64() {
        return Err(Refusal::invalid_args("sdate is in the past."));
    }
    let window = json!({
        "machine_id": id,
        "start_time": start,
        "end_time": start + hours * 3_600.0,
        "duration_hours": hours,
        "maintenance_category": body.get("maintenance_category").and_then(Value::as_str).unwrap_or("other"),
    });
    service.state.account.host.maintenance.insert(id, window);
    Ok(json!({ "success": true, "you_sent": "0 notifications sent" }))
}

fn cancel(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = machine(service, call)?;
    let deleted = usize::from(service.state.account.host.maintenance.remove(&id).is_some());
    Ok(json!({
        "success": true,
        "msg": format!("deleted {deleted} scheduled maintenance window(s) on machine {id}"),
        "machine_id": id,
        "ctime": service.state.now().as_secs_f64(),
    }))
}

/// The machine of the path, which is one of the account.
fn machine(service: &Service, call: &Call<'_>) -> Result<u64, Refusal> {
    let id = call.id("machine_id")?;
    present(service, id).map(|()| id)
}

pub(super) fn present(service: &Service, id: u64) -> Result<(), Refusal> {
    service.state.account.host.machines.get(id).map(drop).ok_or_else(|| no_such_machine(id))
}

fn no_such_machine(id: u64) -> Refusal {
    Refusal::NotFound { error: "no_such_machine", msg: format!("There is no machine {id}.") }
}
