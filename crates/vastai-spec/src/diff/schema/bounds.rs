//! Limits of numbers, lengths and counts.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::comparison::Comparison;
use super::super::flat::{Bound, Schema, compare, same};
use super::super::rules;
use super::super::site::Site;
use super::both::Both;
use super::types;

/// Keywords that hold a number of characters, elements or properties, and whether they are lower limits.
const COUNTS: [(&str, bool, &str); 8] = [
    ("minLength", true, "characters"),
    ("maxLength", false, "characters"),
    ("minItems", true, "elements"),
    ("maxItems", false, "elements"),
    ("minProperties", true, "properties"),
    ("maxProperties", false, "properties"),
    ("minContains", true, "such elements"),
    ("maxContains", false, "such elements"),
];

impl Both<'_, '_> {
    fn are_integers(&self) -> bool {
        let of_integers = |schema: &Schema<'_>| {
            schema.types.as_ref().is_some_and(|types| types.len() == 1 && types.contains("integer"))
        };
        of_integers(self.old) && of_integers(self.new)
    }
}

/// Whether a value may fit, as far as its kind and limits show.
pub(super) fn admits(schema: &Schema<'_>, value: &Value) -> bool {
    if let Some(values) = &schema.values {
        return values.iter().any(|other| same(other, value));
    }
    let kind = types::of_values(&[value]);
    if schema.types.as_ref().is_some_and(|types| !types::contains(types, &kind)) {
        return false;
    }
    match value {
        Value::Number(number) => {
            let fits = |bound: &Option<Bound<'_>>, lower: bool| {
                bound.as_ref().is_none_or(|bound| {
                    let order = compare(number, bound.number);
                    let order = if lower { order } else { order.reverse() };
                    order.is_gt() || (order.is_eq() && !bound.exclusive)
                })
            };
            fits(&schema.lower, true) && fits(&schema.upper, false)
        }
        Value::String(text) => fits_count(schema, text.chars().count(), "minLength", "maxLength"),
        Value::Array(elements) => fits_count(schema, elements.len(), "minItems", "maxItems"),
        Value::Object(members) => schema.required.keys().all(|name| members.contains_key(*name)),
        _ => true,
    }
}

#[allow(clippy::cast_precision_loss, reason = "no count is beyond 2^52")]
fn fits_count(schema: &Schema<'_>, count: usize, least: &str, most: &str) -> bool {
    let count = count as f64;
    stated(schema, least, f64::max).is_none_or(|least| count >= least)
        && stated(schema, most, f64::min).is_none_or(|most| count <= most)
}

/// The tightest of the limits that a keyword states.
pub(super) fn stated(schema: &Schema<'_>, keyword: &str, tighter: fn(f64, f64) -> f64) -> Option<f64> {
    schema.sites(keyword).iter().filter_map(|site| site.value.as_f64()).reduce(tighter)
}

/// Whether a schema lists its values, and the limits of the other, which lists none, let all of them in.
fn are_listed_within(listed: &Schema<'_>, limited: &Schema<'_>) -> bool {
    let values = listed.values.as_ref().filter(|_| limited.values.is_none());
    values.is_some_and(|values| values.iter().all(|value| admits(limited, value)))
}

impl<'d> Comparison<'d> {
    pub(super) fn limits(&mut self, both: &Both<'_, 'd>) {
        // Values that are listed on one side and fit the limits of the other: what narrows or widens is the list alone.
        if are_listed_within(both.old, both.new) || are_listed_within(both.new, both.old) {
            return;
        }
        for (lower, keyword) in [(true, "minimum"), (false, "maximum")] {
            let of = |schema: &Schema<'d>| if lower { schema.lower.clone() } else { schema.upper.clone() };
            self.limit(both, keyword, of(both.old), of(both.new), lower, "");
        }
        for (keyword, lower, unit) in COUNTS {
            // Without `contains`, how many such elements there are is not counted.
            let counts = |schema: &Schema<'d>| !keyword.ends_with("Contains") || schema.has("contains");
            let of = |schema: &Schema<'d>| {
                if !counts(schema) {
                    return None;
                }
                let bounds = schema.sites(keyword).iter().filter_map(|site| {
                    Some(Bound { number: site.value.as_number()?, exclusive: false, site: site.clone() })
                });
                bounds.max_by(|one, other| one.compared(other, lower))
            };
            self.limit(both, keyword, of(both.old), of(both.new), lower, unit);
        }
        self.multiples(both);
    }

    fn limit(
        &mut self,
        both: &Both<'_, 'd>,
        keyword: &'static str,
        old: Option<Bound<'d>>,
        new: Option<Bound<'d>>,
        lower: bool,
        unit: &str,
    ) {
        let space = if unit.is_empty() { "" } else { " " };
        let described = |bound: &Bound<'_>| format!("{}{space}{unit}", bound.described(lower));
        let (rule, message) = match (&old, &new) {
            (None, None) => return,
            // Where nothing is said, one element must be there.
            (None, Some(after)) if keyword == "minContains" && after.is_zero() => (
                &rules::LIMIT_LOOSENED,
                format!("such elements need no longer be there: {}", described(after)),
            ),
            (Some(before), None) if keyword == "minContains" && before.is_zero() => (
                &rules::LIMIT_TIGHTENED,
                format!("such an element must be there; it was {}", described(before)),
            ),
            (None, Some(after)) => (&rules::LIMIT_TIGHTENED, format!("a limit is new: {}", described(after))),
            (Some(before), None) => {
                (&rules::LIMIT_LOOSENED, format!("a limit is gone: {}", described(before)))
            }
            // Of integers, more than 0 is at least 1.
            (Some(before), Some(after))
                if both.are_integers()
                    && before.integer(lower).is_some_and(|before| Some(before) == after.integer(lower)) =>
            {
                return;
            }
            (Some(before), Some(after)) => {
                let rule = match after.compared(before, lower) {
                    Ordering::Equal => return,
                    Ordering::Greater => &rules::LIMIT_TIGHTENED,
                    Ordering::Less => &rules::LIMIT_LOOSENED,
                };
                (rule, format!("the limit was {} and is {}", described(before), described(after)))
            }
        };
        self.report_keyword(
            both,
            rule,
            keyword,
            (old.map(|bound| bound.site), new.map(|bound| bound.site)),
            message,
        );
    }

    fn multiples(&mut self, both: &Both<'_, 'd>) {
        if !both.differs("multipleOf") {
            return;
        }
        let places = both.keyword("multipleOf");
        let number = |site: &Option<Site<'d>>| site.as_ref().and_then(|site| site.value.as_f64());
        let is_multiple = |one: f64, of: f64| of != 0.0 && (one / of).fract() == 0.0;
        let (rule, message) = match (number(&places.0), number(&places.1)) {
            (None, None) => return,
            (None, Some(after)) => (&rules::LIMIT_TIGHTENED, format!("it must be a multiple of {after} now")),
            (Some(before), None) => {
                (&rules::LIMIT_LOOSENED, format!("it need not be a multiple of {before} any more"))
            }
            (Some(before), Some(after)) => {
                let rule = match (is_multiple(after, before), is_multiple(before, after)) {
                    (true, false) => &rules::LIMIT_TIGHTENED,
                    (false, true) => &rules::LIMIT_LOOSENED,
                    _ => &rules::MULTIPLE_OF_CHANGED,
                };
                (rule, format!("it was a multiple of {before} and is one of {after}"))
            }
        };
        self.report_keyword(both, rule, "multipleOf", places, message);
    }
}
