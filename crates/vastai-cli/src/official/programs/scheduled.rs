//! Calls that the service can repeat by itself.

use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::official::{Line, schedule};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};

/// Sends the call; with `--schedule` the job that repeats it, and the call itself where the official client sends it at once, too.
pub(super) async fn run(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let mut request = line.request(session.client())?;
    let operation = request.operation();
    if operation.id == "cloudCopy" {
        let flags = ["--dry-run", "--size-only", "--ignore-existing", "--update", "--delete-excluded"];
        let flags: Vec<&str> = flags.into_iter().filter(|flag| said.has(flag)).collect();
        if !flags.is_empty() {
            request.set("flags", flags);
        }
    }
    if !schedule::is_asked_for(said) {
        return match operation.id {
            "execute" => super::logs::executed(&request, session).await,
            _ => Outcome::of_call(session, request).await,
        };
    }
    if operation.id == "cloudCopy" {
        return cloud_copy(line, session, request).await;
    }
    let id = said.integer("ID").unwrap_or_default();
    let path = operation.path.replace("{id}", &id.to_string());
    let body = match operation.id {
        "changeBid" => json!({ "client_id": "me", "price": request.get("price"), "instance_id": id }),
        "execute" => json!({ "command": request.get("command"), "instance_id": id }),
        _ => json!({ "instance_id": id }),
    };
    // Before the call itself: a job that cannot be is no reason to reboot.
    let job = schedule::job(said, &request, path, schedule::body(body), id.into(), None)?;
    if operation.id != "changeBid" {
        session.send(&request).await?;
    }
    Outcome::of_call(session, job).await
}

/// Copies to a cloud can be repeated, the other way they cannot.
async fn cloud_copy(line: &Line, session: &Session<'_>, request: Request) -> Result<Outcome, Stop> {
    let said = &line.said;
    let to_cloud = request
        .get("transfer")
        .and_then(Value::as_str)
        .is_some_and(|transfer| transfer.eq_ignore_ascii_case("instance to cloud"));
    if !to_cloud {
        session.note("only a copy from an instance to a cloud can be repeated; this one is made once");
        return Outcome::of_call(session, request).await;
    }
    let Some(instance) = said.word("--instance") else {
        return Err(Failure::usage("--schedule needs --instance".to_owned()).into());
    };
    let id = instance.parse::<i64>();
    let id = id.map_err(|_| Failure::usage(format!("'{instance}' is not the number of an instance")))?;
    let mut show = Request::of("showInstance").map_err(|error| Failure::of_client(&error))?;
    show.set("id", id);
    // It ends with the instance unless said.
    let until = match said.has("--end_date") {
        true => None,
        false => {
            let shown = session.json(&show).await?;
            shown.pointer("/instances/end_date").and_then(Value::as_f64)
        }
    };
    let fields = ["src", "dst", "instance_id", "selected", "transfer", "flags"];
    let mut body: Map<String, Value> = fields
        .into_iter()
        .map(|name| (name.to_owned(), request.get(name).cloned().unwrap_or_default()))
        .collect();
    if body["flags"].is_null() {
        body.insert("flags".to_owned(), json!([]));
    }
    let path = request.operation().path.to_owned();
    let mut job = schedule::job(said, &request, path, body, id.into(), until)?;
    job.set_as_sent("instance_id", instance);
    Outcome::of_call(session, job).await
}
