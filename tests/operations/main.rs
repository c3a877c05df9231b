//! Every operation of the document: its request arrives as the document says, and its documented response decodes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails panics")]

use std::collections::BTreeMap;

use reqwest::{Request, Url};
use serde_json::{Value, json};
use vastai_api::{
    Client, Direct, Effect, Method, OPERATIONS, Operation, SendFuture, SharedTransport, Transport,
    http_client_builder,
};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};
use vastai_spec::samples::{self, Sample};

#[allow(unreachable_pub, unused_qualifications)]
mod generated {
    use vastai_api::{Client, types};

    include!(concat!(env!("OUT_DIR"), "/sample_calls.rs"));
}

/// Sends each operation to the simulator that stands for its server.
#[derive(Debug)]
struct ByServer(BTreeMap<&'static str, Url>);

impl Transport for ByServer {
    fn send<'call>(
        &'call self,
        http: &'call reqwest::Client,
        mut request: Request,
        operation: &'static Operation,
    ) -> SendFuture<'call> {
        Box::pin(async move {
            let server = &self.0[operation.server];
            request.url_mut().set_port(server.port()).unwrap();
            Direct.send(http, request, operation).await
        })
    }
}

fn document() -> Prepared {
    let file =
        |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (document, corrections, additions) =
        (file("openapi.yaml"), file("overlay.yaml"), file("undocumented.yaml"));
    let overlays = [Source::new("overlay.yaml", &corrections), Source::new("undocumented.yaml", &additions)];
    prepare(Source::new("openapi.yaml", &document), overlays, Staleness::Fail).unwrap()
}

/// A path of the document with the sample's values in it.
fn filled(path: &str, sample: &Sample) -> String {
    let in_path = sample.parameters.iter().filter(|(location, _, _)| location == "path");
    in_path
        .fold(path.to_owned(), |path, (_, name, value)| path.replace(&format!("{{{name}}}"), &in_url(value)))
}

fn in_url(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn every_operation_arrives_as_documented_and_decodes_its_documented_response() {
    let prepared = document();
    let (console, run) = (Simulator::start().await.unwrap(), Simulator::start().await.unwrap());
    let simulators = BTreeMap::from([("https://console.vast.ai", &console), ("https://run.vast.ai", &run)]);
    let servers =
        simulators.iter().map(|(server, simulator)| (*server, Url::parse(simulator.url()).unwrap()));
    let transport = SharedTransport::new(ByServer(servers.collect()));
    let http = http_client_builder().no_proxy().default_headers(bearer(&console)).build().unwrap();
    let client = Client::new_with_client("http://127.0.0.1", http, transport);

    let samples = samples::of(&prepared.overlaid);
    assert_eq!(samples.len(), OPERATIONS.len());
    let mut wrong = Vec::new();
    for sample in &samples {
        let operation = Operation::by_id(&sample.operation).unwrap();
        let simulator = simulators[operation.server];
        let path = filled(operation.path, sample);
        let answer = sample.response.clone().unwrap_or_default();
        simulator.respond_with(&path, RawResponse::json(StatusCode::OK, &answer));
        match generated::send_sample(&client, &sample.operation).await {
            Ok((decoded, _)) => wrong.extend(
                differences(&answer, &decoded).map(|it| format!("{}: answer: {it}", sample.operation)),
            ),
            Err(error) => wrong.push(format!("{}: {error}", sample.operation)),
        }
        let requests = simulator.requests();
        let Some(request) = requests.last() else {
            wrong.push(format!("{}: nothing arrived", sample.operation));
            continue;
        };
        let mut check = |what: &str, found: &str, expected: &str| {
            if found != expected {
                wrong.push(format!("{}: {what}: {found} instead of {expected}", sample.operation));
            }
        };
        check("method", request.method().as_str(), operation.method.as_str());
        check("path", request.path(), &path);
        let mut query: Vec<(String, String)> = sample
            .parameters
            .iter()
            .filter(|(location, _, _)| location == "query")
            .map(|(_, name, value)| (name.clone(), in_url(value)))
            .collect();
        query.sort();
        let mut found: Vec<(String, String)> =
            request.query_pairs().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        found.sort();
        check("query", &format!("{found:?}"), &format!("{query:?}"));
        let body = if request.body().is_empty() { None } else { Some(request.json().unwrap()) };
        match (&sample.body, body) {
            (Some(expected), Some(found)) => {
                wrong.extend(
                    differences(expected, &found).map(|it| format!("{}: body: {it}", sample.operation)),
                );
            }
            (expected, found) => check("body", &format!("{found:?}"), &format!("{expected:?}")),
        }
    }
    let arrived = console.requests().len() + run.requests().len();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(arrived, samples.len(), "one request for each operation");
}

fn bearer(simulator: &Simulator) -> reqwest::header::HeaderMap {
    let value = format!("Bearer {}", simulator.api_key()).parse().unwrap();
    [(reqwest::header::AUTHORIZATION, value)].into_iter().collect()
}

/// Where something that was sent is missing or has another value. What was null may be missing, and a whole number is a number.
fn differences(sent: &Value, found: &Value) -> impl Iterator<Item = String> {
    let mut differences = Vec::new();
    compare(sent, found, String::new(), &mut differences);
    differences.into_iter()
}

fn compare(sent: &Value, found: &Value, at: String, differences: &mut Vec<String>) {
    match (sent, found) {
        (Value::Object(sent), Value::Object(found)) => {
            for (name, value) in sent.iter().filter(|(_, value)| !value.is_null()) {
                match found.get(name) {
                    Some(there) => compare(value, there, format!("{at}/{name}"), differences),
                    None => differences.push(format!("{at}/{name} is lost")),
                }
            }
        }
        (Value::Array(sent), Value::Array(found)) if sent.len() == found.len() => {
            for (index, (sent, found)) in sent.iter().zip(found).enumerate() {
                compare(sent, found, format!("{at}/{index}"), differences);
            }
        }
        (Value::Number(sent), Value::Number(found)) if sent.as_f64() == found.as_f64() => {}
        // A number that comes as a string is a number.
        (Value::String(sent), Value::Number(found)) if sent.parse().ok() == found.as_f64() => {}
        // Addresses come with white space around them, and are trimmed; words of an open set are written as the service writes them.
        (Value::String(sent), Value::String(found)) if sent.trim().eq_ignore_ascii_case(found) => {}
        (sent, found) if sent == found => {}
        _ => differences.push(format!("{at}: {found} instead of {sent}")),
    }
}

#[test]
fn the_overlay_says_of_every_operation_whether_a_repeat_is_safe_and_why() {
    let document = document().overlaid;
    let mut said = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation.get("operationId").and_then(Value::as_str) else { continue };
            let mark = operation.get("x-vastai-repeatable").and_then(Value::as_bool);
            let reason = operation.get("x-vastai-repeatable-reason").and_then(Value::as_str);
            assert!(
                mark.is_some(),
                "overlay.yaml does not say whether {id} ({method} {path}) may be repeated"
            );
            assert!(reason.is_some_and(|reason| reason.len() > 20), "overlay.yaml gives no reason for {id}");
            assert_eq!(Operation::by_id(id).map(|operation| operation.repeatable), mark, "{id}");
            said += 1;
        }
    }
    assert_eq!(said, OPERATIONS.len());
}

#[test]
fn the_overlay_says_of_every_operation_that_is_no_get_what_it_does_and_why() {
    let document = document().overlaid;
    let mut said = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation.get("operationId").and_then(Value::as_str) else { continue };
            let effect = Operation::by_id(id).unwrap().effect;
            let Some(mark) = operation.get("x-vastai-effect") else {
                assert_eq!((method.as_str(), effect), ("get", Effect::Reads), "{id} ({path}) has no mark");
                continue;
            };
            let reason = operation.get("x-vastai-effect-reason").and_then(Value::as_str);
            assert!(reason.is_some_and(|reason| reason.len() > 20), "overlay.yaml gives no reason for {id}");
            assert_eq!(mark, effect.as_str(), "{id}");
            said += 1;
        }
    }
    assert_eq!(said, OPERATIONS.iter().filter(|operation| operation.method != Method::Get).count());
}

#[test]
fn what_reads_is_repeatable_and_has_a_name_that_says_so() {
    let words = ["show", "search", "get", "list", "fetch", "tfaStatus"];
    for operation in OPERATIONS.iter().filter(|operation| operation.effect == Effect::Reads) {
        assert!(operation.repeatable, "{}", operation.id);
        assert!(words.iter().any(|word| operation.id.starts_with(word)), "{}", operation.id);
    }
}

#[test]
fn what_creates_updates_or_deletes_does_not_read() {
    let words =
        ["create", "update", "delete", "destroy", "rent", "set", "start", "stop", "remove", "transfer"];
    for operation in OPERATIONS {
        if words.iter().any(|word| operation.id.starts_with(word)) {
            assert_ne!(operation.effect, Effect::Reads, "{}", operation.id);
        }
    }
}

#[test]
fn what_costs_is_not_sent_twice_unless_it_only_sets_a_value() {
    let sets = ["changeBid", "acceptPriceIncrease"];
    for operation in OPERATIONS.iter().filter(|operation| operation.effect.costs() && operation.repeatable) {
        let is_update = operation.id.starts_with("update") || operation.id.starts_with("set");
        assert!(is_update || sets.contains(&operation.id), "{}", operation.id);
    }
}

#[test]
fn a_field_with_which_an_operation_does_more_is_one_that_it_takes() {
    let dependent = OPERATIONS.iter().filter(|operation| !operation.effect_where.is_empty());
    let mut count = 0;
    for operation in dependent {
        for more in operation.effect_where {
            assert!(operation.takes(more.field), "{} takes no {}", operation.id, more.field);
            count += 1;
        }
    }
    assert!(count >= 3);
}

#[test]
fn what_an_operation_does_depends_on_its_fields() {
    let effect = |id: &str, fields: Value| Operation::by_id(id).unwrap().effect_with(|name| fields.get(name));
    for nothing in [json!(null), json!(false), json!(0), json!(0.0), json!(""), json!([]), json!({})] {
        assert_eq!(effect("createTeam", json!({ "transfer_credit": nothing })), Effect::Changes, "{nothing}");
    }
    assert_eq!(effect("createTeam", json!({ "transfer_credit": 0.01 })), Effect::Pays);
    assert_eq!(effect("createTeam", json!({ "transfer_credit": "5" })), Effect::Pays);
    assert_eq!(effect("manageInstances", json!({ "state": "stopped" })), Effect::Changes);
    // A state that nobody knows is not taken for harmless.
    assert_eq!(effect("manageInstances", json!({ "state": "STOPPED" })), Effect::Spends);
    assert_eq!(effect("destroyInstance", json!({ "state": "running" })), Effect::Destroys);
}
