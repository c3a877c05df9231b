//! What every object has beside what is compared part by part: prose, extensions, and what no rule knows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::comparison::Comparison;
use super::model::Side;
use super::prose::{Prose, Text};
use super::rules::{self, Direction};
use super::site::{Chain, Site, Trail};

impl<'d> Comparison<'d> {
    /// Compares the prose of one place.
    pub(super) fn prose(&mut self, old: &Prose<'d>, new: &Prose<'d>, at: &Trail<'d>, side: Side) {
        let names: BTreeSet<_> = old.0.keys().chain(new.0.keys()).copied().collect();
        for name in names {
            let (before, after) = (old.0.get(name), new.0.get(name));
            let message = match (before, after) {
                (Some(before), Some(after)) if before.says(after) => continue,
                (Some(_), Some(_)) => format!("the {name} differs"),
                (Some(_), None) => format!("the {name} is gone"),
                _ => format!("the {name} is new"),
            };
            let site = |text: Option<&Text<'d>>| text.map(|text| text.site.clone());
            self.report_prose(at.child(name), side, site(before), site(after), message);
        }
    }

    /// Reports prose once, also where it belongs to a component that many operations use.
    pub(super) fn report_prose(
        &mut self,
        at: Trail<'d>,
        side: Side,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        message: String,
    ) {
        let identity = |site: &Option<Site<'d>>| site.as_ref().map_or(0, Site::identity);
        if !self.is_trial() && self.reported_prose.insert((identity(&old), identity(&new))) {
            self.report(&rules::PROSE_CHANGED, Direction::Request, side, at, old, new, message);
        }
    }

    /// Compares what every object has: prose, extensions, and fields that nothing else looks at. `known` are those that something does.
    pub(super) fn rest(
        &mut self,
        old: &Chain<'d>,
        new: &Chain<'d>,
        known: &[&str],
        at: &Trail<'d>,
        side: Side,
    ) {
        let (mut old_prose, mut new_prose) = (Prose::default(), Prose::default());
        let mut unreadable: BTreeSet<&'d str> = BTreeSet::new();
        let mut others: BTreeMap<&'d str, (Option<Site<'d>>, Option<Site<'d>>)> = BTreeMap::new();
        for (chain, is_old) in [(old, true), (new, false)] {
            for (key, member) in chain.members() {
                let has_its_own = known.contains(&key);
                if has_its_own {
                    if !is_readable(key, member.value) {
                        unreadable.insert(key);
                    }
                    continue;
                }
                let prose = if is_old { &mut old_prose } else { &mut new_prose };
                if !prose.take(key, &member, 0) {
                    let (before, after) = others.entry(key).or_default();
                    *(if is_old { before } else { after }) = Some(member);
                }
            }
        }
        self.prose(&old_prose, &new_prose, at, side);
        for key in unreadable {
            self.unknown_change(key, old.get(key), new.get(key), at.child(key), side);
        }
        for (key, (before, after)) in others {
            self.unknown_change(key, before, after, at.child(key), side);
        }
    }

    /// A field that no rule knows, or an extension.
    pub(super) fn unknown_change(
        &mut self,
        key: &str,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: Trail<'d>,
        side: Side,
    ) {
        if old.as_ref().map(|site| site.value) == new.as_ref().map(|site| site.value) {
            return;
        }
        let what = match (&old, &new) {
            (Some(_), Some(_)) => "differs",
            (Some(_), None) => "is gone",
            _ => "is new",
        };
        let rule = if key.starts_with("x-") { &rules::EXTENSION_CHANGED } else { &rules::UNCLASSIFIED };
        let message = match rule.id {
            "unclassified" => format!("`{key}` {what}, and no rule says what that means"),
            _ => format!("the extension `{key}` {what}"),
        };
        self.report(rule, Direction::Request, side, at, old, new, message);
    }
}

/// Whether a field that has a comparison of its own is something that it can look at.
fn is_readable(key: &str, value: &Value) -> bool {
    match key {
        "required" | "deprecated" | "allowReserved" | "allowEmptyValue" | "explode" => value.is_boolean(),
        "name" | "in" | "style" | "url" | "operationId" => value.is_string(),
        "parameters" | "security" | "servers" | "tags" => value.is_array(),
        "requestBody" | "responses" | "callbacks" | "content" | "headers" | "links" | "variables"
        | "encoding" => value.is_object(),
        _ => true,
    }
}
