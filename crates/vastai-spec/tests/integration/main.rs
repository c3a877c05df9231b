//! The document pipeline, through its public interface.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and tells what it skips"
)]

mod identify;
mod load;
mod lower;
mod operations;
mod overlay;
#[cfg(feature = "generate")]
mod published;
