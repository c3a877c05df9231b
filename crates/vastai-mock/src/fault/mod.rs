//! Failures on the way between a client and the service, and wrong responses.

mod parse;
mod plan;
mod queue;
mod rate_limit;
mod wrong_types;

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::responses::RawResponse;

pub use parse::FaultError;
pub use plan::FaultPlan;
pub(crate) use queue::Faults;
pub use rate_limit::RateLimitForm;
pub(crate) use wrong_types::{all_wrong, numbers_as_strings};

/// Something that goes wrong with a request: to be [injected](crate::Simulator::inject) or put into a [plan](FaultPlan).
///
/// A fault hits before the effect of the operation (nothing is done) or after it (everything is done, and the client does not get to
/// know it, or not properly). Each constructor says which; [`before_effect`](Self::before_effect) and
/// [`after_effect`](Self::after_effect) choose otherwise. An injected fault hits one request unless
/// [`times`](Self::times) or [`always`](Self::always) says more.
///
/// Delays go by Tokio's clock: with a paused one they take no time.
///
/// ```
/// use std::time::Duration;
/// use vastai_mock::{Fault, RateLimitForm, Simulator};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::start().await?;
/// // The first attempt is refused twice, the third is done but its response is lost, the fourth is slow.
/// sim.inject("createInstance", Fault::too_many_requests(RateLimitForm::PlainText).times(2))?;
/// sim.inject("createInstance", Fault::cut_after_effect())?;
/// sim.inject("createInstance", Fault::delay(Duration::from_secs(20)))?;
/// // … let the client under test rent a machine, and see that it has not rented two.
/// assert!(sim.effects("createInstance")? <= 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    pub(crate) kind: Kind,
    /// Whether the operation is carried out although the response is not its own.
    pub(crate) effect: bool,
    pub(crate) delay: Duration,
    /// Whether the delay comes before the operation is carried out.
    pub(crate) delay_first: bool,
    /// How many requests it hits; `None` for all that come.
    times: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// The operation's own response, as it is.
    Own,
    /// This response instead.
    Response(RawResponse),
    /// No response.
    Cut,
    /// The operation's own response, of whose body half arrives.
    HalfBody,
    /// The operation's own response, so many bytes at a time.
    Drip { bytes: usize, every: Duration },
    /// The operation's own response with every value of another type.
    WrongTypes,
    /// The operation's own response with strings instead of numbers.
    NumbersAsStrings,
    /// 301 to the path with a slash at its end, if it has none.
    SlashRedirect,
}

impl Fault {
    fn new(kind: Kind, effect: bool) -> Self {
        Self { kind, effect, delay: Duration::ZERO, delay_first: false, times: Some(1) }
    }

    /// Nothing goes wrong: the request is answered as it would be without faults. To let one pass between others.
    pub fn none() -> Self {
        Self::new(Kind::Own, true)
    }

    /// This response instead of the operation's own, before the effect.
    pub fn response(response: RawResponse) -> Self {
        Self::new(Kind::Response(response), false)
    }

    /// This status with a JSON body in the service's usual form, before the effect.
    ///
    /// A status that is none (below 100 or above 999) becomes 500.
    pub fn status(status: u16) -> Self {
        let status = status_code(status);
        let reason = status.canonical_reason().unwrap_or("failed");
        let code = reason.to_ascii_lowercase().replace([' ', '-'], "_");
        Self::response(RawResponse::failure(status, &code, &format!("{reason}.")))
    }

    /// This status with a page of HTML, as gateways send it, before the effect.
    ///
    /// A status that is none (below 100 or above 999) becomes 500.
    pub fn html(status: u16) -> Self {
        let status = status_code(status);
        let page =
            format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
        Self::response(RawResponse::html(status, page))
    }

    /// Status 200 with `{"success": false, "error": "failed", "msg": msg}`, before the effect: the
    /// service reports some failures that way.
    pub fn soft_failure(msg: &str) -> Self {
        Self::response(RawResponse::failure(StatusCode::OK, "failed", msg))
    }

    /// This status with `{"success": false, "error": code, "msg": msg}`, before the effect: how the service refuses. Codes of a rental are
    /// `insufficient_credit` (400) and `no_such_ask` (404 or 410).
    ///
    /// A status that is none (below 100 or above 999) becomes 500.
    ///
    /// ```
    /// use vastai_mock::Fault;
    ///
    /// let no_credit = Fault::refusal(400, "insufficient_credit", "Your account lacks credit.");
    /// let offer_gone = Fault::refusal(410, "no_such_ask", "Instance type by id 7 is not available.");
    /// # let _ = (no_credit, offer_gone);
    /// ```
    pub fn refusal(status: u16, code: &str, msg: &str) -> Self {
        Self::response(RawResponse::failure(status_code(status), code, msg))
    }

    /// Status 429 in one of the forms in which the service sends it, before the effect.
    pub fn too_many_requests(form: RateLimitForm) -> Self {
        Self::response(form.response())
    }

    /// Status 301 with HTML and a `Location` that is the path with a slash at its end, before the effect. A request whose path has the
    /// slash passes.
    pub fn slash_redirect() -> Self {
        Self::new(Kind::SlashRedirect, false)
    }

    /// The connection is closed without a response, before the effect.
    pub fn cut_before_effect() -> Self {
        Self::new(Kind::Cut, false)
    }

    /// The operation is carried out, then the connection is closed without a response.
    pub fn cut_after_effect() -> Self {
        Self::new(Kind::Cut, true)
    }

    /// The operation is carried out and answers, after this time.
    ///
    /// A client that gives up in the meantime does not undo it. With [`before_effect`](Self::before_effect) the time passes before the
    /// operation is carried out, and for a client that gives up it never is.
    pub fn delay(by: Duration) -> Self {
        Self::none().delayed(by)
    }

    /// The operation is carried out; its response has the `Content-Length` of the whole body, and the connection is closed after half of
    /// it. A response without a body is cut off after its head.
    pub fn half_body() -> Self {
        Self::new(Kind::HalfBody, true)
    }

    /// The operation is carried out; the body of its response comes `bytes` bytes at a time (at least one), with a pause `every` time.
    pub fn drip(bytes: usize, every: Duration) -> Self {
        Self::new(Kind::Drip { bytes: bytes.max(1), every }, true)
    }

    /// The operation is carried out; in its response every value has another type: numbers and booleans are strings, strings are numbers,
    /// objects are lists, lists are objects. Null stays.
    pub fn wrong_types() -> Self {
        Self::new(Kind::WrongTypes, true)
    }

    /// The operation is carried out; in its response every number is a string.
    pub fn numbers_as_strings() -> Self {
        Self::new(Kind::NumbersAsStrings, true)
    }

    /// One fault of each kind, with a name: for a test that has to hold whatever goes wrong. Delays and pauses are of one second.
    #[must_use]
    pub fn each() -> Vec<(&'static str, Self)> {
        let second = Duration::from_secs(1);
        let mut each = vec![
            ("status 500", Self::status(500)),
            ("status 502", Self::status(502)),
            ("status 503", Self::status(503)),
            ("status 504", Self::status(504)),
            ("status 503 after the effect", Self::status(503).after_effect()),
            ("HTML with status 502", Self::html(502)),
            ("HTML with status 200", Self::html(200)),
            ("soft failure", Self::soft_failure("The service could not do it.")),
            ("slash redirect", Self::slash_redirect()),
            ("cut before the effect", Self::cut_before_effect()),
            ("cut after the effect", Self::cut_after_effect()),
            ("delay", Self::delay(second)),
            ("delay before the effect", Self::delay(second).before_effect()),
            ("half a body", Self::half_body()),
            ("slow drip", Self::drip(64, second)),
            ("wrong types", Self::wrong_types()),
            ("numbers as strings", Self::numbers_as_strings()),
        ];
        each.extend(
            RateLimitForm::each(1).into_iter().map(|(name, form)| (name, Self::too_many_requests(form))),
        );
        each
    }

    /// Also lets this time pass: by default after the effect, before the response.
    pub fn delayed(mut self, by: Duration) -> Self {
        self.delay = by;
        self
    }

    /// Hits before the operation is carried out: a response or a cut keeps it from being done, a delay passes first.
    ///
    /// Half a body, a drip and wrong types are of the operation's own response: there only the delay comes first.
    pub fn before_effect(mut self) -> Self {
        self.delay_first = true;
        if matches!(self.kind, Kind::Response(_) | Kind::Cut) {
            self.effect = false;
        }
        self
    }

    /// Hits after the operation is carried out: it is done, whatever the response says.
    pub fn after_effect(mut self) -> Self {
        self.delay_first = false;
        self.effect |= !matches!(self.kind, Kind::SlashRedirect);
        self
    }

    /// Hits so many requests, one after another. Zero is none.
    pub fn times(mut self, requests: u64) -> Self {
        self.times = Some(requests);
        self
    }

    /// Hits every request from now on. What is injected for the same operation later waits until the faults are
    /// [cleared](crate::Simulator::clear_faults).
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Own => f.write_str("no fault")?,
            Kind::Response(response) => write!(f, "status {}", response.status.as_u16())?,
            Kind::Cut => f.write_str("cut")?,
            Kind::HalfBody => f.write_str("half a body")?,
            Kind::Drip { bytes, every } => write!(f, "drip of {bytes} bytes every {every:?}")?,
            Kind::WrongTypes => f.write_str("wrong types")?,
            Kind::NumbersAsStrings => f.write_str("numbers as strings")?,
            Kind::SlashRedirect => f.write_str("slash redirect")?,
        }
        if matches!(self.kind, Kind::Response(_) | Kind::Cut) {
            f.write_str(if self.effect { " after the effect" } else { " before the effect" })?;
        }
        if !self.delay.is_zero() {
            let order = if self.delay_first { "before" } else { "after" };
            write!(f, ", delayed by {:?} {order} the effect", self.delay)?;
        }
        Ok(())
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
