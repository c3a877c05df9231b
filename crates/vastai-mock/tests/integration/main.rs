//! The simulator as a client meets it: through a socket.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes only functions with #[test] for tests, not their helpers"
)]

mod auth;
mod billing;
mod client;
mod console;
#[cfg(target_os = "linux")]
mod descriptors;
mod ending;
mod faults;
mod fields;
mod hosting;
mod injected;
mod life;
mod logs;
mod operations;
mod owned;
mod record;
mod rental;
mod results;
mod route;
mod served;
mod server;
mod undocumented;
mod workers;
mod world;
