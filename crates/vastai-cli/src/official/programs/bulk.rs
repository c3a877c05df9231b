//! The same for many.

use serde_json::Value;

use crate::official::{Line, host, instance};
use crate::outcome::Outcome;
use crate::session::{Session, Stop};

/// The most ids that the official client sends in a request.
const MOST: usize = 64;

/// Instances or offers, as many at once as a request takes.
pub(super) async fn many(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let mut request = line.request(session.client())?;
    let operation = request.operation();
    let field = match operation.id {
        "destroyInstances" => "instance_ids",
        _ => "ids",
    };
    if operation.id == "createInstances" {
        instance::settings(&line.said, session.client(), &mut request)?;
    }
    let ids = line.said.integers("IDS");
    // All of them, before the first part is sent.
    request.set(field, ids.clone());
    session.agree(&request).await?;
    if ids.len() <= MOST {
        return Outcome::of_call(session, request).await;
    }
    let mut responses = Vec::new();
    for part in ids.chunks(MOST) {
        request.set(field, part.to_vec());
        let response = session.json(&request).await;
        responses.push(response.inspect_err(|_| done(session, responses.len() * MOST, ids.len()))?);
    }
    Ok(Outcome::value(Value::Array(responses), operation))
}

/// Machines, each with the same prices.
pub(super) async fn each_machine(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let mut request = line.request(session.client())?;
    host::prices(&line.said, session.client(), &mut request)?;
    let operation = request.operation();
    let ids = line.said.integers("IDS");
    let mut responses = Vec::new();
    for id in &ids {
        request.set("machine", id.clone());
        let response = session.json(&request).await;
        responses.push(response.inspect_err(|_| done(session, responses.len(), ids.len()))?);
    }
    Ok(Outcome::value(Value::Array(responses), operation))
}

/// Says how far it went before it failed.
fn done(session: &Session<'_>, done: usize, all: usize) {
    if done > 0 {
        session.note(&format!("{done} of {all} were done before this one failed, the first ones"));
    }
}
