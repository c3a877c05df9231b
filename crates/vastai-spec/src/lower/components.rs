//! The schemas of the lowered document and their names.
//!
//! Names are given at the end, when all places of a schema are known: until then an inline schema is a number.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value, json};

use super::{Direction, ERROR_COMPONENT, HAND_WRITTEN, rules};
use crate::pointer;
use crate::report::Report;

const PREFIX: &str = "#/components/schemas/";

/// The schemas of the lowered document.
pub(super) struct Components {
    /// Components of the document, by their pointer and the way they travel; `None` while they are being lowered.
    declared: BTreeMap<(String, Direction), Option<Value>>,
    /// Components that made no type of their own.
    aliases: BTreeSet<String>,
    /// Hand-written types in use.
    hand_written: BTreeSet<&'static str>,
    /// Inline schemas, by their facts: prose tells no types apart, or a reworded document would rename them.
    inline: BTreeMap<String, Inline>,
    /// How many inline schemas there are: the next one's number.
    numbered: usize,
}

struct Inline {
    number: usize,
    schema: Value,
    /// Names that its places suggest, with the place.
    suggested: BTreeMap<String, String>,
    /// The components of the document that it is.
    declared: BTreeSet<(String, Direction)>,
}

impl Components {
    pub(super) fn new() -> Self {
        Self {
            declared: BTreeMap::new(),
            aliases: BTreeSet::new(),
            hand_written: BTreeSet::new(),
            inline: BTreeMap::new(),
            numbered: 0,
        }
    }

    /// The schema that a reference made here stands for, where it is lowered already.
    pub(super) fn target_of(&self, reference: &Value) -> Option<&Value> {
        let key = reference.get("$ref")?.as_str()?.strip_prefix(PREFIX)?;
        let inline =
            self.inline.values().find(|inline| inline_key(inline.number) == key).map(|inline| &inline.schema);
        inline.or_else(|| {
            let declared = |direction| {
                let pointer = key.strip_prefix(&format!("@{direction:?}"))?;
                self.declared.get(&(pointer.to_owned(), direction))?.as_ref()
            };
            declared(Direction::Request).or_else(|| declared(Direction::Response))
        })
    }

    /// The pointers of the components that were reached.
    pub(super) fn reached(&self) -> impl Iterator<Item = &str> {
        self.declared.keys().map(|(pointer, _)| pointer).chain(&self.aliases).map(String::as_str)
    }

    /// Notes that a component is in use without a type of its own.
    pub(super) fn reach(&mut self, pointer: &str) {
        self.aliases.insert(pointer.to_owned());
    }

    /// Reserves the place of a component; `true` where it is to be lowered now.
    pub(super) fn enter(&mut self, pointer: &str, direction: Direction) -> bool {
        let key = (pointer.to_owned(), direction);
        let new = !self.declared.contains_key(&key);
        if new {
            self.declared.insert(key, None);
        }
        new
    }

    /// Gives a component its lowered schema. Where that became a type already, the type takes the component's name.
    pub(super) fn declare(
        &mut self,
        pointer: &str,
        direction: Direction,
        schema: Value,
        description: Option<&str>,
    ) {
        let key =
            inner_reference(&schema).and_then(|reference| reference.strip_prefix(PREFIX)).map(str::to_owned);
        let inline =
            key.and_then(|key| self.inline.values_mut().find(|inline| inline_key(inline.number) == key));
        if let Some(inline) = inline {
            inline.declared.insert((pointer.to_owned(), direction));
            if let (Some(description), Some(members)) = (description, inline.schema.as_object_mut()) {
                members.entry("description").or_insert_with(|| json!(description));
            }
        }
        self.declared.insert((pointer.to_owned(), direction), Some(schema));
    }

    /// A reference to a type that is hand-written; as a schema it takes any value.
    pub(super) fn hand_written(&mut self, name: &'static str) -> Value {
        self.hand_written.insert(name);
        json!({ "$ref": format!("{PREFIX}{name}") })
    }

    pub(super) fn declared_reference(pointer: &str, direction: Direction) -> Value {
        json!({ "$ref": format!("{PREFIX}{}", declared_key(pointer, direction)) })
    }

    /// A reference to an inline schema, the same for the same schema.
    pub(super) fn inline_reference(&mut self, schema: Value, suggested: &str, at: &str) -> Value {
        let text = facts_of(&schema).to_string();
        let next = self.numbered;
        let inline = self.inline.entry(text).or_insert_with(|| Inline {
            number: next,
            schema,
            suggested: BTreeMap::new(),
            declared: BTreeSet::new(),
        });
        inline.suggested.entry(suggested.to_owned()).or_insert_with(|| at.to_owned());
        if inline.number == next {
            self.numbered += 1;
        }
        json!({ "$ref": format!("{PREFIX}{}", inline_key(inline.number)) })
    }

    fn declared_target(&self, key: &str) -> Option<String> {
        let ((_, _), schema) = self
            .declared
            .iter()
            .find(|((pointer, direction), _)| declared_key(pointer, *direction) == key)?;
        inner_reference(schema.as_ref()?)?.strip_prefix(PREFIX).map(str::to_owned)
    }

    /// All schemas under their names, and how the references so far are to be renamed.
    pub(super) fn into_schemas(self, report: &mut Report) -> (Map<String, Value>, BTreeMap<String, String>) {
        let mut names = Names::default();
        names.taken.insert(ERROR_COMPONENT.to_snake_case());
        let mut schemas = Map::new();
        let mut renamed = BTreeMap::new();
        schemas.insert(
            ERROR_COMPONENT.to_owned(),
            json!({ "type": "object", "description": "What the service says of a failure.", "additionalProperties": {} }),
        );

        names.taken.extend(HAND_WRITTEN.map(|name| name.to_snake_case()));
        schemas.extend(self.hand_written.iter().map(|name| ((*name).to_owned(), json!({}))));

        let directions = |pointer: &str| -> Vec<Direction> {
            let both = [Direction::Request, Direction::Response].into_iter();
            both.filter(|direction| self.declared.contains_key(&(pointer.to_owned(), *direction))).collect()
        };
        // Both ways and not the same, the answer keeps the name: it is read more often than the request is written.
        let wanted_by = |(pointer, direction): &(String, Direction), alone: bool| {
            let written = pointer::last_token(pointer);
            if !alone && *direction == Direction::Request {
                format!("{} request", as_type_name(&written))
            } else {
                written
            }
        };

        let mut inline: Vec<&Inline> = self.inline.values().collect();
        // Components of the document first, then the shortest name: what is named by a person comes before what is not.
        let wanted = |inline: &Inline| -> (bool, usize, String) {
            let declared = inline.declared.iter().map(|place| {
                let alone = directions(&place.0)
                    .iter()
                    .all(|direction| inline.declared.contains(&(place.0.clone(), *direction)));
                wanted_by(place, alone)
            });
            let declared = declared.min_by_key(|name| (name.len(), name.clone()));
            let suggested = inline.suggested.keys().min_by_key(|name| (name.len(), (*name).clone())).cloned();
            let undeclared = declared.is_none();
            let name = declared.or(suggested).unwrap_or_default();
            (undeclared, name.len(), name)
        };
        inline.sort_by_cached_key(|inline| (wanted(inline), inline.schema.to_string()));
        for inline in inline {
            let (_, _, wanted) = wanted(inline);
            let name = names.distinct(&wanted);
            if let Some((pointer, _)) = inline.declared.first().filter(|_| name != as_type_name(&wanted)) {
                report.note(&rules::NAME_DISTINCT, pointer, format!("→ {name}"));
            }
            if inline.suggested.len() > 1 && inline.declared.is_empty() {
                let places: Vec<&str> = inline.suggested.values().map(String::as_str).collect();
                report.note(&rules::NAMED, places[0], format!("{name}, also at {}", places[1..].join(", ")));
            }
            renamed.insert(inline_key(inline.number), name.clone());
            schemas.insert(name, inline.schema.clone());
        }
        // What remains are components that are no type of their own: another's name, or any value.
        for ((pointer, direction), schema) in &self.declared {
            let key = declared_key(pointer, *direction);
            let mut target = schema
                .as_ref()
                .and_then(inner_reference)
                .and_then(|to| to.strip_prefix(PREFIX))
                .map(str::to_owned);
            for _ in 0..16 {
                let next = target.as_ref().and_then(|target| self.declared_target(target));
                if next.is_none() {
                    break;
                }
                target = next;
            }
            if let Some(name) = target.and_then(|target| renamed.get(&target).cloned()) {
                renamed.insert(key, name);
                continue;
            }
            let name = names.distinct(&pointer::last_token(pointer));
            schemas.insert(
                name.clone(),
                schema
                    .clone()
                    .filter(|schema| inner_reference(schema).is_none())
                    .unwrap_or_else(|| json!({})),
            );
            renamed.insert(key, name);
        }
        (schemas, renamed)
    }
}

/// A lowered schema without its descriptions.
fn facts_of(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let facts = members.iter().filter(|(key, _)| *key != "description").map(|(key, value)| {
                let value = match value {
                    Value::Object(properties) if key == "properties" => {
                        properties.iter().map(|(name, property)| (name.clone(), facts_of(property))).collect()
                    }
                    other => facts_of(other),
                };
                (key.clone(), value)
            });
            without_wrapper(facts.collect())
        }
        Value::Array(elements) => elements.iter().map(facts_of).collect(),
        other => other.clone(),
    }
}

/// A reference is wrapped where it is described; without the description it is the reference again.
fn without_wrapper(members: Map<String, Value>) -> Value {
    match members.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if members.len() == 1 => only.clone(),
        _ => Value::Object(members),
    }
}

/// The reference that a schema is, also inside of what only makes it nullable or describes it.
fn inner_reference(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    direct.or_else(|| match schema.get("allOf")?.as_array()?.as_slice() {
        [only] => only.get("$ref")?.as_str(),
        _ => None,
    })
}

/// Gives every reference to a component its final name.
pub(super) fn rename_references(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(PREFIX).and_then(|key| renamed.get(key))
            {
                *reference = format!("{PREFIX}{name}");
            }
            members.values_mut().for_each(|member| rename_references(member, renamed));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename_references(element, renamed)),
        _ => {}
    }
}

fn declared_key(pointer: &str, direction: Direction) -> String {
    format!("@{direction:?}{pointer}")
}

fn inline_key(number: usize) -> String {
    format!("@{number}")
}

fn as_type_name(wanted: &str) -> String {
    let words: String =
        wanted.chars().map(|character| if character.is_alphanumeric() { character } else { ' ' }).collect();
    let name = words.to_pascal_case();
    match name.chars().next() {
        None => "Type".to_owned(),
        Some(first) if first.is_alphabetic() => name,
        Some(_) => format!("Type{name}"),
    }
}

#[derive(Default)]
struct Names {
    /// In snake case, as names that differ only in case or punctuation are one name in Rust.
    taken: BTreeSet<String>,
}

impl Names {
    fn distinct(&mut self, wanted: &str) -> String {
        let name = as_type_name(wanted);
        let candidates =
            std::iter::once(name.clone()).chain((2_u32..).map(|number| format!("{name}{number}")));
        for candidate in candidates {
            if self.taken.insert(candidate.to_snake_case()) {
                return candidate;
            }
        }
        name
    }
}

/// Drops the schemas that nothing in the lowered document refers to.
pub(super) fn prune(document: &mut Value) {
    let reached = reached_from(document, [&document["paths"]]);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| reached.contains(name) || name == ERROR_COMPONENT);
    }
}

/// The names of the schemas that these parts of a lowered document refer to, directly or through each other.
pub(crate) fn reached_from<'document>(
    document: &'document Value,
    parts: impl IntoIterator<Item = &'document Value>,
) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&Value> = parts.into_iter().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(PREFIX));
                if let Some(name) = name.filter(|name| reached.insert((*name).to_owned())) {
                    waiting.push(&document["components"]["schemas"][name]);
                }
                waiting.extend(members.values());
            }
            Value::Array(elements) => waiting.extend(elements),
            _ => {}
        }
    }
    reached
}
