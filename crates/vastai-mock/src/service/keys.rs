//! The keys that come with a request, and what they open.

use serde_json::Value;

use super::Service;
use super::refusal::Refusal;
use crate::record::{API_KEY, RecordedRequest};
use crate::state::LiveEndpoint;

/// The keys of a serverless request, all of them known to the simulator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys<'a> {
    header: Option<&'a str>,
    body: Option<&'a str>,
}

impl<'a> Keys<'a> {
    /// The keys of the `Authorization` header and of the body's `api_key`: at least one, and each
    /// must be known.
    pub(super) fn of(
        request: &'a RecordedRequest,
        body: Option<&'a Value>,
        service: &Service,
    ) -> Result<Self, Refusal> {
        // What is not a string is not a key that anybody knows.
        let body = body.and_then(|body| body.get(API_KEY)).map(|key| key.as_str().unwrap_or_default());
        let keys = Self { header: request.bearer(), body };
        let known =
            |key| service.opens_account(key) || service.state.endpoints().any(|it| it.api_key() == key);
        if keys.iter().next().is_some() && keys.iter().all(known) {
            Ok(keys)
        } else {
            Err(Refusal::Unauthenticated)
        }
    }

    fn iter(self) -> impl Iterator<Item = &'a str> {
        self.header.into_iter().chain(self.body)
    }

    /// Whether they open the workers and the logs of an endpoint.
    pub(super) fn open(self, endpoint: &LiveEndpoint, service: &Service) -> bool {
        self.iter().any(|key| key == endpoint.api_key() || service.opens_account(key))
    }

    /// Whether they open the way to an endpoint's workers.
    pub(super) fn open_route(self, endpoint: &LiveEndpoint, service: &Service) -> bool {
        let own = self.iter().any(|key| key == endpoint.api_key());
        own || service.settings.route_accepts_account_key && self.open(endpoint, service)
    }
}

/// The operations of the serverless engine, whose keys may come in the body.
const ENGINE: [&str; 6] = [
    "getEndpointLogs",
    "getEndpointWorkers",
    "getWorkergroupLogs",
    "getWorkergroupWorkers",
    "route",
    "updateWorkers",
];

/// Whether the keys of an operation may come in its body.
pub(super) fn is_of_engine(operation: &str) -> bool {
    ENGINE.contains(&operation)
}

/// Asks for a key that is known. What it opens, the operations look at.
pub(super) fn authenticate(
    operation: &str,
    request: &RecordedRequest,
    service: &Service,
) -> Result<(), Refusal> {
    if is_of_engine(operation) {
        Keys::of(request, request.json().ok().as_ref(), service).map(drop)
    } else {
        account(request, service)
    }
}

/// Asks for the account's key, or one that it has made, in the `Authorization` header: the console takes no other.
fn account(request: &RecordedRequest, service: &Service) -> Result<(), Refusal> {
    if request.bearer().is_some_and(|key| service.opens_account(key)) {
        Ok(())
    } else {
        Err(Refusal::Unauthenticated)
    }
}
