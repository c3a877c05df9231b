//! A published document in our words: its facts, with the descriptions that an older document of ours has in the same places.
//!
//! The publisher's prose may not be ours to hand on; facts are. So each description is replaced by ours, and one for which there is
//! none is left out. Summaries stay: operations are named after them. What ours shares as a component is shared again, as types are
//! named after components.

mod shapes;

use serde_json::{Map, Value};

use crate::pointer;
use shapes::{DATA, NAMED, Shapes, component_of};

/// A document in our words.
#[derive(Debug, Clone, PartialEq)]
pub struct Reworded {
    /// The document.
    pub document: Value,
    /// Where the publisher describes something that we do not: JSON pointers.
    pub undescribed: Vec<String>,
}

/// Takes the descriptions out of a published document and puts those of `ours` in their places.
///
/// Places are the same where the same names lead to them, with references followed in ours, without the slash at a path's end and
/// the names of path parameters; parameters and tags are found by their names.
///
/// ```
/// use vastai_spec::reword::reword;
/// use serde_json::json;
///
/// let ours = json!({ "paths": { "/a/": { "get": { "description": "Reads it." } } } });
/// let published = json!({ "paths": { "/a": { "get": { "description": "…", "responses": { "200": { "description": "…" } } } } } });
/// let reworded = reword(&published, &ours);
/// assert_eq!(reworded.document["paths"]["/a"]["get"]["description"], "Reads it.");
/// assert_eq!(reworded.undescribed, ["/paths/~1a/get/responses/200/description"]);
/// ```
#[must_use]
pub fn reword(published: &Value, ours: &Value) -> Reworded {
    let mut shapes = Shapes::default();
    Rewording { ours, published, undescribed: Vec::new(), shapes: &mut shapes, shares: false }.value(
        &mut published.clone(),
        ours,
        "",
        "",
    );
    shapes.choose(ours);
    let mut document = published.clone();
    let moved = shapes.make_room(&mut document);
    let published = document.clone();
    let mut rewording =
        Rewording { ours, published: &published, undescribed: Vec::new(), shapes: &mut shapes, shares: true };
    rewording.value(&mut document, ours, "", "");
    let mut undescribed = std::mem::take(&mut rewording.undescribed);
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        // Who stands behind a document in our words, and on which terms, is ours to say.
        for member in ["contact", "license", "termsOfService"] {
            info.remove(member);
            info.extend(ours["info"].get(member).map(|value| (member.to_owned(), value.clone())));
        }
    }
    shapes.put_into(&mut document, &moved);
    // What made room for a shape of ours, and is not used any more, needs no words.
    undescribed.retain(|place| {
        place.rsplit_once('/').is_some_and(|(described, _)| document.pointer(described).is_some())
    });
    // A response must have a description, and a document without one is none.
    fill_responses(&mut document, "");
    document.sort_all_objects();
    Reworded { document, undescribed }
}

struct Rewording<'ours, 'shapes> {
    ours: &'ours Value,
    published: &'shapes Value,
    undescribed: Vec<String>,
    shapes: &'shapes mut Shapes,
    /// Whether the shapes are known that take the names of components; in the first run they are only looked at.
    shares: bool,
}

impl<'ours> Rewording<'ours, '_> {
    /// Rewords what stands at `at` under the name `name`.
    fn value(&mut self, published: &mut Value, reference: &'ours Value, at: &str, name: &str) {
        let Some(component) = component_of(reference) else {
            return self.inner(published, reference, at, name);
        };
        if !self.shares {
            self.shapes.meet(&component, published, self.published);
        } else if !self.shapes.is_chosen(&component, published, self.published) {
            return self.inner(published, reference, at, name);
        }
        if !self.shapes.begin(&component) {
            published.clone_from(reference);
            return;
        }
        if published.get("$ref").is_some() {
            *published = pointer::resolved(self.published, published).clone();
        }
        let undescribed = self.undescribed.len();
        self.inner(published, reference, at, name);
        if self.shares {
            for place in &mut self.undescribed[undescribed..] {
                if let Some(within) = place.strip_prefix(at) {
                    *place = format!("{component}{within}");
                }
            }
            self.shapes.share(component, published, reference);
        }
    }

    fn inner(&mut self, published: &mut Value, reference: &'ours Value, at: &str, name: &str) {
        let ours = pointer::resolved(self.ours, reference);
        match published {
            Value::Object(members) => {
                if !NAMED.contains(&name) && !members.contains_key("$ref") {
                    self.describe(members, ours, at);
                }
                for (key, value) in members.iter_mut().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                    let known = same_member(ours, key, name).unwrap_or(&Value::Null);
                    // Below what is named by the document, names begin to mean something again.
                    let next = if NAMED.contains(&name) { "" } else { key };
                    self.value(value, known, &pointer::child(at, key), next);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    let known = self.same_element(ours, element, index).unwrap_or(&Value::Null);
                    self.value(element, known, &format!("{at}/{index}"), "");
                }
            }
            _ => {}
        }
    }

    fn describe(&mut self, members: &mut Map<String, Value>, ours: &Value, at: &str) {
        let theirs = members.get("description").is_some_and(Value::is_string);
        match ours.get("description").filter(|words| words.is_string()) {
            Some(words) => drop(members.insert("description".to_owned(), words.clone())),
            None if theirs => {
                members.remove("description");
                self.undescribed.push(pointer::child(at, "description"));
            }
            None => {}
        }
    }

    /// The element of ours that has the same name, else the one in the same place.
    fn same_element(&self, ours: &'ours Value, published: &Value, index: usize) -> Option<&'ours Value> {
        let elements = ours.as_array()?;
        let names = |value: &Value| {
            (value["name"].as_str().map(str::to_owned), value["in"].as_str().map(str::to_owned))
        };
        if published["name"].is_string() {
            return elements
                .iter()
                .find(|element| names(pointer::resolved(self.ours, element)) == names(published));
        }
        elements.get(index)
    }
}

fn fill_responses(document: &mut Value, name: &str) {
    let is_responses = name == "responses";
    match document {
        Value::Object(members) => {
            for (key, value) in members.iter_mut().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                if let Some(response) = value.as_object_mut().filter(|_| is_responses)
                    && !response.contains_key("$ref")
                {
                    response.entry("description").or_insert_with(|| Value::String(String::new()));
                }
                let next = if NAMED.contains(&name) { "" } else { key };
                fill_responses(value, next);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| fill_responses(element, "")),
        _ => {}
    }
}

/// The value of ours with that name; of paths, the one of the same shape.
fn same_member<'ours>(ours: &'ours Value, key: &str, name: &str) -> Option<&'ours Value> {
    let shape = |path: &str| -> String {
        let named = path.trim_end_matches('/').split('/');
        named.map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
    };
    ours.get(key).or_else(|| {
        let members = ours.as_object().filter(|_| name == "paths")?;
        members.iter().find(|(path, _)| shape(path) == shape(key)).map(|(_, item)| item)
    })
}
