//! Instances, and waiting for one to run.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use vastai::{Client, ErrorKind, InstanceStatus};
use vastai_mock::http::StatusCode;
use vastai_mock::http::header::RETRY_AFTER;
use vastai_mock::{RawResponse, Simulator};

use crate::clock::Clock;
use crate::support::{builder, client_of, nobody};

const PATH: &str = "/api/v0/instances/7";
const SOON: Duration = Duration::from_millis(1);
/// No wait of these tests comes to its end by time alone.
const FAR: Duration = Duration::from_secs(60);

fn instance(status: Value) -> RawResponse {
    let instance = json!({ "id": 7, "actual_status": status, "status_msg": "pulling\nthe image", "jupyter_token": "planted" });
    RawResponse::json(StatusCode::OK, &json!({ "instances": instance }))
}

async fn answering(answers: impl IntoIterator<Item = RawResponse>) -> (Simulator, Client) {
    let simulator = Simulator::start().await.unwrap();
    answers.into_iter().for_each(|answer| simulator.respond_next_with(PATH, answer));
    let client = client_of(&simulator);
    (simulator, client)
}

#[tokio::test]
async fn an_instance_is_read_as_it_comes() {
    let answer = json!({ "instances": {
        "id": 7, "actual_status": "Running", "num_gpus": 2, "dph_total": 0.5, "start_date": 1_668_804_745.122_317_8, "label": null,
        "ports": { "22/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "20001" }], "80/tcp": null },
        "extra_env": [["KEY", "planted"]], "jupyter_token": "planted", "cpu_name": "x",
    } });
    let (_simulator, client) = answering([RawResponse::json(StatusCode::OK, &answer)]).await;
    let instance = client.instance(7).show().await.unwrap();
    assert_eq!((instance.id, instance.num_gpus, instance.dph_total), (7, Some(2), Some(0.5)));
    assert!(instance.is_running());
    assert_eq!(
        instance.start_date.map(vastai::Timestamp::seconds),
        Some(1_668_804_745.122_317_8),
        "to the last digit"
    );
    let ports = instance.ports.as_ref().unwrap();
    assert_eq!((ports["22/tcp"].as_ref().unwrap()[0].host_port, &ports["80/tcp"]), (Some(20001), &None));
    assert_eq!(instance.jupyter_token.as_ref().unwrap().expose(), "planted", "kept for the program");
    let shown = format!("{instance:?}");
    assert!(!shown.contains("planted"), "and not shown: {shown}");
    assert!(shown.contains(r#"cpu_name: Some("x")"#), "{shown}");
    let again: vastai::Instance = serde_json::from_value(serde_json::to_value(&instance).unwrap()).unwrap();
    assert_eq!(again, instance);
}

#[tokio::test]
async fn an_unknown_id_is_told_as_such() {
    let (simulator, client) = answering([]).await;
    simulator.respond_with(PATH, RawResponse::json(StatusCode::OK, &json!({ "instances": null })));
    let error = client.instance(7).show().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("showInstance")));
    let waited = client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap_err();
    assert_eq!((waited.kind(), waited.message()), (ErrorKind::NotFound, "there is no instance 7"));
    assert_eq!(simulator.requests().len(), 2, "a wait for nothing ends at once");
    for (answer, words) in [
        (json!({}), "an object without a list `instances`; "),
        (json!({ "instances": "x" }), "an object without a list `instances`; "),
        (json!(7), "neither a list `instances` nor an error; "),
        (json!({ "instances": { "id": "x" } }), "/instances: its `id` is \"x\", which is not an integer; "),
    ] {
        let (_simulator, client) = answering([RawResponse::json(StatusCode::OK, &answer)]).await;
        let error = client.instance(7).show().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.message().starts_with(words), "{error}");
    }
}

#[tokio::test]
async fn a_wait_goes_on_until_the_container_runs() {
    let (simulator, client) = answering([
        instance(Value::Null),
        instance(json!("created")),
        instance(json!("loading")),
        instance(json!("Frozen")),
        instance(json!("frozen in a way that nobody knows")),
        instance(json!("running")),
    ])
    .await;
    let running = client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap();
    assert_eq!((running.id, running.actual_status), (7, Some(InstanceStatus::Running)));
    assert_eq!(simulator.requests().len(), 6);
}

#[tokio::test]
async fn each_poll_of_a_wait_can_be_seen() {
    let (_simulator, client) =
        answering([instance(json!("created")), instance(json!("loading")), instance(json!("running"))]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let wait = client.instance(7).wait_until_running().interval(SOON).timeout(FAR).on_poll({
        let seen = Arc::clone(&seen);
        move |instance| seen.lock().unwrap().push(instance.actual_status.clone().unwrap().to_string())
    });
    wait.await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["created", "loading", "running"]);
}

#[tokio::test]
async fn a_frozen_instance_neither_runs_nor_looks_dead() {
    for word in ["frozen", "FROZEN", " Frozen "] {
        let (_simulator, client) = answering([instance(json!(word))]).await;
        let frozen = client.instance(7).show().await.unwrap();
        let status = frozen.actual_status.clone().unwrap();
        assert_eq!((&status, status.as_str()), (&InstanceStatus::Frozen, "frozen"));
        assert!(!frozen.is_running() && !status.looks_dead());
    }
}

#[tokio::test]
async fn an_instance_that_is_about_to_be_stopped_is_said_to_be_so() {
    let evicted = || states(["loading", "running", "running", "stopped"], "starting");
    let (simulator, client) = answering([]).await;
    simulator.respond_with(PATH, evicted());
    let wait = client.instance(7).wait_until_running().interval(SOON).timeout(Duration::from_millis(50));
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let said = "instance 7 is not running: it is `loading` (starting), and about to be stopped after 50ms";
    assert!(error.message().starts_with(said), "{error}");
    // It is not over before the contract is stopped.
    let (_simulator, client) = answering([evicted(), states(UP, "")]).await;
    client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap();
}

#[tokio::test]
async fn a_wait_for_a_new_rental_ends_at_once_where_it_looks_dead() {
    for status in ["exited", "unknown", "offline", "Exited", "stopped"] {
        let (simulator, client) = answering([instance(json!("loading")), instance(json!(status))]).await;
        let wait = client.instance(7).wait_until_running().new_rental().interval(SOON).timeout(FAR);
        let error = wait.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NeverReady);
        let status = status.to_lowercase();
        assert_eq!(error.message(), format!("instance 7 will not run: it is `{status}` (pulling the image)"));
        assert!(
            error.to_string().ends_with("; it is billed as long as it is there: destroy it and take another"),
            "{error}"
        );
        assert!(!error.is_retryable() && !error.may_have_been_done());
        assert_eq!(simulator.requests().len(), 2);
    }
}

/// An instance with these states: observed, wanted, of the contract, and next.
fn states(states: [&str; 4], message: &str) -> RawResponse {
    let state = |index: usize| Some(states[index]).filter(|state| !state.is_empty());
    let instance = json!({
        "id": 7, "actual_status": state(0), "intended_status": state(1), "cur_state": state(2), "next_state": state(3),
        "status_msg": message,
    });
    RawResponse::json(StatusCode::OK, &json!({ "instances": instance }))
}

const UP: [&str; 4] = ["running"; 4];

#[tokio::test]
async fn an_instance_that_was_started_again_looks_dead_for_a_while_and_then_runs() {
    let dead = [
        ["exited", "running", "running", "running"],
        ["offline", "running", "running", "running"],
        ["unknown", "running", "running", ""],
        ["stopped", "running", "running", "running"],
        // A start that is queued.
        ["exited", "stopped", "stopped", "running"],
        ["exited", "running", "stopped", "running"],
        ["stopped", "running", "stopped", ""],
    ];
    for dead in dead {
        let loading = ["loading", "running", "running", "running"];
        let looks = [dead, dead, dead, dead, dead, loading, dead, UP].map(|look| states(look, "starting"));
        let (simulator, client) = answering(looks).await;
        client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap();
        assert_eq!(simulator.requests().len(), 8, "{dead:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_dead_where_it_lasts_and_nobody_is_told_to_destroy_what_holds_data() {
    let simulator = Simulator::start_on_thread().unwrap();
    simulator.respond_with(PATH, states(["exited", "running", "running", "running"], "out of memory"));
    let client = Clock::default().client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    let began = Instant::now();
    let error = client.instance(7).wait_until_running().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeverReady);
    assert!((180..=190).contains(&began.elapsed().as_secs()), "three minutes, not {:?}", began.elapsed());
    let said = error.to_string();
    assert!(said.contains("it is `exited` (out of memory)") && !said.contains("destroy"), "{said}");
    // Rare looks could each meet a late heartbeat, so one is not enough however long it is.
    let before = simulator.requests().len();
    let hour = Duration::from_secs(3600);
    let wait = client.instance(7).wait_until_running().interval(hour).timeout(20 * hour);
    assert_eq!(wait.await.unwrap_err().kind(), ErrorKind::NeverReady);
    assert_eq!(simulator.requests().len() - before, 3);
    let wait = client.instance(7).wait_until_running().grace(Duration::from_secs(30));
    let began = Instant::now();
    assert_eq!(wait.await.unwrap_err().kind(), ErrorKind::NeverReady);
    assert!((30..=40).contains(&began.elapsed().as_secs()));
}

#[tokio::test]
async fn a_container_that_cannot_be_created_ends_the_wait_at_once_with_the_hosts_message() {
    for message in [
        "the daemon says: OCI runtime create failed: no program of that name in the image",
        "Error response from daemon: failed to create task for container: failed to create shim task: no such file",
        "failed to create shim: no space",
        "error: oci-runtime create FAILED",
        "runc create failed: unable to start container process: exec: \"bash\": executable file not found in $PATH",
        "OCI\nruntime\ncreate failed",
        "could not select device driver \"nvidia\" with capabilities: [[gpu]]",
    ] {
        let looks =
            [["loading", "running", "running", "running"], ["created", "running", "running", "running"]];
        let (simulator, client) =
            answering(looks.map(|look| states(look, message)).into_iter().skip(1)).await;
        let error = client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap_err();
        assert_eq!((error.kind(), simulator.requests().len()), (ErrorKind::NeverReady, 1), "{message}");
        let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(error.message().contains(&words), "{error}");
        assert!(!error.to_string().contains("destroy") && !error.to_string().contains("safe"), "{error}");
    }
    // What may pass does not end it, nor does an old message while the instance is on its way again.
    for (state, message) in [
        ("created", "pulling the image"),
        (
            "created",
            "Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: request canceled",
        ),
        ("created", "Error response from daemon: toomanyrequests: You have reached your pull rate limit"),
        ("loading", "the daemon says: OCI runtime create failed: no program"),
    ] {
        let looks = [states([state, "running", "running", "running"], message), states(UP, "")];
        let (_simulator, client) = answering(looks).await;
        client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap();
    }
}

#[tokio::test]
async fn an_instance_that_was_stopped_or_outbid_ends_the_wait_at_once() {
    for actual in ["loading", "created", "exited", "running", "stopped", ""] {
        let (simulator, client) = answering([states([actual, "stopped", "stopped", "stopped"], "")]).await;
        let error = client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap_err();
        assert_eq!((error.kind(), simulator.requests().len()), (ErrorKind::NeverReady, 1), "{actual}");
        assert!(error.message().contains("it was stopped, or outbid"), "{error}");
        assert!(!error.to_string().contains("destroy") && !error.is_retryable(), "{error}");
    }
    // One that says nothing of its next state, or is to be started, may run yet.
    for next in ["", "running"] {
        let looks = [states(["loading", "stopped", "stopped", next], ""), states(UP, "")];
        let (_simulator, client) = answering(looks).await;
        client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap();
    }
}

#[tokio::test]
async fn a_wait_that_ran_out_of_time_is_never_called_safe_to_try_again() {
    let unavailable = RawResponse::text(StatusCode::SERVICE_UNAVAILABLE, "later");
    for answer in [instance(json!("loading")), instance(json!("exited")), unavailable] {
        let simulator = Simulator::start().await.unwrap();
        simulator.respond_with(PATH, answer);
        let wait = client_of(&simulator).instance(7).wait_until_running().interval(SOON);
        let error = wait.timeout(Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        let said = error.to_string();
        assert!(said.contains("it is there and billed"), "{said}");
        let all = format!("{error} {error:?} {error:#?}");
        assert!(!all.contains("safe") && !error.is_retryable(), "{all}");
    }
    let url = nobody().await;
    let client = crate::support::client(&url, &url, "a-key");
    let wait = client.instance(7).wait_until_running().interval(SOON).timeout(Duration::from_millis(50));
    let error = wait.await.unwrap_err();
    assert!(!error.to_string().contains("safe"), "{error}");
    let error =
        client.endpoint(1).wait_until_ready(1).interval(SOON).timeout(Duration::from_millis(50)).await;
    let error = error.unwrap_err();
    assert!(!error.to_string().contains("safe") && !error.is_retryable(), "{error}");
}

#[tokio::test]
async fn a_wait_lives_through_what_may_pass() {
    let text = |status: u16| RawResponse::text(StatusCode::from_u16(status).unwrap(), "later");
    let asked = text(429).header(RETRY_AFTER, "0.001".parse().unwrap());
    let half = RawResponse::json(StatusCode::OK, &json!(null));
    let (simulator, client) = answering([
        text(429),
        asked,
        text(500),
        text(502),
        text(503),
        text(504),
        half,
        instance(json!("running")),
    ])
    .await;
    client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap();
    assert!(simulator.requests().len() >= 8);
}

#[tokio::test]
async fn a_wait_does_not_live_through_what_will_not() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (410, ErrorKind::Gone),
    ] {
        let (simulator, client) =
            answering([RawResponse::text(StatusCode::from_u16(status).unwrap(), "no")]).await;
        let error = client.instance(7).wait_until_running().interval(SOON).timeout(FAR).await.unwrap_err();
        assert_eq!((error.kind(), simulator.requests().len()), (kind, 1));
    }
}

#[tokio::test]
async fn a_wait_tells_at_its_deadline_what_it_saw_and_what_it_lived_through() {
    let (simulator, client) =
        answering([RawResponse::text(StatusCode::INTERNAL_SERVER_ERROR, "out of order")]).await;
    simulator.respond_with(PATH, instance(json!("loading")));
    let error = client
        .instance(7)
        .wait_until_running()
        .interval(SOON)
        .timeout(Duration::from_secs(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.message().starts_with(
            "instance 7 is not running: it is `loading` (pulling the image) after 1s; the last failure was: showInstance: server failure"
        ),
        "{error}"
    );
    assert!(error.source().unwrap().to_string().contains("out of order"));

    // Never seen: the service is not there.
    let url = nobody().await;
    let client = crate::support::client(&url, &url, "a-key");
    let error = client
        .instance(7)
        .wait_until_running()
        .interval(SOON)
        .timeout(Duration::from_millis(100))
        .await
        .unwrap_err();
    assert!(
        error.message().starts_with("instance 7 has not been seen after 100ms; the last failure was: "),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn a_wait_looks_every_five_seconds_and_ends_after_twenty_minutes() {
    let simulator = Simulator::start_on_thread().unwrap();
    simulator.respond_with(PATH, instance(json!("loading")));
    let clock = Clock::default();
    let client = clock.client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    let began = Instant::now();
    let error = client.instance(7).wait_until_running().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().ends_with(" after 1200s"), "{error}");
    let (minutes, looks) = (began.elapsed().as_secs() / 60, simulator.requests().len());
    assert_eq!(minutes, 20);
    assert!((230..=241).contains(&looks), "{looks}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_asks_less_often_while_failures_go_on() {
    let simulator = Simulator::start_on_thread().unwrap();
    simulator.respond_with(PATH, RawResponse::text(StatusCode::INTERNAL_SERVER_ERROR, "out of order"));
    let clock = Clock::default();
    let client = clock.client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    let error = client.instance(7).wait_until_running().timeout(Duration::from_secs(3600)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    // Pauses of 5, 10, 20, 40 and then 60 seconds, each up to a quarter longer.
    let looks = simulator.requests().len();
    assert!((45..=64).contains(&looks), "{looks}");
}
