//! Each operation goes to its server, and the key to the two configured origins alone.

use serde_json::json;
use vastai_mock::Simulator;

use crate::support::client;

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
    assert_eq!((to_console[0].method().as_str(), to_console[0].path()), ("GET", "/api/v0/endptjobs"));
    assert_eq!(to_console[0].bearer(), Some(console.api_key()));
}

#[tokio::test]
async fn every_operation_of_the_document_goes_to_the_server_that_the_document_names() {
    let console = Simulator::start().await.unwrap();
    let run = Simulator::start().await.unwrap();
    let client = client(console.url(), run.url(), run.api_key());
    for operation in vastai_api::OPERATIONS {
        let mut call = client.call(operation);
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            call = call.set(parameter.name, sample(parameter)).unwrap();
        }
        // Whether the simulator knows the operation does not matter here: where it arrives does.
        let _ = call.send().await;
        let (wanted, other) =
            if operation.server == vastai::DEFAULT_RUN_URL { (&run, &console) } else { (&console, &run) };
        let last = wanted.requests().pop();
        assert_eq!(
            last.map(|request| request.method().as_str().to_owned()).as_deref(),
            Some(operation.method.as_str())
        );
        let total = wanted.requests().len() + other.requests().len();
        let index = vastai_api::OPERATIONS.iter().position(|it| it.id == operation.id).unwrap();
        assert_eq!(total, index + 1, "{} made one request", operation.id);
    }
    assert_eq!(run.requests().len(), 5, "five operations belong to the engine");
}

fn sample(parameter: &vastai_api::Parameter) -> serde_json::Value {
    match parameter.kind {
        vastai_api::ValueKind::Text => json!("x"),
        vastai_api::ValueKind::Integer => json!(1),
        vastai_api::ValueKind::Number => json!(1.5),
        vastai_api::ValueKind::Boolean => json!(true),
        vastai_api::ValueKind::Json => json!({}),
    }
}

#[tokio::test]
async fn a_generated_call_sends_nothing_that_only_other_servers_know() {
    let simulator = Simulator::start().await.unwrap();
    let client = client(simulator.url(), simulator.url(), simulator.api_key());
    client.api().show_endpoints().send().await.unwrap();
    assert!(simulator.requests()[0].headers().get("api-version").is_none());
}
