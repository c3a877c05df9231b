//! What the account has paid, and what it has been charged.

mod time_range;

use serde_json::json;
use vastai_api::operations;

use crate::client::{Client, Listable};
use crate::paging::{Direction, Listing, Pages, order, page_settings};

pub use time_range::TimeRange;
pub use vastai_api::types::{Charge, ChargeItem, ChargeKind, Invoice, InvoiceKind};

/// # Billing
impl Client {
    /// Payments into the account and out of it within a span of time, page by page.
    pub fn invoices(&self, range: TimeRange) -> InvoiceList {
        InvoiceList::new(self, range)
    }

    /// What instances, volumes and serverless workers have cost within a span of time, page by page.
    pub fn charges(&self, range: TimeRange) -> ChargeList {
        ChargeList::new(self, range)
    }
}

/// The most charges on a page: the service allows more, the official clients ask for no more.
const CHARGES_PER_PAGE: u64 = 100;

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
        let listing = Listing::new(client, operations::SHOW_CHARGES, CHARGES_PER_PAGE);
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

impl Listable for Charge {
    const LIST: &'static str = "results";
}

page_settings!(ChargeList, "charges", at most 100 a page);

/// The most invoices on a page.
const INVOICES_PER_PAGE: u64 = 100;

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
        let listing = Listing::new(client, operations::SHOW_INVOICES, INVOICES_PER_PAGE);
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

impl Listable for Invoice {
    const LIST: &'static str = "results";
}

page_settings!(InvoiceList, "invoices", at most 100 a page);
