//! What the simulator keeps of each request.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use hyper::body::Bytes;
use serde_json::Value;
use url::form_urlencoded;
use vastai_api::is_secret_name;

use crate::fault::Fault;

/// The name under which a key travels in a body, or where it must not: in a query.
pub(crate) const API_KEY: &str = "api_key";

const REDACTED: &str = "[redacted]";

/// A request as the simulator received it, whatever it answered.
///
/// `Debug` shows neither the `Authorization` header nor an `api_key` in the query, nor keys,
/// passwords, signatures and values of variables in the JSON body; of a body that is not JSON it
/// shows only the length. The methods give everything.
#[derive(Clone)]
pub struct RecordedRequest {
    method: Method,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
    operation: Option<String>,
    fault: Option<Fault>,
    carried_out: bool,
    status: Option<StatusCode>,
}

impl RecordedRequest {
    pub(crate) fn new(parts: Parts, body: Bytes) -> Self {
        let mut headers = parts.headers;
        for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
            if let http::header::Entry::Occupied(mut values) = headers.entry(name) {
                // `HeaderValue` leaves out of its `Debug` what is marked so.
                values.iter_mut().for_each(|value| value.set_sensitive(true));
            }
        }
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            body,
            operation: None,
            fault: None,
            carried_out: false,
            status: None,
        }
    }

    pub(crate) fn set_operation(&mut self, id: &str) {
        self.operation = Some(id.to_owned());
    }

    /// The id of the operation that it asked for, such as `createInstance`; `None` if the document has none of this method and path.
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    pub(crate) fn set_fault(&mut self, fault: Option<&Fault>) {
        self.fault = fault.cloned();
    }

    /// The fault that hit it, injected or planned.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Whether the operation was carried out, whatever the client got to know of it.
    pub fn carried_out(&self) -> bool {
        self.carried_out
    }

    /// The status that it was answered with; `None` if it was not answered: the connection was cut, or a delay has not yet passed.
    pub fn answered_with(&self) -> Option<StatusCode> {
        self.status
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as it was sent, percent-encoding and last slash included, without the query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query as it was sent, without the `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The query's names and values, decoded, in their order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes())
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; empty when it was too long to be read or broke off.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// The body is not JSON.
    pub fn json(&self) -> serde_json::Result<Value> {
        serde_json::from_slice(&self.body)
    }

    /// The key of `Authorization: Bearer KEY`.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, key) = self.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    }

    fn redacted_query(&self) -> Option<String> {
        self.query.as_ref()?;
        let pairs = self.query_pairs().map(|(name, value)| {
            let value = if is_secret_name(&name) { REDACTED.into() } else { value };
            format!("{name}={value}")
        });
        Some(pairs.collect::<Vec<_>>().join("&"))
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = match self.json() {
            Ok(mut value) => {
                redact(&mut value);
                value.to_string()
            }
            Err(_) => format!("{} bytes", self.body.len()),
        };
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.redacted_query())
            .field("headers", &self.headers)
            .field("body", &format_args!("{body}"))
            .field("operation", &self.operation)
            .field("fault", &self.fault.as_ref().map(ToString::to_string))
            .field("carried_out", &self.carried_out)
            .field("answered_with", &self.status)
            .finish()
    }
}

/// The requests that were received, the oldest first.
#[derive(Debug)]
pub(crate) struct Record {
    requests: VecDeque<RecordedRequest>,
    /// How many are kept; all without a number.
    limit: Option<usize>,
    /// How many were received, also of those that are no longer kept.
    count: u64,
}

impl Record {
    pub(crate) fn keeping(limit: Option<usize>) -> Self {
        Self { requests: VecDeque::new(), limit, count: 0 }
    }

    /// Adds a request and gives its number, from 0.
    pub(crate) fn push(&mut self, request: RecordedRequest) -> u64 {
        self.requests.push_back(request);
        if self.limit.is_some_and(|limit| self.requests.len() > limit) {
            self.requests.pop_front();
        }
        self.count += 1;
        self.count - 1
    }

    /// What came of the request of this number.
    pub(crate) fn answered(&mut self, number: u64, carried_out: bool, status: Option<StatusCode>) {
        let from_end = usize::try_from(self.count - number).ok();
        let at = from_end.and_then(|from_end| self.requests.len().checked_sub(from_end));
        if let Some(request) = at.and_then(|at| self.requests.get_mut(at)) {
            (request.carried_out, request.status) = (carried_out, status);
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.iter().cloned().collect()
    }
}

/// Replaces the value of every field that may be a secret, at whatever depth.
fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_hidden(name) {
                    *member = REDACTED.into();
                } else {
                    redact(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

/// Keys, passwords, signatures, registry logins, and the values of environment variables.
fn is_hidden(name: &str) -> bool {
    is_secret_name(name) || name.eq_ignore_ascii_case("value")
}
