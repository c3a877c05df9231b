//! Invoices and charges, in pages.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::Service;
use super::call::Call;
use super::page::{self, parameter};
use super::refusal::Refusal;
use crate::state::Billed;

/// The most entries on a page.
const PAGE: usize = 100;

pub(super) fn invoices(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    list(service.state.invoices(), call, "when", "service", 60)
}

pub(super) fn charges(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    list(service.state.charges(), call, "day", "type", PAGE)
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
struct Range<'a>(&'a serde_json::Map<String, Value>);

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
