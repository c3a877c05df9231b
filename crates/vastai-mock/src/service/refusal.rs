//! Why an operation does not do what it was asked.

use http::StatusCode;
use serde_json::{Value, json};

use crate::responses::{AuthFailure, RawResponse};

/// The reason, which decides the form of the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No key, or one that opens nothing.
    Unauthenticated,
    /// The request's body or query is wrong: 400 with this code and text.
    Invalid { error: &'static str, msg: String },
    /// There is no such thing: 404 with this code and text.
    NotFound { error: &'static str, msg: String },
    /// The thing is gone, or the call is: 410 with this code and text.
    Gone { error: &'static str, msg: String },
    /// This status with this body.
    Other { status: StatusCode, body: Value },
    /// The key does not open what was asked for, or there is no such thing. The engine does not
    /// distinguish the two, and says so with status 200 and a bare string.
    NotOpened(String),
}

impl Refusal {
    pub(super) fn invalid_args(msg: impl Into<String>) -> Self {
        Self::Invalid { error: "invalid_args", msg: msg.into() }
    }

    pub(super) fn not_found(msg: impl Into<String>) -> Self {
        Self::NotFound { error: "not_found", msg: msg.into() }
    }

    /// What is wrong with a request by the document.
    pub(super) fn not_as_documented(problem: String) -> Self {
        let error = if problem.starts_with("query") { "invalid_request" } else { "invalid_args" };
        Self::Invalid { error, msg: problem }
    }

    /// `name` is the name of the endpoint, or its id where the name is not known.
    pub(super) fn endpoint_not_opened(name: &str) -> Self {
        Self::NotOpened(format!("authenticate_endpoint_apikey: invalid api_key or endpoint {name} not found"))
    }

    pub(super) fn workergroup_not_opened(id: u64) -> Self {
        Self::NotOpened(format!(
            "authenticate_workergroup_apikey: invalid api_key or workergroup {id} not found"
        ))
    }

    /// What it says to people; nothing of a key that is refused, which has many forms.
    pub(super) fn msg(&self) -> &str {
        match self {
            Self::Unauthenticated => "",
            Self::Invalid { msg, .. }
            | Self::NotFound { msg, .. }
            | Self::Gone { msg, .. }
            | Self::NotOpened(msg) => msg,
            Self::Other { body, .. } => body.get("msg").and_then(Value::as_str).unwrap_or_default(),
        }
    }

    pub(super) fn response(&self, auth_failure: AuthFailure) -> RawResponse {
        match self {
            Self::Unauthenticated => auth_failure.response(),
            Self::Invalid { error, msg } => RawResponse::failure(StatusCode::BAD_REQUEST, error, msg),
            Self::NotFound { error, msg } => RawResponse::failure(StatusCode::NOT_FOUND, error, msg),
            Self::Gone { error, msg } => RawResponse::failure(StatusCode::GONE, error, msg),
            Self::Other { status, body } => RawResponse::json(*status, body),
            Self::NotOpened(text) => RawResponse::json(StatusCode::OK, &json!(text)),
        }
    }
}
