//! The trial of a machine: its offer is rented, an image with tests runs on it, and the instance is destroyed whatever happens.

mod progress;
mod requirements;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};
use vastai::instances::{InstanceHandle, Rent};
use vastai::{Client, ErrorKind};
use vastai_api::{Effect, operations};

use crate::consent::per_hour;
use crate::failure::{Failure, in_words};
use crate::globals::Format;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::output;
use crate::progress::Steps;
use crate::request::Request;
use crate::session::{Session, Stop};
use crate::stop::stopped;
use crate::waiting::{is_silent, until_running};

use progress::{Place, Trial};

/// For how long the machine may pull the image.
const START: Duration = Duration::from_secs(15 * 60);
/// What the image with the tests needs, in GB.
const DISK: f64 = 40.0;
/// What starts the tests in the image.
const ONSTART: &str = "/verification/remote.sh";

/// What became of the trial, beside what passed.
struct Failed {
    stage: &'static str,
    reason: String,
}

impl Failed {
    fn at(stage: &'static str, reason: impl Into<String>) -> Self {
        Self { stage, reason: reason.into() }
    }
}

/// Tries a machine.
pub(super) async fn run(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let word = said.word("MACHINE_ID").unwrap_or_default();
    let machine = word.trim().parse::<i64>();
    let machine = machine.map_err(|_| Failure::usage(format!("'{word}' is not the number of a machine")))?;
    let mut report = Map::from_iter([("machine_id".to_owned(), json!(machine))]);
    let tried = tried(line, session, machine, &mut report).await?;
    finished(line, session, machine, report, tried)
}

/// Searches, checks, rents and tests; what was found goes into the report.
async fn tried(
    line: &Line,
    session: &Session<'_>,
    machine: i64,
    report: &mut Map<String, Value>,
) -> Result<Result<(), Failed>, Stop> {
    let said = &line.said;
    let offer = match offer(session, machine).await? {
        Ok(offer) => offer,
        Err(reason) => return Ok(Err(Failed::at("offer", reason))),
    };
    report.insert("offer".to_owned(), offer.clone());
    let checks = requirements::of(&offer);
    report.insert("checks".to_owned(), checks.iter().map(requirements::Check::to_json).collect());
    let unmet: Vec<String> = checks.iter().filter(|check| !check.is_met()).map(ToString::to_string).collect();
    if !unmet.is_empty() {
        let reason = format!("the machine does not meet what is required: {}", unmet.join("; "));
        if !said.has("--ignore-requirements") {
            return Ok(Err(Failed::at("requirements", reason)));
        }
        output::warn(&format!("{reason}; tested all the same, which does not count for its verification"));
    }
    let Some(id) = offer.get("id").and_then(Value::as_i64) else {
        return Ok(Err(Failed::at("offer", "the offer has no id")));
    };
    let image = match said
        .word("--test-image")
        .map(str::to_owned)
        .or_else(|| env::var("VAST_SELF_TEST_IMAGE").ok())
    {
        Some(image) => image,
        None => match requirements::image(&offer) {
            Some(image) => image,
            None => {
                return Ok(Err(Failed::at(
                    "requirements",
                    "there is no image with tests for its version of CUDA",
                )));
            }
        },
    };
    report.insert("image".to_owned(), json!(image));
    session.agree_to(&question(machine, id, &offer), Effect::Spends)?;
    let rent = session
        .client()
        .rent(id)
        .image(image)
        .disk(DISK)
        // A label of its own, by which the rental is found where its response is lost.
        .label(format!("vast-self-test-machine-{machine}-{:08x}", fastrand::u32(..)))
        .env("TZ", "PDT")
        .env("XNAME", "XX4")
        .port(progress::PORT)
        .port(1234)
        .onstart(ONSTART)
        .ssh()
        .direct();
    rented(line, session, rent, report).await
}

/// What is asked about: `rent offer 7 (2x RTX 4090, 0.80 $/h) to test machine 12, and destroy the instance afterwards`.
fn question(machine: i64, offer: i64, fields: &Value) -> String {
    let name = fields.get("gpu_name").and_then(Value::as_str).unwrap_or("no GPU that it names");
    let count = fields.get("num_gpus").and_then(Value::as_f64).filter(|count| *count > 1.0);
    let gpus = count.map_or_else(|| name.to_owned(), |count| format!("{count}x {name}"));
    let price = fields.get("dph_total").and_then(Value::as_f64).map(|price| format!(", {}", per_hour(price)));
    format!(
        "rent offer {offer} ({gpus}{}) to test machine {machine}, and destroy the instance afterwards",
        price.unwrap_or_default()
    )
}

/// The best offer of a machine that can be rented now, or why there is none.
async fn offer(session: &Session<'_>, machine: i64) -> Result<Result<Value, String>, Stop> {
    let found = offers(session, machine, json!(true)).await?;
    let score = |offer: &Value| offer.get("dlperf").and_then(Value::as_f64).unwrap_or_default();
    if let Some(best) = found.into_iter().max_by(|one, other| score(one).total_cmp(&score(other))) {
        return Ok(Ok(best));
    }
    if let Some(taken) = offers(session, machine, json!("any")).await?.first() {
        let why = match taken.get("rented").and_then(Value::as_bool) {
            Some(true) => "it is rented",
            _ => "it cannot be rented now",
        };
        return Ok(Err(format!("machine {machine} has an offer, but {why}")));
    }
    let mut show = Request::of("showMachine").map_err(|error| Failure::of_client(&error))?;
    show.set("machine_id", machine);
    Ok(Err(match session.tried(&show).await? {
        Ok(response) => match response.json() {
            Ok(Value::Array(rows)) if rows.is_empty() => {
                format!("there is no machine {machine} of this account, and none of this number is offered")
            }
            _ => format!("machine {machine} is not offered: `vastai list machine {machine}` does that"),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            format!("there is no machine {machine} of this account, and none of this number is offered")
        }
        Err(error) => {
            format!("machine {machine} is not offered, and it cannot be looked up: {}", in_words(&error))
        }
    }))
}

async fn offers(session: &Session<'_>, machine: i64, rentable: Value) -> Result<Vec<Value>, Stop> {
    let mut search = Request::of("searchOffers").map_err(|error| Failure::of_client(&error))?;
    search.leave_out_defaults();
    search.set("machine_id", json!({ "eq": machine }));
    search.set("verified", json!({ "eq": "any" }));
    search.set("rentable", json!({ "eq": rentable }));
    search.set("rented", json!({ "eq": "any" }));
    search.set("order", json!([["score", "desc"]]));
    search.set("type", "on-demand");
    search.set("allocated_storage", 5.0);
    let found = session.json(&search).await?;
    Ok(found.get("offers").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// Rents, tests and destroys. Where it is interrupted, the instance is destroyed all the same.
async fn rented(
    line: &Line,
    session: &Session<'_>,
    rent: Rent,
    report: &mut Map<String, Value>,
) -> Result<Result<(), Failed>, Stop> {
    let label = rent.rental_label().to_owned();
    let client = session.client().clone();
    let interrupted = stopped()?;
    let mut id = None;
    let done = tokio::select! {
        done = rent.scoped(async |instance| {
            id = Some(instance.id());
            Ok::<_, vastai::Error>(tested(line, session, &instance).await)
        }) => done,
        () = interrupted => return Err(ended(&client, &label).await.into()),
    };
    if let Some(id) = id {
        report.insert("instance_id".to_owned(), json!(id));
    }
    match done {
        Ok(tested) => Ok(tested),
        // Nothing was tested, or what was rented is still there: that is more than a machine that failed.
        Err(error) => Err(Failure::of_call(&error, operations::CREATE_INSTANCE).into()),
    }
}

/// Waits until what was rented is destroyed, and says whether it is.
async fn ended(client: &Client, label: &str) -> Failure {
    output::note("interrupted: the instance is destroyed before this ends; Ctrl-C again leaves it");
    let hint = "what is left is billed: look with `vastai show instances`".to_owned();
    let Ok(again) = stopped() else { return Failure::local("interrupted".to_owned()).hinting(hint) };
    tokio::select! {
        () = client.cleaned_up() => {}
        () = again => {
            let message = format!("interrupted twice; an instance with the label {label:?} may be left");
            return Failure::local(message).hinting(hint);
        }
    }
    match client.find_rented(label).await {
        Ok(None) => {
            Failure::local("interrupted; the machine was not tested, and nothing is left rented".to_owned())
        }
        Ok(Some(left)) => {
            let message = format!("interrupted, and instance {} could not be destroyed", left.id());
            Failure::local(message).hinting(format!("it is billed: `vastai destroy instance {}`", left.id()))
        }
        Err(error) => {
            let message = format!(
                "interrupted, and whether an instance with the label {label:?} is left cannot be seen: {error}"
            );
            Failure::local(message).hinting(hint)
        }
    }
}

/// Waits for the instance, and for what its tests say.
async fn tested(line: &Line, session: &Session<'_>, instance: &InstanceHandle) -> Result<(), Failed> {
    let id = instance.id();
    let done = async {
        let running = until_running(session, id, instance.wait_until_running().timeout(START)).await;
        let running = running.map_err(|error| Failed::at("start", in_words(&error)))?;
        let place = Place::of(&running).ok_or_else(|| {
            Failed::at(
                "network",
                format!("port {} of the instance is not open to the internet", progress::PORT),
            )
        })?;
        let trial = Trial::new(place).map_err(|error| Failed::at("network", error))?;
        let steps = Steps::begin("waiting for the tests on the machine", is_silent(session));
        let is_there = async || match instance.show().await {
            Ok(shown) => !shown.actual_status.is_some_and(|status| status.looks_dead()),
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        let passed = trial.followed(is_there, &steps, line.said.has("--debugging"));
        session.connection().waited(passed).await.map_err(|reason| Failed::at("tests", reason))
    };
    let done = done.await;
    if done.is_err()
        && let Some(folder) = bundle(line)
    {
        // Before the instance is destroyed: afterwards there is no log.
        match instance.logs().await {
            Ok(log) => stored(&folder.join("container.log"), &log),
            Err(error) => output::warn(&format!("its log cannot be had: {}", in_words(&error))),
        }
    }
    done
}

/// The folder for what is known of a trial that failed, where one is asked for.
fn bundle(line: &Line) -> Option<PathBuf> {
    let said = &line.said;
    let folder = said.word("--support-bundle-dir").filter(|_| !said.has("--no-support-bundle"))?;
    let machine: String =
        said.word("MACHINE_ID").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    Some(Path::new(folder).join(format!("vastai-self-test-{machine}")))
}

/// Writes a file of the bundle, which is not worth to fail for.
fn stored(path: &Path, text: &str) {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    if let Err(error) = written {
        output::warn(&format!("{} cannot be written: {error}", path.display()));
    }
}

/// What is printed of a trial: a line for people, or the report.
fn finished(
    line: &Line,
    session: &Session<'_>,
    machine: i64,
    mut report: Map<String, Value>,
    tried: Result<(), Failed>,
) -> Result<Outcome, Stop> {
    report.insert("success".to_owned(), json!(tried.is_ok()));
    if let Err(failed) = &tried {
        report.insert("stage".to_owned(), json!(failed.stage));
        report.insert("reason".to_owned(), json!(failed.reason));
        if let Some(folder) = bundle(line) {
            let path = folder.join("result.json");
            stored(&path, &format!("{:#}\n", Value::Object(report.clone())));
            output::note(&format!("what is known of it is in {}", folder.display()));
        }
    }
    let operation = operations::SEARCH_OFFERS;
    Ok(match (tried, session.settings().format) {
        (Ok(()), Format::Table) => Outcome::text(format!("machine {machine} passed its tests\n")),
        (Err(failed), Format::Table) => {
            let message = format!("machine {machine} failed ({}): {}", failed.stage, failed.reason);
            return Err(Failure::local(message).into());
        }
        (tried, _) => Outcome::value(Value::Object(report), operation).with_code(u8::from(tried.is_err())),
    })
}
