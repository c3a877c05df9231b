//! The error, which is that of the generated client.

pub use vastai_api::{Delivery, Error, ErrorKind};
pub(crate) use vastai_api::{Transience, seconds, shortened, without_quoted_values};

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;
