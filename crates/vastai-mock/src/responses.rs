//! The forms in which the simulator responds.

use http::header::{CONTENT_TYPE, InvalidHeaderValue, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper::body::Bytes;
use serde_json::{Value, json};

/// How *get endpoint workers* and *get workergroup workers* answer for an endpoint or workergroup
/// that exists.
///
/// Each comes with status 200: the service reports some failures that way.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum WorkersShape {
    /// `[worker, …]`, what the engine sends.
    #[default]
    Array,
    /// `{"workers": [worker, …]}`, what the document says.
    Object,
    /// `{"error_msg": "…"}`: the engine has nothing to say yet.
    ErrorMsg(String),
    /// `{"error": "…"}`.
    Error(String),
    /// `"…"`, a bare JSON string: the documented form of an error.
    Text(String),
    /// `{"status": "ok"}`, an object that says nothing about workers.
    OtherObject,
    /// This JSON value.
    Custom(Value),
}

impl WorkersShape {
    pub(crate) fn dress(&self, workers: Vec<Value>) -> Value {
        match self {
            Self::Array => Value::Array(workers),
            Self::Object => json!({ "workers": workers }),
            Self::ErrorMsg(text) => json!({ "error_msg": text }),
            Self::Error(text) => json!({ "error": text }),
            Self::Text(text) => json!(text),
            Self::OtherObject => json!({ "status": "ok" }),
            Self::Custom(value) => value.clone(),
        }
    }
}

/// How *get endpoint logs* and *get workergroup logs* answer for an endpoint or workergroup that
/// exists, with status 200.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum LogsShape {
    /// `{"info0": "…", "info1": "…", "trace": "…", "debug": "…"}`, what the engine sends.
    #[default]
    Levels,
    /// `{"logs": "…"}`, what the document says: the levels one after another.
    Combined,
    /// `"…"`, a bare JSON string: the documented form of an error.
    Text(String),
    /// This JSON value.
    Custom(Value),
}

impl LogsShape {
    /// Dresses the tails of the four levels, each with its name, from the most to the least
    /// important.
    pub(crate) fn dress(&self, levels: [(&'static str, &str); 4]) -> Value {
        match self {
            Self::Levels => levels
                .into_iter()
                .map(|(name, text)| (name.to_owned(), json!(text)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Self::Combined => json!({ "logs": levels.map(|(_, text)| text).concat() }),
            Self::Text(text) => json!(text),
            Self::Custom(value) => value.clone(),
        }
    }
}

/// How the simulator refuses a missing or wrong key. The service has used each of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthFailure {
    /// Status 401, `{"success": false, "error": "auth_error", "msg": "Invalid user key"}`.
    #[default]
    Unauthorized,
    /// The same body with status 404.
    NotFound,
    /// Status 404, `error` as before, and a `msg` that says that the two-factor session has
    /// expired.
    SessionExpired,
    /// Status 403: the key is known, and it may not do this.
    Forbidden,
}

impl AuthFailure {
    pub(crate) fn response(self) -> RawResponse {
        let (status, error, msg) = match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "auth_error", "Invalid user key"),
            Self::NotFound => (StatusCode::NOT_FOUND, "auth_error", "Invalid user key"),
            Self::SessionExpired => {
                (StatusCode::NOT_FOUND, "auth_error", "Session expired. Please log in again.")
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "The key may not do this."),
        };
        RawResponse::failure(status, error, msg)
    }
}

/// A whole response, as it goes over the wire: status, headers and body.
///
/// Nothing checks that the parts agree, which is the point: HTML under a success status and half of
/// a JSON body are responses that clients meet.
///
/// ```
/// use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
/// use vastai_mock::RawResponse;
///
/// let too_many = RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "API requests too frequent")
///     .header(RETRY_AFTER, HeaderValue::from_static("10"));
///
/// let json = HeaderValue::from_static("application/json");
/// let half = RawResponse::new(StatusCode::OK, json, r#"[{"id": 1, "sta"#);
/// # let _ = (too_many, half);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) streamed: bool,
}

impl RawResponse {
    /// A response with this status, `Content-Type` and body.
    pub fn new(status: StatusCode, content_type: HeaderValue, body: impl Into<Vec<u8>>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type)]);
        Self { status, headers, body: Bytes::from(body.into()), streamed: false }
    }

    /// A response without a `Content-Type` and without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), streamed: false }
    }

    /// A response of JSON.
    pub fn json(status: StatusCode, value: &Value) -> Self {
        Self::new(status, HeaderValue::from_static("application/json"), value.to_string())
    }

    /// A response of plain text.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, HeaderValue::from_static("text/plain; charset=utf-8"), text.into())
    }

    /// A response of HTML, such as a gateway's error page.
    pub fn html(status: StatusCode, html: impl Into<String>) -> Self {
        Self::new(status, HeaderValue::from_static("text/html; charset=utf-8"), html.into())
    }

    /// A redirect to `location`, with a small page of HTML as gateways send it.
    ///
    /// # Errors
    ///
    /// `location` has bytes that a header cannot hold, such as a line break.
    pub fn redirect(status: StatusCode, location: &str) -> Result<Self, InvalidHeaderValue> {
        let location = HeaderValue::from_str(location)?;
        let page =
            format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
        Ok(Self::html(status, page).header(LOCATION, location))
    }

    /// Sends the body without saying how long it is (`Transfer-Encoding: chunked`), as streams are.
    pub fn streamed(mut self) -> Self {
        self.streamed = true;
        self
    }

    /// Adds a header; one of the same name that is already there is kept.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The service's usual form of a failure: `{"success": false, "error": code, "msg": text}`.
    pub(crate) fn failure(status: StatusCode, error: &str, msg: &str) -> Self {
        Self::json(status, &json!({ "success": false, "error": error, "msg": msg }))
    }

    /// With this made of its JSON; what is not JSON stays as it is.
    pub(crate) fn with_json(mut self, change: impl FnOnce(Value) -> Value) -> Self {
        if let Ok(value) = serde_json::from_slice(&self.body) {
            self.body = Bytes::from(change(value).to_string());
        }
        self
    }
}
