//! Lists that come in pages: instances, invoices, charges.

mod charges;
mod direction;
mod instances;
mod invoices;
mod listing;
mod pages;
mod time_range;

pub use charges::ChargeList;
pub use direction::Direction;
pub use instances::InstanceList;
pub use invoices::InvoiceList;
pub use pages::Pages;
pub use time_range::TimeRange;

use crate::client::Client;

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
