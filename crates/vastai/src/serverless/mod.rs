//! Serverless endpoints, workergroups and their workers.

mod answer;
mod handle;
mod logs;
mod worker;

pub(crate) use answer::{logs as logs_in, workers as workers_in};
pub use handle::{EndpointHandle, WorkergroupHandle};
pub use logs::{LogLevel, Logs};
pub use worker::{Worker, WorkerStatus};
