//! The facade against the simulator and against real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test that fails panics, and tells what it skips"
)]

mod account;
mod cancelling;
mod clock;
mod configuration;
mod connections;
mod creations;
mod doubt;
mod durations;
mod errors;
mod generated;
mod instances;
mod lookups;
mod observing;
mod odd_values;
mod offers;
mod pacing;
mod paging;
mod queries;
mod redirects;
mod rentals;
mod renting;
mod result_files;
mod retries;
mod routing;
mod secrecy;
mod secret_values;
mod serverless_setup;
mod servers;
mod sessions;
mod soft_failures;
mod support;
mod watching;
mod worker_faults;
mod worker_requests;
mod worker_tls;
mod workers;
