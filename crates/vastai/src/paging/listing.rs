//! What the lists that come in pages have in common: how a page is asked for and read.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use vastai_api::Operation;

use super::Direction;
use super::pages::{Fetch, Page, Pages};
use crate::client::Client;
use crate::error::Result;

/// A list that comes in pages.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    client: Client,
    /// The operation that answers with a page.
    operation: &'static Operation,
    /// The member of the answer that holds the items.
    items: &'static str,
    /// How many items a page holds at most.
    most_per_page: u64,
    per_page: Option<u64>,
    limit: Option<u64>,
    /// What every page is asked for with.
    values: Vec<(&'static str, Value)>,
}

impl Listing {
    pub(super) fn new(
        client: &Client,
        operation: &'static Operation,
        items: &'static str,
        most_per_page: u64,
    ) -> Self {
        let client = client.clone();
        Self { client, operation, items, most_per_page, per_page: None, limit: None, values: Vec::new() }
    }

    /// How many items a page may hold, from 1 to what the service allows.
    pub(super) fn per_page(&mut self, items: u64) {
        self.per_page = Some(items.clamp(1, self.most_per_page));
    }

    /// How many items to give altogether.
    pub(super) fn limit(&mut self, items: u64) {
        self.limit = Some(items);
    }

    /// A value of the query. One that was given before is replaced.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.values.retain(|(present, _)| *present != name);
        self.values.push((name, value.into()));
    }

    /// The list.
    pub(super) fn pages<T: DeserializeOwned + Send + 'static>(mut self) -> Pages<T> {
        // A page that is larger than all that is wanted would be fetched in vain.
        let wanted = self.limit.unwrap_or(u64::MAX).clamp(1, self.most_per_page);
        let per_page = self.per_page.unwrap_or(self.most_per_page).min(wanted);
        self.set("limit", per_page);
        let limit = self.limit;
        let listing = Arc::new(self);
        let fetch: Fetch<T> = Arc::new(move |after| {
            let listing = Arc::clone(&listing);
            Box::pin(async move { listing.page(after).await })
        });
        Pages::new(fetch, limit)
    }

    async fn page<T: DeserializeOwned>(&self, after: Option<String>) -> Result<Page<T>> {
        let mut call = self.client.call(self.operation);
        for (name, value) in &self.values {
            call = call.set(name, value.clone())?;
        }
        if let Some(token) = after {
            call = call.set("after_token", token)?;
        }
        let answer = call.send().await?;
        let (items, mut beside) = answer.list_of(self.items)?;
        let next_token = match beside.remove("next_token") {
            None | Some(Value::Null) => None,
            Some(Value::String(token)) => Some(token),
            Some(_) => return Err(answer.undecodable("`next_token` is not a string")),
        };
        let total = ["total", "total_instances"].iter().find_map(|name| beside.get(*name)?.as_u64());
        Ok(Page { items, next_token, total })
    }
}

/// An order as these lists take it: `[{"col":"id","dir":"asc"}]`.
pub(super) fn order(column: &str, direction: Direction) -> String {
    serde_json::json!([{ "col": column, "dir": direction.as_str() }]).to_string()
}

/// The settings that every list has: how much to fetch at once, and how much altogether.
macro_rules! page_settings {
    ($list:ident, $things:literal, at most $most:literal a page) => {
        impl $list {
            #[doc = concat!("How many ", $things, " to fetch at once: from 1 to ", $most, ", which is also what it is unless set.")]
            pub fn per_page(mut self, number: u64) -> Self {
                self.listing.per_page(number);
                self
            }

            #[doc = concat!("How many ", $things, " to give at most. All unless set.")]
            pub fn limit(mut self, number: u64) -> Self {
                self.listing.limit(number);
                self
            }
        }
    };
}

pub(super) use page_settings;
