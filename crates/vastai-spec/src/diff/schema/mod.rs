//! Schemas, compared keyword by keyword.
//!
//! Each pair of schemas is brought into one flat form (`flat`), compared, and its children are noted for later: so recursion is no
//! recursion, and a pair that comes again is not compared again in the same operation.

mod array;
mod bounds;
mod flat;
mod flatten;
mod logic;
mod object;
mod types;
mod union;

use std::collections::HashSet;

use serde_json::Value;

use super::comparison::{Comparison, TooLarge, told};
use super::model::Side;
use super::rules::{self, Direction, Rule};
use super::site::{Site, Trail};

pub(super) use flat::{All, Key, Schema};

/// Schemas of which a change is looked for, and those already looked at.
#[derive(Debug, Default)]
pub(super) struct Walk<'d> {
    visited: HashSet<(Key, Key, bool)>,
    pending: Vec<Pair<'d>>,
}

/// A schema of the old document and its counterpart in the new one.
#[derive(Debug)]
struct Pair<'d> {
    old: All<'d>,
    new: All<'d>,
    at: Trail<'d>,
    /// Below a `not`, where narrowing is widening.
    negated: bool,
}

/// A pair in its flat form.
struct Both<'s, 'd> {
    old: &'s Schema<'d>,
    new: &'s Schema<'d>,
    at: &'s Trail<'d>,
    direction: Direction,
    negated: bool,
}

/// Where a keyword is written in both documents.
type Places<'d> = (Option<Site<'d>>, Option<Site<'d>>);

impl<'d> Both<'_, 'd> {
    fn side(&self) -> Side {
        side_of(self.direction)
    }

    fn site(&self, old: &Option<Site<'d>>, new: &Option<Site<'d>>) -> Places<'d> {
        // Where neither document has the keyword itself, the schemas are shown.
        match (old, new) {
            (None, None) => (self.old.site.clone(), self.new.site.clone()),
            _ => (old.clone(), new.clone()),
        }
    }

    fn keyword(&self, keyword: &str) -> Places<'d> {
        (self.old.first(keyword).cloned(), self.new.first(keyword).cloned())
    }

    fn pair(&self, old: All<'d>, new: All<'d>, at: Trail<'d>) -> Pair<'d> {
        Pair { old, new, at, negated: self.negated }
    }
}

pub(super) fn side_of(direction: Direction) -> Side {
    match direction {
        Direction::Request => Side::Request,
        Direction::Response => Side::Response,
    }
}

/// Whether two values are one in JSON Schema, where 1 and 1.0 are one number.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => bounds::compare(one, other).is_eq(),
        _ => one == other,
    }
}

/// Keywords that have a comparison of their own; all others are compared as they stand.
const KNOWN: [&str; 33] = [
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
    "maxContains",
    "minContains",
    "multipleOf",
    "uniqueItems",
    "items",
    "prefixItems",
    "contains",
    "unevaluatedItems",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "not",
    "if",
    "then",
    "else",
    "discriminator",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentSchema",
    "xml",
    "minimum",
    "maximum",
];

impl<'d> Comparison<'d> {
    /// Compares the schemas of a place; where one is missing, anything goes there.
    pub(super) fn schemas(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let all = |site: Option<Site<'d>>| site.map(All::one).unwrap_or_default();
        let mut walk = self.walks.remove(&direction).unwrap_or_default();
        walk.pending.push(Pair { old: all(old), new: all(new), at, negated: false });
        let outcome = self.walk(&mut walk, direction);
        self.walks.insert(direction, walk);
        outcome
    }

    /// Whether two schemas say the same to a client.
    fn are_equal(&mut self, old: &All<'d>, new: &All<'d>, direction: Direction) -> Result<bool, TooLarge> {
        let question = (old.key(), new.key(), direction);
        if question.0 == question.1 || self.assumed.contains(&question) {
            return Ok(true);
        }
        if let Some(known) = self.equal.get(&question) {
            return Ok(*known);
        }
        if self.assumed.len() >= 64 {
            return Err(TooLarge);
        }
        self.assumed.push(question.clone());
        let outcome = self.trial(|comparison| {
            let mut walk = Walk::default();
            let (old, new) = (old.clone(), new.clone());
            walk.pending.push(Pair { old, new, at: Trail::default(), negated: false });
            comparison.walk(&mut walk, direction)
        });
        self.assumed.pop();
        let equal = outcome?;
        // An answer that rests on an assumption holds only where the assumption does; a no holds anyway.
        if !equal || self.assumed.is_empty() {
            self.equal.insert(question, equal);
        }
        Ok(equal)
    }

    fn walk(&mut self, walk: &mut Walk<'d>, direction: Direction) -> Result<(), TooLarge> {
        while let Some(pair) = walk.pending.pop() {
            let key = (pair.old.key(), pair.new.key(), pair.negated);
            // The same place of one document, which is compared with itself.
            if key.0 == key.1 || !walk.visited.insert(key) {
                continue;
            }
            self.spend(pair.old.sites.len() + pair.new.sites.len())?;
            let children = walk.pending.len();
            self.pair(&pair, direction, walk)?;
            walk.pending[children..].reverse();
            if self.is_trial() && self.has_found() {
                walk.pending.clear();
            }
        }
        Ok(())
    }

    fn pair(&mut self, pair: &Pair<'d>, direction: Direction, walk: &mut Walk<'d>) -> Result<(), TooLarge> {
        let (old, new) = (self.old.flat(&pair.old), self.new.flat(&pair.new));
        let both = Both { old: &old, new: &new, at: &pair.at, direction, negated: pair.negated };
        let places =
            (old.never.clone().or_else(|| old.site.clone()), new.never.clone().or_else(|| new.site.clone()));
        match (&old.never, &new.never) {
            (None, None) => {}
            (Some(_), Some(_)) => return Ok(()),
            (None, Some(_)) => {
                self.told_of(&both, &rules::TYPE_NARROWED, "", places, "no value is allowed here any more");
                return Ok(());
            }
            (Some(_), None) => {
                self.told_of(&both, &rules::TYPE_WIDENED, "", places, "a value is allowed where none was");
                return Ok(());
            }
        }
        if self.unions(&both, pair, walk)? {
            return Ok(());
        }
        if !self.is_trial() {
            self.prose(&old.prose, &new.prose, &pair.at, both.side());
        }
        self.annotations(&both);
        if !self.kinds(&both) {
            return Ok(());
        }
        self.words(&both);
        self.limits(&both);
        self.objects(&both, walk)?;
        self.arrays(&both, walk)?;
        self.logic(&both, walk)?;
        self.unknown_keywords(&both);
        Ok(())
    }

    fn told_of(
        &mut self,
        both: &Both<'_, 'd>,
        rule: &'static Rule,
        keyword: &'static str,
        (old, new): Places<'d>,
        message: impl Into<String>,
    ) {
        let at = if keyword.is_empty() { both.at.clone() } else { both.at.child(keyword) };
        self.told_at(both, rule, at, (old, new), message);
    }

    fn told_at(
        &mut self,
        both: &Both<'_, 'd>,
        rule: &'static Rule,
        at: Trail<'d>,
        (old, new): Places<'d>,
        message: impl Into<String>,
    ) {
        let direction = if both.negated { both.direction.opposite() } else { both.direction };
        self.tell(rule, direction, both.side(), at, old, new, message);
    }

    /// What is said about a value rather than of it.
    fn annotations(&mut self, both: &Both<'_, 'd>) {
        let (old, new) = (both.old, both.new);
        let places = (old.default.clone(), new.default.clone());
        match (&old.default, &new.default) {
            (Some(before), Some(after)) if !same(before.value, after.value) => {
                let message = format!("the default was {} and is {}", told(before.value), told(after.value));
                self.told_of(both, &rules::DEFAULT_CHANGED, "default", places, message);
            }
            (Some(before), None) => {
                let message = format!("the default {} is gone", told(before.value));
                self.told_of(both, &rules::DEFAULT_REMOVED, "default", places, message);
            }
            (None, Some(after)) => {
                let message = format!("the default {} is new", told(after.value));
                self.told_of(both, &rules::DEFAULT_ADDED, "default", places, message);
            }
            _ => {}
        }
        match (old.has("deprecated"), new.has("deprecated")) {
            (false, true) => {
                let places = both.keyword("deprecated");
                self.told_of(both, &rules::SCHEMA_DEPRECATED, "deprecated", places, "it is deprecated");
            }
            (true, false) => {
                let places = both.keyword("deprecated");
                self.told_of(
                    both,
                    &rules::SCHEMA_UNDEPRECATED,
                    "deprecated",
                    places,
                    "it is no longer deprecated",
                );
            }
            _ => {}
        }
        if self.differs(both, "xml") {
            let places = both.keyword("xml");
            self.told_of(both, &rules::XML_CHANGED, "xml", places, "it is written in another way in XML");
        }
    }

    /// Whether the values of a keyword differ as they stand, in any order.
    fn differs(&self, both: &Both<'_, 'd>, keyword: &str) -> bool {
        let all_of = |one: &Schema<'d>, other: &Schema<'d>| {
            let has = |site: &Site<'d>| other.sites(keyword).iter().any(|other| other.value == site.value);
            one.sites(keyword).iter().all(has)
        };
        !(all_of(both.old, both.new) && all_of(both.new, both.old))
    }

    fn unknown_keywords(&mut self, both: &Both<'_, 'd>) {
        let keywords: std::collections::BTreeSet<_> =
            both.old.keywords.keys().chain(both.new.keywords.keys()).copied().collect();
        for keyword in keywords {
            if KNOWN.contains(&keyword) && !self.is_malformed(both, keyword) {
                continue;
            }
            if self.differs(both, keyword) {
                let (old, new) = both.keyword(keyword);
                let at = if keyword.is_empty() { both.at.clone() } else { both.at.child(keyword) };
                self.unknown_change(keyword, old, new, at, both.side());
            }
        }
    }

    /// Whether a keyword that is known has a value that it cannot have, so that its own comparison passes it over.
    fn is_malformed(&self, both: &Both<'_, 'd>, keyword: &str) -> bool {
        let expected = |value: &Value| match keyword {
            "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties"
            | "maxContains" | "minContains" | "multipleOf" | "minimum" | "maximum" => value.is_number(),
            "uniqueItems" | "deprecated" | "readOnly" | "writeOnly" => value.is_boolean(),
            "prefixItems" => value.is_array(),
            "patternProperties" | "dependentRequired" | "dependentSchemas" | "dependencies"
            | "discriminator" => value.is_object(),
            // A schema that is none is compared where it stands.
            _ => true,
        };
        let sites = both.old.sites(keyword).iter().chain(both.new.sites(keyword));
        sites.into_iter().any(|site| !expected(site.value))
    }
}
