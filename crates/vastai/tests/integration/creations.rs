//! Ten thousand machines asked for while everything goes wrong: never two for one call, and no doubt left unsaid.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use vastai::{Client, Error, Pacing};
use vastai_mock::{Fault, FaultPlan, RateLimitForm, Simulator};

use crate::support::builder;

const CALLS: usize = 10_000;
const AT_ONCE: usize = 32;
const SEED: u64 = 20_261_124;

/// More of the client's time than a call has.
const TOO_LONG: Duration = Duration::from_secs(90);

fn faults() -> FaultPlan {
    let slow = Duration::from_secs(20);
    FaultPlan::seeded(SEED)
        .healthy(12)
        .fault(3, Fault::cut_before_effect())
        .fault(3, Fault::cut_after_effect())
        .fault(2, Fault::too_many_requests(RateLimitForm::PlainText))
        .fault(2, Fault::too_many_requests(RateLimitForm::Json { retry_after: 3 }))
        .fault(1, Fault::too_many_requests(RateLimitForm::HeaderOnly { retry_after: 90 }))
        .fault(1, Fault::status(400))
        .fault(1, Fault::status(409))
        .fault(1, Fault::status(500))
        .fault(1, Fault::status(502))
        .fault(1, Fault::status(503))
        .fault(1, Fault::status(504))
        .fault(1, Fault::status(500).after_effect())
        .fault(1, Fault::status(502).after_effect())
        .fault(1, Fault::html(504).after_effect())
        .fault(1, Fault::html(200))
        .fault(1, Fault::slash_redirect())
        .fault(1, Fault::half_body())
        .fault(1, Fault::wrong_types())
        .fault(1, Fault::delay(slow))
        .fault(1, Fault::delay(slow).before_effect())
        .fault(1, Fault::delay(TOO_LONG))
        .fault(1, Fault::delay(TOO_LONG).before_effect())
        .fault(1, Fault::drip(4, slow))
        .only("createInstance")
}

/// Rents a machine in one of the two ways to call.
async fn rent(client: &Client, label: &str, generated: bool) -> Result<(), Error> {
    if generated {
        let create = client.api().create_instance().id(1);
        create.body_map(|body| body.image("x".to_owned()).label(label.to_owned())).send().await?;
    } else {
        let call = client.call(Client::operation("createInstance")?).set("id", 1)?;
        call.set("image", "x")?.set("label", json!(label))?.send().await?;
    }
    Ok(())
}

/// The whole runs on one thread under a paused clock, which jumps when neither client nor server has anything to do. Should a socket
/// be slower than that, a call runs out of time early: one more fault.
#[tokio::test(start_paused = true)]
async fn no_call_rents_twice_and_every_doubt_is_said() {
    let simulator = Simulator::builder().keep_requests(0).start().await.unwrap();
    simulator.plan_faults(faults()).unwrap();
    // With pacing, the calls would wait for each other more than anything else.
    let client = builder(simulator.url(), simulator.url(), simulator.api_key());
    let client = client.pacing(Pacing::off()).build().unwrap();
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, next) = (client.clone(), next.clone());
        callers.spawn(async move {
            let mut outcomes = Vec::new();
            loop {
                let call = next.fetch_add(1, Ordering::Relaxed);
                if call >= CALLS {
                    return outcomes;
                }
                let label = format!("call-{call}");
                let outcome = rent(&client, &label, call % 2 == 0).await;
                outcomes.push((label, outcome));
            }
        });
    }
    let outcomes: Vec<(String, Result<(), Error>)> = callers.join_all().await.into_iter().flatten().collect();
    // What a server is still doing for a client that is gone, it does now.
    tokio::time::sleep(2 * TOO_LONG).await;

    assert_eq!(outcomes.len(), CALLS);
    let (mut succeeded, mut failed, mut in_doubt_done, mut in_doubt_not_done) = (0, 0, 0, 0);
    for (label, outcome) in &outcomes {
        let rented = simulator.machines_rented_with_label(label);
        assert!(rented <= 1, "{label} rented {rented} machines: {outcome:?}");
        match outcome {
            Ok(()) => {
                assert_eq!(rented, 1, "{label} says that it rented");
                succeeded += 1;
            }
            Err(error) if error.may_have_been_done() => {
                let said = error.to_string();
                assert!(
                    said.contains("it may have been done all the same, so look with showInstances"),
                    "{said}"
                );
                if rented == 1 { in_doubt_done += 1 } else { in_doubt_not_done += 1 }
            }
            Err(error) => {
                assert_eq!(rented, 0, "{label} rented a machine and says nothing of it: {error:?}");
                assert!(!error.to_string().contains("may have been done"), "{error}");
                failed += 1;
            }
        }
    }
    let rented = simulator.machines_rented();
    assert_eq!(rented, succeeded + in_doubt_done);
    // None of the cases is missing, or the test would say little.
    let repeated = simulator.request_count() - CALLS as u64;
    let counts = [succeeded, in_doubt_done, in_doubt_not_done, failed, repeated];
    assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
}
