//! Answers as they were met on the wire, decoded by the generated client: nothing that came is lost.
//!
//! Where the service and its document disagree, `overlay.yaml` says so; here is what it is for. Values are made up, forms are not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails panics")]

mod console;
mod defaults;
mod failures;
mod fields;
mod limits;
mod losses;
mod odd_values;
mod requests;
mod serverless;
mod support;
