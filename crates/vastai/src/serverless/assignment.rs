//! The engine's response to a request for a worker.

use std::fmt;

use reqwest::Url;
use serde_json::{Map, Value};
use vastai_api::{LINE, Secrets, Shown, is_secret_name};

use crate::lenient::{integer, number};

/// The response to a request for a worker. It is an assignment where it has a `url`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Routed {
    /// A worker takes the request.
    Assigned(Assignment),
    /// None is free yet: wait, and ask again with this `request_idx`.
    Waiting(Waiting),
}

/// A worker that takes one request. `Debug` leaves out the signature, with which anyone could send it.
#[derive(Clone)]
pub struct Assignment {
    url: Url,
    auth_data: Map<String, Value>,
    secrets: Secrets,
}

/// No worker is free yet.
#[derive(Clone)]
pub struct Waiting {
    fields: Map<String, Value>,
    secrets: Secrets,
}

impl Routed {
    /// What a response means, or what is wrong with it. `secrets` are those of the client.
    pub(super) fn from_value(response: Value, secrets: &Secrets) -> Result<Self, &'static str> {
        let Value::Object(fields) = response else {
            return Err("neither a worker, nor a status to wait with, nor an error");
        };
        match fields.get("url") {
            None | Some(Value::Null) => Ok(Self::Waiting(Waiting { fields, secrets: secrets.clone() })),
            Some(Value::String(url)) if url.trim().is_empty() => {
                Ok(Self::Waiting(Waiting { fields, secrets: secrets.clone() }))
            }
            Some(Value::String(url)) => {
                let url = Url::parse(url.trim()).map_err(|_| "the worker's `url` is not a URL")?;
                if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
                    return Err("the worker's `url` is neither http nor https");
                }
                // A worker may repeat what it is sent: the signature, and whatever else is secret by its name.
                let sent = fields.iter().filter(|(name, _)| is_secret_name(name));
                let secrets = secrets.with(sent.filter_map(|(_, value)| value.as_str()));
                Ok(Self::Assigned(Assignment { url, auth_data: fields, secrets }))
            }
            Some(_) => Err("the worker's `url` is not a string"),
        }
    }

    /// The number of the request at the engine, to be sent along when it is routed again; 0 where it has none yet.
    #[must_use]
    pub fn request_idx(&self) -> i64 {
        match self {
            Self::Assigned(assignment) => assignment.request_idx(),
            Self::Waiting(waiting) => waiting.request_idx(),
        }
    }
}

impl Assignment {
    /// Where the worker is, without a path.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The number of the request at the engine; 0 where the response has none.
    #[must_use]
    pub fn request_idx(&self) -> i64 {
        self.auth_data.get("request_idx").and_then(integer).unwrap_or(0)
    }

    /// The number of the request at this worker.
    #[must_use]
    pub fn reqnum(&self) -> Option<i64> {
        self.auth_data.get("reqnum").and_then(integer)
    }

    /// The cost that was asked for.
    #[must_use]
    pub fn cost(&self) -> Option<f64> {
        self.auth_data.get("cost").and_then(number)
    }

    /// The engine's name for the call, worth quoting to Vast.ai's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.auth_data.get("__request_id").and_then(Value::as_str)
    }

    /// What the worker wants as `auth_data`, signed and unchanged. It is a secret: anyone who has it can send the request.
    #[must_use]
    pub fn auth_data(&self) -> &Map<String, Value> {
        &self.auth_data
    }

    pub(super) fn base(&self) -> &Url {
        &self.url
    }

    /// What must not stand in an error about the worker.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// With another secret that the worker is sent.
    pub(super) fn also_hiding(self, secret: &str) -> Self {
        Self { secrets: self.secrets.with([secret]), ..self }
    }
}

impl Waiting {
    /// The number of the request at the engine, to be sent with the next try; 0 where the response has none.
    #[must_use]
    pub fn request_idx(&self) -> i64 {
        self.fields.get("request_idx").and_then(integer).unwrap_or(0)
    }

    /// What the workers are doing, in words.
    #[must_use]
    pub fn status(&self) -> Option<String> {
        let status = self.fields.get("status")?;
        Some(status.as_str().map_or_else(|| status.to_string(), str::to_owned))
    }

    /// The status as an error may show it.
    pub(super) fn shown_status(&self) -> Option<String> {
        self.status().map(|status| self.secrets.line(&status, LINE))
    }

    /// All that the engine said.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

impl fmt::Debug for Assignment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Assignment")
            .field("url", &self.url())
            .field("auth_data", &Shown(&self.auth_data))
            .finish()
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Waiting").field(&Shown(&self.fields)).finish()
    }
}
