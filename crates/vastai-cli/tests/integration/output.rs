//! What is printed of an answer.

use std::time::{Duration, SystemTime};

use expect_test::expect;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use vastai_mock::{RawResponse, Worker, WorkersShape};

use crate::support::{Server, Vastai};

const WORKERS: [&str; 4] = ["get", "endpoint", "workers", "12345"];

fn json_answer(body: &str) -> RawResponse {
    RawResponse::new(StatusCode::OK, HeaderValue::from_static("application/json"), body)
}

#[test]
fn ages_are_told_by_the_clock() {
    let server = Server::start();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    // Half a minute from the next change of what is shown.
    let started_at = now - Duration::from_secs(2 * 3_600 + 5 * 60 + 30).as_secs_f64();
    server.set_workers_shape(WorkersShape::Custom(
        json!([{"id": 1, "status": "IDLE", "started_at": started_at}]),
    ));
    expect![[r#"
        ID  STATUS  LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS    AGE
         1  IDLE         -           -              -         -  2h 5m
    "#]]
    .assert_eq(&Vastai::asking(&server, &WORKERS).run().answer());
}

#[test]
fn both_lists_of_workers_are_understood() {
    let server = Server::start();
    let odd =
        json!({"id": -3, "status": "DEFROSTING", "cur_load": "12.5", "reliability": null, "started_at": 0});
    server.set_workers_shape(WorkersShape::Custom(json!([odd])));
    let bare = Vastai::asking(&server, &WORKERS).run().answer();
    server.set_workers_shape(WorkersShape::Custom(json!({"workers": [odd]})));
    assert_eq!(bare, Vastai::asking(&server, &WORKERS).run().answer());
    expect![[r#"
        ID  STATUS      LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS  AGE
        -3  DEFROSTING    12.5           -              -         -    -
    "#]]
    .assert_eq(&bare);
    server.set_workers_shape(WorkersShape::Custom(json!([])));
    expect![[r#"
        exit 0
        --- stderr
        note: no workers
    "#]]
    .assert_eq(&Vastai::asking(&server, &WORKERS).run().transcript());
    expect![[r#"
        exit 0
        --- stdout
        []
    "#]]
    .assert_eq(
        &Vastai::asking(&server, &["--raw", "get", "endpoint", "workers", "12345"]).run().transcript(),
    );
}

#[test]
fn json_is_what_the_service_sent() {
    let server = Server::start();
    let sent = r#"{"workers":[{"status":"IDLE","id":7,"cur_load":1.10,"b":123456789012345678901234567890,"a":[],"c":{"x":"{\"y\": 1}"}}]}"#;
    server.respond_with("/get_endpoint_workers/", json_answer(sent));
    let shown =
        Vastai::asking(&server, &["get", "endpoint", "workers", "7", "--output", "json"]).run().answer();
    expect![[r#"
        {
          "workers": [
            {
              "status": "IDLE",
              "id": 7,
              "cur_load": 1.10,
              "b": 123456789012345678901234567890,
              "a": [],
              "c": {
                "x": "{\"y\": 1}"
              }
            }
          ]
        }
    "#]]
    .assert_eq(&shown);
}

#[test]
fn json_of_the_workers_is_whole() {
    let server = Server::start();
    server.add_worker(4242, Worker::new(1).field("brand_new", "field")).unwrap();
    let shown = Vastai::asking(&server, &["--raw", "get", "endpoint", "workers", "12345"]).run().answer();
    let workers: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(workers.as_array().map(Vec::len), Some(6));
    assert!(shown.contains(r#""brand_new": "field""#) && shown.ends_with("\n]\n"), "{shown}");
}

#[test]
fn secrets_are_in_json_alone() {
    let server = Server::start();
    let answer = json!({"success": true, "results": [{"id": 12345, "endpoint_name": "x", "api_key": "of-the-endpoint", "jupyter_token": "t0ken",
        "created_at": 1_784_712_600.25}]});
    server.respond_with("/api/v0/endptjobs", RawResponse::json(StatusCode::OK, &answer));
    expect![[r#"
        exit 0
        --- stdout
           ID  NAME       CREATED UTC
        12345  x     2026-07-22 09:30
        --- stderr
        note: 2 columns are hidden; --cols chooses columns, --output json shows all
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "endpoints"]).run().transcript());
    let json = Vastai::asking(&server, &["show", "endpoints", "--output", "json"]).run().answer();
    assert!(json.contains("of-the-endpoint") && json.contains("t0ken"));
}

#[test]
fn lists_of_the_console() {
    let server = Server::start();
    expect![[r#"
        exit 0
        --- stdout
           ID  NAME           STATE   COLD  MAX  MIN LOAD/S  TARGET %  COLD MULT       CREATED UTC
        12345  vLLM-Qwen3-8B  active     5   20         0.0     90.00        2.5  2026-07-19 09:30
        --- stderr
        note: 8 columns are hidden; --cols chooses columns, --output json shows all
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "endpoints"]).run().transcript());
    expect![[r#"
        exit 0
        --- stdout
              ID  LABEL     STATUS   GPUS  GPU          $/H  GPU %     UP  SSH HOST          SSH PORT  VRAM GB  CPUS  RAM GB  DISK GB  IMAGE                    WHERE                      MACHINE         SINCE UTC           END UTC
        28004311  training  running     2  RTX 4090  0.8042     87  1d 6h  ssh6.example.com     10600     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest  California, United States       12  2026-07-21 03:30  2026-09-19 03:30
        28004312  notebook  loading     1  RTX 4090  0.4021      -      -  ssh6.example.com     10600     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest  California, United States       12  2026-07-22 09:28  2026-09-20 09:28
        --- stderr
        note: 72 columns are hidden; --cols chooses columns, --output json shows all
        note: instances_found: 2, total_instances: 3
        note: there is more: --after-token='eyJ2YWx1ZXMiOiB7ImlkIjogMjgwMDQzMTJ9fQ=='
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "instances", "--limit", "2"]).run().transcript());
    let token = "eyJ2YWx1ZXMiOiB7ImlkIjogMjgwMDQzMTJ9fQ==";
    expect![[r#"
        exit 0
        --- stdout
              ID  STATUS  GPUS  GPU          $/H  SSH HOST          SSH PORT  VRAM GB  CPUS  RAM GB  DISK GB  IMAGE                    WHERE                      MACHINE         SINCE UTC           END UTC
        28004313  exited     1  RTX 3090  0.2121  ssh6.example.com     10600     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest  California, United States       12  2026-07-22 00:30  2026-09-20 00:30
        --- stderr
        note: 75 columns are hidden; --cols chooses columns, --output json shows all
        note: instances_found: 1, total_instances: 3
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "instances", "--after-token", token]).run().transcript());
}

#[test]
fn logs_are_blocks_by_level() {
    let server = Server::start();
    expect![[r#"
        info0:
          worker 30215875: STOPPED
          2026-07-22 09:29:10 - worker 30215874: CREATED
          2026-07-22 09:29:20 - worker 30215874: LOADING
        info1:
          2026-07-22 08:19:40 - worker 30215875: benchmarked at 5210 per second
        trace:
          its image
          2026-07-22 08:18:40 - worker 30215875: loads its model
          2026-07-22 09:29:20 - worker 30215874: pulls its image
        debug:
          026-07-22 08:30:00 - worker 30215875: was STOPPING for 20 s
          2026-07-22 09:29:20 - worker 30215874: was CREATED for 10 s
    "#]]
    .assert_eq(
        &Vastai::asking(&server, &["get", "workergroup", "logs", "4243", "--tail", "120"]).run().answer(),
    );
}

#[test]
fn an_answer_without_content() {
    let server = Server::start();
    server.respond_with("/api/v0/endptjobs", RawResponse::empty(StatusCode::NO_CONTENT));
    expect![[r#"
        exit 0
        --- stderr
        note: the response is empty
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "endpoints"]).run().transcript());
    expect![[r#"
        exit 0
        --- stdout
        null
    "#]]
    .assert_eq(&Vastai::asking(&server, &["show", "endpoints", "--raw"]).run().transcript());
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let server = Server::start();
    let many: Vec<Value> = (0..5_000).map(|id| json!({"id": id, "status": "IDLE"})).collect();
    server.set_workers_shape(WorkersShape::Custom(Value::Array(many)));
    for line in
        [&WORKERS[..], &["--raw", "get", "endpoint", "workers", "12345"], &["--help"], &["show", "--help"]]
    {
        let done = Vastai::asking(&server, line).run_unread();
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{line:?}");
    }
}
