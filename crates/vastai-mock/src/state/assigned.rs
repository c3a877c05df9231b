//! What *route* has promised in the name of workers.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

/// How many assignments a worker remembers.
const REMEMBERED: usize = 10_000;
/// What a signature stands for.
const SIGNED: [&str; 6] = ["cost", "endpoint", "reqnum", "request_idx", "signature", "url"];

/// The responses of *route* that assigned a worker, by worker.
#[derive(Debug, Default)]
pub(super) struct Assigned(HashMap<i64, VecDeque<Value>>);

impl Assigned {
    pub(super) fn note(&mut self, worker_id: i64, response: &Value) {
        let responses = self.0.entry(worker_id).or_default();
        responses.push_front(response.clone());
        responses.truncate(REMEMBERED);
    }

    pub(super) fn knows(&self, worker_id: i64, auth_data: &Value) -> bool {
        let same =
            |response: &Value| SIGNED.iter().all(|name| equal(response.get(name), auth_data.get(name)));
        self.0.get(&worker_id).is_some_and(|responses| responses.iter().any(same))
    }
}

/// 1 is 1.0.
fn equal(one: Option<&Value>, other: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    one == other || number(one).is_some() && number(one) == number(other)
}
