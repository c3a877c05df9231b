//! Serverless endpoints, workergroups and their workers.

mod answer;
mod events;
mod handle;
mod logs;
mod request;
mod route;
mod session;
mod setup;
mod wait_until_ready;
mod watch;
mod worker;
mod workers_of;

pub(crate) use answer::{logs as logs_in, workers as workers_in};
pub use events::{Event, Events};
pub use handle::{EndpointHandle, WorkergroupHandle};
pub use logs::{LogLevel, LogTail, Logs};
pub use request::{WorkerAnswer, WorkerRequest};
pub use route::{Assignment, Route, Routed, Waiting};
pub(crate) use route::{EndpointKeys, EndpointName};
pub use session::{Session, SessionRequest};
pub use setup::{
    CreateEndpoint, CreateWorkergroup, Endpoints, UpdateEndpoint, UpdateWorkergroup, Workergroups,
};
pub use wait_until_ready::WaitUntilReady;
pub use watch::{Watch, WatchEvent};
pub use worker::{Worker, WorkerStatus};
pub(crate) use workers_of::WorkersOf;
