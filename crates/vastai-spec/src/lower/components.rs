//! The schemas of the lowered document and their names.
//!
//! Names are given at the end, when all places of a schema are known: until then an inline schema is a number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use heck::ToPascalCase;
use serde_json::{Map, Value, json};

use super::lowered::{ERROR_COMPONENT, HAND_WRITTEN, PREFIX};
use super::rules;
use crate::filled::filled;
use crate::identify::names::type_name;
use crate::pointer;
use crate::report::Report;

/// What the generated code calls by its short name among the types.
const DEFAULT_TRAIT: &str = "Default";

/// Which way a schema travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// From the client to the service: strict.
    Request,
    /// From the service to the client: robust.
    Response,
}

/// The schemas of the lowered document.
pub(super) struct Components {
    /// Components of the document, by their pointer and the way they travel; `None` while they are being lowered.
    declared: BTreeMap<(String, Direction), Option<Value>>,
    /// Components that made no type of their own.
    aliases: BTreeSet<String>,
    /// Types in use whose names no other type gets: hand-written ones, and those that the overlay names.
    reserved: BTreeMap<String, Value>,
    /// Inline schemas by their numbers.
    inline: Vec<Inline>,
    /// Their numbers by their facts: prose does not distinguish types, or a reworded document would rename them.
    by_facts: HashMap<String, usize>,
}

struct Inline {
    number: usize,
    schema: Value,
    /// Names that its places suggest, with the place.
    suggested: BTreeMap<String, String>,
    /// The components of the document that it is.
    declared: BTreeSet<(String, Direction)>,
}

/// Types ask for their names in this order: components of the document first, as what is named by a person comes before what is
/// not; then the shortest name. Prose has no say.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    not_by_a_person: bool,
    length: usize,
    name: String,
    place: String,
    number: usize,
}

impl Components {
    pub(super) fn new() -> Self {
        Self {
            declared: BTreeMap::new(),
            aliases: BTreeSet::new(),
            reserved: BTreeMap::new(),
            inline: Vec::new(),
            by_facts: HashMap::new(),
        }
    }

    /// The schema that a reference made here stands for, where it is lowered already.
    pub(super) fn target_of(&self, reference: &Value) -> Option<&Value> {
        let key = inner_reference(reference)?.strip_prefix(PREFIX)?;
        if let Some(inline) = inline_number(key).and_then(|number| self.inline.get(number)) {
            return Some(&inline.schema);
        }
        let declared = [Direction::Request, Direction::Response].into_iter().find_map(|direction| {
            let pointer = key.strip_prefix(&format!("@{direction:?}"))?;
            self.declared.get(&(pointer.to_owned(), direction))?.as_ref()
        })?;
        // A component that became a type is a reference to it.
        let inline = inner_reference(declared)
            .and_then(|to| self.inline.get(inline_number(to.strip_prefix(PREFIX)?)?));
        Some(inline.map_or(declared, |inline| &inline.schema))
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
        let number =
            inner_reference(&schema).and_then(|reference| inline_number(reference.strip_prefix(PREFIX)?));
        if let Some(inline) = number.and_then(|number| self.inline.get_mut(number)) {
            inline.declared.insert((pointer.to_owned(), direction));
            if let (Some(description), Some(members)) = (description, inline.schema.as_object_mut()) {
                members.entry("description").or_insert_with(|| json!(description));
            }
        }
        self.declared.insert((pointer.to_owned(), direction), Some(schema));
    }

    /// A reference to a type whose name no other type gets; the schema says which values it takes.
    pub(super) fn reserved(&mut self, name: &str, schema: Value) -> Value {
        self.reserved.entry(name.to_owned()).or_insert(schema);
        json!({ "$ref": format!("{PREFIX}{name}") })
    }

    pub(super) fn declared_reference(pointer: &str, direction: Direction) -> Value {
        json!({ "$ref": format!("{PREFIX}{}", declared_key(pointer, direction)) })
    }

    /// A reference to an inline schema, the same for the same schema.
    pub(super) fn inline_reference(&mut self, schema: Value, suggested: &str, at: &str) -> Value {
        let number = *self.by_facts.entry(facts_of(&schema).to_string()).or_insert(self.inline.len());
        if number == self.inline.len() {
            let (suggested, declared) = (BTreeMap::new(), BTreeSet::new());
            self.inline.push(Inline { number, schema, suggested, declared });
        }
        if let Some(inline) = self.inline.get_mut(number) {
            inline.suggested.entry(suggested.to_owned()).or_insert_with(|| at.to_owned());
        }
        json!({ "$ref": format!("{PREFIX}{}", inline_key(number)) })
    }

    /// All schemas under their names, and how the references so far are to be renamed.
    pub(super) fn into_schemas(
        mut self,
        report: &mut Report,
    ) -> (Map<String, Value>, BTreeMap<String, String>) {
        let mut names = Names::default();
        let mut schemas = Map::new();
        let mut renamed = BTreeMap::new();
        names.taken.insert(ERROR_COMPONENT.to_owned());
        schemas.insert(
            ERROR_COMPONENT.to_owned(),
            json!({ "type": "object", "description": "What the service says of a failure.", "additionalProperties": {} }),
        );
        names.taken.extend(HAND_WRITTEN.map(str::to_owned));
        names.taken.insert(DEFAULT_TRAIT.to_owned());
        names.taken.extend(self.reserved.keys().cloned());
        schemas.extend(self.reserved.clone());

        self.by_facts = HashMap::new();
        let inline = std::mem::take(&mut self.inline);
        let mut inline: Vec<(Wanted, Inline)> =
            inline.into_iter().map(|inline| (self.wanted(&inline), inline)).collect();
        inline.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (wanted, inline) in inline {
            let name = names.distinct(&wanted.name);
            if let Some((pointer, _)) = inline.declared.first().filter(|_| name != type_name(&wanted.name)) {
                report.note(&rules::NAME_DISTINCT, pointer, format!("→ {name}"));
            }
            let mut places = inline.suggested.values().map(String::as_str);
            if let (Some(first), true) =
                (places.next(), inline.suggested.len() > 1 && inline.declared.is_empty())
            {
                let others: Vec<&str> = places.collect();
                report.note(&rules::NAMED, first, format!("{name}, also at {}", others.join(", ")));
            }
            renamed.insert(inline_key(inline.number), name.clone());
            schemas.insert(name, inline.schema);
        }
        self.name_the_rest(&mut names, &mut schemas, &mut renamed);
        (schemas, renamed)
    }

    /// The name that a type wants, and how early it is asked.
    fn wanted(&self, inline: &Inline) -> Wanted {
        let declared =
            inline.declared.iter().map(|place| (self.declared_name(place, inline), place.0.clone()));
        let declared = declared.min_by_key(|(name, place)| (name.len(), name.clone(), place.clone()));
        let suggested = inline.suggested.iter().map(|(name, place)| (name.clone(), place.clone()));
        let suggested = suggested.min_by_key(|(name, _)| (name.len(), name.clone()));
        let by_a_person = declared.is_some();
        let (name, place) = declared.or(suggested).unwrap_or_default();
        Wanted { not_by_a_person: !by_a_person, length: name.len(), name, place, number: inline.number }
    }

    /// Both ways and not the same, the response keeps the name: it is read more often than the request is written.
    fn declared_name(&self, (pointer, direction): &(String, Direction), inline: &Inline) -> String {
        let written = pointer::last_token(pointer);
        let other = match direction {
            Direction::Request => Direction::Response,
            Direction::Response => Direction::Request,
        };
        let other = (pointer.clone(), other);
        let alone = !self.declared.contains_key(&other) || inline.declared.contains(&other);
        if *direction == Direction::Request && !alone {
            format!("{} request", type_name(&written))
        } else {
            written
        }
    }

    /// Names components that are not types of their own: another's name, or any value.
    fn name_the_rest(
        &self,
        names: &mut Names,
        schemas: &mut Map<String, Value>,
        renamed: &mut BTreeMap<String, String>,
    ) {
        let targets: BTreeMap<String, &str> =
            filled(self.declared.iter().filter_map(|((pointer, direction), schema)| {
                let target = inner_reference(schema.as_ref()?)?.strip_prefix(PREFIX)?;
                Some((declared_key(pointer, *direction), target))
            }));
        for ((pointer, direction), schema) in &self.declared {
            let key = declared_key(pointer, *direction);
            let mut target = targets.get(&key).copied();
            // A chain of names longer than this turns in a circle.
            for _ in 0..16 {
                match target.and_then(|target| targets.get(target)) {
                    Some(next) => target = Some(next),
                    None => break,
                }
            }
            if let Some(name) = target.and_then(|target| renamed.get(target).cloned()) {
                renamed.insert(key, name);
                continue;
            }
            let own = schema.clone().filter(|schema| inner_reference(schema).is_none());
            let name = names.distinct(&pointer::last_token(pointer));
            schemas.insert(name.clone(), own.unwrap_or_else(|| json!({})));
            renamed.insert(key, name);
        }
    }
}

/// A lowered schema without its descriptions.
fn facts_of(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let facts = members.iter().filter(|(key, _)| *key != "description").map(|(key, value)| {
                let value = match value {
                    Value::Object(properties) if key == "properties" => Value::Object(filled(
                        properties.iter().map(|(name, property)| (name.clone(), facts_of(property))),
                    )),
                    other => facts_of(other),
                };
                (key.clone(), value)
            });
            without_wrapper(filled(facts))
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

fn declared_key(pointer: &str, direction: Direction) -> String {
    format!("@{direction:?}{pointer}")
}

fn inline_key(number: usize) -> String {
    format!("@{number}")
}

/// The number in an inline schema's key.
fn inline_number(key: &str) -> Option<usize> {
    key.strip_prefix('@')?.parse().ok()
}

#[derive(Default)]
struct Names {
    /// As the generator writes them: names that differ only in case or punctuation may be one name in Rust.
    taken: BTreeSet<String>,
    /// The number that a name gets next, of those that were wanted more than once.
    next: BTreeMap<String, u32>,
}

impl Names {
    fn distinct(&mut self, wanted: &str) -> String {
        let name = type_name(wanted);
        if self.taken.insert(name.to_pascal_case()) {
            return name;
        }
        // Numbers below were taken before.
        let next = self.next.entry(name.clone()).or_insert(2);
        loop {
            let candidate = format!("{name}{next}");
            *next += 1;
            if self.taken.insert(candidate.to_pascal_case()) {
                return candidate;
            }
        }
    }
}
