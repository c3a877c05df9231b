//! A pair of schemas in its flat form, and how a finding about it is reported.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::comparison::{Comparison, Pair, Role};
use super::super::flat::{All, Schema};
use super::super::model::Side;
use super::super::rules::{Direction, Rule};
use super::super::site::{Site, Trail};

/// A pair in its flat form.
pub(super) struct Both<'s, 'd> {
    pub(super) old: &'s Schema<'d>,
    pub(super) new: &'s Schema<'d>,
    pub(super) at: &'s Trail<'d>,
    pub(super) direction: Direction,
    pub(super) negated: bool,
    pub(super) role: Role,
    pub(super) elsewhere: &'s BTreeSet<&'d str>,
}

/// Where a keyword is written in both documents.
pub(super) type Places<'d> = (Option<Site<'d>>, Option<Site<'d>>);

impl<'d> Both<'_, 'd> {
    pub(super) fn side(&self) -> Side {
        self.direction.side()
    }

    pub(super) fn site(&self, old: &Option<Site<'d>>, new: &Option<Site<'d>>) -> Places<'d> {
        // Where neither document has the keyword itself, the schemas are shown.
        match (old, new) {
            (None, None) => (self.old.site.clone(), self.new.site.clone()),
            _ => (old.clone(), new.clone()),
        }
    }

    pub(super) fn keyword(&self, keyword: &str) -> Places<'d> {
        (self.old.first(keyword).cloned(), self.new.first(keyword).cloned())
    }

    pub(super) fn pair(&self, old: All<'d>, new: All<'d>, at: Trail<'d>) -> Pair<'d> {
        Pair { old, new, at, negated: self.negated, role: Role::Value, elsewhere: Rc::default() }
    }

    /// The same place in another form: an alternative.
    pub(super) fn alternative(&self, old: All<'d>, new: All<'d>, at: Trail<'d>) -> Pair<'d> {
        Pair { role: self.role, ..self.pair(old, new, at) }
    }

    /// Whether the values of a keyword differ as they stand, in any order.
    pub(super) fn differs(&self, keyword: &str) -> bool {
        let all_of = |one: &Schema<'d>, other: &Schema<'d>| {
            let has = |site: &Site<'d>| other.sites(keyword).iter().any(|other| other.value == site.value);
            one.sites(keyword).iter().all(has)
        };
        !(all_of(self.old, self.new) && all_of(self.new, self.old))
    }

    /// The direction whose rules hold: below a `not`, the other one's.
    pub(super) fn effective_direction(&self) -> Direction {
        if self.negated { self.direction.opposite() } else { self.direction }
    }
}

impl<'d> Comparison<'d> {
    /// Reports a finding about a keyword of the schema, or about the schema itself where `keyword` is empty.
    pub(super) fn report_keyword(
        &mut self,
        both: &Both<'_, 'd>,
        rule: &'static Rule,
        keyword: &'static str,
        (old, new): Places<'d>,
        message: impl Into<String>,
    ) {
        let at = if keyword.is_empty() { both.at.clone() } else { both.at.child(keyword) };
        self.report_at(both, rule, at, (old, new), message);
    }

    pub(super) fn report_at(
        &mut self,
        both: &Both<'_, 'd>,
        rule: &'static Rule,
        at: Trail<'d>,
        (old, new): Places<'d>,
        message: impl Into<String>,
    ) {
        self.report(rule, both.effective_direction(), both.side(), at, old, new, message);
    }
}
