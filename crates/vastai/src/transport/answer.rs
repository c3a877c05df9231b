//! The meaning of an answer: a success with its whole body, or a failure by its status or its words.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};
use vastai_api::{AnswerLimit, LINE, Operation, RawResponse, Secrets, ServiceError, is_secret_name};

use super::retry_after;
use crate::error::{Delivery, Error, ErrorKind, without_quoted_values};
use crate::soft_failure::{self, Finding, Source};

/// What is read of a failure's answer, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// The answer if it is one of success, with its body in memory. What it calls itself switches off neither the limit nor the search for
/// failures.
pub(super) async fn judged(
    response: Response,
    operation: &'static Operation,
    secrets: &Secrets,
    limit: AnswerLimit,
) -> Result<RawResponse, Error> {
    let status = response.status();
    if status.is_informational() {
        let message = format!("the service ended the exchange with status {status}, which is no answer");
        return Err(Error::new(ErrorKind::Decode, message).with_status(status));
    }
    if !status.is_success() {
        return failure(response, operation, secrets).await;
    }
    let kind = content_type(&response);
    let mut raw = RawResponse::read(response, limit, operation).await?;
    let source = Source::of(operation);
    let mut finding = soft_failure::find(&raw.body, source);
    if matches!(finding, Finding::NoJson(_))
        && !is_of_bytes(&kind)
        && let Some(repaired) = vastai_api::json::repaired(&raw.body)
    {
        // Still no JSON, it is shown as it came.
        let again = soft_failure::find(repaired.as_bytes(), source);
        if !matches!(again, Finding::NoJson(_)) {
            raw.body = repaired.into();
            finding = again;
        }
    }
    match finding {
        Finding::None => Ok(raw),
        Finding::NoJson(_) if is_of_bytes(&kind) => Ok(raw),
        Finding::Failure { kind, said } => {
            let error = Error::from_response(status, &said, Some(operation), secrets);
            Err(kind.map_or(error.clone(), |kind| error.with_kind(kind)))
        }
        Finding::NoJson(why) => Err(undecodable(&raw.body, None, &why, secrets).with_status(status).broken()),
    }
}

/// The error for a body that is not what it should be: why, and how it begins.
pub(crate) fn undecodable(body: &[u8], path: Option<&str>, why: &str, secrets: &Secrets) -> Error {
    let start = secrets.line_of(body, LINE);
    let path = path.map(|path| secrets.line(path, LINE));
    let of_a_secret = path.as_deref().and_then(|path| path.rsplit('.').next()).is_some_and(is_secret_name);
    let why = if of_a_secret { without_quoted_values(why) } else { why.to_owned() };
    let place = path.as_deref().map(|path| format!("at `{path}`: ")).unwrap_or_default();
    let message = format!("{place}{}; the answer begins with: {start}", secrets.line(&why, LINE));
    Error::new(ErrorKind::Decode, message).with_delivery(Delivery::Answered).with_undecodable(path, start)
}

fn content_type(response: &Response) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the service says that the answer is neither JSON nor any other text: a file.
fn is_of_bytes(kind: &str) -> bool {
    !(kind.is_empty() || kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml"))
}

/// The answer in place of "there is no such thing" to a deletion that was sent again, as the first one may have done it.
pub(super) fn already_deleted(operation: &Operation) -> RawResponse {
    const WORDS: &str = "it was gone already when the deletion was sent again";
    // The only deletion whose documented answer is a text.
    let body = match operation.id {
        "deleteApiKey" => serde_json::Value::from(WORDS),
        _ => serde_json::json!({ "success": true, "msg": WORDS }),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    RawResponse::new(StatusCode::OK, headers, body.to_string().into())
}

/// What an answer without success says: an error, unless it says that there is nothing.
async fn failure(
    mut response: Response,
    operation: &'static Operation,
    secrets: &Secrets,
) -> Result<RawResponse, Error> {
    let status = response.status();
    let after = retry_after::in_headers(response.headers());
    let body = beginning(&mut response, None, secrets).await;
    let said = ServiceError::from_body(&body);
    if let Some(empty) = RawResponse::of_empty_result(operation, status, &said) {
        return Ok(empty);
    }
    Err(Error::from_response(status, &said, Some(operation), secrets)
        .with_retry_after(after)
        .with_min_interval(retry_after::min_interval(&said)))
}

/// The beginning of a failure's answer. What came before a failure to read on, or until the time is up, is better than nothing.
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
