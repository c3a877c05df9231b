//! What our document shares, shared again in the published one.
//!
//! Types are named after components, so a shape that is a component of ours and stands inline where it is published would be
//! another type in Rust. Where ours refers to a component, the published shape takes its name, the same in all places that have it;
//! a place with another shape keeps that inline.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::pointer;

/// Keys whose entries are named by the document, so that a `description` among them is a name.
pub(super) const NAMED: [&str; 17] = [
    "callbacks",
    "content",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "webhooks",
];

/// Members that hold data, whatever their names are.
pub(super) const DATA: [&str; 6] = ["const", "default", "enum", "example", "examples", "mapping"];

/// How deep references are followed into each other when two shapes are compared.
const MAX_DEPTH: usize = 48;

/// The shape that each component of ours has in the published document.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// How often each shape was met, by the pointer of the component in ours.
    met: BTreeMap<String, BTreeMap<String, usize>>,
    /// The shape that takes the name.
    chosen: BTreeMap<String, String>,
    /// Components that were come upon in this run.
    begun: BTreeSet<String>,
    /// What stands in the places of that shape.
    shared: BTreeMap<String, Value>,
}

impl Shapes {
    /// Notes what is published where ours refers to a component.
    pub(super) fn meet(&mut self, component: &str, published: &Value, root: &Value) {
        let shapes = self.met.entry(component.to_owned()).or_default();
        *shapes.entry(shape(published, root)).or_default() += 1;
    }

    /// Of several shapes, that of ours keeps the name; if it is not published any more, the one that is met most often takes it.
    pub(super) fn choose(&mut self, ours: &Value) {
        for (component, shapes) in &self.met {
            let own = ours.pointer(component).map(|own| shape(own, ours));
            let own = own.filter(|own| shapes.contains_key(own));
            let most = || shapes.iter().max_by_key(|(_, times)| **times).map(|(shape, _)| shape.clone());
            if let Some(chosen) = own.or_else(most) {
                self.chosen.insert(component.clone(), chosen);
            }
        }
        self.begun.clear();
    }

    /// Whether this is the first place of a component in this run; what stands in the others is known by then, also inside of itself.
    pub(super) fn begin(&mut self, component: &str) -> bool {
        self.begun.insert(component.to_owned())
    }

    /// Gives published components other names whose name a shape of ours takes. Gives their pointers.
    pub(super) fn make_room(&self, document: &mut Value) -> Vec<String> {
        let root = document.clone();
        let mut moved = Vec::new();
        for (component, chosen) in &self.chosen {
            if root.pointer(component).is_none_or(|theirs| shape(theirs, &root) == *chosen) {
                continue;
            }
            let is_free = |name: &String| root.pointer(name).is_none() && !self.chosen.contains_key(name);
            let mut names = (2_u32..).map(|number| format!("{component}{number}"));
            let Some(free) = names.find(is_free) else { continue };
            if let Some(theirs) = remove(document, component) {
                insert(document, &free, theirs);
            }
            rename_references(document, &format!("#{component}"), &format!("#{free}"));
            moved.push(free);
        }
        moved
    }

    /// Whether this is the shape with the component's name.
    pub(super) fn is_chosen(&self, component: &str, published: &Value, root: &Value) -> bool {
        self.chosen.get(component).is_some_and(|chosen| *chosen == shape(published, root))
    }

    /// Puts a reference in the place of a shape. What ours says beside its reference stays beside it.
    pub(super) fn share(&mut self, component: String, published: &mut Value, reference: &Value) {
        let shape = std::mem::replace(published, reference.clone());
        self.shared.insert(component, shape);
    }

    /// Puts the shared shapes among the components, and takes those out that made room and are not used any more.
    pub(super) fn put_into(self, document: &mut Value, moved: &[String]) {
        for (component, shape) in self.shared {
            insert(document, &component, shape);
        }
        for component in moved {
            let Some(theirs) = remove(document, component) else { continue };
            if refers_to(document, &format!("#{component}")) {
                insert(document, component, theirs);
            }
        }
    }
}

/// Puts a component into its section of the document.
fn insert(document: &mut Value, component: &str, shape: Value) {
    let [_, section, name] = tokens(component)[..] else { return };
    let Some(root) = document.as_object_mut() else { return };
    let components = root.entry("components").or_insert_with(|| json!({}));
    let Some(components) = components.as_object_mut() else { return };
    let section = components.entry(section).or_insert_with(|| json!({}));
    if let Some(section) = section.as_object_mut() {
        section.insert(pointer::last_token(name), shape);
    }
}

fn remove(document: &mut Value, component: &str) -> Option<Value> {
    let (section, _) = component.rsplit_once('/')?;
    document.pointer_mut(section)?.as_object_mut()?.remove(&pointer::last_token(component))
}

fn rename_references(document: &mut Value, from: &str, to: &str) {
    match document {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && reference == from
            {
                to.clone_into(reference);
            }
            members.values_mut().for_each(|member| rename_references(member, from, to));
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(|element| rename_references(element, from, to));
        }
        _ => {}
    }
}

fn refers_to(document: &Value, to: &str) -> bool {
    match document {
        Value::Object(members) => {
            members.get("$ref").is_some_and(|reference| reference == to)
                || members.values().any(|member| refers_to(member, to))
        }
        Value::Array(elements) => elements.iter().any(|element| refers_to(element, to)),
        _ => false,
    }
}

/// The component that a reference of ours stands for. One that says more than words beside its reference is not a plain use of it.
pub(super) fn component_of(ours: &Value) -> Option<String> {
    let members = ours.as_object()?;
    let only_words = members.keys().all(|key| key == "$ref" || key == "description");
    let target = pointer::of_local_reference(members.get("$ref")?.as_str()?)?;
    (only_words && tokens(&target).len() == 3 && target.starts_with("/components/")).then_some(target)
}

fn tokens(pointer: &str) -> Vec<&str> {
    pointer.trim_start_matches('/').split('/').collect()
}

/// A string that is the same for the same facts: without words, with references followed.
fn shape(value: &Value, root: &Value) -> String {
    facts(value, root, "", 0).to_string()
}

fn facts(value: &Value, root: &Value, name: &str, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match pointer::resolved(root, value) {
        Value::Object(members) => {
            let is_named = NAMED.contains(&name);
            let kept = members.iter().filter(|(key, _)| is_named || !is_prose(key));
            let kept = kept.map(|(key, value)| {
                let is_data = !is_named && DATA.contains(&key.as_str());
                let next = if is_named { "" } else { key.as_str() };
                (key.clone(), if is_data { value.clone() } else { facts(value, root, next, depth + 1) })
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(elements) => {
            elements.iter().map(|element| facts(element, root, "", depth + 1)).collect()
        }
        other => other.clone(),
    }
}

/// What does not distinguish types: words and examples.
fn is_prose(key: &str) -> bool {
    ["description", "title", "summary", "example", "examples", "externalDocs"].contains(&key)
}
