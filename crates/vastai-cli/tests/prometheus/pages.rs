//! What is served, and to whom.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use expect_test::{expect, expect_file};
use serde_json::Value;
use vastai_mock::{Endpoint, Instance, Simulator, Worker, Workergroup};

use crate::exporter::{Exporter, installed, monitoring, until};

const ALL: [&str; 4] = ["--host", "--market", "--compat", "500farm"];

/// Metrics whose values depend on when they were asked for.
const TIMES: [&str; 4] = [
    "vastai_endpoint_data_age_seconds",
    "vastai_poll_duration_seconds",
    "vastai_source_age_seconds",
    "vastai_instance_start_timestamp",
];

/// The text without what differs from one run to the next.
fn timeless(metrics: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((name, _)) if name.starts_with("vastai_worker_start_time") => format!("{name} TIME\n"),
        Some((name, _)) if TIMES.iter().any(|time| name.starts_with(time)) => format!("{name} TIME\n"),
        _ => format!("{line}\n"),
    };
    metrics.lines().map(line).collect()
}

fn names(metrics: &str) -> BTreeSet<&str> {
    metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect()
}

#[test]
fn the_sample_world_in_metrics() {
    let exporter = Exporter::of_mock(&ALL).filled();
    expect_file!["metrics.txt"].assert_eq(&timeless(&exporter.metrics()));
}

#[test]
fn prometheus_finds_no_fault_with_the_text() {
    let Some(promtool) = installed("promtool", "the check of the text") else { return };
    let exporter = Exporter::of_mock(&ALL[..2]).filled();
    let mut check = Command::new(promtool);
    let check =
        check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = check.spawn().unwrap();
    child.stdin.take().unwrap().write_all(exporter.metrics().as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(done.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_page_of_the_documentation_has_every_metric() {
    let exporter = Exporter::of_mock(&ALL).filled();
    let text = exporter.metrics();
    let page = std::fs::read_to_string(monitoring().join("../docs/prometheus.md")).unwrap();
    let served = names(&text);
    let missing: Vec<_> = served.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/prometheus.md has no {missing:?}");
}

#[test]
fn openmetrics_is_for_those_who_ask_for_it() {
    let exporter = Exporter::of_mock(&[]).filled();
    let plain = exporter.get("/metrics");
    assert!(plain.head.contains("content-type: text/plain; version=0.0.4"), "{}", plain.head);
    let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    let request =
        format!("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n\r\n");
    let open = exporter.send(&request);
    assert!(open.head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", open.head);
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
    assert!(open.body.contains("# UNIT vastai_instance_price_dollars_per_hour dollars_per_hour\n"));
    assert!(open.body.contains("vastai_polls_total{source=\"instances\"} 1.0"));
    let head = exporter.send("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn what_others_named_stays_in_its_label_and_ids_need_not_be_distinct() {
    let group = Workergroup::new(10).worker(Worker::new(0)).worker(Worker::new(0)).worker(Worker::new(-1));
    let hostile = "\"} 1\nvastai_up{source=\"evil\"} 7\u{1b}[2J\\";
    let simulator = Simulator::builder()
        .empty()
        .endpoint(Endpoint::new(1, hostile).workergroup(group))
        .instance(
            Instance::new(7).label(hostile).gpus("x".repeat(5_000), 1).actual_status("brand new status"),
        )
        .start_on_thread()
        .unwrap();
    let exporter = Exporter::of(&simulator, &[]).filled();
    let text = exporter.metrics();
    assert!(!text.contains("\nvastai_up{source=\"evil\"") && !text.contains('\u{1b}'), "{text}");
    let lines: Vec<_> = text.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(lines.len(), lines.iter().collect::<BTreeSet<_>>().len(), "a sample is there twice: {text}");
    assert!(text.lines().all(|line| line.len() < 600), "{text}");
    assert!(text.contains("vastai_instance_state{instance_id=\"7\",state=\"other\"} 1.0"), "{text}");
    let targets: Value = serde_json::from_str(&exporter.get("/sd/endpoints").body).unwrap();
    assert!(!targets.to_string().contains("\\u001b"), "{targets}");
}

#[test]
fn targets_are_workers_and_open_ports() {
    let exporter = Exporter::of_mock(&[]).filled();
    let page = exporter.get("/sd/endpoints");
    assert!(page.head.contains("content-type: application/json"), "{}", page.head);
    let targets: Vec<Value> = serde_json::from_str(&page.body).unwrap();
    let of = |kind: &str| targets.iter().find(|it| it["labels"]["__meta_vastai_kind"] == kind).unwrap();
    expect![[r#"
        {
          "labels": {
            "__meta_vastai_endpoint_id": "12345",
            "__meta_vastai_endpoint_name": "vLLM-Qwen3-8B",
            "__meta_vastai_kind": "worker",
            "__meta_vastai_worker_id": "30215871",
            "__meta_vastai_worker_state": "idle",
            "__scheme__": "https"
          },
          "targets": [
            "192.0.2.32:25871"
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(of("worker")).unwrap());
    expect![[r#"
        {
          "labels": {
            "__meta_vastai_container_port": "22",
            "__meta_vastai_gpu_name": "RTX 4090",
            "__meta_vastai_instance_id": "28004311",
            "__meta_vastai_instance_label": "training",
            "__meta_vastai_kind": "instance"
          },
          "targets": [
            "192.0.2.45:20000"
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(of("instance")).unwrap());
}

#[test]
fn requests_that_are_none_of_its_pages_are_refused() {
    let exporter = Exporter::of_mock(&[]).filled();
    let status = |request: &str| exporter.send(request).status;
    assert_eq!(exporter.get("/").status, 200);
    assert_eq!(exporter.get("/nothing").status, 404);
    assert_eq!(
        status("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        405
    );
    let large = "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n";
    assert_eq!(status(large), 413);
    let long = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    assert!(matches!(status(&long), 0 | 431), "a head without end is not read");
    assert_eq!(exporter.get("/metrics").status, 200);
}

#[test]
fn those_who_connect_and_say_nothing_keep_nobody_out_for_long() {
    let exporter = Exporter::of_mock(&[]).filled();
    let mut silent: Vec<TcpStream> =
        (0..80).map(|_| TcpStream::connect(exporter.address()).unwrap()).collect();
    for stream in silent.iter_mut().take(40) {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ").unwrap();
    }
    until("a page beside the silent", || (exporter.get("/metrics").status == 200).then_some(()));
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told_to_also_while_it_polls() {
    use std::time::Duration;
    use vastai_mock::Fault;

    for signal in ["-INT", "-TERM"] {
        let simulator = Simulator::builder().start_on_thread().unwrap();
        let endless = Fault::delay(Duration::from_secs(3_600)).always();
        simulator.inject("showInstances", endless).unwrap();
        let exporter = Exporter::of(&simulator, &[]);
        assert_eq!(exporter.signal(signal), Some(0), "{signal}");
    }
}

#[test]
fn an_address_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vastai"));
    let done = command.args(["--mock", "export", "prometheus", "--listen", &address]).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("error: cannot listen on {address}: ")), "{said}");
}
