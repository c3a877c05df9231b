//! The account's instances.

use serde_json::Value;
use vastai_api::operations;

use super::Direction;
use super::listing::{Listing, order, page_settings};
use super::pages::Pages;
use crate::client::Client;
use crate::filter::{Condition, to_wire};
use crate::instances::Instance;

/// The most instances on a page.
const PER_PAGE: u64 = 25;

/// A list of the account's instances in the making; see [`Client::instances`].
#[derive(Debug, Clone)]
#[must_use = "nothing is fetched before `pages`"]
pub struct InstanceList {
    listing: Listing,
    conditions: Vec<Condition>,
}

impl InstanceList {
    pub(crate) fn new(client: &Client) -> Self {
        let listing = Listing::new(client, operations::SHOW_INSTANCES, "instances", PER_PAGE);
        Self { listing, conditions: Vec::new() }
    }

    /// Only instances that meet this condition, and all others that are given. The service filters by what is stored with the
    /// contract: `id`, `label`, `actual_status`, `gpu_name`, `verification` and others; what is computed, such as `dph_total` or
    /// `num_gpus`, it refuses with 400.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// In the order of this column.
    pub fn order_by(mut self, column: &str, direction: Direction) -> Self {
        self.listing.set("order_by", order(column, direction));
        self
    }

    /// The list, fetched page by page as its items are asked for.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let mut instances = client.instances().pages();
    /// while let Some(instance) = instances.next().await {
    ///     let instance = instance?;
    ///     println!("{} {:?} {:?} $/h", instance.id, instance.actual_status, instance.dph_total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(mut self) -> Pages<Instance> {
        if !self.conditions.is_empty() {
            self.listing.set("select_filters", Value::Object(to_wire(&self.conditions)).to_string());
        }
        self.listing.pages(Instance::from_value)
    }
}

page_settings!(InstanceList, "instances", at most 25 a page);
