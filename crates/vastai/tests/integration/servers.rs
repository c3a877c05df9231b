//! Each operation goes to its server, and the key to the two configured origins alone.

use serde_json::{Value, json};
use vastai::observe::Server;
use vastai::{Client, ErrorKind};
use vastai_api::{LimitRule, Operation, Parameter, ValueKind};
use vastai_mock::Simulator;

use crate::support::{client, client_of};

#[tokio::test]
async fn serverless_calls_go_to_the_engine_and_the_rest_to_the_console() {
    let console = Simulator::start().await.unwrap();
    let run = Simulator::start().await.unwrap();
    let client = client(console.url(), run.url(), run.api_key());

    client.endpoint(12345).workers().await.unwrap();
    client.api().show_endpoints().send().await.unwrap();

    let to_run = run.requests();
    assert_eq!(to_run.len(), 1);
    assert_eq!((to_run[0].method().as_str(), to_run[0].path()), ("POST", "/get_endpoint_workers/"));
    assert_eq!(to_run[0].json().unwrap(), json!({ "id": 12345 }));
    assert_eq!(to_run[0].bearer(), Some(run.api_key()));
    let to_console = console.requests();
    assert_eq!(to_console.len(), 1);
    assert_eq!((to_console[0].method().as_str(), to_console[0].path()), ("GET", "/api/v0/endptjobs/"));
    assert_eq!(to_console[0].bearer(), Some(console.api_key()));
}

#[tokio::test]
async fn one_base_url_is_that_of_both_servers() {
    let simulator = Simulator::start().await.unwrap();
    let builder = Client::builder().api_key(simulator.api_key()).base_url(simulator.url());
    let client = builder.build().unwrap();
    client.endpoint(12345).workers().await.unwrap();
    client.api().show_endpoints().send().await.unwrap();
    let requests = simulator.requests();
    let paths: Vec<&str> = requests.iter().map(|request| request.path()).collect();
    assert_eq!(paths, ["/get_endpoint_workers/", "/api/v0/endptjobs/"]);
}

#[tokio::test]
async fn every_operation_of_the_document_goes_to_the_server_that_the_document_names() {
    let console = Simulator::start().await.unwrap();
    let run = Simulator::start().await.unwrap();
    let client = client(console.url(), run.url(), run.api_key());
    for operation in vastai_api::OPERATIONS {
        let mut call = client.call(operation);
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            let value = sample(operation, parameter);
            call = call.set_in(parameter.location, parameter.name, value).unwrap();
        }
        // Whether the simulator knows the operation does not matter here: where it arrives does.
        let sent = call.send().await;
        let is_refused = sent.is_err_and(|error| error.status().is_none());
        assert!(!is_refused, "{} is sent", operation.id);
        let (wanted, other) = if operation.server == vastai::ClientBuilder::DEFAULT_RUN_URL {
            (&run, &console)
        } else {
            (&console, &run)
        };
        let last = wanted.requests().pop();
        assert_eq!(
            last.map(|request| request.method().as_str().to_owned()).as_deref(),
            Some(operation.method.as_str())
        );
        let total = wanted.requests().len() + other.requests().len();
        let index = vastai_api::OPERATIONS.iter().position(|it| it.id == operation.id).unwrap();
        assert_eq!(total, index + 1, "{} made one request", operation.id);
    }
    assert_eq!(run.requests().len(), 6, "six operations belong to the engine");
}

/// A value that keeps to the limits of its parameter.
fn sample(operation: &Operation, parameter: &Parameter) -> Value {
    let rules_of = |place: &str| {
        let limits = operation.limits.iter();
        let limits = limits.filter(|limit| limit.location == parameter.location && limit.place == place);
        limits.map(|limit| &limit.rule).collect::<Vec<_>>()
    };
    let own = rules_of(parameter.name);
    match parameter.kind {
        ValueKind::Text => json!(text(&own)),
        ValueKind::Integer => {
            let integer: serde_json::Number = format!("{}", number(&own, 1.0)).parse().unwrap();
            Value::Number(integer)
        }
        ValueKind::Number => json!(number(&own, 1.5)),
        ValueKind::Boolean => json!(true),
        ValueKind::Json => {
            let least = own.iter().find_map(|rule| match rule {
                LimitRule::MinItems(count) => Some(*count),
                _ => None,
            });
            match least {
                Some(count) => {
                    let item = text(&rules_of(&format!("{}[]", parameter.name)));
                    json!((0..count).map(|_| item.as_str()).collect::<Vec<_>>())
                }
                None => json!({}),
            }
        }
    }
}

fn text(rules: &[&LimitRule]) -> String {
    rules.iter().fold("x".to_owned(), |text, rule| match rule {
        LimitRule::OneOf(values) => values[0].to_owned(),
        LimitRule::MinLength(length) => text + &"x".repeat(usize::try_from(*length).unwrap()),
        LimitRule::MaxLength(length) => text.chars().take(usize::try_from(*length).unwrap()).collect(),
        _ => text,
    })
}

fn number(rules: &[&LimitRule], usual: f64) -> f64 {
    rules.iter().fold(usual, |number, rule| match rule {
        LimitRule::Minimum(bound) => number.max(*bound),
        LimitRule::ExclusiveMinimum(bound) if number <= *bound => bound + 1.0,
        LimitRule::Maximum(bound) => number.min(*bound),
        LimitRule::ExclusiveMaximum(bound) if number >= *bound => bound - 1.0,
        _ => number,
    })
}

#[tokio::test]
async fn a_generated_call_sends_nothing_that_only_other_servers_know() {
    let simulator = Simulator::start().await.unwrap();
    let client = client(simulator.url(), simulator.url(), simulator.api_key());
    client.api().show_endpoints().send().await.unwrap();
    assert!(simulator.requests()[0].headers().get("api-version").is_none());
}

#[tokio::test]
async fn a_ping_says_whether_a_server_is_there_without_a_key() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    for server in [Server::Console, Server::Engine] {
        let ping = client.ping(server).await.unwrap();
        assert_eq!(ping.url, simulator.url());
        assert!(ping.status > 0 && ping.date.is_some(), "{ping:?}");
    }
    assert!(simulator.requests().iter().all(|request| request.bearer().is_none()));
    let nowhere = Client::builder().api_key("k").base_url("http://127.0.0.1:1").build().unwrap();
    assert_eq!(nowhere.ping(Server::Console).await.unwrap_err().kind(), ErrorKind::Connection);
}
