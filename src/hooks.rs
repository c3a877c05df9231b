//! The generated client's hooks: every request through the transport, every failure as one type.
//!
//! progenitor finds hooks by auto-ref specialisation, so they can be implemented only here, in the crate of [`Client`].

use bytes::Bytes;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Body, Request, Response, ResponseBuilderExt, StatusCode};
use serde_json::Value;

use crate::decode::Asked;
use crate::transport::{Refusal, TransportError, refusal_response};
use crate::{Client, ClientInfo, Error, Operation, ResponseValue, ServiceError, SharedTransport};

/// What is read of the answer to a failed call, in bytes; what comes after is dropped.
const MAX_ERROR_BODY: usize = 256 * 1024;

/// What every `send` of the generated builders ends in: the successful answer to a request of the operation with that method name.
#[allow(dead_code, reason = "a document without operations has no use for it")]
pub(crate) async fn answer(
    client: &Client,
    mut request: Request,
    operation: &'static str,
) -> Result<Response, Error<ServiceError>> {
    let info = OperationInfo { operation_id: operation };
    client.pre(&mut request, &info).await?;
    let result = client.exec(request, &info).await;
    client.post(&result, &info).await?;
    let response = result?;
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
    }
}

impl ClientHooks<SharedTransport> for Client {
    async fn pre<E>(&self, request: &mut Request, info: &OperationInfo) -> Result<(), Error<E>> {
        let operation = Operation::by_name(info.operation_id);
        let Some(operation) = operation else { return Ok(()) };
        let broken = operation.check_limits(request);
        // The error has no place of its own for the operation.
        broken.map_err(|broken| Error::InvalidRequest(format!("{}: {broken}", operation.id)))
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let Some(operation) = Operation::by_name(info.operation_id) else {
            let reason = format!("the operation `{}` is not in the operations table", info.operation_id);
            return Ok(refusal_response(Refusal(std::sync::Arc::from(Box::<
                dyn std::error::Error + Send + Sync,
            >::from(reason)))));
        };
        match self.inner().send(self.client(), request, operation).await {
            Ok(response) => {
                let mut response = readable(response).await;
                response.extensions_mut().insert(Asked { transport: self.inner().clone(), operation });
                Ok(response)
            }
            Err(TransportError::Http(error)) => Err(error),
            Err(TransportError::Refused(reason)) => Ok(refusal_response(Refusal(reason))),
        }
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<Response>,
        _info: &OperationInfo,
    ) -> Result<(), Error<E>> {
        match result.as_ref().ok().and_then(|response| response.extensions().get::<Refusal>()) {
            Some(refusal) => Err(Error::UnexpectedResponse(refusal_response(refusal.clone()))),
            None => Ok(()),
        }
    }
}

/// The response with a body that the generated code can read: JSON for a failure, also where the service sent text or HTML, and
/// `null` for a success without a body.
async fn readable(mut response: Response) -> Response {
    if !response.status().is_success() {
        let mut body = Vec::new();
        // What came before a failure to read on is better than nothing.
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = MAX_ERROR_BODY.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
        let json = match serde_json::from_slice::<Value>(&body) {
            Ok(_) => Bytes::from(body),
            Err(_) => Bytes::from(Value::String(String::from_utf8_lossy(&body).into_owned()).to_string()),
        };
        return with_json(&response, json);
    }
    let nothing = matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT)
        || response.content_length() == Some(0);
    if nothing { with_json(&response, Bytes::from_static(b"null")) } else { response }
}

fn with_json(response: &Response, json: Bytes) -> Response {
    let builder = http::Response::builder()
        .status(response.status())
        .version(response.version())
        .url(response.url().clone());
    let mut rebuilt = match builder.body(Body::from(json)) {
        Ok(rebuilt) => rebuilt,
        // Status, version and URL come from a response, so they make one.
        Err(_) => http::Response::new(Body::default()),
    };
    *rebuilt.headers_mut() = response.headers().clone();
    for stale in [CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
        rebuilt.headers_mut().remove(stale);
    }
    rebuilt.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from(rebuilt)
}
