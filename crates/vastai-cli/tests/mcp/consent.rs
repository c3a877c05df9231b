//! The word of a person: asked once, bound to what was asked, and final.

use serde_json::{Value, json};
use vastai_mock::{Instance, Simulator};

use crate::python::{content, refusal, session};

fn simulator() -> Simulator {
    Simulator::builder()
        .instance(Instance::new(7).gpus("RTX 4090", 1).dph_total(0.5).label("mine"))
        .start_on_thread()
        .unwrap()
}

fn rent() -> Value {
    json!({ "tool": "rent", "arguments": { "offer": 14_000_001, "image": "ubuntu:24.04" } })
}

fn destroy(confirm: Option<&str>) -> Value {
    match confirm {
        Some(code) => json!({ "tool": "destroy", "arguments": { "instance": 7, "confirm": code } }),
        None => json!({ "tool": "destroy", "arguments": { "instance": 7 } }),
    }
}

#[test]
fn what_was_declined_is_not_done_and_not_asked_again() {
    for mode in ["legacy", "auto"] {
        for answer in ["decline", "refuse"] {
            let sim = simulator();
            let steps = json!([rent(), rent(), destroy(None), destroy(None), destroy(Some("made-up"))]);
            let Some(said) = session(&sim, &[], Some(answer), mode, steps) else { return };
            for result in &said.results {
                assert!(refusal(result).starts_with("declined: "), "{mode} {answer}: {result}");
            }
            assert_eq!(said.questions.len(), 2, "{mode} {answer}: {:?}", said.questions);
            assert_eq!((sim.machines_rented(), sim.effects("destroyInstance").unwrap()), (0, 0));
        }
    }
}

#[test]
fn a_question_that_is_closed_may_be_asked_again() {
    let sim = simulator();
    let Some(said) = session(&sim, &[], Some("cancel"), "legacy", json!([rent(), rent()])) else { return };
    assert!(said.results.iter().all(|result| refusal(result).contains("without an answer")), "{said:?}");
    assert_eq!((said.questions.len(), sim.machines_rented()), (2, 0));
}

#[test]
fn a_question_says_what_is_done_to_what() {
    let sim = simulator();
    let Some(said) = session(&sim, &[], Some("accept"), "auto", json!([rent(), destroy(None)])) else {
        return;
    };
    assert_eq!(
        said.questions,
        [
            "Rent offer 14000001 (1× RTX 4090 in California, US) with ubuntu:24.04 and 10 GB of disk, on demand, for $0.4021 per hour ($9.65 per \
             day), until it is destroyed?",
            "Destroy instance 7 (RTX 4090, labelled “mine”) with all its data?",
        ]
    );
    assert_eq!((sim.machines_rented(), sim.effects("destroyInstance").unwrap()), (1, 1));
}

/// The code in a refusal that asks for the user's word.
fn code(result: &Value) -> String {
    let text = refusal(result);
    assert!(text.starts_with("not done yet"), "{text}");
    text.rsplit("`confirm`: \"").next().unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn without_elicitation_a_code_confirms_the_same_arguments_and_no_others() {
    // The code is known after a first call only, so the session is driven by hand.
    let sim = simulator();
    let mut server = crate::stdio::Server::start(&sim, &[]);
    let first = server.tool("destroy", json!({ "instance": 7 }));
    let code = code(&first);
    let other = server.tool("destroy", json!({ "instance": 28_004_311, "confirm": code }));
    assert!(refusal(&other).contains("for other arguments"), "{other}");
    assert_eq!(sim.effects("destroyInstance").unwrap(), 0);
    // It was tried for something else, and counts no more.
    let spent = server.tool("destroy", json!({ "instance": 7, "confirm": code }));
    assert!(refusal(&spent).contains("is not known"), "{spent}");
    let code = self::code(&server.tool("destroy", json!({ "instance": 7 })));
    content(&server.tool("destroy", json!({ "instance": 7, "confirm": code })));
    assert_eq!(sim.effects("destroyInstance").unwrap(), 1);
}

#[test]
fn a_price_that_has_risen_is_not_paid_by_an_older_yes() {
    let sim = simulator();
    let mut server = crate::stdio::Server::start(&sim, &[]);
    let arguments = json!({ "offer": 14_000_001, "image": "ubuntu:24.04" });
    let code = code(&server.tool("rent", arguments.clone()));
    sim.remove_offer(14_000_001).unwrap();
    sim.add_offer(vastai_mock::Offer::new(14_000_001).gpus("RTX 4090", 1).dph_total(0.9));
    let mut confirmed = arguments;
    confirmed["confirm"] = json!(code);
    let refused = server.tool("rent", confirmed);
    assert!(refusal(&refused).contains("the price has risen"), "{refused}");
    assert_eq!(sim.machines_rented(), 0);
}
