//! Requests through an endpoint under random faults of the engine and of the workers: none is worked on twice, and what is said of each is
//! true.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use vastai::Client;
use vastai::retry::{Pacing, RetryPolicy};
use vastai_mock::{Endpoint, Fault, RateLimitForm, ServedWorker, Simulator, Worker, Workergroup};

use crate::support::builder;

const REQUESTS: u64 = 400;
const WORKERS: i64 = 3;
/// Longer than any request waits. What a worker has not begun by then it never does.
const LONG: Duration = Duration::from_secs(60);

async fn served() -> (Simulator, Client, Vec<ServedWorker>) {
    let group =
        (1..=WORKERS).fold(Workergroup::new(70), |group, id| group.worker(Worker::new(id).benchmark(1e9)));
    let endpoint = Endpoint::new(7, "seven").workergroup(group);
    let simulator = Simulator::builder().empty().endpoint(endpoint).start().await.unwrap();
    let client = builder(simulator.url(), simulator.url(), simulator.api_key()).pacing(Pacing::off());
    let client = client.retry(RetryPolicy::never()).build().unwrap();
    let workers = (1..=WORKERS).map(|id| simulator.serve_worker(id).unwrap()).collect();
    (simulator, client, workers)
}

/// Something that may go wrong at a worker, or nothing.
fn fault(random: &mut fastrand::Rng) -> Fault {
    match random.u8(..24) {
        0 => Fault::status(429),
        1 => Fault::status(429).times(3),
        2 => Fault::status(500),
        3 => Fault::status(500).after_effect(),
        4 => Fault::html(502).after_effect(),
        5 => Fault::cut_before_effect(),
        6 => Fault::cut_after_effect(),
        7 => Fault::half_body(),
        8 => Fault::delay(LONG),
        9 => Fault::delay(LONG).before_effect(),
        10 => Fault::status(422),
        _ => Fault::none(),
    }
}

/// Something that may go wrong at the engine.
fn engine_fault(random: &mut fastrand::Rng) -> Fault {
    match random.u8(..6) {
        0 => Fault::status(503),
        1 => Fault::cut_before_effect(),
        2 => Fault::cut_after_effect(),
        3 => Fault::too_many_requests(RateLimitForm::PlainText),
        4 => Fault::html(200),
        _ => Fault::half_body(),
    }
}

/// How often each payload was worked on.
fn worked_on(workers: &[ServedWorker]) -> BTreeMap<u64, usize> {
    let mut counts = BTreeMap::new();
    for payload in workers.iter().flat_map(ServedWorker::payloads) {
        *counts.entry(payload["number"].as_u64().unwrap()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payload_is_worked_on_twice_and_what_is_said_of_it_is_true() {
    let (simulator, client, workers) = served().await;
    let mut random = fastrand::Rng::with_seed(20_260_722);
    let (mut done, mut failed, mut in_doubt) = (0, 0, 0);
    let mut answers = Vec::new();
    for number in 0..REQUESTS {
        if random.u8(..4) == 0 {
            simulator.inject("route", engine_fault(&mut random)).unwrap();
        }
        for worker in &workers {
            worker.clear_faults();
            worker.inject(fault(&mut random));
        }
        let request = client.endpoint(7).request("/v1/x", json!({ "number": number }));
        let request =
            request.poll_at_most_every(Duration::from_millis(1)).timeout(Duration::from_millis(150));
        let answer = match request.send().await {
            Ok(answer) => answer.bytes().await,
            Err(error) => Err(error),
        };
        answers.push(answer);
        simulator.clear_faults();
    }
    let counts = worked_on(&workers);
    for (number, answer) in (0_u64..).zip(&answers) {
        let count = counts.get(&number).copied().unwrap_or(0);
        assert!(count <= 1, "payload {number} was worked on {count} times: {answer:?}");
        match answer {
            Ok(_) => {
                done += 1;
                assert_eq!(count, 1, "payload {number} was answered");
            }
            Err(error) if error.may_have_been_done() => in_doubt += 1,
            Err(error) => {
                failed += 1;
                assert_eq!(count, 0, "payload {number} was done although: {error}");
            }
        }
    }
    assert!(done > 50 && failed > 0 && in_doubt > 20, "{done} done, {failed} failed, {in_doubt} in doubt");
}
