//! Streamed answers of workers: server-sent events and JSON lines.

mod decoder;
mod event;
mod lines;
mod stream;

pub use event::Event;
pub use stream::Events;

pub(super) use decoder::Format;
pub(super) use stream::Source;
