//! The workers and the log of an endpoint or a workergroup, as the serverless engine has them, whatever the shape of its response.

use std::fmt;
use std::pin::pin;

use serde_json::Value;
use vastai_api::{Operation, ServiceError, operations};

use super::{Logs, Worker};
use crate::client::{Call, CallResponse, Client, EndpointName};
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
        let mut call = client.call(operation);
        pin!(self.put_into(&mut call, client, operation)).await?;
        // Mostly it is a list.
        let (read, raw) = pin!(call.send_for()).await?;
        read.map_or_else(|| workers_in(&call.response(raw)), Ok)
    }

    /// The end of the log; `tail` in bytes of each level, -1 for all of it.
    pub(crate) async fn logs(&self, client: &Client, tail: Option<i64>) -> Result<Logs> {
        let operation = match self {
            Self::Endpoint(_) => operations::GET_ENDPOINT_LOGS,
            Self::Workergroup(_) => operations::GET_WORKERGROUP_LOGS,
        };
        let mut call = client.call(operation);
        self.put_into(&mut call, client, operation).await?;
        if let Some(bytes) = tail {
            call.put("tail", bytes)?;
        }
        logs_in(&call.send().await?)
    }

    /// Says in a call whose workers or log it is about.
    async fn put_into(
        &self,
        call: &mut Call<'_>,
        client: &Client,
        operation: &'static Operation,
    ) -> Result<()> {
        match self {
            // Of logs the engine finds an endpoint by its name as well.
            Self::Endpoint(EndpointName::Name(name)) if operation.takes("endpoint") => {
                call.put("endpoint", name.as_str())
            }
            Self::Endpoint(name) => call.put("id", valid(name.id(client).await?, operation)?),
            Self::Workergroup(id) => call.put("id", valid(*id, operation)?),
        }
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

/// The workers in the response to `getEndpointWorkers` or `getWorkergroupWorkers`, whatever its shape: a list, or an object with a list.
///
/// # Errors
///
/// As [`EndpointHandle::workers`](super::EndpointHandle::workers).
pub fn workers_in(response: &CallResponse) -> Result<Vec<Worker>> {
    let list = match response.json()? {
        Value::Array(list) => list,
        Value::Object(mut members) => match members.remove("workers") {
            Some(Value::Array(list)) => list,
            // No workers.
            Some(Value::Null) if members.values().all(Value::is_null) => Vec::new(),
            _ => return Err(neither(response, Value::Object(members), "a list of workers")),
        },
        other => return Err(neither(response, other, "a list of workers")),
    };
    let workers = list.into_iter().enumerate();
    workers.map(|(index, worker)| response.decoded(worker, &format!("the worker at {index}"))).collect()
}

/// The log in the response to `getEndpointLogs` or `getWorkergroupLogs`, whatever its shape: a string for each level, or one string.
///
/// # Errors
///
/// As [`EndpointHandle::workers`](super::EndpointHandle::workers).
pub fn logs_in(response: &CallResponse) -> Result<Logs> {
    match response.json()? {
        fields @ Value::Object(_) => {
            let logs: Logs = response.decoded(fields.clone(), "the log")?;
            let parts = [&logs.info0, &logs.info1, &logs.trace, &logs.debug, &logs.logs];
            // Null is a level without a line.
            let is_log =
                parts.iter().any(|part| part.is_some()) || fields.get("info0").is_some_and(Value::is_null);
            if is_log { Ok(logs) } else { Err(neither(response, fields, "a log")) }
        }
        other => Err(neither(response, other, "a log")),
    }
}

/// The error for a response that is neither what was asked for nor a failure by its form. Whatever words it has say why.
fn neither(response: &CallResponse, value: Value, expected: &str) -> Error {
    let is_object = value.is_object();
    let said =
        if is_object || value.is_string() { ServiceError::from(value) } else { ServiceError::default() };
    match said.words() {
        Some(_) => response.failed(&said),
        None if is_object => {
            response.undecodable(&format!("an object that is neither {expected} nor an error"))
        }
        None => response.undecodable(&format!("neither {expected} nor an error")),
    }
}

/// How much of the end of a log to fetch. Without it the engine gives as much as it sees fit: some 10,000 bytes of each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogTail {
    /// So many bytes of each level, 1 or more.
    Bytes(u32),
    /// All of it.
    All,
}

impl LogTail {
    /// The number on the wire.
    pub(super) fn to_wire(self) -> i64 {
        match self {
            Self::Bytes(bytes) => i64::from(bytes),
            Self::All => -1,
        }
    }
}
