//! What the service answers to a request.

mod account;
mod billing;
mod call;
mod clusters;
mod columns;
mod deployments;
mod endpoints;
mod filter;
mod instance_list;
mod instances;
mod jobs;
mod keys;
mod machines;
mod market;
mod offers;
mod operation;
mod page;
mod refusal;
mod rented;
mod serverless;
mod several;
mod team;
mod templates;
mod tfa;
mod user;
mod volumes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::ALLOW;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::document::{Document, Found, Known};
use crate::exchange::{self, Answering, Delivery, Outcome, Reception, slash_redirect};
use crate::fault::Faults;
use crate::files::ResultFiles;
use crate::key::Key;
use crate::record::{Record, RecordedRequest};
use crate::responses::{AuthFailure, LogsShape, RawResponse, WorkersShape};
use crate::script::Script;
use crate::state::State;
use call::Call;
use refusal::Refusal;

/// The list of instances of the API's older version, which was retired.
const RETIRED: &str = "api/v0/instances";

/// What stays as the builder set it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) api_key: Key,
    pub(crate) auth_failure: AuthFailure,
    pub(crate) console_slash_redirects: bool,
    pub(crate) route_accepts_account_key: bool,
    pub(crate) step: Duration,
    /// How many seconds of the simulated clock pass in a real one.
    pub(crate) speed: f64,
    pub(crate) kept_requests: Option<usize>,
    /// Whether only what was offered can be rented.
    pub(crate) only_offers: bool,
    /// Whether a workergroup that is made gets a worker.
    pub(crate) recruits: bool,
    /// Whether a request has to be as the document says.
    pub(crate) strict: bool,
}

/// The service: the world, how it is shown, and what was asked.
#[derive(Debug)]
pub(crate) struct Service {
    settings: Settings,
    pub(crate) document: Arc<Document>,
    pub(crate) record: Record,
    /// How often each operation was carried out.
    effects: BTreeMap<String, u64>,
    /// How often the account's key was replaced.
    resets: u64,
    /// Up to when the simulated clock has followed the real one.
    caught_up: Instant,
    pub(crate) state: State,
    pub(crate) script: Script,
    pub(crate) faults: Faults,
    pub(crate) files: ResultFiles,
    /// How many responses of *route* assign no worker.
    pub(crate) routes_to_wait: u64,
    pub(crate) workers_shape: WorkersShape,
    pub(crate) logs_shape: LogsShape,
}

impl Service {
    pub(crate) fn new(settings: Settings, document: Arc<Document>, state: State) -> Self {
        Self {
            record: Record::keeping(settings.kept_requests),
            files: ResultFiles::new(settings.kept_requests),
            settings,
            document,
            effects: BTreeMap::new(),
            resets: 0,
            caught_up: Instant::now(),
            state,
            script: Script::default(),
            faults: Faults::default(),
            routes_to_wait: 0,
            workers_shape: WorkersShape::default(),
            logs_shape: LogsShape::default(),
        }
    }

    pub(crate) fn api_key(&self) -> &Key {
        &self.settings.api_key
    }

    /// Lets the simulated clock follow the real one, if it does.
    pub(crate) fn catch_up(&mut self) {
        if self.settings.speed > 0.0 {
            let now = Instant::now();
            let passed = now.saturating_duration_since(self.caught_up).as_secs_f64() * self.settings.speed;
            self.caught_up = now;
            self.state.advance(Duration::try_from_secs_f64(passed).unwrap_or(Duration::MAX));
        }
    }

    /// Whether a key opens what is the account's: its own key, one that it has made, or that of a session.
    fn opens_account(&self, key: &str) -> bool {
        key == self.settings.api_key.as_str() || self.state.account.knows_key(key)
    }

    /// Another key in the place of the account's own, which opens nothing any more.
    fn reset_key(&mut self) -> &str {
        self.resets += 1;
        self.settings.api_key = Key::new(format!("mock-account-key-{}", self.resets));
        self.settings.api_key.as_str()
    }

    /// How often an operation was carried out.
    pub(crate) fn effects(&self, operation: &str) -> u64 {
        self.effects.get(operation).copied().unwrap_or_default()
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
            _ if request.path().trim_matches('/') == RETIRED => {
                let msg = "This endpoint is deprecated. Use /api/v1/instances/.".to_owned();
                let refusal = Refusal::Gone { error: "deprecated_endpoint", msg };
                return Outcome::refused(refusal.response(self.settings.auth_failure));
            }
            Found::OtherMethods(methods) => {
                let msg = "The simulator has no operation of this method at this path.";
                let response =
                    RawResponse::failure(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", msg);
                let methods = methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
                // Methods make header values.
                return Outcome::refused(match HeaderValue::from_str(&methods) {
                    Ok(methods) => response.header(ALLOW, methods),
                    Err(_) => response,
                });
            }
            Found::Nothing => {
                let msg = "The simulator has no operation at this path.";
                return Outcome::refused(RawResponse::failure(StatusCode::NOT_FOUND, "not_found", msg));
            }
        };
        match self.carry_out(operation, &Call { request, path: &path }) {
            Ok(value) => Outcome::done(RawResponse::json(StatusCode::OK, &value)),
            Err(refusal) => Outcome::refused(refusal.response(self.settings.auth_failure)),
        }
    }

    fn carry_out(&mut self, operation: &Known, call: &Call<'_>) -> Result<Value, Refusal> {
        if operation.takes_key {
            keys::authenticate(&operation.id, call.request, self)?;
            if !keys::is_of_engine(&operation.id) {
                let at = self.state.now().as_secs_f64();
                let args =
                    call.path.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
                self.state.account.note_call(
                    call.request.bearer(),
                    call.request.path(),
                    Value::Object(args),
                    at,
                );
            }
        }
        if self.settings.strict
            && let Some(problem) = self.document.refuses(operation, call.path, call.request)
        {
            return Err(Refusal::not_as_documented(problem));
        }
        if self.settings.strict {
            columns::check(self, operation, call.request)?;
        }
        operation::stateful(self, &operation.id, call)
            .unwrap_or_else(|| Ok(operation.sample.response.clone().unwrap_or_default()))
    }
}

impl Answering for Service {
    fn receive(&mut self, mut request: RecordedRequest) -> Reception {
        let mut fault = None;
        if let Found::Operation(operation, _) = self.document.find(request.method(), request.path()) {
            fault = self.faults.take(&operation.id);
            request.set_operation(&operation.id);
        }
        Reception::of(request, fault, &mut self.record)
    }

    fn perform(&mut self, reception: Reception) -> Delivery {
        self.catch_up();
        self.state.advance(self.settings.step);
        let operation = reception.request().operation().map(str::to_owned);
        let (delivery, settled) = reception.settle(|request| self.outcome(request));
        if let Some(operation) = operation.filter(|_| settled.carried_out) {
            *self.effects.entry(operation).or_default() += 1;
        }
        settled.note_in(&mut self.record);
        delivery
    }

    fn refuse_unread(&mut self, request: RecordedRequest) -> Delivery {
        exchange::refuse_unread(request, &mut self.record)
    }
}
