//! Values that are not of the documented type, and lists where objects are documented.

use serde_json::{Value, json};
use vastai_api::types::{self, InstanceStatus, Moment, Workers};
use vastai_api::{Secret, json};
use vastai_mock::RawResponse;
use vastai_mock::http::{HeaderValue, StatusCode};

use crate::support::{answering, kept};

#[tokio::test]
async fn the_id_of_a_machine_is_a_number_or_text() {
    for id in [json!(148), json!("148"), json!(148.0)] {
        let sent = json!({ "machines": [
            { "id": id, "machine_id": 148, "hostname": "rig-1", "gpu_name": "RTX 3090", "listed": true, "gpu_occupancy": "D x ", "error_description": null },
            { "id": 149, "listed_gpu_cost": null, "client_end_date": 1788375600.5 }
        ]});
        let answer = kept("/api/v0/machines", sent, async |client| client.get_machines().send().await).await;
        let machines = answer.machines.unwrap();
        assert_eq!((machines[0].id, machines[1].id), (148, 149));
    }
}

#[tokio::test]
async fn times_of_addresses_and_subaccounts_are_numbers_or_text() {
    let sent = json!({ "success": true, "results": [
        { "id": 1, "ip_address": "192.0.2.1", "timestamp": 1784700000.5 },
        { "ip": "192.0.2.2", "first_seen": "2026-07-22T10:00:00Z", "first_location": "Sweden, SE" },
        { "timestamp": { "seconds": 3 } }
    ]});
    let answer = kept("/api/v0/users/me/ipaddrs", sent, async |client| {
        client.show_ipaddrs().user_id("me").send().await
    });
    let seen = answer.await.results.unwrap();
    assert!(matches!(seen[0].timestamp, Some(Moment::Number(at)) if at > 1.7e9));
    assert!(matches!(&seen[1].first_seen, Some(Moment::Text(at)) if at.starts_with("2026")));
    assert!(seen[2].timestamp.is_none() && seen[2].extra["timestamp"]["seconds"] == 3);
    let sent = json!({ "users": [
        { "id": 1, "created_at": 1784700000.5, "deleted_at": null }, { "id": 2, "created_at": "2026-07-22T10:00:00Z", "deleted_at": 1784800000 }
    ]});
    kept("/api/v0/subaccounts", sent, async |client| client.show_subaccounts().send().await).await;
}

#[tokio::test]
async fn the_earnings_of_the_account_of_the_key() {
    let sent = json!({
        "summary": { "total_gpu": 13.4, "total_stor": 0.2, "total_bwu": 0.2, "total_bwd": 0 }, "username": "u", "address1": null,
        "current": { "balance": 1, "service_fee": 0, "total": 1, "credit": 0 },
        "per_machine": [{ "machine_id": 5001, "gpu_earn": 10.2, "sto_earn": 0.2, "bwu_earn": 0.2, "bwd_earn": 0 }],
        "per_day": [{ "day": 20000, "gpu_earn": 0.1 }, { "day": 20001, "gpu_earn": null }]
    });
    let answer = kept("/api/v0/users/me/machine-earnings", sent, async |client| {
        client.show_earnings().user_id("me").send().await
    });
    assert_eq!(answer.await.per_machine.unwrap()[0].machine_id, Some(5001));
}

async fn instance(fields: Value) -> types::Instance {
    let sent = json!({ "instances": fields });
    let call = kept("/api/v0/instances/1", sent, async |client| client.show_instance().id(1).send().await);
    call.await.instances.unwrap()
}

#[tokio::test]
async fn an_odd_field_costs_that_field_alone() {
    let args = instance(json!({ "id": 1, "actual_status": "running", "image_args": "bash -c x" })).await;
    assert_eq!((args.id, args.actual_status, args.image_args), (1, Some(InstanceStatus::Running), None));
    assert_eq!(args.extra["image_args"], "bash -c x");
    let env = instance(json!({ "id": 1, "extra_env": ["MODE=test"], "ports": "22/tcp" })).await;
    assert_eq!((env.id, env.extra_env), (1, None));
    assert_eq!((&env.extra["extra_env"], &env.extra["ports"]), (&json!(["MODE=test"]), &json!("22/tcp")));
    let pair = instance(json!({ "id": 1, "extra_env": [["PORT", 8080], ["A", "b"]] })).await;
    assert_eq!(pair.extra["extra_env"], json!([["PORT", 8080], ["A", "b"]]), "a list is kept whole");
    let ports = instance(
        json!({ "id": 1, "ports": { "22/tcp": [{ "HostIp": "::", "HostPort": "1" }], "80/tcp": 5, "90/tcp": null } }),
    )
    .await;
    assert!(ports.ports.is_none());
    assert_eq!(ports.extra["ports"]["80/tcp"], 5, "a map is kept whole");
}

#[tokio::test]
async fn addresses_are_trimmed() {
    let sent = r#"{"instances": {"id": 1, "public_ipaddr": "192.0.2.25\n", "local_ipaddrs": " 10.0.0.1 10.0.0.2 \n", "label": " x "}}"#;
    let answer: types::ShowInstanceResponse = serde_json::from_str(sent).unwrap();
    let instance = answer.instances.unwrap();
    assert_eq!(instance.public_ipaddr.as_deref(), Some("192.0.2.25"));
    assert_eq!(instance.local_ipaddrs.as_deref(), Some("10.0.0.1 10.0.0.2"));
    assert_eq!(instance.label.as_deref(), Some(" x "), "all else is as it came");
}

#[test]
fn of_a_field_that_comes_twice_the_last_counts() {
    let read = |text: &str| serde_json::from_str::<types::Instance>(text);
    let fits_at_last = read(r#"{"id": "x", "id": 7, "ssh_port": "x", "ssh_port": 22}"#).unwrap();
    assert_eq!((fits_at_last.id, fits_at_last.ssh_port, fits_at_last.extra.len()), (7, Some(22), 0));
    let odd_at_last = read(r#"{"id": 7, "ssh_port": 22, "ssh_port": "x"}"#).unwrap();
    assert_eq!((odd_at_last.ssh_port, &odd_at_last.extra["ssh_port"]), (None, &json!("x")));
    let null_at_last =
        read(r#"{"id": 7, "ssh_port": "x", "ssh_port": null, "label": "a", "\u006cabel": "b"}"#).unwrap();
    assert_eq!((null_at_last.ssh_port, null_at_last.extra.len()), (None, 0));
    assert_eq!(null_at_last.label.as_deref(), Some("b"));
    assert!(read(r#"{"id": 7, "id": "x"}"#).is_err(), "an instance is nothing without its id");
}

#[tokio::test]
async fn a_list_where_an_object_is_documented_and_the_other_way_around() {
    // One instance, in a list.
    let body = json!({ "instances": [{ "id": 1, "actual_status": "running", "label": "x" }] });
    let (_simulator, client) =
        answering("/api/v0/instances/1", RawResponse::json(StatusCode::OK, &body)).await;
    let answer = client.show_instance().id(1).send().await.unwrap().into_inner();
    assert_eq!((answer.instances.unwrap().label.as_deref(), answer.extra.len()), (Some("x"), 0));
    // The list without its object, and one instance without its list.
    for body in [
        json!([{ "id": 1 }, { "id": 2 }]),
        json!({ "instances": { "id": 1 }, "total_instances": 1 }),
        json!([]),
    ] {
        let answer: types::ShowInstancesResponse = serde_json::from_value(body.clone()).unwrap();
        let expected = body.as_array().map_or(1, Vec::len);
        assert_eq!(answer.instances.unwrap().len(), expected, "{body}");
    }
    // An object around the list, and nothing else that says anything.
    for body in [json!({ "success": true, "roles": [{ "id": 7 }] }), json!({ "id": 7, "name": "developer" })]
    {
        let answer = RawResponse::json(StatusCode::OK, &body);
        let (_simulator, client) = answering("/api/v0/team/roles-full", answer).await;
        assert_eq!(client.show_team_roles().send().await.unwrap().into_inner()[0].id, Some(7), "{body}");
    }
    let workers = |body: Value| serde_json::from_value::<Workers>(body).unwrap();
    assert_eq!(workers(json!([{ "id": 1 }])).workers.unwrap().len(), 1);
    let none = workers(json!({ "workers": null }));
    assert!(none.workers.is_none() && none.extra.is_empty());
}

#[tokio::test]
async fn what_cannot_be_decoded_is_kept_or_an_error_with_its_place() {
    // Neither invented nor dropped: objects that have no field of an instance, and lists of several or none.
    for odd in [
        json!({}),
        json!({ "unknown": 1 }),
        json!({ "id": null }),
        json!("x"),
        json!([[]]),
        json!([1]),
        json!([{}, null]),
    ] {
        let answer: types::ShowInstancesResponse =
            serde_json::from_value(json!({ "instances": odd })).unwrap();
        assert!(answer.instances.is_none(), "{odd}");
        assert_eq!(answer.extra["instances"], odd);
    }
    for odd in [json!([]), json!([{}]), json!([{ "id": 1 }, { "id": 2 }]), json!([[{ "id": 1 }]])] {
        let answer: types::ShowInstanceResponse =
            serde_json::from_value(json!({ "instances": odd })).unwrap();
        assert!(answer.instances.is_none(), "{odd}");
        assert_eq!(answer.extra["instances"], odd);
    }
    // Half a list would be taken for all of it.
    for body in [
        json!({ "roles": [{ "id": 7 }], "next_token": "more" }),
        json!({ "roles": [{ "id": 7 }], "others": [] }),
        json!({ "success": false, "roles": [] }),
        json!("none"),
        json!([{ "id": 7 }, "odd"]),
    ] {
        let answer = RawResponse::json(StatusCode::OK, &body);
        let (_simulator, client) = answering("/api/v0/team/roles-full", answer).await;
        assert!(client.show_team_roles().send().await.is_err(), "{body}");
    }
}

#[test]
fn integers_are_exact_or_kept_with_their_digits() {
    let port = |number: &str| {
        let sent = format!(r#"{{"instances": {{"id": 1, "ssh_port": {number}, "other": {number}}}}}"#);
        let answer = json::value(sent.as_bytes()).unwrap();
        let typed: types::ShowInstanceResponse = serde_json::from_value(answer).unwrap();
        let instance = typed.instances.unwrap();
        (instance.ssh_port, instance.extra.get("ssh_port").cloned(), instance.extra["other"].clone())
    };
    for exact in ["9007199254740993.0", "9.007199254740993e15", "9007199254740993", "90071992547409930E-1"] {
        assert_eq!(
            port(exact),
            (Some(9_007_199_254_740_993), None, json!(9_007_199_254_740_993_i64)),
            "{exact}"
        );
    }
    assert_eq!(port("12.0"), (Some(12), None, json!(12.0)));
    assert_eq!(port("12.5"), (None, Some(json!(12.5)), json!(12.5)));
    assert_eq!(port("18446744073709551615").1, Some(json!(u64::MAX)));
    let digits = "18446744073709551617";
    assert_eq!(port(digits), (None, Some(json!(digits)), json!(digits)), "no float holds them");
    assert_eq!(port("1e400").1, Some(json!("1e400")));
    // Without the body, a number that may have been rounded is not an integer.
    let rounded: types::PortBinding = serde_json::from_str(r#"{"HostPort": 9007199254740993.0}"#).unwrap();
    assert_eq!(rounded.host_port, None);
    let text: types::Instance =
        serde_json::from_str(r#"{"id": "9007199254740993.0", "dph_total": " 0.5 "}"#).unwrap();
    assert_eq!((text.id, text.dph_total), (9_007_199_254_740_993, Some(0.5)));
}

#[tokio::test]
async fn the_generated_client_reads_integers_exactly() {
    let body = r#"{"machines": [{"id": 9007199254740993.0}, {"id": 4}]}"#;
    let answer = RawResponse::text(StatusCode::OK, body);
    let (_simulator, client) = answering("/api/v0/machines", answer).await;
    let machines = client.get_machines().send().await.unwrap().into_inner().machines.unwrap();
    assert_eq!((machines[0].id, machines[1].id), (9_007_199_254_740_993, 4));
}

#[tokio::test]
async fn text_that_is_none_costs_its_characters_alone() {
    for (sent, expected) in [
        (&br"\udc00\ud800"[..], "\u{fffd}\u{fffd}"),
        (br"a\ud800", "a\u{fffd}"),
        (br"\ud83d\ude00 \uD800 \ude00", "\u{1f600} \u{fffd} \u{fffd}"),
        (br"\ud800\ud800\udc00", "\u{fffd}\u{10000}"),
        (br"\\ud800", r"\ud800"),
        (b"a\xffb", "a\u{fffd}b"),
        (b"line\nbreak\ttab\x01", "line\nbreak\ttab\u{1}"),
    ] {
        let body = [
            br#"{"results": [{"endpoint_name": "fine", "id": 6}, {"endpoint_name": ""#,
            sent,
            br#"", "id": 7}]}"#,
        ]
        .concat();
        let json_type = HeaderValue::from_static("application/json");
        let answer = RawResponse::new(StatusCode::OK, json_type, body);
        let (_simulator, client) = answering("/api/v0/endptjobs", answer).await;
        let endpoints = client.show_endpoints().send().await.unwrap().into_inner().results.unwrap();
        assert_eq!(endpoints[0].endpoint_name.as_deref(), Some("fine"));
        assert_eq!((endpoints[1].endpoint_name.as_deref(), endpoints[1].id), (Some(expected), 7));
    }
}

#[test]
fn a_body_is_changed_only_where_it_is_not_json() {
    for fine in [
        &br#"{"a": [1, -2.5, 1e300, "\ud83d\ude00 NaN", true, null, 12.0]}"#[..],
        br#"["\"", "\\", 18446744073709551615, 1.2345678901234567e20]"#,
        b"",
        b"<html>Not-a-number</html>",
        b"\"unterminated \\",
    ] {
        assert_eq!(json::repaired(fine), None, "{}", String::from_utf8_lossy(fine));
    }
    for (sent, expected) in [
        (&b"[NaN, -Infinity, Infinity]"[..], r#"["NaN", "-Infinity", "Infinity"]"#),
        (b"\xef\xbb\xbf{}", "{}"),
        (b"[1e400]", r#"["1e400"]"#),
        (br#""\ud800"#, "\"\\ufffd"),
        (br#""\ud8"#, "\"\\ud8"),
    ] {
        let repaired = json::repaired(sent);
        assert_eq!(repaired.as_deref().unwrap_or("\"\\ud8"), expected);
    }
    let worker: types::Worker =
        serde_json::from_value(json::value(br#"{"id": 1, "perf": NaN}"#).unwrap()).unwrap();
    assert_eq!((worker.id, worker.perf, &worker.extra["perf"]), (1, None, &json!("NaN")));
}

#[test]
fn what_is_kept_is_not_shown_where_it_is_secret() {
    let sent = json!({
        "instance_api_key": { "value": "k3y" }, "new_contract": "n0ne", "env": { "TOKEN": "k3y" }, "nested": [{ "password": "k3y", "plain": 5 }],
        "onstart_cmd": "k3y", "api_key": null
    });
    let answer: types::CreateInstanceResponse = serde_json::from_value(sent.clone()).unwrap();
    let shown = format!("{answer:?}");
    assert!(!shown.contains("k3y"), "{shown}");
    assert!(shown.contains("n0ne") && shown.contains("plain"), "{shown}");
    assert_eq!(serde_json::to_value(&answer).unwrap(), sent, "what came goes out again");
    let key: types::CreateInstanceResponse =
        serde_json::from_value(json!({ "instance_api_key": "k3y" })).unwrap();
    assert_eq!(key.instance_api_key.as_ref().map(Secret::expose), Some("k3y"));
}
