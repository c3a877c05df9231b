//! The server's own life.

use serde_json::json;
use vastai_mock::Simulator;

use crate::client::{keeping, posted};

#[tokio::test]
async fn simulators_stand_side_by_side() {
    let (one, two) = (Simulator::start().await.unwrap(), Simulator::start().await.unwrap());
    assert_ne!(one.url(), two.url());
    assert!(one.url().starts_with("http://127.0.0.1:") && !one.url().ends_with('/'));
    assert_eq!(one.api_key(), "mock-account-key");
    posted(&one, "/get_endpoint_workers/", json!({ "id": 12345 })).await;
    assert_eq!((one.requests().len(), two.requests().len()), (1, 0));
}

#[tokio::test]
async fn a_stopped_simulator_answers_no_more() {
    let sim = Simulator::start().await.unwrap();
    let url = sim.url().to_owned();
    let client = keeping(1);
    // A connection that is kept alive is closed too.
    assert!(client.get(&url).send().await.is_ok());
    sim.stop().await.unwrap();
    assert!(client.get(&url).send().await.is_err());
}

#[tokio::test]
async fn a_dropped_simulator_answers_no_more() {
    let sim = Simulator::start().await.unwrap();
    let url = sim.url().to_owned();
    let client = keeping(1);
    assert!(client.get(&url).send().await.is_ok());
    drop(sim);
    // The server hears of it, and gets to it within a few turns.
    let mut stopped = false;
    for _ in 0..1_000 {
        stopped = client.get(&url).send().await.is_err();
        if stopped {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(stopped);
}

#[tokio::test]
async fn many_clients_are_served_at_once() {
    let sim = std::sync::Arc::new(Simulator::start().await.unwrap());
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let sim = std::sync::Arc::clone(&sim);
            tokio::spawn(async move { posted(&sim, "/get_endpoint_workers/", json!({ "id": 12345 })).await })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().is_array());
    }
    assert_eq!(sim.requests().len(), 32);
}

#[test]
fn without_a_runtime_the_start_is_an_error() {
    let mut start = std::pin::pin!(Simulator::start());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(result) = start.as_mut().poll(&mut context) else {
        unreachable!("there is nothing to wait for");
    };
    assert!(result.is_err());
}
