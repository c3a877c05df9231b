//! What the service answers to a request.

mod call;
mod console;
mod instances;
mod keys;
mod operation;
mod refusal;
mod serverless;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use http::header::ALLOW;
use http::{HeaderValue, StatusCode};

use crate::answers::{AuthFailure, LogsShape, RawAnswer, WorkersShape};
use crate::document::{Document, Found};
use crate::fault::{Fault, Faults, Kind, all_wrong, numbers_as_texts};
use crate::key::Key;
use crate::record::{Record, RecordedRequest};
use crate::script::Script;
use crate::server::Manner;
use crate::state::State;
use call::Call;

/// What stays as the builder set it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) api_key: Key,
    pub(crate) auth_failure: AuthFailure,
    pub(crate) console_slash_redirects: bool,
    pub(crate) route_accepts_account_key: bool,
    pub(crate) step: Duration,
    pub(crate) kept_requests: Option<usize>,
}

/// The service: the world, how it is told, and what was asked.
#[derive(Debug)]
pub(crate) struct Service {
    settings: Settings,
    pub(crate) document: Arc<Document>,
    pub(crate) record: Record,
    /// How often each operation was carried out.
    effects: BTreeMap<String, u64>,
    pub(crate) state: State,
    pub(crate) script: Script,
    pub(crate) faults: Faults,
    pub(crate) workers_shape: WorkersShape,
    pub(crate) logs_shape: LogsShape,
}

/// A request that has been received and not yet answered.
#[derive(Debug)]
pub(crate) struct Reception {
    request: RecordedRequest,
    number: u64,
    fault: Option<Fault>,
}

impl Reception {
    /// How long to wait before it is carried out.
    pub(crate) fn delay(&self) -> Duration {
        self.fault.as_ref().filter(|fault| fault.delay_first).map_or(Duration::ZERO, |fault| fault.delay)
    }
}

/// An answer, and how it gets to the client.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) answer: RawAnswer,
    pub(crate) manner: Manner,
    /// How long to wait before it is sent.
    pub(crate) delay: Duration,
}

impl Delivery {
    fn whole(answer: RawAnswer) -> Self {
        Self { answer, manner: Manner::Whole, delay: Duration::ZERO }
    }
}

/// What came of an operation.
#[derive(Debug)]
struct Outcome {
    answer: RawAnswer,
    carried_out: bool,
}

impl Outcome {
    fn refused(answer: RawAnswer) -> Self {
        Self { answer, carried_out: false }
    }
}

impl Service {
    pub(crate) fn new(settings: Settings, document: Arc<Document>, state: State) -> Self {
        Self {
            record: Record::keeping(settings.kept_requests),
            settings,
            document,
            effects: BTreeMap::new(),
            state,
            script: Script::default(),
            faults: Faults::default(),
            workers_shape: WorkersShape::default(),
            logs_shape: LogsShape::default(),
        }
    }

    pub(crate) fn api_key(&self) -> &Key {
        &self.settings.api_key
    }

    /// How often an operation was carried out.
    pub(crate) fn effects(&self, operation: &str) -> u64 {
        self.effects.get(operation).copied().unwrap_or_default()
    }

    /// Records a request, and finds out what goes wrong with it.
    pub(crate) fn receive(&mut self, mut request: RecordedRequest) -> Reception {
        let mut fault = None;
        if let Found::Operation(operation, _) = self.document.find(request.method(), request.path()) {
            fault = self.faults.take(&operation.id);
            request.set_operation(&operation.id);
        }
        let number = self.record.push(request.clone());
        Reception { request, number, fault }
    }

    /// Carries out what was asked, and answers it as the fault wants it.
    pub(crate) fn perform(&mut self, Reception { request, number, fault }: Reception) -> Delivery {
        self.state.advance(self.settings.step);
        let delay = fault.as_ref().filter(|fault| !fault.delay_first).map_or(Duration::ZERO, |it| it.delay);
        let (kind, effect) = fault.map_or((Kind::Own, true), |fault| (fault.kind, fault.effect));
        let kind = match kind {
            // The path has its slash: there is nowhere to redirect to.
            Kind::SlashRedirect => slash_redirect(&request).map_or(Kind::Own, Kind::Answer),
            other => other,
        };
        let outcome = match kind {
            Kind::Answer(_) | Kind::Cut if !effect => None,
            _ => Some(self.outcome(&request)),
        };
        let carried_out = outcome.as_ref().is_some_and(|outcome| outcome.carried_out);
        if let Some(operation) = request.operation().filter(|_| carried_out) {
            *self.effects.entry(operation.to_owned()).or_default() += 1;
        }
        let own = outcome.map_or_else(|| RawAnswer::empty(StatusCode::OK), |outcome| outcome.answer);
        let (answer, manner) = match kind {
            Kind::Answer(answer) => (answer, Manner::Whole),
            Kind::Cut => (own, Manner::Cut),
            Kind::HalfBody => (own, Manner::Half),
            Kind::Drip { bytes, every } => (own, Manner::Drip { bytes, every }),
            Kind::WrongTypes => (own.with_json(all_wrong), Manner::Whole),
            Kind::NumbersAsTexts => (own.with_json(numbers_as_texts), Manner::Whole),
            Kind::Own | Kind::SlashRedirect => (own, Manner::Whole),
        };
        let status = (manner != Manner::Cut).then_some(answer.status);
        self.record.answered(number, carried_out, status);
        Delivery { answer, manner, delay }
    }

    /// Records and refuses a request whose body could not be read.
    pub(crate) fn answer_unread(&mut self, request: RecordedRequest) -> Delivery {
        const STATUS: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;
        let number = self.record.push(request);
        self.record.answered(number, false, Some(STATUS));
        Delivery::whole(RawAnswer::failure(STATUS, "invalid_args", "The body is too long or broke off."))
    }

    fn outcome(&mut self, request: &RecordedRequest) -> Outcome {
        if let Some(scripted) = self.script.take(request.path()) {
            return Outcome::refused(scripted);
        }
        if self.settings.console_slash_redirects
            && request.path().starts_with("/api/")
            && let Some(redirect) = slash_redirect(request)
        {
            return Outcome::refused(redirect);
        }
        self.operate(request)
    }

    fn operate(&mut self, request: &RecordedRequest) -> Outcome {
        let document = Arc::clone(&self.document);
        let (operation, path) = match document.find(request.method(), request.path()) {
            Found::Operation(operation, path) => (operation, path),
            Found::OtherMethods(methods) => {
                let msg = "The simulator has no operation of this method at this path.";
                let answer = RawAnswer::failure(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", msg);
                let methods = methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
                // Methods make header values.
                return Outcome::refused(match HeaderValue::from_str(&methods) {
                    Ok(methods) => answer.header(ALLOW, methods),
                    Err(_) => answer,
                });
            }
            Found::Nothing => {
                let msg = "The simulator has no operation at this path.";
                return Outcome::refused(RawAnswer::failure(StatusCode::NOT_FOUND, "not_found", msg));
            }
        };
        self.carry_out(operation, request, &path)
    }

    fn carry_out(
        &mut self,
        operation: &crate::document::Operation,
        request: &RecordedRequest,
        path: &HashMap<String, String>,
    ) -> Outcome {
        let call = Call { request, path };
        let done = operation::stateful(self, &operation.id, &call).unwrap_or_else(|| {
            keys::account(request, &self.settings)?;
            Ok(operation.sample.answer.clone().unwrap_or_default())
        });
        match done {
            Ok(value) => Outcome { answer: RawAnswer::json(StatusCode::OK, &value), carried_out: true },
            Err(refusal) => Outcome::refused(refusal.answer(self.settings.auth_failure)),
        }
    }
}

/// The redirect to the path with a slash at its end, if it has none.
fn slash_redirect(request: &RecordedRequest) -> Option<RawAnswer> {
    let path = request.path();
    if path.ends_with('/') {
        return None;
    }
    let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
    RawAnswer::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{path}/{query}")).ok()
}
