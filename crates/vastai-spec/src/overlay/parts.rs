//! The parts of a document that an action is applied to, so that the rest is not searched: an overlay has a hundred actions, and a large
//! document five thousand operations.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::merging::merge;
use super::needs::{Needs, Scope, Word};

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
    vocabulary: Vocabulary,
    parts: BTreeMap<Place, Part>,
    /// Whether all parts are in the document.
    all_are_in: bool,
}

#[derive(Default)]
struct Part {
    /// `None` while it is in the document.
    taken: Option<Value>,
    /// The words that it says; `None` where an action may have changed that.
    says: Option<Words>,
}

/// The words that any action asks for, with their numbers.
#[derive(Default)]
struct Vocabulary {
    keys: HashMap<String, usize>,
    texts: HashMap<String, usize>,
    /// The length of the longest of them.
    longest: usize,
}

/// The numbers of words, as bits.
#[derive(Clone, Default)]
struct Words(Box<[u64]>);

impl Words {
    fn none_of(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)].into())
    }

    fn insert(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    fn contains(&self, number: usize) -> bool {
        self.0[number / 64] & (1 << (number % 64)) != 0
    }

    fn contain_all(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).all(|(mine, theirs)| mine & theirs == *theirs)
    }
}

/// What an action changed.
pub(super) enum Changed {
    /// What stands in these places, and of what holds parts those that the update names.
    Places(Vec<String>),
    /// Maybe anything.
    Anything,
}

impl Parts {
    /// The parts of a document for actions with these scopes; all of them are in it at first.
    pub(super) fn new<'scope>(scopes: impl Iterator<Item = &'scope Scope>) -> Self {
        Self { vocabulary: Vocabulary::of(scopes), parts: BTreeMap::new(), all_are_in: true }
    }

    /// Narrows the document to those parts in which a target can match, or which an update of what holds them names.
    pub(super) fn narrow(&mut self, document: &mut Value, scope: &Scope, update: Option<&Value>) {
        if *scope == Scope::Anywhere {
            return self.put_in_all(document);
        }
        self.take_out(document);
        let needed: Vec<Place> = match scope {
            Scope::Place(names) => self.on_the_way(names, update),
            Scope::Below(names) => self.on_the_way(names, None),
            Scope::Saying(needs) => match self.saying(needs) {
                Some(places) => places,
                None => return self.put_in_all(document),
            },
            Scope::Anywhere => Vec::new(),
        };
        for place in needed {
            if let Some(part) = self.parts.get_mut(&place)
                && let Some(value) = part.taken.take()
            {
                put(document, place, value);
            }
        }
    }

    /// Puts all parts back into the document.
    pub(super) fn put_in_all(&mut self, document: &mut Value) {
        if !self.all_are_in {
            for (place, part) in &mut self.parts {
                if let Some(value) = part.taken.take() {
                    put(document, place.clone(), value);
                }
            }
            self.all_are_in = true;
        }
    }

    /// Notes what an action changed, so that the words of it are looked for again.
    pub(super) fn note(&mut self, changed: &Changed, update: Option<&Value>) {
        let Changed::Places(pointers) = changed else {
            return self.parts.values_mut().for_each(|part| part.says = None);
        };
        for pointer in pointers {
            let names: Vec<String> = pointer.split('/').skip(1).map(crate::pointer::last_token).collect();
            for (number, holder) in HOLDERS.iter().enumerate() {
                let is_on_the_way = holder.iter().zip(&names).all(|(one, other)| one == other);
                if !is_on_the_way {
                    continue;
                }
                if let Some(name) = names.get(holder.len()) {
                    self.forget((number, name.clone()));
                    continue;
                }
                // What is removed has no words, and what takes the place of parts is new.
                let below = &holder[names.len()..];
                let members =
                    update.and_then(|update| below.iter().try_fold(update, |at, name| at.get(name)));
                for name in members.and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                    self.forget((number, name.clone()));
                }
            }
        }
    }

    fn forget(&mut self, place: Place) {
        if let Some(part) = self.parts.get_mut(&place) {
            part.says = None;
        }
    }

    /// The parts that these names lead to or through; of what lies below their end, those that the update has.
    fn on_the_way(&self, names: &[String], update: Option<&Value>) -> Vec<Place> {
        let is_needed = |(holder, name): &Place| {
            let mut way = HOLDERS[*holder].iter().copied().chain([name.as_str()]);
            way.clone().zip(names).all(|(one, other)| one == other)
                && match update {
                    Some(update @ Value::Object(_)) => {
                        way.by_ref().skip(names.len()).try_fold(update, |at, name| at.get(name)).is_some()
                    }
                    // What is removed or replaced is so with all that is in it.
                    _ => true,
                }
        };
        self.parts.keys().filter(|place| is_needed(place)).cloned().collect()
    }

    /// The parts that say what a target asks for; `None` where it may match any.
    fn saying(&self, needs: &Needs) -> Option<Vec<Place>> {
        let said: Vec<Vec<Words>> = needs
            .said
            .iter()
            .map(|alternatives| alternatives.iter().map(|words| self.vocabulary.numbers(words)).collect())
            .collect();
        let is_asked_for =
            self.vocabulary.numbers(needs.said.iter().flatten().flatten().chain(&needs.not_said));
        let mut needed = Vec::new();
        for (place, part) in &self.parts {
            // The words may be the names of several parts, and what holds them what is chosen.
            let is_named = self.vocabulary.keys.get(&place.1).is_some_and(|key| is_asked_for.contains(*key));
            if is_named && needs.counts {
                return None;
            }
            let says_all = |says: &Words| {
                said.iter().all(|alternatives| alternatives.iter().any(|words| says.contain_all(words)))
            };
            if is_named || part.says.as_ref().is_none_or(says_all) {
                needed.push(place.clone());
            }
        }
        Some(needed)
    }

    /// Takes all parts out. Of those that an action changed the words are looked for again.
    fn take_out(&mut self, document: &mut Value) {
        self.all_are_in = false;
        for (place, mut value) in taken_out(document) {
            let part = self.parts.entry(place.clone()).or_default();
            // An action that chose a holder has put something in the place of a part that it did not see.
            if let Some(taken) = part.taken.take() {
                let update = std::mem::replace(&mut value, taken);
                merge(&mut value, &update);
                part.says = None;
            }
            part.says.get_or_insert_with(|| self.vocabulary.words_in(&place, &value));
            part.taken = Some(value);
        }
        // What an action removed.
        self.parts.retain(|_, part| part.taken.is_some());
    }
}

impl Vocabulary {
    fn of<'scope>(scopes: impl Iterator<Item = &'scope Scope>) -> Self {
        let mut vocabulary = Self::default();
        for scope in scopes {
            let Scope::Saying(needs) = scope else { continue };
            for word in needs.said.iter().flatten().flatten().chain(&needs.not_said) {
                let next = vocabulary.len();
                let (numbers, word) = match word {
                    Word::Key(word) => (&mut vocabulary.keys, word),
                    Word::Text(word) => (&mut vocabulary.texts, word),
                };
                numbers.entry(word.clone()).or_insert(next);
                vocabulary.longest = vocabulary.longest.max(word.len());
            }
        }
        vocabulary
    }

    fn len(&self) -> usize {
        self.keys.len() + self.texts.len()
    }

    fn number(&self, word: &Word) -> Option<usize> {
        match word {
            Word::Key(word) => self.keys.get(word).copied(),
            Word::Text(word) => self.texts.get(word).copied(),
        }
    }

    fn numbers<'word>(&self, words: impl IntoIterator<Item = &'word Word>) -> Words {
        let mut numbers = Words::none_of(self.len());
        let known = words.into_iter().filter_map(|word| self.number(word));
        known.for_each(|number| numbers.insert(number));
        numbers
    }

    /// The words that a part says.
    fn words_in(&self, (_, name): &Place, value: &Value) -> Words {
        let mut says = Words::none_of(self.len());
        let mut note = |numbers: &HashMap<String, usize>, word: &str| {
            if word.len() <= self.longest
                && let Some(number) = numbers.get(word)
            {
                says.insert(*number);
            }
        };
        // What leads to a part is said of it too.
        HOLDERS.iter().copied().flatten().chain([&name.as_str()]).for_each(|name| note(&self.keys, name));
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(members) => {
                    members.keys().for_each(|key| note(&self.keys, key));
                    waiting.extend(members.values());
                }
                Value::Array(elements) => waiting.extend(elements),
                Value::String(text) => note(&self.texts, text),
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
