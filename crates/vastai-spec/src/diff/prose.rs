//! What people read and no client acts upon.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::comparison::Comparison;
use super::model::Side;
use super::rules;
use super::rules::Direction;
use super::site::{Chain, Site, Trail};

/// Under which name a member's text is compared, if it is prose wherever a member's name is a keyword.
fn name_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "description" => "description",
        "summary" => "summary",
        "title" => "title",
        // 3.0 and 3.1 say it in different words.
        "example" | "examples" => "examples",
        "externalDocs" => "externalDocs",
        "$comment" => "$comment",
        "bearerFormat" => "bearerFormat",
        _ if is_rendering(key) => "extension",
        _ => return None,
    })
}

/// Whether a member of a schema is a text for people.
pub(super) fn is_prose(key: &str) -> bool {
    name_of(key).is_some()
}

/// Extensions of documentation sites: they say how an operation is shown.
fn is_rendering(key: &str) -> bool {
    matches!(
        key,
        "x-codeSamples"
            | "x-code-samples"
            | "x-logo"
            | "x-tagGroups"
            | "x-displayName"
            | "x-mint"
            | "x-readme"
    )
}

/// Texts by name, each with where it is written.
#[derive(Debug, Default)]
pub(super) struct Prose<'d>(BTreeMap<&'static str, Text<'d>>);

#[derive(Debug)]
struct Text<'d> {
    depth: usize,
    values: Vec<&'d Value>,
    site: Site<'d>,
}

impl<'d> Prose<'d> {
    /// Adds a member if it is a text for people. The outermost of a name holds; those equally deep hold together, in any order.
    pub(super) fn take(&mut self, key: &str, site: &Site<'d>, depth: usize) -> bool {
        let Some(name) = name_of(key) else { return false };
        let site = site.clone();
        let values: Vec<&Value> = match site.value {
            Value::Array(examples) if key == "examples" => examples.iter().collect(),
            Value::Object(examples) if key == "examples" => {
                // One with a text of its own is more than its value.
                let bare = |example: &'d Value| example.get("value").filter(|_| is_bare(example));
                examples.values().map(|example| bare(example).unwrap_or(example)).collect()
            }
            value => vec![value],
        };
        let text =
            self.0.entry(name).or_insert_with(|| Text { depth, values: Vec::new(), site: site.clone() });
        if depth < text.depth {
            *text = Text { depth, values: Vec::new(), site };
        }
        if depth == text.depth {
            text.values.extend(values);
        }
        true
    }
}

fn is_bare(example: &Value) -> bool {
    example.as_object().is_some_and(|members| members.len() == 1)
}

/// Whether a member that has a comparison of its own is something that it can look at.
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

impl Text<'_> {
    fn says(&self, other: &Self) -> bool {
        let all_of = |one: &Self, other: &Self| one.values.iter().all(|value| other.values.contains(value));
        all_of(self, other) && all_of(other, self)
    }
}

impl<'d> Comparison<'d> {
    /// Compares the texts of one place.
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
            self.tell_prose(at.child(name), side, site(before), site(after), message);
        }
    }

    /// Tells of a text once, also where it belongs to a component that many operations use.
    pub(super) fn tell_prose(
        &mut self,
        at: Trail<'d>,
        side: Side,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        message: String,
    ) {
        let identity = |site: &Option<Site<'d>>| site.as_ref().map_or(0, Site::identity);
        if !self.is_trial() && self.told_prose.insert((identity(&old), identity(&new))) {
            self.tell(&rules::PROSE_CHANGED, Direction::Request, side, at, old, new, message);
        }
    }

    /// Compares what every object has: texts, extensions, and members that nothing else looks at. `known` are those that something does.
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

    /// A member that no rule knows, or an extension.
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
        self.tell(rule, Direction::Request, side, at, old, new, message);
    }
}
