//! What the console answers.

use serde_json::{Value, json};
use vastai_api::Timestamp;
use vastai_api::types::{self, Moment};

use crate::support::kept;

#[tokio::test]
async fn endpoints_with_every_field() {
    let sent = json!({ "success": true, "results": [
        {
            "id": 12345, "endpoint_name": "vLLM-Qwen3-8B", "endpoint_state": "active", "user_id": 7, "api_key": "a-key",
            "created_at": 1784700000.125, "min_load": 10, "min_cold_load": 2.5, "target_util": 0.9, "cold_mult": 3,
            "cold_workers": 5, "max_workers": 20, "max_queue_time": 30.0, "target_queue_time": 10,
            "inactivity_timeout": 600, "auto_delete_in_seconds": 86400.5, "auto_delete_due_24h": false,
            "autoscaler_instance": "prod"
        },
        { "id": 12346, "auto_delete_in_seconds": null, "inactivity_timeout": null }
    ]});
    let answer = kept("/api/v0/endptjobs", sent, async |client| client.show_endpoints().send().await).await;
    let endpoint = &answer.results.unwrap()[0];
    assert_eq!(endpoint.created_at.map(Timestamp::seconds), Some(1_784_700_000.125));
    assert_eq!((endpoint.min_cold_load, endpoint.max_queue_time), (Some(2.5), Some(30.0)));
    assert_eq!((endpoint.auto_delete_in_seconds, endpoint.auto_delete_due_24h), (Some(86400.5), Some(false)));
}

#[tokio::test]
async fn what_is_created_comes_under_either_name() {
    for sent in [json!({ "success": true, "result": 77 }), json!({ "success": true, "id": 77 })] {
        let endpoint =
            kept("/api/v0/endptjobs", sent.clone(), async |client| client.create_endpoint().send().await);
        let group =
            kept("/api/v0/workergroups", sent, async |client| client.create_workergroup().send().await);
        let (endpoint, group) = (endpoint.await, group.await);
        assert_eq!(endpoint.result.or(endpoint.id), Some(77));
        assert_eq!(group.result.or(group.id), Some(77));
    }
}

#[tokio::test]
async fn workergroups_in_both_forms() {
    let sent = json!({ "success": true, "results": [
        {
            "id": 4242, "min_load": 0, "target_util": 0.9, "cold_mult": 3, "cold_workers": 5, "template_hash": "abc123",
            "template_id": 101, "search_query": { "verified": { "eq": true } }, "launch_args": "", "gpu_ram": 24,
            "endpoint_name": "vLLM-Qwen3-8B", "endpoint_id": 12345, "api_key": "a-key", "created_at": 1784700000.5, "user_id": 7
        },
        { "id": 4243, "search_query": { "num_gpus": { "eq": 2 } }, "created_at": "2026-07-22T10:00:00Z" }
    ]});
    let answer =
        kept("/api/v0/workergroups", sent, async |client| client.show_workergroup().send().await).await;
    let [first, second] = answer.results.as_deref().unwrap() else { panic!("two workergroups") };
    assert!(
        matches!(first.created_at, Some(Moment::Number(at)) if (at - 1_784_700_000.5).abs() < f64::EPSILON)
    );
    assert!(matches!(&second.created_at, Some(Moment::Text(at)) if at == "2026-07-22T10:00:00Z"));
}

#[tokio::test]
async fn what_is_deleted_says_what_is_left() {
    let sent = json!({ "success": true, "deleted_workers": [1, 2], "failed_workers": [], "msg": null });
    kept("/api/v0/endptjobs/12345", sent.clone(), async |client| {
        client.delete_endpoint().id(12345).send().await
    })
    .await;
    kept("/api/v0/workergroups/4242", sent, async |client| client.delete_workergroup().id(4242).send().await)
        .await;
}

#[tokio::test]
async fn an_instance_that_is_not_there() {
    let call = kept("/api/v0/instances/883", json!({ "instances": null }), async |client| {
        client.show_instance().id(883).send().await
    });
    assert!(call.await.instances.is_none());
}

/// The parts of an instance that the wire and the document tell differently, and some beside them.
fn instance() -> Value {
    serde_json::from_str(include_str!("instance.json")).unwrap()
}

#[tokio::test]
async fn an_instance_with_its_environment_and_ports() {
    let sent = json!({ "instances": instance() });
    let answer =
        kept("/api/v0/instances/883", sent, async |client| client.show_instance().id(883).send().await).await;
    let instance = answer.instances.unwrap();
    assert_eq!(
        instance.start_date.map(Timestamp::seconds),
        Some(1_784_614_400.225_083),
        "a double keeps what 32 bits lose"
    );
    assert_eq!(
        instance.extra_env.unwrap()[0].iter().map(|it| it.expose()).collect::<Vec<_>>(),
        ["MODEL", "llama"]
    );
    let ports = instance.ports.unwrap();
    assert_eq!(ports["22/tcp"].as_ref().unwrap()[1].host_port, Some(33526));
    assert!(ports["70001/udp"].is_none());
}

#[tokio::test]
async fn a_page_of_instances() {
    let mut stopped = instance();
    for (name, value) in [("ports", Value::Null), ("extra_env", json!([])), ("actual_status", Value::Null)] {
        stopped[name] = value;
    }
    let states = ["exited", "unknown", "offline", "loading", "a state of tomorrow"];
    let others =
        states.iter().map(|state| json!({ "id": 1, "actual_status": state, "volume_info": [{ "id": 5 }] }));
    let instances: Vec<Value> = [instance(), stopped].into_iter().chain(others).collect();
    let sent = json!({
        "success": true, "instances_found": 7, "total_instances": 42, "label_counts": { "": 2, "training": 40 },
        "next_token": "eyJ2YWx1ZXMiOnsiaWQiOjg4M319", "instances": instances
    });
    let answer =
        kept("/api/v1/instances", sent, async |client| client.show_instances().limit(25).send().await).await;
    assert_eq!(answer.next_token.as_deref(), Some("eyJ2YWx1ZXMiOnsiaWQiOjg4M319"));
    let instances = answer.instances.unwrap();
    assert_eq!(instances[0].end_date.map(Timestamp::seconds), Some(1_893_456_000.75));
    assert!(instances[0].ports.is_some() && instances[1].ports.is_none());
    let found = instances[2..].iter().map(|instance| instance.actual_status.as_ref().unwrap().as_str());
    assert!(found.eq(states));
    let last = json!({ "success": true, "instances": [], "next_token": null });
    kept("/api/v1/instances", last, async |client| client.show_instances().send().await).await;
}

#[tokio::test]
async fn a_new_instance_has_a_key() {
    let sent = json!({ "success": true, "new_contract": 7835610, "instance_api_key": "k3y" });
    let call = kept("/api/v0/asks/6995713", sent, async |client| {
        client
            .create_instance()
            .id(6_995_713)
            .body_map(|body| body.template_hash_id("abc".to_owned()))
            .send()
            .await
    });
    let answer = call.await;
    assert_eq!(
        (answer.new_contract, answer.instance_api_key.as_ref().map(vastai_api::Secret::expose)),
        (Some(7_835_610), Some("k3y"))
    );
}

#[tokio::test]
async fn output_is_a_url_to_look_at_later() {
    let sent = json!({
        "success": true, "writeable_path": "/var/lib/docker/overlay2/x/_data",
        "result_url": "https://s3.example.com/instance_logs/abc.log", "msg": "Command is executing"
    });
    let executed = kept("/api/v0/instances/command/883", sent, async |client| {
        client.execute().id(883).body_map(|body| body.command("ls")).send().await
    });
    assert_eq!(executed.await.result_url.as_deref(), Some("https://s3.example.com/instance_logs/abc.log"));
    let sent =
        json!({ "success": true, "result_url": "https://s3.example.com/instance_logs/abc.log", "msg": null });
    let logs = kept("/api/v0/instances/request_logs/883", sent, async |client| {
        client.show_logs().id(883).body_map(|body| body.tail("100".to_owned())).send().await
    });
    assert!(logs.await.result_url.is_some());
}

#[tokio::test]
async fn ssh_keys_as_they_are_listed_created_and_attached() {
    let key = json!({ "id": 10, "user_id": 7, "public_key": "ssh-ed25519 AAAAC3Nza me@host", "created_at": 1784700000.25, "deleted_at": null });
    let listed = kept(
        "/api/v0/ssh",
        json!([key, { "id": 11, "created_at": 1784700000, "machine_id": 3, "deleted_at": 1784700100.5 }]),
        async |client| client.get_ssh_keys_user().send().await,
    )
    .await;
    assert_eq!(listed[0].public_key.as_deref(), Some("ssh-ed25519 AAAAC3Nza me@host"));
    assert_eq!(listed[0].created_at.map(Timestamp::seconds), Some(1_784_700_000.25));
    kept("/api/v0/ssh", json!([]), async |client| client.get_ssh_keys_user().send().await).await;
    let created = kept("/api/v0/ssh", json!({ "success": true, "key": key }), async |client| {
        client.create_ssh_key().body_map(|body| body.ssh_key("ssh-ed25519 AAAAC3Nza me@host")).send().await
    })
    .await;
    assert_eq!(created.key.unwrap().id, Some(10));
    let text = r#"{"id": 10, "public_key": "ssh-ed25519 AAAAC3Nza me@host"}"#;
    let sent = json!({ "success": true, "msg": "SSH key added to instance.", "key": text });
    let attached = kept("/api/v0/instances/883/ssh", sent, async |client| {
        client
            .attach_ssh_key()
            .id(883)
            .body_map(|body| body.ssh_key("ssh-ed25519 AAAAC3Nza".to_owned()))
            .send()
            .await
    })
    .await;
    assert_eq!(attached.key.as_deref(), Some(text));
}

#[tokio::test]
async fn offers_with_the_prices_of_each_mode() {
    let on_demand: Value = serde_json::from_str(include_str!("offer.json")).unwrap();
    let mut bid = on_demand.clone();
    for (name, value) in [
        ("is_bid", json!(true)),
        ("dph_base", Value::Null),
        ("dph_total", Value::Null),
        ("discount_rate", Value::Null),
    ] {
        bid[name] = value;
    }
    let mut reserved = on_demand.clone();
    for (name, value) in [
        ("min_bid", Value::Null),
        ("verification", json!("deverified")),
        ("hosting_type", json!(0)),
        ("discount_rate", json!(0.05)),
    ] {
        reserved[name] = value;
    }
    let sent = json!({ "success": true, "offers": [on_demand, bid, reserved, { "id": 4 }] });
    let answer = kept("/api/v0/bundles", sent, async |client| client.search_offers().send().await).await;
    let offers = answer.offers.unwrap();
    assert_eq!((offers[0].dph_total, offers[1].dph_total, offers[2].min_bid), (Some(0.525), None, None));
    assert_eq!(
        (&offers[0].verification, offers[0].hosting_type),
        (&Some(types::Verification::Verified), Some(1))
    );
    assert_eq!(offers[2].extra["discount_rate"], 0.05);
    kept("/api/v0/bundles", json!({ "offers": [] }), async |client| client.search_offers().send().await)
        .await;
}

#[tokio::test]
async fn offers_of_volumes_and_volumes() {
    let sent = json!({ "offers": [{ "id": 5, "disk_space": 2048, "storage_cost": 0.15, "verification": "verified", "end_date": 1893456000.5, "external": null }] });
    kept("/api/v0/volumes/search", sent, async |client| client.search_volumes().send().await).await;
    let sent = json!({ "volumes": [
        { "id": 100, "status": "rented", "instances": [883, 884], "start_date": 1784600000.5, "cluster_id": null, "label": "data" },
        { "id": 101, "instances": [{ "id": 885 }] },
        { "id": 102, "instances": [] }
    ]});
    kept("/api/v0/volumes", sent, async |client| client.list_volumes().send().await).await;
    kept("/api/v0/volumes", json!({ "success": true }), async |client| {
        client.delete_volume().id(100).send().await
    })
    .await;
}

#[tokio::test]
async fn benchmarks_are_in_an_object() {
    let sent = json!({ "success": true, "benchmarks_found": 1, "next_token": null, "benchmarks": [{
        "id": 1, "contract_id": 883, "image": "vastai/test", "last_update": 1784700000.125, "machine_id": 178, "model": "llama",
        "name": "tokens", "num_gpus": 2, "score": 1000
    }]});
    let answer =
        kept("/api/v0/benchmarks", sent, async |client| client.search_benchmarks().send().await).await;
    assert_eq!(answer.benchmarks.unwrap()[0].last_update.map(Timestamp::seconds), Some(1_784_700_000.125));
}

#[tokio::test]
async fn templates_with_numbers_that_have_a_fraction() {
    let template = json!({
        "id": 101, "name": "vLLM", "image": "vllm/vllm-openai", "tag": "latest", "hash_id": "4e17788f74f075dd9aab7d0d4427968f",
        "created_at": 1784700000.125, "count_created": 12, "recommended_disk_space": 16.5, "env": "-p 8000:8000", "onstart": null,
        "use_ssh": true, "ssh_direct": true, "jup_direct": false, "use_jupyter_lab": false, "runtype": "ssh", "private": false,
        "readme": "# vLLM", "readme_visible": true, "desc": "", "href": null, "repo": "", "docker_login_repo": null, "creator_id": 7,
        "jupyter_dir": null, "recommended": true, "extra_filters": "{}"
    });
    let sent = json!({ "success": true, "templates_found": 2, "templates": [template, { "id": 102, "recommended_disk_space": 8 }] });
    let answer = kept("/api/v0/template", sent, async |client| client.search_templates().send().await).await;
    let first = &answer.templates.unwrap()[0];
    assert_eq!(
        (first.created_at.map(Timestamp::seconds), first.recommended_disk_space),
        (Some(1_784_700_000.125), Some(16.5))
    );
    assert_eq!(first.hash_id.as_deref(), Some("4e17788f74f075dd9aab7d0d4427968f"));
    let sent =
        json!({ "success": true, "template": { "id": 101, "hash_id": "new", "created_at": 1784700000.5 } });
    let edited = kept("/api/v0/template", sent, async |client| {
        client.edit_template().body_map(|body| body.hash_id("4e17788f74f075dd9aab7d0d4427968f")).send().await
    });
    assert_eq!(edited.await.template.unwrap().hash_id.as_deref(), Some("new"));
}

#[tokio::test]
async fn api_keys_say_when_they_were_made() {
    let sent = json!({ "apikeys": [
        { "id": 1, "user_id": 7, "name": "My Key", "key": null, "key_type": "api", "rights": "*", "created_at": 1784700000.125,
          "team_id": null, "team_name": null, "permissions": { "api": { "misc": {} } }, "key_params": "" }
    ]});
    let answer = kept("/api/v0/auth/apikeys", sent, async |client| client.show_api_keys().send().await).await;
    assert_eq!(answer.apikeys.unwrap()[0].created_at.map(Timestamp::seconds), Some(1_784_700_000.125));
    let created = |permissions: Value| json!({ "id": 1, "key": "k3y", "permissions": permissions });
    for permissions in [json!(true), json!({ "api": { "misc": {} } })] {
        kept("/api/v0/auth/apikeys", created(permissions), async |client| {
            client.create_api_key().body_map(|body| body.name("My Key")).send().await
        })
        .await;
    }
}

#[tokio::test]
async fn roles_and_reports_in_both_forms() {
    let roles = json!([
        { "id": 7, "name": "team_manager", "permissions": {}, "identifier": "team_manager" },
        { "id": 8, "name": "developer", "permissions": ["read", "write"], "identifier": null }
    ]);
    kept("/api/v0/team/roles-full", roles, async |client| client.show_team_roles().send().await).await;
    for permissions in [json!({ "api": { "misc": {} } }), json!(["read"])] {
        let sent = json!({ "id": 7, "name": "developer", "permissions": permissions });
        kept("/api/v0/team/roles/developer", sent, async |client| {
            client.show_team_role().name("developer").send().await
        })
        .await;
    }
    let reports = json!([
        { "problem": "Slow", "message": "It is.", "created_at": 1717632000.5 },
        { "problem": "Slow", "message": "It is.", "created_at": "2024-06-06T00:00:00Z" }
    ]);
    kept("/api/v0/machines/178/reports", reports, async |client| {
        client.show_reports().machine_id(178).send().await
    })
    .await;
}

#[tokio::test]
async fn pages_of_charges_and_invoices() {
    let charges = json!({ "success": true, "count": 1, "total": 14, "next_token": "eyJhIjoxfQ==", "results": [{
        "start": 1784600000, "end": 1784686400, "type": "instance", "source": "instance-883", "description": "Instance 883", "amount": 1.25,
        "metadata": { "label": null, "template_id": 101 },
        "items": [{ "start": 1784600000, "end": 1784686400, "type": "gpu", "source": null, "description": "GPU", "amount": 1, "metadata": {}, "items": [] }]
    }]});
    let answer = kept("/api/v0/charges", charges, async |client| {
        client.show_charges().select_filters("{}").limit(100).send().await
    })
    .await;
    assert_eq!(answer.next_token.as_deref(), Some("eyJhIjoxfQ=="));
    let invoices = json!({ "success": true, "count": 1, "total": 1, "next_token": null, "results": [{
        "start": 1784600000.5, "end": null, "type": "invoice", "source": "stripe", "description": "Top-up", "amount": 25,
        "metadata": { "invoice_id": 3, "service": "stripe_payments" }, "items": []
    }]});
    kept("/api/v1/invoices", invoices, async |client| {
        client.show_invoices().select_filters("{}").send().await
    })
    .await;
    let failed = json!({ "success": false, "error": "invalid_args", "results": [] });
    let answer: types::ShowInvoicesResponse = kept("/api/v1/invoices", failed, async |client| {
        client.show_invoices().select_filters("{}").send().await
    })
    .await;
    assert_eq!((answer.success, &answer.extra["error"]), (Some(false), &json!("invalid_args")));
}

#[test]
fn a_secret_of_a_response_is_not_shown() {
    let sent = json!({ "success": true, "new_contract": 7835610, "instance_api_key": "k3y" });
    let answer: types::CreateInstanceResponse = serde_json::from_value(sent).unwrap();
    assert!(!format!("{answer:?}").contains("k3y"));
    assert_eq!(answer.instance_api_key.as_ref().map(vastai_api::Secret::expose), Some("k3y"));
}
