//! The limits that the document gives to requests, checked before anything is sent.

use std::fmt;

use reqwest::Request;
use serde_json::Value;

use crate::operation::{Location, Operation};

/// A limit of a value that an operation takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Where the value is sent.
    pub location: Location,
    /// Which value: a parameter's name, or in a body the members down to it, `order[].size`.
    pub place: &'static str,
    /// What it must keep to.
    pub rule: LimitRule,
}

/// What a value must keep to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LimitRule {
    /// Not less.
    Minimum(f64),
    /// More.
    ExclusiveMinimum(f64),
    /// Not more.
    Maximum(f64),
    /// Less.
    ExclusiveMaximum(f64),
    /// A text of at least that many characters.
    MinLength(u64),
    /// A text of at most that many characters.
    MaxLength(u64),
    /// A list of at least that many elements.
    MinItems(u64),
    /// A list of at most that many elements.
    MaxItems(u64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

impl LimitRule {
    /// Whether a value keeps to the rule. A value of another type than the rule speaks of does.
    fn holds(&self, value: &Value) -> bool {
        let number = |holds: fn(f64, f64) -> bool, bound: f64| {
            value.as_f64().is_none_or(|number| holds(number, bound))
        };
        let length = |holds: fn(u64, u64) -> bool, bound: u64| {
            value.as_str().is_none_or(|text| holds(text.chars().count() as u64, bound))
        };
        let items = |holds: fn(u64, u64) -> bool, bound: u64| {
            value.as_array().is_none_or(|list| holds(list.len() as u64, bound))
        };
        match *self {
            Self::Minimum(bound) => number(|number, bound| number >= bound, bound),
            Self::ExclusiveMinimum(bound) => number(|number, bound| number > bound, bound),
            Self::Maximum(bound) => number(|number, bound| number <= bound, bound),
            Self::ExclusiveMaximum(bound) => number(|number, bound| number < bound, bound),
            Self::MinLength(bound) => length(|length, bound| length >= bound, bound),
            Self::MaxLength(bound) => length(|length, bound| length <= bound, bound),
            Self::MinItems(bound) => items(|count, bound| count >= bound, bound),
            Self::MaxItems(bound) => items(|count, bound| count <= bound, bound),
            Self::OneOf(texts) => value.as_str().is_none_or(|text| texts.contains(&text)),
        }
    }
}

impl fmt::Display for LimitRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minimum(bound) => write!(formatter, "at least {bound}"),
            Self::ExclusiveMinimum(bound) => write!(formatter, "more than {bound}"),
            Self::Maximum(bound) => write!(formatter, "at most {bound}"),
            Self::ExclusiveMaximum(bound) => write!(formatter, "less than {bound}"),
            Self::MinLength(bound) => write!(formatter, "at least {bound} characters"),
            Self::MaxLength(bound) => write!(formatter, "at most {bound} characters"),
            Self::MinItems(bound) => write!(formatter, "at least {bound} elements"),
            Self::MaxItems(bound) => write!(formatter, "at most {bound} elements"),
            Self::OneOf(texts) => write!(formatter, "one of {}", texts.join(", ")),
        }
    }
}

impl Operation {
    /// Checks a request of this operation against the limits of the document.
    ///
    /// The generated client does this before it sends; a client of one's own can do it too. Values inside of unions, and values that
    /// the service alone can judge, are not looked at.
    ///
    /// # Errors
    ///
    /// A sentence that names the value and its limit, and does not repeat the value, which may be a secret.
    pub fn check_limits(&self, request: &Request) -> Result<(), String> {
        if self.limits.is_empty() {
            return Ok(());
        }
        let body: Option<Value> = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .and_then(|body| serde_json::from_slice(body).ok());
        for limit in self.limits {
            let broken = match limit.location {
                Location::Body => body.as_ref().is_some_and(|body| breaks(body, limit.place, &limit.rule)),
                Location::Query => {
                    let values = request.url().query_pairs().filter(|(name, _)| name == limit.place);
                    values.into_iter().any(|(_, value)| !limit.rule.holds(&as_written(&value)))
                }
                Location::Header => {
                    let values =
                        request.headers().get_all(limit.place).iter().filter_map(|value| value.to_str().ok());
                    values.into_iter().any(|value| !limit.rule.holds(&as_written(value)))
                }
                Location::Path => self
                    .in_path(request.url().path(), limit.place)
                    .is_some_and(|value| !limit.rule.holds(&as_written(value))),
            };
            if broken {
                return Err(format!("`{}` must be {}", limit.place, limit.rule));
            }
        }
        Ok(())
    }

    /// The value of a path parameter in a path of this operation.
    fn in_path<'path>(&self, path: &'path str, name: &str) -> Option<&'path str> {
        let placeholder = format!("{{{name}}}");
        let index = self.path.split('/').position(|segment| segment == placeholder)?;
        path.split('/').nth(index)
    }
}

/// A value of a URL or a header: a number where it is one, else a text.
fn as_written(value: &str) -> Value {
    value
        .parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map_or_else(|| Value::from(value), Value::Number)
}

/// Whether a value at `place` below `value` breaks the rule.
fn breaks(value: &Value, place: &str, rule: &LimitRule) -> bool {
    if let Some(rest) = place.strip_prefix("[]") {
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        return value.as_array().is_some_and(|list| list.iter().any(|element| breaks(element, rest, rule)));
    }
    if place.is_empty() {
        return !rule.holds(value);
    }
    let end = place.find(['.', '[']).unwrap_or(place.len());
    let rest = place[end..].strip_prefix('.').unwrap_or(&place[end..]);
    value.get(&place[..end]).is_some_and(|member| breaks(member, rest, rule))
}
