//! What a worker answers to a payload.

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::responses::RawResponse;

/// What a [served worker](crate::ServedWorker) answers to a payload that it has taken.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum WorkerReply {
    /// `{"worker": ID, "path": PATH, "payload": PAYLOAD}`: what it was asked.
    #[default]
    Echo,
    /// This JSON value.
    Json(Value),
    /// A stream of server-sent events with these data, and `[DONE]` at the end.
    Events(Vec<Value>),
    /// A stream of JSON values, one a line.
    JsonLines(Vec<Value>),
    /// This response.
    Response(RawResponse),
}

impl WorkerReply {
    pub(super) fn response(&self, worker_id: i64, path: &str, payload: &Value) -> RawResponse {
        match self {
            Self::Echo => {
                let value = json!({ "worker": worker_id, "path": path, "payload": payload });
                RawResponse::json(StatusCode::OK, &value)
            }
            Self::Json(value) => RawResponse::json(StatusCode::OK, value),
            Self::Events(events) => {
                let events = events.iter().map(|event| format!("data: {event}\n\n"));
                let text = events.chain(["data: [DONE]\n\n".to_owned()]).collect::<String>();
                stream("text/event-stream", text)
            }
            Self::JsonLines(values) => {
                stream("application/x-ndjson", values.iter().map(|value| format!("{value}\n")).collect())
            }
            Self::Response(response) => response.clone(),
        }
    }
}

fn stream(content_type: &'static str, text: String) -> RawResponse {
    RawResponse::new(StatusCode::OK, HeaderValue::from_static(content_type), text).streamed()
}
