//! Which operation of the old document is which of the new one.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::server;
use crate::identify::{operation_pointer, operations};

/// Where an operation stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'d> {
    pub(super) path: &'d str,
    pub(super) method: &'static str,
}

impl Place<'_> {
    pub(super) fn pointer(self) -> String {
        operation_pointer(self.path, self.method)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.to_uppercase(), self.path)
    }
}

/// The operations of two documents, matched.
#[derive(Debug)]
pub(super) struct Matching<'d> {
    pub(super) pairs: Vec<(Place<'d>, Place<'d>)>,
    pub(super) removed: Vec<Place<'d>>,
    pub(super) added: Vec<Place<'d>>,
}

impl<'d> Matching<'d> {
    pub(super) fn of(old: &'d Value, new: &'d Value) -> Self {
        let places = |document| {
            operations(document).map(|(path, method, _)| Place { path, method }).collect::<Vec<_>>()
        };
        let (mut removed, mut added) = (places(old), places(new));
        let mut pairs = Vec::new();
        type SpelledAs = fn(&Value, Place<'_>) -> String;
        // The closest spelling first: a document may have both `/a` and `/a/`.
        let spellings: [SpelledAs; 4] = [
            |_, place| place.path.to_owned(),
            |_, place| place.path.trim_end_matches('/').to_owned(),
            |_, place| without_parameter_names(place.path),
            // A part of the path may stand in the server's URL.
            |document, place| server::first_url(document, place) + &without_parameter_names(place.path),
        ];
        for spelled in spellings {
            let mut offered: BTreeMap<(&str, String), Vec<Place<'_>>> = BTreeMap::new();
            for place in added.drain(..).rev() {
                offered.entry((place.method, spelled(new, place))).or_default().push(place);
            }
            removed.retain(|before| {
                let after = offered.get_mut(&(before.method, spelled(old, *before))).and_then(Vec::pop);
                pairs.extend(after.map(|after| (*before, after)));
                after.is_none()
            });
            added = offered.into_values().flatten().collect();
            added.sort_by_key(|place| (place.path, place.method));
        }
        pairs.sort_by_key(|(_, after)| (after.path, after.method));
        Self { pairs, removed, added }
    }
}

/// A path with its parameters' names taken out, and without a slash at its end: `/a/{id}/` → `/a/{}`.
pub(super) fn without_parameter_names(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut rest = path.trim_end_matches('/');
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = behind;
    }
    shape + rest
}

/// Which parameter of the path, counted from one, has the name.
pub(super) fn position(path: &str, name: &str) -> Option<usize> {
    let names = path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
    names.enumerate().find(|(_, candidate)| *candidate == name).map(|(index, _)| index + 1)
}
