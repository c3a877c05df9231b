//! Two-factor authentication. A session opens what the account's key opens; nothing asks for one.

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::refusal::Refusal;
use crate::state::{Pending, Unproved};

pub(super) fn carry_out(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    Some(match operation {
        "tfaStatus" => Ok(status(service)),
        "tfaLogin" => log_in(service, call),
        "tfaDelete" => delete(service, call),
        "tfaUpdate" => update(service, call),
        "tfaAuthNew" => authorize(service, call),
        "tfaConfirmAuthNew" => confirm_authorization(service, call),
        "tfaTotpSetup" => Ok(set_up_totp(service)),
        "tfaActivate" => activate(service, call),
        "tfaRegenCodes" => new_backup_codes(service, call),
        "tfaSendSms" => send_message(service, call),
        "tfaResendSms" => send_again(service, call),
        "tfaSendEmail" => Ok(sent(service, Pending::Email, "mail address")),
        _ => return None,
    })
}

fn status(service: &Service) -> Value {
    let tfa = &service.state.account.tfa;
    json!({
        "tfa_enabled": tfa.methods.iter().len() > 0,
        "methods": tfa.methods.list(),
        "backup_codes_remaining": tfa.backup_codes_left(),
    })
}

fn log_in(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let at = service.state.now().as_secs_f64();
    let tfa = &mut service.state.account.tfa;
    let method = tfa.prove(&body).map_err(refused)?;
    if let Some(method) = method.and_then(|id| tfa.methods.get_mut(id)) {
        method["last_used"] = json!(at);
    }
    let key = tfa.new_session().to_owned();
    Ok(json!({ "session_key": key, "backup_codes_remaining": tfa.backup_codes_left() }))
}

fn delete(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let tfa = &mut service.state.account.tfa;
    let target = body.get("target_id").and_then(Value::as_u64);
    if let Some(id) = target.filter(|id| tfa.methods.get(*id).is_none()) {
        return Err(no_such_method(id));
    }
    let proved_by = tfa.prove(&body).map_err(refused)?;
    let id = target.or(proved_by).ok_or_else(|| Refusal::invalid_args("target_id is missing."))?;
    tfa.remove(id);
    // The number is missing when the last one is gone.
    Ok(match tfa.methods.iter().len() {
        0 => json!({}),
        remaining => json!({ "remaining_methods": remaining }),
    })
}

fn update(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let id = body.get("tfa_method_id").and_then(Value::as_u64).unwrap_or_default();
    let methods = &mut service.state.account.tfa.methods;
    if methods.get(id).is_none() {
        return Err(no_such_method(id));
    }
    let primary = body.get("is_primary").and_then(Value::as_bool);
    for method in methods.iter_mut() {
        let is_it = method["id"] == id;
        match primary {
            Some(primary) if is_it => method["is_primary"] = json!(primary),
            // One alone is asked for first.
            Some(true) => method["is_primary"] = json!(false),
            _ => {}
        }
        if let Some(label) = body.get("label").filter(|label| is_it && !label.is_null()) {
            method["label"] = label.clone();
        }
    }
    Ok(json!({ "success": true, "method": methods.get(id) }))
}

fn authorize(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let tfa = &mut service.state.account.tfa;
    let by_method =
        ["tfa_method", "tfa_method_id"].iter().any(|name| body.get(*name).is_some_and(Value::is_string));
    if !by_method && body.get("backup_code").is_some_and(Value::is_string) {
        tfa.prove(&json!({ "backup_code": body["backup_code"] })).map_err(refused)?;
        return Ok(json!({ "msg": "Authorization successful." }));
    }
    let secret = tfa.begin(Pending::Email);
    Ok(json!({ "secret": secret, "msg": "A code is on its way." }))
}

fn confirm_authorization(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (secret, code) = (call.text("secret")?, call.text("code")?);
    service.state.account.tfa.confirm(&secret, &code).map_err(refused)?;
    Ok(json!({ "success": true }))
}

fn set_up_totp(service: &mut Service) -> Value {
    let secret = service.state.account.tfa.begin(Pending::Totp);
    let uri = format!("otpauth://totp/vastai-mock?secret={secret}");
    json!({ "secret": secret, "provisioning_uri": uri })
}

fn activate(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let (secret, code) = (call.text("secret")?, call.text("code")?);
    let body = call.body()?;
    let at = service.state.now().as_secs_f64();
    let tfa = &mut service.state.account.tfa;
    let (kind, phone) = match tfa.confirm(&secret, &code).map_err(refused)? {
        Pending::Totp => ("totp", None),
        Pending::Email => ("email", None),
        Pending::Sms(phone) => ("sms", phone),
    };
    let phone =
        body.get("phone_number").and_then(Value::as_str).filter(|_| kind == "sms").or(phone.as_deref());
    let codes = tfa.add(kind, phone, body.get("label").unwrap_or(&Value::Null), at);
    Ok(codes.map_or_else(|| json!({}), |codes| json!({ "backup_codes": codes })))
}

fn new_backup_codes(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let tfa = &mut service.state.account.tfa;
    tfa.prove(&body).map_err(refused)?;
    Ok(json!({ "backup_codes": tfa.new_backup_codes() }))
}

fn send_message(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let phone = call.body()?.get("phone_number").and_then(Value::as_str).map(str::to_owned);
    Ok(sent(service, Pending::Sms(phone), "phone"))
}

fn send_again(service: &mut Service, call: &Call<'_>) -> Result<Value, Refusal> {
    if service.state.account.tfa.knows(&call.text("secret")?) {
        Ok(json!({ "msg": "A code is on its way to your phone." }))
    } else {
        Err(refused(Unproved::UnknownSecret))
    }
}

fn sent(service: &mut Service, pending: Pending, to: &str) -> Value {
    let secret = service.state.account.tfa.begin(pending);
    json!({ "secret": secret, "msg": format!("A code is on its way to your {to}.") })
}

fn no_such_method(id: u64) -> Refusal {
    Refusal::not_found(format!("There is no second factor {id}."))
}

fn refused(why: Unproved) -> Refusal {
    let (error, msg) = match why {
        Unproved::NoMethod => ("2fa_not_enabled", "The account has no such second factor."),
        Unproved::WrongCode => ("2fa_verification_failed", "The code is wrong."),
        Unproved::UnknownSecret => ("2fa_expired", "No code was sent for this secret, or it was used."),
    };
    Refusal::Invalid { error, msg: msg.to_owned() }
}
