//! A watch for programs: a line of JSON for each change.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::Plan;
use super::rows::{self, Kind, Row, RowKey};
use super::screen::failure;
use super::source::{Subject, Update, Updates};
use crate::connection::Connection;
use crate::failure::{Failure, in_words};
use crate::json;

/// What was told of one list.
#[derive(Debug, Default)]
struct Told {
    rows: BTreeMap<RowKey, Map<String, Value>>,
    failures: u32,
}

/// Prints what changes until nobody reads it, the polls are done, or no list can be polled any more.
pub(super) async fn run(connection: &Connection, plan: Plan) -> Result<(), Failure> {
    let mut updates = Updates::of(connection.client(), &plan.subjects, plan.interval);
    let mut told: Vec<Told> = plan.subjects.iter().map(|_| Told::default()).collect();
    let mut left: Vec<Option<u64>> = plan.subjects.iter().map(|_| plan.polls).collect();
    let mut ended = None;
    let mut passed = Instant::now();
    while let Some((place, update)) = updates.next().await {
        connection.let_pass(passed.elapsed());
        passed = Instant::now();
        let (Some(subject), Some(of_list)) = (plan.subjects.get(place), told.get_mut(place)) else {
            continue;
        };
        if let Update::Ended(error) = &update {
            ended.get_or_insert_with(|| failure(error, subject));
        }
        let lines = of_list.lines(update, subject, connection.now());
        if !write(&lines)? {
            return Ok(());
        }
        if let Some(Some(left)) = left.get_mut(place) {
            *left = left.saturating_sub(1);
        }
        if left.iter().all(|left| *left == Some(0)) {
            break;
        }
    }
    ended.map_or(Ok(()), Err)
}

/// Writes lines; false where nobody reads them any more.
fn write(lines: &[Value]) -> Result<bool, Failure> {
    let text: String = lines.iter().map(|line| json::line(line) + "\n").collect();
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::local(format!("the changes cannot be written to stdout: {error}"))),
    }
}

impl Told {
    /// What is new since the poll before.
    fn lines(&mut self, update: Update, subject: &Subject, now: SystemTime) -> Vec<Value> {
        let at = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let kind = match subject {
            Subject::Instances => Kind::Instances,
            Subject::Endpoint(_) | Subject::Endpoints => Kind::Workers,
        };
        let list = kind.noun(0);
        match update {
            Update::Seen { seen, lacking: _ } => {
                let mut lines = Vec::new();
                if self.failures > 0 {
                    lines.push(
                        json!({"at": at, "event": "recovered", "list": list, "failures": self.failures}),
                    );
                    self.failures = 0;
                }
                let now_there = rows::of(&seen, now);
                lines.extend(self.changes(&now_there).into_iter().map(|(event, key, mut line)| {
                    line.insert("at".to_owned(), json!(at));
                    line.insert("event".to_owned(), json!(event));
                    line.insert("id".to_owned(), json!(key.1));
                    if kind == Kind::Workers {
                        line.insert("endpoint".to_owned(), json!(key.0));
                    }
                    Value::Object(line)
                }));
                for line in &mut lines {
                    // `worker` or `instance`, whose fields stand below.
                    if let Some(fields) = line.get_mut("fields").map(Value::take) {
                        line.as_object_mut().map(|line| line.remove("fields"));
                        line[kind.noun(1)] = fields;
                    }
                }
                self.rows = now_there.into_iter().map(|row| (row.key, row.fields)).collect();
                lines
            }
            Update::Failed { error, failures, retry_in } => {
                self.failures = failures;
                vec![
                    json!({"at": at, "event": "failed", "list": list, "error": in_words(&error), "failures": failures,
                            "retry_in": seconds(retry_in)}),
                ]
            }
            Update::Ended(error) => {
                vec![json!({"at": at, "event": "ended", "list": list, "error": in_words(&error)})]
            }
        }
    }

    fn changes<'row>(&'row self, rows: &'row [Row]) -> Vec<(&'static str, &'row RowKey, Map<String, Value>)> {
        let line = |fields: &Map<String, Value>| Map::from_iter([("fields".to_owned(), json!(fields))]);
        let gone = self.rows.iter().filter(|(key, _)| !rows.iter().any(|row| row.key == **key));
        let mut changes: Vec<_> = gone.map(|(key, fields)| ("left", key, line(fields))).collect();
        for row in rows {
            match self.rows.get(&row.key) {
                None => changes.push(("joined", &row.key, line(&row.fields))),
                Some(before) if *before == row.fields => {}
                Some(before) => {
                    let mut line = line(&row.fields);
                    line.insert("changed".to_owned(), json!(changed(before, &row.fields)));
                    changes.push(("changed", &row.key, line));
                }
            }
        }
        changes
    }
}

/// The names of the fields that are not as before.
fn changed<'fields>(
    before: &'fields Map<String, Value>,
    now: &'fields Map<String, Value>,
) -> Vec<&'fields str> {
    let mut names: Vec<&str> = before.keys().chain(now.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| before.get(*name) != now.get(*name));
    names
}

fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1000.0).round() / 1000.0
}
