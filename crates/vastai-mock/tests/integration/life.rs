//! The life of workers, by the simulated clock.

use std::time::Duration;

use serde_json::json;
use vastai_mock::{Builder, Endpoint, Phase, Worker, Workergroup};

use crate::client::{START, at_start, done, get, statuses, workers};

const SECOND: Duration = Duration::from_secs(1);

fn with_workers(workers: impl IntoIterator<Item = Worker>) -> Builder {
    let workergroup = workers.into_iter().fold(Workergroup::new(10), Workergroup::worker);
    at_start().empty().endpoint(Endpoint::new(1, "one").workergroup(workergroup))
}

#[tokio::test]
async fn a_worker_goes_from_created_to_idle() {
    let sim = with_workers([Worker::new(5).phase(Phase::Created)]).start().await.unwrap();
    let mut phase = Phase::Created;
    for next in [Phase::Loading, Phase::ModelLoading, Phase::Idle] {
        sim.advance(phase.lasts().unwrap() - SECOND);
        assert_eq!(statuses(&sim, 1).await, [phase.status()]);
        sim.advance(SECOND);
        assert_eq!(statuses(&sim, 1).await, [next.status()]);
        phase = next;
    }
    assert_eq!(phase.lasts(), None);
    sim.advance(Duration::from_secs(1_000_000));
    assert_eq!(statuses(&sim, 1).await, ["IDLE"]);
    assert_eq!(workers(&sim, 1).await[0]["loaded_at"], START.as_secs_f64() + 160.0);
}

#[tokio::test]
async fn one_long_step_is_as_good_as_many() {
    let sim = with_workers([Worker::new(5).phase(Phase::Created)]).start().await.unwrap();
    sim.advance(Duration::from_secs(500));
    let worker = &workers(&sim, 1).await[0];
    assert_eq!(worker["status"], "IDLE");
    assert_eq!(worker["started_at"], START.as_secs_f64());
    assert_eq!(worker["loaded_at"], START.as_secs_f64() + 160.0);
    assert_eq!(sim.now(), START + Duration::from_secs(500));
}

#[tokio::test]
async fn performance_is_measured_once_the_worker_is_idle() {
    let worker = Worker::new(5).phase(Phase::ModelLoading).dlperf(100.0).benchmark(2000.0).load(50.0, 2);
    let sim = with_workers([worker]).start().await.unwrap();
    let loading = &workers(&sim, 1).await[0];
    assert_eq!((&loading["measured_perf"], &loading["loaded_at"]), (&json!(100.0), &json!(0.0)));
    assert_eq!((&loading["cur_load"], &loading["reqs_working"]), (&json!(0.0), &json!(0)));
    sim.advance(Duration::from_secs(60));
    let idle = &workers(&sim, 1).await[0];
    assert_eq!((&idle["measured_perf"], &idle["dlperf"]), (&json!(2000.0), &json!(100.0)));
    assert_eq!((&idle["cur_load"], &idle["reqs_working"]), (&json!(50.0), &json!(2)));
}

#[tokio::test]
async fn a_worker_stops_and_starts_again() {
    let sim = with_workers([Worker::new(5).load(10.0, 1)]).start().await.unwrap();
    sim.set_phase(5, Phase::Stopping).unwrap();
    let stopping = &workers(&sim, 1).await[0];
    assert_eq!((&stopping["status"], &stopping["reqs_working"]), (&json!("STOPPING"), &json!(0)));
    sim.advance(Duration::from_secs(20));
    assert_eq!(statuses(&sim, 1).await, ["STOPPED"]);

    sim.set_phase(5, Phase::Loading).unwrap();
    sim.advance(Duration::from_secs(150));
    let again = &workers(&sim, 1).await[0];
    assert_eq!(again["status"], "IDLE");
    assert_eq!(again["started_at"], START.as_secs_f64() + 20.0);
    assert_eq!(again["measured_perf"], 1650.0);
}

#[tokio::test]
async fn a_load_can_be_set() {
    let sim = with_workers([Worker::new(5)]).start().await.unwrap();
    sim.set_load(5, 99.5, 4).unwrap();
    let worker = &workers(&sim, 1).await[0];
    assert_eq!((&worker["cur_load"], &worker["reqs_working"]), (&json!(99.5), &json!(4)));
    assert_eq!(worker["status"], "IDLE");
}

#[tokio::test]
async fn a_fixed_status_stays() {
    let sim = with_workers([Worker::new(5).phase(Phase::Fixed("ERROR".into()))]).start().await.unwrap();
    sim.advance(Duration::MAX);
    assert_eq!(statuses(&sim, 1).await, ["ERROR"]);
}

#[tokio::test]
async fn a_worker_older_than_its_phase_has_gone_on() {
    let sim = with_workers([
        Worker::new(5).phase(Phase::Loading).age(Duration::from_secs(100)),
        Worker::new(6).phase(Phase::Stopping).age(Duration::from_secs(100)),
    ])
    .start()
    .await
    .unwrap();
    assert_eq!(statuses(&sim, 1).await, ["MODEL_LOADING", "STOPPED"]);
}

#[tokio::test]
async fn a_worker_of_the_same_id_is_replaced() {
    let sim = with_workers([Worker::new(5), Worker::new(6)]).start().await.unwrap();
    sim.add_worker(10, Worker::new(5).phase(Phase::Created)).unwrap();
    assert_eq!(statuses(&sim, 1).await, ["CREATED", "IDLE"]);
}

#[tokio::test]
async fn what_is_not_there_is_an_error() {
    let sim = at_start().start().await.unwrap();
    let error = sim.add_worker(9, Worker::new(1)).unwrap_err();
    assert_eq!(error.to_string(), "the simulator has no workergroup 9");
    let error = sim.set_phase(-9, Phase::Idle).unwrap_err();
    assert_eq!(error.to_string(), "the simulator has no worker -9");
    assert_eq!(sim.set_load(-9, 1.0, 1), Err(error));
}

#[tokio::test]
async fn each_request_can_move_the_clock() {
    let sim = with_workers([Worker::new(5).phase(Phase::Created)]).step(5 * SECOND).start().await.unwrap();
    assert_eq!(statuses(&sim, 1).await, ["CREATED"]);
    assert_eq!(statuses(&sim, 1).await, ["LOADING"]);
    assert_eq!(sim.now(), START + 10 * SECOND);
}

#[tokio::test]
async fn the_clock_can_go_by_itself() {
    // An hour passes in a few microseconds, a year in a few more.
    let sim = at_start().speed(1e9).start().await.unwrap();
    let body = json!({ "image": "ubuntu" });
    let rented = done(&sim, "PUT", "/api/v0/asks/14000001/", body).await["new_contract"].clone();
    let shown = get(&sim, &format!("/api/v0/instances/{rented}/")).await.json();
    assert_eq!(shown["instances"]["actual_status"], "running");
    assert!(sim.now() > START);
    for still in [0.0, -1.0, f64::NAN] {
        let sim = at_start().speed(still).start().await.unwrap();
        get(&sim, "/api/v0/endptjobs/").await;
        assert_eq!(sim.now(), START);
    }
}

#[tokio::test]
async fn a_port_can_be_chosen() {
    let first = at_start().start().await.unwrap();
    let port = first.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let taken = at_start().port(port).start().await.unwrap_err();
    assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
    let url = first.url().to_owned();
    first.stop().await.unwrap();
    let second = at_start().port(port).start_on_thread().unwrap();
    assert_eq!(second.url(), url);
}
