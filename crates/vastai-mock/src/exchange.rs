//! One request and its response, whichever of the simulated servers gives it.

use std::time::Duration;

use http::StatusCode;

use crate::fault::{Fault, Kind, all_wrong, numbers_as_strings};
use crate::record::{Record, RecordedRequest};
use crate::responses::RawResponse;

/// What stands behind a server.
pub(crate) trait Answering: Send + 'static {
    /// Records a request, and finds out what goes wrong with it.
    fn receive(&mut self, request: RecordedRequest) -> Reception;

    /// Carries out what was asked, and answers it as the fault wants it.
    fn perform(&mut self, reception: Reception) -> Delivery;

    /// Records and refuses a request whose body could not be read.
    fn refuse_unread(&mut self, request: RecordedRequest) -> Delivery;
}

/// A request that has been received and not yet answered.
#[derive(Debug)]
pub(crate) struct Reception {
    request: RecordedRequest,
    number: u64,
    fault: Option<Fault>,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) response: RawResponse,
    pub(crate) carried_out: bool,
}

/// A response, and how it gets to the client.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) response: RawResponse,
    pub(crate) manner: Manner,
    /// How long to wait before it is sent.
    pub(crate) delay: Duration,
}

/// How a response is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// At once and whole.
    Whole,
    /// Not at all.
    Cut,
    /// The head and the first half of the body.
    Half,
    /// So many bytes of the body at a time.
    Drip { bytes: usize, every: Duration },
}

impl Outcome {
    pub(crate) fn done(response: RawResponse) -> Self {
        Self { response, carried_out: true }
    }

    pub(crate) fn refused(response: RawResponse) -> Self {
        Self { response, carried_out: false }
    }
}

impl Reception {
    pub(crate) fn of(mut request: RecordedRequest, fault: Option<Fault>, record: &mut Record) -> Self {
        request.set_fault(fault.as_ref());
        let number = record.push(request.clone());
        Self { request, number, fault }
    }

    pub(crate) fn request(&self) -> &RecordedRequest {
        &self.request
    }

    /// How long to wait before it is carried out.
    pub(crate) fn delay(&self) -> Duration {
        self.fault.as_ref().filter(|fault| fault.delay_first).map_or(Duration::ZERO, |fault| fault.delay)
    }

    /// What the service makes of the request, carried out if the fault lets it be, and how its response gets to the client. Also gives
    /// whether it was carried out.
    pub(crate) fn settle(self, carry_out: impl FnOnce(&RecordedRequest) -> Outcome) -> (Delivery, Settled) {
        let Self { request, number, fault } = self;
        let delay = fault.as_ref().filter(|fault| !fault.delay_first).map_or(Duration::ZERO, |it| it.delay);
        let (kind, effect) = fault.map_or((Kind::Own, true), |fault| (fault.kind, fault.effect));
        let kind = match kind {
            // A path that has its slash can be redirected nowhere.
            Kind::SlashRedirect => slash_redirect(&request).map_or(Kind::Own, Kind::Response),
            other => other,
        };
        let outcome = match kind {
            Kind::Response(_) | Kind::Cut if !effect => None,
            _ => Some(carry_out(&request)),
        };
        let carried_out = outcome.as_ref().is_some_and(|outcome| outcome.carried_out);
        let own = outcome.map_or_else(|| RawResponse::empty(StatusCode::OK), |outcome| outcome.response);
        let (response, manner) = match kind {
            Kind::Response(response) => (response, Manner::Whole),
            Kind::Cut => (own, Manner::Cut),
            Kind::HalfBody => (own, Manner::Half),
            Kind::Drip { bytes, every } => (own, Manner::Drip { bytes, every }),
            Kind::WrongTypes => (own.with_json(all_wrong), Manner::Whole),
            Kind::NumbersAsStrings => (own.with_json(numbers_as_strings), Manner::Whole),
            Kind::Own | Kind::SlashRedirect => (own, Manner::Whole),
        };
        let status = (manner != Manner::Cut).then_some(response.status);
        (Delivery { response, manner, delay }, Settled { number, carried_out, status })
    }
}

/// What is to be noted beside a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settled {
    number: u64,
    pub(crate) carried_out: bool,
    status: Option<StatusCode>,
}

impl Settled {
    pub(crate) fn note_in(self, record: &mut Record) {
        record.answered(self.number, self.carried_out, self.status);
    }
}

/// Records and refuses a request whose body could not be read.
pub(crate) fn refuse_unread(request: RecordedRequest, record: &mut Record) -> Delivery {
    let response = || {
        RawResponse::failure(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_args",
            "The body is too long or broke off.",
        )
    };
    let (delivery, settled) = Reception::of(request, None, record).settle(|_| Outcome::refused(response()));
    settled.note_in(record);
    delivery
}

/// The redirect to the path with a slash at its end, if it has none.
pub(crate) fn slash_redirect(request: &RecordedRequest) -> Option<RawResponse> {
    let path = request.path();
    if path.ends_with('/') {
        return None;
    }
    let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
    RawResponse::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{path}/{query}")).ok()
}
