//! What the account makes, changes and deletes: endpoints, workergroups, keys, variables.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Simulator, Worker};

use crate::client::{START, at_start, call, client, done, get, send, workers};

#[tokio::test]
async fn an_endpoint_is_made_changed_and_deleted() {
    let sim = at_start().empty().start().await.unwrap();
    let body = json!({ "endpoint_name": "mine", "max_workers": 16 });
    let id = done(&sim, "POST", "/api/v0/endptjobs/", body).await["result"].as_u64().unwrap();
    let endpoint = async || get(&sim, "/api/v0/endptjobs/").await.json()["results"][0].clone();
    let made = endpoint().await;
    assert_eq!(
        (&made["id"], &made["endpoint_name"], &made["max_workers"], &made["created_at"]),
        (&json!(id), &json!("mine"), &json!(16), &json!(START.as_secs_f64()))
    );
    let path = format!("/api/v0/endptjobs/{id}/");
    done(&sim, "PUT", &path, json!({ "endpoint_name": "yours", "max_workers": 3 })).await;
    let changed = endpoint().await;
    assert_eq!((&changed["endpoint_name"], &changed["max_workers"]), (&json!("yours"), &json!(3)));

    let body = json!({ "endpoint_name": "yours", "search_params": "gpu_name=RTX_4090", "gpu_ram": 1 });
    let group = done(&sim, "POST", "/api/v0/workergroups/", body).await["id"].as_u64().unwrap();
    sim.add_worker(group, Worker::new(5)).unwrap();
    sim.add_worker(group, Worker::new(6)).unwrap();
    assert_eq!(workers(&sim, id).await.len(), 2);
    let groups = async || get(&sim, "/api/v0/workergroups/").await.json()["results"].clone();
    assert_eq!(groups().await[0]["endpoint_id"], id);
    assert_eq!(groups().await[0]["gpu_ram"], 1);
    let group_path = format!("/api/v0/workergroups/{group}/");
    done(&sim, "PUT", &group_path, json!({ "gpu_ram": 7 })).await;
    assert_eq!(groups().await[0]["gpu_ram"], 7);
    // A body is taken, though the document has none.
    let deleted = done(&sim, "DELETE", &group_path, json!({ "id": group })).await;
    assert_eq!(deleted["deleted_workers"], json!([5, 6]));
    assert_eq!(groups().await, json!([]));
    assert_eq!(call(&sim, "DELETE", &group_path, Value::Null).await.status, StatusCode::NOT_FOUND);

    assert_eq!(done(&sim, "DELETE", &path, Value::Null).await["deleted_workers"], json!([]));
    assert!(endpoint().await.is_null());
    // The body that the official client sends.
    let other = done(&sim, "POST", "/api/v0/endptjobs/", json!({ "endpoint_name": "other" })).await["result"]
        .as_u64()
        .unwrap();
    let body = json!({ "client_id": "me", "endptjob_id": other });
    done(&sim, "DELETE", &format!("/api/v0/endptjobs/{other}/"), body).await;
    assert!(endpoint().await.is_null());
    for (method, body) in [("DELETE", Value::Null), ("PUT", json!({ "max_workers": 1 }))] {
        assert_eq!(call(&sim, method, &path, body).await.status, StatusCode::BAD_REQUEST);
    }
    let body = json!({ "endpoint_id": 5 });
    assert_eq!(call(&sim, "POST", "/api/v0/workergroups/", body).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_workergroup_gets_a_worker_where_the_simulator_is_to_recruit() {
    let sim = at_start().recruit_workers(true).start().await.unwrap();
    let made = async |search: &str| {
        let body = json!({ "endpoint_id": 12_345, "search_params": search });
        done(&sim, "POST", "/api/v0/workergroups/", body).await["id"].as_u64().unwrap()
    };
    let machine =
        async |id: i64| get(&sim, &format!("/api/v0/instances/{id}/")).await.json()["instances"].clone();
    let group = made("gpu_name=RTX_4090 num_gpus=2 verified=True").await;
    let [worker] = sim.worker_ids_of(group)[..] else { panic!("{:?}", sim.worker_ids_of(group)) };
    let rented = machine(worker).await;
    assert_eq!(
        (&rented["gpu_name"], &rented["num_gpus"], &rented["dph_total"], &rented["actual_status"]),
        (&json!("RTX 4090"), &json!(2), &json!(0.7714), &json!("loading"))
    );
    // It loads by the clock.
    let status = async || {
        let workers = workers(&sim, 12_345).await;
        workers.into_iter().find(|it| it["id"] == worker).unwrap()["status"].clone()
    };
    assert_eq!(status().await, "CREATED");
    sim.advance(Duration::from_secs(160));
    assert_eq!((status().await, &machine(worker).await["actual_status"]), (json!("IDLE"), &json!("running")));
    // One that no offer has gets a worker all the same, and each its own.
    let other = made("gpu_name=Nothing").await;
    let [second] = sim.worker_ids_of(other)[..] else { panic!("{:?}", sim.worker_ids_of(other)) };
    assert_ne!(second, worker);
    assert_eq!(machine(second).await["gpu_name"], "RTX 4090");
    // Its machine goes with it.
    done(&sim, "DELETE", &format!("/api/v0/workergroups/{group}/"), Value::Null).await;
    assert!(!sim.instance_ids().contains(&worker.unsigned_abs()));
    assert!(sim.instance_ids().contains(&second.unsigned_abs()));
    done(&sim, "DELETE", "/api/v0/endptjobs/12345/", Value::Null).await;
    assert_eq!(sim.instance_ids(), [28_004_311, 28_004_312, 28_004_313]);
    // What others rent for it is no rental of a request.
    assert_eq!(sim.machines_rented(), 0);
}

#[tokio::test]
async fn an_api_key_opens_until_it_is_deleted() {
    let sim = at_start().start().await.unwrap();
    let body = json!({ "name": "ci", "permissions": { "api": {} } });
    let made = done(&sim, "POST", "/api/v0/auth/apikeys/", body).await;
    let shown = get(&sim, "/api/v0/auth/apikeys/").await.json();
    assert_eq!((&shown["apikeys"][0]["id"], shown["apikeys"][0].get("key")), (&made["id"], None));
    assert_eq!(shown["apikeys"][0]["created_at"], START.as_secs_f64());
    let key = made["key"].as_str().unwrap();
    let with_it = || client().get(format!("{}/api/v0/endptjobs/", sim.url())).bearer_auth(key);
    assert_eq!(send(with_it()).await.status, StatusCode::OK);
    let path = format!("/api/v0/auth/apikeys/{}/", made["id"]);
    assert_eq!(done(&sim, "DELETE", &path, Value::Null).await, "Successfully Deleted API Key");
    assert_eq!(send(with_it()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(call(&sim, "DELETE", &path, Value::Null).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn ssh_keys_are_shown_as_on_the_wire() {
    let sim = at_start().start().await.unwrap();
    let body = json!({ "ssh_key": "ssh-ed25519 AAAA me@host" });
    let made = done(&sim, "POST", "/api/v0/ssh/", body).await["key"].clone();
    let keys = async || get(&sim, "/api/v0/ssh/").await.json();
    let expected = json!([{
        "id": made["id"],
        "user_id": 456,
        "public_key": "ssh-ed25519 AAAA me@host",
        "created_at": START.as_secs_f64(),
        "deleted_at": null,
    }]);
    assert_eq!(keys().await, expected);
    // Attached to an instance, a key of the account goes by the id that it has there: no list of the official client shows another.
    let own = json!({ "ssh_key": "ssh-ed25519 AAAA me@host" });
    done(&sim, "POST", "/api/v0/instances/28004312/ssh/", own).await;
    done(&sim, "DELETE", &format!("/api/v0/instances/28004312/ssh/{}/", made["id"]), Value::Null).await;
    let path = format!("/api/v0/ssh/{}/", made["id"]);
    done(&sim, "PUT", &path, json!({ "ssh_key": "ssh-ed25519 BBBB" })).await;
    assert_eq!(keys().await[0]["public_key"], "ssh-ed25519 BBBB");
    done(&sim, "DELETE", &path, Value::Null).await;
    assert_eq!(keys().await["msg"], "No SSH keys found for the user.");

    let path = "/api/v0/instances/28004311/ssh/";
    let attached = done(&sim, "POST", path, json!({ "ssh_key": "ssh-ed25519 CCCC" })).await;
    let key: Value = serde_json::from_str(attached["key"].as_str().unwrap()).unwrap();
    let shown = get(&sim, path).await.json();
    let list: Value = serde_json::from_str(shown["ssh_keys"].as_str().unwrap()).unwrap();
    assert_eq!(list, json!([key]));
    done(&sim, "DELETE", &format!("{path}{}/", key["id"]), Value::Null).await;
    assert_eq!(get(&sim, path).await.json()["ssh_keys"], "[]");
    assert_eq!(get(&sim, "/api/v0/instances/1/ssh/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn variables_are_kept_by_their_names() {
    let sim = Simulator::start().await.unwrap();
    let path = "/api/v0/secrets/";
    let variable = |value: &str| json!({ "key": "TOKEN", "value": value });
    let shown = async || get(&sim, path).await.json()["secrets"].clone();
    assert_eq!(call(&sim, "PUT", path, variable("a")).await.status, StatusCode::BAD_REQUEST);
    done(&sim, "POST", path, variable("a")).await;
    assert_eq!(call(&sim, "POST", path, variable("b")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(shown().await, json!({ "TOKEN": "a" }));
    done(&sim, "PUT", path, variable("c")).await;
    assert_eq!(shown().await, json!({ "TOKEN": "c" }));
    done(&sim, "DELETE", path, json!({ "key": "TOKEN" })).await;
    assert_eq!(shown().await, json!({}));
    assert_eq!(call(&sim, "DELETE", path, json!({ "key": "TOKEN" })).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_template_keeps_its_id_and_changes_its_hash() {
    let sim = at_start().start().await.unwrap();
    let path = "/api/v0/template/";
    let contents = json!({ "name": "mine", "image": "ubuntu:24.04", "runtype": "ssh" });
    let made = done(&sim, "POST", path, contents.clone()).await["template"].clone();
    assert_eq!(done(&sim, "POST", path, contents).await["template"], made, "the same contents");
    let search = async |filters: Value| {
        let url = format!("{}{path}", sim.url());
        let query = [("select_filters", filters.to_string())];
        send(client().get(url).bearer_auth(sim.api_key()).query(&query)).await.json()["templates"].clone()
    };
    assert_eq!(search(json!({ "name": { "eq": "mine" } })).await, json!([made]));
    assert_eq!(search(json!({ "name": { "eq": "other" } })).await, json!([]));
    let body = json!({ "hash_id": made["hash_id"], "desc": "better" });
    let edited = done(&sim, "PUT", path, body.clone()).await["template"].clone();
    assert_eq!(
        (&edited["id"], &edited["name"], &edited["desc"]),
        (&made["id"], &json!("mine"), &json!("better"))
    );
    assert_ne!(edited["hash_id"], made["hash_id"]);
    assert_eq!(call(&sim, "PUT", path, body).await.status, StatusCode::NOT_FOUND, "the old hash");
    let body = json!({ "template_id": made["id"] });
    done(&sim, "DELETE", path, body.clone()).await;
    assert_eq!(call(&sim, "DELETE", path, body).await.status, StatusCode::NOT_FOUND);
}
