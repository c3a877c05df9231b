//! Serverless endpoints, workergroups and their workers.

mod answer;
mod assignment;
mod event_decoder;
mod events;
mod handle;
mod logs;
mod post;
mod request;
mod response;
mod route;
mod session;
mod setup;
mod wait_until_ready;
mod watch;
mod worker;
mod workers_of;

pub use answer::{logs_in, workers_in};
pub use assignment::{Assignment, Routed, Waiting};
pub use event_decoder::Event;
pub use events::{Events, JsonEvents};
pub use handle::{EndpointHandle, WorkergroupHandle};
pub use logs::{LogLevel, LogTail, Logs};
pub use request::WorkerRequest;
pub use response::WorkerResponse;
pub use route::Route;
pub use session::{Session, SessionRequest};
pub use setup::{
    CreateEndpoint, CreateWorkergroup, Endpoints, UpdateEndpoint, UpdateWorkergroup, Workergroups,
};
pub use wait_until_ready::WaitUntilReady;
pub use watch::{Watch, WatchEvent};
pub use worker::{Worker, WorkerStatus};
pub(crate) use workers_of::WorkersOf;

use crate::client::{Client, EndpointName};

impl Client {
    /// A serverless endpoint, by its id (1 or more).
    #[must_use]
    pub fn endpoint(&self, id: i64) -> EndpointHandle {
        EndpointHandle::new(self, EndpointName::Id(id))
    }

    /// A serverless endpoint, by its name. Where only the id serves, it is looked up once.
    #[must_use]
    pub fn endpoint_named(&self, name: impl Into<String>) -> EndpointHandle {
        EndpointHandle::new(self, EndpointName::Name(name.into()))
    }

    /// A workergroup of a serverless endpoint, by its id (1 or more).
    #[must_use]
    pub fn workergroup(&self, id: i64) -> WorkergroupHandle {
        WorkergroupHandle::new(self, id)
    }

    /// A serverless endpoint to be created under this name; see [`CreateEndpoint`].
    pub fn create_endpoint(&self, name: impl Into<String>) -> CreateEndpoint {
        CreateEndpoint::new(self, name.into())
    }

    /// A workergroup to be created for the endpoint with this id; see [`CreateWorkergroup`].
    pub fn create_workergroup(&self, endpoint: i64) -> CreateWorkergroup {
        self.endpoint(endpoint).create_workergroup()
    }

    /// The serverless endpoints of the account.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        Endpoints::new(self)
    }

    /// The workergroups of the account.
    #[must_use]
    pub fn workergroups(&self) -> Workergroups {
        Workergroups::new(self)
    }

    /// A request for a worker of an endpoint, by the endpoint's name; see [`Route`]. It asks once.
    pub fn route(&self, endpoint: impl Into<String>) -> Route {
        Route::new(self, EndpointName::Name(endpoint.into()))
    }
}
