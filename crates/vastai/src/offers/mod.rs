//! The market: offers, and how they are searched.

mod fields;
mod offer;
mod query;
mod search;

pub use offer::Offer;
pub use query::{Query, QueryError};
pub use search::{OfferKind, OfferSearch};
