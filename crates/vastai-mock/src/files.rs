//! The files that appear at a `result_url`, on a server of their own that takes no key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::exchange::{self, Answering, Delivery, Outcome, Reception};
use crate::fault::Faults;
use crate::record::{API_KEY, Record, RecordedRequest};
use crate::responses::RawResponse;
use crate::service::Service;

/// The files, which the service keeps: it makes them.
#[derive(Debug)]
pub(crate) struct ResultFiles {
    base: String,
    files: HashMap<String, File>,
    /// The content of the next file.
    pub(crate) text: String,
    /// How many polls come in vain.
    pub(crate) polls: u32,
    pub(crate) record: Record,
    pub(crate) faults: Faults,
}

#[derive(Debug)]
struct File {
    text: String,
    polls_left: u32,
}

impl ResultFiles {
    pub(crate) fn new(kept_requests: Option<usize>) -> Self {
        Self {
            base: String::new(),
            files: HashMap::new(),
            text: "a line\nanother line\n".to_owned(),
            polls: 2,
            record: Record::keeping(kept_requests),
            faults: Faults::default(),
        }
    }

    pub(crate) fn serve_at(&mut self, base: &str) {
        self.base = base.to_owned();
    }

    /// Makes a file, and gives the URL at which it will appear.
    pub(crate) fn create(&mut self) -> String {
        let path = format!("/instance_logs/{:016x}.log", self.files.len() + 1);
        let url = format!("{}{path}", self.base);
        self.files.insert(path, File { text: self.text.clone(), polls_left: self.polls });
        url
    }

    fn fetch(&mut self, request: &RecordedRequest) -> Outcome {
        // Like the storage behind the service, which knows other keys only.
        let with_key = request.headers().contains_key(AUTHORIZATION)
            || request.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case(API_KEY));
        if with_key {
            return Outcome::refused(failure(StatusCode::BAD_REQUEST, "InvalidArgument"));
        }
        match self.files.get_mut(request.path()) {
            Some(file) if file.polls_left > 0 => {
                file.polls_left -= 1;
                Outcome::refused(failure(StatusCode::NOT_FOUND, "NoSuchKey"))
            }
            Some(file) => Outcome::done(RawResponse::text(StatusCode::OK, file.text.clone())),
            None => Outcome::refused(failure(StatusCode::NOT_FOUND, "NoSuchKey")),
        }
    }
}

fn failure(status: StatusCode, code: &str) -> RawResponse {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    RawResponse::new(status, http::HeaderValue::from_static("application/xml"), body)
}

/// The server of the files.
#[derive(Debug)]
pub(crate) struct Files(Arc<Mutex<Service>>);

impl Files {
    pub(crate) fn new(service: Arc<Mutex<Service>>) -> Self {
        Self(service)
    }

    fn with<T>(&self, act: impl FnOnce(&mut ResultFiles) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).files)
    }
}

impl Answering for Files {
    fn receive(&mut self, request: RecordedRequest) -> Reception {
        self.with(|files| Reception::of(request, files.faults.take(""), &mut files.record))
    }

    fn perform(&mut self, reception: Reception) -> Delivery {
        self.with(|files| {
            let (delivery, settled) = reception.settle(|request| files.fetch(request));
            settled.note_in(&mut files.record);
            delivery
        })
    }

    fn refuse_unread(&mut self, request: RecordedRequest) -> Delivery {
        self.with(|files| exchange::refuse_unread(request, &mut files.record))
    }
}
