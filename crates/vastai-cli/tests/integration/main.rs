//! The binary as its users see it: what it prints, where, its exit code, and what it sends.
//!
//! What people read is held in golden outputs; `UPDATE_EXPECT=1 cargo test -p vastai-cli` writes them anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic, also in its helpers")]

mod configuration;
mod consent;
mod drop_in;
mod failures;
#[cfg(feature = "mock")]
mod help;
#[cfg(feature = "mock")]
mod mock;
#[cfg(feature = "mock")]
mod mock_serve;
mod offers;
mod operations;
mod output;
#[cfg(unix)]
mod pty;
#[cfg(target_os = "linux")]
mod questions;
#[cfg(unix)]
mod remote;
#[cfg(unix)]
mod renting;
mod responses;
mod servers;
mod set_up;
#[cfg(all(unix, feature = "mock"))]
mod skill;
mod support;
mod tables;
mod terminal;
mod watch;
