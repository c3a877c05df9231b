//! Serverless endpoints, workergroups and their workers.

mod assignment;
mod event_decoder;
mod events;
mod handle;
mod post;
mod request;
mod response;
mod route;
mod session;
mod setup;
mod wait_until_ready;
mod watch;
mod workers;

pub use assignment::{Assignment, Routed, Waiting};
pub use event_decoder::Event;
pub use events::{Events, JsonEvents};
pub use handle::{EndpointHandle, WorkergroupHandle};
pub use request::WorkerRequest;
pub use response::WorkerResponse;
pub use route::Route;
pub use session::{Session, SessionRequest};
pub use setup::{
    CreateEndpoint, CreateWorkergroup, Endpoints, UpdateEndpoint, UpdateWorkergroup, Workergroups,
};
pub use vastai_api::LogLevel;
pub use vastai_api::types::{EndpointState, Logs, Worker, WorkerStatus};
pub use wait_until_ready::WaitUntilReady;
pub use watch::{Watch, WatchEvent};
pub(crate) use workers::WorkersOf;
pub use workers::{LogTail, logs_in, workers_in};
