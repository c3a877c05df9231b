//! Points in time as the official client takes them: a date, with a time or without, or seconds since the Unix epoch. Dates without a zone are
//! in UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) const DAY: f64 = 86_400.0;

/// Seconds since the Unix epoch of what is written: `2031-03-01`, `2031-03-01 12:30`, `03/01/2031`, RFC 3339, or seconds.
pub(super) fn seconds(written: &str) -> Result<f64, String> {
    let written = written.trim();
    if let Some(seconds) = written.parse::<f64>().ok().filter(|seconds| seconds.is_finite()) {
        return Ok(seconds);
    }
    let (date, time) = match written.split_once([' ', 'T']) {
        Some((date, time)) => (date, time.trim()),
        None => (written, "00:00:00"),
    };
    let american = |date: &str| {
        let mut parts = date.split('/');
        let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then(|| format!("{year:0>4}-{month:0>2}-{day:0>2}"))
    };
    let date = american(date).unwrap_or_else(|| date.to_owned());
    let whole_minutes = time.len() == 5;
    let written_out = format!("{date} {time}{}", if whole_minutes { ":00" } else { "" });
    let point = humantime::parse_rfc3339_weak(&written_out).map_err(|_| {
        format!("'{written}' is not a date such as 2031-03-01, or 2031-03-01 12:30, or seconds since 1970")
    })?;
    Ok(since_epoch(point))
}

/// Seconds since the Unix epoch, now.
pub(super) fn now() -> f64 {
    since_epoch(SystemTime::now())
}

/// The start of today in UTC, in seconds since the Unix epoch.
pub(super) fn today() -> f64 {
    (now() / DAY).floor() * DAY
}

fn since_epoch(point: SystemTime) -> f64 {
    point.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds_in_utc() {
        for (written, expected) in [
            ("2031-03-01", 1_930_089_600.0),
            ("03/01/2031", 1_930_089_600.0),
            ("3/1/2031", 1_930_089_600.0),
            ("2031-03-01 10:30", 1_930_127_400.0),
            ("2031-03-01T10:30:00Z", 1_930_127_400.0),
            ("1930089600.5", 1_930_089_600.5),
        ] {
            assert_eq!(seconds(written), Ok(expected), "{written}");
        }
        for wrong in ["", "tomorrow", "2031-13-01", "1/2", "1/2/3/4", "NaN", "2031-03-01 25:00"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
