//! The commands as a maintainer runs them: the real binary, on a copy of a small repository, against a server on
//! loopback. Golden outputs are refreshed with `UPDATE_EXPECT=1 cargo test -p xtask`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "these are tests")]

mod bad_input;
mod browser;
mod checkout;
mod commands;
mod conformance;
mod cost;
mod facade;
mod failing_servers;
mod index;
mod interrupted;
mod published;
mod release;
mod replace;
mod reports;
mod server;
mod sources;
mod terminal;
