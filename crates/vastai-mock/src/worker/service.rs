//! What a worker makes of the requests that it gets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::reply::WorkerReply;
use crate::exchange::{self, Answering, Delivery, Outcome, Reception};
use crate::fault::Faults;
use crate::record::{Record, RecordedRequest};
use crate::responses::RawResponse;
use crate::service::Service;

/// How long a session lives if the request does not say, in seconds.
const LIFETIME: f64 = 60.0;

/// A worker's side of the service.
pub(crate) struct WorkerService {
    id: i64,
    world: Arc<Mutex<Service>>,
    pub(super) record: Record,
    pub(super) faults: Faults,
    pub(super) reply: WorkerReply,
    pub(super) payloads: Vec<Value>,
    pub(super) sessions: BTreeMap<String, Session>,
    opened: u64,
    /// Signatures that have been used.
    used: BTreeSet<String>,
}

/// A session that has been opened.
#[derive(Debug)]
pub(crate) struct Session {
    auth_data: Value,
    /// In seconds; each request adds as much.
    lifetime: f64,
    created_at: f64,
    expiration: f64,
    on_close_route: Value,
    on_close_payload: Value,
}

impl fmt::Debug for WorkerService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The world would be shown with every worker.
        f.debug_struct("WorkerService").field("id", &self.id).finish_non_exhaustive()
    }
}

impl WorkerService {
    pub(super) fn new(id: i64, world: Arc<Mutex<Service>>) -> Self {
        Self {
            id,
            world,
            record: Record::keeping(None),
            faults: Faults::default(),
            reply: WorkerReply::default(),
            payloads: Vec::new(),
            sessions: BTreeMap::new(),
            opened: 0,
            used: BTreeSet::new(),
        }
    }

    fn work(&mut self, request: &RecordedRequest) -> Outcome {
        let done = match request.path().trim_end_matches('/') {
            _ if request.method() != Method::POST => Err((StatusCode::METHOD_NOT_ALLOWED, "POST is meant")),
            "/session/create" => self.open_session(request),
            "/session/get" => self.show_session(request),
            "/session/end" => self.close_session(request),
            path => self.take(path, request),
        };
        match done {
            Ok(response) => Outcome::done(response),
            Err((status, error)) => Outcome::refused(RawResponse::json(status, &json!({ "error": error }))),
        }
    }

    fn take(&mut self, path: &str, request: &RecordedRequest) -> Result<RawResponse, Refused> {
        let body = body(request)?;
        let auth_data = field(&body, "auth_data", "missing auth_data")?;
        let payload = field(&body, "payload", "missing payload")?;
        let session = match body.get("session_id") {
            None | Some(Value::Null) => None,
            Some(id) => {
                let session = id.as_str().and_then(|id| self.sessions.get_mut(id));
                Some(session.ok_or((StatusCode::GONE, "invalid session"))?)
            }
        };
        if let Some(session) = session.filter(|session| session.auth_data == *auth_data) {
            session.expiration += session.lifetime;
        } else {
            self.check(auth_data)?;
        }
        self.payloads.push(payload.clone());
        Ok(self.reply.response(self.id, path, payload))
    }

    fn open_session(&mut self, request: &RecordedRequest) -> Result<RawResponse, Refused> {
        let body = body(request)?;
        let auth_data = field(&body, "auth_data", "missing auth_data")?;
        self.check(auth_data)?;
        let payload = |name| body.pointer(&format!("/payload/{name}")).cloned().unwrap_or_default();
        let lifetime = payload("lifetime").as_f64().unwrap_or(LIFETIME);
        let now = self.world.lock().unwrap_or_else(PoisonError::into_inner).state.now().as_secs_f64();
        self.opened += 1;
        let id = format!("mock-session-{}", self.opened);
        let session = Session {
            auth_data: auth_data.clone(),
            lifetime,
            created_at: now,
            expiration: now + lifetime,
            on_close_route: payload("on_close_route"),
            on_close_payload: payload("on_close_payload"),
        };
        let response = json!({ "session_id": id, "expiration": session.expiration });
        self.sessions.insert(id, session);
        Ok(RawResponse::json(StatusCode::CREATED, &response))
    }

    fn show_session(&self, request: &RecordedRequest) -> Result<RawResponse, Refused> {
        let body = body(request)?;
        let (id, session) = self.session(&body, "session does not exist")?;
        let response = json!({
            "session_id": id,
            "auth_data": session.auth_data,
            "lifetime": session.lifetime,
            "expiration": session.expiration,
            "created_at": session.created_at,
            "on_close_route": session.on_close_route,
            "on_close_payload": session.on_close_payload,
        });
        Ok(RawResponse::json(StatusCode::OK, &response))
    }

    fn close_session(&mut self, request: &RecordedRequest) -> Result<RawResponse, Refused> {
        let body = body(request)?;
        let id = self.session(&body, "session not found")?.0.to_owned();
        self.sessions.remove(&id);
        Ok(RawResponse::json(StatusCode::OK, &json!({ "ended": true, "removed_session": id })))
    }

    /// The session that a request about one names and opens.
    fn session<'a>(&self, body: &'a Value, unknown: &'static str) -> Result<(&'a str, &Session), Refused> {
        let id = field(body, "session_id", "missing session_id")?.as_str().unwrap_or_default();
        let session = self.sessions.get(id).ok_or((StatusCode::BAD_REQUEST, unknown))?;
        if body.get("session_auth") != Some(&session.auth_data) {
            return Err((StatusCode::UNAUTHORIZED, "session_auth is not valid"));
        }
        Ok((id, session))
    }

    /// Whether `auth_data` is what *route* gave for this worker, and new here.
    fn check(&mut self, auth_data: &Value) -> Result<(), Refused> {
        let known = {
            let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
            world.state.assigned(self.id, auth_data)
        };
        let signature = auth_data.get("signature").and_then(Value::as_str).unwrap_or_default();
        if known && self.used.insert(signature.to_owned()) {
            Ok(())
        } else {
            Err((StatusCode::UNAUTHORIZED, "invalid signature"))
        }
    }
}

type Refused = (StatusCode, &'static str);

fn body(request: &RecordedRequest) -> Result<Value, Refused> {
    request.json().map_err(|_| (StatusCode::UNPROCESSABLE_ENTITY, "invalid JSON"))
}

fn field<'a>(body: &'a Value, name: &str, missing: &'static str) -> Result<&'a Value, Refused> {
    body.get(name).filter(|it| !it.is_null()).ok_or((StatusCode::UNPROCESSABLE_ENTITY, missing))
}

impl Answering for WorkerService {
    fn receive(&mut self, request: RecordedRequest) -> Reception {
        let fault = self.faults.take("");
        Reception::of(request, fault, &mut self.record)
    }

    fn perform(&mut self, reception: Reception) -> Delivery {
        let (delivery, settled) = reception.settle(|request| self.work(request));
        settled.note_in(&mut self.record);
        delivery
    }

    fn refuse_unread(&mut self, request: RecordedRequest) -> Delivery {
        exchange::refuse_unread(request, &mut self.record)
    }
}
