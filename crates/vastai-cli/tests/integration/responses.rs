//! Answers as the service has been seen to give them, which are not what its document says: what a command sends for them, and makes of them.

use expect_test::expect;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use vastai_mock::RawResponse;

use crate::support::{Done, Server, Vastai};

/// A server that gives this response at a path.
fn responding(path: &str, status: u16, response: &Value) -> Server {
    let server = Server::start();
    server.respond_with(path, RawResponse::json(StatusCode::from_u16(status).unwrap(), response));
    server
}

/// The only request that a server got: its method, its path with the query, and its body.
#[track_caller]
fn sent(server: &Server) -> (Method, String, Value) {
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
    (request.method().clone(), format!("{}{query}", request.path()), request.json().unwrap_or_default())
}

/// Runs a command as table and as JSON. JSON has all that came.
#[track_caller]
fn run(server: &Server, line: &[&str], response: &Value) -> Done {
    let json = Vastai::asking(server, &[line, &["--output", "json"]].concat()).run();
    assert_eq!((json.code, &serde_json::from_str::<Value>(&json.stdout).unwrap()), (Some(0), response));
    Vastai::asking(server, line).run()
}

fn machines() -> Value {
    json!({"machines": [
        {"id": 31, "machine_id": 31, "hostname": "rack-7", "gpu_name": "RTX 5090", "num_gpus": 4, "listed": true, "listed_gpu_cost": 0.41,
            "gpu_occupancy": "D D x ", "end_date": 1_799_000_000.5, "error_description": null, "brand_new": {"a": [1]}},
        {"id": 32, "hostname": null, "num_gpus": 1, "listed": false, "listed_gpu_cost": null, "client_end_date": null},
    ]})
}

#[test]
fn machines_are_those_of_the_key() {
    let server = responding("/api/v0/machines", 200, &machines());
    let done = Vastai::asking(&server, &["show", "machines"]).run();
    assert_eq!(sent(&server), (Method::GET, "/api/v0/machines".to_owned(), Value::Null));
    expect![[r#"
        exit 0
        --- stdout
        ID  HOSTNAME  GPUS  GPU       OCCUPANCY  LISTED  LISTED $/H           END UTC
        31  rack-7       4  RTX 5090  D D x      true        0.4100  2027-01-03 18:13
        32  -            1  -         -          false            -                 -
        --- stderr
        note: 4 columns are hidden; --cols chooses columns, --output json shows all
    "#]]
    .assert_eq(&done.transcript());
    assert_eq!(run(&server, &["show", "machines"], &machines()).stdout, done.stdout);
}

#[test]
fn machines_are_those_of_an_owner_that_is_named() {
    let server = responding("/api/v0/machines", 200, &machines());
    let done = Vastai::asking(&server, &["show", "machines", "me"]).run();
    assert_eq!(sent(&server).1, "/api/v0/machines?owner=me");
    assert_eq!(run(&server, &["show", "machines", "me"], &machines()).stdout, done.stdout);
    let help = Vastai::new(&["show", "machines", "--help"]).run().stdout;
    assert!(help.contains("Usage: vastai show machines [OPTIONS] [OWNER]"), "{help}");
}

#[test]
fn earnings_are_those_of_the_key_or_of_an_account() {
    let report = json!({
        "summary": {"total_gpu": 21.5, "total_stor": 0.5},
        "username": "host",
        "address1": null,
        "current": {"balance": 3, "credit": 0},
        "per_machine": [{"machine_id": 31, "gpu_earn": 20.5}],
        "per_day": [{"day": 20_454, "gpu_earn": 0.25}, {"day": 20_455, "gpu_earn": null}],
    });
    for (account, path) in
        [("me", "/api/v0/users/me/machine-earnings"), ("456", "/api/v0/users/456/machine-earnings")]
    {
        let server = responding(path, 200, &report);
        Vastai::asking(&server, &["show", "earnings", account]).run();
        assert_eq!(sent(&server), (Method::GET, path.to_owned(), Value::Null));
        let done = run(&server, &["show", "earnings", account], &report);
        assert!(done.stdout.starts_with("username     host\n"), "{}", done.stdout);
    }
    // What goes into a path stays one part of it.
    let server = Server::start();
    Vastai::asking(&server, &["show", "earnings", "../current"]).run();
    assert_eq!(sent(&server).1, "/api/v0/users/..%2Fcurrent/machine-earnings");
}

#[test]
fn charges_are_of_a_span_of_days_and_of_kinds_or_of_a_filter() {
    let filters = |line: &[&str]| -> Value {
        let server = Server::start();
        let done = Vastai::asking(&server, &[&["show", "charges"], line].concat()).run();
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let requests = server.requests();
        let mut query = requests[0].query_pairs();
        let (_, filters) = query.find(|(name, _)| name == "select_filters").unwrap();
        serde_json::from_str(&filters).unwrap()
    };
    assert_eq!(
        filters(&["-s", "2031-03-01", "-e", "2031-03-02", "-ct", "v", "instance"]),
        json!({ "day": { "gte": 1_930_089_600, "lte": 1_930_176_000 }, "type": { "in": ["volume", "instance"] } })
    );
    let week = filters(&[]);
    let seconds = |end: &str| week["day"][end].as_i64().unwrap();
    assert_eq!(seconds("lte") - seconds("gte"), 7 * 86_400);
    assert_eq!(
        filters(&[r#"{"day":{"gte":1,"lte":2}}"#, "--limit", "3"]),
        json!({ "day": { "gte": 1, "lte": 2 } })
    );
    let both = Vastai::new(&["--mock", "show", "charges", "{}", "-s", "2031-03-01"]).run();
    assert_eq!(both.code, Some(2));
    assert!(both.stderr.contains("SELECT_FILTERS says all"), "{}", both.stderr);
}

#[test]
fn an_instance_is_launched_as_the_official_client_says_it() {
    let created = json!({"success": true, "new_contract": 9_100, "instance_api_key": "of-the-instance"});
    for runtype in [
        "ssh_direc ssh_proxy",
        "jupyter_direc ssh_direc ssh_proxy",
        "jupyter_proxy ssh_proxy",
        "ssh_direc",
        "ssh_direct",
        "ssh",
        "args",
        "one that comes next year",
    ] {
        let server = responding("/api/v0/asks/7/", 200, &created);
        let line = ["create", "instance", "7", "--image", "ubuntu:24.04", "--runtype", runtype, "--raw"];
        let done = Vastai::asking(&server, &line).run();
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let body =
            json!({"image": "ubuntu:24.04", "runtype": runtype, "disk": 10.0, "cancel_unavail": false});
        assert_eq!(sent(&server), (Method::PUT, "/api/v0/asks/7/".to_owned(), body));
    }
    let server = responding("/api/v0/asks/7/", 200, &created);
    let done = run(&server, &["create", "instance", "7", "--image", "u"], &created);
    assert!(done.stdout.contains("new_contract      9100"), "{}", done.stdout);
}

fn offers(count: u64) -> Value {
    let offer = |id: u64| json!({"id": 700 + id, "ask_contract_id": 700 + id, "gpu_name": "RTX 5090", "num_gpus": 1, "field_of_2031": [id]});
    json!({"offers": (0..count).map(offer).collect::<Vec<_>>()})
}

#[test]
fn a_search_that_is_cut_off_says_so() {
    const NOTE: &str = "note: the service returned 64 offers, the most that it does for one search; there may be more: narrow the query, \
                        or change --order\n";
    let noted = |count: u64, line: &[&str]| {
        let answer = offers(count);
        let server = responding("/api/v0/bundles", 200, &answer);
        let line = [&["search", "offers"], line].concat();
        let done = run(&server, &line, &answer);
        let json = Vastai::asking(&server, &[&line[..], &["--output", "json"]].concat()).run();
        assert_eq!(json.stderr.contains(NOTE), done.stderr.contains(NOTE));
        assert_eq!(done.stdout.lines().count() as u64, count + 1);
        done.stderr.contains(NOTE)
    };
    assert!(noted(64, &["num_gpus=1", "--limit", "500"]));
    assert!(noted(64, &["num_gpus=1"]));
    assert!(noted(64, &[]));
    assert!(!noted(64, &["num_gpus=1", "--limit", "64"]));
    assert!(!noted(63, &["num_gpus=1", "--limit", "500"]));
    assert!(!noted(3, &["num_gpus=1", "--limit", "3"]));
}

#[test]
fn an_offer_is_found_by_its_ask_contract_id() {
    for line in [&["ask_contract_id=501"][..], &["--ask-contract-id", r#"{"eq":501}"#]] {
        let server = responding("/api/v0/bundles", 200, &offers(1));
        let done = Vastai::asking(&server, &[&["search", "offers"], line].concat()).run();
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let (_, _, body) = sent(&server);
        assert_eq!((&body["ask_contract_id"], body.get("id")), (&json!({"eq": 501}), None));
    }
    let server = Server::start();
    expect![[r#"
        exit 2
        --- stderr
        error: the query is wrong: a search by `id` finds nothing; use `ask_contract_id`, which has the same number
          num_gpus=1 id=501
                     ^

        Usage: vastai [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&Vastai::asking(&server, &["search", "offers", "num_gpus=1 id=501"]).run().transcript());
    assert!(server.requests().is_empty());
}

#[test]
fn no_ssh_keys_are_an_empty_list() {
    for msg in ["No SSH keys found for the user", "No SSH keys found for the user."] {
        let none = json!({"success": false, "error": "not_found", "msg": msg});
        let server = responding("/api/v0/ssh", 404, &none);
        expect![[r#"
            exit 0
            --- stderr
            note: no results
        "#]]
        .assert_eq(&run(&server, &["show", "ssh", "keys"], &json!([])).transcript());
    }
    // Any other 404 is what it was.
    for (status, none) in [
        (404, json!({"success": false, "error": "not_found", "msg": "No such user"})),
        (404, json!({"success": false, "error": "auth_error", "msg": "Invalid user key"})),
        (404, json!("")),
        (400, json!({"success": false, "error": "not_found", "msg": "No SSH keys found for the user"})),
    ] {
        let server = responding("/api/v0/ssh", status, &none);
        let done = Vastai::asking(&server, &["show", "ssh", "keys"]).run();
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{none}");
    }
    // And so it is for any other operation.
    let none = json!({"success": false, "error": "not_found", "msg": "No SSH keys found for the user"});
    let server = responding("/api/v0/endptjobs", 404, &none);
    assert_eq!(Vastai::asking(&server, &["show", "endpoints"]).run().code, Some(1));
}

#[test]
fn nothing_of_an_instance_a_volume_or_a_worker_is_lost() {
    let instance = json!({
        "id": 1, "actual_status": "running", "label": null, "image_args": "--port 80", "image_runtype": "jupyter_direc ssh_direc ssh_proxy",
        "extra_env": [["-v data:/data", "1"], ["MODE", "fast"]], "local_ipaddrs": "198.51.100.9 \n", "start_date": 1_784_712_600.225_083,
        "duration": 273_608_757.187_845_23, "mem_limit": null, "field_of_2031": {"a": [null]},
        "ports": {"22/tcp": [{"HostIp": "0.0.0.0", "HostPort": "40022"}, {"HostIp": "::", "HostPort": "40022"}], "8080/tcp": null},
    });
    let one = json!({ "instances": instance });
    let server = responding("/api/v0/instances/1", 200, &one);
    let done = run(&server, &["show", "instance", "1"], &one);
    assert!(
        done.stdout.starts_with("id ") && done.stdout.contains("actual_status  running"),
        "{}",
        done.stdout
    );

    let list = json!({"success": true, "instances_found": 1, "total_instances": 1, "next_token": null, "instances": [instance]});
    let server = responding("/api/v1/instances", 200, &list);
    assert_eq!(run(&server, &["show", "instances"], &list).code, Some(0));

    let volumes = json!({"volumes": [
        {"id": 5, "label": "data", "disk_space": 50, "start_date": 1_790_000_000.5, "instances": [1, {"id": 2}], "avail_space": null},
        {"id": 6, "label": null, "disk_space": 5.5, "instances": [], "type": null},
    ]});
    let server = responding("/api/v0/volumes", 200, &volumes);
    let done = run(&server, &["list", "volumes"], &volumes);
    assert_eq!((done.code, done.stdout.lines().count()), (Some(0), 3), "{}", done.transcript());

    let workers = json!([
        {"id": 42, "status": "RUNNING", "cur_load": 0.5, "measured_perf": 1.0, "reqs_working": 3, "deployment_version_id": 3,
            "warnings": ["event_loop_blocked"]},
        {"id": 43, "status": "exited", "warnings": null, "loop_lag_max": null},
    ]);
    let server = responding("/get_endpoint_workers", 200, &workers);
    let done = run(&server, &["get", "endpoint", "workers", "1"], &workers);
    assert!(done.stdout.contains("42  RUNNING") && done.stdout.contains("43  exited"), "{}", done.stdout);
}

#[test]
fn odd_answers_end_in_a_table_or_an_error() {
    let server = Server::start();
    let json = HeaderValue::from_static("application/json");
    let deep = format!("{}0{}", "[".repeat(5_000), "]".repeat(5_000));
    let wide =
        format!("{{{}}}", (0..5_000).map(|name| format!(r#""{name}":{name}"#)).collect::<Vec<_>>().join(","));
    let long = format!(r#"{{"results":[{{"endpoint_name":"{}"}}]}}"#, "x".repeat(1 << 20));
    let empty = format!(r#"{{"results":[{{}}{}]}}"#, ",{}".repeat(20_000));
    let mixed = r#"{"results":[{"id":1},[2],"three",null,{"id":null}],"a":[1],"b":"c"}"#.to_owned();
    for (name, body, fails) in [
        ("deep", deep, true),
        ("wide", wide, false),
        ("long", long, false),
        ("empty", empty, false),
        ("mixed", mixed, false),
    ] {
        server.respond_with("/api/v0/endptjobs", RawResponse::new(StatusCode::OK, json.clone(), body));
        let done = Vastai::asking(&server, &["show", "endpoints"]).run();
        assert_eq!(done.code, Some(i32::from(fails)), "{name}: {}", done.stderr);
        assert!(done.stderr.len() < 4_096, "{name}: {} bytes", done.stderr.len());
        assert!(name != "long" || done.stdout.len() < 4_096, "{} bytes", done.stdout.len());
    }
}
