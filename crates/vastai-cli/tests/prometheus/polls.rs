//! How often the service is asked, how much at once, and what becomes of its data while it fails.

use std::time::Duration;

use vastai_mock::{Endpoint, Fault, RateLimitForm, Simulator, Worker, Workergroup};

use crate::exporter::{Exporter, until};

#[test]
fn one_poll_is_for_many_scrapes() {
    let simulator = Simulator::start_on_thread().unwrap();
    let exporter = Exporter::of(&simulator, &["--interval", "3600"]).filled();
    let polled = simulator.request_count();
    let first = exporter.sample("vastai_polls_total{source=\"instances\"}");
    for _ in 0..100 {
        exporter.metrics();
    }
    assert_eq!(simulator.request_count(), polled);
    assert_eq!((first, exporter.sample("vastai_polls_total{source=\"instances\"}")), (Some(1.0), Some(1.0)));
}

#[test]
fn what_was_had_is_kept_while_the_service_fails_and_gets_older() {
    let simulator = Simulator::start_on_thread().unwrap();
    let exporter = Exporter::of(&simulator, &["--interval", "1", "--no-retry"]).filled();
    const UP: &str = "vastai_up{source=\"instances\"}";
    const AGE: &str = "vastai_source_age_seconds{source=\"instances\"}";
    assert_eq!(exporter.sample(UP), Some(1.0));
    let before = exporter.sample("vastai_instance_price_dollars_per_hour{instance_id=\"28004311\"}");
    assert!(before.is_some());
    simulator.inject("showInstances", Fault::status(503).always()).unwrap();
    until("a failed poll", || (exporter.sample(UP)? == 0.0).then_some(()));
    let age = exporter.sample(AGE).unwrap();
    until("an older age", || (exporter.sample(AGE)? > age).then_some(()));
    assert_eq!(exporter.sample("vastai_instance_price_dollars_per_hour{instance_id=\"28004311\"}"), before);
    // The others go on.
    assert_eq!(exporter.sample("vastai_up{source=\"account\"}"), Some(1.0));
    simulator.clear_faults();
    until("the service again", || (exporter.sample(UP)? == 1.0).then_some(()));
    assert!(exporter.sample("vastai_poll_failures_total{source=\"instances\"}").unwrap() >= 1.0);
    let said = exporter.said();
    assert_eq!(said.matches("warning: instances: ").count(), 1, "once for a row of failures: {said}");
    assert!(said.contains("note: instances: polled again after "), "{said}");
    assert!(!said.contains(simulator.api_key()), "{said}");
}

#[test]
fn a_key_that_is_refused_is_a_source_that_is_down() {
    let simulator = Simulator::start_on_thread().unwrap();
    simulator.inject("showUser", Fault::status(401).always()).unwrap();
    let exporter = Exporter::of(&simulator, &[]).filled();
    assert_eq!(exporter.sample("vastai_up{source=\"account\"}"), Some(0.0));
    assert_eq!(exporter.sample("vastai_source_age_seconds{source=\"account\"}"), None);
    assert_eq!(exporter.sample("vastai_up{source=\"instances\"}"), Some(1.0));
}

#[test]
fn a_rate_limit_is_kept_to() {
    let simulator = Simulator::start_on_thread().unwrap();
    let limit = Fault::too_many_requests(RateLimitForm::Json { retry_after: 3_600 });
    simulator.inject("showUser", limit.always()).unwrap();
    let exporter = Exporter::of(&simulator, &["--interval", "1"]).filled();
    let asked = || simulator.requests().iter().filter(|it| it.operation() == Some("showUser")).count();
    let before = asked();
    // The others are polled on meanwhile.
    until("more polls", || {
        (exporter.sample("vastai_polls_total{source=\"instances\"}")? >= 4.0).then_some(())
    });
    assert_eq!((before, asked()), (1, 1), "the service asked to wait an hour");
}

#[test]
fn workers_of_one_endpoint_that_fails_are_kept_and_hide_no_other() {
    let endpoint = |id, worker| {
        Endpoint::new(id, "e").workergroup(Workergroup::new(id * 10).worker(Worker::new(worker)))
    };
    let world = Simulator::builder().empty().endpoint(endpoint(1, 101)).endpoint(endpoint(2, 201));
    let simulator = world.start_on_thread().unwrap();
    let exporter = Exporter::of(&simulator, &["--interval", "1", "--no-retry"]).filled();
    // Whose poll it hits is left open; the other goes through.
    simulator.inject("getEndpointWorkers", Fault::status(503).times(1)).unwrap();
    until("a poll in which one failed", || {
        let text = exporter.metrics();
        let is_up = |id: u8| text.contains(&format!("vastai_endpoint_up{{endpoint_id=\"{id}\"}} 1.0\n"));
        for (endpoint, worker) in [(1, 101), (2, 201)] {
            let ready =
                format!("vastai_worker_is_ready{{endpoint_id=\"{endpoint}\",worker_id=\"{worker}\"}} 1.0\n");
            assert!(text.contains(&ready), "{text}");
        }
        assert!(text.contains("vastai_up{source=\"endpoints\"} 1.0\n"), "{text}");
        (is_up(1) != is_up(2)).then_some(())
    });
}

/// Endpoints, each with a worker.
fn many_endpoints(number: u64) -> Simulator {
    let world = (1..=number).fold(Simulator::builder().empty(), |world, id| {
        let worker = Worker::new(i64::try_from(id).unwrap() + 100_000);
        world.endpoint(Endpoint::new(id, "e").workergroup(Workergroup::new(id + 10_000).worker(worker)))
    });
    world.start_on_thread().unwrap()
}

/// How often workers were asked for.
fn asked_for_workers(simulator: &Simulator) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some("getEndpointWorkers")).count()
}

#[test]
fn a_thousand_endpoints_are_asked_once_each_in_a_poll() {
    let simulator = many_endpoints(1_000);
    let exporter = Exporter::of(&simulator, &["--interval", "3600"]).filled();
    assert_eq!(asked_for_workers(&simulator), 1_000);
    let text = exporter.metrics();
    let up = text.lines().filter(|line| line.starts_with("vastai_endpoint_up{") && line.ends_with(" 1.0"));
    assert_eq!(up.count(), 1_000);
    let ready = text.lines().filter(|line| line.starts_with("vastai_worker_is_ready{"));
    assert_eq!(ready.count(), 1_000);
}

#[test]
fn of_a_thousand_endpoints_eight_are_asked_at_once() {
    let simulator = many_endpoints(1_000);
    let endless = Fault::delay(Duration::from_secs(3_600)).always();
    simulator.inject("getEndpointWorkers", endless).unwrap();
    let exporter = Exporter::of(&simulator, &["--interval", "1"]);
    until("eight requests", || (asked_for_workers(&simulator) == 8).then_some(()));
    // None is answered, and none is sent, while the others are polled on.
    until("more polls", || (exporter.sample("vastai_polls_total{source=\"account\"}")? >= 3.0).then_some(()));
    assert_eq!(asked_for_workers(&simulator), 8);
}

#[test]
fn endpoints_asked_at_once_keep_to_a_rate_limit_together() {
    let simulator = many_endpoints(20);
    let limit = Fault::too_many_requests(RateLimitForm::Json { retry_after: 30 });
    simulator.inject("getEndpointWorkers", limit.times(1)).unwrap();
    let exporter = Exporter::of(&simulator, &["--interval", "1"]);
    until("the limit", || (asked_for_workers(&simulator) > 0).then_some(()));
    until("more polls", || (exporter.sample("vastai_polls_total{source=\"account\"}")? >= 3.0).then_some(()));
    // Some were under way when the limit was told; after it, none is sent for half a minute.
    let asked = asked_for_workers(&simulator);
    assert!(asked < 20, "{asked} requests");
}
