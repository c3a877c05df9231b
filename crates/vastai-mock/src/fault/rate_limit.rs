//! The forms of status 429.

use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use crate::responses::RawResponse;

/// How the service says that a call came too soon after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimitForm {
    /// `API requests too frequent` as plain text, without a word about when to come back.
    PlainText,
    /// JSON with `retry_after`, `limit` and `remaining`, and the same in `Retry-After` and `X-RateLimit-*` headers.
    Json {
        /// In how many seconds to come back.
        retry_after: u64,
    },
    /// The same JSON without the headers.
    JsonBodyOnly {
        /// In how many seconds to come back.
        retry_after: u64,
    },
    /// Plain text with the header `Retry-After`.
    HeaderOnly {
        /// In how many seconds to come back.
        retry_after: u64,
    },
}

impl RateLimitForm {
    /// Each form with a name; those that say when to come back say in so many seconds.
    pub(super) fn each(retry_after: u64) -> [(&'static str, Self); 4] {
        [
            ("429 as text", Self::PlainText),
            ("429 as JSON with headers", Self::Json { retry_after }),
            ("429 as JSON", Self::JsonBodyOnly { retry_after }),
            ("429 with a header", Self::HeaderOnly { retry_after }),
        ]
    }

    pub(crate) fn response(self) -> RawResponse {
        let text = || RawResponse::text(StatusCode::TOO_MANY_REQUESTS, "API requests too frequent");
        let json = |retry_after: u64| {
            let body = json!({
                "error": "HTTPTooManyRequests",
                "msg": "API requests too frequent endpoint threshold=5.0",
                "retry_after": retry_after,
                "limit": 5.0,
                "remaining": 0,
            });
            RawResponse::json(StatusCode::TOO_MANY_REQUESTS, &body)
        };
        match self {
            Self::PlainText => text(),
            Self::HeaderOnly { retry_after } => text().header(RETRY_AFTER, HeaderValue::from(retry_after)),
            Self::JsonBodyOnly { retry_after } => json(retry_after),
            Self::Json { retry_after } => json(retry_after)
                .header(RETRY_AFTER, HeaderValue::from(retry_after))
                .header(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from_static("5.0"))
                .header(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(0))
                .header(HeaderName::from_static("x-ratelimit-reset"), HeaderValue::from(retry_after)),
        }
    }
}
