//! Parameters: by location and name, those of the path by their position.

use std::collections::BTreeMap;

use super::comparison::{Comparison, Question, TooLarge};
use super::flat::All;
use super::place::Call;
use super::place::position;
use super::rules::{self, Direction, Rule};
use super::site::{Chain, Site, Trail};
use super::source::Source;

/// What distinguishes one parameter of an operation from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    location: String,
    name: String,
}

impl Name {
    fn is_ignored(&self) -> bool {
        self.location == "header" && ["accept", "content-type", "authorization"].contains(&self.name.as_str())
    }
}

/// Fields of a parameter that have a comparison of their own.
const PARTS: [&str; 10] = [
    "name",
    "in",
    "required",
    "deprecated",
    "allowReserved",
    "allowEmptyValue",
    "style",
    "explode",
    "schema",
    "content",
];

/// A parameter of an operation.
#[derive(Debug, Clone)]
struct Parameter<'d> {
    chain: Chain<'d>,
    site: Site<'d>,
    name: &'d str,
}

impl Parameter<'_> {
    fn is_required(&self) -> bool {
        self.chain.is_true("required") || self.chain.text("in") == Some("path")
    }

    fn described(&self) -> String {
        format!("the {} parameter `{}`", self.chain.text("in").unwrap_or("unplaced"), self.name)
    }
}

impl<'d> Source<'d> {
    /// The parameters of an operation: its own over those of its path.
    fn parameters(&mut self, call: &Call<'d>) -> BTreeMap<Name, Parameter<'d>> {
        let mut parameters = BTreeMap::new();
        for list in [call.item.get("parameters"), call.operation.get("parameters")].into_iter().flatten() {
            for site in list.elements() {
                let chain = self.chain(site.clone());
                let name = chain.text("name").unwrap_or_default();
                let location = chain.text("in").unwrap_or_default();
                let key = match location {
                    "path" => {
                        position(call.path, name).map_or(name.to_owned(), |position| position.to_string())
                    }
                    "header" => name.to_ascii_lowercase(),
                    _ => name.to_owned(),
                };
                let key = Name { location: location.to_owned(), name: key };
                // One that leads nowhere has neither name nor location.
                let site = chain.site().unwrap_or(site);
                parameters.insert(key, Parameter { chain, site, name });
            }
        }
        parameters
    }
}

impl<'d> Comparison<'d> {
    pub(super) fn parameters(
        &mut self,
        old: &Call<'d>,
        new: &Call<'d>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let at = at.child("parameters");
        let (mut old, mut new) = (self.old.parameters(old), self.new.parameters(new));
        let names: Vec<Name> = old.keys().filter(|name| new.contains_key(name)).cloned().collect();
        for name in names {
            if let (Some(before), Some(after)) = (old.remove(&name), new.remove(&name)) {
                self.parameter(&name, &before, &after, &at, direction)?;
            }
        }
        self.relocated(&mut old, &mut new, &at, direction)?;
        for (name, parameter) in old {
            let rule =
                if name.is_ignored() { &rules::IGNORED_PARAMETER_CHANGED } else { &rules::PARAMETER_REMOVED };
            let message = format!("{} is gone", parameter.described());
            let at = at.child(parameter.name);
            self.report(rule, direction, direction.side(), at, Some(parameter.site), None, message);
        }
        for (name, parameter) in new {
            let (rule, required): (&'static Rule, _) = match (name.is_ignored(), parameter.is_required()) {
                (true, _) => (&rules::IGNORED_PARAMETER_CHANGED, ""),
                (false, true) => (&rules::REQUIRED_PARAMETER_ADDED, " and required"),
                (false, false) => (&rules::PARAMETER_ADDED, ""),
            };
            let message = format!("{} is new{required}", parameter.described());
            let at = at.child(parameter.name);
            self.report(rule, direction, direction.side(), at, None, Some(parameter.site), message);
        }
        Ok(())
    }

    /// Parameters that went to another part of the request under their name.
    fn relocated(
        &mut self,
        old: &mut BTreeMap<Name, Parameter<'d>>,
        new: &mut BTreeMap<Name, Parameter<'d>>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let gone: Vec<Name> = old.keys().filter(|name| !name.is_ignored()).cloned().collect();
        for name in gone {
            let same_name =
                |old: &Parameter<'d>, new: &Parameter<'d>| !old.name.is_empty() && old.name == new.name;
            let Some(before) = old.get(&name) else { continue };
            let Some(place) =
                new.iter().find(|(_, after)| same_name(before, after)).map(|(name, _)| name.clone())
            else {
                continue;
            };
            if let (Some(before), Some(after)) = (old.remove(&name), new.remove(&place)) {
                let message = format!("{} travels in the {} now", before.described(), place.location);
                let sites = (Some(before.site.clone()), Some(after.site.clone()));
                let rule = &rules::PARAMETER_LOCATION_CHANGED;
                let at_it = at.child(after.name);
                self.report(rule, direction, direction.side(), at_it, sites.0, sites.1, message);
                self.parameter(&place, &before, &after, at, direction)?;
            }
        }
        Ok(())
    }

    fn parameter(
        &mut self,
        name: &Name,
        old: &Parameter<'d>,
        new: &Parameter<'d>,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let at = at.child(new.name);
        let side = direction.side();
        let sites = || (Some(old.site.clone()), Some(new.site.clone()));
        if name.is_ignored() {
            let equal = self.trial(Question::Same, |comparison| {
                let ignored = Name { location: String::new(), name: String::new() };
                comparison.parameter(&ignored, old, new, &at, direction)
            })?;
            if !equal {
                let message = format!("{}, which clients ignore, differs", new.described());
                let (before, after) = sites();
                self.report(
                    &rules::IGNORED_PARAMETER_CHANGED,
                    direction,
                    side,
                    at.clone(),
                    before,
                    after,
                    message,
                );
            }
            self.rest(&old.chain, &new.chain, &PARTS, &at, side);
            return Ok(());
        }
        if old.name != new.name && name.location == "path" {
            let message = format!("the path parameter `{}` is called `{}` now", old.name, new.name);
            let (before, after) = sites();
            self.report(&rules::PATH_PARAMETER_RENAMED, direction, side, at.clone(), before, after, message);
        }
        let requirement: Option<(&'static Rule, _)> = match (old.is_required(), new.is_required()) {
            (false, true) => Some((&rules::PARAMETER_BECAME_REQUIRED, "is required now")),
            (true, false) => Some((&rules::PARAMETER_BECAME_OPTIONAL, "is no longer required")),
            _ => None,
        };
        if let Some((rule, words)) = requirement {
            let (before, after) = sites();
            let message = format!("{} {words}", new.described());
            self.report(rule, direction, side, at.child("required"), before, after, message);
        }
        for keyword in ["allowReserved", "allowEmptyValue"] {
            let rule = match (old.chain.is_true(keyword), new.chain.is_true(keyword)) {
                (false, true) => &rules::PARAMETER_PERMISSION_ADDED,
                (true, false) => &rules::PARAMETER_PERMISSION_REMOVED,
                _ => continue,
            };
            let (before, after) = sites();
            let message = format!("`{keyword}` of {} differs", new.described());
            self.report(rule, direction, side, at.child(keyword), before, after, message);
        }
        self.written(&old.chain, &new.chain, &name.location, &at, direction)?;
        self.rest(&old.chain, &new.chain, &PARTS, &at, side);
        Ok(())
    }

    /// How a parameter or a header is written, and what.
    pub(super) fn written(
        &mut self,
        old: &Chain<'d>,
        new: &Chain<'d>,
        location: &str,
        at: &Trail<'d>,
        direction: Direction,
    ) -> Result<(), TooLarge> {
        let side = direction.side();
        let rule = match (old.is_true("deprecated"), new.is_true("deprecated")) {
            (false, true) => Some((&rules::PARAMETER_DEPRECATED, "it is deprecated")),
            (true, false) => Some((&rules::PARAMETER_UNDEPRECATED, "it is no longer deprecated")),
            _ => None,
        };
        if let Some((rule, message)) = rule {
            self.report(rule, direction, side, at.child("deprecated"), old.site(), new.site(), message);
        }
        let default = if matches!(location, "query" | "cookie") { "form" } else { "simple" };
        let style = |chain: &Chain<'d>| chain.text("style").unwrap_or(default);
        let explode = |chain: &Chain<'d>| match chain.get("explode") {
            Some(explode) => explode.value == &serde_json::Value::Bool(true),
            None => style(chain) == "form",
        };
        let (before, after) = ((style(old), explode(old)), (style(new), explode(new)));
        let schemas = (All::of(old.get("schema")), All::of(new.get("schema")));
        let has_content = [old, new].iter().any(|chain| chain.get("content").is_some());
        let becomes_list = !has_content
            && before.0 == after.0
            && self.is_written_as_list_of_one(&schemas.0, &schemas.1, location, before.0);
        // Only a list or an object is written in another way with `explode`.
        let explode_counts = !becomes_list
            && (has_content || !(self.old.is_scalar(&schemas.0) && self.new.is_scalar(&schemas.1)));
        if before.0 != after.0 || (before.1 != after.1 && explode_counts) {
            let described = |(style, explode): (&str, bool)| {
                format!("{style}{}", if explode { " with explode" } else { " without explode" })
            };
            let message = format!("the style was {} and is {}", described(before), described(after));
            let keyword = if before.0 == after.0 { "explode" } else { "style" };
            let rule = &rules::PARAMETER_SERIALIZATION_CHANGED;
            self.report(rule, direction, side, at.child(keyword), old.site(), new.site(), message);
        }
        match (old.get("content"), new.get("content")) {
            (None, None) if becomes_list => {
                self.list_of_one(&schemas.0, &schemas.1, at.child("schema"), direction)
            }
            (None, None) => self.schemas(old.get("schema"), new.get("schema"), at.child("schema"), direction),
            (Some(before), Some(after)) => {
                self.content(Some(before), Some(after), &at.child("content"), direction)
            }
            (before, after) => {
                let message = match after {
                    Some(_) => "it is written as a media type says now",
                    None => "it is no longer written as a media type says",
                };
                let rule = &rules::PARAMETER_SERIALIZATION_CHANGED;
                let sites = (before.or_else(|| old.get("schema")), after.or_else(|| new.get("schema")));
                self.report(rule, direction, side, at.child("content"), sites.0, sites.1, message);
                Ok(())
            }
        }
    }
}
