//! The account's owner, its subaccounts, and its money.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::instances::no_such_instance;
use super::refusal::Refusal;

/// What a prepaid hour costs less, and for how many months the money lasts: made up, as it follows from prices.
const DISCOUNT: f64 = 0.1;

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "showUser" => Ok(service.state.account.user.clone().into()),
        "setUser" => set(service, call),
        "showSubaccounts" => Ok(json!({ "users": service.state.account.subaccounts.list() })),
        "createSubaccount" => create_subaccount(service, call),
        "transferCredit" => transfer(service, call),
        "prepayInstance" => prepay(service, call),
        "showDeposit" => deposit(service, call),
        "showAuditLogs" => Ok(service.state.account.audit.iter().cloned().collect()),
        _ => return None,
    })
}

fn set(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let user = &mut service.state.account.user;
    for (name, value) in body.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        // Every value is sent as a string, and stays what it is.
        let read = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let read = read.filter(|read| user.get(name).is_some_and(|old| same_kind(old, read)));
        user.insert(name.clone(), read.unwrap_or_else(|| value.clone()));
    }
    Ok(json!({ "success": true, "msg": "Operation completed successfully" }))
}

fn same_kind(one: &Value, other: &Value) -> bool {
    one.is_number() && other.is_number() || one.is_boolean() && other.is_boolean()
}

fn create_subaccount(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (email, username) = (call.text("email")?, call.text("username")?);
    let at = service.state.now().as_secs_f64();
    let account = &mut service.state.account;
    let is_taken = |user: &Value| user["email"] == email || user["username"] == username;
    if is_taken(&account.user.clone().into()) || account.subaccounts.find(is_taken).is_some() {
        return Err(Refusal::invalid_args(format!("{email} or {username} is taken.")));
    }
    let parent = account.user.get("id").cloned().unwrap_or_default();
    let made = account.subaccounts.add(|id| {
        json!({
            "id": id,
            "email": email,
            "username": username,
            "parent_id": parent,
            "key_id": id + 1_000,
            "created_at": at,
            "deleted_at": null,
            "credit": 0.0,
            "balance": 0.0,
        })
    });
    Ok(json!({ "id": made["id"], "email": email, "username": username, "key_id": made["key_id"] }))
}

fn transfer(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (recipient, body) = (call.text("recipient")?, call.body()?);
    let amount = amount(&body)?;
    let account = &mut service.state.account;
    account.pay(amount).map_err(|()| no_credit())?;
    // Another account's money is nobody's business here.
    if let Some(own) = account.subaccounts.find_mut(|user| user["email"] == recipient) {
        own["credit"] = json!(own["credit"].as_f64().unwrap_or_default() + amount);
    }
    Ok(json!({ "success": true, "msg": format!("Transferred {amount} to {recipient}.") }))
}

fn prepay(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (id, body) = (call.id("id")?, call.body()?);
    let instance = service.state.instance(id).ok_or_else(|| no_such_instance(id))?;
    let monthly = instance.to_json(service.state.now())["dph_total"].as_f64().unwrap_or(1.0) * 730.0;
    let amount = amount(&body)?;
    let account = &mut service.state.account;
    account.pay(amount).map_err(|()| no_credit())?;
    let prepaid = account.prepaid.entry(id).or_default();
    *prepaid += amount;
    Ok(json!({ "success": true, "timescale": *prepaid / monthly, "discount_rate": DISCOUNT }))
}

fn deposit(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let id = call.id("id")?;
    let instance = service.state.instance(id).ok_or_else(|| no_such_instance(id))?;
    let monthly = instance.to_json(service.state.now())["dph_total"].as_f64().unwrap_or(1.0) * 730.0;
    let prepaid = service.state.account.prepaid.get(&id).copied().unwrap_or_default();
    Ok(json!({
        "success": true,
        "refundable_deposit": prepaid,
        "discount_months": prepaid / monthly,
        "total_discount": prepaid * DISCOUNT,
    }))
}

fn amount(body: &Value) -> Result<f64, Refusal> {
    let amount = body.get("amount").and_then(Value::as_f64).filter(|amount| *amount > 0.0);
    amount.ok_or_else(|| Refusal::invalid_args("amount is not a number above 0."))
}

fn no_credit() -> Refusal {
    Refusal::Invalid { error: "insufficient_credit", msg: "Your account lacks credit.".to_owned() }
}
