//! What instances, volumes and serverless workers have cost.

use serde_json::json;
use vastai_api::operations;
use vastai_api::types::Charge;

use super::listing::{Listing, page_settings};
use super::pages::Pages;
use super::time_range::TimeRange;
use crate::client::Client;

/// The most charges on a page: the service allows more, the official clients ask for no more.
const PER_PAGE: u64 = 100;

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
        self.listing.pages()
    }
}

page_settings!(ChargeList, "charges", at most 100 a page);
