//! Objects: their properties, those without a name, and what one asks of another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::comparison::Walk;
use super::super::comparison::{Comparison, Question, TooLarge};
use super::super::flat::{All, Schema};
use super::super::rules::{self, Direction, Rule};
use super::super::site::Site;
use super::super::source::Source;
use super::both::Both;

/// Whether a property is only read, and whether it is only written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    read_only: bool,
    write_only: bool,
}

impl Access {
    pub(super) fn of(schema: &Schema<'_>) -> Self {
        Self { read_only: schema.has("readOnly"), write_only: schema.has("writeOnly") }
    }

    pub(super) fn travels(self, direction: Direction) -> bool {
        match direction {
            Direction::Request => !self.read_only,
            Direction::Response => !self.write_only,
        }
    }
}

/// A property of an object.
struct Property<'d> {
    schema: All<'d>,
    site: Option<Site<'d>>,
    access: Access,
    required: Option<Site<'d>>,
}

impl<'d> Source<'d> {
    fn property(&mut self, of: &Schema<'d>, name: &str) -> Option<Property<'d>> {
        let required = of.required.get(name).cloned();
        let (schema, site) = match of.properties.get(name) {
            Some(schema) => (schema.clone(), schema.sites.first().cloned()),
            // A name that is required and not described itself is one of those without a name.
            None => (of.child("additionalProperties"), Some(required.clone()?)),
        };
        let access = Access::of(&self.flat(&schema));
        Some(Property { schema, site, access, required })
    }
}

/// Where it is asked whether the other schema takes every value: whether it does so without a property of the old one.
fn may_be_missing(both: &Both<'_, '_>, old: &Property<'_>) -> bool {
    match both.effective_direction() {
        // The old schema takes all that the new one takes, also what lacks the property.
        Direction::Response => old.required.is_none(),
        // The new schema takes objects of any kind.
        Direction::Request => both.new.properties.is_empty(),
    }
}

/// Where it is asked whether the old schema takes every value: whether nobody who knows it would know another property.
fn is_a_stranger(both: &Both<'_, '_>) -> bool {
    both.effective_direction() == Direction::Response && !both.old.properties.is_empty()
}

impl<'d> Comparison<'d> {
    pub(super) fn objects(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) -> Result<(), TooLarge> {
        let names: BTreeSet<&'d str> = [both.old, both.new]
            .iter()
            .flat_map(|schema| schema.properties.keys().chain(schema.required.keys()))
            .copied()
            .collect();
        let renamed = self.renamed(both)?;
        for name in names {
            let old = self.old.property(both.old, name);
            let new = self.new.property(both.new, name);
            self.property(both, name, old, new, renamed, walk);
        }
        self.additional_properties(both, walk);
        self.schema_map(
            both,
            "patternProperties",
            &rules::PATTERN_PROPERTIES_ADDED,
            &rules::PATTERN_PROPERTIES_REMOVED,
            walk,
        );
        self.schema_map(both, "dependentSchemas", &rules::DEPENDENCY_ADDED, &rules::DEPENDENCY_REMOVED, walk);
        self.schema_map(both, "dependencies", &rules::DEPENDENCY_ADDED, &rules::DEPENDENCY_REMOVED, walk);
        self.dependent_required(both);
        self.child(
            both,
            "propertyNames",
            &rules::PROPERTY_NAMES_RESTRICTED,
            &rules::PROPERTY_NAMES_OPENED,
            walk,
        );
        self.child(
            both,
            "unevaluatedProperties",
            &rules::UNEVALUATED_RESTRICTED,
            &rules::UNEVALUATED_OPENED,
            walk,
        );
        Ok(())
    }

    /// The one new property, if it says what the one that is gone said.
    fn renamed(&mut self, both: &Both<'_, 'd>) -> Result<Option<&'d str>, TooLarge> {
        let only_in = |one: &Schema<'d>, other: &Schema<'d>| {
            let known = |name: &str| other.properties.contains_key(name) || other.required.contains_key(name);
            let mut names = one.properties.iter().filter(|(name, _)| !known(name));
            let first = names.next().map(|(name, schema)| (*name, schema.clone()));
            first.filter(|_| names.next().is_none())
        };
        let pair = only_in(both.old, both.new).zip(only_in(both.new, both.old)).filter(|_| !self.is_trial());
        let Some(((_, gone), (name, fresh))) = pair else { return Ok(None) };
        Ok(self.are_equal(&gone, &fresh, both.direction)?.then_some(name))
    }

    fn property(
        &mut self,
        both: &Both<'_, 'd>,
        name: &'d str,
        old: Option<Property<'d>>,
        new: Option<Property<'d>>,
        renamed: Option<&str>,
        walk: &mut Walk<'d>,
    ) {
        let at = both.at.child("properties").child(name);
        let direction = both.direction;
        match (old, new) {
            (None, None) => {}
            (Some(old), None) => {
                if self.is_trial() && !self.asks(Question::Same) && may_be_missing(both, &old) {
                    return;
                }
                // Clients that send it go on as before: another alternative names it, and this one takes any value of it.
                if both.elsewhere.contains(name)
                    && both.effective_direction() == Direction::Request
                    && ![
                        "additionalProperties",
                        "patternProperties",
                        "propertyNames",
                        "unevaluatedProperties",
                    ]
                    .iter()
                    .any(|keyword| both.new.has(keyword))
                {
                    return;
                }
                let places = (old.site, None);
                if old.access.travels(direction) {
                    let heir =
                        renamed.map(|heir| format!("; is it called `{heir}` now?")).unwrap_or_default();
                    let message = format!("the property `{name}` is gone{heir}");
                    self.report_at(both, &rules::PROPERTY_REMOVED, at, places, message);
                } else {
                    let message = format!("the property `{name}`, which does not travel this way, is gone");
                    self.report_at(both, &rules::UNSEEN_PROPERTY_CHANGED, at, places, message);
                }
            }
            (None, Some(new)) => {
                let places = (None, new.site);
                let (rule, message): (&'static Rule, _) = if !new.access.travels(direction) {
                    (
                        &rules::UNSEEN_PROPERTY_CHANGED,
                        format!("the property `{name}`, which does not travel this way, is new"),
                    )
                } else if self.asks(Question::Covered) && is_a_stranger(both) {
                    (&rules::PROPERTY_ADDED_TO_CLOSED_OBJECT, format!("the property `{name}` is unknown"))
                } else if self.is_closed(both.old) {
                    let message =
                        format!("the property `{name}` is new, and the object promised to have no others");
                    if new.required.is_some() {
                        let message = format!("the property `{name}` is new and required");
                        self.report_at(
                            both,
                            &rules::REQUIRED_PROPERTY_ADDED,
                            at.clone(),
                            places.clone(),
                            message,
                        );
                    }
                    (&rules::PROPERTY_ADDED_TO_CLOSED_OBJECT, message)
                } else if new.required.is_some() {
                    (&rules::REQUIRED_PROPERTY_ADDED, format!("the property `{name}` is new and required"))
                } else {
                    (&rules::PROPERTY_ADDED, format!("the property `{name}` is new"))
                };
                self.report_at(both, rule, at.clone(), places, message);
                // Until now it was one of those without a name, of which something may be said.
                let nameless = both.old.child("additionalProperties");
                let flat = self.old.flat(&nameless);
                if new.access.travels(direction) && flat.never.is_none() && !flat.is_anything() {
                    walk.pending.push(both.pair(nameless, new.schema, at));
                }
            }
            (Some(old), Some(new)) => {
                self.access(both, name, &old, &new);
                match (old.access.travels(direction), new.access.travels(direction)) {
                    (true, true) => {
                        self.requiredness(both, name, &old, &new);
                        if !self.member_becomes_list(both, (&old.schema, &new.schema), &at, walk) {
                            walk.pending.push(both.pair(old.schema, new.schema, at));
                        }
                    }
                    (false, true) if new.required.is_some() => {
                        let message = format!("the property `{name}` may be sent now, and is required");
                        let places = (old.site, new.required);
                        self.report_at(both, &rules::REQUIRED_PROPERTY_ADDED, at, places, message);
                    }
                    (false, false) => self.unseen(both, name, &old, &new),
                    _ => {}
                }
            }
        }
    }

    /// A property that does not travel in this direction may differ, which harms nobody and is reported.
    fn unseen(&mut self, both: &Both<'_, 'd>, name: &'d str, old: &Property<'d>, new: &Property<'d>) {
        let equal = self.are_equal(&old.schema, &new.schema, both.direction);
        let same_requirement = old.required.is_some() == new.required.is_some();
        if !matches!(equal, Ok(true)) || !same_requirement {
            let at = both.at.child("properties").child(name);
            let message = format!("the property `{name}`, which does not travel this way, differs");
            let places = (old.site.clone(), new.site.clone());
            self.report_at(both, &rules::UNSEEN_PROPERTY_CHANGED, at, places, message);
        }
    }

    fn access(&mut self, both: &Both<'_, 'd>, name: &'d str, old: &Property<'d>, new: &Property<'d>) {
        let at = both.at.child("properties").child(name);
        let places = (old.site.clone(), new.site.clone());
        let (before, after) = (old.access, new.access);
        for (was, is, became, no_longer, words) in [
            (
                before.read_only,
                after.read_only,
                &rules::PROPERTY_BECAME_READ_ONLY,
                &rules::PROPERTY_NO_LONGER_READ_ONLY,
                "only read",
            ),
            (
                before.write_only,
                after.write_only,
                &rules::PROPERTY_BECAME_WRITE_ONLY,
                &rules::PROPERTY_NO_LONGER_WRITE_ONLY,
                "only sent",
            ),
        ] {
            let (rule, message) = match (was, is) {
                (false, true) => (became, format!("the property `{name}` is {words} now")),
                (true, false) => (no_longer, format!("the property `{name}` is no longer {words}")),
                _ => continue,
            };
            self.report_at(both, rule, at.clone(), places.clone(), message);
        }
    }

    fn requiredness(&mut self, both: &Both<'_, 'd>, name: &'d str, old: &Property<'d>, new: &Property<'d>) {
        let at = both.at.child("properties").child(name);
        // Where it is not required, the property itself is the place to look at.
        match (&old.required, &new.required) {
            (None, Some(required)) => {
                let message = format!("the property `{name}` is required now");
                let places = (old.site.clone(), Some(required.clone()));
                self.report_at(both, &rules::PROPERTY_BECAME_REQUIRED, at, places, message);
            }
            (Some(required), None) => {
                let message = format!("the property `{name}` is no longer required");
                let places = (Some(required.clone()), new.site.clone());
                self.report_at(both, &rules::PROPERTY_BECAME_OPTIONAL, at, places, message);
            }
            _ => {}
        }
    }

    fn is_closed(&mut self, schema: &Schema<'d>) -> bool {
        ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .any(|keyword| self.old.flat(&schema.child(keyword)).never.is_some())
    }

    fn additional_properties(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) {
        let keyword = "additionalProperties";
        let (old, new) = (both.old.child(keyword), both.new.child(keyword));
        let refuses = (self.old.flat(&old).never.is_some(), self.new.flat(&new).never.is_some());
        let places = both.keyword(keyword);
        match refuses {
            (true, true) => {}
            (false, true) => {
                let message = "properties without a name in the schema are refused now";
                self.report_keyword(both, &rules::ADDITIONAL_PROPERTIES_RESTRICTED, keyword, places, message);
            }
            (true, false) => {
                let message = "properties without a name in the schema are no longer excluded";
                self.report_keyword(both, &rules::ADDITIONAL_PROPERTIES_OPENED, keyword, places, message);
            }
            (false, false) => self.child(
                both,
                keyword,
                &rules::ADDITIONAL_PROPERTIES_RESTRICTED,
                &rules::ADDITIONAL_PROPERTIES_OPENED,
                walk,
            ),
        }
    }

    /// A keyword that holds a schema.
    pub(super) fn child(
        &mut self,
        both: &Both<'_, 'd>,
        keyword: &'static str,
        restricted: &'static Rule,
        opened: &'static Rule,
        walk: &mut Walk<'d>,
    ) {
        let (old, new) = (both.old.child(keyword), both.new.child(keyword));
        let open = (self.old.flat(&old).is_anything(), self.new.flat(&new).is_anything());
        let places = both.keyword(keyword);
        match open {
            (true, true) => {}
            (true, false) => self.report_keyword(
                both,
                restricted,
                keyword,
                places,
                format!("`{keyword}` restricts what was free"),
            ),
            (false, true) => {
                self.report_keyword(
                    both,
                    opened,
                    keyword,
                    places,
                    format!("`{keyword}` no longer restricts anything"),
                );
            }
            (false, false) => walk.pending.push(both.pair(old, new, both.at.child(keyword))),
        }
    }

    /// A keyword that holds schemas by name or pattern.
    fn schema_map(
        &mut self,
        both: &Both<'_, 'd>,
        keyword: &'static str,
        added: &'static Rule,
        removed: &'static Rule,
        walk: &mut Walk<'d>,
    ) {
        let members = |schema: &Schema<'d>| {
            let mut members: BTreeMap<&'d str, All<'d>> = BTreeMap::new();
            for (name, site) in schema.sites(keyword).iter().flat_map(Site::members) {
                // A list of names in `dependencies` is looked at with `dependentRequired`.
                if !site.value.is_array() {
                    members.entry(name).or_default().sites.push(site);
                }
            }
            members
        };
        let (mut old, mut new) = (members(both.old), members(both.new));
        let names: BTreeSet<&'d str> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let at = both.at.child(keyword).child(name);
            let first = |all: &All<'d>| all.sites.first().cloned();
            match (old.remove(name), new.remove(name)) {
                (Some(old), Some(new)) => walk.pending.push(both.pair(old, new, at)),
                (None, Some(new)) => {
                    let message = format!("`{keyword}` has `{name}` now");
                    self.report_at(both, added, at, (None, first(&new)), message);
                }
                (Some(old), None) => {
                    let message = format!("`{keyword}` no longer has `{name}`");
                    self.report_at(both, removed, at, (first(&old), None), message);
                }
                (None, None) => {}
            }
        }
    }

    fn dependent_required(&mut self, both: &Both<'_, 'd>) {
        let members = |schema: &Schema<'d>| {
            let mut members: BTreeMap<(&'d str, &'d str), Site<'d>> = BTreeMap::new();
            for keyword in ["dependentRequired", "dependencies"] {
                for (name, asked) in schema.sites(keyword).iter().flat_map(Site::members) {
                    for site in asked.elements() {
                        if let Value::String(wanted) = site.value {
                            members.insert((name, wanted), site);
                        }
                    }
                }
            }
            members
        };
        let (old, new) = (members(both.old), members(both.new));
        let at = both.at.child("dependentRequired");
        for ((name, wanted), site) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            let message = format!("`{name}` no longer asks for `{wanted}`");
            self.report_at(
                both,
                &rules::DEPENDENCY_REMOVED,
                at.child(*name),
                (Some(site.clone()), None),
                message,
            );
        }
        for ((name, wanted), site) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            let message = format!("`{name}` asks for `{wanted}` now");
            self.report_at(
                both,
                &rules::DEPENDENCY_ADDED,
                at.child(*name),
                (None, Some(site.clone())),
                message,
            );
        }
    }
}
