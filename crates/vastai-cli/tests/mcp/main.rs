//! `vastai mcp` as its users have it: the binary, driven by clients of the protocol that are not ours, against simulators with faults.
//!
//! The clients are the official Python package and the inspector of npm. Where they cannot be installed the tests say so and do nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic, also in its helpers"
)]

mod audit;
mod consent;
mod http;
mod inspector;
mod limits;
mod python;
mod read_only;
mod stdio;
mod tls;
mod tools;
mod untrusted;
