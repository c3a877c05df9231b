//! Whose workers: an endpoint's or a workergroup's.

use std::fmt;
use vastai_api::{Operation, operations};

use super::{Logs, Worker, logs_in, workers_in};
use crate::client::{CallResponse, Client, EndpointName};
use crate::error::{Error, ErrorKind, Result};

/// An endpoint or a workergroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WorkersOf {
    Endpoint(EndpointName),
    Workergroup(i64),
}

impl WorkersOf {
    /// The workers as they are now.
    pub(crate) async fn workers(&self, client: &Client) -> Result<Vec<Worker>> {
        let operation = match self {
            Self::Endpoint(_) => operations::GET_ENDPOINT_WORKERS,
            Self::Workergroup(_) => operations::GET_WORKERGROUP_WORKERS,
        };
        workers_in(&self.call(client, operation, None).await?)
    }

    /// The end of the log; `tail` in bytes of each level, -1 for all of it.
    pub(crate) async fn logs(&self, client: &Client, tail: Option<i64>) -> Result<Logs> {
        let operation = match self {
            Self::Endpoint(_) => operations::GET_ENDPOINT_LOGS,
            Self::Workergroup(_) => operations::GET_WORKERGROUP_LOGS,
        };
        logs_in(&self.call(client, operation, tail).await?)
    }

    async fn call(
        &self,
        client: &Client,
        operation: &'static Operation,
        tail: Option<i64>,
    ) -> Result<CallResponse> {
        let mut call = client.call(operation);
        call = match self {
            // Of logs the engine finds an endpoint by its name as well.
            Self::Endpoint(EndpointName::Name(name)) if operation.takes("endpoint") => {
                call.set("endpoint", name.as_str())?
            }
            Self::Endpoint(name) => call.set("id", valid(name.id(client).await?, operation)?)?,
            Self::Workergroup(id) => call.set("id", valid(*id, operation)?)?,
        };
        if let Some(bytes) = tail {
            call = call.set("tail", bytes)?;
        }
        call.send().await
    }
}

fn valid(id: i64, operation: &'static Operation) -> Result<i64> {
    if id < 1 {
        let message = format!("the id is {id}; ids begin at 1");
        return Err(Error::new(ErrorKind::InvalidRequest, message).for_operation(operation));
    }
    Ok(id)
}

impl fmt::Display for WorkersOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(name) => name.fmt(formatter),
            Self::Workergroup(id) => write!(formatter, "workergroup {id}"),
        }
    }
}
