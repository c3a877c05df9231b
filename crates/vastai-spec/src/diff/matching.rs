//! Which operation of the old document is which of the new one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::place::{Place, first_url, without_parameter_names};
use crate::identify::operations;

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
            |document, place| first_url(document, place) + &without_parameter_names(place.path),
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
