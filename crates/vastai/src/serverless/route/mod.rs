//! Asking the engine for a worker.

mod assignment;
mod endpoint_keys;
mod polling;
mod question;

pub use assignment::{Assignment, Routed, Waiting};
pub use question::Route;

pub(crate) use endpoint_keys::{EndpointKeys, EndpointName};
pub(super) use polling::{RoutePolls, Router};
