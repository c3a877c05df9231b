//! What a worker answers to a payload.

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answers::RawAnswer;

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
    /// This answer.
    Answer(RawAnswer),
}

impl WorkerReply {
    pub(super) fn answer(&self, worker_id: i64, path: &str, payload: &Value) -> RawAnswer {
        match self {
            Self::Echo => {
                let value = json!({ "worker": worker_id, "path": path, "payload": payload });
                RawAnswer::json(StatusCode::OK, &value)
            }
            Self::Json(value) => RawAnswer::json(StatusCode::OK, value),
            Self::Events(events) => {
                let events = events.iter().map(|event| format!("data: {event}\n\n"));
                let text = events.chain(["data: [DONE]\n\n".to_owned()]).collect::<String>();
                stream("text/event-stream", text)
            }
            Self::JsonLines(values) => {
                stream("application/x-ndjson", values.iter().map(|value| format!("{value}\n")).collect())
            }
            Self::Answer(answer) => answer.clone(),
        }
    }
}

fn stream(content_type: &'static str, text: String) -> RawAnswer {
    RawAnswer::new(StatusCode::OK, HeaderValue::from_static(content_type), text).streamed()
}
