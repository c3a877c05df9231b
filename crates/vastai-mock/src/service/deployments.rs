//! Deployments: code that an endpoint of its own runs, in versions.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::refusal::Refusal;

/// What a deployment hands on to its endpoint.
const SCALING: [&str; 9] = [
    "cold_workers",
    "max_workers",
    "min_load",
    "min_cold_load",
    "target_util",
    "cold_mult",
    "max_queue_time",
    "target_queue_time",
    "inactivity_timeout",
];

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "showDeployments" => Ok(show(service)),
        "showDeployment" => show_one(service, call),
        "createDeployment" => create(service, call),
        "deleteDeployment" => delete(service, call),
        "deleteDeployments" => delete_named(service, call),
        "showDeploymentVersions" => versions(service, call),
        "startDeployment" => set_state(service, call, "active"),
        "stopDeployment" => set_state(service, call, "stopped"),
        "sendDeploymentHeartbeat" => heartbeat(service, call),
        "showDeploymentDownloadUrl" => download_url(service, call),
        _ => return None,
    })
}

fn show(service: &Service) -> Value {
    let deployments: Vec<Value> = service.state.account.deployments.iter().map(listed).collect();
    json!({ "success": true, "deployments": deployments })
}

fn show_one(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let deployment = found(service, call)?;
    let endpoint = deployment["endpoint_id"].as_u64().and_then(|id| service.state.endpoint(id));
    let mut shown = listed(deployment);
    shown["endpoint_state"] = endpoint.map(|it| it.to_json()["endpoint_state"].clone()).unwrap_or_default();
    shown["worker_count"] = json!(endpoint.map(|it| it.worker_ids().len()).unwrap_or_default());
    Ok(json!({ "success": true, "deployment": shown }))
}

/// As the list has it: its versions are a list of their own.
fn listed(deployment: &Value) -> Value {
    let mut shown = deployment.clone();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("versions");
    }
    shown
}

/// Makes a deployment, or a version of the one of the name and the tag. One of the same code is there already.
fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let name = call.text("name")?;
    let field = |name: &str| body.get(name).cloned().unwrap_or_default();
    let tag = field("tag").as_str().unwrap_or("default").to_owned();
    let scaling: Map<String, Value> = SCALING
        .iter()
        .map(|name| ((*name).to_owned(), field(name)))
        .filter(|(_, it)| !it.is_null())
        .collect();
    let at = service.state.now().as_secs_f64();
    let known = service.state.account.deployments.find(|it| it["name"] == name && it["tag"] == tag);
    let known =
        known.map(|it| (it["id"].as_u64().unwrap_or_default(), it["file_hash"] == field("file_hash")));
    let (id, action) = match known {
        None => (service.state.add_deployment(None, &name, &tag, scaling), "created"),
        Some((id, same_code)) => {
            let deployment = service.state.account.deployments.get(id);
            let endpoint = deployment.and_then(|it| it["endpoint_id"].as_u64()).unwrap_or_default();
            let scales = !scaling.is_empty();
            if let Some(endpoint) = service.state.endpoint_mut(endpoint) {
                endpoint.set_fields(scaling);
            }
            (
                id,
                if !same_code {
                    "soft_update"
                } else if scales {
                    "autoscale_update"
                } else {
                    "exists"
                },
            )
        }
    };
    let is_new_code = matches!(action, "created" | "soft_update");
    let deployment = service.state.account.deployments.get_mut(id);
    let deployment = deployment.ok_or_else(|| no_such(id))?;
    for (member, default) in [
        ("image", Value::Null),
        ("file_hash", Value::Null),
        ("env", Value::Null),
        ("search_params", Value::Null),
        ("storage", json!(50.0)),
        ("ttl", Value::Null),
    ] {
        let given = field(member);
        if !given.is_null() {
            deployment[member] = given;
        } else if deployment[member].is_null() {
            deployment[member] = default;
        }
    }
    deployment["updated_at"] = json!(at);
    deployment["last_client_heartbeat"] = json!(at);
    let key = format!("deployments/{id}/{}", field("file_hash").as_str().unwrap_or_default());
    deployment["s3_key"] = json!(key);
    if is_new_code && let Some(versions) = deployment.get_mut("versions").and_then(Value::as_array_mut) {
        let version = versions.len() + 1;
        let label = field("version_label");
        versions.push(json!({ "id": version, "file_hash": field("file_hash"), "version_label": label, "created_at": at }));
        deployment["current_version_id"] = json!(version);
        deployment["last_healthy_version_id"] = json!(version);
    }
    let mut answer = json!({
        "success": true,
        "action": action,
        "deployment_id": id,
        "endpoint_id": deployment["endpoint_id"],
        "workergroup_id": deployment["workergroup_id"],
    });
    if is_new_code {
        // Nothing answers there: what is uploaded is of no use to the simulator.
        answer["upload_url"] = json!("https://uploads.example/mock");
        answer["upload_fields"] = json!({ "key": key });
        answer["evicted_versions"] = json!([]);
    }
    Ok(answer)
}

fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    remove(service, id)?;
    Ok(json!({ "success": true, "msg": format!("Deleted deployment {id}."), "count": 1 }))
}

/// All of the name, or the one that also has the tag.
fn delete_named(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, body) = (call.text("name")?, call.body()?);
    let tag = body.get("tag").filter(|tag| !tag.is_null());
    let deployments = service.state.account.deployments.iter();
    let meant = deployments.filter(|it| it["name"] == name && tag.is_none_or(|tag| it["tag"] == *tag));
    let ids: Vec<u64> = meant.filter_map(|it| it["id"].as_u64()).collect();
    if ids.is_empty() {
        return Err(Refusal::not_found(format!("There is no deployment {name}.")));
    }
    ids.iter().try_for_each(|id| remove(service, *id))?;
    Ok(json!({ "success": true, "msg": format!("Deleted {} deployments.", ids.len()), "count": ids.len() }))
}

/// Its endpoint goes with it.
fn remove(service: &mut Service, id: u64) -> Result<(), Refusal> {
    let removed = service.state.account.deployments.take(id).ok_or_else(|| no_such(id))?;
    if let Some(endpoint) = removed["endpoint_id"].as_u64() {
        service.state.remove_endpoint(endpoint);
    }
    Ok(())
}

fn versions(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let deployment = found(service, call)?;
    Ok(json!({ "success": true, "versions": deployment["versions"] }))
}

fn set_state(service: &mut Service, call: &Call<'_>, state: &str) -> Result<Value, Refusal> {
    let endpoint = found(service, call)?["endpoint_id"].as_u64();
    if let Some(endpoint) = endpoint.and_then(|id| service.state.endpoint_mut(id)) {
        endpoint.set_fields(Map::from_iter([("endpoint_state".to_owned(), json!(state))]));
    }
    Ok(json!({ "success": true, "endpoint_state": state }))
}

fn heartbeat(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let at = service.state.now().as_secs_f64();
    let deployment = service.state.account.deployments.get_mut(id).ok_or_else(|| no_such(id))?;
    deployment["last_client_heartbeat"] = json!(at);
    Ok(json!({ "success": true }))
}

fn download_url(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let key = found(service, call)?["s3_key"].as_str().unwrap_or_default();
    Ok(json!({ "success": true, "download_url": format!("https://downloads.example/{key}") }))
}

fn found<'a>(service: &'a Service, call: &Call<'_>) -> Result<&'a Value, Refusal> {
    let id = call.id("id")?;
    service.state.account.deployments.get(id).ok_or_else(|| no_such(id))
}

fn no_such(id: u64) -> Refusal {
    Refusal::not_found(format!("There is no deployment {id}."))
}
