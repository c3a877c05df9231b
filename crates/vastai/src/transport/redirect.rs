//! Redirects are not followed: they would turn a POST into a GET, or carry the key to another host.
//!
//! One is no redirect in truth: the service wants a slash more or less at the path's end. That repeats the same method and body.

use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode, Url};

use crate::error::{Error, ErrorKind};

/// Where a redirect points to.
pub(super) fn target(response: &Response) -> Result<Url, Error> {
    let status = response.status();
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    location.and_then(|location| response.url().join(location).ok()).ok_or_else(|| {
        let message = "the service redirects without saying where to";
        Error::new(ErrorKind::Redirect, message).with_status(status)
    })
}

/// Whether two URLs differ in a slash at the path's end and in nothing else.
pub(super) fn is_slash_alone(from: &Url, to: &Url) -> bool {
    let same_path = from.path().trim_end_matches('/') == to.path().trim_end_matches('/');
    let one_slash = from.path().len().abs_diff(to.path().len()) == 1;
    let no_credentials = to.username().is_empty() && to.password().is_none();
    from.origin() == to.origin() && same_path && one_slash && from.query() == to.query() && no_credentials
}

/// The error for a redirect that is not followed. It shows no query, which may hold what is not for logs.
pub(super) fn refusal(status: StatusCode, target: &Url) -> Error {
    let message = format!(
        "the service redirects to {}{}, which is not followed: the key stays with the configured servers",
        target.origin().ascii_serialization(),
        target.path()
    );
    Error::new(ErrorKind::Redirect, message).with_status(status)
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
