//! What a document says outside of its operations.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::comparison::{Comparison, TooLarge};
use super::model::Side;
use super::operation::Calls;
use super::rules::{self, Direction};
use super::site::{Site, Trail};
use super::source::Source;
use crate::identify::{METHODS, operations};

/// What components can be of.
const SECTIONS: [&str; 10] = [
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
    "pathItems",
];

/// What 3.1 takes for granted.
const DIALECT: &str = "https://spec.openapis.org/oas/3.1/dialect/base";

impl<'d> Comparison<'d> {
    pub(super) fn document(&mut self) -> Result<(), TooLarge> {
        let root = Trail::default();
        let (old, new) = (self.old.root.clone(), self.new.root.clone());
        let known = [
            "openapi",
            "info",
            "paths",
            "components",
            "servers",
            "security",
            "tags",
            "webhooks",
            "jsonSchemaDialect",
        ];
        let chains = (self.old.chain(old.clone()), self.new.chain(new.clone()));
        self.rest(&chains.0, &chains.1, &known, &root, Side::Operation);
        self.strings(old.get("info"), new.get("info"), &root.child("info"));
        self.tags(&old, &new);
        self.security_of_document();
        self.servers_of_document();
        let dialect = |site: &Site<'d>| {
            site.get("jsonSchemaDialect").filter(|dialect| dialect.value.as_str() != Some(DIALECT))
        };
        let at = root.child("jsonSchemaDialect");
        self.unknown_change("jsonSchemaDialect", dialect(&old), dialect(&new), at, Side::Operation);
        self.members(&old, &new, "paths", |key| key.starts_with('/'));
        self.members(&old, &new, "components", |key| SECTIONS.contains(&key));
        self.unused_paths();
        self.components();
        let webhooks = (self.old.webhooks(), self.new.webhooks());
        let rules = (&rules::WEBHOOK_REMOVED, &rules::WEBHOOK_ADDED);
        self.calls_of_service(webhooks, &root.child("webhooks"), rules)
    }

    /// Every field is a string.
    fn strings(&mut self, old: Option<Site<'d>>, new: Option<Site<'d>>, at: &Trail<'d>) {
        let keys: BTreeSet<&'d str> =
            old.iter().chain(&new).flat_map(Site::members).map(|(key, _)| key).collect();
        for key in keys {
            let member = |site: &Option<Site<'d>>| site.as_ref().and_then(|site| site.get(key));
            let (before, after) = (member(&old), member(&new));
            if before.as_ref().map(|site| site.value) != after.as_ref().map(|site| site.value) {
                let message = format!("`{key}` of the document differs");
                self.report_prose(at.child(key), Side::Operation, before, after, message);
            }
        }
    }

    fn tags(&mut self, old: &Site<'d>, new: &Site<'d>) {
        let by_name = |root: &Site<'d>| -> BTreeMap<&'d str, Site<'d>> {
            let tags = root.get("tags");
            let tags = tags.iter().flat_map(Site::elements);
            tags.map(|tag| (tag.text("name").unwrap_or_default(), tag)).collect()
        };
        let (old, new) = (by_name(old), by_name(new));
        let names: BTreeSet<&'d str> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let (before, after) = (old.get(name).cloned(), new.get(name).cloned());
            if before.as_ref().map(|site| site.value) != after.as_ref().map(|site| site.value) {
                let message = format!("what is said of the tag `{name}` differs");
                let at = Trail::default().child("tags").child(name);
                self.report_prose(at, Side::Operation, before, after, message);
            }
        }
    }

    /// Fields that nothing else looks at.
    fn members(&mut self, old: &Site<'d>, new: &Site<'d>, of: &'d str, is_known: fn(&str) -> bool) {
        let nothing = || Site { value: &Value::Null, place: Trail::default().child(of) };
        let (old, new) = (old.get(of).unwrap_or_else(nothing), new.get(of).unwrap_or_else(nothing));
        let members = old.members().chain(new.members()).map(|(key, _)| key);
        let unknown: BTreeSet<&'d str> = members.filter(|key| !is_known(key)).collect();
        let at = Trail::default().child(of);
        for key in unknown {
            self.unknown_change(key, old.get(key), new.get(key), at.child(key), Side::Operation);
        }
    }

    /// Paths without an operation.
    fn unused_paths(&mut self) {
        let unused = |root: &Site<'d>| -> BTreeMap<&'d str, Site<'d>> {
            let items = root.get("paths");
            let items = items.iter().flat_map(Site::members);
            let is_unused = |item: &Site<'d>| METHODS.iter().all(|method| item.get(method).is_none());
            items.filter(|(path, item)| path.starts_with('/') && is_unused(item)).collect()
        };
        let (old, new) = (unused(&self.old.root), unused(&self.new.root));
        let paths: BTreeSet<&'d str> = old.keys().chain(new.keys()).copied().collect();
        for path in paths {
            let (before, after) = (old.get(path).cloned(), new.get(path).cloned());
            if before.as_ref().map(|site| site.value) != after.as_ref().map(|site| site.value) {
                let message =
                    format!("the path `{path}`, which has no operation, is new, gone, or different");
                let at = Trail::default().child("paths").child(path);
                let rule = &rules::UNUSED_COMPONENT_CHANGED;
                self.report(rule, Direction::Request, Side::Operation, at, before, after, message);
            }
        }
    }

    /// Components that operations use are compared where they are used; the others are reported here.
    fn components(&mut self) {
        let (used_before, used_after) = (self.old.used(), self.new.used());
        let (asked_before, asked_after) = (self.old.asked(), self.new.asked());
        let (old, new) = (self.old.components(), self.new.components());
        let names: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for (section, name) in names {
            let key = &(section, name);
            let (before, after) = (old.get(key).cloned(), new.get(key).cloned());
            let reference = format!("#/components/{section}/{name}");
            let is_used = match section {
                "securitySchemes" => asked_before.contains(name) || asked_after.contains(name),
                _ => used_before.contains(&reference) || used_after.contains(&reference),
            };
            if is_used || before.as_ref().map(|site| site.value) == after.as_ref().map(|site| site.value) {
                continue;
            }
            let words = match (&before, &after) {
                (Some(_), Some(_)) => "differs",
                (Some(_), None) => "is gone",
                _ => "is new",
            };
            let message = format!("`{name}`, to which no operation refers, {words}");
            let at = Trail::default().child("components").child(section).child(name);
            let rule = &rules::UNUSED_COMPONENT_CHANGED;
            self.report(rule, Direction::Request, Side::Operation, at, before, after, message);
        }
    }
}

impl<'d> Source<'d> {
    fn webhooks(&mut self) -> Calls<'d> {
        let mut calls = Calls::new();
        let webhooks = self.root.get("webhooks");
        for (name, item) in webhooks.iter().flat_map(Site::members) {
            self.calls_of(item, &[name], name, &mut calls);
        }
        calls
    }

    /// The names of the security schemes that someone is asked for.
    fn asked(&self) -> BTreeSet<&'d str> {
        let operations = operations(self.root.value).map(|(.., operation)| operation.get("security"));
        let lists = operations.chain([self.root.value.get("security")]).flatten();
        let alternatives = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_object);
        alternatives.flat_map(|alternative| alternative.keys().map(String::as_str)).collect()
    }

    /// Components by section and name.
    fn components(&self) -> BTreeMap<(&'d str, &'d str), Site<'d>> {
        let components = self.root.get("components");
        let sections = components.iter().flat_map(Site::members);
        sections
            .filter(|(section, _)| SECTIONS.contains(section))
            .flat_map(|(section, site)| site.members().map(move |(name, site)| ((section, name), site)))
            .collect()
    }

    /// References to components that start from operations, in one or several steps.
    fn used(&self) -> HashSet<String> {
        let mut used = HashSet::new();
        let roots = ["paths", "webhooks"].iter().filter_map(|key| self.root.value.get(key));
        let mut pending: Vec<&Value> = roots.collect();
        let heirs = self.heirs();
        while let Some(value) = pending.pop() {
            match value {
                // A mapping of a discriminator refers as a `$ref` does.
                Value::String(text) if text.starts_with("#/components/") && used.insert(text.clone()) => {
                    pending.extend(crate::pointer::resolve(self.root.value, text));
                    for (name, heir) in heirs.get(text.as_str()).into_iter().flatten() {
                        used.insert(format!("#/components/schemas/{name}"));
                        pending.push(heir.value);
                    }
                }
                Value::Array(elements) => pending.extend(elements),
                Value::Object(members) => {
                    let compared = members.iter().filter(|(key, _)| !key.starts_with("x-"));
                    pending.extend(compared.map(|(_, member)| member));
                }
                _ => {}
            }
        }
        used
    }
}

impl<'d> Source<'d> {
    /// The schemas among the components that have another in their `allOf`, by the reference to that.
    pub(super) fn heirs(&self) -> BTreeMap<&'d str, Vec<(&'d str, Site<'d>)>> {
        let mut heirs: BTreeMap<&'d str, Vec<_>> = BTreeMap::new();
        let schemas = self.root.at(&["components", "schemas"]);
        for (name, schema) in schemas.iter().flat_map(Site::members) {
            for part in schema.get("allOf").iter().flat_map(Site::elements) {
                if let Some(reference) = part.text("$ref") {
                    heirs.entry(reference).or_default().push((name, schema.clone()));
                }
            }
        }
        heirs
    }
}
