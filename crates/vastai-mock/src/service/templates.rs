//! Templates, which have an id that stays and a hash that changes with every edit.

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::filter::{Filters, order};
use super::page::parameter;
use super::refusal::Refusal;
use crate::state::template_hash;

pub(super) fn search(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let filters = parameter(call.request, "select_filters").unwrap_or_else(|| "{}".into());
    let filters: Map<String, Value> = serde_json::from_str(&filters).map_err(|error| {
        Refusal::invalid_args(format!("select_filters is not an object in JSON: {error}"))
    })?;
    let filters = Filters::of(&filters)?;
    let mut found: Vec<Map<String, Value>> =
        service.state.account.templates.iter().filter_map(Value::as_object).cloned().collect();
    found.retain(|template| filters.let_through(template));
    if let Some(column) = parameter(call.request, "order_by") {
        found.sort_by(|one, other| order(one, other, &column, false));
    }
    Ok(json!({ "success": true, "templates_found": found.len(), "templates": found }))
}

/// A template of the same contents is found again.
pub(super) fn create(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut contents = call.body()?;
    if let Some(members) = contents.as_object_mut() {
        members.remove("hash_id");
        for (name, value) in members.iter_mut() {
            *value = kept(name, value);
        }
    }
    let hash = template_hash(&contents);
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let found = account.templates.iter().find(|it| it.get("hash_id") == Some(&json!(hash))).cloned();
    let template = found.unwrap_or_else(|| account.add_template(contents, at).clone());
    let msg = format!("Template Created Successfully! New Template ID: {}", template["id"]);
    Ok(json!({ "success": true, "msg": msg, "template": template }))
}

/// A field as a template has it: filters are sent as an object and come as JSON text.
fn kept(name: &str, value: &Value) -> Value {
    if name == "extra_filters" && value.is_object() { json!(value.to_string()) } else { value.clone() }
}

pub(super) fn edit(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let hash = call.text("hash_id")?;
    let changes = call.body()?;
    let templates = &mut service.state.account.templates;
    let template = templates.find_mut(|it| it.get("hash_id") == Some(&json!(hash)));
    let template = template.ok_or_else(|| Refusal::not_found("There is no template of this hash_id."))?;
    for (name, value) in changes.as_object().into_iter().flatten() {
        template[name] = kept(name, value);
    }
    template["hash_id"] = json!(template_hash(template));
    Ok(json!({ "success": true, "template": template }))
}

pub(super) fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let templates = &service.state.account.templates;
    let by_hash = |hash| templates.iter().find(|it| it.get("hash_id") == Some(hash))?.get("id")?.as_u64();
    let id = match body.get("hash_id").filter(|hash| hash.is_string()) {
        Some(hash) => {
            by_hash(hash).ok_or_else(|| Refusal::not_found("There is no template of this hash_id."))?
        }
        None => body.get("template_id").and_then(Value::as_u64).unwrap_or_default(),
    };
    if service.state.account.templates.remove(id) {
        Ok(json!({ "success": true }))
    } else {
        Err(Refusal::not_found(format!("There is no template {id}.")))
    }
}
