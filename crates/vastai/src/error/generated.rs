//! The generated client's errors as this crate's.

use vastai_api::{Operation, ServiceError};

use super::{Delivery, Error, ErrorKind};

impl From<vastai_api::Error<ServiceError>> for Error {
    /// Of a client made by this crate, the error is the transport's own; of another, it is made from what the client tells.
    fn from(error: vastai_api::Error<ServiceError>) -> Self {
        use vastai_api::Error as Generated;
        if let Some(own) = vastai_api::refusal_of(&error) {
            return match own.downcast_ref::<Self>() {
                Some(own) => own.clone(),
                None => Self::new(ErrorKind::Refused, own.to_string()),
            };
        }
        match error {
            Generated::InvalidRequest(reason) => invalid_request(&reason),
            Generated::ErrorResponse(answer) => Self::from_answer(answer.status(), &answer, str::to_owned),
            Generated::UnexpectedResponse(answer) => {
                Self::from_answer(answer.status(), &ServiceError::default(), str::to_owned)
            }
            Generated::InvalidResponsePayload(body, error) => {
                // No value of the answer is shown: it may repeat the key, which is not known here.
                let why = without_quoted_values(&error.to_string());
                let message =
                    format!("an answer of {} bytes is not what the document says: {why}", body.len());
                Self::new(ErrorKind::Decode, message).with_delivery(Delivery::Answered)
            }
            Generated::CommunicationError(error)
            | Generated::InvalidUpgrade(error)
            | Generated::ResponseBodyError(error) => Self::from_http(error),
            Generated::Custom(reason) => Self::new(ErrorKind::Refused, reason),
        }
    }
}

/// The generated client tells the operation before a colon, where it knows it.
fn invalid_request(reason: &str) -> Error {
    let named = reason.split_once(": ").and_then(|(id, why)| Some((Operation::by_id(id)?, why)));
    match named {
        Some((operation, why)) => Error::new(ErrorKind::InvalidRequest, why).for_operation(operation),
        None => Error::new(ErrorKind::InvalidRequest, reason),
    }
}

/// A decoder's message without the values that it quotes: `string "…", expected a sequence`.
pub(crate) fn without_quoted_values(message: &str) -> String {
    let mut parts = message.split('"');
    let mut text = parts.next().unwrap_or_default().to_owned();
    // The last quotation mark closes; what stands before it may hold others.
    if let Some(after) = parts.next_back() {
        text.push_str("\"…\"");
        text.push_str(after);
    }
    text
}
