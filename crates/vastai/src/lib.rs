//! A client of the Vast.ai API: GPU rental and serverless endpoints.
//!
//! ```no_run
//! # async fn example() -> vastai::Result<()> {
//! let client = vastai::Client::from_env()?;
//! for worker in client.endpoint(12345).workers().await? {
//!     println!("{} {} {:?}", worker.id, worker.status(), worker.measured_perf);
//! }
//! // Every operation of the document, by its own name:
//! let endpoints = client.api().show_endpoints().send().await?;
//! println!("{:?}", endpoints.results);
//! # Ok(())
//! # }
//! ```
//!
//! What this crate adds to the generated client [`vastai_api`]:
//!
//! - **Servers.** Each operation goes to the server that the document gives it: six belong to the serverless engine, the rest to
//!   the console. Both base URLs can be replaced.
//! - **The key** goes to these two origins and nowhere else, stands in no URL, log, error or `Debug`, and follows no redirect.
//! - **Retries** of what is safe to send again, with backoff and the waits that the service asks for: [`retry`]. What rents, creates or pays is
//!   never sent again once it may have been done, and the error says so. Calls are paced to the rate limits that the service names.
//! - **Failures** are one [`Error`] with a [kind](ErrorKind), also those that the service sends with status 200.
//! - **Instances** are rented, waited for, followed and destroyed on handles, and rentals can be [scoped](instances::Rent::scoped), so that nothing is
//!   left behind: [`instances`].
//! - **Offers** are searched by typed conditions or by a query of the official command line: [`offers`].
//! - **Serverless** endpoints and workergroups: [`serverless`]. Requests through an endpoint find a worker, and the response is JSON, bytes or a stream. No
//!   key goes to a worker, and no payload is worked on twice unless the caller allows it. A watch reports what changes.
//! - **Lists** come page by page as they are read: instances, and the invoices and charges of [`billing`].
//! - **What an account has** beside instances: keys, environment variables, templates and volumes, in [`account`].
//! - **What happens** can be seen in `tracing`, as a span for each call, and by an [`Observer`](observe::Observer).
//!
//! Nothing here reads the environment but [`Client::from_env`].
//!
//! # Tracing
//!
//! A call is a span `vastai.call` at the level debug, and a request to a worker a span `vastai.worker_request`, which has the calls that it
//! took inside. No key, no body and no URL with a query is in any of them.
//!
//! | field of `vastai.call` | |
//! |---|---|
//! | `operation` | the operationId |
//! | `server` | the origin that was asked |
//! | `attempts` | how many requests were sent |
//! | `status` | the HTTP status of the last response, if one came |
//! | `error` | the kind of the failure, if it failed |
//! | `duration_ms` | how long it took, waits included |
//!
//! Events in the span say when a request is sent, what became of it, and what is waited for. With `tracing-opentelemetry`, spans go to
//! OpenTelemetry: of the kind client (`otel.kind`), with the status error where a call failed (`otel.status_code`). Let the target `vastai` through at debug:
//!
//! ```text
//! let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("my-program"));
//! let wanted = Targets::new().with_target("vastai", Level::DEBUG).with_target("my_program", Level::INFO);
//! tracing_subscriber::registry().with(spans.with_filter(wanted)).init();
//! ```
//!
//! `tests/downstream/programs/src/trace_calls.rs` of the repository is such a program, with its dependencies and its tests.

// The order of those that add methods to `Client`, which rustdoc keeps: what most programs call comes first.
pub mod instances;

pub mod offers;

pub mod serverless;

pub mod billing;

pub mod account;

mod client;
mod config;
pub mod filter;
mod lenient;
pub mod paging;
mod search;
mod transport;
mod waiting;

pub use client::{Call, CallFuture, CallResponse, Client, ClientBuilder};
pub use error::{Delivery, Error, ErrorKind, Result};
pub use instances::{Instance, InstanceStatus};
pub use offers::Offer;
pub use serverless::{Worker, WorkerStatus};

/// The error, which is that of the generated client.
mod error {
    pub use vastai_api::{Delivery, Error, ErrorKind};
    pub(crate) use vastai_api::{shortened, without_quoted_values};

    /// The result of a call.
    pub type Result<T> = std::result::Result<T, Error>;
}

/// How failed calls are tried again, and how far apart calls are made.
pub mod retry {
    pub use crate::transport::{Pacing, RetryPolicy};
}

/// Where keys are kept, and where that of a client came from.
pub mod keys {
    pub use crate::config::{KeyFiles, KeySource};
}

/// What a program can see of its calls, to count and time them, and of the servers.
pub mod observe {
    pub use crate::transport::{CallInfo, Observer, Outcome, Ping, Server, WaitReason};
}

/// The generated client, whose types appear in this crate's interface.
pub use vastai_api;
pub use vastai_api::Timestamp;
/// The HTTP client, whose types appear in this crate's interface.
pub use vastai_api::reqwest;

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
