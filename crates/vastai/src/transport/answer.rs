//! The meaning of an answer: a success with its whole body, or a failure by its status or its words.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use reqwest::{Body, Response, ResponseBuilderExt};
use vastai_api::{Operation, ServiceError};

use super::authentication::Credentials;
use super::retry_after;
use crate::config::is_secret;
use crate::error::{Delivery, Error, ErrorKind, shortened, without_quoted_values};
use crate::soft_failure::{self, Finding, Source};

/// What is read of a failure's answer, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// What is read of any other answer, in bytes. The longest known are some megabytes; what does not end must not fill the memory.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// The answer if it is one of success, with its body in memory; a stream of events is left to the caller to read.
pub(super) async fn judged(
    response: Response,
    operation: &Operation,
    credentials: &Credentials,
) -> Result<Response, Error> {
    let status = response.status();
    if !status.is_success() {
        return Err(failure(response, credentials).await);
    }
    let kind = content_type(&response);
    if kind == "text/event-stream" {
        return Ok(response);
    }
    let (head, body) = taken_apart(response).await?;
    match soft_failure::find(&body, Source::of(operation)) {
        Finding::None => Ok(put_together(&head, body)),
        Finding::NoJson(_) if is_of_bytes(&kind) => Ok(put_together(&head, body)),
        Finding::Failure { kind, said } => {
            let error = Error::from_answer(status, &said, |text| credentials.redact(text));
            Err(kind.map_or(error.clone(), |kind| error.with_kind(kind)))
        }
        Finding::NoJson(why) => {
            Err(undecodable(&body, None, &why, |text| credentials.redact(text)).with_status(status).broken())
        }
    }
}

/// The error for a body that is not what it should be: why, and how it begins.
pub(crate) fn undecodable(
    body: &[u8],
    path: Option<&str>,
    why: &str,
    redact: impl Fn(&str) -> String,
) -> Error {
    let start = shortened(&redact(&String::from_utf8_lossy(beginning(body))));
    let of_a_secret = path.and_then(|path| path.rsplit('.').next()).is_some_and(is_secret);
    let why = if of_a_secret { without_quoted_values(why) } else { why.to_owned() };
    let place = path.map(|path| format!("at `{}`: ", redact(path))).unwrap_or_default();
    let message = format!("{place}{}; the answer begins with: {start}", redact(&why));
    Error::new(ErrorKind::Decode, message)
        .with_delivery(Delivery::Answered)
        .with_undecodable(path.map(redact), start)
}

/// So much of a body that what is cut off at its end is not shown: a part of a key could not be told from other text.
fn beginning(body: &[u8]) -> &[u8] {
    const BYTES: usize = 16 * 1024;
    let written = body.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
    let end = written.map(|(index, _)| index).nth(BYTES).unwrap_or(body.len());
    &body[..end]
}

fn content_type(response: &Response) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the service says that the answer is neither JSON nor any other text: a file.
fn is_of_bytes(kind: &str) -> bool {
    !(kind.is_empty() || kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml"))
}

/// A response without its body, to be put together again.
struct Head {
    status: reqwest::StatusCode,
    version: reqwest::Version,
    url: reqwest::Url,
    headers: reqwest::header::HeaderMap,
}

async fn taken_apart(mut response: Response) -> Result<(Head, Bytes), Error> {
    let head = Head {
        status: response.status(),
        version: response.version(),
        url: response.url().clone(),
        headers: std::mem::take(response.headers_mut()),
    };
    let broken_off = |error| Error::from_http(error).with_status(head.status).broken();
    let first = response.chunk().await.map_err(broken_off)?.unwrap_or_default();
    let Some(second) = response.chunk().await.map_err(broken_off)? else { return Ok((head, first)) };
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    while let Some(chunk) = response.chunk().await.map_err(broken_off)? {
        if body.len() + chunk.len() > MAX_BODY {
            let message = format!("the answer is longer than {} MiB", MAX_BODY >> 20);
            return Err(Error::new(ErrorKind::Decode, message).with_status(head.status));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((head, body.freeze()))
}

fn put_together(head: &Head, body: Bytes) -> Response {
    let builder = http::Response::builder().status(head.status).version(head.version).url(head.url.clone());
    let mut response = match builder.body(Body::from(body)) {
        Ok(response) => response,
        // Status, version and URL come from a response, so they make one.
        Err(_) => http::Response::new(Body::default()),
    };
    *response.headers_mut() = head.headers.clone();
    for stale in [CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
        response.headers_mut().remove(stale);
    }
    Response::from(response)
}

/// What an answer without success says.
async fn failure(mut response: Response, credentials: &Credentials) -> Error {
    let status = response.status();
    let after = retry_after::in_headers(response.headers());
    let mut body = Vec::new();
    // What came before a failure to read on is better than nothing.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ERROR_BODY {
            // Where it is cut, a part of a key may remain, which nobody would recognise.
            body.truncate(MAX_ERROR_BODY.saturating_sub(credentials.longest()));
            break;
        }
    }
    let said: ServiceError = serde_json::from_slice(&body).unwrap_or_else(|_| {
        ServiceError::from(serde_json::Value::from(String::from_utf8_lossy(&body).into_owned()))
    });
    Error::from_answer(status, &said, |text| credentials.redact(text))
        .with_retry_after(after)
        .with_min_interval(retry_after::min_interval(&said))
}
