//! What an observer sees of calls.

use std::time::Duration;

use vastai::ErrorKind;
use vastai::observe::WaitReason;
use vastai_mock::{Fault, Simulator};

use crate::clock::{Clock, Event};
use crate::support::{builder, silent_server};

#[tokio::test(start_paused = true)]
async fn every_attempt_wait_and_call_is_observed() {
    let simulator = Simulator::start_on_thread().unwrap();
    let clock = Clock::default();
    let client = clock.client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    simulator.inject("showEndpoints", Fault::status(503)).unwrap();
    simulator.inject("showEndpoints", Fault::cut_before_effect()).unwrap();
    client.api().show_endpoints().send().await.unwrap();
    let events = clock.events();
    let [
        Event::Started { operation, attempt: 1 },
        Event::Ended { attempt: 1, outcome: unavailable },
        Event::Waited { reason: WaitReason::Backoff, .. },
        Event::Started { attempt: 2, .. },
        Event::Ended { attempt: 2, outcome: cut },
        Event::Waited { reason: WaitReason::Backoff, .. },
        Event::Started { attempt: 3, .. },
        Event::Ended { attempt: 3, outcome: answered },
        Event::Over { attempts: 3, outcome: over },
    ] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!(operation, "showEndpoints");
    assert_eq!((unavailable.status, unavailable.error), (Some(503), Some(ErrorKind::Server)));
    assert_eq!((cut.status, cut.error), (None, Some(ErrorKind::Connection)));
    assert_eq!((answered.status, answered.error), (Some(200), None));
    assert_eq!((over.status, over.error, over.cancelled), (Some(200), None, false));
    let waits: Duration = clock.waits(WaitReason::Backoff).iter().sum();
    assert!(over.elapsed >= waits, "the waits are part of the call");
}

#[tokio::test]
async fn a_call_that_is_dropped_is_over() {
    let url = silent_server().await;
    let clock = Clock::default();
    let client = clock.client(builder(&url, &url, "a-key"));
    let endpoint = client.endpoint(1);
    tokio::time::timeout(Duration::from_millis(20), endpoint.workers()).await.unwrap_err();
    let events = clock.events();
    let [Event::Started { .. }, Event::Ended { outcome: attempt, .. }, Event::Over { outcome: call, .. }] =
        &events[..]
    else {
        panic!("{events:#?}")
    };
    assert!(attempt.cancelled && call.cancelled);
    assert_eq!((call.status, call.error), (None, None));
}
