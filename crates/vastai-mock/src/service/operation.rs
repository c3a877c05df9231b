//! The operations that are served.

use http::Method;
use serde_json::Value;

use super::refusal::Refusal;
use super::{Service, console, serverless};
use crate::record::RecordedRequest;

/// An operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    GetEndpointLogs,
    GetEndpointWorkers,
    GetWorkergroupLogs,
    GetWorkergroupWorkers,
    Route,
    ShowEndpoints,
    ShowInstances,
}

impl Operation {
    /// The operation at a path, with or without its last slash.
    pub(super) fn at(path: &str) -> Option<Self> {
        Some(match path.strip_suffix('/').unwrap_or(path) {
            "/get_endpoint_logs" => Self::GetEndpointLogs,
            "/get_endpoint_workers" => Self::GetEndpointWorkers,
            "/get_workergroup_logs" => Self::GetWorkergroupLogs,
            "/get_workergroup_workers" => Self::GetWorkergroupWorkers,
            "/route" => Self::Route,
            "/api/v0/endptjobs" => Self::ShowEndpoints,
            "/api/v1/instances" => Self::ShowInstances,
            _ => return None,
        })
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::ShowEndpoints | Self::ShowInstances => Method::GET,
            _ => Method::POST,
        }
    }

    pub(super) fn answer(self, service: &mut Service, request: &RecordedRequest) -> Result<Value, Refusal> {
        match self {
            Self::GetEndpointLogs => serverless::endpoint_logs(service, request),
            Self::GetEndpointWorkers => serverless::endpoint_workers(service, request),
            Self::GetWorkergroupLogs => serverless::workergroup_logs(service, request),
            Self::GetWorkergroupWorkers => serverless::workergroup_workers(service, request),
            Self::Route => serverless::route(service, request),
            Self::ShowEndpoints => console::endpoints(service, request),
            Self::ShowInstances => console::instances(service, request),
        }
    }
}
