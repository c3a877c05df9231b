//! The trial of a template on GPUs: for each kind, an endpoint with one worker is made, the performance that the worker measures is read, and
//! the endpoint is deleted whatever happens.

mod specs;
mod trial;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};
use vastai::Client;
use vastai_api::Effect;

use crate::connection;
use crate::consent::per_hour;
use crate::failure::Failure;
use crate::globals::Target;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::output;
use crate::progress::Steps;
use crate::request::Request;
use crate::session::{Session, Stop};
use crate::stop::stopped;
use crate::waiting::is_silent;
use crate::workers::in_words;

use specs::Spec;
use trial::{Row, Status, Template, Trial};

/// For how long a worker may take, unless set.
const TIMEOUT: u64 = 30 * 60;
/// Between the beginnings of two trials: many requests at once are turned away.
const STAGGER: Duration = Duration::from_secs(4);
/// How old what others measured may be, in seconds, and how much of it is asked for.
const OLDEST: f64 = 30.0 * 86_400.0;
const MOST_ROWS: i64 = 100;

/// Measures a template.
pub(super) async fn run(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    if !said.has("--template_hash") && !said.has("--template_id") {
        return Err(
            Failure::usage("say which template, by --template_hash or --template_id".to_owned()).into()
        );
    }
    let (template, filters) = template(line, session).await?;
    let mut specs =
        specs::wanted(said.word("--gpus"), said.integer("--num_gpus"), &filters).map_err(Failure::usage)?;
    let mut rows = Vec::new();
    if !said.has("--no-cache") {
        let mut unknown = Vec::new();
        for spec in specs {
            match measured_before(session, &template, &spec).await? {
                Some(row) => {
                    output::note(&format!(
                        "{spec}: the median of what was measured in the last 30 days is taken; --no-cache measures anew"
                    ));
                    rows.push(row);
                }
                None => unknown.push(spec),
            }
        }
        specs = unknown;
    }
    let mut rentable = Vec::new();
    for spec in specs {
        match price(session, &spec, &filters).await? {
            Some(price) => rentable.push((spec, price)),
            None => {
                output::note(&format!("{spec}: skipped, as no offer fits the filters of the template"));
                rows.push(Row::without(&spec, Status::Skipped));
            }
        }
    }
    if !rentable.is_empty() {
        let timeout = said.integer("--timeout").map_or(TIMEOUT, i64::unsigned_abs);
        session.agree_to(&question(&rentable, timeout), Effect::Pays)?;
        let specs = rentable.into_iter().map(|(spec, _)| spec).collect();
        rows.extend(measured(line, session, template, specs, Duration::from_secs(timeout)).await?);
    }
    Ok(outcome(rows)?)
}

/// What is printed: the best for its price first.
fn outcome(mut rows: Vec<Row>) -> Result<Outcome, Failure> {
    rows.sort_by(|one, other| other.per_dollar().total_cmp(&one.per_dollar()));
    let is_any = rows.iter().any(|row| matches!(row.status, Status::Ok | Status::Cached));
    let operation = Request::of("createEndpoint").map_err(|error| Failure::of_client(&error))?.operation();
    let all = rows.iter().map(Row::to_json).collect::<Value>();
    Ok(Outcome::value(all, operation).with_code(u8::from(!is_any)))
}

/// The template, and the filters that it has for offers.
async fn template(line: &Line, session: &Session<'_>) -> Result<(Template, Map<String, Value>), Stop> {
    let said = &line.said;
    let (filter, named) = match (said.integer("--template_id"), said.word("--template_hash")) {
        (Some(id), _) => (json!({ "id": { "eq": id } }), format!("the id {id}")),
        (None, hash) => {
            let hash = hash.unwrap_or_default();
            (json!({ "hash_id": { "eq": hash } }), format!("the hash '{hash}'"))
        }
    };
    let mut search = request("searchTemplates")?;
    search.set("select_cols", json!(["*"]).to_string());
    search.set("select_filters", filter.to_string());
    let found = session.json(&search).await?;
    let Some(found) = found.get("templates").and_then(|templates| templates.get(0)) else {
        return Err(Failure::local(format!("there is no template with {named}")).into());
    };
    let filters = match found.get("extra_filters") {
        Some(Value::String(json)) => serde_json::from_str(json).unwrap_or_default(),
        Some(Value::Object(filters)) => filters.clone(),
        _ => Map::new(),
    };
    let template = Template {
        id: found.get("id").and_then(Value::as_i64),
        hash: found.get("hash_id").and_then(Value::as_str).map(str::to_owned),
        is_by_id: said.has("--template_id"),
    };
    Ok((template, filters))
}

/// The median of what was measured lately with the same template on the same GPUs.
async fn measured_before(
    session: &Session<'_>,
    template: &Template,
    spec: &Spec,
) -> Result<Option<Row>, Stop> {
    let now = session.connection().now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let by = [
        ("template_hash", template.hash.as_ref().map(|hash| json!(hash))),
        ("template_id", template.id.map(|id| json!(id))),
    ];
    let mut rows: Vec<Value> = Vec::new();
    for (column, value) in by {
        let Some(value) = value else { continue };
        let mut search = request("searchBenchmarks")?;
        search.set("select_cols", json!(["*"]).to_string());
        let filters = json!({ "type": { "eq": "perf" }, "gpu_name": { "eq": spec.gpu }, "num_gpus": { "eq": spec.count },
            "last_update": { "gte": (now.as_secs_f64() - OLDEST).floor() }, column: { "eq": value } });
        search.set("select_filters", filters.to_string());
        search.set("order_by", json!([{ "col": "last_update", "dir": "desc" }]).to_string());
        search.set("limit", MOST_ROWS);
        let found = session.json(&search).await?;
        for row in found.get("benchmarks").and_then(Value::as_array).into_iter().flatten() {
            // One that has both comes twice.
            if row.get("id").is_none_or(|id| rows.iter().all(|row| row.get("id") != Some(id))) {
                rows.push(row.clone());
            }
        }
    }
    let numbers = |name: &str| {
        let numbers = rows.iter().filter_map(|row| row.get(name)?.as_f64());
        numbers.filter(|number| *number > 0.0).collect::<Vec<f64>>()
    };
    Ok(median(numbers("value")).map(|performance| Row {
        performance: Some(performance),
        price: median(numbers("dph_base")),
        ..Row::without(spec, Status::Cached)
    }))
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() % 2 {
        1 => numbers.get(middle).copied(),
        _ => Some((numbers.get(middle.checked_sub(1)?)? + numbers.get(middle)?) / 2.0),
    }
}

/// What the best offer costs per hour that the template can be rented on; `None` where there is none.
async fn price(
    session: &Session<'_>,
    spec: &Spec,
    filters: &Map<String, Value>,
) -> Result<Option<f64>, Stop> {
    let mut search = request("searchOffers")?;
    search.leave_out_defaults();
    for (field, value) in [("verified", true), ("external", false), ("rentable", true), ("rented", false)] {
        search.set(field, json!({ "eq": value }));
    }
    for (field, condition) in filters {
        search.set(field, condition.clone());
    }
    search.set("gpu_name", json!({ "eq": spec.gpu }));
    search.set("num_gpus", json!({ "eq": spec.count }));
    search.set("order", json!([["score", "desc"]]));
    search.set("type", "on-demand");
    search.set("limit", 1);
    search.set("allocated_storage", 5.0);
    let found = session.json(&search).await?;
    let offer = found.get("offers").and_then(|offers| offers.get(0));
    Ok(offer.map(|offer| offer.get("dph_total").and_then(Value::as_f64).unwrap_or_default()))
}

/// `rent 2 workers, 1x RTX 4090 (0.40 $/h) and 1x RTX 3090 (0.21 $/h), for up to 30m 0s each, and delete them afterwards`.
fn question(rentable: &[(Spec, f64)], timeout: u64) -> String {
    let named: Vec<String> =
        rentable.iter().map(|(spec, price)| format!("{spec} (about {})", per_hour(*price))).collect();
    let workers =
        if rentable.len() == 1 { "a worker".to_owned() } else { format!("{} workers", rentable.len()) };
    format!(
        "rent {workers}, {}, for up to {}, and delete what was made afterwards",
        named.join(", "),
        in_words(Duration::from_secs(timeout))
    )
}

/// Measures all of them at once. Where it is interrupted, what was made is deleted all the same.
async fn measured(
    line: &Line,
    session: &Session<'_>,
    template: Template,
    specs: Vec<Spec>,
    timeout: Duration,
) -> Result<Vec<Row>, Stop> {
    let said = &line.said;
    let interrupted = stopped()?;
    let names: Vec<String> = specs.iter().map(ToString::to_string).collect();
    let steps = Arc::new(Steps::begin(&format!("measuring {}", names.join(", ")), is_silent(session)));
    let engine = engine(line, session)?;
    let (stop, stopping) = watch::channel(false);
    let (here, mut trials) = (LocalSet::new(), JoinSet::new());
    for (at, spec) in specs.into_iter().enumerate() {
        let trial = Trial {
            client: session.client().clone(),
            engine: engine.clone(),
            template: template.clone(),
            spec,
            instance: said.word("--auto_instance").map(str::to_owned),
            timeout,
            begins_after: STAGGER.saturating_mul(u32::try_from(at).unwrap_or(u32::MAX)),
            steps: Arc::clone(&steps),
        };
        trials.spawn_local_on(trial.run(stopping.clone()), &here);
    }
    let all = async {
        let mut rows = Vec::new();
        while let Some(row) = trials.join_next().await {
            match row {
                Ok(row) => rows.push(row),
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            }
        }
        rows
    };
    let all = here.run_until(session.connection().waited(all));
    tokio::pin!(all);
    let (rows, is_interrupted) = tokio::select! {
        rows = &mut all => (rows, false),
        () = interrupted => {
            steps.note("interrupted: what was made is deleted before this ends; Ctrl-C again leaves it");
            let again = stopped()?;
            // Each hears of it; none is gone before it has ended.
            let _ = stop.send(true);
            tokio::select! {
                rows = &mut all => (rows, true),
                () = again => {
                    let message = "interrupted twice; endpoints whose names begin with `benchmark` may be left";
                    let hint = "their workers are billed: look with `vastai show endpoints`";
                    return Err(Failure::local(message.to_owned()).hinting(hint.to_owned()).into());
                }
            }
        }
    };
    let left: Vec<&str> = rows.iter().filter_map(|row| row.left.as_deref()).collect();
    if !left.is_empty() {
        let hint = "its workers are billed: `vastai show endpoints`, `vastai delete endpoint ID`";
        return Err(Failure::local(left.join("; ")).hinting(hint.to_owned()).into());
    }
    match is_interrupted {
        true => Err(Failure::local("interrupted; what was made is deleted".to_owned()).into()),
        false => Ok(rows),
    }
}

/// The client that asks the engine: where another one is named, one of its own.
fn engine(line: &Line, session: &Session<'_>) -> Result<Client, Failure> {
    match (line.said.word("--autoscaler_url"), &session.settings().target) {
        (Some(url), target @ Target::Service { .. }) => {
            let client = connection::builder(target).run_url(url).build();
            client.map_err(|error| Failure::of_client(&error))
        }
        _ => Ok(session.client().clone()),
    }
}

fn request(operation: &str) -> Result<Request, Failure> {
    Request::of(operation).map_err(|error| Failure::of_client(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_numbers() {
        assert_eq!(median(Vec::new()), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }
}
