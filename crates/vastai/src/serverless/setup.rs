//! Endpoints and workergroups as their owner creates and changes them.

use vastai_api::{Double, Operation, operations, types};

use super::{EndpointHandle, WorkergroupHandle};
use crate::client::{
    CallFuture, Client, EndpointName, body_builder, collection, create, done, listed, present,
};

collection! {
    /// The serverless endpoints of the account; see [`Client::endpoints`].
    Endpoints
}

impl Endpoints {
    /// All of them. Their keys are secrets, which no `Debug` shows.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) for a response without a list.
    pub fn list(&self) -> CallFuture<Vec<types::ServerlessEndpoint>> {
        let sending = self.client.api().show_endpoints().send();
        listed(sending, operations::SHOW_ENDPOINTS, "results", |response| response.results)
    }
}

collection! {
    /// The workergroups of the account; see [`Client::workergroups`].
    Workergroups
}

impl Workergroups {
    /// All of them, of every endpoint. Their keys are secrets, which no `Debug` shows.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) for a response without a list.
    pub fn list(&self) -> CallFuture<Vec<types::Workergroup>> {
        let sending = self.client.api().show_workergroup().send();
        listed(sending, operations::SHOW_WORKERGROUP, "results", |response| response.results)
    }
}

/// A builder with the settings by which an endpoint scales, and others.
macro_rules! scaled {
    ($builder:ident -> $output:ty { $($others:tt)* }) => {
        body_builder!($builder -> $output {
            /// The load to stay prepared for even when nobody calls, in the units of the workers per second: tokens per second for language
            /// models. Above 0 it keeps workers running, and billed, all the time.
            min_load: Double,
            /// The share of the capacity that should be in use, above 0 and at most 1.
            target_util: Double,
            /// The capacity to keep in reserve as stopped workers, as a multiple of what is needed now.
            cold_mult: Double,
            /// How many workers to keep stopped, but ready to start, while there is no load. They are billed for their disks.
            cold_workers: i64,
            /// The most workers at once, which bounds what the endpoint costs.
            max_workers: i64,
            /// The load for which stopped workers are kept, per second.
            min_cold_load: Double,
            /// How long a request may wait, in seconds.
            max_queue_time: Double,
            /// How long a request is meant to wait, in seconds.
            target_queue_time: Double,
            /// After how many seconds without a request it scales to nothing.
            inactivity_timeout: i64,
            $($others)*
        });
    };
}

/// A builder with the settings by which a workergroup rents its workers, and others.
macro_rules! renting {
    ($builder:ident -> $output:ty { $($others:tt)* }) => {
        body_builder!($builder -> $output {
            /// The template to make workers from, by its hash, which changes when the template is edited.
            template_hash: String,
            /// The template to make workers from, by its id, which stays.
            template_id: i64,
            /// Which offers to rent, as a [`Query`](crate::offers::Query). For a new workergroup `verified=True rentable=True rented=False` unless set,
            /// as the official command line sends it.
            search_params: String,
            /// Options for creating the workers, as `create instance` of the official command line has them.
            launch_args: String,
            /// The memory of GPUs that the model needs, in GB. For a new workergroup the service takes 24 unless set.
            gpu_ram: Double,
            $($others)*
        });
    };
}

/// A serverless endpoint to be created; see [`Client::create_endpoint`].
///
/// What is not set is sent with the defaults of the official command line: a `min_load` of 0, where the service's own default is 10 and keeps
/// workers running, and billed, all the time; a `min_cold_load` of 0; a `target_util` of 0.9, a `cold_mult` of 2.5, 5 `cold_workers` and 20 `max_workers`, which are the
/// service's defaults, too.
///
/// An endpoint rents nothing by itself: a workergroup does, which says what to rent.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// let endpoint = client.create_endpoint("embeddings").max_workers(3).cold_workers(1).await?;
/// let workergroup = endpoint.create_workergroup().template_id(123_456).max_workers(1).await?;
/// println!("endpoint {}, workergroup {}", endpoint.id().await?, workergroup.id());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CreateEndpoint {
    client: Client,
    name: String,
    body: types::builder::CreateEndpointRequest,
}

impl CreateEndpoint {
    pub(crate) fn new(client: &Client, name: String) -> Self {
        let body = types::CreateEndpointRequest::builder().endpoint_name(name.as_str());
        Self { client: client.clone(), name, body }
    }

    /// Creates it. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// Where [`may_have_been_done`](crate::Error::may_have_been_done) is true, look with [`Endpoints::list`] before you create it again: a second call may
    /// create a second endpoint.
    pub fn send(self) -> CallFuture<EndpointHandle> {
        let Self { client, name, body } = self;
        let sending = client.api().create_endpoint().body(body).send();
        Box::pin(async move {
            let look = format!("look for it with `client.endpoint_named({name:?}).show()`");
            let created = create(sending, &look).await?.into_inner();
            let id = id_of(&created, operations::CREATE_ENDPOINT)?;
            Ok(EndpointHandle::new(&client, EndpointName::Id(id)))
        })
    }
}

scaled!(CreateEndpoint -> EndpointHandle {});

/// A change of a serverless endpoint; see [`EndpointHandle::update`]. What is not set stays as it is.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct UpdateEndpoint {
    client: Client,
    endpoint: EndpointName,
    body: types::builder::CreateEndpointRequest,
}

impl UpdateEndpoint {
    pub(super) fn new(client: &Client, endpoint: EndpointName) -> Self {
        Self { client: client.clone(), endpoint, body: types::CreateEndpointRequest::builder() }
    }

    /// Changes it. Scaling follows later. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the account has no endpoint of that name.
    pub fn send(self) -> CallFuture<()> {
        let Self { client, endpoint, body } = self;
        Box::pin(async move {
            let id = endpoint.id(&client).await?;
            let updated = client.api().update_endpoint().id(id).body(body).send().await;
            // It may have another name now, and another endpoint its old one.
            client.endpoint_keys().forget();
            updated.map(drop)
        })
    }
}

scaled!(UpdateEndpoint -> () {
    /// Another name. Requests that are routed by the old one fail from then on.
    endpoint_name: String,
    /// `active`, `suspended` or `stopped`: whether it serves, and what becomes of its workers.
    endpoint_state: String,
});

/// A workergroup to be created; see [`EndpointHandle::create_workergroup`]. It says what to rent as workers, by a template or a search for offers.
///
/// Once it exists, the engine rents by itself, at first to measure workers: costs follow without a further call.
/// How many workers there are later is decided by the endpoint.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CreateWorkergroup {
    client: Client,
    body: types::builder::CreateWorkergroupRequest,
}

impl CreateWorkergroup {
    pub(super) fn new(client: &Client, endpoint: &EndpointName) -> Self {
        let body = types::CreateWorkergroupRequest::builder();
        let body = match endpoint {
            EndpointName::Id(id) => body.endpoint_id(*id),
            EndpointName::Name(name) => body.endpoint_name(name.as_str()),
        };
        Self { client: client.clone(), body }
    }

    /// Creates it. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) where there is no such endpoint. Where
    /// [`may_have_been_done`](crate::Error::may_have_been_done) is true, look with [`Workergroups::list`] before you create it again: a second one rents, too.
    pub fn send(self) -> CallFuture<WorkergroupHandle> {
        let Self { client, body } = self;
        let sending = client.api().create_workergroup().body(body).send();
        Box::pin(async move {
            let created =
                create(sending, "look for it with `client.workergroups().list()`").await?.into_inner();
            Ok(WorkergroupHandle::new(&client, id_of(&created, operations::CREATE_WORKERGROUP)?))
        })
    }
}

renting!(CreateWorkergroup -> WorkergroupHandle {
    /// The most workers at once. The service takes 20 unless set.
    max_workers: i64,
});

/// A change of a workergroup; see [`WorkergroupHandle::update`].
///
/// Whether the service sets `search_params` back to its default where it is not sent is not documented: set what has to stay.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct UpdateWorkergroup {
    client: Client,
    id: i64,
    body: types::builder::UpdateWorkergroupRequest,
}

impl UpdateWorkergroup {
    pub(super) fn new(client: &Client, id: i64) -> Self {
        Self { client: client.clone(), id, body: types::UpdateWorkergroupRequest::builder() }
    }

    /// Changes it. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) where the account has no such workergroup.
    pub fn send(self) -> CallFuture<()> {
        done(self.client.api().update_workergroup().id(self.id).body(self.body).send())
    }
}

renting!(UpdateWorkergroup -> () {
    /// The endpoint to serve from now on, by its id.
    endpoint_id: i64,
});

/// The id of what was created, which comes under either name.
fn id_of(created: &types::Created, operation: &'static Operation) -> crate::error::Result<i64> {
    present(created.id.or(created.result), "id", operation)
}
