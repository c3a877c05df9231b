//! One attempt: the request goes to its server, within its time, and the response is a success with its whole body, or a failure by its status
//! or its words.
//!
//! Redirects are not followed: they would turn a POST into a GET, or carry the key to another host. One does not redirect in truth: the service
//! wants a slash more or less at the path's end. Where it says so with 301, 302, 307 or 308, the same method and body are sent again. Of any
//! other redirect the service may have done what was requested.

use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Request, Response, StatusCode, Url};
use tokio::time::{Instant, timeout_at};
use vastai_api::{
    LINE, Operation, RawResponse, Secrets, ServiceError, html_title, is_secret_name, operations,
};

use super::Exchange;
use super::soft_failure::{self, Finding, Source};
use crate::error::{Delivery, Error, ErrorKind, Result, without_quoted_values};

/// The request of a call, for as many attempts as it takes: what is sent is a copy.
///
/// It stands in one place, and all who send it have a reference: each layer that took it would copy it, and the futures would have room
/// for it as many times.
pub(super) struct Outgoing {
    request: Request,
    /// Whether it is gone with its body, which was a stream and can be sent once.
    is_gone: bool,
}

impl Outgoing {
    pub(super) fn new(request: Request) -> Self {
        Self { request, is_gone: false }
    }

    /// The request, to change it before it is sent.
    pub(super) fn request(&mut self) -> &mut Request {
        &mut self.request
    }

    /// Whether there is nothing left to send.
    pub(super) fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// The request to send. `None` where it is gone.
    fn next_attempt(&mut self) -> Option<Request> {
        if self.is_gone {
            return None;
        }
        if let Some(copy) = copy_of(&self.request) {
            return Some(copy);
        }
        self.is_gone = true;
        let left = Request::new(self.request.method().clone(), self.request.url().clone());
        Some(std::mem::replace(&mut self.request, left))
    }
}

/// A request once more; `None` where its body is a stream. Unlike [`Request::try_clone`] it makes no table for a time-out that there is not, and
/// a body is copied: those of this API are short.
fn copy_of(request: &Request) -> Option<Request> {
    let body = match request.body() {
        Some(body) => Some(Bytes::copy_from_slice(body.as_bytes()?)),
        None => None,
    };
    let mut copy = Request::new(request.method().clone(), request.url().clone());
    *copy.headers_mut() = request.headers().clone();
    *copy.version_mut() = request.version();
    *copy.body_mut() = body.map(Into::into);
    if let Some(timeout) = request.timeout() {
        *copy.timeout_mut() = Some(*timeout);
    }
    Some(copy)
}

/// Makes an attempt. What it gives is a success with its whole body in memory. What the response calls itself switches off neither the limit
/// nor the search for failures.
pub(super) async fn once(exchange: &Exchange<'_>, outgoing: &mut Outgoing) -> Result<RawResponse> {
    let mut response = pin!(sent(exchange, outgoing)).await?;
    let status = response.status();
    if status.is_informational() {
        let message = format!("the service ended the exchange with status {status}, which is not a response");
        return Err(Error::new(ErrorKind::Decode, message).with_status(status));
    }
    // What is rare is boxed: the future of every call need not have room for it.
    if !status.is_success() {
        return Box::pin(failure(&mut response, exchange)).await;
    }
    let mut raw = pin!(RawResponse::read(&mut response, exchange.limit, exchange.operation)).await?;
    judge(&mut raw, exchange)?;
    Ok(raw)
}

/// Sends a request and gives the response, whatever its status; where a slash is missing, or one too many, that to the request without it.
async fn sent(exchange: &Exchange<'_>, outgoing: &mut Outgoing) -> Result<Response> {
    let response = pin!(execute(exchange, outgoing)).await?;
    if !response.status().is_redirection() {
        return Ok(response);
    }
    let (Some(target), Some(mut again)) = (to_same_place(&response), outgoing.next_attempt()) else {
        return Err(redirected(&response));
    };
    *again.url_mut() = target;
    let response = Box::pin(async { execute(exchange, &mut Outgoing::new(again)).await }).await?;
    if response.status().is_redirection() { Err(redirected(&response)) } else { Ok(response) }
}

async fn execute(exchange: &Exchange<'_>, outgoing: &mut Outgoing) -> Result<Response> {
    // The runtime looks at its sockets first: a kept connection on which the server has written something unasked, or which it has
    // closed, is dropped then. Without it, a program that did not let the runtime work meanwhile would read the response of another.
    tokio::task::yield_now().await;
    let Some(request) = outgoing.next_attempt() else { return Err(Error::not_sent_in_time()) };
    let response = exchange.http.execute(request).await.map_err(Error::from_http)?;
    if response.url() != outgoing.request.url() || !exchange.server.same_origin(response.url()) {
        let message = "the HTTP client followed a redirect by itself; build it with `vastai_api::http_client_builder()`";
        let error = Error::new(ErrorKind::Redirect, message).with_status(response.status());
        // Who knows what the other place did with it.
        return Err(error.with_delivery(Delivery::Unknown));
    }
    Ok(response)
}

/// What a future gives, unless its time is over before.
pub(super) async fn within<T>(deadline: Instant, future: impl Future<Output = Result<T>>) -> Result<T> {
    timeout_at(deadline, future).await.unwrap_or_else(|_| Err(Error::no_response_in_time()))
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

/// What is read of a failure's response, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Looks for a failure in a response with a status of success, and reads it where the reader can. A body that is not quite JSON becomes JSON.
fn judge(raw: &mut RawResponse, exchange: &Exchange<'_>) -> Result<()> {
    let &Exchange { operation, reader, secrets, .. } = exchange;
    // What its type can be read from is JSON, and is read once then.
    if reader.is_some_and(|reader| soft_failure::is_impossible(&raw.body) && raw.read_by(reader)) {
        return Ok(());
    }
    let status = raw.status;
    let source = Source::of(operation);
    let mut finding = soft_failure::find(&raw.body, source);
    if matches!(finding, Finding::NotJson(_))
        && !is_of_bytes(&raw.headers)
        && let Some(repaired) = vastai_api::json::repaired(&raw.body)
    {
        // Still no JSON, it is shown as it came.
        let again = soft_failure::find(repaired.as_bytes(), source);
        if !matches!(again, Finding::NotJson(_)) {
            raw.body = repaired.into();
            finding = again;
        }
    }
    match finding {
        Finding::None => Ok(()),
        Finding::NotJson(_) if is_of_bytes(&raw.headers) => Ok(()),
        Finding::Failure { kind, said } => {
            let error = Error::from_response(status, &said, Some(operation), secrets);
            Err(kind.map_or(error.clone(), |kind| error.with_kind(kind)))
        }
        Finding::NotJson(why) => {
            Err(undecodable(&raw.body, None, &why, secrets).with_status(status).broken())
        }
    }
}

/// The error for a body that is not what it should be: why, and how it begins.
pub(crate) fn undecodable(body: &[u8], path: Option<&str>, why: &str, secrets: &Secrets) -> Error {
    let start = secrets.line_of(body, LINE);
    let path = path.map(|path| secrets.line(path, LINE));
    let of_a_secret = path.as_deref().and_then(|path| path.rsplit('.').next()).is_some_and(is_secret_name);
    let why = if of_a_secret { without_quoted_values(why) } else { why.to_owned() };
    let place = path.as_deref().map(|path| format!("at `{path}`: ")).unwrap_or_default();
    let shown = match html_title(&String::from_utf8_lossy(&body[..body.len().min(64 * 1024)])) {
        Some(title) => format!("the response is an HTML page with the title `{}`", secrets.line(title, LINE)),
        None => format!("the response begins with: {start}"),
    };
    let message = format!("{place}{}; {shown}", secrets.line(&why, LINE));
    Error::new(ErrorKind::Decode, message).with_delivery(Delivery::Answered).with_undecodable(path, start)
}

/// Whether the service says that the response is neither JSON nor any other text: a file.
fn is_of_bytes(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    !(kind.is_empty() || kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml"))
}

/// The response in place of "there is no such thing" to a deletion that was sent again, as the first one may have done it.
pub(super) fn already_deleted(operation: &Operation) -> RawResponse {
    const WORDS: &str = "it was gone already when the deletion was sent again";
    // The only deletion whose documented response is a string.
    let body = match operation.id == operations::DELETE_API_KEY.id {
        true => serde_json::Value::from(WORDS),
        false => serde_json::json!({ "success": true, "msg": WORDS }),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    RawResponse::new(StatusCode::OK, headers, body.to_string().into())
}

/// What a response without success says: an error, unless it says that there is nothing.
async fn failure(response: &mut Response, exchange: &Exchange<'_>) -> Result<RawResponse> {
    let &Exchange { operation, secrets, .. } = exchange;
    let status = response.status();
    let after = retry_after_in(response.headers());
    let body = beginning(response, None, secrets).await;
    let said = ServiceError::from_body(&body);
    if let Some(empty) = RawResponse::of_empty_result(operation, status, &said) {
        return Ok(empty);
    }
    Err(Error::from_response(status, &said, Some(operation), secrets)
        .with_retry_after(after)
        .with_min_interval(min_interval(&said)))
}

/// The beginning of a failure's response. What came before a failure to read on, or until the time is up, is better than nothing.
pub(crate) async fn beginning(
    response: &mut Response,
    deadline: Option<Instant>,
    secrets: &Secrets,
) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let chunk = match deadline {
            Some(deadline) => timeout_at(deadline, response.chunk()).await.unwrap_or(Ok(None)),
            None => response.chunk().await,
        };
        let Ok(Some(chunk)) = chunk else { break };
        let room = MAX_ERROR_BODY - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MAX_ERROR_BODY {
            // Where it is cut, a part of a key may remain, which nobody would recognise.
            body.truncate(secrets.end_of_what_is_whole(&body));
            break;
        }
    }
    body
}

/// The longest minimum interval that is believed. The published ones are a few seconds.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// The header `Retry-After`: seconds, or a date.
///
/// A date is compared with the response's own `Date` where there is one: the clock here may be wrong.
pub(crate) fn retry_after_in(headers: &HeaderMap) -> Option<Duration> {
    let written = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    // Words such as `inf` are numbers to the parser.
    let is_number = written.starts_with(|letter: char| letter.is_ascii_digit());
    if let Some(seconds) = written.parse::<f64>().ok().filter(|_| is_number) {
        return vastai_api::seconds(seconds);
    }
    let at = httpdate::parse_http_date(written).ok()?;
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let now = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now);
    Some(at.duration_since(now).unwrap_or_default())
}

/// The minimum time between two calls that the words of a rate limit name: `"limit": 5.0`, or `threshold=2.0` in plain text. Limits are
/// published as a minimum interval, in seconds.
fn min_interval(said: &ServiceError) -> Option<Duration> {
    let number = said.extra.get("limit").and_then(serde_json::Value::as_f64);
    let seconds = number.or_else(|| threshold(said.words()?))?;
    let interval = Duration::try_from_secs_f64(seconds).ok()?;
    (interval > Duration::ZERO && interval <= LONGEST_INTERVAL).then_some(interval)
}

fn threshold(words: &str) -> Option<f64> {
    let (_, after) = words.split_once("threshold=")?;
    let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(after.len());
    after[..end].trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(retry_after: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        retry_after_in(&headers).map(|after| after.as_secs())
    }

    #[test]
    fn seconds_and_dates() {
        const DATE: Option<&str> = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(read("120", None), Some(120));
        assert_eq!(read(" 1.5 ", None), Some(1));
        assert_eq!(read("Sun, 06 Nov 1994 08:50:07 GMT", DATE), Some(30));
        assert_eq!(read("Sunday, 06-Nov-94 08:50:07 GMT", DATE), Some(30), "the obsolete form");
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT", DATE), Some(0), "gone by");
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT", None), Some(0), "gone by, for the clock here");
        assert_eq!(
            read("99999999999999", None),
            Some(99_999_999_999_999),
            "as it came: the wait has a limit of its own"
        );
        assert_eq!(read("99999999999999999999999999", None), Some(u64::MAX));
        for nonsense in ["", "-1", "soon", "inf", "NaN", "-inf"] {
            assert_eq!(read(nonsense, DATE), None, "{nonsense}");
        }
    }

    #[test]
    fn minimum_intervals() {
        let interval = |said: &str| min_interval(&serde_json::from_str(said).unwrap());
        let seconds = |seconds| Some(Duration::from_secs_f64(seconds));
        assert_eq!(interval(r#"{"retry_after": 10, "limit": 5.0, "remaining": 0}"#), seconds(5.0));
        assert_eq!(interval(r#""API requests too frequent endpoint threshold=2.5""#), seconds(2.5));
        assert_eq!(interval(r#""threshold=3.""#), seconds(3.0));
        for nothing in
            [r#"{"limit": 0}"#, r#"{"limit": -1}"#, r#"{"limit": 3600}"#, r#""threshold=x""#, r#""no""#]
        {
            assert_eq!(interval(nothing), None, "{nothing}");
        }
    }

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
