//! Conditions: what a filter asks of a value.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::JsonPath;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// The query finds something.
    Exists(JsonPath),
    Compares(Operand, Comparison, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    /// What a singular query finds.
    Single(JsonPath),
    /// The number of characters, elements or members.
    Length(Box<Operand>),
    /// How many values a query finds.
    Count(JsonPath),
    /// What a query finds, where that is one value.
    Value(JsonPath),
}

impl Condition {
    pub(super) fn holds(&self, root: &Value, current: &Value) -> bool {
        match self {
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(root, current)),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(root, current)),
            Self::Not(condition) => !condition.holds(root, current),
            Self::Exists(query) if query.is_singular() => query.single(root, current).is_some(),
            Self::Exists(query) => count(query, root, current) > 0,
            Self::Compares(one, comparison, other) => {
                let (one, other) = (one.value(root, current), other.value(root, current));
                let is_equal = || match (&one, &other) {
                    (Some(one), Some(other)) => is_equal(one.as_value(), other.as_value()),
                    (one, other) => one.is_none() && other.is_none(),
                };
                let order = || order(one.as_ref()?.as_value(), other.as_ref()?.as_value());
                match comparison {
                    Comparison::Equal => is_equal(),
                    Comparison::NotEqual => !is_equal(),
                    Comparison::Less => order() == Some(Ordering::Less),
                    Comparison::Greater => order() == Some(Ordering::Greater),
                    Comparison::LessOrEqual => order() == Some(Ordering::Less) || is_equal(),
                    Comparison::GreaterOrEqual => order() == Some(Ordering::Greater) || is_equal(),
                }
            }
        }
    }
}

/// A value that is in the document or the query, or is made.
enum Held<'value> {
    There(&'value Value),
    Made(Value),
}

impl Held<'_> {
    fn as_value(&self) -> &Value {
        match self {
            Self::There(value) => value,
            Self::Made(value) => value,
        }
    }
}

impl Operand {
    /// Its value; `None` is the standard's `Nothing`.
    fn value<'value>(&'value self, root: &'value Value, current: &'value Value) -> Option<Held<'value>> {
        match self {
            Self::Literal(value) => Some(Held::There(value)),
            Self::Single(query) => query.single(root, current).map(Held::There),
            Self::Length(of) => {
                let length = match of.value(root, current)?.as_value() {
                    Value::String(text) => text.chars().count(),
                    Value::Array(elements) => elements.len(),
                    Value::Object(members) => members.len(),
                    _ => return None,
                };
                Some(Held::Made(length.into()))
            }
            Self::Count(query) => Some(Held::Made(count(query, root, current).into())),
            Self::Value(query) => {
                let (mut only, mut found) = (None, 0);
                query.visit(root, current, &mut |_, value| (only, found) = (Some(value), found + 1));
                only.filter(|_| found == 1).map(Held::There)
            }
        }
    }
}

fn count(query: &JsonPath, root: &Value, current: &Value) -> usize {
    let mut found = 0;
    query.visit(root, current, &mut |_, _| found += 1);
    found
}

/// Numbers are equal by what they are worth, also inside of what is compared.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => order_of_numbers(one, other) == Some(Ordering::Equal),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_same = |(name, one)| other.get(name).is_some_and(|other| is_equal(one, other));
            one.len() == other.len() && one.iter().all(is_same)
        }
        (one, other) => one == other,
    }
}

fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => order_of_numbers(one, other),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

fn order_of_numbers(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}
