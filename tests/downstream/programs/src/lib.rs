//! What people write with the client: a module for each program, its tests beside it.

pub mod adopt_or_rent;
pub mod axum_handler;
pub mod charges_by_instance;
pub mod monitor_workers;
pub mod rent_cheapest;
pub mod stream_completion;
pub mod trace_calls;
pub mod what_to_do;

#[cfg(test)]
mod test_client;
