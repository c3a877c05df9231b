//! What one can ask of an endpoint or a workergroup.

use std::time::Duration;

use serde_json::Value;
use vastai_api::{operations, types};

use super::{
    CreateEndpoint, CreateWorkergroup, Endpoints, LogTail, Logs, Route, SessionRequest, UpdateEndpoint,
    UpdateWorkergroup, WaitUntilReady, Watch, Worker, WorkerRequest, Workergroups, WorkersOf,
};
use crate::client::{CallFuture, Client, EndpointName, found, handle};

/// A serverless endpoint, by its id or its name; made by [`Client::endpoint`] and [`Client::endpoint_named`].
///
/// It owns its client, as do the futures of its methods: they can be spawned, joined and kept.
#[derive(Debug, Clone)]
pub struct EndpointHandle {
    client: Client,
    name: EndpointName,
}

handle! {
    /// A workergroup, by its id; made by [`Client::workergroup`]. It owns its client, as an [`EndpointHandle`] does.
    WorkergroupHandle, by the id of the "workergroup"
}

/// # Serverless endpoints and workergroups
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

/// What endpoints and workergroups have in common: their workers and their log, of which the engine knows.
macro_rules! methods_of_the_engine {
    ($handle:ident) => {
        impl $handle {
            /// Its workers as the serverless engine sees them now. A list may be empty: an endpoint can scale to no worker. Those of a workergroup come
            /// without [`measured_perf`](Worker::measured_perf).
            ///
            /// The engine responds in several shapes; all of them are understood.
            ///
            /// # Errors
            ///
            /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an id below 1, before anything is sent.
            /// [`NotReady`](crate::ErrorKind::NotReady) while the engine has nothing to say yet: ask again in some seconds.
            /// [`Refused`](crate::ErrorKind::Refused) where the engine refuses it with an error, such as `invalid api_key or endpoint NAME not found`.
            /// [`Decode`](crate::ErrorKind::Decode) for a response in an unknown shape, which is never taken for an empty list.
            pub fn workers(&self) -> CallFuture<Vec<Worker>> {
                let (of, client) = (self.of(), self.client.clone());
                Box::pin(async move { of.workers(&client).await })
            }

            /// Its log, by level, as far back as the engine gives it by default: some 10,000 bytes of each level.
            ///
            /// # Errors
            ///
            /// As [`workers`](Self::workers).
            pub fn logs(&self) -> CallFuture<Logs> {
                let (of, client) = (self.of(), self.client.clone());
                Box::pin(async move { of.logs(&client, None).await })
            }

            /// The end of the log, by level: so much of each.
            ///
            /// # Errors
            ///
            /// As [`workers`](Self::workers).
            pub fn logs_tail(&self, tail: LogTail) -> CallFuture<Logs> {
                let (of, client) = (self.of(), self.client.clone());
                Box::pin(async move { of.logs(&client, Some(tail.to_wire())).await })
            }

            /// Waits until so many workers take requests; see [`WaitUntilReady`].
            pub fn wait_until_ready(&self, workers: usize) -> WaitUntilReady {
                WaitUntilReady::new(self.client.clone(), self.of(), workers)
            }

            /// Watches the workers: polls them at this interval and gives what has changed. See [`Watch`].
            pub fn watch(&self, interval: Duration) -> Watch {
                Watch::new(self.client.clone(), self.of(), interval)
            }
        }
    };
}

methods_of_the_engine!(EndpointHandle);
methods_of_the_engine!(WorkergroupHandle);

impl EndpointHandle {
    pub(crate) fn new(client: &Client, name: EndpointName) -> Self {
        Self { client: client.clone(), name }
    }

    /// The id of the endpoint; of one that was given by its name, it is looked up among the account's endpoints, once for all handles.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the account has no endpoint of that name; else what listing them failed with.
    pub fn id(&self) -> CallFuture<i64> {
        let Self { client, name } = self.clone();
        Box::pin(async move { name.id(&client).await })
    }

    /// A request for a worker of this endpoint; see [`Route`]. It asks once.
    pub fn route(&self) -> Route {
        Route::new(&self.client, self.name.clone())
    }

    /// A request through this endpoint to one of its workers, at a path such as `/v1/completions`; see [`WorkerRequest`].
    pub fn request(&self, path: impl Into<String>, payload: impl Into<Value>) -> WorkerRequest {
        WorkerRequest::new(&self.client, self.name.clone(), path.into(), payload.into())
    }

    /// A session at one of the endpoint's workers; see [`Session`](crate::serverless::Session).
    pub fn session(&self) -> SessionRequest {
        SessionRequest::new(&self.client, self.name.clone())
    }

    /// The endpoint as its owner set it up.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the account has no such endpoint.
    pub fn show(&self) -> CallFuture<types::ServerlessEndpoint> {
        let (listed, name) = (Endpoints::new(&self.client).list(), self.name.clone());
        Box::pin(async move {
            let is_it = |endpoint: &types::ServerlessEndpoint| match &name {
                EndpointName::Id(id) => endpoint.id == *id,
                EndpointName::Name(name) => endpoint.endpoint_name.as_ref() == Some(name),
            };
            found(listed.await?.into_iter(), is_it, &name, operations::SHOW_ENDPOINTS)
        })
    }

    /// Changes how it scales, or its name; see [`UpdateEndpoint`].
    pub fn update(&self) -> UpdateEndpoint {
        UpdateEndpoint::new(&self.client, self.name.clone())
    }

    /// Deletes it with its workergroups and workers. Workers in `failed_workers` of the response are still there, and billed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the account has no endpoint of that name.
    pub fn delete(&self) -> CallFuture<types::DeleteEndpointResponse> {
        let Self { client, name } = self.clone();
        Box::pin(async move {
            let deleted = client.api().delete_endpoint().id(name.id(&client).await?).send().await;
            // Another endpoint may have its name next.
            client.endpoint_keys().forget();
            Ok(deleted?.into_inner())
        })
    }

    /// A workergroup of this endpoint to be created; see [`CreateWorkergroup`].
    pub fn create_workergroup(&self) -> CreateWorkergroup {
        CreateWorkergroup::new(&self.client, &self.name)
    }

    fn of(&self) -> WorkersOf {
        WorkersOf::Endpoint(self.name.clone())
    }
}

impl WorkergroupHandle {
    /// The workergroup as its owner set it up.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the account has no such workergroup.
    pub fn show(&self) -> CallFuture<types::Workergroup> {
        let (listed, id) = (Workergroups::new(&self.client).list(), self.id);
        Box::pin(async move {
            let groups = listed.await?.into_iter();
            found(groups, |group| group.id == id, format!("workergroup {id}"), operations::SHOW_WORKERGROUP)
        })
    }

    /// Changes it; see [`UpdateWorkergroup`].
    pub fn update(&self) -> UpdateWorkergroup {
        UpdateWorkergroup::new(&self.client, self.id)
    }

    /// Deletes it with its workers. Workers in `failed_workers` of the response are still there, and billed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the account has no such workergroup.
    pub fn delete(&self) -> CallFuture<types::DeleteEndpointResponse> {
        let sending = self.client.api().delete_workergroup().id(self.id).send();
        Box::pin(async move { Ok(sending.await?.into_inner()) })
    }

    fn of(&self) -> WorkersOf {
        WorkersOf::Workergroup(self.id)
    }
}
