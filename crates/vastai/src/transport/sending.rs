//! Sending: one request to its server, within its time; once more where only a slash is missing.

use reqwest::{Request, Response};
use tokio::time::{Instant, timeout_at};

use super::redirect;
use crate::config::BaseUrl;
use crate::error::{Delivery, Error, ErrorKind, Result};

/// Sends a request and gives the answer, whatever its status.
pub(super) async fn send(http: &reqwest::Client, request: Request, server: &BaseUrl) -> Result<Response> {
    let again = request.try_clone();
    let response = execute(http, request, server).await?;
    if !response.status().is_redirection() {
        return Ok(response);
    }
    let (Some(target), Some(mut again)) = (redirect::to_same_place(&response), again) else {
        return Err(redirect::refusal(&response));
    };
    *again.url_mut() = target;
    let response = execute(http, again, server).await?;
    if response.status().is_redirection() { Err(redirect::refusal(&response)) } else { Ok(response) }
}

async fn execute(http: &reqwest::Client, request: Request, server: &BaseUrl) -> Result<Response> {
    let sent_to = request.url().clone();
    // The runtime looks at its sockets first: a kept connection on which the server has written something unasked, or which it has
    // closed, is dropped then. Without it, a program that did not let the runtime work meanwhile would read the answer of another.
    tokio::task::yield_now().await;
    let response = http.execute(request).await.map_err(Error::from_http)?;
    if *response.url() != sent_to || !server.same_origin(response.url()) {
        let message = "the HTTP client followed a redirect by itself; build it with `vastai_api::http_client_builder()`";
        let error = Error::new(ErrorKind::Redirect, message).with_status(response.status());
        // Who knows what the other place did with it.
        return Err(error.with_delivery(Delivery::Unknown));
    }
    Ok(response)
}

/// What a future gives, unless its time is over before.
pub(super) async fn within<T>(deadline: Instant, future: impl Future<Output = Result<T>>) -> Result<T> {
    timeout_at(deadline, future).await.unwrap_or_else(|_| Err(Error::no_answer_in_time()))
}
