//! Whose workers: an endpoint's or a workergroup's.

use std::fmt;

use super::{Logs, Worker};
use crate::call::Answer;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// An endpoint or a workergroup, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkersOf {
    Endpoint(i64),
    Workergroup(i64),
}

impl WorkersOf {
    /// The workers as they are now.
    pub(crate) async fn workers(self, client: &Client) -> Result<Vec<Worker>> {
        let operation = match self {
            Self::Endpoint(_) => "getEndpointWorkers",
            Self::Workergroup(_) => "getWorkergroupWorkers",
        };
        self.ask(client, operation, None).await?.workers()
    }

    /// The end of the log; `tail` in bytes of each level, -1 for all of it.
    pub(crate) async fn logs(self, client: &Client, tail: Option<i64>) -> Result<Logs> {
        let operation = match self {
            Self::Endpoint(_) => "getEndpointLogs",
            Self::Workergroup(_) => "getWorkergroupLogs",
        };
        self.ask(client, operation, tail).await?.logs()
    }

    async fn ask(self, client: &Client, operation: &str, tail: Option<i64>) -> Result<Answer> {
        let operation = Client::operation(operation)?;
        let (Self::Endpoint(id) | Self::Workergroup(id)) = self;
        if id < 1 {
            let message = format!("the id is {id}; ids begin at 1");
            return Err(Error::new(ErrorKind::InvalidRequest, message).for_operation(operation));
        }
        let mut call = client.call(operation).set("id", id)?;
        if let Some(bytes) = tail {
            call = call.set("tail", bytes)?;
        }
        call.send().await
    }
}

impl fmt::Display for WorkersOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(id) => write!(formatter, "endpoint {id}"),
            Self::Workergroup(id) => write!(formatter, "workergroup {id}"),
        }
    }
}
