//! Serverless endpoints, workergroups and their workers.

mod answer;
mod handle;
mod logs;
mod worker;

pub use handle::{EndpointHandle, WorkergroupHandle};
pub use logs::{LogLevel, Logs};
pub use worker::{Worker, WorkerStatus};
