//! The filters and the order in which lists are searched.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// Filters that all have to let a thing through.
#[derive(Debug)]
pub(super) struct Filters<'a>(Vec<Filter<'a>>);

impl<'a> Filters<'a> {
    /// From columns and operators, such as `num_gpus` and `{"gte": 2}`.
    pub(super) fn of(filters: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Result<Self, Refusal> {
        let filters = filters.into_iter().map(|(column, filter)| Filter::of(column, filter));
        Ok(Self(filters.collect::<Result<_, _>>()?))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn let_through(&self, thing: &Map<String, Value>) -> bool {
        self.0.iter().all(|filter| filter.lets_through(thing))
    }
}

/// The order of two things by a column; equal where one does not have it.
pub(super) fn order(
    one: &Map<String, Value>,
    other: &Map<String, Value>,
    column: &str,
    falling: bool,
) -> Ordering {
    let order = compared(one.get(column), other.get(column)).unwrap_or(Ordering::Equal);
    if falling { order.reverse() } else { order }
}

/// A filter by one column.
#[derive(Debug)]
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
                    "{column}: {operator} with {operand} is not a filter."
                )));
            }
        }
        Ok(Self { column, operators })
    }

    fn lets_through(&self, thing: &Map<String, Value>) -> bool {
        // Offers do not have these columns by the names by which they are searched.
        let named = match self.column {
            "verified" => Some(json!(thing.get("verification") == Some(&json!("verified")))),
            "datacenter" => Some(json!(thing.get("hosting_type") == Some(&json!(1)))),
            _ => None,
        };
        let value = named.as_ref().or_else(|| thing.get(self.column));
        self.operators.iter().all(|(operator, operand)| {
            let order = || compared(value, Some(operand));
            let among = || operand.as_array().is_some_and(|all| all.iter().any(|it| equal(value, it)));
            match *operator {
                // The trial of a machine by the official client says so that it does not matter.
                "eq" if **operand == "any" && value.is_some_and(Value::is_boolean) => true,
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

/// Numbers by their size, strings by the alphabet. A string beside a number is read as one: the official command line sends each operand as a string.
fn compared(one: Option<&Value>, other: Option<&Value>) -> Option<Ordering> {
    match (one?, other?) {
        (Value::Number(one), Value::String(other)) => {
            one.as_f64()?.partial_cmp(&other.trim().parse::<f64>().ok()?)
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        _ => None,
    }
}
