//! What instances, volumes and serverless workers have cost.

use serde_json::{Map, Value, json};
use vastai_api::operations;

use super::listing::{Listing, page_settings};
use super::pages::Pages;
use super::time_range::TimeRange;
use crate::client::Client;
use crate::view::{members, number, text, view};

/// The most charges on a page: the service allows more, the official clients ask for no more.
const PER_PAGE: u64 = 100;

view! {
    /// What one contract has cost, or an endpoint or workergroup with all its contracts.
    Charge ("charge") {
        /// When the contract began, in seconds since the Unix epoch.
        start: f64 = number,
        /// When the contract ended, in seconds since the Unix epoch.
        end: f64 = number,
        /// What was charged: `instance`, `volume` or `serverless`. The set is open. On the wire it is `type`.
        kind: String = text as "type",
        /// What was charged, by kind and id: `instance-12345678`.
        source: String = text,
        /// The charge in a phrase, for people.
        description: String = text,
        /// The sum in US dollars, rounded to a thousandth.
        amount: f64 = number,
        /// More about the contract, such as its label.
        metadata: Map<String, Value> = members,
        /// The sum broken down by what was consumed.
        items: Vec<ChargeItem> = charge_items,
    }
}

view! {
    /// A part of a charge, by what was consumed.
    ChargeItem ("part of a charge") {
        /// When the consumption began, in seconds since the Unix epoch.
        start: f64 = number,
        /// When the consumption ended, in seconds since the Unix epoch.
        end: f64 = number,
        /// What was consumed: `gpu`, `disk`, `bwd` (downloads), `bwu` (uploads). The set is open. On the wire it is `type`.
        kind: String = text as "type",
        /// The thing that consumed it. Of what is gathered below an endpoint it says which contract.
        source: String = text,
        /// Quantity and price in a phrase, for people.
        description: String = text,
        /// The share of the sum in US dollars.
        amount: f64 = number,
        /// What this part is made of in turn.
        items: Vec<ChargeItem> = charge_items,
    }
}

/// The parts of a charge. A list with anything else in it stays in `extra`.
fn charge_items(value: &Value) -> Option<Vec<ChargeItem>> {
    value.as_array()?.iter().map(|item| ChargeItem::from_value(item.clone()).ok()).collect()
}

/// A list of charges in the making; see [`Client::charges`].
#[derive(Debug, Clone)]
#[must_use = "nothing is fetched before `pages`"]
pub struct ChargeList {
    listing: Listing,
    range: TimeRange,
    kinds: Vec<String>,
}

impl ChargeList {
    pub(crate) fn new(client: &Client, range: TimeRange) -> Self {
        let listing = Listing::new(client, operations::SHOW_CHARGES, "results", PER_PAGE);
        Self { listing, range, kinds: Vec::new() }
    }

    /// Only charges of this kind, and of all others that are given: `instance`, `volume`, `serverless`.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kinds.push(kind.into());
        self
    }

    /// Whether serverless contracts are gathered below their workergroup and endpoint, instead of each by itself.
    pub fn as_tree(mut self, as_tree: bool) -> Self {
        self.listing.set("format", if as_tree { "tree" } else { "table" });
        self
    }

    /// Whether the newest come first, as they do unless set.
    pub fn latest_first(mut self, latest_first: bool) -> Self {
        self.listing.set("latest_first", latest_first);
        self
    }

    /// The list, fetched page by page as its items are asked for.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// use vastai::billing::TimeRange;
    ///
    /// let mut charges = client.charges(TimeRange::month(2026, 10)?).kind("instance").pages();
    /// let mut dollars = 0.0;
    /// while let Some(charge) = charges.next().await {
    ///     dollars += charge?.amount.unwrap_or(0.0);
    /// }
    /// println!("${dollars:.2}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(mut self) -> Pages<Charge> {
        let mut filters = json!({ "day": { "gte": self.range.from(), "lte": self.range.to() } });
        if !self.kinds.is_empty() {
            filters["type"] = json!({ "in": self.kinds });
        }
        self.listing.set("select_filters", filters.to_string());
        self.listing.pages(Charge::from_value)
    }
}

page_settings!(ChargeList, "charges", at most 100 a page);
