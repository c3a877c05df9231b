//! What is of instances beside their life: prices that hosts raise, backups, snapshots, another template, and copies.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::instances::no_such_instance;
use super::page::parameter;
use super::refusal::Refusal;

/// The most increases that a list has.
const MOST: usize = 100;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "showPendingPriceIncreases" => Ok(increases(service)),
        "acceptPriceIncrease" => answer_increase(service, call, true),
        "rejectPriceIncrease" => answer_increase(service, call, false),
        "showInstanceBackups" => backups(service, call),
        "showInstanceBackupFiles" => backup_files(service, call),
        "takeSnapshot" => take_snapshot(service, call),
        "updateInstance" => update(service, call),
        "startRsync" => start_rsync(service, call),
        // The official client calls it for a copy to or from `local:`, too.
        "initiateRemoteRsync" if is_with_own_computer(call) => start_rsync(service, call),
        "fetchContracts" => contracts(service, call),
        "showInstanceFilters" => Ok(values(service)),
        _ => return None,
    })
}

fn increases(service: &Service) -> Value {
    let all: Vec<&Value> = service.state.account.price_increases.iter().collect();
    json!({
        "success": true,
        "count": all.len(),
        "truncated": all.len() > MOST,
        "pending_price_increases": all.into_iter().take(MOST).collect::<Vec<_>>(),
    })
}

/// An increase that is accepted is the instance's price; either way it is pending no more.
fn answer_increase(service: &mut Service, call: &Call<'_>, accepts: bool) -> Result<Value, Refusal> {
    let id = call.body_id("pending_price_increase_id")?;
    let gone = || Refusal::NotFound {
        error: "no_pending_price_increase",
        msg: format!("There is no pending price increase {id}."),
    };
    let increase = service.state.account.price_increases.take(id).ok_or_else(gone)?;
    let instance = increase["contract_id"].as_u64().unwrap_or_default();
    if accepts
        && let Some(per_second) = increase["new_gpu_costpersec"].as_f64()
        && let Some(instance) = service.state.instance_mut(instance)
    {
        instance.set_gpu_price(per_second * 3_600.0);
    }
    Ok(json!({ "success": true, "pending_price_increase_id": id, "contract_id": instance }))
}

fn backups(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let of = match parameter(call.request, "contract_id") {
        None => None,
        Some(id) => Some(id.parse::<u64>().map_err(|_| Refusal::invalid_args("contract_id is not an id."))?),
    };
    let backups = service.state.account.backups.iter();
    let meant: Vec<&Value> = backups.filter(|it| of.is_none_or(|id| it["contract_id"] == id)).collect();
    Ok(json!({ "backups": meant }))
}

/// Nothing answers at the addresses.
fn backup_files(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("contract_id")?;
    let backups: Vec<&Value> =
        service.state.account.backups.iter().filter(|it| it["contract_id"] == id).collect();
    if backups.is_empty() {
        return Err(Refusal::not_found(format!("The instance {id} has no backup.")));
    }
    let files = backups.into_iter().map(|backup| {
        let name = format!("backup-{}.tar", backup["id"]);
        json!({ "name": name, "size": 1_048_576, "url": format!("https://backups.example/{name}") })
    });
    Ok(json!({
        "authorization_token": "mock-backup-token",
        "expires_in_sec": 3_600,
        "truncated": false,
        "files": files.collect::<Vec<_>>(),
    }))
}

fn take_snapshot(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, repository, body) = (call.id("id")?, call.text("personal_repo")?, call.body()?);
    service.state.instance(id).ok_or_else(|| no_such_instance(id))?;
    let at = service.state.now().as_secs_f64();
    // Who logs in with what is not kept.
    service.state.account.snapshots.push(json!({
        "instance_id": id,
        "personal_repo": repository,
        "container_registry": body.get("container_registry").and_then(Value::as_str).unwrap_or("docker.io"),
        "pause": body.get("pause").and_then(Value::as_str).unwrap_or("true"),
        "created_at": at,
    }));
    Ok(
        json!({ "success": true, "msg": format!("The snapshot of instance {id} is on its way to {repository}.") }),
    )
}

/// The instance shows what was sent, and the image of the template, if there is such a one.
fn update(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, body) = (call.id("id")?, call.body()?);
    let now = service.state.now();
    let asked = asked(service, &body);
    let instance = service.state.instance_mut(id).ok_or_else(|| no_such_instance(id))?;
    for (field, value) in asked {
        instance.set_field(&field, value);
    }
    Ok(json!({ "success": true, "updated_instance": instance.to_json(now) }))
}

/// What an instance shows of a body that rents or changes it: the image of the template, if there is such a one, and what the body says.
pub(super) fn asked(service: &Service, body: &Value) -> Map<String, Value> {
    let given = |name: &str| body.get(name).filter(|value| !value.is_null());
    let templates = &service.state.account.templates;
    let template = match (given("template_hash_id"), given("template_id")) {
        (Some(hash), _) => templates.find(|it| it["hash_id"] == *hash),
        (None, Some(id)) => id.as_u64().and_then(|id| templates.get(id)),
        (None, None) => None,
    };
    let mut shown = Map::new();
    if let Some(template) = template {
        for (field, from) in [
            ("template_id", "id"),
            ("template_hash_id", "hash_id"),
            ("template_name", "name"),
            ("image_uuid", "image"),
        ] {
            shown.insert(field.to_owned(), template[from].clone());
        }
    }
    for (field, from) in [
        ("template_id", "template_id"),
        ("template_hash_id", "template_hash_id"),
        ("image_uuid", "image"),
        ("image_runtype", "runtype"),
        ("disk_space", "disk"),
        ("onstart", "onstart"),
    ] {
        if let Some(value) = given(from) {
            shown.insert(field.to_owned(), value.clone());
        }
    }
    let args = match given("args") {
        Some(Value::String(args)) => Some(args.split_whitespace().collect::<Value>()),
        Some(args @ Value::Array(_)) => Some(args.clone()),
        _ => None,
    };
    if let Some(args) = args {
        shown.insert("image_args".to_owned(), args);
    }
    if let Some(env) = given("env").and_then(Value::as_object) {
        let pairs = env.iter().map(|(name, value)| json!([name, value])).collect();
        shown.insert("extra_env".to_owned(), pairs);
    }
    shown
}

fn is_with_own_computer(call: &Call<'_>) -> bool {
    let body = call.body().unwrap_or_default();
    ["src_id", "dst_id"].iter().any(|side| body.get(side).is_some_and(|place| place == "local"))
}

/// Where to connect for a side that is an instance; another side is not looked at.
fn start_rsync(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let mut answer = json!({ "success": true, "msg": "Copy with rsync now." });
    for (side, address, port) in [("src_id", "src_addr", "src_port"), ("dst_id", "dst_addr", "dst_port")] {
        let place = match body.get(side) {
            Some(Value::String(place)) => place.clone(),
            other => other.map(Value::to_string).unwrap_or_default(),
        };
        let not_an_id = || Refusal::invalid_args(format!("{side} is not an id: {place}"));
        // A number alone is that of an instance, too.
        let id = match (place.strip_prefix("C."), place.parse::<u64>()) {
            (Some(id), _) => id.parse().map_err(|_| not_an_id())?,
            (None, Ok(id)) => id,
            (None, Err(_)) => continue,
        };
        let instance = service.state.instance(id).ok_or_else(|| no_such_instance(id))?;
        let instance = instance.to_json(service.state.now());
        answer[address] = instance["public_ipaddr"].clone();
        answer[port] = instance["machine_dir_ssh_port"].clone();
    }
    Ok(answer)
}

/// Those of the contracts that have the label.
fn contracts(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let given = body.get("contract_ids").and_then(Value::as_array);
    let given = given.ok_or_else(|| Refusal::invalid_args("contract_ids is not a list of ids."))?;
    let label = body.get("label").and_then(Value::as_str);
    let ids = given.iter().filter_map(Value::as_u64);
    let instances = ids.filter_map(|id| service.state.instance(id));
    let meant = instances.filter(|instance| label.is_none_or(|label| instance.label() == label));
    let contracts: Vec<Value> =
        meant.map(|instance| json!({ "id": instance.id(), "label": instance.label() })).collect();
    Ok(json!({ "contracts": contracts }))
}

/// What the instances are, each combination once.
fn values(service: &Service) -> Value {
    let mut filters: Vec<Value> = Vec::new();
    for instance in service.state.instances() {
        let instance = instance.to_json(service.state.now());
        let occurs = json!({
            "actual_status": instance["actual_status"],
            "verification": instance["verification"],
            "gpu_name": instance["gpu_name"],
        });
        if !filters.contains(&occurs) {
            filters.push(occurs);
        }
    }
    json!({ "filters": filters })
}
