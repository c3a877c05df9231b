//! Lists that come in pages: instances, invoices, charges.

mod charges;
mod direction;
mod instances;
mod invoices;
mod listing;
mod pages;
mod time_range;

pub use charges::{Charge, ChargeItem, ChargeList};
pub use direction::Direction;
pub use instances::InstanceList;
pub use invoices::{Invoice, InvoiceList};
pub use pages::Pages;
pub use time_range::TimeRange;
