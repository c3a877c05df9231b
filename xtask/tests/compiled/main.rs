//! What needs the compiler: clients made from other documents, and programs on them.
//!
//! All of it is compiled against what cargo has built for the tests ([`workspace`]), so that no dependency is built twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod build_script;
mod facade;
mod mutations;
mod odd;
mod other_document;
mod verdict;
mod workspace;
