//! Faults by their names, as a command line gives them.

use std::str::FromStr;
use std::time::Duration;

use super::{Fault, RateLimitForm};

/// A name that no fault has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no fault: a status from 400 to 599, html, soft-failure, slash-redirect, cut-before, cut-after, half-body, drip, \
     wrong-types, numbers-as-strings, or delay:SECONDS"
)]
pub struct FaultError(String);

/// By name: a status such as `503` (`429` is the service's own form of it), `html` (502 with a page), `soft-failure` (200 that reports a
/// failure), `slash-redirect`, `cut-before` and `cut-after` the effect, `half-body`, `drip` (64 bytes a second), `wrong-types`,
/// `numbers-as-strings`, `delay:2.5` (seconds).
///
/// ```
/// use vastai_mock::Fault;
///
/// assert_eq!("cut-after".parse(), Ok(Fault::cut_after_effect()));
/// assert_eq!("503".parse(), Ok(Fault::status(503)));
/// assert!("flood".parse::<Fault>().is_err());
/// ```
impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(name: &str) -> Result<Self, FaultError> {
        let unknown = || FaultError(name.to_owned());
        if let Some(seconds) = name.strip_prefix("delay:") {
            let delay = seconds.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            return delay.map(Self::delay).ok_or_else(unknown);
        }
        Ok(match name {
            "429" => Self::too_many_requests(RateLimitForm::Json { retry_after: 1 }),
            "html" => Self::html(502),
            "soft-failure" => Self::soft_failure("The service could not do it."),
            "slash-redirect" => Self::slash_redirect(),
            "cut-before" => Self::cut_before_effect(),
            "cut-after" => Self::cut_after_effect(),
            "half-body" => Self::half_body(),
            "drip" => Self::drip(64, Duration::from_secs(1)),
            "wrong-types" => Self::wrong_types(),
            "numbers-as-strings" => Self::numbers_as_strings(),
            _ => {
                let status = name.parse().ok().filter(|status| (400..600).contains(status));
                Self::status(status.ok_or_else(unknown)?)
            }
        })
    }
}
