//! One request for a worker.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use vastai_api::operations;

use super::Routed;
use super::endpoint_keys::EndpointName;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// What a request is expected to cost unless it is said, in the worker's own units: what the official SDK says.
pub(crate) const COST: f64 = 100.0;
/// For how long the engine may replay a request, unless set: what the official SDK says.
pub(crate) const REPLAY_TIMEOUT: Duration = Duration::from_secs(60);

/// A request for a worker of an endpoint, in the making; see [`Client::route`].
///
/// It asks once. [`EndpointHandle::request`](crate::EndpointHandle::request) asks until a worker is free, and sends it the request.
///
/// The engine wants the *endpoint's* key, which is found among the account's endpoints, kept in memory, and sent nowhere else. A program
/// that has no account's key gives the endpoint's [itself](Self::endpoint_key).
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use vastai::Routed;
///
/// match client.route("vLLM-Qwen3-8B").cost(242.0).send().await? {
///     Routed::Assigned(worker) => println!("send it to {}", worker.url()),
///     Routed::Waiting(waiting) => println!("ask again with {}: {:?}", waiting.request_idx(), waiting.status()),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct Route {
    client: Client,
    endpoint: EndpointName,
    key: Option<SecretString>,
    cost: f64,
    request_idx: i64,
    replay_timeout: Duration,
}

impl Route {
    pub(crate) fn new(client: &Client, endpoint: EndpointName) -> Self {
        Self {
            client: client.clone(),
            endpoint,
            key: None,
            cost: COST,
            request_idx: 0,
            replay_timeout: REPLAY_TIMEOUT,
        }
    }

    /// The endpoint, by what the caller knows of it.
    pub(in crate::serverless) fn endpoint(&self) -> &EndpointName {
        &self.endpoint
    }

    /// How much work the request is expected to be, in the units in which the workers measure load: tokens for language models. 100
    /// unless set, which knows nothing of the request; scaling depends on it.
    pub fn cost(mut self, cost: f64) -> Self {
        self.cost = cost;
        self
    }

    /// The number that came back with the last answer. 0, for a request that is new, unless set.
    pub fn request_idx(mut self, request_idx: i64) -> Self {
        self.request_idx = request_idx;
        self
    }

    /// For how long the engine may replay the request. 60 seconds unless set.
    pub fn replay_timeout(mut self, timeout: Duration) -> Self {
        self.replay_timeout = timeout;
        self
    }

    /// The endpoint's key, for a program that knows it. The endpoint has to be named by its name then.
    pub fn endpoint_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(SecretString::from(key.into()));
        self
    }

    /// Asks for a worker.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such endpoint. [`ErrorKind::InvalidRequest`] for a cost that is no number from 0
    /// up. [`ErrorKind::Unauthorized`] and [`ErrorKind::Refused`] where the engine does not take the endpoint's key, also after it was looked
    /// up anew. [`ErrorKind::Decode`] for an answer that is none of the known shapes.
    pub async fn send(&self) -> Result<Routed> {
        if !(self.cost.is_finite() && self.cost >= 0.0) {
            let message = format!("the cost of a request is {}; it has to be a number from 0 up", self.cost);
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        if let Some(key) = &self.key {
            let EndpointName::Name(name) = &self.endpoint else {
                let message =
                    "a route with the endpoint's own key needs the endpoint's name: use `Client::route`";
                return Err(Error::new(ErrorKind::InvalidRequest, message));
            };
            let client = self.client.with_api_key(key.expose_secret())?;
            return self.ask(&client, name).await;
        }
        let keys = self.client.endpoint_keys();
        let known = keys.known(&self.endpoint);
        if let Some(known) = &known {
            match self.ask(&known.client(&self.client)?, &known.name).await {
                // The key may have changed since it was looked up.
                Err(error) if matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Refused) => {}
                routed => return routed,
            }
        }
        let endpoint = keys.fetch(&self.client, &self.endpoint, known.as_ref()).await?;
        self.ask(&endpoint.client(&self.client)?, &endpoint.name).await
    }

    async fn ask(&self, client: &Client, name: &str) -> Result<Routed> {
        let operation = operations::ROUTE;
        let mut call = client.call(operation).set("endpoint", name)?.set("cost", self.cost)?;
        // What the official SDK sends beside the documented members; a document may lack it.
        if operation.takes("request_idx") {
            call = call.set("request_idx", self.request_idx)?;
        }
        if operation.takes("replay_timeout") {
            call = call.set("replay_timeout", self.replay_timeout.as_secs_f64())?;
        }
        let answer = call.send().await?;
        let value = answer.json()?;
        Routed::from_value(value, client.transport().secrets()).map_err(|why| answer.undecodable(why))
    }
}
