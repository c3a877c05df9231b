//! What one can ask of an endpoint or a workergroup.

use super::{Logs, Worker};
use crate::call::Answer;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// A serverless endpoint; see [`Client::endpoint`].
#[derive(Debug, Clone, Copy)]
pub struct EndpointHandle<'client> {
    client: &'client Client,
    id: u64,
}

/// A workergroup; see [`Client::workergroup`].
#[derive(Debug, Clone, Copy)]
pub struct WorkergroupHandle<'client> {
    client: &'client Client,
    id: u64,
}

impl<'client> EndpointHandle<'client> {
    pub(crate) fn new(client: &'client Client, id: u64) -> Self {
        Self { client, id }
    }

    /// The id of the endpoint.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The workers of the endpoint as the serverless engine sees them now.
    ///
    /// The engine answers in several shapes; all of them are understood. A list may be empty: an endpoint can scale to no worker.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for the id 0, before anything is sent. [`ErrorKind::NotReady`] while the engine has nothing to
    /// say yet: ask again in some seconds. [`ErrorKind::Refused`] where it answers with an error, such as `invalid api_key or
    /// endpoint NAME not found`. [`ErrorKind::Decode`] for an answer that is none of the known shapes; that is never taken for an
    /// empty list.
    pub async fn workers(&self) -> Result<Vec<Worker>> {
        workers(self.client, "getEndpointWorkers", self.id).await
    }

    /// The log of the endpoint, by level, as far back as the engine gives it unasked.
    ///
    /// # Errors
    ///
    /// As [`workers`](Self::workers).
    pub async fn logs(&self) -> Result<Logs> {
        logs(self.client, "getEndpointLogs", self.id).await
    }
}

impl<'client> WorkergroupHandle<'client> {
    pub(crate) fn new(client: &'client Client, id: u64) -> Self {
        Self { client, id }
    }

    /// The id of the workergroup.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The workers of the workergroup. They come without [`Worker::measured_perf`].
    ///
    /// # Errors
    ///
    /// As [`EndpointHandle::workers`].
    pub async fn workers(&self) -> Result<Vec<Worker>> {
        workers(self.client, "getWorkergroupWorkers", self.id).await
    }

    /// The log of the workergroup, by level, as far back as the engine gives it unasked.
    ///
    /// # Errors
    ///
    /// As [`EndpointHandle::workers`].
    pub async fn logs(&self) -> Result<Logs> {
        logs(self.client, "getWorkergroupLogs", self.id).await
    }
}

async fn workers(client: &Client, operation: &str, id: u64) -> Result<Vec<Worker>> {
    ask(client, operation, id).await?.workers()
}

async fn logs(client: &Client, operation: &str, id: u64) -> Result<Logs> {
    ask(client, operation, id).await?.logs()
}

async fn ask(client: &Client, operation: &str, id: u64) -> Result<Answer> {
    let operation = Client::operation(operation)?;
    if id == 0 {
        let message = "the id is 0; ids begin at 1";
        return Err(Error::new(ErrorKind::InvalidRequest, message).for_operation(operation));
    }
    client.call(operation).set("id", id)?.send().await
}
