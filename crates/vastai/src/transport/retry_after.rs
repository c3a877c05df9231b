//! How long the service asks to wait, in each form that it uses.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use vastai_api::ServiceError;

/// The longest minimum interval that is believed. The published ones are a few seconds.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// The header `Retry-After`: seconds, or a date.
///
/// A date is compared with the answer's own `Date` where there is one: the clock here may be wrong.
pub(crate) fn in_headers(headers: &HeaderMap) -> Option<Duration> {
    let written = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    // Words such as `inf` are numbers to the parser.
    let is_number = written.starts_with(|letter: char| letter.is_ascii_digit());
    if let Some(seconds) = written.parse::<f64>().ok().filter(|_| is_number) {
        return crate::error::seconds(seconds);
    }
    let at = httpdate::parse_http_date(written).ok()?;
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let now = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now);
    Some(at.duration_since(now).unwrap_or_default())
}

/// The minimum time between two calls that a rate limit's words tell: `"limit": 5.0`, or `threshold=2.0` in plain text. Limits are
/// published as a minimum interval, in seconds.
pub(super) fn min_interval(said: &ServiceError) -> Option<Duration> {
    let number = said.extra.get("limit").and_then(serde_json::Value::as_f64);
    let seconds = number.or_else(|| threshold(said.words()?))?;
    let interval = Duration::try_from_secs_f64(seconds).ok()?;
    (interval > Duration::ZERO && interval <= LONGEST_INTERVAL).then_some(interval)
}

fn threshold(words: &str) -> Option<f64> {
    let (_, after) = words.split_once("threshold=")?;
    let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(after.len());
    after[..end].trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn told(retry_after: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        in_headers(&headers).map(|after| after.as_secs())
    }

    #[test]
    fn seconds_and_dates() {
        const DATE: Option<&str> = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(told("120", None), Some(120));
        assert_eq!(told(" 1.5 ", None), Some(1));
        assert_eq!(told("Sun, 06 Nov 1994 08:50:07 GMT", DATE), Some(30));
        assert_eq!(told("Sunday, 06-Nov-94 08:50:07 GMT", DATE), Some(30), "the obsolete form");
        assert_eq!(told("Sun, 06 Nov 1994 08:00:00 GMT", DATE), Some(0), "gone by");
        assert_eq!(told("Sun, 06 Nov 1994 08:00:00 GMT", None), Some(0), "gone by, for the clock here");
        assert_eq!(
            told("99999999999999", None),
            Some(99_999_999_999_999),
            "as it came: whoever waits has a limit"
        );
        assert_eq!(told("99999999999999999999999999", None), Some(u64::MAX));
        for nonsense in ["", "-1", "soon", "inf", "NaN", "-inf"] {
            assert_eq!(told(nonsense, DATE), None, "{nonsense}");
        }
    }

    #[test]
    fn minimum_intervals() {
        let interval = |said: &str| min_interval(&serde_json::from_str(said).unwrap());
        let seconds = |seconds| Some(Duration::from_secs_f64(seconds));
        assert_eq!(interval(r#"{"retry_after": 10, "limit": 5.0, "remaining": 0}"#), seconds(5.0));
        assert_eq!(interval(r#""API requests too frequent endpoint threshold=2.5""#), seconds(2.5));
        assert_eq!(interval(r#""threshold=3.""#), seconds(3.0));
        for nothing in
            [r#"{"limit": 0}"#, r#"{"limit": -1}"#, r#"{"limit": 3600}"#, r#""threshold=x""#, r#""no""#]
        {
            assert_eq!(interval(nothing), None, "{nothing}");
        }
    }
}
