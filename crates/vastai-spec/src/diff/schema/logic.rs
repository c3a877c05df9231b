//! Schemas that hold under a condition, or must not hold.

use super::super::comparison::{Comparison, TooLarge};
use super::super::comparison::{Pair, Walk};
use super::super::flat::{All, Schema};
use super::super::rules;
use super::super::site::Site;
use super::super::source::Source;
use super::both::Both;

impl<'d> Comparison<'d> {
    pub(super) fn logic(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) -> Result<(), TooLarge> {
        self.exclusions(both, walk)?;
        self.conditions(both, walk)?;
        self.content_schema(both)
    }

    fn exclusions(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) -> Result<(), TooLarge> {
        let (mut old, mut new) = (both.old.sites("not").to_vec(), both.new.sites("not").to_vec());
        self.drop_equal(&mut old, &mut new, both)?;
        let at = both.at.child("not");
        if let ([before], [after]) = (old.as_slice(), new.as_slice()) {
            let (old, new) = (All::one(before.clone()), All::one(after.clone()));
            walk.pending.push(Pair { negated: !both.negated, ..both.pair(old, new, at) });
            return Ok(());
        }
        for site in old {
            let message = "values that were excluded are allowed";
            self.report_at(both, &rules::NOT_REMOVED, at.clone(), (Some(site), None), message);
        }
        for site in new {
            self.report_at(
                both,
                &rules::NOT_ADDED,
                at.clone(),
                (None, Some(site)),
                "values are excluded now",
            );
        }
        Ok(())
    }

    /// Takes out what both have.
    fn drop_equal(
        &mut self,
        old: &mut Vec<Site<'d>>,
        new: &mut Vec<Site<'d>>,
        both: &Both<'_, 'd>,
    ) -> Result<(), TooLarge> {
        let mut kept = Vec::new();
        for before in std::mem::take(old) {
            let mut equal = None;
            for (index, after) in new.iter().enumerate() {
                let (before, after) = (All::one(before.clone()), All::one(after.clone()));
                if self.are_equal(&before, &after, both.direction)? {
                    equal = Some(index);
                    break;
                }
            }
            match equal {
                Some(index) => drop(new.remove(index)),
                None => kept.push(before),
            }
        }
        *old = kept;
        Ok(())
    }

    fn conditions(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) -> Result<(), TooLarge> {
        let (old, new) = (self.old.conditions(both.old), self.new.conditions(both.new));
        let places = both.keyword("if");
        match (old.as_slice(), new.as_slice()) {
            ([], []) => {}
            ([], _) => self.report_keyword(both, &rules::CONDITION_ADDED, "if", places, "a condition is new"),
            (_, []) => {
                self.report_keyword(both, &rules::CONDITION_REMOVED, "if", places, "a condition is gone")
            }
            (old, new) if old.len() != new.len() => {
                self.report_keyword(
                    both,
                    &rules::CONDITION_CHANGED,
                    "if",
                    places,
                    "the conditions are more or fewer",
                );
            }
            (old, new) => {
                for (before, after) in old.iter().zip(new) {
                    if !self.are_equal(&before.condition, &after.condition, both.direction)? {
                        let message = "the condition is another one";
                        self.report_keyword(both, &rules::CONDITION_CHANGED, "if", places.clone(), message);
                        continue;
                    }
                    for (keyword, old, new) in
                        [("then", &before.then, &after.then), ("else", &before.otherwise, &after.otherwise)]
                    {
                        walk.pending.push(both.pair(old.clone(), new.clone(), both.at.child(keyword)));
                    }
                }
            }
        }
        Ok(())
    }

    fn content_schema(&mut self, both: &Both<'_, 'd>) -> Result<(), TooLarge> {
        let keyword = "contentSchema";
        let (old, new) = (both.old.child(keyword), both.new.child(keyword));
        if !self.are_equal(&old, &new, both.direction)? {
            let message = "the schema of what the text holds differs";
            self.report_keyword(both, &rules::CONTENT_CHANGED, keyword, both.keyword(keyword), message);
        }
        Ok(())
    }
}

/// One `if` with its branches.
struct Condition<'d> {
    condition: All<'d>,
    then: All<'d>,
    otherwise: All<'d>,
}

impl<'d> Source<'d> {
    /// The conditions of a schema; each belongs to the branches that stand beside it.
    fn conditions(&mut self, schema: &Schema<'d>) -> Vec<Condition<'d>> {
        let branch = |condition: &Site<'d>, keyword: &str| {
            let beside = condition.place.pointer();
            let beside = beside.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
            let branches = schema.sites(keyword).iter().filter(|branch| {
                branch.place.pointer().rsplit_once('/').is_some_and(|(parent, _)| parent == beside)
            });
            branches.cloned().map(All::one).next().unwrap_or_default()
        };
        let conditions = schema.sites("if").iter().map(|site| Condition {
            condition: All::one(site.clone()),
            then: branch(site, "then"),
            otherwise: branch(site, "else"),
        });
        conditions.collect()
    }
}
