//! Tables in terminals of several widths, and the same results as records.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use vastai_mock::{Charge, Instance, RawResponse};

use crate::support::{NOW, Server, Vastai};

/// A world in which each list has something.
fn server() -> Server {
    let server = Server::start();
    let hours = |hours: u64| NOW.saturating_sub(std::time::Duration::from_secs(3_600 * hours));
    server.add_instance(
        Instance::new(28_004_399)
            .label("a label that says much more than a label of a machine should, 中文字符")
            .gpus("RTX PRO 6000 WS", 8)
            .dph_total(11.75)
            .field("ssh_host", "ssh5.vast.ai")
            .field("ssh_port", 41_234)
            .field("image_uuid", "vllm/vllm-openai:latest"),
    );
    server.add_volume(9_001, 31_001, 500.0);
    server.add_volume(9_002, 31_002, 1_024.5);
    server.clear_billing();
    server.add_charge(Charge::new(28_004_311, hours(30)).amount(24.126));
    server.add_charge(Charge::new(28_004_313, hours(9)).amount(1.909));
    server.add_api_key(71, "key-of-a-program");
    server.add_ssh_key(72, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFmQ someone@a-machine");
    let machines = json!({"machines": [
        {"id": 31, "hostname": "rack-7", "gpu_name": "RTX 5090", "num_gpus": 4, "listed": true, "listed_gpu_cost": 0.41,
            "gpu_occupancy": "D D x ", "end_date": 1_799_000_000.5, "reliability2": 0.9987, "error_description": null},
        {"id": 32, "hostname": "rack-8", "gpu_name": "RTX 4090", "num_gpus": 8, "listed": false, "error_description": "GPU 3 is lost"},
    ]});
    server.respond_with("/api/v0/machines", RawResponse::json(http::StatusCode::OK, &machines));
    server
}

/// What a command prints at 60, 100 and 200 columns.
#[track_caller]
fn check(line: &[&str], expected: Expect) {
    let server = server();
    check_each(|| Vastai::asking(&server, line), expected);
}

#[expect(clippy::needless_pass_by_value, reason = "a test reads better so")]
#[track_caller]
fn check_each(vastai: impl Fn() -> Vastai, expected: Expect) {
    let mut all = String::new();
    for width in [60, 100, 200] {
        let done = vastai().env("COLUMNS", &width.to_string()).run();
        assert_eq!(done.code, Some(0), "{}", done.transcript());
        for line in done.stdout.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        let _ = writeln!(all, "{width}:\n{}{}", done.stdout, done.stderr);
    }
    expected.assert_eq(&all);
}

#[test]
fn instances() {
    check(
        &["show", "instances"],
        expect![[r#"
        60:
              ID  LABEL            STATUS   GPUS  GPU
        28004311  training         running     2  RTX 4090
        28004312  notebook         loading     1  RTX 4090
        28004313  -                exited      1  RTX 3090
        28004399  a label that s…  running     8  RTX PRO 6000 WS
        note: 86 columns are hidden; --cols chooses columns, --output json shows all
        note: instances_found: 4, total_instances: 4

        100:
              ID  LABEL                      STATUS   GPUS  GPU                  $/H  GPU %     UP  SSH PORT
        28004311  training                   running     2  RTX 4090          0.8042     87  1d 6h     10600
        28004312  notebook                   loading     1  RTX 4090          0.4021      -      -     10600
        28004313  -                          exited      1  RTX 3090          0.2121      -      -     10600
        28004399  a label that says much m…  running     8  RTX PRO 6000 WS  11.7500     87  1d 0h     41234
        note: 82 columns are hidden; --cols chooses columns, --output json shows all
        note: instances_found: 4, total_instances: 4

        200:
              ID  LABEL                                 STATUS   GPUS  GPU                  $/H  GPU %     UP  SSH HOST          SSH PORT  VRAM GB  CPUS  RAM GB  DISK GB  IMAGE                    MACHINE
        28004311  training                              running     2  RTX 4090          0.8042     87  1d 6h  ssh6.example.com     10600     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest       12
        28004312  notebook                              loading     1  RTX 4090          0.4021      -      -  ssh6.example.com     10600     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest       12
        28004313  -                                     exited      1  RTX 3090          0.2121      -      -  ssh6.example.com     10600     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest       12
        28004399  a label that says much more than a …  running     8  RTX PRO 6000 WS  11.7500     87  1d 0h  ssh5.vast.ai         41234     24.0  20.0    62.8     64.0  vllm/vllm-openai:latest       12
        note: 75 columns are hidden; --cols chooses columns, --output json shows all
        note: instances_found: 4, total_instances: 4

    "#]],
    );
}

#[test]
fn offers() {
    check(
        &["search", "offers"],
        expect![[r#"
        60:
              ID  GPUS  GPU           $/H  VRAM GB  CPUS  RAM GB
        14000002     1  RTX 4090   0.3487     24.0  20.0    62.8
        14000003     2  RTX 4090   0.7714     24.0  20.0    62.8
        14000001     1  RTX 4090   0.4021     24.0  20.0    62.8
        14000005     1  RTX 5090   0.6525     24.0  20.0    62.8
        14000006     8  H100 SXM  17.1200     24.0  20.0    62.8
        note: 51 columns are hidden; --cols chooses columns, --output json shows all

        100:
              ID  GPUS  GPU           $/H  VRAM GB  CPUS  RAM GB  DISK GB  RELIAB %  WHERE           DLPERF
        14000002     1  RTX 4090   0.3487     24.0  20.0    62.8    640.0     98.10  California, US   102.5
        14000003     2  RTX 4090   0.7714     24.0  20.0    62.8    640.0     99.50  California, US   205.0
        14000001     1  RTX 4090   0.4021     24.0  20.0    62.8    640.0     99.50  California, US   102.5
        14000005     1  RTX 5090   0.6525     24.0  20.0    62.8    640.0     99.50  California, US   102.5
        14000006     8  H100 SXM  17.1200     24.0  20.0    62.8    640.0     99.91  California, US   820.0
        note: 47 columns are hidden; --cols chooses columns, --output json shows all

        200:
              ID  GPUS  GPU           $/H  VRAM GB  CPUS  RAM GB  DISK GB  RELIAB %  WHERE           DLPERF  DOWN MBIT/S  UP MBIT/S  CUDA  MAX DURATION  VERIFICATION  DRIVER      MACHINE  MIN BID $/H  SCORE
        14000002     1  RTX 4090   0.3487     24.0  20.0    62.8    640.0     98.10  California, US   102.5          905        812  12.8        90d 0h  verified      570.124.04        2       0.1733  293.9
        14000003     2  RTX 4090   0.7714     24.0  20.0    62.8    640.0     99.50  California, US   205.0          905        812  12.8        90d 0h  verified      570.124.04        3       0.3846  265.8
        14000001     1  RTX 4090   0.4021     24.0  20.0    62.8    640.0     99.50  California, US   102.5          905        812  12.8        90d 0h  verified      570.124.04        1       0.2000  254.9
        14000005     1  RTX 5090   0.6525     24.0  20.0    62.8    640.0     99.50  California, US   102.5          905        812  12.8        90d 0h  verified      570.124.04        5       0.3252  157.1
        14000006     8  H100 SXM  17.1200     24.0  20.0    62.8    640.0     99.91  California, US   820.0          905        812  12.8        90d 0h  verified      570.124.04        6       8.5590   47.9
        note: 38 columns are hidden; --cols chooses columns, --output json shows all

    "#]],
    );
}

#[cfg(feature = "mock")]
#[test]
fn workers() {
    // Ages are counted by the clock of the embedded simulator, which stands still.
    check_each(
        || Vastai::new(&["--mock", "get", "endpoint", "workers", "12345"]),
        expect![[r#"
        60:
              ID  STATUS         LOAD/S  MEASURED/S  RELIABILITY %
        30215871  IDLE           1240.5      1650.0          99.50
        30215872  IDLE            310.0      1612.4          98.10
        30215873  MODEL_LOADING     0.0       102.5          99.50
        30215874  LOADING           0.0       412.8          99.91
        30215875  STOPPED           0.0      5210.0          99.91
        note: responses come from the embedded simulator
        note: 2 columns are hidden; --output json shows all

        100:
              ID  STATUS         LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS     AGE
        30215871  IDLE           1240.5      1650.0          99.50         7   6h 2m
        30215872  IDLE            310.0      1612.4          98.10         2   2h 2m
        30215873  MODEL_LOADING     0.0       102.5          99.50         0   2m 5s
        30215874  LOADING           0.0       412.8          99.91         0     50s
        30215875  STOPPED           0.0      5210.0          99.91         0  1h 13m
        note: responses come from the embedded simulator

        200:
              ID  STATUS         LOAD/S  MEASURED/S  RELIABILITY %  REQUESTS     AGE
        30215871  IDLE           1240.5      1650.0          99.50         7   6h 2m
        30215872  IDLE            310.0      1612.4          98.10         2   2h 2m
        30215873  MODEL_LOADING     0.0       102.5          99.50         0   2m 5s
        30215874  LOADING           0.0       412.8          99.91         0     50s
        30215875  STOPPED           0.0      5210.0          99.91         0  1h 13m
        note: responses come from the embedded simulator

    "#]],
    );
}

#[test]
fn endpoints() {
    check(
        &["show", "endpoints"],
        expect![[r#"
        60:
           ID  NAME           STATE   COLD  MAX  MIN LOAD/S
        12345  vLLM-Qwen3-8B  active     5   20         0.0
        note: 11 columns are hidden; --cols chooses columns, --output json shows all

        100:
           ID  NAME           STATE   COLD  MAX  MIN LOAD/S  TARGET %  COLD MULT       CREATED UTC
        12345  vLLM-Qwen3-8B  active     5   20         0.0     90.00        2.5  2026-07-19 09:30
        note: 8 columns are hidden; --cols chooses columns, --output json shows all

        200:
           ID  NAME           STATE   COLD  MAX  MIN LOAD/S  TARGET %  COLD MULT       CREATED UTC
        12345  vLLM-Qwen3-8B  active     5   20         0.0     90.00        2.5  2026-07-19 09:30
        note: 8 columns are hidden; --cols chooses columns, --output json shows all

    "#]],
    );
}

#[test]
fn volumes() {
    check(
        &["list", "volumes"],
        expect![[r#"
            60:
              ID  LABEL   STATUS  DISK GB  MACHINE        SINCE UTC
            9001  V.9001  active    500.0    31001  2026-07-22 09:…
            9002  V.9002  active   1024.5    31002  2026-07-22 09:…
            note: 2 columns are hidden; --cols chooses columns, --output json shows all

            100:
              ID  LABEL   STATUS  DISK GB  MACHINE         SINCE UTC
            9001  V.9001  active    500.0    31001  2026-07-22 09:30
            9002  V.9002  active   1024.5    31002  2026-07-22 09:30
            note: 2 columns are hidden; --cols chooses columns, --output json shows all

            200:
              ID  LABEL   STATUS  DISK GB  MACHINE         SINCE UTC
            9001  V.9001  active    500.0    31001  2026-07-22 09:30
            9002  V.9002  active   1024.5    31002  2026-07-22 09:30
            note: 2 columns are hidden; --cols chooses columns, --output json shows all

        "#]],
    );
}

#[test]
fn charges() {
    let day = NOW.as_secs() / 86_400 * 86_400;
    let days = json!({"day": {"gte": day - 172_800, "lte": day + 86_400}}).to_string();
    check(
        &["show", "charges", &days],
        expect![[r#"
        60:
              START UTC          END UTC  AMOUNT $  TYPE
        2026-07-22 00:…  2026-07-23 00:…      1.91  instance
        2026-07-21 03:…  2026-07-22 03:…     24.13  instance
        note: 4 columns are hidden; --cols chooses columns, --output json shows all
        note: count: 2, total: 2

        100:
               START UTC           END UTC  AMOUNT $  TYPE      DESCRIPTION                SOURCE
        2026-07-22 00:30  2026-07-23 00:30      1.91  instance  instance 28004313 Charges  instance-28004313
        2026-07-21 03:30  2026-07-22 03:30     24.13  instance  instance 28004311 Charges  instance-28004311
        note: 2 columns are hidden; --cols chooses columns, --output json shows all
        note: count: 2, total: 2

        200:
               START UTC           END UTC  AMOUNT $  TYPE      DESCRIPTION                SOURCE
        2026-07-22 00:30  2026-07-23 00:30      1.91  instance  instance 28004313 Charges  instance-28004313
        2026-07-21 03:30  2026-07-22 03:30     24.13  instance  instance 28004311 Charges  instance-28004311
        note: 2 columns are hidden; --cols chooses columns, --output json shows all
        note: count: 2, total: 2

    "#]],
    );
}

#[test]
fn machines() {
    check(
        &["show", "machines"],
        expect![[r#"
        60:
        ID  HOSTNAME  GPUS  GPU       OCCUPANCY  LISTED  LISTED $/H
        31  rack-7       4  RTX 5090  D D x      true        0.4100
        32  rack-8       8  RTX 4090  -          false            -
        note: 3 columns are hidden; --cols chooses columns, --output json shows all

        100:
        ID  HOSTNAME  GPUS  GPU       OCCUPANCY  LISTED  LISTED $/H  RELIAB %           END UTC
        31  rack-7       4  RTX 5090  D D x      true        0.4100     99.87  2027-01-03 18:13
        32  rack-8       8  RTX 4090  -          false            -         -                 -
        note: 1 column is hidden; --cols chooses columns, --output json shows all

        200:
        ID  HOSTNAME  GPUS  GPU       OCCUPANCY  LISTED  LISTED $/H  RELIAB %           END UTC  ERROR_DESCRIPTION
        31  rack-7       4  RTX 5090  D D x      true        0.4100     99.87  2027-01-03 18:13  -
        32  rack-8       8  RTX 4090  -          false            -         -                 -  GPU 3 is lost

    "#]],
    );
}

#[test]
fn keys() {
    check(
        &["show", "api", "keys"],
        expect![[r#"
        60:
        ID      CREATED UTC
        71  2026-07-22 09:…
        note: 2 columns are hidden; --cols chooses columns, --output json shows all

        100:
        ID       CREATED UTC
        71  2026-07-22 09:30
        note: 2 columns are hidden; --cols chooses columns, --output json shows all

        200:
        ID       CREATED UTC
        71  2026-07-22 09:30
        note: 2 columns are hidden; --cols chooses columns, --output json shows all

    "#]],
    );
    check(
        &["show", "ssh", "keys"],
        expect![[r#"
        60:
        ID  PUBLIC_KEY           CREATED UTC
        72  ssh-ed25519 AA…  2026-07-22 09:…
        note: 2 columns are hidden; --cols chooses columns, --output json shows all

        100:
        ID  PUBLIC_KEY                      CREATED UTC
        72  ssh-ed25519 AAAAC3NzaC1l…  2026-07-22 09:30
        note: 2 columns are hidden; --cols chooses columns, --output json shows all

        200:
        ID  PUBLIC_KEY                                 CREATED UTC
        72  ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAA…  2026-07-22 09:30
        note: 2 columns are hidden; --cols chooses columns, --output json shows all

    "#]],
    );
}

#[test]
fn columns_are_those_that_are_asked_for() {
    let server = server();
    let run = |line: &[&str]| Vastai::asking(&server, line).env("COLUMNS", "60").run().transcript();
    expect![[r#"
        exit 0
        --- stdout
        HOSTNAME  LISTED $/H  OCCUPANCY  ID  ERROR_DESCRIPTION
        rack-7        0.4100  D D x      31  -
        rack-8             -  -          32  GPU 3 is lost
    "#]]
    .assert_eq(&run(&[
        "show",
        "machines",
        "--cols",
        "hostname,listed $/h,gpu_occupancy,id,error_description",
    ]));
    expect![[r#"
        exit 0
        --- stdout
              ID      PERF
        30215871   1641.75
        30215872  1581.764
        30215873   101.987
        30215874   412.428
        30215875  5205.311
    "#]]
    .assert_eq(&run(&["get", "endpoint", "workers", "12345", "--cols", "id,perf"]));
    expect![[r#"
        exit 0
        --- stdout
        HOSTNAME
        rack-7
        rack-8
        --- stderr
        note: there is no column nothing; there are end_date, error_description, gpu_name, gpu_occupancy, hostname, id, listed, listed_gpu_cost, num_gpus, reliability2
    "#]].assert_eq(&run(&["show", "machines", "--cols", "hostname,nothing"]));
}

#[test]
fn records_are_a_line_each() {
    let server = server();
    let run = |line: &[&str]| Vastai::asking(&server, line).run().answer();
    let lines = run(&["show", "instances", "--output", "jsonl"]);
    let ids: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, [28_004_311, 28_004_312, 28_004_313, 28_004_399]);
    expect![[r#"
        {"id":28004311,"num_gpus":2}
        {"id":28004312,"num_gpus":1}
        {"id":28004313,"num_gpus":1}
        {"id":28004399,"num_gpus":8}
    "#]]
    .assert_eq(&run(&["show", "instances", "--output", "jsonl", "--cols", "id,num_gpus"]));
    expect![[r#"
        id,hostname,gpu_occupancy,error_description
        31,rack-7,D D x ,
        32,rack-8,,GPU 3 is lost
    "#]]
    .assert_eq(&run(&[
        "show",
        "machines",
        "--output",
        "csv",
        "--cols",
        "id,hostname,gpu_occupancy,error_description",
    ]));
    let workers = run(&["get", "endpoint", "workers", "12345", "--output", "jsonl"]);
    assert_eq!(workers.lines().count(), 5);
    let doctor = run(&["doctor", "--output", "csv", "--cols", "check,verdict"]);
    assert!(doctor.starts_with("check,verdict\nversion,ok\n"), "{doctor}");
}

#[test]
fn fields_of_a_single_object_are_those_that_are_asked_for() {
    let server = server();
    let run = |output: &[&str]| {
        let line = ["show", "instance", "28004311", "--cols", "actual_status,id,label"];
        Vastai::asking(&server, &[&line[..], output].concat()).run().answer()
    };
    assert_eq!(run(&["--output", "csv"]), "actual_status,id,label\nrunning,28004311,training\n");
    assert_eq!(
        run(&["--output", "jsonl"]),
        "{\"actual_status\":\"running\",\"id\":28004311,\"label\":\"training\"}\n"
    );
    assert_eq!(run(&[]), "actual_status  running\nid             28004311\nlabel          training\n");
    // Without a choice it is the object, too.
    let all = Vastai::asking(&server, &["show", "instance", "28004311", "--output", "jsonl"]).run().answer();
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["id"], 28_004_311);
}

#[cfg(all(unix, feature = "mock"))]
#[test]
fn a_terminal_has_colours_unless_they_are_not_wanted() {
    use crate::pty::Terminal;
    let styled = |line: &[&str], variables: &[(&str, &str)]| {
        let terminal = Terminal::vastai((24, 70), line, variables);
        terminal.wait_for("exit 0.");
        let is_styled = terminal.is_styled("running");
        let screen = terminal.end();
        // As wide as the terminal.
        assert!(screen.contains("STATUS") && !screen.contains("SSH HOST"), "{screen}");
        is_styled
    };
    let line = ["--mock", "show", "instances"];
    assert!(styled(&line, &[]));
    assert!(!styled(&line, &[("NO_COLOR", "1")]));
    assert!(!styled(&["--mock", "show", "instances", "--no-color"], &[]));
}

#[cfg(unix)]
#[test]
fn long_lists_say_how_far_they_are_and_leave_nothing_behind() {
    use crate::pty::Terminal;
    use crate::support::KEY;
    let server = Server::start();
    (1..=60).for_each(|id| server.add_instance(Instance::new(id)));
    // Slow enough to be seen.
    let slow = vastai_mock::Fault::delay(std::time::Duration::from_millis(500)).always();
    server.inject("showInstances", slow).unwrap();
    let variables = [("VAST_API_KEY", KEY), ("VAST_URL", server.url()), ("VAST_RUN_URL", server.url())];
    let line = ["show", "instances", "--output", "jsonl", "--cols", "id", "--no-retry"];
    let terminal = Terminal::vastai((70, 80), &line, &variables);
    terminal.wait_for("page 2; 25 instances so far");
    let screen = terminal.end();
    assert!(screen.contains("{\"id\":60}") && !screen.contains("page "), "{screen}");
    // Where stderr is no terminal, nothing is said.
    let done = Vastai::asking(&server, &["show", "instances", "--output", "csv", "--cols", "id"]).run();
    assert_eq!(done.answer().lines().count(), 64);
}
