//! What the service says of a failure, in any of its forms.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::redaction::boundary;
use crate::{LINE, Secrets, is_secret_name};

/// What the service says of a failure: the one error type of all operations.
///
/// The service answers a failure with `{"success": false, "error": code, "msg": text}`, any of the three missing; sometimes with
/// `message` or `detail`; sometimes with plain text or HTML. All of it ends up here, and nothing is lost: what has no field of its
/// own, or not the type of its field, is in [`extra`](Self::extra).
///
/// ```
/// use vastai_api::ServiceError;
///
/// let error: ServiceError = serde_json::from_str(r#"{"success": false, "error": "auth_error", "msg": "Invalid user key"}"#)?;
/// assert_eq!(error.code(), Some("auth_error"));
/// assert_eq!(error.to_string(), "Invalid user key (auth_error)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ServiceError {
    /// What came as `success`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// What came as `error`: mostly a code such as `invalid_args`, for a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What came as `msg`: a string for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg: Option<String>,
    /// What came as `message`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What came as `detail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What came as `retry_after`: after how many seconds the call may be made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
    /// The whole response where it was not a JSON object: plain text or HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// All else that came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ServiceError {
    /// The service's code for the failure, such as `auth_error` or `deprecated_endpoint`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.error.as_deref().filter(|error| !error.trim().is_empty())
    }

    /// What the body of a failure says: JSON, or any other text.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Self {
        serde_json::from_slice(body)
            .unwrap_or_else(|_| Self::from(Value::from(String::from_utf8_lossy(body).into_owned())))
    }

    /// The same without secrets, and of each string no more than a person reads.
    #[must_use]
    pub(crate) fn redacted(&self, secrets: &Secrets) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(|text| secrets.shown(text));
        let mut room = MAX_EXTRA;
        Self {
            success: self.success,
            error: text(&self.error),
            msg: text(&self.msg),
            message: text(&self.message),
            detail: text(&self.detail),
            retry_after: self.retry_after,
            text: text(&self.text),
            extra: redacted_object(&self.extra, secrets, &mut room),
        }
    }

    /// The service's words for a person: the first of `msg`, `message`, `detail` and the plain text that says something.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        let said = [&self.msg, &self.message, &self.detail, &self.text];
        said.into_iter().flatten().map(|text| text.trim()).find(|text| !text.is_empty())
    }
}

/// The title of a string that is a page of HTML, such as one of a gateway.
#[must_use]
pub fn html_title(text: &str) -> Option<&str> {
    /// No page has its title later than this, in bytes.
    const SEARCHED: usize = 16 * 1024;
    let page = text.trim_start();
    let page = &page[..boundary(page, SEARCHED)];
    // As long as the page itself, so places in one are places in the other.
    let lower = page.to_ascii_lowercase();
    let tag = lower.starts_with('<').then(|| lower.find("<title")).flatten()?;
    let start = tag + lower[tag..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(page[start..end].trim()).filter(|title| !title.is_empty())
}

/// How many bytes an error keeps of what the service says in fields that have no meaning here.
const MAX_EXTRA: usize = 4 * 1024;

fn redacted_value(value: &Value, secrets: &Secrets, room: &mut usize) -> Value {
    match value {
        Value::String(text) => {
            let shown = secrets.line(text, LINE);
            *room = room.saturating_sub(shown.len());
            Value::String(shown)
        }
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                if *room == 0 {
                    kept.push(Value::from(format!("… (cut; {} items in all)", items.len())));
                    break;
                }
                *room = room.saturating_sub(8);
                kept.push(redacted_value(item, secrets, room));
            }
            Value::Array(kept)
        }
        Value::Object(fields) => Value::Object(redacted_object(fields, secrets, room)),
        other => other.clone(),
    }
}

fn redacted_object(fields: &Map<String, Value>, secrets: &Secrets, room: &mut usize) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in fields {
        if *room == 0 {
            kept.insert("…".to_owned(), Value::from(format!("(cut; {} fields in all)", fields.len())));
            break;
        }
        let shown = match is_secret_name(name) && !value.is_null() {
            true => Value::from("[redacted]"),
            false => redacted_value(value, secrets, room),
        };
        let name = secrets.line(name, LINE);
        *room = room.saturating_sub(name.len() + 8);
        kept.insert(name, shown);
    }
    kept
}

impl From<Value> for ServiceError {
    fn from(response: Value) -> Self {
        let fields = match response {
            Value::Object(fields) => fields,
            Value::String(text) => return Self { text: Some(text), ..Self::default() },
            Value::Null => return Self::default(),
            other => return Self { text: Some(other.to_string()), ..Self::default() },
        };
        let mut error = Self::default();
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("success", Value::Bool(success)) => error.success = Some(success),
                ("error", Value::String(text)) => error.error = Some(text),
                ("msg", Value::String(text)) => error.msg = Some(text),
                ("message", Value::String(text)) => error.message = Some(text),
                ("detail", Value::String(text)) => error.detail = Some(text),
                ("retry_after", value) if seconds(&value).is_some() => error.retry_after = seconds(&value),
                (_, value) => drop(error.extra.insert(name, value)),
            }
        }
        error
    }
}

/// A number of seconds, also where it is written as a string.
fn seconds(value: &Value) -> Option<f64> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

impl<'de> Deserialize<'de> for ServiceError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(title) = self.words().and_then(html_title) {
            return write!(formatter, "an HTML page with the title `{title}`");
        }
        match (self.words(), self.code()) {
            (Some(words), Some(code)) if words != code => write!(formatter, "{words} ({code})"),
            (Some(words), _) => formatter.write_str(words),
            (None, Some(code)) => formatter.write_str(code),
            (None, None) if self.extra.is_empty() => formatter.write_str("the service gave no reason"),
            (None, None) => write!(formatter, "{}", Value::Object(self.extra.clone())),
        }
    }
}

impl std::error::Error for ServiceError {}
