//! `vastai export prometheus` as its users see it: what it serves, and what the real Prometheus makes of that and of `monitoring/`.
//!
//! Tests with Prometheus need `prometheus` and `promtool` in the path (`.ci/install-prometheus`); without them they say so, and do nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by a panic, and says what it skipped"
)]
// The exporter alone is tested against the embedded simulator.
#![cfg(feature = "mock")]

mod exporter;
mod fleet;
mod pages;
mod polls;
mod rules;
mod scrape;
