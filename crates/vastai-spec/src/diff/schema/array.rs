//! Arrays: their elements, all alike or by position.

use super::super::comparison::Walk;
use super::super::comparison::{Comparison, TooLarge};
use super::super::flat::{All, Schema};
use super::super::rules;
use super::super::site::Site;
use super::both::Both;

impl<'d> Comparison<'d> {
    pub(super) fn arrays(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) -> Result<(), TooLarge> {
        let places = both.keyword("uniqueItems");
        match (both.old.has("uniqueItems"), both.new.has("uniqueItems")) {
            (false, true) => {
                let message = "no element may stand twice any more";
                self.report_keyword(both, &rules::UNIQUE_ITEMS_ADDED, "uniqueItems", places, message);
            }
            (true, false) => {
                let message = "an element may stand twice now";
                self.report_keyword(both, &rules::UNIQUE_ITEMS_REMOVED, "uniqueItems", places, message);
            }
            _ => {}
        }
        self.child(both, "items", &rules::ITEMS_RESTRICTED, &rules::ITEMS_OPENED, walk);
        self.prefix_items(both, walk);
        self.child(both, "contains", &rules::CONTAINS_ADDED, &rules::CONTAINS_REMOVED, walk);
        self.child(
            both,
            "unevaluatedItems",
            &rules::UNEVALUATED_RESTRICTED,
            &rules::UNEVALUATED_OPENED,
            walk,
        );
        Ok(())
    }

    fn prefix_items(&mut self, both: &Both<'_, 'd>, walk: &mut Walk<'d>) {
        let keyword = "prefixItems";
        let by_position = |schema: &Schema<'d>| {
            let mut elements: Vec<All<'d>> = Vec::new();
            for site in schema.sites(keyword) {
                for (index, element) in Site::elements(site).enumerate() {
                    if elements.len() <= index {
                        elements.push(All::default());
                    }
                    elements[index].sites.push(element);
                }
            }
            elements
        };
        let (old, new) = (by_position(both.old), by_position(both.new));
        if old.len() != new.len() {
            let message =
                format!("{} elements are described by their position; it was {}", new.len(), old.len());
            self.report_keyword(both, &rules::PREFIX_ITEMS_CHANGED, keyword, both.keyword(keyword), message);
        }
        for (index, (old, new)) in old.into_iter().zip(new).enumerate() {
            walk.pending.push(both.pair(old, new, both.at.child(keyword).index(index)));
        }
    }
}
