//! Asking the engine for a worker of an endpoint: once, and until one is free.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::sleep;
use vastai_api::operations;

use super::assignment::{Assignment, Routed};
use crate::client::{Client, EndpointName, awaited};
use crate::error::{Error, ErrorKind, Result};
use crate::waiting::Polling;

/// What a request is expected to cost unless it is said, in the worker's own units: what the official SDK says.
const COST: f64 = 100.0;
/// For how long the engine may replay a request, unless set: what the official SDK says.
const REPLAY_TIMEOUT: Duration = Duration::from_secs(60);
/// The pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A later pause is random, and no shorter than this…
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// …nor longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A request for a worker of an endpoint, in the making; see [`Client::route`].
///
/// It asks once. [`EndpointHandle::request`](super::EndpointHandle::request) asks until a worker is free, and sends it the request.
///
/// The engine wants the *endpoint's* key, which is found among the account's endpoints, kept in memory, and sent nowhere else. A program
/// that has no account's key gives the endpoint's [itself](Self::endpoint_key).
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use vastai::serverless::Routed;
///
/// match client.route("vLLM-Qwen3-8B").cost(242.0).send().await? {
///     Routed::Assigned(worker) => println!("send it to {}", worker.url()),
///     Routed::Waiting(waiting) => {
///         println!("ask again with {}: {:?}", waiting.request_idx(), waiting.status());
///     }
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
    pub(super) fn endpoint(&self) -> &EndpointName {
        &self.endpoint
    }

    /// How much work the request is expected to be, in the units in which the workers measure load: tokens for language models. 100
    /// unless set, which knows nothing of the request; scaling depends on it.
    pub fn cost(mut self, cost: f64) -> Self {
        self.cost = cost;
        self
    }

    /// The number that came back with the last response. 0, for a request that is new, unless set.
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

    /// Asks for a worker, once. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such endpoint. [`ErrorKind::InvalidRequest`] for a cost below 0. [`ErrorKind::Unauthorized`] and [`ErrorKind::Refused`] where the engine does not take the endpoint's key, also after it was looked
    /// up anew. [`ErrorKind::Decode`] for a response in an unknown shape.
    pub async fn send(&self) -> Result<Routed> {
        if !(self.cost.is_finite() && self.cost >= 0.0) {
            let message = format!("the cost of a request is {}; it has to be 0 or more", self.cost);
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
        // What the official SDK sends beside the documented fields; a document may lack it.
        if operation.takes("request_idx") {
            call = call.set("request_idx", self.request_idx)?;
        }
        if operation.takes("replay_timeout") {
            call = call.set("replay_timeout", self.replay_timeout.as_secs_f64())?;
        }
        let response = call.send().await?;
        let value = response.json()?;
        Routed::from_value(value, client.transport().secrets()).map_err(|why| response.undecodable(why))
    }
}

awaited!(Route -> Routed, by send);

/// The pauses between the tries to get a worker, as the official SDK makes them.
#[derive(Debug, Clone)]
pub(super) struct RoutePolls {
    longest: Duration,
    tries: u32,
}

impl RoutePolls {
    /// Pauses that are no longer than this either.
    pub(super) fn at_most(longest: Duration) -> Self {
        Self { longest, tries: 0 }
    }

    /// The pause after the first failure; later ones grow by themselves.
    pub(super) fn pause_after_failure(&self) -> Duration {
        self.longest.min(FIRST_PAUSE)
    }

    /// The next pause: one second first, then a random one from 0.1 up to the lesser of 2ⁿ seconds and a bit, and 5 seconds.
    fn next(&mut self) -> Duration {
        let tries = self.tries;
        self.tries += 1;
        let pause = match tries {
            0 => FIRST_PAUSE,
            tries => {
                let bound = Duration::from_secs_f64(f64::from(1_u32 << tries.min(20)) + fastrand::f64())
                    .min(LONGEST_PAUSE);
                SHORTEST_PAUSE + (bound - SHORTEST_PAUSE).mul_f64(fastrand::f64())
            }
        };
        pause.min(self.longest)
    }
}

impl Default for RoutePolls {
    fn default() -> Self {
        Self::at_most(LONGEST_PAUSE)
    }
}

/// Asks for a worker until one is free, with the number of the request sent along. It has no end of its own; the caller that ends it can
/// report what it saw.
#[derive(Debug)]
pub(super) struct Router {
    route: Route,
    polls: RoutePolls,
    polling: Polling,
    status: Option<String>,
}

impl Router {
    pub(super) fn new(route: Route, polls: RoutePolls) -> Self {
        let polling = Polling::new(polls.pause_after_failure());
        Self { route, polls, polling, status: None }
    }

    /// A worker that is free. Failures to ask that may pass are lived through: no payload has been sent yet.
    pub(super) async fn assigned(&mut self) -> Result<Assignment> {
        let mut polls = self.polls.clone();
        loop {
            let pause = match self.route.send().await {
                Ok(routed) => {
                    self.polling.succeeded();
                    self.carry(routed.request_idx());
                    match routed {
                        Routed::Assigned(assignment) => return Ok(assignment),
                        Routed::Waiting(waiting) => self.status = waiting.shown_status(),
                    }
                    polls.next()
                }
                Err(error) => {
                    tracing::debug!(kind = %error.kind(), "asking for a worker failed");
                    self.polling.failed(error)?
                }
            };
            sleep(pause).await;
        }
    }

    /// The number that the engine gave the request goes with every later try.
    fn carry(&mut self, request_idx: i64) {
        if request_idx != 0 {
            self.route = self.route.clone().request_idx(request_idx);
        }
    }

    /// What the engine said of the workers last, and the last failure to ask.
    pub(super) fn seen(&self) -> (Option<&str>, Option<&Error>) {
        (self.status.as_deref(), self.polling.last_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_those_of_the_official_sdk() {
        for _ in 0..200 {
            let mut polls = RoutePolls::default();
            assert_eq!(polls.next(), FIRST_PAUSE);
            for bound in [3.0, 5.0, 5.0, 5.0] {
                let pause = polls.next().as_secs_f64();
                assert!((0.1..=bound).contains(&pause), "{pause} of {bound}");
            }
        }
    }

    #[test]
    fn pauses_stay_within_what_is_asked_for() {
        let mut polls = RoutePolls::at_most(Duration::from_millis(20));
        assert!((0..100).all(|_| polls.next() <= Duration::from_millis(20)));
    }
}
