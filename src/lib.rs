//! The Vast.ai API client, generated from the published OpenAPI document.
//!
//! [`Client`] has a method for every operation of the document. This crate is the mechanism alone: it sends each request as it
//! was built, to the base URL it was given. Which server an operation belongs to, the key, retries and the meaning of
//! failures are policy, and stand in the crate `vastai`, which most programs want. What both need is here: the table
//! [`OPERATIONS`] and the seam [`Transport`] that every request goes through.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use vastai_api::{Client, SharedTransport, http_client_builder};
//!
//! // Those of the serverless engine belong to another server: see `Operation::server`.
//! let http = http_client_builder().build()?;
//! let client = Client::new_with_client("https://console.vast.ai", http, SharedTransport::default());
//! let endpoints = client.show_endpoints().send().await?;
//! println!("{:?}", endpoints.results);
//! # Ok(())
//! # }
//! ```
//!
//! # Key and server
//!
//! The key goes along as `Authorization: Bearer KEY`, which an HTTP client of one's own sends by default. Build it with
//! [`http_client_builder`]: one that follows redirects may carry the key elsewhere, and `reqwest::Client::new()` panics where the process
//! has no TLS provider.
//!
//! ```no_run
//! # fn example(key: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use vastai_api::reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
//! use vastai_api::{Client, SharedTransport, http_client_builder};
//!
//! let mut authorization = HeaderValue::try_from(format!("Bearer {key}"))?;
//! authorization.set_sensitive(true);
//! let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
//! let http = http_client_builder().default_headers(headers).build()?;
//! let transport = SharedTransport::default();
//! let console = Client::new_with_client("https://console.vast.ai", http.clone(), transport.clone());
//! let engine = Client::new_with_client("https://run.vast.ai", http, transport);
//! # Ok(())
//! # }
//! ```
//!
//! # What responses look like
//!
//! The service leaves fields out, sends null, adds fields and statuses that no document knows, and sends values of other types than
//! documented. So in responses every field but an id is an `Option`, sets of words are a `String` or an enum with a variant `Other`, and
//! what the document does not know is kept in `extra`, an [`Extra`]. A value that is not of its field's type costs that field alone: it is
//! `None`, and the value is in `extra` under the field's name; so with an object without its id. Numbers are also read from strings, integers with a fraction of zero too, but never rounded. A list or
//! map with one odd element is kept whole in `extra`, since half a list would be taken for all of it. A list where an object with
//! that list is documented is understood, and the other way around. Serializing a response gives what came.
//!
//! Requests are as strict as the document: a body that breaks its limits fails before it is sent. Keys, passwords and tokens are a
//! [`Secret`], both ways.
//!
//! # Failures
//!
//! Every failure of every operation is an [`Error`] with a [kind](ErrorKind); what the service said of it is a [`ServiceError`], also where
//! it answered with plain text or HTML.

mod charge;
mod defaults;
#[doc(hidden)]
pub mod document;
mod effect;
mod error;
#[allow(dead_code, reason = "a document need not have operations of every kind")]
mod exchange;
mod extra;
mod http_client;
mod instance;
mod into_value;
pub mod json;
mod logs;
mod number;
mod operation;
#[allow(dead_code, reason = "a document without operations has no use for it")]
mod outline;
mod redaction;
mod response_limit;
mod secret;
mod service_error;
mod ssh;
mod timestamp;
mod transport;
#[allow(dead_code, unused_imports, reason = "a document without responses has no use for some of it")]
mod wire;
mod worker;

/// The README's examples are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("README.md")]
struct Readme;

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
    use crate::DefaultValue;
    use crate::effect::{Effect, EffectWhere};
    use crate::operation::{Authentication, EmptyResult, Location, Method, Operation, Parameter, ValueKind};
    use crate::operation::{Limit, LimitRule};

    include!(concat!(env!("OUT_DIR"), "/client.rs"));

    mod response_types {
        use super::types::*;
        use crate::wire::{newtype, object, open_enum, union};

        include!(concat!(env!("OUT_DIR"), "/response_types.rs"));
    }

    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}

pub use defaults::DefaultValue;
pub use effect::{Effect, EffectWhere};
pub use error::{Delivery, Error, ErrorKind, Result, Transience};
#[doc(hidden)]
pub use error::{LINE, seconds, shortened, without_quoted_values};
pub use exchange::{ResponseValue, Sending};
pub use extra::Extra;
#[doc(hidden)]
pub use extra::Shown;
pub use generated::{Client, OPERATIONS, builder, operations, types};
pub use http_client::{
    USER_AGENT, UnsolicitedResponse, fresh_connections, http_client_builder,
    http_client_builder_with_system_proxies,
};
pub use into_value::{Double, InOption, IntoOptional, IntoValue, Itself, Strings};
pub use logs::LogLevel;
#[doc(hidden)]
pub use number::exact_integer_of_float;
pub use operation::{
    Authentication, EmptyResult, Limit, LimitRule, Location, Method, Operation, Parameter, ValueKind,
};
pub use redaction::{Secrets, is_private_name, is_secret_name};
/// The HTTP client, whose types appear in this crate's interface.
pub use reqwest;
pub use response_limit::{ResponseLimit, TooLarge, Unread};
pub use secret::Secret;
pub use service_error::ServiceError;
#[doc(hidden)]
pub use service_error::html_title;
pub use ssh::Ssh;
pub use timestamp::Timestamp;
pub use transport::{Direct, RawResponse, Reader, SendFuture, SharedTransport, Transport};
