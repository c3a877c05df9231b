//! Every tool, resource and prompt is used by the foreign client, which checks results against the schemas that the server announces.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vastai_mock::{Endpoint, Fault, FaultPlan, Simulator, Worker, WorkerReply, Workergroup};

use crate::python::{content, refusal, session};

const WORKER: i64 = 30_215_872;
const RUNNING: u64 = 28_004_311;

fn simulator() -> Simulator {
    let group = Workergroup::new(4_242).worker(Worker::new(WORKER));
    let endpoint = Endpoint::new(12_345, "vLLM-Qwen3-8B").workergroup(group);
    Simulator::builder()
        .endpoint(endpoint)
        .step(std::time::Duration::from_secs(30))
        .start_on_thread()
        .unwrap()
}

/// A step for each tool.
fn steps() -> Vec<Value> {
    let step = |tool: &str, arguments: Value| json!({ "tool": tool, "arguments": arguments });
    vec![
        step(
            "search_offers",
            json!({ "gpu_name": "RTX 4090", "num_gpus": 1, "max_dph": 0.5, "query": "reliability>0.9" }),
        ),
        step(
            "rent",
            json!({ "offer": 14_000_001, "image": "ubuntu:24.04", "name": "job", "env": { "A": "b" }, "ports": ["8080"] }),
        ),
        step("show_instances", json!({})),
        step("show_instance", json!({ "instance": RUNNING })),
        step("wait_until_running", json!({ "instance": RUNNING, "timeout_seconds": 5 })),
        step("logs", json!({ "instance": RUNNING, "lines": 10 })),
        step("execute", json!({ "instance": RUNNING, "command": "ls -l /" })),
        step("stop", json!({ "instance": RUNNING })),
        step("start", json!({ "instance": RUNNING })),
        step("destroy", json!({ "instance": RUNNING })),
        step("endpoints", json!({})),
        step("workers", json!({ "endpoint": 12_345 })),
        step(
            "endpoint_request",
            json!({ "endpoint": "vLLM-Qwen3-8B", "path": "/v1/completions", "payload": { "prompt": "Hi" } }),
        ),
        step("costs", json!({ "days": 30 })),
        step("find_operation", json!({ "query": "ssh keys" })),
        step("call_operation", json!({ "operation": "showSshKeys", "arguments": { "id": 28_004_312 } })),
    ]
}

fn rest() -> Vec<Value> {
    let resource = |uri: &str| json!({ "resource": uri });
    vec![
        resource("vastai://instances"),
        resource("vastai://endpoints"),
        resource("vastai://prices"),
        resource("vastai://operations"),
        resource("vastai://operations/createSshKey"),
        json!({ "prompt": "rent_for_task", "arguments": { "task": "train", "budget": "1" } }),
        json!({ "prompt": "why_not_running", "arguments": { "instance": "7" } }),
        json!({ "list": "resources" }),
        json!({ "list": "templates" }),
        json!({ "list": "prompts" }),
    ]
}

#[test]
fn every_tool_resource_and_prompt_is_used_in_both_forms_of_the_protocol() {
    for mode in ["legacy", "auto"] {
        let sim = simulator();
        let worker = sim.serve_worker(WORKER).unwrap();
        worker.reply_with(WorkerReply::Json(json!({ "text": "Hello" })));
        sim.write_results("epoch 1\n");
        let mut all = vec![json!({ "list": "tools" })];
        all.extend(steps());
        all.extend(rest());
        let Some(said) = session(&sim, &["--max-dph", "2"], Some("accept"), mode, json!(all)) else { return };
        let [tools, results @ ..] = said.results.as_slice() else { panic!("{said:?}") };
        let announced: BTreeSet<&str> =
            tools["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        let steps = steps();
        let called: BTreeSet<&str> = steps.iter().map(|step| step["tool"].as_str().unwrap()).collect();
        assert_eq!(announced, called);
        for (step, result) in steps.iter().zip(results) {
            assert_eq!(result["isError"], false, "{mode}: {step}: {result}");
        }
        for result in &results[steps.len()..] {
            assert!(result.get("failed").is_none(), "{mode}: {result}");
        }
        assert_eq!(sim.machines_rented(), 1);
        assert_eq!(
            said.questions.len(),
            4,
            "rent, start, destroy and a request through an endpoint ask: {:?}",
            said.questions
        );
        assert!(
            said.questions[0].contains("offer 14000001") && said.questions[0].contains(" per hour"),
            "{:?}",
            said.questions
        );
        let body = content(&results[12])["body"]["text"].as_str().unwrap();
        assert!(body.contains("Hello"), "{body}");
    }
}

#[test]
fn annotations_say_what_only_reads_and_what_destroys() {
    let sim = Simulator::start_on_thread().unwrap();
    let Some(said) = session(&sim, &[], None, "legacy", json!([{ "list": "tools" }])) else { return };
    let tools = said.results[0]["tools"].as_array().unwrap();
    let with = |hint: &str| -> BTreeSet<&str> {
        let has = tools.iter().filter(|tool| tool["annotations"][hint] == true);
        has.map(|tool| tool["name"].as_str().unwrap()).collect()
    };
    assert_eq!(with("destructiveHint"), BTreeSet::from(["call_operation", "destroy", "execute"]));
    let changing: BTreeSet<&str> =
        BTreeSet::from(["call_operation", "destroy", "endpoint_request", "execute", "rent", "start", "stop"]);
    let all: BTreeSet<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(with("readOnlyHint"), &all - &changing);
    assert!(tools.iter().all(|tool| tool["outputSchema"]["type"] == "object"));
}

#[test]
fn a_service_that_fails_gives_errors_that_say_what_to_do_and_the_server_goes_on() {
    let sim = simulator();
    let faults = [
        Fault::status(503),
        Fault::html(502),
        Fault::soft_failure("no"),
        Fault::cut_before_effect(),
        Fault::cut_after_effect(),
        Fault::half_body(),
        Fault::wrong_types(),
    ];
    let plan = faults.into_iter().fold(FaultPlan::seeded(3).healthy(10), |plan, fault| plan.fault(1, fault));
    sim.plan_faults(plan).unwrap();
    let steps: Vec<Value> = steps().into_iter().filter(|step| step["tool"] != "wait_until_running").collect();
    let Some(said) = session(&sim, &["--max-instances", "9"], Some("accept"), "legacy", json!(steps)) else {
        return;
    };
    for (step, result) in steps.iter().zip(&said.results) {
        assert!(result.get("failed").is_none(), "{step}: {result}");
        if result["isError"] == true {
            assert!(!refusal(result).is_empty(), "{step}");
            assert!(!refusal(result).contains(sim.api_key()), "{step}: {result}");
        }
    }
    assert!(sim.machines_rented() <= 1);
}
