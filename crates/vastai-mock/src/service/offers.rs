//! Searching offers.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::Service;
use super::call::Call;
use super::refusal::Refusal;

/// Members of the search that are no filters.
const STEERING: [&str; 5] = ["limit", "type", "order", "allocated_storage", "disable_bundling"];

pub(super) fn search(service: &Service, call: &Call<'_>) -> Result<Value, Refusal> {
    let body = call.body()?;
    let empty = Map::new();
    let search = body.as_object().unwrap_or(&empty);
    let filters = search
        .iter()
        .filter(|(column, _)| !STEERING.contains(&column.as_str()))
        .map(|(column, filter)| Filter::of(column, filter))
        .collect::<Result<Vec<_>, _>>()?;
    let mut found: Vec<Map<String, Value>> = service.state.offers().map(|offer| offer.to_json()).collect();
    found.retain(|offer| filters.iter().all(|filter| filter.lets_through(offer)));
    for key in search.get("order").and_then(Value::as_array).into_iter().flatten().rev() {
        let part = |at: usize| key.get(at).and_then(Value::as_str).unwrap_or_default();
        let (column, falling) = (part(0), part(1) == "desc");
        found.sort_by(|one, other| {
            let order = compared(one.get(column), other.get(column)).unwrap_or(Ordering::Equal);
            if falling { order.reverse() } else { order }
        });
    }
    let limit = search.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    found.truncate(limit.unwrap_or(usize::MAX));
    Ok(json!({ "success": true, "offers": found }))
}

/// A filter by one column.
struct Filter<'a> {
    column: &'a str,
    operators: Vec<(&'a str, &'a Value)>,
}

impl<'a> Filter<'a> {
    fn of(column: &'a str, filter: &'a Value) -> Result<Self, Refusal> {
        let operators = match filter {
            Value::Object(operators) => {
                operators.iter().map(|(name, value)| (name.as_str(), value)).collect()
            }
            // The service takes a bare value for equality.
            other => vec![("eq", other)],
        };
        for (operator, operand) in &operators {
            let known = match *operator {
                "eq" | "neq" | "gt" | "gte" | "lt" | "lte" => true,
                "in" | "notin" | "nin" => operand.is_array(),
                _ => false,
            };
            if !known {
                return Err(Refusal::invalid_args(format!(
                    "{column}: {operator} with {operand} is no filter."
                )));
            }
        }
        Ok(Self { column, operators })
    }

    fn lets_through(&self, offer: &Map<String, Value>) -> bool {
        // Offers do not have these columns by the names by which they are searched.
        let named = match self.column {
            "verified" => Some(json!(offer.get("verification") == Some(&json!("verified")))),
            "datacenter" => Some(json!(offer.get("hosting_type") == Some(&json!(1)))),
            _ => None,
        };
        let value = named.as_ref().or_else(|| offer.get(self.column));
        self.operators.iter().all(|(operator, operand)| {
            let order = || compared(value, Some(operand));
            let among = || operand.as_array().is_some_and(|all| all.iter().any(|it| equal(value, it)));
            match *operator {
                "eq" => equal(value, operand),
                "neq" => !equal(value, operand),
                "gt" => order() == Some(Ordering::Greater),
                "gte" => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
                "lt" => order() == Some(Ordering::Less),
                "lte" => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
                "in" => among(),
                _ => !among(),
            }
        })
    }
}

fn equal(value: Option<&Value>, operand: &Value) -> bool {
    value == Some(operand) || compared(value, Some(operand)) == Some(Ordering::Equal)
}

/// Numbers by their size, texts by the alphabet.
fn compared(one: Option<&Value>, other: Option<&Value>) -> Option<Ordering> {
    match (one?, other?) {
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        _ => None,
    }
}
