//! What the service answers to a request.

mod console;
mod keys;
mod operation;
mod refusal;
mod serverless;

use std::time::Duration;

use http::header::ALLOW;
use http::{HeaderValue, StatusCode};

use crate::answers::{AuthFailure, LogsShape, RawAnswer, WorkersShape};
use crate::key::Key;
use crate::record::RecordedRequest;
use crate::script::Script;
use crate::state::State;
use operation::Operation;

/// What stays as the builder set it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) api_key: Key,
    pub(crate) auth_failure: AuthFailure,
    pub(crate) console_slash_redirects: bool,
    pub(crate) route_accepts_account_key: bool,
    pub(crate) step: Duration,
}

/// The service: the world, how it is told, and what was asked.
#[derive(Debug)]
pub(crate) struct Service {
    settings: Settings,
    requests: Vec<RecordedRequest>,
    pub(crate) state: State,
    pub(crate) script: Script,
    pub(crate) workers_shape: WorkersShape,
    pub(crate) logs_shape: LogsShape,
}

impl Service {
    pub(crate) fn new(settings: Settings, state: State) -> Self {
        Self {
            settings,
            requests: Vec::new(),
            state,
            script: Script::default(),
            workers_shape: WorkersShape::default(),
            logs_shape: LogsShape::default(),
        }
    }

    pub(crate) fn api_key(&self) -> &Key {
        &self.settings.api_key
    }

    pub(crate) fn requests(&self) -> &[RecordedRequest] {
        &self.requests
    }

    pub(crate) fn record(&mut self, request: RecordedRequest) {
        self.requests.push(request);
    }

    /// Records a request and answers it.
    pub(crate) fn answer(&mut self, request: RecordedRequest) -> RawAnswer {
        self.state.advance(self.settings.step);
        let scripted = self.script.take(request.path()).or_else(|| self.slash_redirect(&request));
        let answer = scripted.unwrap_or_else(|| self.operate(&request));
        self.record(request);
        answer
    }

    /// The console's redirect to the path with a slash, if the settings ask for it.
    fn slash_redirect(&self, request: &RecordedRequest) -> Option<RawAnswer> {
        let path = request.path();
        if !self.settings.console_slash_redirects || !path.starts_with("/api/") || path.ends_with('/') {
            return None;
        }
        let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
        RawAnswer::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{path}/{query}")).ok()
    }

    fn operate(&mut self, request: &RecordedRequest) -> RawAnswer {
        let Some(operation) = Operation::at(request.path()) else {
            return RawAnswer::failure(
                StatusCode::NOT_FOUND,
                "not_found",
                "The simulator has no operation at this path.",
            );
        };
        if request.method() != operation.method() {
            let msg = "The simulator has no operation of this method at this path.";
            let answer = RawAnswer::failure(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", msg);
            // The two methods that there are make header values.
            return match HeaderValue::from_str(operation.method().as_str()) {
                Ok(method) => answer.header(ALLOW, method),
                Err(_) => answer,
            };
        }
        match operation.answer(self, request) {
            Ok(value) => RawAnswer::json(StatusCode::OK, &value),
            Err(refusal) => refusal.answer(self.settings.auth_failure),
        }
    }
}
