//! A client of the Vast.ai API: GPU rental and serverless endpoints.
//!
//! ```no_run
//! # async fn example() -> vastai::Result<()> {
//! let client = vastai::Client::from_env()?;
//! for worker in client.endpoint(12345).workers().await? {
//!     println!("{} {} {:?}", worker.id, worker.status, worker.measured_perf);
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
//! - **Servers.** Each operation goes to the server that the document gives it: five belong to the serverless engine, the rest to
//!   the console. Both base URLs can be replaced.
//! - **The key** goes to these two origins and nowhere else, stands in no URL, log, error or `Debug`, and follows no redirect.
//! - **Repetition** of what is safe to repeat, with backoff and the service's own waits: [`RetryPolicy`]. What rents, creates or pays is
//!   never sent again once it may have been done, and the error says so. [`Pacing`] keeps to the rate limits that the service tells.
//! - **Failures** are one [`Error`] with a [kind](ErrorKind), also those that the service answers with status 200.
//! - **Answers** of the serverless engine, which come in many shapes, are [`Worker`]s and [`Logs`].
//! - **Requests through an endpoint** find a worker and are answered as JSON, bytes or a stream: [`WorkerRequest`], [`Session`]. No key goes to a
//!   worker, and no payload is worked on twice without the caller's leave.
//! - **Waits** end in any case and live through what may pass: [`WaitUntilRunning`], [`WaitUntilReady`]. A [`Watch`] tells what changes.
//! - **Lists** come page by page as they are read: [`Pages`] of instances, invoices and charges.
//! - **What an account has** beside instances stands in [`account`]: keys, environment variables, templates and volumes, on handles as those of
//!   endpoints and workergroups, which are created, changed and deleted the same way.
//! - **Offers** are searched by typed conditions or by a [`Query`] of the official command line: [`OfferSearch`].
//! - **What happens** is told to `tracing`, as a span for each call, and to an [`Observer`](observe::Observer).
//!
//! Nothing here reads the environment but [`Client::from_env`].

pub mod account;
mod call;
mod client;
mod config;
mod error;
mod filter;
mod instances;
mod offers;
mod paging;
mod serverless;
mod soft_failure;
mod transport;
mod view;
mod waiting;

pub use call::{Answer, Call};
pub use client::{CallFuture, Client, ClientBuilder};
pub use config::{DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL};
pub use error::{Delivery, Error, ErrorKind, Result};
pub use transport::{Pacing, ResultFile, RetryPolicy};

pub use filter::{Condition, Field, Operator, field};
pub use instances::{
    FollowLogs, Instance, InstanceHandle, InstanceStatus, PortBinding, Rent, Ssh, WaitUntilRunning,
};
pub use offers::{Offer, OfferKind, OfferSearch, Query, QueryError};
pub use paging::{
    Charge, ChargeItem, ChargeList, Direction, InstanceList, Invoice, InvoiceList, Pages, TimeRange,
};
pub use serverless::{
    Assignment, CreateEndpoint, CreateWorkergroup, EndpointHandle, Endpoints, Event, Events, LogLevel,
    LogTail, Logs, Route, Routed, Session, SessionRequest, UpdateEndpoint, UpdateWorkergroup, WaitUntilReady,
    Waiting, Watch, WatchEvent, Worker, WorkerAnswer, WorkerRequest, WorkerStatus, WorkergroupHandle,
    Workergroups,
};

/// What a program can see of its calls, to count and time them.
pub mod observe {
    pub use crate::transport::{CallInfo, Observer, Outcome, WaitReason};
}

/// The generated client, whose types appear in this crate's interface.
pub use vastai_api;
/// The HTTP client, whose types appear in this crate's interface.
pub use vastai_api::reqwest;

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
