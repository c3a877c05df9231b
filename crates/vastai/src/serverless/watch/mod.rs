//! Watching the workers of an endpoint or a workergroup.

mod event;
mod looks;
mod snapshot;

pub use event::WatchEvent;
pub use looks::Watch;
