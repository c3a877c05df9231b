//! Redirects are not followed: they would turn a POST into a GET, or carry the key to another host.
//!
//! One is no redirect in truth: the service wants a slash more or less at the path's end. Where it says so with 301, 302, 307 or 308,
//! the same method and body are sent again. Of any other redirect the service may have done what was asked.

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode, Url};

use crate::error::{Error, ErrorKind};

/// Where the same request is to be sent again: to the same place with or without its slash.
pub(super) fn to_same_place(response: &Response) -> Option<Url> {
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
pub(super) fn refusal(response: &Response) -> Error {
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
