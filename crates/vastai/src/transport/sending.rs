//! Sending: one request to its server, within its time; once more where only a slash is missing.

use reqwest::{Request, Response};
use tokio::time::{Instant, timeout_at};

use super::redirect;
use crate::config::BaseUrl;
use crate::error::{Delivery, Error, ErrorKind};

/// Sends a request and gives the answer, whatever its status.
pub(super) async fn send(
    http: &reqwest::Client,
    request: Request,
    server: &BaseUrl,
) -> Result<Response, Error> {
    let again = request.try_clone();
    let response = execute(http, request, server).await?;
    if !response.status().is_redirection() {
        return Ok(response);
    }
    let target = redirect::target(&response)?;
    let Some(mut again) = again.filter(|_| redirect::is_slash_alone(response.url(), &target)) else {
        return Err(redirect::refusal(response.status(), &target));
    };
    *again.url_mut() = target;
    let response = execute(http, again, server).await?;
    match response.status().is_redirection() {
        true => Err(redirect::refusal(response.status(), &redirect::target(&response)?)),
        false => Ok(response),
    }
}

async fn execute(http: &reqwest::Client, request: Request, server: &BaseUrl) -> Result<Response, Error> {
    let sent_to = request.url().clone();
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
pub(super) async fn within<T>(
    deadline: Instant,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout_at(deadline, future).await.unwrap_or_else(|_| Err(Error::no_answer_in_time()))
}
