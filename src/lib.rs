//! The Vast.ai API client, generated from the published OpenAPI document.
//!
//! [`Client`] has a method for every operation of the document. This crate is the mechanism alone: it sends each request as it
//! was built, to the base URL it was given. Which server an operation belongs to, the key, repetition and the meaning of
//! failures are policy, and stand in the crate `vastai`, which most programs want. What both need is here: the table
//! [`OPERATIONS`] and the seam [`Transport`] that every request goes through.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use vastai_api::{Client, SharedTransport, http_client_builder};
//!
//! // Five operations belong to another server: see `Operation::server`.
//! let http = http_client_builder().build()?;
//! let client = Client::new_with_client("https://console.vast.ai", http, SharedTransport::default());
//! let endpoints = client.show_endpoints().send().await?;
//! println!("{:?}", endpoints.results);
//! # Ok(())
//! # }
//! ```
//!
//! # What answers look like
//!
//! The service leaves members out, sends null, and adds members and statuses that no document knows. So in answers every
//! member is an `Option`, what the document calls an enum is a `String`, and what it does not know is kept in `extra`.
//! Requests are as strict as the document: a body that breaks its limits fails before it is sent. Keys, passwords and tokens are a
//! [`Secret`], both ways.
//!
//! # Failures
//!
//! Every failure of every operation is an [`Error`] with a [kind](ErrorKind); what the service said of it is a [`ServiceError`], also where
//! it answered with plain text or HTML.

mod error;
#[allow(dead_code, reason = "a document need not have operations of every kind")]
mod exchange;
mod http_client;
mod into_value;
mod limit;
mod operation;
mod secret;
mod service_error;
mod transport;
mod wire_number;

/// What the build script made of the document.
#[allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_patterns,
    unused_imports,
    unused_qualifications,
    unreachable_pub,
    irrefutable_let_patterns,
    mismatched_lifetime_syntaxes,
    clippy::all
)]
mod generated {
    use crate::limit::{Limit, LimitRule};
    use crate::operation::{Authentication, Location, Method, Operation, Parameter, ValueKind};

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}

pub use error::{Delivery, Error, ErrorKind, Result, Transience};
#[doc(hidden)]
pub use error::{seconds, shortened, without_quoted_values};
pub use exchange::{ResponseValue, Sending};
pub use generated::{Client, OPERATIONS, builder, operations, types};
pub use http_client::{UnsolicitedResponse, fresh_connections, http_client_builder};
pub use into_value::{Double, InOption, IntoOptional, IntoValue, Itself, Strings};
pub use limit::{Limit, LimitRule};
pub use operation::{Authentication, Location, Method, Operation, Parameter, ValueKind};
pub use secret::Secret;
pub use service_error::ServiceError;
pub use transport::{Direct, RawResponse, SendFuture, SharedTransport, Transport};
pub use wire_number::{WireInteger, WireNumber};
