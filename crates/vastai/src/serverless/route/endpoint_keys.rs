//! The keys of the account's endpoints, by which requests are routed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Delivery, Error, ErrorKind, Result};
use crate::view::integer;

/// An endpoint, by what the caller knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EndpointName {
    Id(u64),
    Name(String),
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
pub(super) struct KnownEndpoint {
    id: i64,
    pub(super) name: String,
    key: SecretString,
}

impl KnownEndpoint {
    /// A client that sends the endpoint's key in the place of the account's.
    pub(super) fn client(&self, client: &Client) -> Result<Client> {
        client.with_api_key(self.key.expose_secret()).map_err(|_| {
            let message = format!("the key of endpoint `{}` is none that can be sent", self.name);
            Error::new(ErrorKind::Decode, message)
        })
    }

    fn has_key_of(&self, other: &Self) -> bool {
        self.key.expose_secret() == other.key.expose_secret()
    }

    fn is(&self, name: &EndpointName) -> bool {
        match name {
            EndpointName::Id(id) => u64::try_from(self.id).ok() == Some(*id),
            EndpointName::Name(name) => self.name == *name,
        }
    }
}

/// The endpoints that were last listed, shared by the clones of a client. `Debug` shows no key.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndpointKeys(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Vec<KnownEndpoint>>,
    /// Held while they are listed: of many requests that begin at once, one lists for all.
    listing: tokio::sync::Mutex<()>,
}

impl EndpointKeys {
    /// An endpoint as it was last listed.
    pub(super) fn known(&self, name: &EndpointName) -> Option<KnownEndpoint> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|endpoint| endpoint.is(name)).cloned()
    }

    /// An endpoint as it is now. Its key changes from time to time: `stale` is one that is taken no more.
    pub(super) async fn fetch(
        &self,
        client: &Client,
        name: &EndpointName,
        stale: Option<&KnownEndpoint>,
    ) -> Result<KnownEndpoint> {
        let _listing = self.0.listing.lock().await;
        // Somebody else may have listed them meanwhile.
        let fresh = self.known(name).filter(|known| !stale.is_some_and(|stale| stale.has_key_of(known)));
        if let Some(fresh) = fresh {
            return Ok(fresh);
        }
        let operation = Client::operation("showEndpoints")?;
        let answer = client.call(operation).send().await?;
        let value = answer.json()?;
        let Some(Value::Array(results)) = value.get("results") else {
            return Err(answer.undecodable("an object without a list `results`"));
        };
        // An endpoint that lacks a part cannot be routed to, and is no hindrance to the others.
        let endpoints: Vec<KnownEndpoint> = results.iter().filter_map(endpoint).collect();
        let found = endpoints.iter().find(|endpoint| endpoint.is(name)).cloned();
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = endpoints;
        found.ok_or_else(|| {
            let message = format!("the account has no {name} with a key");
            let error = Error::new(ErrorKind::NotFound, message).with_delivery(Delivery::Answered);
            error.for_operation(operation)
        })
    }
}

fn endpoint(value: &Value) -> Option<KnownEndpoint> {
    let text = |name: &str| value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = value.get("id").and_then(integer)?;
    Some(KnownEndpoint { id, name: text("endpoint_name")?, key: SecretString::from(text("api_key")?) })
}
