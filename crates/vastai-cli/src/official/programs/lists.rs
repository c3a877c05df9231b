//! Lists of which the line takes a part.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::globals::Format;
use crate::official::dates::DAY;
use crate::official::{Line, money, search};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};

/// Offers, by the older operation or by the newer one.
pub(super) async fn offers(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let search = search::offers(&line.said, session.client())?;
    let mut body = search.body().map_err(|error| Failure::of_client(&error))?;
    for (parameter, value) in &line.own {
        body.insert(parameter.name.to_owned(), value.clone());
    }
    let request = if line.said.has("--new") {
        let mut request = request("searchAsks")?;
        request.set("select_cols", json!(["*"]));
        request.set("q", Value::Object(body));
        request
    } else {
        let mut request = request("searchOffers")?;
        request.leave_out_defaults();
        for (name, value) in body {
            request.set(&name, value);
        }
        request
    };
    Outcome::of_call(session, request).await
}

/// Where GPUs are: all come, and the options choose.
pub(super) async fn gpu_locations(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let request = line.request(session.client())?;
    let operation = request.operation();
    let said = &line.said;
    let chooses =
        ["--verified", "--datacenter", "--rented", "--state", "--gpu"].into_iter().any(|name| said.has(name));
    if !chooses || session.settings().format == Format::Json {
        return Outcome::of_call(session, request).await;
    }
    let response = session.json(&request).await?;
    let rows = response.get("locations").and_then(Value::as_array).cloned().unwrap_or_default();
    let is = |row: &Value, name: &str| row.get(name).and_then(Value::as_bool).unwrap_or_default();
    let is_rented =
        |row: &Value| row.get("state").map_or_else(|| is(row, "rented"), |state| state == "rented");
    let wanted = |option: &str, actual: bool| match said.word(option) {
        Some("true") => actual,
        Some("false") => !actual,
        _ => true,
    };
    let gpu = said.word("--gpu").map(|gpu| gpu.replace('_', " ").to_lowercase());
    let chosen = rows.into_iter().filter(|row| {
        let name = row.get("gpu_name").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        wanted("--verified", is(row, "verified"))
            && wanted("--datacenter", is(row, "datacenter"))
            && wanted("--rented", is_rented(row))
            && said
                .word("--state")
                .is_none_or(|state| state == "all" || row.get("state") == Some(&json!(state)))
            && gpu.as_ref().is_none_or(|gpu| name.contains(gpu.as_str()))
    });
    let locations: Vec<Value> = chosen.collect();
    Ok(Outcome::value(json!({ "success": true, "locations": locations }), operation))
}

/// The older list of invoices and charges, of a span, of one kind, or of the instances with one label.
pub(super) async fn invoices(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let mut request = line.request(session.client())?;
    let (start, end) = money::span(said, "--start_date", "--end_date", DAY)?;
    request.set("sdate", start);
    request.set("edate", end);
    request.set("inc_charges", !said.has("--only_credits"));
    if session.settings().format == Format::Json && !said.has("--instance_label") {
        return Outcome::of_call(session, request).await;
    }
    let operation = request.operation();
    let response = session.json(&request).await?;
    let mut rows = response.get("invoices").and_then(Value::as_array).cloned().unwrap_or_default();
    let only = match (said.has("--only_charges"), said.has("--only_credits")) {
        (true, false) => Some("charge"),
        (false, true) => Some("payment"),
        _ => None,
    };
    if let Some(only) = only {
        rows.retain(|row| row.get("type").is_none_or(|kind| kind == only));
    }
    if let Some(label) = said.word("--instance_label") {
        let mut ids: Vec<Value> = Vec::new();
        for id in rows.iter().filter_map(|row| row.get("instance_id")).filter(|id| id.is_i64()) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        let mut of_label = self::request("fetchContracts")?;
        of_label.set("label", label);
        of_label.set("contract_ids", ids);
        let found = session.json(&of_label).await?;
        let found: Vec<Value> = found
            .get("contracts")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|contract| contract.get("id").cloned())
            .collect();
        rows.retain(|row| row.get("instance_id").is_some_and(|id| found.contains(id)));
    }
    Ok(Outcome::value(Value::Array(rows), operation))
}

/// Environment variables; their values with `-s` alone.
pub(super) async fn env_vars(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let request = line.request(session.client())?;
    if !line.said.has("--show-values") || session.settings().format == Format::Json {
        return Outcome::of_call(session, request).await;
    }
    let response = session.json(&request).await?;
    let values = response.get("secrets").cloned().unwrap_or_else(|| json!({}));
    if session.settings().format == Format::Raw {
        return Ok(Outcome::value(values, request.operation()));
    }
    let lines = values.as_object().into_iter().flatten().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}={}\n", crate::quoting::one_line(name), crate::quoting::one_line(&value))
    });
    Ok(Outcome::text(lines.collect()))
}

/// A deployment by its id, or all of a name.
pub(super) async fn delete_deployment(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let request = match (said.integer("ID"), said.word("--name")) {
        (Some(_), Some(_)) => {
            return Err(Failure::usage("an ID and --name exclude each other".to_owned()).into());
        }
        (None, None) => {
            return Err(Failure::usage("say which deployment, by its ID or by --name".to_owned()).into());
        }
        (Some(_), None) if said.has("--tag") => {
            return Err(Failure::usage("--tag goes with --name".to_owned()).into());
        }
        (Some(id), None) => {
            let mut request = request("deleteDeployment")?;
            request.set("id", id);
            request
        }
        (None, Some(name)) => {
            let mut request = request("deleteDeployments")?;
            request.set("name", name);
            request.set_if("tag", said.word("--tag"));
            request
        }
    };
    Outcome::of_call(session, request).await
}

fn request(operation: &str) -> Result<Request, Failure> {
    Request::of(operation).map_err(|error| Failure::of_client(&error))
}
