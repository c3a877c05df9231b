//! The limits of a request that the service would check: reported before anything is sent.
//!
//! They are a table and not types: a number between bounds as a type of its own would make every call harder to write, and the
//! generator knows only some of the limits.

use serde_json::{Map, Value};

use crate::pointer::resolved;

/// How deep a body is looked into. What is deeper is the service's to check.
const MAX_DEPTH: usize = 8;
/// How many schemas of one body are looked into.
const MAX_VISITS: usize = 2_000;

/// Where a value is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// As a header.
    Header,
    /// As a field of the JSON body.
    Body,
}

/// A limit of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Where the limited value is sent.
    pub location: Location,
    /// Which value: a parameter's name, or for a body the fields down to it, `order[].size`.
    pub place: String,
    /// The limit.
    pub rule: LimitRule,
}

/// What a value must keep to.
#[derive(Debug, Clone, PartialEq)]
pub enum LimitRule {
    /// Not less.
    Minimum(f64),
    /// More.
    ExclusiveMinimum(f64),
    /// Not more.
    Maximum(f64),
    /// Less.
    ExclusiveMaximum(f64),
    /// A string of at least that many characters.
    MinLength(u64),
    /// A string of at most that many characters.
    MaxLength(u64),
    /// A list of at least that many elements.
    MinItems(u64),
    /// A list of at most that many elements.
    MaxItems(u64),
    /// One of these strings.
    OneOf(Vec<String>),
}

/// The limits in a schema and below it, in the order of their places.
pub(super) fn of(document: &Value, schema: &Value, location: Location, place: &str) -> Vec<Limit> {
    let mut gathering = Gathering { document, location, visits_left: MAX_VISITS, limits: Vec::new() };
    gathering.gather(schema, place, 0);
    gathering.limits
}

struct Gathering<'document> {
    document: &'document Value,
    location: Location,
    /// Schemas that refer to each other can stand for more places than any body has.
    visits_left: usize,
    limits: Vec<Limit>,
}

impl Gathering<'_> {
    fn gather(&mut self, schema: &Value, place: &str, depth: usize) {
        let Some(visits_left) = self.visits_left.checked_sub(1) else { return };
        self.visits_left = visits_left;
        let Some(schema) = resolved(self.document, schema).as_object().filter(|_| depth <= MAX_DEPTH) else {
            return;
        };
        if !place.is_empty() {
            let location = self.location;
            self.limits.extend(own(schema).into_iter().map(|rule| Limit {
                location,
                place: place.to_owned(),
                rule,
            }));
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.gather(part, place, depth + 1);
        }
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            self.gather(member, &place, depth + 1);
        }
        if let Some(items @ Value::Object(_)) = schema.get("items") {
            self.gather(items, &format!("{place}[]"), depth + 1);
        }
    }
}

fn own(schema: &Map<String, Value>) -> Vec<LimitRule> {
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let count = |key: &str| schema.get(key).and_then(Value::as_u64);
    // 3.0 says with a flag that a bound is exclusive, 3.1 with the bound itself.
    let exclusive = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    let strings = schema.get("enum").and_then(Value::as_array).and_then(|values| {
        let strings: Option<Vec<String>> = values
            .iter()
            .filter(|value| !value.is_null())
            .map(|value| value.as_str().map(str::to_owned))
            .collect();
        strings.filter(|strings| !strings.is_empty())
    });
    [
        number("minimum").map(|limit| match exclusive("exclusiveMinimum") {
            true => LimitRule::ExclusiveMinimum(limit),
            false => LimitRule::Minimum(limit),
        }),
        number("exclusiveMinimum").map(LimitRule::ExclusiveMinimum),
        number("maximum").map(|limit| match exclusive("exclusiveMaximum") {
            true => LimitRule::ExclusiveMaximum(limit),
            false => LimitRule::Maximum(limit),
        }),
        number("exclusiveMaximum").map(LimitRule::ExclusiveMaximum),
        count("minLength").filter(|length| *length > 0).map(LimitRule::MinLength),
        count("maxLength").map(LimitRule::MaxLength),
        count("minItems").filter(|items| *items > 0).map(LimitRule::MinItems),
        count("maxItems").map(LimitRule::MaxItems),
        strings.map(LimitRule::OneOf),
    ]
    .into_iter()
    .flatten()
    .collect()
}
