//! What may be spent, by many at once and through any door, and what becomes of a rental whose response is lost.

use serde_json::{Value, json};
use vastai_mock::http::StatusCode;
use vastai_mock::{Fault, Instance, Offer, RawResponse, Simulator};

use crate::python::{content, refusal, session};

const FIRST: u64 = 14_000_100;

/// An account without instances, and a market of so many offers for half a dollar.
fn market(offers: u64) -> Simulator {
    let builder = (0..offers).fold(Simulator::builder().empty(), |builder, index| {
        builder.offer(Offer::new(FIRST + index).gpus("RTX 4090", 1).dph_total(0.5))
    });
    builder.start_on_thread().unwrap()
}

fn rent(offer: u64) -> Value {
    json!({ "tool": "rent", "arguments": { "offer": offer, "image": "ubuntu:24.04" } })
}

#[test]
fn of_fifty_rentals_at_once_no_more_are_done_than_the_limits_allow() {
    for (arguments, most) in [(["--max-instances", "3"], 3), (["--max-total", "50"], 4)] {
        let sim = market(50);
        let together: Vec<Value> = (0..50).map(|index| rent(FIRST + index)).collect();
        let Some(said) = session(&sim, &arguments, Some("accept"), "auto", json!([{ "together": together }]))
        else {
            return;
        };
        let results = said.results[0].as_array().unwrap();
        let done = results.iter().filter(|result| result["isError"] == false).count();
        assert_eq!((done, sim.machines_rented()), (most, most as u64), "{arguments:?}: {results:?}");
        for refused in results.iter().filter(|result| result["isError"] == true) {
            assert!(refusal(refused).starts_with("refused: the "), "{refused}");
        }
    }
}

#[test]
fn no_instance_costs_more_than_its_limit_and_nothing_is_asked_for_it() {
    let sim = market(1);
    let Some(said) = session(&sim, &["--max-dph", "0.4"], Some("accept"), "legacy", json!([rent(FIRST)]))
    else {
        return;
    };
    assert!(refusal(&said.results[0]).contains("--max-dph is $0.4"), "{said:?}");
    assert_eq!((said.questions.len(), sim.machines_rented()), (0, 0));
}

#[test]
fn call_operation_is_no_way_around_the_limits() {
    let sim =
        Simulator::builder().empty().instance(Instance::new(7).dph_total(0.5)).start_on_thread().unwrap();
    let call = |operation: &str, arguments: Value| json!({ "tool": "call_operation", "arguments": { "operation": operation, "arguments": arguments } });
    let spending = [
        ("createInstance", json!({ "id": FIRST, "image": "ubuntu" })),
        ("createInstances", json!({ "ids": [FIRST], "image": "ubuntu" })),
        ("launchInstance", json!({})),
        ("manageInstances", json!({})),
        ("changeBid", json!({ "id": 7, "price": 1.5 })),
        ("createEndpoint", json!({ "endpoint_name": "mine" })),
        ("createWorkergroup", json!({ "endpoint_name": "mine" })),
        ("updateEndpoint", json!({ "id": 1, "max_workers": 100 })),
        ("createScheduledJob", json!({})),
        ("rentVolume", json!({})),
    ];
    let mut arguments = vec!["--max-dph", "1", "--max-total", "13"];
    arguments.extend(spending.iter().flat_map(|(operation, _)| ["--allow", operation]));
    let steps: Vec<Value> =
        spending.iter().map(|(operation, arguments)| call(operation, arguments.clone())).collect();
    let Some(said) = session(&sim, &arguments, Some("accept"), "legacy", json!(steps)) else { return };
    for (result, (operation, _)) in said.results.iter().zip(&spending) {
        assert!(refusal(result).starts_with("refused: "), "{operation}: {result}");
        assert_eq!(sim.effects(operation).unwrap(), 0, "{operation}");
    }
    assert_eq!(said.questions.len(), 0);
}

#[test]
fn a_start_counts_against_the_limits() {
    let stopped = Instance::new(7).dph_total(2.0).actual_status("stopped");
    let sim = Simulator::builder().empty().instance(stopped).start_on_thread().unwrap();
    let start = json!([{ "tool": "start", "arguments": { "instance": 7 } }]);
    let Some(said) = session(&sim, &["--max-dph", "1"], Some("accept"), "legacy", start) else { return };
    assert!(refusal(&said.results[0]).contains("--max-dph"), "{said:?}");
    assert_eq!(sim.effects("manageInstance").unwrap(), 0);
}

#[test]
fn a_rental_whose_response_is_lost_is_found_and_not_repeated() {
    for fault in [Fault::cut_after_effect(), Fault::half_body(), Fault::status(500).after_effect()] {
        let sim = market(2);
        sim.inject("createInstance", fault).unwrap();
        let Some(said) = session(&sim, &[], Some("accept"), "legacy", json!([rent(FIRST)])) else { return };
        let rented = content(&said.results[0]);
        assert_eq!(sim.machines_rented(), 1);
        assert_eq!(sim.machines_rented_with_label(rented["label"].as_str().unwrap()), 1);
        assert_eq!(sim.instance_ids(), [rented["instance"].as_u64().unwrap()]);
    }
}

#[test]
fn while_a_rental_is_in_doubt_no_other_is_sent() {
    let sim = market(2);
    sim.inject("createInstance", Fault::cut_before_effect()).unwrap();
    let steps = json!([rent(FIRST), rent(FIRST), rent(FIRST + 1)]);
    let Some(said) = session(&sim, &[], Some("accept"), "legacy", steps) else { return };
    assert!(refusal(&said.results[0]).contains("it is not known whether the machine was rented"), "{said:?}");
    assert!(refusal(&said.results[1]).contains("it is not known whether it was done"), "{said:?}");
    assert!(refusal(&said.results[2]).contains("it is not known whether it was done"), "{said:?}");
    assert_eq!(sim.machines_rented(), 0);
}

#[test]
fn a_rental_in_doubt_that_was_done_is_the_result_of_the_same_call() {
    let sim = market(1);
    sim.inject("createInstance", Fault::cut_after_effect()).unwrap();
    // Not to be looked up by its label at first, by as many looks and attempts as there are.
    sim.inject("showInstances", Fault::status(404).times(4)).unwrap();
    let Some(said) = session(&sim, &[], Some("accept"), "legacy", json!([rent(FIRST), rent(FIRST)])) else {
        return;
    };
    assert!(refusal(&said.results[0]).contains("it is not known"), "{said:?}");
    assert_eq!(sim.instance_ids(), [content(&said.results[1])["instance"].as_u64().unwrap()]);
    assert_eq!(sim.machines_rented(), 1);
}

/// An account with an endpoint that may have so many workers; of those that it has, each is an instance for half a dollar.
fn endpoint(most: u64, workers: &[(u64, &str)]) -> Simulator {
    let world = Simulator::builder().empty();
    let world = workers.iter().fold(world, |world, (id, state)| {
        world.instance(Instance::new(*id).dph_total(0.5).actual_status(*state).label("worker"))
    });
    let sim = world.start_on_thread().unwrap();
    let endpoints = json!({ "success": true, "results": [{ "id": 5, "endpoint_name": "chat", "max_workers": most, "api_key": "of-the-endpoint" }] });
    sim.respond_with("/api/v0/endptjobs", RawResponse::json(StatusCode::OK, &endpoints));
    let rows: Vec<Value> = workers.iter().map(|(id, _)| json!({ "id": id, "status": "idle" })).collect();
    sim.respond_with("/get_endpoint_workers", RawResponse::json(StatusCode::OK, &json!(rows)));
    sim
}

fn through() -> Value {
    json!({ "tool": "endpoint_request", "arguments": { "endpoint": "chat", "path": "/v1/completions", "payload": { "prompt": "Hi" } } })
}

/// How many requests asked the engine for a worker.
fn routed(sim: &Simulator) -> usize {
    sim.requests().iter().filter(|request| request.path().starts_with("/route")).count()
}

#[test]
fn a_request_that_may_rent_a_worker_asks_and_counts_against_the_limits() {
    let running = &[(7, "running")][..];
    for (arguments, workers, most, why) in [
        (&["--max-dph", "0.4"][..], running, 3, "--max-dph is $0.4"),
        (&["--max-total", "20"], running, 3, "--max-total is $20"),
        (&["--max-instances", "1"], running, 3, "--max-instances is 1"),
        // A worker that sleeps is billed again.
        (&["--max-dph", "0.4"], &[(7, "stopped")], 1, "--max-dph is $0.4"),
    ] {
        let sim = endpoint(most, workers);
        let Some(said) = session(&sim, arguments, Some("accept"), "legacy", json!([through()])) else {
            return;
        };
        assert!(refusal(&said.results[0]).contains(why), "{arguments:?}: {said:?}");
        assert_eq!((said.questions.len(), routed(&sim)), (0, 0), "{arguments:?}");
    }
    for (answer, sent) in [("decline", 0), ("accept", 1)] {
        let sim = endpoint(3, running);
        let arguments = ["--max-dph", "1", "--max-total", "30", "--max-instances", "2"];
        let Some(said) = session(&sim, &arguments, Some(answer), "legacy", json!([through()])) else {
            return;
        };
        assert_eq!(
            said.questions,
            [
                "Send a request to `/v1/completions` of the endpoint `chat`? It may start or rent workers for it, up to 3 in all, for about $0.5000 per hour \
              each."
            ]
        );
        assert_eq!(routed(&sim).min(1), sent, "{answer}: {said:?}");
    }
}

#[test]
fn where_nobody_knows_what_a_first_worker_costs_the_question_says_so() {
    let sim = endpoint(3, &[]);
    let Some(said) = session(&sim, &["--max-total", "20"], Some("decline"), "legacy", json!([through()]))
    else {
        return;
    };
    assert!(said.questions[0].contains("the limits of this server cannot count"), "{said:?}");
    assert!(refusal(&said.results[0]).starts_with("declined"), "{said:?}");
    assert_eq!(routed(&sim), 0);
}

#[test]
fn a_request_that_can_rent_nothing_is_sent_unasked() {
    let sim = endpoint(1, &[(7, "running")]);
    let Some(said) = session(&sim, &["--max-total", "12"], Some("decline"), "legacy", json!([through()]))
    else {
        return;
    };
    assert_eq!(said.questions.len(), 0, "{said:?}");
    assert!(routed(&sim) > 0, "{said:?}");
}
