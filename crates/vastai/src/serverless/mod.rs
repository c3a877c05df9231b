//! Serverless endpoints, workergroups and their workers.

mod answer;
mod handle;
mod logs;
mod wait_until_ready;
mod watch;
mod worker;
mod workers_of;

pub(crate) use answer::{logs as logs_in, workers as workers_in};
pub use handle::{EndpointHandle, WorkergroupHandle};
pub use logs::{LogLevel, LogTail, Logs};
pub use wait_until_ready::WaitUntilReady;
pub use watch::{Watch, WatchEvent};
pub use worker::{Worker, WorkerStatus};
pub(crate) use workers_of::WorkersOf;
