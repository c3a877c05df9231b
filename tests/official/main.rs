//! What the official client sends and reads, by the table of its requests beside the checkout: each has an operation here, which takes it
//! and has a field for what is read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and one that is skipped says so"
)]

mod answers;

use std::path::Path;

use serde_json::{Map, Value};
use vastai_api::{Location, OPERATIONS, Operation, Parameter, ValueKind};

/// What official clients send under two names, and the one that is used here.
const ALIASES: [(&str, &str); 2] =
    [("/autojobs/", "/workergroups/"), ("/get_autogroup_logs/", "/get_workergroup_logs/")];

/// What says again in a body what key and path say, or what the service takes anyway.
const SAID_ELSEWHERE: [&str; 6] =
    ["client_id", "sender", "api_key", "endptjob_id", "autojob_id", "autoscaler_instance"];

/// Values that the official client sends in another type than the service takes by its document.
const OTHER_TYPES: [(&str, &str); 4] = [
    // Options of the official command line that are not converted; its library sends numbers.
    ("createTemplate", "recommended_disk_space"),
    ("updateTemplate", "recommended_disk_space"),
    // Of the four commands that make jobs, one does not convert the id.
    ("createScheduledJob", "instance_id"),
    // `logs` sends a text and `dump-logs` a number.
    ("showLogs", "tail"),
];

pub(crate) fn requests() -> Option<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/official/requests.yaml");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("skipped: no table of the official client's requests beside the checkout");
        return None;
    };
    Some(vastai_spec::load::document(&text, "requests.yaml").unwrap())
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The operation of a request of the official client.
pub(crate) fn operation(request: &Map<String, Value>) -> Option<&'static Operation> {
    let method = request["method"].as_str().unwrap();
    let written = request["path"].as_str().unwrap().replace("/users/me/", "/users/{user_id}/");
    let path = ALIASES.iter().fold(written, |path, (theirs, ours)| path.replace(theirs, ours));
    OPERATIONS.iter().find(|it| it.method.as_str() == method && shape(it.path) == shape(&path))
}

fn text<'value>(value: &'value Value, key: &str) -> &'value str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a parameter takes values of a type, as the table writes it: `string or null`.
fn takes(parameter: &Parameter, written: &str) -> bool {
    written.split(" or ").any(|kind| match kind {
        "integer" => matches!(parameter.kind, ValueKind::Integer | ValueKind::Number | ValueKind::Json),
        "number" => matches!(parameter.kind, ValueKind::Number | ValueKind::Json),
        "boolean" => matches!(parameter.kind, ValueKind::Boolean | ValueKind::Json),
        // In a query everything is text.
        "string" => {
            parameter.location == Location::Query
                || matches!(parameter.kind, ValueKind::Text | ValueKind::Json)
        }
        "object" | "array" => match parameter.location {
            Location::Query => matches!(parameter.kind, ValueKind::Text | ValueKind::Json),
            _ => parameter.kind == ValueKind::Json,
        },
        "any" => true,
        _ => false,
    })
}

/// What of a request's query or body the operation does not take, and what it requires beside that.
fn differences(operation: &'static Operation, sent: &Map<String, Value>, location: Location) -> Vec<String> {
    let parameters = || operation.parameters.iter().filter(|parameter| parameter.location == location);
    let is_of_the_path = |name: &str| {
        let in_path = operation.parameters.iter().filter(|it| it.location == Location::Path);
        in_path.into_iter().any(|it| it.name == name || name == "id" || name == "machine_id")
    };
    let mut differences = Vec::new();
    for (name, field) in sent.iter().filter(|(name, _)| !name.starts_with('<')) {
        let Some(parameter) = parameters().find(|parameter| parameter.name == name) else {
            if !SAID_ELSEWHERE.contains(&name.as_str()) && !is_of_the_path(name) {
                differences.push(format!("{}: lacks {name}", operation.id));
            }
            continue;
        };
        let known = (operation.id, parameter.name);
        if !takes(parameter, text(field, "type")) && !OTHER_TYPES.contains(&known) {
            let kind = parameter.kind;
            differences.push(format!(
                "{}: {name} is {kind:?}, sent as {}",
                operation.id,
                text(field, "type")
            ));
        }
    }
    for parameter in parameters().filter(|parameter| parameter.required) {
        let field = sent.get(parameter.name);
        if field.is_none_or(|field| field.get("optional") == Some(&Value::Bool(true))) {
            differences
                .push(format!("{}: requires {}, which is not always sent", operation.id, parameter.name));
        }
    }
    differences
}

#[test]
fn each_command_of_the_official_client_has_an_operation_that_takes_its_requests() {
    let Some(table) = requests() else { return };
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (command, entry) in table["commands"].as_object().unwrap() {
        let requests = entry.get("requests").and_then(Value::as_array);
        assert!(requests.is_some() || entry.get("local").is_some(), "{command}");
        for request in requests.into_iter().flatten().filter_map(Value::as_object) {
            let (method, path) = (&request["method"], request["path"].as_str().unwrap());
            let Some(operation) = operation(request) else {
                wrong.push(format!("{command}: no operation is {method} {path}"));
                continue;
            };
            compared += 1;
            let engine = request.get("server").is_some_and(|server| server == "serverless");
            if engine != operation.server.ends_with("run.vast.ai") {
                wrong.push(format!("{command}: {} belongs to {}", operation.id, operation.server));
            }
            for (key, location) in [("query", Location::Query), ("body", Location::Body)] {
                // A body that is the same as of another command is written as text.
                if let Some(sent) = request.get(key).and_then(Value::as_object) {
                    let differences = differences(operation, sent, location);
                    wrong.extend(differences.into_iter().map(|it| format!("{command}: {key}: {it}")));
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 170, "{compared}");
}

#[test]
fn each_call_of_the_official_library_has_an_operation() {
    let Some(table) = requests() else { return };
    let calls = table["library"].as_array().unwrap().iter().filter_map(Value::as_object);
    // What goes to a worker, whose address the engine tells, is not part of a document.
    let calls = calls.filter(|call| call.get("server").is_none_or(|server| server == "serverless"));
    let missing: Vec<String> = calls
        .filter(|call| operation(call).is_none())
        .map(|call| format!("no operation is {} {}", call["method"], call["path"]))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
