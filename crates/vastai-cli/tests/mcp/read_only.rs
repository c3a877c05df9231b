//! A server that only reads.

use serde_json::{Value, json};
use vastai_mock::Simulator;

use crate::python::{refusal, session};

#[test]
fn a_read_only_server_changes_nothing_whatever_is_called() {
    let sim = Simulator::start_on_thread().unwrap();
    let before = (sim.instance_ids(), sim.endpoint_ids(), sim.volume_ids());
    let call = |id: &str| json!({ "tool": "call_operation", "arguments": { "operation": id } });
    let tools = ["rent", "execute", "stop", "start", "destroy", "endpoint_request"];
    let mut steps: Vec<Value> = vec![json!({ "list": "tools" })];
    steps.extend(
        tools.map(
            |tool| json!({ "tool": tool, "arguments": { "instance": 28_004_311, "offer": 14_000_001 } }),
        ),
    );
    let reads = |operation: &str| {
        ["show", "search", "get", "list", "fetch", "tfaStatus"].iter().any(|word| operation.starts_with(word))
    };
    // Names that begin like those of reads, and change.
    let changing: Vec<String> = sim
        .operations()
        .into_iter()
        .filter(|operation| !reads(operation) || ["listMachine"].contains(&operation.as_str()))
        .collect();
    assert!(changing.len() > 80, "{changing:?}");
    steps.extend(changing.iter().map(|operation| call(operation)));
    let Some(said) = session(&sim, &["--read-only"], Some("accept"), "legacy", json!(steps)) else { return };
    let listed: Vec<&str> = said.results[0]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert!(tools.iter().all(|tool| !listed.contains(tool)), "{listed:?}");
    for result in &said.results[1..=tools.len()] {
        assert!(result["failed"].as_str().is_some_and(|why| why.contains("read-only")), "{result}");
    }
    for (operation, result) in changing.iter().zip(&said.results[1 + tools.len()..]) {
        assert!(refusal(result).starts_with("refused: "), "{operation}: {result}");
        assert_eq!(sim.effects(operation).unwrap(), 0, "{operation}");
    }
    assert_eq!((said.questions.len(), sim.request_count()), (0, 0));
    assert_eq!((sim.instance_ids(), sim.endpoint_ids(), sim.volume_ids()), before);
}

#[test]
fn what_has_no_tool_of_its_own_changes_something_only_where_it_is_allowed() {
    let sim = Simulator::start_on_thread().unwrap();
    let create = json!([{ "tool": "call_operation", "arguments": {
        "operation": "createEnvVar", "arguments": { "key": "A", "value": "b" } } }]);
    let Some(said) = session(&sim, &[], Some("accept"), "legacy", create.clone()) else { return };
    assert!(refusal(&said.results[0]).contains("--allow createEnvVar"), "{said:?}");
    assert_eq!(sim.effects("createEnvVar").unwrap(), 0);
    let Some(said) = session(&sim, &["--allow", "createEnvVar"], Some("accept"), "auto", create) else {
        return;
    };
    assert_eq!(said.results[0]["isError"], false, "{said:?}");
    assert_eq!((said.questions.len(), sim.effects("createEnvVar").unwrap()), (1, 1));
}
