//! Increases of prices, answered by the instances that they are for.

use serde_json::{Value, json};
use vastai::ErrorKind;
use vastai_api::Effect;

use crate::consent;
use crate::failure::Failure;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};

/// What is accepted: the instances that have an increase, and what the service says of each.
fn question(ids: &[Value], pending: &[Value]) -> String {
    let about = |id: &Value| {
        let row = pending.iter().find(|row| row.get("contract_id") == Some(id));
        let price = |name: &str| row?.get(name)?.as_f64();
        match (price("current_price"), price("new_price")) {
            (before, Some(after)) => {
                let before = before.map(|before| format!("{} -> ", consent::per_hour(before)));
                format!("{id} ({}{})", before.unwrap_or_default(), consent::per_hour(after))
            }
            _ if row.is_some() => id.to_string(),
            _ => format!("{id} (no increase is pending)"),
        }
    };
    format!("accept the price increase of {}", ids.iter().map(about).collect::<Vec<_>>().join(", "))
}

/// Accepts or rejects the increase of each instance. Exits with 1 where one failed, and with 2 where one was gone.
pub(super) async fn answer(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let pending = Request::of("showPendingPriceIncreases").map_err(|error| Failure::of_client(&error))?;
    let pending = session.json(&pending).await?;
    let pending: Vec<Value> =
        pending.get("pending_price_increases").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut request =
        Request::of(line.said.command().operation).map_err(|error| Failure::of_client(&error))?;
    let operation = request.operation();
    let ids = line.said.integers("IDS");
    if operation.id == "acceptPriceIncrease" {
        session.agree_to(&question(&ids, &pending), Effect::Pays)?;
    }
    let (mut acted, mut stale, mut failed) = (0, 0, 0);
    let mut results = Vec::new();
    for id in &ids {
        let row = pending.iter().find(|row| row.get("contract_id") == Some(id));
        let Some(number) =
            row.and_then(|row| row.get("pending_price_increase_id")).filter(|number| number.is_i64())
        else {
            stale += 1;
            results.push(
                json!({ "instance_id": id, "status": "stale", "msg": "no increase of its price is pending" }),
            );
            continue;
        };
        request.set("pending_price_increase_id", number.clone());
        match session.tried(&request).await? {
            Ok(response) => {
                acted += 1;
                let response = response.json().map_err(|error| Failure::of_call(&error, operation))?;
                let done = if operation.id == "acceptPriceIncrease" { "accepted" } else { "rejected" };
                results.push(json!({ "instance_id": id, "pending_price_increase_id": number, "status": done,
                    "response": response }));
            }
            Err(error) => {
                // It has been answered by somebody else, or has lapsed.
                let is_gone = error.kind() == ErrorKind::NotFound || error.status() == Some(409);
                if is_gone {
                    stale += 1
                } else {
                    failed += 1
                }
                let status = if is_gone { "stale" } else { "failed" };
                results
                    .push(json!({ "instance_id": id, "pending_price_increase_id": number, "status": status,
                    "msg": error.message() }));
            }
        }
    }
    let code = match (failed, stale) {
        (0, 0) => 0,
        (0, _) => 2,
        _ => 1,
    };
    let value = json!({ "success": code == 0, "exit_code": code, "requested": ids.len(), "acted": acted, "stale": stale,
        "failed": failed, "results": results });
    Ok(Outcome::value(value, operation).with_code(code))
}
