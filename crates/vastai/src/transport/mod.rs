//! How a request reaches the service: to its server, with the key, once.
//!
//! The layers, from the outside: server, authentication, sending with its time limit, redirects, and the meaning of the status.

mod redirect;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use reqwest::{Request, Response};
use vastai_api::{Authentication, Operation, SendFuture, ServiceError, TransportError};

use crate::config::{ApiKey, BaseUrl, Servers};
use crate::error::{Error, ErrorKind};

/// What is read of a failure's answer, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// The transport of this crate's clients.
#[derive(Debug, Clone)]
pub(crate) struct Transport(Arc<Policy>);

#[derive(Debug)]
struct Policy {
    servers: Servers,
    key: ApiKey,
    timeout: Duration,
}

impl Transport {
    pub(crate) fn new(servers: Servers, key: ApiKey, timeout: Duration) -> Self {
        Self(Arc::new(Policy { servers, key, timeout }))
    }

    /// Sends a request of an operation; an answer is one of success.
    pub(crate) async fn call(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> Result<Response, Error> {
        let policy = &self.0;
        let answer = policy.call(http, request, operation).await;
        answer.map_err(|error| {
            let error = error.for_operation(operation).redacted(|text| policy.key.redact(text));
            tracing::debug!(operation = operation.id, kind = %error.kind(), status = error.status(), "the call failed");
            error
        })
    }

    /// A text without the key.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.0.key.redact(text)
    }
}

impl vastai_api::Transport for Transport {
    fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> SendFuture<'call> {
        Box::pin(async move { self.call(http, request, operation).await.map_err(TransportError::refused) })
    }
}

impl Policy {
    async fn call(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        operation: &Operation,
    ) -> Result<Response, Error> {
        let server = self.servers.of(operation)?;
        server.apply(request.url_mut())?;
        self.authenticate(&mut request, operation)?;
        let response = self.send(http, request, operation, server).await?;
        if response.status().is_success() { Ok(response) } else { Err(failure(response, &self.key).await) }
    }

    fn authenticate(&self, request: &mut Request, operation: &Operation) -> Result<(), Error> {
        // Whatever stands there, the key of this client is the one that is sent.
        request.headers_mut().remove(AUTHORIZATION);
        match operation.authentication {
            Authentication::None => {}
            // A scheme that is not known is tried with the key: the service knows no other.
            _ => drop(request.headers_mut().insert(AUTHORIZATION, self.key.bearer()?)),
        }
        Ok(())
    }

    /// Sends the request, and once more where the service only wants a slash more or less.
    async fn send(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        operation: &Operation,
        server: &BaseUrl,
    ) -> Result<Response, Error> {
        request.timeout_mut().get_or_insert(self.timeout);
        let again = request.try_clone();
        let response = execute(http, request, operation, server).await?;
        if !response.status().is_redirection() {
            return Ok(response);
        }
        let target = redirect::target(&response)?;
        let Some(mut again) = again.filter(|_| redirect::is_slash_alone(response.url(), &target)) else {
            return Err(redirect::refusal(response.status(), &target));
        };
        *again.url_mut() = target;
        let response = execute(http, again, operation, server).await?;
        match response.status().is_redirection() {
            true => Err(redirect::refusal(response.status(), &redirect::target(&response)?)),
            false => Ok(response),
        }
    }
}

async fn execute(
    http: &reqwest::Client,
    request: Request,
    operation: &Operation,
    server: &BaseUrl,
) -> Result<Response, Error> {
    let sent_to = request.url().clone();
    tracing::debug!(operation = operation.id, method = %operation.method, server = server.as_str(), path = sent_to.path(), "sending");
    let response = http.execute(request).await.map_err(Error::from_http)?;
    tracing::debug!(operation = operation.id, status = response.status().as_u16(), "answered");
    if *response.url() != sent_to || !server.same_origin(response.url()) {
        let message = "the HTTP client followed a redirect by itself; build it with `vastai_api::http_client_builder()`";
        return Err(Error::new(ErrorKind::Redirect, message).with_status(response.status()));
    }
    Ok(response)
}

/// What an answer without success says.
async fn failure(mut response: Response, key: &ApiKey) -> Error {
    let status = response.status();
    let after = retry_after(response.headers());
    let mut body = Vec::new();
    // What came before a failure to read on is better than nothing.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ERROR_BODY {
            body.truncate(MAX_ERROR_BODY);
            break;
        }
    }
    let said = serde_json::from_slice(&body).unwrap_or_else(|_| {
        ServiceError::from(serde_json::Value::from(String::from_utf8_lossy(&body).into_owned()))
    });
    Error::from_answer(status, &said, |text| key.redact(text)).with_retry_after(after)
}

/// `Retry-After` in seconds. The other form, a date, would need the service's clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
