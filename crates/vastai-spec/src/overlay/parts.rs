//! The parts of a document that an action is applied to, so that the rest is not searched: an overlay has a hundred actions, and a large
//! document five thousand operations.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::merging::merge;
use super::needs::{Needs, Scope};

/// What holds parts: the paths, and the kinds of components that a large document has many of.
const HOLDERS: [&[&str]; 5] = [
    &["paths"],
    &["components", "schemas"],
    &["components", "responses"],
    &["components", "parameters"],
    &["components", "requestBodies"],
];

/// The number of the holder, and the name in it.
type Place = (usize, String);

/// A document in parts, each path and each component: those that are taken out of it, and those that are in it.
pub(super) struct Parts {
    /// The words that any action asks for, with their numbers.
    words: HashMap<String, usize>,
    /// The length of the longest of them.
    longest: usize,
    taken: BTreeMap<Place, Part>,
}

struct Part {
    value: Value,
    /// The numbers of the words that it says.
    says: BTreeSet<usize>,
}

impl Parts {
    /// The parts of a document for actions with these scopes; all of them are in it at first.
    pub(super) fn new<'scope>(scopes: impl Iterator<Item = &'scope Scope>) -> Self {
        let mut words = HashMap::new();
        for scope in scopes {
            let Scope::Saying(needs) = scope else { continue };
            for word in needs.said.iter().flatten().flatten().chain(&needs.not_said) {
                let next = words.len();
                words.entry(word.clone()).or_insert(next);
            }
        }
        let longest = words.keys().map(String::len).max().unwrap_or_default();
        Self { words, longest, taken: BTreeMap::new() }
    }

    /// Narrows the document to those parts in which a target can match, or which an update of what holds them names.
    pub(super) fn narrow(&mut self, document: &mut Value, scope: &Scope, update: Option<&Value>) {
        // Where all are in and all are needed, nothing moves: such actions stand one after the other.
        if *scope != Scope::Anywhere || !self.taken.is_empty() {
            self.take_out(document);
        }
        let needed: Vec<Place> = match scope {
            Scope::Anywhere => self.taken.keys().cloned().collect(),
            Scope::Place(names) => self.on_the_way(names, update),
            Scope::Below(names) => self.on_the_way(names, None),
            Scope::Saying(needs) => self.saying(needs),
        };
        for place in needed {
            if let Some(part) = self.taken.remove(&place) {
                put(document, place, part.value);
            }
        }
    }

    /// The parts that these names lead to or through; of what lies below their end, those that the update has.
    fn on_the_way(&self, names: &[String], update: Option<&Value>) -> Vec<Place> {
        let is_needed = |(holder, name): &Place| {
            let way: Vec<&str> = HOLDERS[*holder].iter().copied().chain([name.as_str()]).collect();
            let is_on_the_way = way.iter().zip(names).all(|(one, other)| one == other);
            let below = way.get(names.len()..).unwrap_or_default();
            is_on_the_way
                && match update {
                    Some(update @ Value::Object(_)) => {
                        below.iter().try_fold(update, |at, name| at.get(name)).is_some()
                    }
                    // What is removed or replaced is so with all that is in it.
                    _ => true,
                }
        };
        self.taken.keys().filter(|place| is_needed(place)).cloned().collect()
    }

    fn saying(&self, needs: &Needs) -> Vec<Place> {
        let number = |word: &String| self.words.get(word).copied();
        let said: Vec<Vec<Vec<Option<usize>>>> = needs
            .said
            .iter()
            .map(|alternatives| alternatives.iter().map(|words| words.iter().map(number).collect()).collect())
            .collect();
        let not_said = needs.not_said.iter().map(number);
        let is_asked_for: BTreeSet<usize> =
            said.iter().flatten().flatten().copied().chain(not_said).flatten().collect();
        let is_needed = |((_, name), part): &(&Place, &Part)| {
            let says = |word: &Option<usize>| word.is_some_and(|word| part.says.contains(&word));
            // The words may be the names of several parts, and what holds them what is chosen.
            let is_named = || self.words.get(name).is_some_and(|word| is_asked_for.contains(word));
            said.iter().all(|alternatives| alternatives.iter().any(|words| words.iter().all(says)))
                || is_named()
        };
        self.taken.iter().filter(is_needed).map(|(place, _)| place.clone()).collect()
    }

    /// Takes all parts out. Those that an action changed may say something else now.
    fn take_out(&mut self, document: &mut Value) {
        for (place, mut value) in taken_out(document) {
            // An action that chose a holder has put something in the place of a part that it did not see.
            if let Some(part) = self.taken.remove(&place) {
                let update = std::mem::replace(&mut value, part.value);
                merge(&mut value, &update);
            }
            let says = self.words_in(&place, &value);
            self.taken.insert(place, Part { value, says });
        }
    }

    /// Puts all parts back.
    pub(super) fn back_into(mut self, document: &mut Value) {
        self.narrow(document, &Scope::Anywhere, None);
    }

    fn words_in(&self, (_, name): &Place, value: &Value) -> BTreeSet<usize> {
        let mut says = BTreeSet::new();
        let mut note = |word: &str| {
            if word.len() <= self.longest {
                says.extend(self.words.get(word));
            }
        };
        // What leads to a part is said of it too.
        HOLDERS.iter().copied().flatten().chain([&name.as_str()]).for_each(|name| note(name));
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(members) => {
                    members.keys().for_each(|key| note(key));
                    waiting.extend(members.values());
                }
                Value::Array(elements) => waiting.extend(elements),
                Value::String(text) => note(text),
                _ => {}
            }
        }
        says
    }
}

fn holder<'document>(
    document: &'document mut Value,
    names: &[&str],
) -> Option<&'document mut Map<String, Value>> {
    names.iter().try_fold(document, |at, name| at.get_mut(name))?.as_object_mut()
}

fn taken_out(document: &mut Value) -> Vec<(Place, Value)> {
    let mut taken = Vec::new();
    for (number, names) in HOLDERS.iter().enumerate() {
        let members = holder(document, names).map(std::mem::take).unwrap_or_default();
        taken.extend(members.into_iter().map(|(name, value)| ((number, name), value)));
    }
    taken
}

fn put(document: &mut Value, (number, name): Place, value: Value) {
    // A holder that is removed or replaced has its parts no more.
    if let Some(members) = holder(document, HOLDERS[number]) {
        members.insert(name, value);
    }
}
