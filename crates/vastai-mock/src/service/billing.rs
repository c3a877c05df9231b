//! Invoices and charges, in pages.

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::filter::Filters;
use super::page::{self, parameter};
use super::refusal::Refusal;
use crate::state::{Billed, USER};

/// The most entries on a page.
const PAGE: usize = 100;

pub(super) fn invoices(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    list(service.state.invoices(), call, "when", "service", 60)
}

pub(super) fn charges(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    list(service.state.charges(), call, "day", "type", PAGE)
}

/// Payments and charges by their columns, the older form of the two lists.
pub(super) fn search(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let text = parameter(call.request, "select_filters").unwrap_or_else(|| "{}".into());
    let filters: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
        Refusal::invalid_args(format!("select_filters is not an object in JSON: {error}"))
    })?;
    let filters = Filters::of(&filters)?;
    let state = &service.state;
    let rows = state.invoices().iter().map(|it| row(it, true));
    let rows = rows.chain(state.charges().iter().map(|it| row(it, false)));
    Ok(rows.filter(|row| filters.let_through(row)).map(Value::Object).collect())
}

fn row(billed: &impl Billed, is_credit: bool) -> Map<String, Value> {
    let (entry, dollars) = (billed.entry(), amount(billed));
    let columns = json!({
        "id": entry.number(),
        "user_id": USER,
        "when": entry.at.as_secs_f64(),
        "paid_on": entry.at.as_secs_f64(),
        "payment_expected": entry.at.as_secs_f64(),
        "amount_cents": (dollars.abs() * 100.0).round(),
        "is_credit": is_credit,
        "is_delayed": false,
        "service": billed.sort(),
    });
    columns.as_object().cloned().unwrap_or_default()
}

/// Payments of a span of time, and charges if they are asked for.
pub(super) fn of_user(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let bound = |name: &str, without: f64| match parameter(call.request, name) {
        None => Ok(without),
        Some(text) => {
            text.parse::<f64>().map_err(|_| Refusal::invalid_args(format!("{name} is not a number: {text}")))
        }
    };
    let span = bound("sdate", f64::NEG_INFINITY)?..=bound("edate", f64::INFINITY)?;
    let charges = parameter(call.request, "inc_charges").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let state = &service.state;
    let mut rows: Vec<(f64, Value)> = state.invoices().iter().map(|it| older_row(it, "payment")).collect();
    if charges {
        rows.extend(state.charges().iter().map(|it| older_row(it, "charge")));
    }
    rows.retain(|(at, _)| span.contains(at));
    rows.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let user = |name: &str| state.account.user.get(name).and_then(Value::as_f64).unwrap_or_default();
    let (charges, credit) = (user("balance"), user("credit"));
    Ok(json!({
        "invoices": rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>(),
        "current": { "charges": charges, "service_fee": 0.0, "total": charges, "credit": credit },
    }))
}

fn older_row(billed: &impl Billed, kind: &str) -> (f64, Value) {
    let (entry, dollars) = (billed.entry(), amount(billed).abs());
    let at = entry.at.as_secs_f64();
    let instance = (kind == "charge").then_some(entry.id);
    let row = json!({
        "id": entry.number(),
        "type": kind,
        "timestamp": at,
        "amount": dollars,
        "instance_id": instance,
        "description": billed.to_json()["description"],
        "quantity": 1.0,
        "rate": dollars,
    });
    (at, row)
}

fn amount(billed: &impl Billed) -> f64 {
    billed.to_json()["amount"].as_f64().unwrap_or_default()
}

/// A page of those that the filters let through: by time, for which both ends are needed, and by sort.
fn list<T: Billed>(
    all: &[T],
    call: &Call<'_>,
    time: &str,
    sort: &str,
    usual: usize,
) -> Result<Value, Refusal> {
    let filters = parameter(call.request, "select_filters");
    let filters = filters.ok_or_else(|| Refusal::invalid_args("select_filters is missing."))?;
    let filters: Value = serde_json::from_str(&filters)
        .map_err(|error| Refusal::invalid_args(format!("select_filters is not JSON: {error}")))?;
    let range = Range::of(filters.get(time)).ok_or_else(|| {
        Refusal::invalid_args(format!(
            "select_filters: {time} needs both ends of a range, gte or gt and lte or lt."
        ))
    })?;
    let sorts = filters.get(sort);
    let mut found: Vec<&T> = all
        .iter()
        .filter(|entry| range.holds(entry.entry().at.as_secs_f64()) && lets_through(sorts, entry.sort()))
        .collect();
    found.sort_by_key(|entry| entry.entry().place());
    match parameter(call.request, "latest_first").as_deref() {
        None | Some("true" | "True") => found.sort_by_key(|entry| Reverse(entry.entry().place())),
        Some("false" | "False") => {}
        Some(other) => {
            return Err(Refusal::invalid_args(format!("latest_first is neither true nor false: {other}")));
        }
    }
    let limit = match parameter(call.request, "limit") {
        None => usual,
        Some(limit) => limit
            .parse::<usize>()
            .ok()
            .filter(|limit| *limit > 0)
            .ok_or_else(|| Refusal::invalid_args(format!("limit is not a positive integer: {limit}")))?
            .min(PAGE),
    };
    let page = page::page(&found, |entry| entry.entry().number(), limit, call.request)?;
    Ok(json!({
        "success": true,
        "count": page.items.len(),
        "total": found.len(),
        "next_token": page.next_token,
        "results": page.items.iter().map(|entry| entry.to_json()).collect::<Vec<_>>(),
    }))
}

/// A span of time, in seconds since the Unix epoch.
struct Range<'a>(&'a Map<String, Value>);

impl<'a> Range<'a> {
    fn of(filter: Option<&'a Value>) -> Option<Self> {
        let bounds = filter?.as_object()?;
        let either = |one, other| bounds.get(one).or_else(|| bounds.get(other)).is_some_and(Value::is_number);
        (either("gte", "gt") && either("lte", "lt")).then_some(Self(bounds))
    }

    fn holds(&self, at: f64) -> bool {
        self.0.iter().all(|(operator, bound)| {
            let bound = bound.as_f64().unwrap_or(f64::NAN);
            match operator.as_str() {
                "gte" => at >= bound,
                "gt" => at > bound,
                "lte" => at <= bound,
                "lt" => at < bound,
                _ => false,
            }
        })
    }
}

fn lets_through(filter: Option<&Value>, value: &str) -> bool {
    let Some(operators) = filter.and_then(Value::as_object) else { return true };
    operators.iter().all(|(operator, operand)| {
        let among = || operand.as_array().is_some_and(|operands| operands.iter().any(|it| it == value));
        match operator.as_str() {
            "eq" => operand == value,
            "neq" => operand != value,
            "in" => among(),
            "notin" => !among(),
            _ => false,
        }
    })
}
