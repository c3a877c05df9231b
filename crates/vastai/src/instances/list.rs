//! The account's instances.

use serde_json::Value;
use vastai_api::operations;

use super::Instance;
use crate::client::{Client, Listable};
use crate::error::{Error, ErrorKind};
use crate::filter::{Condition, most_like, to_wire};
use crate::paging::{Direction, Listing, Pages, order, page_settings};

/// The most instances on a page.
const PER_PAGE: u64 = 25;

/// A list of the account's instances in the making; see [`Client::instances`].
#[derive(Debug, Clone)]
#[must_use = "nothing is fetched before `pages`"]
pub struct InstanceList {
    listing: Listing,
    conditions: Vec<Condition>,
    order: Option<(String, Direction)>,
}

impl InstanceList {
    pub(crate) fn new(client: &Client) -> Self {
        let listing = Listing::new(client, operations::SHOW_INSTANCES, PER_PAGE);
        Self { listing, conditions: Vec::new(), order: None }
    }

    /// Only instances that meet this condition, and all others that are given. The service filters by what is stored with the
    /// contract: `id`, `label`, `actual_status`, `gpu_name`, `verification` and others; what is computed, such as `dph_total` or
    /// `num_gpus`, it refuses with 400. In `gpu_name`, `RTX_4090` means `RTX 4090`.
    ///
    /// What is not a field of instances at all is not sent: the list then fails with [`ErrorKind::InvalidRequest`] and suggests the name that may be
    /// meant.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition.with_spaces_in_gpu_names());
        self
    }

    /// In the order of this field, which is checked as that of a [`filter`](Self::filter) is.
    pub fn order_by(mut self, field: &str, direction: Direction) -> Self {
        self.order = Some((field.to_owned(), direction));
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
        let filtered = self.conditions.iter().map(|condition| condition.field.as_str());
        let ordered = self.order.iter().map(|(field, _)| field.as_str());
        if let Some(unknown) = filtered.chain(ordered).find(|name| !Instance::FIELDS.contains(name)) {
            let meant = most_like(unknown, Instance::FIELDS.iter().copied());
            let error = Error::new(
                ErrorKind::InvalidRequest,
                format!("`{unknown}` is not a field of instances{meant}"),
            );
            return Pages::failed(error.for_operation(operations::SHOW_INSTANCES));
        }
        if let Some((field, direction)) = &self.order {
            self.listing.set("order_by", order(field, *direction));
        }
        if !self.conditions.is_empty() {
            self.listing.set("select_filters", Value::Object(to_wire(&self.conditions)).to_string());
        }
        self.listing.pages()
    }
}

impl Listable for Instance {
    const LIST: &'static str = "instances";
}

page_settings!(InstanceList, "instances", at most 25 a page);
