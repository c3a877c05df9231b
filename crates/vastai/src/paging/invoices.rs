//! Money that came into the account or left it.

use serde_json::json;
use vastai_api::operations;
use vastai_api::types::Invoice;

use super::Direction;
use super::listing::{Listing, order, page_settings};
use super::pages::Pages;
use super::time_range::TimeRange;
use crate::client::Client;

/// The most invoices on a page.
const PER_PAGE: u64 = 100;

/// A list of invoices in the making; see [`Client::invoices`].
#[derive(Debug, Clone)]
#[must_use = "nothing is fetched before `pages`"]
pub struct InvoiceList {
    listing: Listing,
    range: TimeRange,
    services: Vec<String>,
}

impl InvoiceList {
    pub(crate) fn new(client: &Client, range: TimeRange) -> Self {
        let listing = Listing::new(client, operations::SHOW_INVOICES, "results", PER_PAGE);
        Self { listing, range, services: Vec::new() }
    }

    /// Only invoices of this service, and of all others that are given: `stripe_payments`, `transfer`, `instance_prepay`, `bitpay`,
    /// `coinbase`, `crypto.com`, `paypal_manual`, `wise_manual`.
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.services.push(service.into());
        self
    }

    /// In the order of this column: `when`, `paid_on` or `amount_cents`.
    pub fn order_by(mut self, column: &str, direction: Direction) -> Self {
        self.listing.set("order_by", order(column, direction));
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
    /// use std::time::Duration;
    /// use vastai::billing::TimeRange;
    ///
    /// let month = TimeRange::last(Duration::from_secs(30 * 24 * 60 * 60))?;
    /// let mut invoices = client.invoices(month).pages();
    /// while let Some(invoice) = invoices.next().await {
    ///     let invoice = invoice?;
    ///     println!("{:?} {:?}", invoice.amount, invoice.description);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(mut self) -> Pages<Invoice> {
        let mut filters = json!({ "when": { "gte": self.range.from(), "lte": self.range.to() } });
        if !self.services.is_empty() {
            filters["service"] = json!({ "in": self.services });
        }
        self.listing.set("select_filters", filters.to_string());
        self.listing.pages()
    }
}

page_settings!(InvoiceList, "invoices", at most 100 a page);
