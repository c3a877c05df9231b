//! Reading an answer of success: as the generator's own code does it, but a failure is told with its place.

use bytes::Bytes;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::transport::{Refusal, TransportError, refusal_response};
use crate::{Error, Operation, ResponseValue, SharedTransport};

/// An answer of success that is not what the document says.
#[derive(Debug)]
#[non_exhaustive]
pub struct Undecodable<'answer> {
    /// The status.
    pub status: StatusCode,
    /// What came.
    pub body: &'answer Bytes,
    /// Where in it what is wrong stands: `instances[3].id`. `None` where it is no JSON.
    pub path: Option<&'answer str>,
    /// What is wrong there. It may quote a value.
    pub reason: &'answer str,
    /// What the transport put into the response.
    pub extensions: &'answer http::Extensions,
}

/// Goes with a response to where it is decoded: who is to be asked what a failure means.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) transport: SharedTransport,
    pub(crate) operation: &'static Operation,
}

/// The place of [`ResponseValue::from_response`] in the generated code.
pub(crate) async fn from_response<T: DeserializeOwned, E>(
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let extensions = std::mem::take(response.extensions_mut());
    let body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    let error = match serde_json::from_slice(&body) {
        Ok(value) => return Ok(ResponseValue::new(value, status, headers)),
        Err(error) => error,
    };
    let Some(Asked { transport, operation }) = extensions.get() else {
        return Err(Error::InvalidResponsePayload(body, error));
    };
    let (path, reason) =
        place_of::<T>(&body).map_or_else(|| (None, error.to_string()), |(path, reason)| (Some(path), reason));
    let answer =
        Undecodable { status, body: &body, path: path.as_deref(), reason: &reason, extensions: &extensions };
    match transport.undecodable(operation, &answer) {
        None => Err(Error::InvalidResponsePayload(body, error)),
        Some(TransportError::Http(error)) => Err(Error::ResponseBodyError(error)),
        Some(TransportError::Refused(reason)) => {
            Err(Error::UnexpectedResponse(refusal_response(Refusal(reason))))
        }
    }
}

/// Decodes again, keeping the path, which would slow down every answer.
fn place_of<T: DeserializeOwned>(body: &[u8]) -> Option<(String, String)> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let error = serde_path_to_error::deserialize::<_, T>(&mut deserializer).err()?;
    let is_of_a_value = error.inner().is_data();
    is_of_a_value.then(|| (error.path().to_string(), error.inner().to_string()))
}
