//! The market: offers, and how they are searched.

mod fields;
mod query;
mod search;

pub use query::{Query, QueryError};
pub use search::{OfferKind, OfferSearch};
pub use vastai_api::types::{Offer, Verification};
