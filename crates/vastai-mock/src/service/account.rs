//! The account's API keys, SSH keys and environment variables.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::instances::no_such_instance;
use super::refusal::Refusal;
use crate::state::{api_key, ssh_key};

/// The new key opens what the account's key opens, whatever its permissions.
pub(super) fn create_api_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let at = service.state.now().as_secs_f64();
    let created = service.state.account.api_keys.add(|id| {
        let mut key = api_key(id, &format!("mock-api-key-{id}"), at);
        for name in ["name", "permissions"] {
            key[name] = body.get(name).cloned().unwrap_or_default();
        }
        key
    });
    Ok(created.clone())
}

/// Keys are shown when they are made and never again.
pub(super) fn api_keys(service: &Service) -> Result<Value, Refusal> {
    let keys = service.state.account.api_keys.iter().map(without_key);
    Ok(json!({ "apikeys": keys.collect::<Vec<_>>() }))
}

pub(super) fn show_api_key(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let key = service.state.account.api_keys.iter().find(|key| key["id"] == id);
    key.map(without_key).ok_or_else(|| Refusal::not_found("API key not found."))
}

fn without_key(key: &Value) -> Value {
    let mut key = key.clone();
    if let Some(members) = key.as_object_mut() {
        members.remove("key");
    }
    key
}

pub(super) fn delete_api_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    if service.state.account.api_keys.remove(call.id("id")?) {
        Ok(json!("Successfully Deleted API Key"))
    } else {
        Err(Refusal::not_found("API key not found."))
    }
}

/// The key in use opens nothing any more.
pub(super) fn reset_api_key(service: &mut Service) -> Value {
    json!({ "success": true, "msg": "The API key was reset.", "new_api_key": service.reset_key() })
}

pub(super) fn create_ssh_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let public_key = call.text("ssh_key")?;
    let at = service.state.now().as_secs_f64();
    let key = service.state.account.ssh_keys.add(|id| ssh_key(id, &public_key, at));
    Ok(json!({ "success": true, "key": key }))
}

/// An account without keys gets a 404 that says so.
pub(super) fn ssh_keys(service: &Service) -> Result<Value, Refusal> {
    let keys: Vec<Value> = service.state.account.ssh_keys.iter().cloned().collect();
    if keys.is_empty() { Err(Refusal::not_found("No SSH keys found for the user.")) } else { Ok(keys.into()) }
}

pub(super) fn update_ssh_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, public_key) = (call.id("id")?, call.text("ssh_key")?);
    let key = service.state.account.ssh_keys.get_mut(id);
    let key = key.ok_or_else(|| Refusal::invalid_args("SSH key not found."))?;
    key["public_key"] = json!(public_key);
    Ok(json!({ "success": true, "key": key }))
}

pub(super) fn delete_ssh_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    if service.state.account.ssh_keys.remove(call.id("id")?) {
        Ok(json!({ "success": true }))
    } else {
        Err(Refusal::invalid_args("SSH key not found."))
    }
}

pub(super) fn attach_ssh_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (instance, public_key) = (call.id("id")?, call.text("ssh_key")?);
    service.state.instance(instance).ok_or_else(|| no_such_instance(instance))?;
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let own = account.ssh_keys.find(|key| key["public_key"] == public_key);
    let own = own.and_then(|key| key["id"].as_u64());
    let attached = account.attached_to(instance);
    let key = match own {
        // A key of the account is the same key there.
        Some(id) => {
            attached.put(id, ssh_key(id, &public_key, at));
            attached.get(id).cloned().unwrap_or_default()
        }
        None => attached.add(|id| ssh_key(id, &public_key, at)).clone(),
    };
    // A JSON document in a string.
    Ok(json!({ "success": true, "msg": "SSH key attached successfully", "key": key.to_string() }))
}

pub(super) fn attached_ssh_keys(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let instance = call.id("id")?;
    service.state.instance(instance).ok_or_else(|| no_such_instance(instance))?;
    let keys: Value = service.state.account.attached_to(instance).iter().cloned().collect();
    Ok(json!({ "success": true, "ssh_keys": keys.to_string() }))
}

pub(super) fn detach_ssh_key(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (instance, key) = (call.id("id")?, call.id("ssh_key_id")?);
    service.state.instance(instance).ok_or_else(|| no_such_instance(instance))?;
    if service.state.account.attached_to(instance).remove(key) {
        Ok(json!({ "success": true, "msg": "SSH key removed from instance." }))
    } else {
        Err(Refusal::not_found("SSH key not found on instance."))
    }
}

pub(super) fn env_vars(service: &Service) -> Result<Value, Refusal> {
    Ok(json!({ "success": true, "secrets": service.state.account.secrets }))
}

pub(super) fn create_env_var(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, value) = (call.text("key")?, call.text("value")?);
    let secrets = &mut service.state.account.secrets;
    if secrets.contains_key(&name) {
        return Err(Refusal::invalid_args(format!("{name} already exists.")));
    }
    secrets.insert(name, value);
    Ok(json!({ "success": true, "msg": "Environment variable added successfully" }))
}

pub(super) fn update_env_var(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, value) = (call.text("key")?, call.text("value")?);
    let secret = service.state.account.secrets.get_mut(&name);
    *secret.ok_or_else(|| Refusal::invalid_args(format!("{name} does not exist.")))? = value;
    Ok(json!({ "success": true, "msg": "Environment variable updated successfully" }))
}

pub(super) fn delete_env_var(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.text("key")?;
    let removed = service.state.account.secrets.remove(&name);
    removed.ok_or_else(|| Refusal::invalid_args(format!("{name} does not exist.")))?;
    Ok(json!({ "success": true, "msg": "Operation completed successfully" }))
}
