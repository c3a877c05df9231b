//! The document pipeline, through its public interface.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and says what it skips"
)]

mod bounds;
#[cfg(feature = "generate")]
mod cases;
mod constants;
#[cfg(feature = "generate")]
mod determinism;
mod directions;
#[cfg(feature = "generate")]
mod documentation;
mod documents;
mod duplicate_keys;
mod identify;
mod instances;
mod load;
mod lower;
mod marks;
mod merge;
#[cfg(feature = "generate")]
mod named_types;
mod names;
#[cfg(feature = "generate")]
mod odd;
mod operations;
mod overlay;
#[cfg(feature = "generate")]
mod published;
mod reword;
mod rules;
#[cfg(feature = "generate")]
mod surface;
#[cfg(all(feature = "diff", feature = "generate"))]
mod touched;
mod valid;
mod yaml;
