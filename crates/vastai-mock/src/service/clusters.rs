//! What machines share: clusters, network disks, and the networks of instances on them.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::instances::no_such_instance;
use super::machines::present;
use super::refusal::Refusal;
use crate::state::{join, leave, nodes};

/// The size of a network disk, in GB: nothing of a request says it.
const DISK: f64 = 4_000.0;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "showClusters" => Ok(clusters(service)),
        "createCluster" => create(service, call),
        "joinCluster" => add_machines(service, call),
        "deleteCluster" => delete(service, call),
        "removeMachineFromCluster" => remove_machine(service, call),
        "showNetworkDisks" => Ok(disks(service)),
        "addNetworkDisk" => add_disk(service, call),
        "showOverlays" => Ok(service.state.account.overlays.list()),
        "createOverlay" => create_overlay(service, call),
        "joinOverlay" => add_instance(service, call),
        "deleteOverlay" => delete_overlay(service, call),
        _ => return None,
    })
}

fn clusters(service: &Service) -> Value {
    let clusters = service.state.account.host.clusters.iter();
    let by_id: Map<String, Value> =
        clusters.map(|cluster| (cluster["id"].to_string(), cluster.clone())).collect();
    json!({ "clusters": by_id })
}

fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (subnet, manager) = (call.text("subnet")?, call.body_id("manager_id")?);
    present(service, manager)?;
    let clusters = &mut service.state.account.host.clusters;
    let created = clusters.add(|id| {
        let mut cluster = json!({ "id": id, "subnet": subnet, "nodes": [] });
        join(&mut cluster, manager, true);
        cluster
    });
    Ok(
        json!({ "success": true, "msg": format!("Created cluster {}.", created["id"]), "cluster_id": created["id"] }),
    )
}

fn add_machines(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, machines) = (call.body_id("cluster_id")?, call.ids("machine_ids")?);
    machines.iter().try_for_each(|machine| present(service, *machine))?;
    let cluster = service.state.account.host.clusters.get_mut(id).ok_or_else(|| no_such_cluster(id))?;
    machines.iter().for_each(|machine| join(cluster, *machine, false));
    Ok(json!({ "success": true, "msg": format!("Added {} machines to cluster {id}.", machines.len()) }))
}

fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.body_id("cluster_id")?;
    if service.state.account.host.clusters.remove(id) {
        Ok(json!({ "success": true, "msg": format!("Deleted cluster {id}.") }))
    } else {
        Err(no_such_cluster(id))
    }
}

/// Where the manager is taken out, another machine has to take its place.
fn remove_machine(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, machine) = (call.body_id("cluster_id")?, call.body_id("machine_id")?);
    let manager = call.body()?.get("new_manager_id").and_then(Value::as_u64);
    let cluster = service.state.account.host.clusters.get_mut(id).ok_or_else(|| no_such_cluster(id))?;
    if !leave(cluster, machine) {
        return Err(Refusal::not_found(format!("The machine {machine} is not in the cluster {id}.")));
    }
    for node in cluster.get_mut("nodes").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(manager) = manager {
            node["is_cluster_manager"] = json!(node["machine_id"] == manager);
        }
    }
    Ok(json!({ "success": true, "msg": format!("Removed machine {machine} from cluster {id}.") }))
}

/// By cluster: what is mounted by machines of none is in one of its own, without an id.
fn disks(service: &Service) -> Value {
    let host = &service.state.account.host;
    let cluster_of = |disk: &Value| {
        let machine = disk["machines"].as_object()?.keys().next()?.parse::<u64>().ok()?;
        host.clusters.find(|cluster| nodes(cluster).any(|node| node == machine)).map(|it| it["id"].clone())
    };
    let mut by_cluster: Vec<(Value, Vec<&Value>)> = Vec::new();
    for disk in host.disks.iter() {
        let cluster = cluster_of(disk).unwrap_or_default();
        match by_cluster.iter_mut().find(|(id, _)| *id == cluster) {
            Some((_, disks)) => disks.push(disk),
            None => by_cluster.push((cluster, vec![disk])),
        }
    }
    let data = by_cluster.into_iter().map(|(cluster, disks)| {
        let mounts: Map<String, Value> =
            disks.iter().filter_map(|disk| disk["machines"].as_object().cloned()).flatten().collect();
        let machines: Vec<u64> = mounts.keys().filter_map(|machine| machine.parse().ok()).collect();
        let shown = disks.iter().map(
            |disk| json!({ "network_disk_id": disk["id"], "free_space": disk["free"], "total_space": DISK }),
        );
        json!({
            "cluster_id": cluster,
            "network_disks": shown.collect::<Vec<_>>(),
            "machine_ids": machines,
            "mounts": mounts,
        })
    });
    json!({ "data": data.collect::<Vec<_>>() })
}

fn add_disk(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (machines, mount_point) = (call.ids("machines")?, call.text("mount_point")?);
    machines.iter().try_for_each(|machine| present(service, *machine))?;
    let disks = &mut service.state.account.host.disks;
    let known = call.body()?.get("disk_id").and_then(Value::as_u64);
    let id = match known {
        Some(id) => id,
        None => disks.add(|id| json!({ "id": id, "machines": {}, "free": DISK }))["id"]
            .as_u64()
            .unwrap_or_default(),
    };
    let disk = disks.get_mut(id).ok_or_else(|| no_such_disk(id))?;
    for machine in machines {
        disk["machines"][machine.to_string()] = json!(mount_point);
    }
    Ok(json!({ "disk_id": id }))
}

fn create_overlay(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (cluster, name) = (call.body_id("cluster_id")?, call.text("name")?);
    service.state.account.host.clusters.get(cluster).ok_or_else(|| no_such_cluster(cluster))?;
    let overlays = &mut service.state.account.overlays;
    if overlays.find(|overlay| overlay["name"] == name).is_some() {
        return Err(Refusal::invalid_args(format!("There is a network {name} already.")));
    }
    overlays.add(|id| {
        json!({
            "overlay_id": id,
            "name": name,
            "cluster_id": cluster,
            "internal_subnet": format!("10.{}.0.0/16", id % 250),
            "instances": [],
        })
    });
    Ok(json!({ "success": true, "msg": format!("Created the network {name}.") }))
}

fn add_instance(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, instance) = (call.text("name")?, call.body_id("instance_id")?);
    service.state.instance(instance).ok_or_else(|| no_such_instance(instance))?;
    let overlay = service.state.account.overlays.find_mut(|overlay| overlay["name"] == name);
    let overlay = overlay.ok_or_else(|| Refusal::not_found(format!("There is no network {name}.")))?;
    if let Some(instances) = overlay.get_mut("instances").and_then(Value::as_array_mut)
        && !instances.contains(&json!(instance))
    {
        instances.push(json!(instance));
    }
    Ok(json!({ "success": true, "msg": format!("Added the instance {instance} to the network {name}.") }))
}

/// Goes by the id where both are given.
fn delete_overlay(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let overlays = &mut service.state.account.overlays;
    let id = match body.get("overlay_id").and_then(Value::as_u64) {
        Some(id) => Some(id),
        None => {
            overlays.find(|it| it["name"] == body["overlay_name"]).and_then(|it| it["overlay_id"].as_u64())
        }
    };
    match id.filter(|id| overlays.remove(*id)) {
        Some(id) => Ok(json!({ "success": true, "msg": format!("Deleted the network {id}.") })),
        None => Err(Refusal::not_found("There is no such network.")),
    }
}

pub(super) fn no_such_disk(id: u64) -> Refusal {
    Refusal::not_found(format!("There is no network disk {id}."))
}

fn no_such_cluster(id: u64) -> Refusal {
    Refusal::not_found(format!("There is no cluster {id}."))
}
