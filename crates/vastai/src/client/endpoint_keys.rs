//! The keys of the account's endpoints, by which requests are routed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::future::BoxFuture;
use futures_util::future::{FutureExt, Shared, WeakShared};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::timeout_at;
use vastai_api::operations;

use super::Client;
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::lenient::integer;

/// An endpoint, by what the caller knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EndpointName {
    Id(i64),
    Name(String),
}

impl EndpointName {
    /// The endpoint's id; of a name, it is looked up where it is not known.
    pub(crate) async fn id(&self, client: &Client) -> Result<i64> {
        match self {
            Self::Id(id) => Ok(*id),
            Self::Name(_) => {
                let keys = client.endpoint_keys();
                match keys.known(self) {
                    Some(known) => Ok(known.id),
                    None => Ok(keys.fetch(client, self, None).await?.id),
                }
            }
        }
    }
}

impl From<i64> for EndpointName {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(formatter, "endpoint {id}"),
            Self::Name(name) => write!(formatter, "endpoint `{name}`"),
        }
    }
}

/// What routing needs to know of an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct KnownEndpoint {
    id: i64,
    pub(crate) name: String,
    key: SecretString,
}

impl KnownEndpoint {
    /// A client that sends the endpoint's key in the place of the account's.
    pub(crate) fn client(&self, client: &Client) -> Result<Client> {
        client.with_api_key(self.key.expose_secret()).map_err(|_| {
            let message = format!("the key of endpoint `{}` cannot be sent in a header", self.name);
            Error::new(ErrorKind::Decode, message)
        })
    }

    fn has_key_of(&self, other: &Self) -> bool {
        self.key.expose_secret() == other.key.expose_secret()
    }

    fn is(&self, name: &EndpointName) -> bool {
        match name {
            EndpointName::Id(id) => self.id == *id,
            EndpointName::Name(name) => self.name == *name,
        }
    }
}

/// The endpoints that were last listed, shared by the clones of a client. `Debug` shows no key.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndpointKeys(Arc<Mutex<State>>);

/// It is locked to read or replace it, and never while a request is under way.
#[derive(Default)]
struct State {
    known: Vec<KnownEndpoint>,
    /// The listing under way: of many requests that begin at once, one lists for all. Each of them drives it on while it is polled, so it
    /// comes to its end whatever becomes of the one that began it, and it ends when nobody wants it any more.
    listing: Option<WeakShared<Listing>>,
}

type Listing = BoxFuture<'static, Result<Arc<Vec<KnownEndpoint>>>>;

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("State").field("known", &self.known).finish_non_exhaustive()
    }
}

impl EndpointKeys {
    /// An endpoint as it was last listed.
    pub(crate) fn known(&self, name: &EndpointName) -> Option<KnownEndpoint> {
        self.state().known.iter().find(|endpoint| endpoint.is(name)).cloned()
    }

    /// An endpoint as it is now. Its key changes from time to time: `stale` is one that the engine refused.
    pub(crate) async fn fetch(
        &self,
        client: &Client,
        name: &EndpointName,
        stale: Option<&KnownEndpoint>,
    ) -> Result<KnownEndpoint> {
        let operation = operations::SHOW_ENDPOINTS;
        // The caller that began the listing may have more time than this one.
        let deadline = client.transport().call_deadline();
        let is_fresh = |known: &KnownEndpoint| !stale.is_some_and(|stale| stale.has_key_of(known));
        // Somebody else may have listed them meanwhile.
        if let Some(fresh) = self.known(name).filter(is_fresh) {
            return Ok(fresh);
        }
        let mut joined: Option<Shared<Listing>> = None;
        loop {
            let (listing, is_own) = self.listing(client, joined.as_ref());
            let listed = timeout_at(deadline, listing.clone()).await;
            let listed = listed.map_err(|_| Error::no_response_in_time().for_operation(operation))?;
            let found = listed.map(|endpoints| endpoints.iter().find(|endpoint| endpoint.is(name)).cloned());
            match found {
                Ok(Some(found)) if is_own || is_fresh(&found) => return Ok(found),
                Ok(None) if is_own => {
                    let message = format!("the account has no {name} with a key");
                    let error = Error::new(ErrorKind::NotFound, message).with_delivery(Delivery::Answered);
                    return Err(error.for_operation(operation));
                }
                Err(error) if is_own => return Err(error),
                // It was begun before this one asked, or with the limits of another.
                _ => joined = Some(listing),
            }
        }
    }

    /// The listing under way, unless it is one that was of no use, or one that begins now; and whether it begins now.
    fn listing(&self, client: &Client, useless: Option<&Shared<Listing>>) -> (Shared<Listing>, bool) {
        let mut state = self.state();
        let under_way = state.listing.as_ref().and_then(WeakShared::upgrade);
        if let Some(under_way) =
            under_way.filter(|listing| !useless.is_some_and(|useless| useless.ptr_eq(listing)))
        {
            return (under_way, false);
        }
        let (keys, client) = (self.clone(), client.clone());
        let list_all: Listing = Box::pin(async move {
            let endpoints = list(&client).await?;
            keys.state().known.clone_from(&endpoints);
            Ok(Arc::new(endpoints))
        });
        let listing = list_all.shared();
        state.listing = listing.downgrade();
        (listing, true)
    }

    /// Forgets them all, as they may have changed: the next one that needs to know lists them.
    pub(crate) fn forget(&self) {
        let mut state = self.state();
        state.known.clear();
        // One that is under way may have seen what was before.
        state.listing = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The account's endpoints, as the service lists them.
async fn list(client: &Client) -> Result<Vec<KnownEndpoint>> {
    let response = client.call(operations::SHOW_ENDPOINTS).send().await?;
    let value = response.json()?;
    let Some(Value::Array(results)) = value.get("results") else {
        return Err(response.undecodable("an object without a list `results`"));
    };
    // An endpoint that lacks a part cannot be routed to, which is not a failure of the others.
    Ok(results.iter().filter_map(endpoint).collect())
}

fn endpoint(value: &Value) -> Option<KnownEndpoint> {
    let text = |name: &str| value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = value.get("id").and_then(integer)?;
    Some(KnownEndpoint { id, name: text("endpoint_name")?, key: SecretString::from(text("api_key")?) })
}
