//! Sending: one request to its server, within its time.
//!
//! Redirects are not followed: they would turn a POST into a GET, or carry the key to another host. One does not redirect in truth: the service
//! wants a slash more or less at the path's end. Where it says so with 301, 302, 307 or 308, the same method and body are sent again. Of any
//! other redirect the service may have done what was requested.

use reqwest::header::LOCATION;
use reqwest::{Request, Response, StatusCode, Url};
use tokio::time::{Instant, timeout_at};

use crate::config::BaseUrl;
use crate::error::{Delivery, Error, ErrorKind, Result};

/// Sends a request and gives the response, whatever its status.
pub(super) async fn send(http: &reqwest::Client, request: Request, server: &BaseUrl) -> Result<Response> {
    let again = request.try_clone();
    let response = execute(http, request, server).await?;
    if !response.status().is_redirection() {
        return Ok(response);
    }
    let (Some(target), Some(mut again)) = (to_same_place(&response), again) else {
        return Err(redirected(&response));
    };
    *again.url_mut() = target;
    let response = execute(http, again, server).await?;
    if response.status().is_redirection() { Err(redirected(&response)) } else { Ok(response) }
}

async fn execute(http: &reqwest::Client, request: Request, server: &BaseUrl) -> Result<Response> {
    let sent_to = request.url().clone();
    // The runtime looks at its sockets first: a kept connection on which the server has written something unasked, or which it has
    // closed, is dropped then. Without it, a program that did not let the runtime work meanwhile would read the response of another.
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

/// Where the same request is to be sent again: to the same place with or without its slash.
fn to_same_place(response: &Response) -> Option<Url> {
    let asks_for_it = matches!(response.status().as_u16(), 301 | 302 | 307 | 308);
    target(response).filter(|target| asks_for_it && is_slash_alone(response.url(), target))
}

/// Where a redirect points to.
fn target(response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    response.url().join(location).ok()
}

/// Whether two URLs differ in a slash at the path's end and in nothing else.
fn is_slash_alone(from: &Url, to: &Url) -> bool {
    let same_path = from.path().trim_end_matches('/') == to.path().trim_end_matches('/');
    let one_slash = from.path().len().abs_diff(to.path().len()) == 1;
    let no_credentials = to.username().is_empty() && to.password().is_none();
    from.origin() == to.origin() && same_path && one_slash && from.query() == to.query() && no_credentials
}

/// The error for a redirect that is not followed. It shows no query, which may hold what is not for logs.
fn redirected(response: &Response) -> Error {
    let status = response.status();
    let place = target(response).map(|target| match (target.origin().ascii_serialization(), target.path()) {
        // Nobody reads the end of a path that long, and where it is cut half a key might be left.
        (origin, path) if path.len() > 1_000 => format!("{origin}, with a path of {} bytes", path.len()),
        (origin, path) => format!("{origin}{path}"),
    });
    let message = match (status, place) {
        (StatusCode::SEE_OTHER, Some(place)) => {
            format!(
                "the service says that it has done what was asked, and shows the result at {place}, which is not fetched: the key \
                 stays with the configured servers"
            )
        }
        (StatusCode::SEE_OTHER, None) => {
            "the service says that it has done what was asked, but not where the result is".to_owned()
        }
        (_, Some(place)) => format!(
            "the service redirects to {place}, which is not followed: the key stays with the configured servers"
        ),
        (_, None) => "the service redirects without saying where to".to_owned(),
    };
    Error::new(ErrorKind::Redirect, message).with_status(status).in_doubt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slash_on_the_same_origin() {
        let url = |text: &str| Url::parse(text).unwrap();
        let from = url("https://console.vast.ai/api/v0/asks?id=1");
        assert!(is_slash_alone(&from, &url("https://console.vast.ai/api/v0/asks/?id=1")));
        for other in [
            "https://console.vast.ai/api/v0/asks?id=1",
            "https://console.vast.ai/api/v0/asks/",
            "https://console.vast.ai/api/v0/asks//?id=1",
            "https://console.vast.ai/api/v1/asks/?id=1",
            "https://console.vast.ai:444/api/v0/asks/?id=1",
            "http://console.vast.ai/api/v0/asks/?id=1",
            "https://evil.example/api/v0/asks/?id=1",
            "https://key@console.vast.ai/api/v0/asks/?id=1",
        ] {
            assert!(!is_slash_alone(&from, &url(other)), "{other}");
        }
    }
}
