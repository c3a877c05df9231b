//! Responses that are not quite as documented: other shapes, other types, and text that is not quite JSON.

use serde_json::{Value, json};
use vastai::{Client, ErrorKind, Instance};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};

use crate::support::client_of;

async fn answering(path: &str, body: &str) -> (Simulator, Client) {
    let simulator = Simulator::start().await.unwrap();
    simulator.respond_with(path, RawResponse::text(StatusCode::OK, body));
    let client = client_of(&simulator);
    (simulator, client)
}

fn ssh(fields: Value) -> Option<String> {
    let mut instance = json!({ "id": 1 });
    instance.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let instance: Instance = serde_json::from_value(instance).unwrap();
    instance.ssh().map(|ssh| ssh.to_string())
}

#[tokio::test]
async fn an_instance_with_jupyter_says_how_to_log_in() {
    let body = json!({ "instances": {
        "id": 1, "actual_status": "running", "intended_status": "running", "cur_state": "running",
        "image_runtype": "jupyter_direc ssh_direc ssh_proxy", "ssh_host": "ssh6.vast.ai", "ssh_port": 19840,
        "public_ipaddr": "192.0.2.25\n", "local_ipaddrs": "10.0.0.1 \n", "ports": { "22/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "29283" }] }
    } });
    let (_simulator, client) = answering("/api/v0/instances/1", &body.to_string()).await;
    let instance = client.instance(1).wait_until_running().await.unwrap();
    assert_eq!(instance.public_ipaddr.as_deref(), Some("192.0.2.25"));
    assert_eq!(instance.local_ipaddrs.as_deref(), Some("10.0.0.1"));
    assert_eq!(instance.ssh_proxy().unwrap().to_string(), "ssh -p 19841 root@ssh6.vast.ai");
    let direct = client.instance(1).ssh().await.unwrap();
    assert_eq!(direct.to_string(), "ssh -p 29283 root@192.0.2.25");
    assert_eq!(
        (direct.host(), direct.port(), direct.user(), direct.is_direct()),
        ("192.0.2.25", 29283, "root", true)
    );
    let (_simulator, client) = answering("/api/v0/instances/1", r#"{"instances": {"id": 1}}"#).await;
    assert_eq!(client.instance(1).ssh().await.unwrap_err().kind(), ErrorKind::NotReady);
}

#[test]
fn ssh_goes_directly_where_the_port_is_open_else_through_the_proxy() {
    let proxy = json!({ "ssh_host": "ssh5.vast.ai", "ssh_port": "10882", "image_runtype": "ssh_direc ssh_proxy", "public_ipaddr": "203.0.113.7" });
    let with = |ports: Value| {
        let mut fields = proxy.clone();
        fields["ports"] = ports;
        ssh(fields)
    };
    let through_proxy = Some("ssh -p 10882 root@ssh5.vast.ai".to_owned());
    let direct = Some("ssh -p 33526 root@203.0.113.7".to_owned());
    for ports in [
        json!({ "22/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "33526" }, { "HostIp": "::", "HostPort": "33526" }] }),
        json!({ "22/tcp": [{ "HostIp": "::", "HostPort": 33526 }], "80/tcp": null }),
        json!({ "22/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "1" }, { "HostIp": "::1", "HostPort": "2" }, { "HostPort": "33526" }] }),
        json!({ "22/tcp": [{ "HostPort": "none" }, { "HostPort": "70000" }, { "HostPort": "33526" }] }),
    ] {
        assert_eq!(with(ports.clone()), direct, "{ports}");
    }
    for ports in [
        json!(null),
        json!({}),
        json!([22]),
        json!({ "22/tcp": null }),
        json!({ "22/tcp": [] }),
        json!({ "22/tcp": [{ "HostPort": "0" }] }),
        json!({ "22/tcp": [{ "HostPort": "-1" }] }),
        json!({ "22/udp": [{ "HostPort": "33526" }] }),
        json!({ "22/tcp": "33526" }),
        json!({ "22/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "33526" }] }),
    ] {
        assert_eq!(with(ports.clone()), through_proxy, "{ports}");
    }
    let ipv6 = json!({ "public_ipaddr": " 2001:db8::7\n", "ports": { "22/tcp": [{ "HostPort": "5" }] } });
    assert_eq!(ssh(ipv6).as_deref(), Some("ssh -p 5 root@2001:db8::7"));
    for (port, runtype, expected) in [
        (json!(65534), "jupyter_proxy ssh_proxy", Some("ssh -p 65535 root@h")),
        (json!(65535), "jupyter_proxy ssh_proxy", None),
        (json!(65535), "ssh_proxy", Some("ssh -p 65535 root@h")),
        (json!(i64::MAX), "jupyter", None),
        (json!(-1), "jupyter", None),
        (json!(0), "args", None),
        (json!(null), "ssh_proxy", None),
    ] {
        let found = ssh(json!({ "ssh_host": "h", "ssh_port": port, "image_runtype": runtype }));
        assert_eq!(found.as_deref(), expected, "{port} {runtype}");
    }
}

#[test]
fn what_is_no_host_is_no_login() {
    for host in [
        "",
        "-oProxyCommand=id",
        "a b",
        "a;id",
        "$(id)",
        "`id`",
        "a'b",
        "a\"b",
        "a|b",
        "a\nb",
        "a\u{202e}b",
        "a\u{1b}[1m",
        "u@h",
        "h:1",
        "a/b",
        "..",
        "a..b",
        "[::1",
        "~",
        "*",
        "a\\b",
        "ssh5.vast.ai -oX",
        ".-x",
    ] {
        assert_eq!(ssh(json!({ "ssh_host": host, "ssh_port": 1 })), None, "{host:?}");
        let direct = json!({ "public_ipaddr": host, "ports": { "22/tcp": [{ "HostPort": "5" }] } });
        assert_eq!(ssh(direct), None, "{host:?}");
    }
    assert!(ssh(json!({ "ssh_host": format!("{}.a", "b".repeat(300)), "ssh_port": 1 })).is_none());
    assert_eq!(ssh(json!({ "ssh_host": "::1", "ssh_port": 1 })).as_deref(), Some("ssh -p 1 root@::1"));
}

#[tokio::test]
async fn lists_and_objects_are_understood_in_each_others_place() {
    for body in [
        r#"{"instances": [{"id": 7, "label": "x"}]}"#,
        r#"[{"id": 7, "label": "x"}]"#,
        r#"{"instances": [{"id": 1}, {"id": "7", "label": "x"}]}"#,
    ] {
        let (_simulator, client) = answering("/api/v0/instances/7", body).await;
        let instance = client.instance(7).show().await.unwrap();
        assert_eq!((instance.id, instance.label.as_deref()), (7, Some("x")), "{body}");
    }
    for body in [r#"{"instances": []}"#, r#"{"instances": null}"#, "[]"] {
        let (_simulator, client) = answering("/api/v0/instances/7", body).await;
        assert_eq!(client.instance(7).show().await.unwrap_err().kind(), ErrorKind::NotFound, "{body}");
    }
    for (body, expected) in [
        (r#"[{"id": 1, "gpu_name": "a"}, {"id": 2}]"#, 2),
        (r#"{"offers": {"id": 1}}"#, 1),
        (r#"{"offers": null}"#, 0),
    ] {
        let (_simulator, client) = answering("/api/v0/bundles", body).await;
        assert_eq!(client.offers().send().await.unwrap().len(), expected, "{body}");
    }
    for body in [r#"{"workers": [{"id": 1}]}"#, r#"[{"id": 1}]"#] {
        let (_simulator, client) = answering("/get_endpoint_workers/", body).await;
        assert_eq!(client.endpoint(1).workers().await.unwrap().len(), 1, "{body}");
    }
    let (_simulator, client) = answering("/get_endpoint_workers/", r#"{"workers": null}"#).await;
    assert!(client.endpoint(1).workers().await.unwrap().is_empty());
    for body in
        [r#"{"workers": "none"}"#, r#"{"status": "ok"}"#, r#"{"workers": null, "status": "ok"}"#, "null"]
    {
        let (_simulator, client) = answering("/get_endpoint_workers/", body).await;
        assert!(client.endpoint(1).workers().await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn text_that_is_not_quite_json_costs_its_characters_alone() {
    let workers =
        r#"[{"id": 1, "status": "IDLE"}, {"id": 2, "status": "\udc00\ud800", "perf": NaN, "url": "a"#
            .to_owned()
            + "\n"
            + r#"b"}]"#;
    let (_simulator, client) = answering("/get_endpoint_workers/", &workers).await;
    let workers = client.endpoint(1).workers().await.unwrap();
    assert_eq!((workers[0].id, workers[1].status().as_str()), (1, "\u{fffd}\u{fffd}"));
    assert_eq!((workers[1].perf, workers[1].url.as_deref()), (None, Some("a\nb")));
    assert_eq!(workers[1].extra["perf"], "NaN");
    let endpoints =
        r#"{"results": [{"id": 1, "endpoint_name": "fine"}, {"id": 2, "endpoint_name": "\ud83d!"}]}"#;
    let (_simulator, client) = answering("/api/v0/endptjobs", endpoints).await;
    let typed = client.api().show_endpoints().send().await.unwrap();
    let typed = typed.results.as_deref().unwrap().iter().map(|endpoint| endpoint.endpoint_name.as_deref());
    assert!(typed.eq([Some("fine"), Some("\u{fffd}!")]));
    let any = client.call(Client::operation("showEndpoints").unwrap()).send().await.unwrap().json().unwrap();
    assert_eq!(any["results"][1]["endpoint_name"], "\u{fffd}!");
}

#[tokio::test]
async fn an_id_is_exact_or_an_error_that_quotes_it() {
    for (id, exact) in [
        ("9.007199254740993e15", 9_007_199_254_740_993_i64),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("\"9007199254740993\"", 9_007_199_254_740_993),
        ("18014398509481985", 18_014_398_509_481_985),
        ("18014398509481985.0", 18_014_398_509_481_985),
    ] {
        let (_simulator, client) = answering("/get_endpoint_workers/", &format!(r#"[{{"id": {id}}}]"#)).await;
        assert_eq!(client.endpoint(1).workers().await.unwrap()[0].id, exact, "{id}");
    }
    for id in ["9.5", "18446744073709551617", "1e400", "9007199254740993.5"] {
        let (_simulator, client) = answering("/get_endpoint_workers/", &format!(r#"[{{"id": {id}}}]"#)).await;
        let error = client.endpoint(1).workers().await.unwrap_err();
        assert!(error.to_string().contains(id), "{error}");
    }
}
