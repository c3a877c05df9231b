//! Whether a value may fit two schemas at once, which a `oneOf` forbids its alternatives.
//!
//! The answer errs on the side of *may*: what cannot be shown to be apart may overlap.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::super::comparison::Comparison;
use super::super::flat::{All, Key, Schema, UnionKind, compare};
use super::super::rules::Direction;
use super::bounds::{self, admits};
use super::object::Access;
use super::types;

/// Which of the two documents a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Version {
    Old,
    New,
}

/// A schema of one of the documents.
pub(super) type Of<'s, 'd> = (Version, &'s All<'d>);

struct Search<'c, 'd> {
    comparison: &'c mut Comparison<'d>,
    direction: Direction,
    /// Whether the values are those of clients that know the first schema: they send no properties but those that it names.
    are_sent: bool,
    /// What else the values have to fit: what the old document takes in the place.
    taken: Option<Rc<Schema<'d>>>,
    /// Pairs that are being looked at: a value that fits only if it fits has no end.
    open: HashSet<(Version, Key, Version, Key)>,
}

impl<'d> Comparison<'d> {
    /// Whether a value may fit both schemas.
    pub(super) fn may_overlap(&mut self, one: Of<'_, 'd>, other: Of<'_, 'd>, direction: Direction) -> bool {
        Search { comparison: self, direction, are_sent: false, taken: None, open: HashSet::new() }
            .schemas(one, other)
    }

    /// Whether a value that the old schema takes may fit both of the new ones.
    pub(super) fn may_both_take(
        &mut self,
        old: &All<'d>,
        one: &All<'d>,
        other: &All<'d>,
        direction: Direction,
    ) -> bool {
        let taken = Some(self.old.flat(old)).filter(|taken| taken.unions.is_empty());
        Search { comparison: self, direction, are_sent: false, taken, open: HashSet::new() }
            .schemas((Version::New, one), (Version::New, other))
    }

    /// Whether a client of the old document may send a value that fits both schemas.
    pub(super) fn may_send_both(&mut self, old: &All<'d>, new: &All<'d>, direction: Direction) -> bool {
        Search { comparison: self, direction, are_sent: true, taken: None, open: HashSet::new() }
            .schemas((Version::Old, old), (Version::New, new))
    }
}

impl<'d> Search<'_, 'd> {
    fn flat(&mut self, (version, all): Of<'_, 'd>) -> Rc<Schema<'d>> {
        match version {
            Version::Old => self.comparison.old.flat(all),
            Version::New => self.comparison.new.flat(all),
        }
    }

    fn schemas(&mut self, one: Of<'_, 'd>, other: Of<'_, 'd>) -> bool {
        let Some(steps_left) = self.comparison.overlap_steps_left.checked_sub(1) else { return true };
        self.comparison.overlap_steps_left = steps_left;
        let pair = (one.0, one.1.key(), other.0, other.1.key());
        if !self.open.insert(pair.clone()) {
            return false;
        }
        let (a, b) = (self.flat(one), self.flat(other));
        let may = self.is_not_excluded(one, &b)
            && self.is_not_excluded(other, &a)
            && self.fits_alternatives(&a, one.0, other)
            && self.fits_alternatives(&b, other.0, one)
            && self.flats((one.0, &a), (other.0, &b));
        self.open.remove(&pair);
        may
    }

    /// Whether a `not` of the other schema leaves something of this one.
    fn is_not_excluded(&mut self, one: Of<'_, 'd>, other: &Schema<'d>) -> bool {
        // Only schemas of different documents can be compared.
        let excluded = other.sites("not").iter().any(|excluded| {
            let excluded = All::one(excluded.clone());
            one.0 == Version::Old
                && self.comparison.is_covered_by_new(one.1, &excluded, self.direction).unwrap_or_default()
        });
        !excluded
    }

    /// Whether one of each list of alternatives may go with the other schema.
    fn fits_alternatives(&mut self, schema: &Schema<'d>, version: Version, other: Of<'_, 'd>) -> bool {
        schema.unions.iter().all(|union| {
            union.variants.iter().any(|variant| match version {
                // The values that are sent are those of the first schema.
                Version::Old => self.schemas((version, &variant.schema), other),
                Version::New => self.schemas(other, (version, &variant.schema)),
            })
        })
    }

    fn flats(&mut self, (one, a): (Version, &Schema<'d>), (other, b): (Version, &Schema<'d>)) -> bool {
        if a.never.is_some() || b.never.is_some() {
            return false;
        }
        // Of the parts of a value, the old schema's are not looked at.
        let taken = self.taken.clone().filter(|_| self.open.len() == 1);
        let taken = taken.as_deref();
        if [Some(a), Some(b), taken].into_iter().flatten().all(fits_null) {
            return true;
        }
        let is_taken = |value: &Value| taken.is_none_or(|taken| admits(taken, value));
        if let Some(values) = &a.values {
            return values.iter().any(|value| admits(b, value) && is_taken(value));
        }
        if let Some(values) = &b.values {
            return values.iter().any(|value| admits(a, value) && is_taken(value));
        }
        if let Some(values) = taken.and_then(|taken| taken.values.as_ref()) {
            return values.iter().any(|value| admits(a, value) && admits(b, value));
        }
        let all: Vec<&Schema<'d>> = [Some(a), Some(b), taken].into_iter().flatten().collect();
        let every = || ["boolean", "integer", "number", "string", "array", "object"].into_iter().collect();
        let types = all.iter().filter_map(|schema| schema.types.clone());
        let types = types.reduce(|one, other| types::common(&one, &other)).unwrap_or_else(every);
        types.into_iter().any(|name| match name {
            "integer" | "number" => numbers_overlap(&all, name == "integer"),
            "string" => texts_overlap(&all),
            "array" => self.arrays((one, a), (other, b)),
            "object" => self.objects((one, a), (other, b)),
            _ => true,
        })
    }

    fn arrays(&mut self, (one, a): (Version, &Schema<'d>), (other, b): (Version, &Schema<'d>)) -> bool {
        let Some(least) = counts_overlap(&[a, b], "minItems", "maxItems") else { return false };
        // The empty list fits, whatever the elements are; those by position are not looked at.
        least < 1.0
            || a.has("prefixItems")
            || b.has("prefixItems")
            || self.schemas((one, &a.child("items")), (other, &b.child("items")))
    }

    fn objects(&mut self, (one, a): (Version, &Schema<'d>), (other, b): (Version, &Schema<'d>)) -> bool {
        if counts_overlap(&[a, b], "minProperties", "maxProperties").is_none() {
            return false;
        }
        let names: BTreeSet<&'d str> = a.required.keys().chain(b.required.keys()).copied().collect();
        names.into_iter().all(|name| {
            if !self.travels((one, a), name) || !self.travels((other, b), name) {
                return true;
            }
            // A client sends the properties that it knows; one that knows none may send any.
            let is_unknown = !a.properties.contains_key(name)
                && !a.properties.is_empty()
                && !a.has("additionalProperties")
                && !a.has("patternProperties");
            if self.are_sent && is_unknown {
                return false;
            }
            self.schemas((one, &property(a, name)), (other, &property(b, name)))
        })
    }

    fn travels(&mut self, (version, schema): (Version, &Schema<'d>), name: &str) -> bool {
        let Some(property) = schema.properties.get(name) else { return true };
        Access::of(&self.flat((version, property))).travels(self.direction)
    }
}

/// What is said of a property of an object.
fn property<'d>(schema: &Schema<'d>, name: &str) -> All<'d> {
    match schema.properties.get(name) {
        Some(property) => property.clone(),
        None if schema.has("patternProperties") => All::default(),
        None => schema.child("additionalProperties"),
    }
}

fn fits_null(schema: &Schema<'_>) -> bool {
    schema.nullable || (schema.types.is_none() && schema.values.is_none() && schema.unions.is_empty())
}

/// The least count that fits all of them, if any does.
fn counts_overlap(all: &[&Schema<'_>], least: &str, most: &str) -> Option<f64> {
    let tightest = |keyword, tighter: fn(f64, f64) -> f64| {
        all.iter().filter_map(|schema| bounds::stated(schema, keyword, tighter)).reduce(tighter)
    };
    let floor = tightest(least, f64::max).unwrap_or(0.0);
    tightest(most, f64::min).is_none_or(|ceiling| floor <= ceiling).then_some(floor)
}

fn texts_overlap(all: &[&Schema<'_>]) -> bool {
    let formats = all.iter().map(|schema| -> BTreeSet<&str> {
        schema.words.get("format").into_iter().flatten().map(|(format, _)| format.as_ref()).collect()
    });
    // A format counts as a part of the type.
    let formats: BTreeSet<_> = formats.filter(|formats| !formats.is_empty()).collect();
    formats.len() <= 1 && counts_overlap(all, "minLength", "maxLength").is_some()
}

fn numbers_overlap(all: &[&Schema<'_>], are_integers: bool) -> bool {
    let tightest = |lower: bool| {
        let bounds =
            all.iter().filter_map(|schema| if lower { schema.lower.as_ref() } else { schema.upper.as_ref() });
        bounds.reduce(|one, other| if other.is_tighter(one, lower) { other } else { one })
    };
    let (Some(floor), Some(ceiling)) = (tightest(true), tightest(false)) else { return true };
    let (above, below) = (floor.exclusive, ceiling.exclusive);
    if are_integers && let (Some(floor), Some(ceiling)) = (floor.number.as_i128(), ceiling.number.as_i128()) {
        return floor.saturating_add(i128::from(above)) <= ceiling.saturating_sub(i128::from(below));
    }
    match compare(floor.number, ceiling.number) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => !above && !below,
        std::cmp::Ordering::Greater => false,
    }
}

impl UnionKind {
    /// Whether exactly one alternative must fit.
    pub(super) fn is_exclusive(self) -> bool {
        self == Self::OneOf
    }
}
