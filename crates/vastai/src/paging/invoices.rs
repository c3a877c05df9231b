//! Money that came into the account or left it.

use serde_json::{Map, Value, json};
use vastai_api::operations;

use super::Direction;
use super::listing::{Listing, order, page_settings};
use super::pages::Pages;
use super::time_range::TimeRange;
use crate::client::Client;
use crate::view::{members, number, text, view};

/// The most invoices on a page.
const PER_PAGE: u64 = 100;

view! {
    /// One movement of money into the account or out of it.
    Invoice ("invoice") {
        /// When it was made out, in seconds since the Unix epoch.
        start: f64 = number,
        /// When it was paid, in seconds since the Unix epoch; `None` as long as it is not.
        end: f64 = number,
        /// What kind of movement it is: `credit`, `transfer`, `payout`, `refund`, `reserved`. The set is open. On the wire it is `type`.
        kind: String = text as "type",
        /// Where the money came from: a payment service, or for a transfer the sender's address.
        source: String = text,
        /// The movement in a phrase, for people.
        description: String = text,
        /// The amount in US dollars. Mind the sign: transfers and payouts are positive, a payment that tops the account up is negative.
        amount: f64 = number,
        /// More about it: the number of the invoice, the service.
        metadata: Map<String, Value> = members,
    }
}

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
        self.listing.pages(Invoice::from_value)
    }
}

page_settings!(InvoiceList, "invoices", at most 100 a page);
