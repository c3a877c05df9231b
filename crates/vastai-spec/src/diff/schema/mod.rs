//! Schemas, compared keyword by keyword.
//!
//! Each pair of schemas is brought into one flat form (`flat`), compared, and its children are noted for later: so recursion is no
//! recursion, and a pair that comes again is not compared again in the same operation.

mod alternatives;
mod array;
mod both;
mod bounds;
mod flatten;
mod list;
mod logic;
mod object;
mod overlap;
mod pattern;
mod types;
mod union;

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::comparison::{Comparison, Pair, Question, Role, TooLarge, Walk, quoted};
use super::flat::{All, same};
use super::rules::{self, Direction};
use super::site::{Site, Trail};
use both::Both;

/// How many questions about schemas are asked one in the other.
const MAX_QUESTIONS: usize = 64;

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
        self.compare(All::of(old), All::of(new), at, direction, Role::Value)
    }

    /// Compares the bodies of a form.
    pub(super) fn forms(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        self.compare(All::of(old), All::of(new), at, direction, Role::Form)
    }

    fn compare(
        &mut self,
        old: All<'d>,
        new: All<'d>,
        at: Trail<'d>,
        direction: Direction,
        role: Role,
    ) -> Result<(), TooLarge> {
        let mut walk = self.walks.remove(&direction).unwrap_or_default();
        walk.pending.push(Pair { old, new, at, negated: false, role, elsewhere: Rc::default() });
        let outcome = self.walk(&mut walk, direction);
        self.walks.insert(direction, walk);
        outcome
    }

    /// Whether two schemas say the same to a client.
    fn are_equal(&mut self, old: &All<'d>, new: &All<'d>, direction: Direction) -> Result<bool, TooLarge> {
        self.ask(Question::Same, old, new, direction, false)
    }

    /// Whether the new schema takes every value that the old one takes.
    fn is_covered_by_new(
        &mut self,
        old: &All<'d>,
        new: &All<'d>,
        direction: Direction,
    ) -> Result<bool, TooLarge> {
        // That is when nothing breaks in a request; what travels still depends on the direction.
        self.ask(Question::Covered, old, new, direction, direction == Direction::Response)
    }

    /// Whether the old schema takes every value that the new one takes.
    fn is_covered_by_old(
        &mut self,
        old: &All<'d>,
        new: &All<'d>,
        direction: Direction,
    ) -> Result<bool, TooLarge> {
        self.ask(Question::Covered, old, new, direction, direction == Direction::Request)
    }

    /// Whether the new schema takes no value that the old one does not take.
    fn is_narrower(&mut self, old: &All<'d>, new: &All<'d>, direction: Direction) -> Result<bool, TooLarge> {
        self.ask(Question::Narrower, old, new, direction, direction == Direction::Request)
    }

    fn ask(
        &mut self,
        question: Question,
        old: &All<'d>,
        new: &All<'d>,
        direction: Direction,
        negated: bool,
    ) -> Result<bool, TooLarge> {
        let asked = (question, old.key(), new.key(), direction, negated);
        if asked.1 == asked.2 || self.assumed.contains(&asked) {
            return Ok(true);
        }
        if let Some(known) = self.answers.get(&asked) {
            return Ok(*known);
        }
        // Deeper, nothing is known of them, and what differs is found by comparing them part by part.
        if self.assumed.len() >= MAX_QUESTIONS {
            return Ok(false);
        }
        let known = self.provisional.len();
        self.assumed.push(asked.clone());
        let outcome = self.trial(question, |comparison| {
            let mut walk = Walk::default();
            let (old, new, at) = (old.clone(), new.clone(), Trail::default());
            walk.pending.push(Pair { old, new, at, negated, role: Role::Value, elsewhere: Rc::default() });
            comparison.walk(&mut walk, direction)
        });
        self.assumed.pop();
        let holds = outcome?;
        if holds {
            self.answers.insert(asked.clone(), true);
            self.provisional.push(asked);
            // Nothing is assumed any more, so all that rested on it holds.
            if self.assumed.is_empty() {
                self.provisional.clear();
            }
        } else {
            // What rested on it is open again; the no holds whatever was assumed.
            for open in self.provisional.drain(known..) {
                self.answers.remove(&open);
            }
            self.answers.insert(asked, false);
        }
        Ok(holds)
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
        let both = Both {
            old: &old,
            new: &new,
            at: &pair.at,
            direction,
            negated: pair.negated,
            role: pair.role,
            elsewhere: &pair.elsewhere,
        };
        let places =
            (old.never.clone().or_else(|| old.site.clone()), new.never.clone().or_else(|| new.site.clone()));
        match (&old.never, &new.never) {
            (None, None) => {}
            (Some(_), Some(_)) => return Ok(()),
            (None, Some(_)) => {
                self.report_keyword(
                    &both,
                    &rules::TYPE_NARROWED,
                    "",
                    places,
                    "no value is allowed here any more",
                );
                return Ok(());
            }
            (Some(_), None) => {
                self.report_keyword(
                    &both,
                    &rules::TYPE_WIDENED,
                    "",
                    places,
                    "a value is allowed where none was",
                );
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

    /// What is said about a value rather than of it.
    fn annotations(&mut self, both: &Both<'_, 'd>) {
        let (old, new) = (both.old, both.new);
        let places = (old.default.clone(), new.default.clone());
        match (&old.default, &new.default) {
            _ if both.role == Role::Element => {}
            (Some(before), Some(after)) if !same(before.value, after.value) => {
                let message =
                    format!("the default was {} and is {}", quoted(before.value), quoted(after.value));
                self.report_keyword(both, &rules::DEFAULT_CHANGED, "default", places, message);
            }
            (Some(before), None) => {
                let message = format!("the default {} is gone", quoted(before.value));
                self.report_keyword(both, &rules::DEFAULT_REMOVED, "default", places, message);
            }
            (None, Some(after)) => {
                let message = format!("the default {} is new", quoted(after.value));
                self.report_keyword(both, &rules::DEFAULT_ADDED, "default", places, message);
            }
            _ => {}
        }
        match (old.has("deprecated"), new.has("deprecated")) {
            (false, true) => {
                let places = both.keyword("deprecated");
                self.report_keyword(
                    both,
                    &rules::SCHEMA_DEPRECATED,
                    "deprecated",
                    places,
                    "it is deprecated",
                );
            }
            (true, false) => {
                let places = both.keyword("deprecated");
                self.report_keyword(
                    both,
                    &rules::SCHEMA_UNDEPRECATED,
                    "deprecated",
                    places,
                    "it is no longer deprecated",
                );
            }
            _ => {}
        }
        if both.differs("xml") {
            let places = both.keyword("xml");
            self.report_keyword(
                both,
                &rules::XML_CHANGED,
                "xml",
                places,
                "it is written in another way in XML",
            );
        }
    }

    fn unknown_keywords(&mut self, both: &Both<'_, 'd>) {
        let keywords: BTreeSet<_> =
            both.old.keywords.keys().chain(both.new.keywords.keys()).copied().collect();
        for keyword in keywords {
            if KNOWN.contains(&keyword) && !self.is_malformed(both, keyword) {
                continue;
            }
            if both.differs(keyword) {
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
            // A schema that is not one is compared where it stands.
            _ => true,
        };
        let sites = both.old.sites(keyword).iter().chain(both.new.sites(keyword));
        sites.into_iter().any(|site| !expected(site.value))
    }
}
