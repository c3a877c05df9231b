//! What the document lacks and the official client uses, beside what a host has.

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Endpoint, Simulator, Worker, Workergroup};

use crate::client::{START, at_start, client, done, get, post, refused, send, statuses};

#[tokio::test]
async fn a_request_is_scheduled_once() {
    let sim = Simulator::start().await.unwrap();
    let path = "/api/v0/commands/schedule_job/";
    let job = json!({
        "api_endpoint": "/api/v0/instances/reboot/28004311/", "request_method": "PUT",
        "request_body": { "instance_id": 28_004_311 }, "instance_id": 28_004_311,
        "start_time": 1_893_456_000, "end_time": 1_896_134_400, "frequency": "DAILY",
        "day_of_the_week": null, "hour_of_the_day": 3,
    });
    done(&sim, "POST", path, job.clone()).await;
    let listed = async || get(&sim, path).await.json();
    let id = listed().await[0]["id"].clone();
    assert_eq!(
        (&listed().await[0]["hour_of_the_day"], &listed().await[0]["frequency"]),
        (&json!(3), &json!("DAILY"))
    );
    // A scheduled copy of the official client has the instance as it was written.
    let mut written = job.clone();
    (written["instance_id"], written["api_endpoint"]) =
        (json!("28004311"), json!("/api/v0/commands/rclone/"));
    done(&sim, "POST", path, written).await;
    let copies = listed().await[1]["id"].clone();
    done(&sim, "DELETE", &format!("{path}{copies}/"), Value::Null).await;
    // The official client asks whether to change the one that there is, by this id.
    let problem = refused(&sim, "POST", path, job.clone(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(problem["scheduled_job_id"], id);
    let with = |name: &str, value: Value| {
        let mut changed = job.clone();
        changed[name] = value;
        changed
    };
    let own = format!("{path}{id}/");
    done(&sim, "PUT", &own, with("hour_of_the_day", json!(5))).await;
    assert_eq!(listed().await[0]["hour_of_the_day"], 5);
    for (wrong, msg) in [
        (with("end_time", json!(1)), "start_time is not before end_time."),
        (with("frequency", json!("WEEKLY")), "day_of_the_week is missing."),
        (with("frequency", json!("YEARLY")), "frequency is neither HOURLY, DAILY nor WEEKLY."),
    ] {
        assert_eq!(refused(&sim, "PUT", &own, wrong, StatusCode::BAD_REQUEST).await["msg"], msg);
    }
    done(&sim, "DELETE", &own, Value::Null).await;
    assert_eq!(listed().await, json!([]));
    for (method, body) in [("DELETE", Value::Null), ("PUT", job)] {
        let problem = refused(&sim, method, &own, body, StatusCode::NOT_FOUND).await;
        assert_eq!(problem["msg"], format!("There is no scheduled job {id}."));
    }
}

#[tokio::test]
async fn a_deployment_has_versions_and_an_endpoint() {
    let sim = at_start().empty().start().await.unwrap();
    let path = "/api/v0/deployments/";
    let code = |hash: &str| json!({ "name": "app", "image": "vastai/pytorch", "file_hash": hash, "file_size": 9, "max_workers": 2 });
    let made = done(&sim, "PUT", path, code("a")).await;
    assert_eq!((&made["action"], made["upload_url"].is_string()), (&json!("created"), true));
    let endpoint = made["endpoint_id"].as_u64().unwrap();
    let own = format!("/api/v0/deployment/{}/", made["deployment_id"]);
    let shown = async || get(&sim, &own).await.json()["deployment"].clone();
    assert_eq!(get(&sim, &format!("/api/v0/endptjobs/{endpoint}/")).await.json()["result"]["max_workers"], 2);
    let mut same = code("a");
    let scaled = done(&sim, "PUT", path, same.clone()).await;
    assert_eq!((&scaled["action"], scaled.get("upload_url")), (&json!("autoscale_update"), None));
    same.as_object_mut().unwrap().remove("max_workers");
    assert_eq!(done(&sim, "PUT", path, same).await["action"], "exists");
    assert_eq!(done(&sim, "PUT", path, code("b")).await["action"], "soft_update");
    assert_eq!((&shown().await["file_hash"], &shown().await["current_version_id"]), (&json!("b"), &json!(2)));
    let versions = get(&sim, &format!("{own}versions/")).await.json();
    assert_eq!(versions["versions"].as_array().map(Vec::len), Some(2));
    done(&sim, "POST", &format!("{own}stop/"), Value::Null).await;
    assert_eq!(shown().await["endpoint_state"], "stopped");
    done(&sim, "POST", &format!("{own}start/"), Value::Null).await;
    assert_eq!(shown().await["endpoint_state"], "active");
    sim.advance(std::time::Duration::from_secs(60));
    done(&sim, "POST", &format!("{own}heartbeat/"), Value::Null).await;
    assert_eq!(shown().await["last_client_heartbeat"], START.as_secs_f64() + 60.0);
    assert!(get(&sim, &format!("{own}download_url/")).await.json()["download_url"].is_string());

    sim.add_deployment(90, "app", "beta");
    assert_eq!(get(&sim, path).await.json()["deployments"].as_array().map(Vec::len), Some(2));
    assert_eq!(done(&sim, "DELETE", path, json!({ "name": "app", "tag": "beta" })).await["count"], 1);
    assert_eq!(done(&sim, "DELETE", &own, Value::Null).await["count"], 1);
    assert_eq!(sim.endpoint_ids(), [0_u64; 0], "their endpoints go with them");
    for (method, path) in [
        ("GET", own.clone()),
        ("DELETE", own.clone()),
        ("GET", format!("{own}versions/")),
        ("POST", format!("{own}start/")),
        ("POST", format!("{own}heartbeat/")),
        ("GET", format!("{own}download_url/")),
    ] {
        refused(&sim, method, &path, Value::Null, StatusCode::NOT_FOUND).await;
    }
    refused(&sim, "DELETE", path, json!({ "name": "app" }), StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_proves() {
    let sim = at_start().start().await.unwrap();
    let tfa = |path: &str| format!("/api/v0/tfa/{path}");
    let wrong = |error: &str, problem: Value| assert_eq!(problem["error"], error);
    let code = json!({ "code": "123456" });
    wrong("2fa_not_enabled", refused(&sim, "POST", &tfa(""), code.clone(), StatusCode::BAD_REQUEST).await);
    let secret = post(&sim, &tfa("totp-setup/"), json!({})).await.json()["secret"].clone();
    let activates =
        |secret: &Value, code: &str| json!({ "tfa_method": "totp", "secret": secret, "code": code });
    let body = activates(&secret, "654321");
    wrong(
        "2fa_verification_failed",
        refused(&sim, "POST", &tfa("confirm-new/"), body, StatusCode::BAD_REQUEST).await,
    );
    let first = done(&sim, "POST", &tfa("confirm-new/"), activates(&secret, "123456")).await;
    let backup = first["backup_codes"][0].clone();
    let body = activates(&secret, "123456");
    wrong("2fa_expired", refused(&sim, "POST", &tfa("confirm-new/"), body, StatusCode::BAD_REQUEST).await);
    let sms = post(&sim, &tfa("sms/"), json!({ "phone_number": "+15550100" })).await.json()["secret"].clone();
    done(&sim, "POST", &tfa("sms/resend/"), json!({ "secret": sms })).await;
    let second = json!({ "tfa_method": "sms", "secret": sms, "code": "123456", "label": "phone" });
    assert_eq!(
        done(&sim, "POST", &tfa("confirm-new/"), second).await,
        json!({}),
        "codes come with the first"
    );
    let status = async || get(&sim, &tfa("status/")).await.json();
    let methods = status().await["methods"].clone();
    assert_eq!(
        (&methods[0]["is_primary"], &methods[1]["phone_number"], &methods[1]["label"]),
        (&json!(true), &json!("+15550100"), &json!("phone"))
    );
    let body = json!({ "tfa_method_id": methods[1]["id"], "label": "work", "is_primary": true });
    done(&sim, "PUT", &tfa("update/"), body).await;
    let methods = status().await["methods"].clone();
    assert_eq!((&methods[0]["is_primary"], &methods[1]["label"]), (&json!(false), &json!("work")));
    refused(&sim, "PUT", &tfa("update/"), json!({ "tfa_method_id": 99 }), StatusCode::NOT_FOUND).await;

    // A session opens what the key opens, on both servers.
    let session =
        done(&sim, "POST", &tfa(""), code.clone()).await["session_key"].as_str().unwrap().to_owned();
    let own = client().get(format!("{}/api/v0/endptjobs/", sim.url())).bearer_auth(&session);
    assert_eq!(send(own).await.status, StatusCode::OK);
    let engine = client().post(format!("{}/get_endpoint_workers/", sim.url())).bearer_auth(&session);
    assert!(send(engine.json(&json!({ "id": 12_345 }))).await.json().is_array());
    // A backup code is good once.
    let by_backup = json!({ "backup_code": backup });
    assert_eq!(done(&sim, "POST", &tfa(""), by_backup.clone()).await["backup_codes_remaining"], 9);
    wrong(
        "2fa_verification_failed",
        refused(&sim, "POST", &tfa(""), by_backup, StatusCode::BAD_REQUEST).await,
    );
    let new = done(&sim, "PUT", &tfa("regen-backup-codes/"), code.clone()).await["backup_codes"].clone();
    assert_eq!(status().await["backup_codes_remaining"], 10);
    let authorized =
        done(&sim, "POST", &tfa("authorize-new-method/"), json!({ "backup_code": new[0] })).await;
    assert_eq!(authorized["msg"], "Authorization successful.");
    let secret =
        post(&sim, &tfa("authorize-new-method/"), json!({ "tfa_method": "email" })).await.json()["secret"]
            .clone();
    done(&sim, "PUT", &tfa("authorize-new-method/"), json!({ "secret": secret, "code": "123456" })).await;
    // The mail address needs no setting up, but the secret of a code that was sent.
    let mail = json!({ "tfa_method": "email", "code": "123456", "secret": "s" });
    wrong("2fa_expired", refused(&sim, "POST", &tfa(""), mail, StatusCode::BAD_REQUEST).await);
    let secret = post(&sim, &tfa("email/"), Value::Null).await.json()["secret"].clone();
    done(&sim, "POST", &tfa(""), json!({ "tfa_method": "email", "code": "123456", "secret": secret })).await;

    let body = json!({ "target_id": methods[1]["id"], "code": "123456", "tfa_method": "totp" });
    assert_eq!(done(&sim, "DELETE", &tfa(""), body).await["remaining_methods"], 1);
    assert_eq!(done(&sim, "DELETE", &tfa(""), code).await, json!({}), "the last one");
    assert_eq!(status().await, json!({ "tfa_enabled": false, "methods": [], "backup_codes_remaining": 0 }));
}

#[tokio::test]
async fn a_team_has_roles_and_members() {
    let sim = Simulator::start().await.unwrap();
    let roles = "/api/v0/team/roles/";
    let invite = "/api/v0/team/invite/?email=c@example.com&role=dev";
    let team = json!({ "team_name": "blue", "transfer_credit": 0 });
    refused(&sim, "POST", invite, Value::Null, StatusCode::BAD_REQUEST).await;
    done(&sim, "POST", "/api/v0/team/", team.clone()).await;
    refused(&sim, "POST", "/api/v0/team/", team, StatusCode::BAD_REQUEST).await;
    refused(&sim, "POST", invite, Value::Null, StatusCode::NOT_FOUND).await;
    let role = |name: &str| json!({ "name": name, "permissions": { "api": { "misc": {} } } });
    done(&sim, "POST", roles, role("dev")).await;
    let problem = refused(&sim, "POST", roles, role("dev"), StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["msg"], "There is a role dev already.");
    let shown = get(&sim, &format!("{roles}dev/")).await.json();
    assert_eq!(shown["permissions"], json!({ "api": { "misc": {} } }));
    // The official client changes it by its id.
    done(&sim, "PUT", &format!("{roles}{}/", shown["id"]), role("ops")).await;
    assert_eq!(get(&sim, "/api/v0/team/roles-full/").await.json()[0]["name"], "ops");
    for (method, named, body) in
        [("GET", "dev", Value::Null), ("PUT", "99", role("dev")), ("DELETE", "dev", Value::Null)]
    {
        let problem = refused(&sim, method, &format!("{roles}{named}/"), body, StatusCode::NOT_FOUND).await;
        assert_eq!(problem["msg"], format!("There is no role {named}."));
    }
    done(&sim, "POST", "/api/v0/team/invite/?email=c@example.com&role=ops", Value::Null).await;
    let members = async || get(&sim, "/api/v0/team/members/").await.json().as_array().unwrap().len();
    assert_eq!(members().await, 1, "who is invited is no member");
    sim.add_team_member(5, "c@example.com", "ops");
    assert_eq!(members().await, 2);
    done(&sim, "DELETE", "/api/v0/team/members/5/", Value::Null).await;
    refused(&sim, "DELETE", "/api/v0/team/members/5/", Value::Null, StatusCode::NOT_FOUND).await;
    done(&sim, "DELETE", &format!("{roles}ops/"), Value::Null).await;
    done(&sim, "DELETE", "/api/v0/team/", Value::Null).await;
    refused(&sim, "DELETE", "/api/v0/team/", Value::Null, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn prices_are_raised_with_consent_alone() {
    let sim = Simulator::start().await.unwrap();
    let price = |id: u64| sim.instance(id).unwrap()["dph_total"].as_f64().unwrap();
    let before = price(28_004_313);
    let raised = sim.announce_price(28_004_311, 1.5).unwrap();
    let refused_one = sim.announce_price(28_004_313, 9.0).unwrap();
    assert!(sim.announce_price(1, 1.0).is_err());
    let path = "/api/v0/instances/";
    let pending = async || get(&sim, &format!("{path}pending-price-increases/")).await.json();
    assert_eq!(pending().await["count"], 2);
    assert_eq!(pending().await["pending_price_increases"][0]["contract_id"], 28_004_311);
    let answer = |id: u64| json!({ "pending_price_increase_id": id });
    done(&sim, "PUT", &format!("{path}accept-price-increase/"), answer(raised)).await;
    done(&sim, "PUT", &format!("{path}reject-price-increase/"), answer(refused_one)).await;
    assert_eq!((price(28_004_311), price(28_004_313)), (1.5 + 0.0021, before));
    assert_eq!(pending().await["pending_price_increases"], json!([]));
    let again = format!("{path}accept-price-increase/");
    let problem = refused(&sim, "PUT", &again, answer(raised), StatusCode::NOT_FOUND).await;
    assert_eq!(problem["error"], "no_pending_price_increase");
    let more = json!({ "pending_price_increase_id": 1, "other": 1 });
    refused(&sim, "PUT", &again, more, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn an_instance_is_updated_and_saved() {
    let sim = Simulator::start().await.unwrap();
    sim.add_template(77, json!({ "name": "lab", "image": "lab:1", "hash_id": "beef01" }));
    let path = "/api/v0/instances/update_template/28004311/";
    let body =
        json!({ "id": 28_004_311, "template_hash_id": "beef01", "args": "--a b", "env": { "A": "1" } });
    let updated = done(&sim, "PUT", path, body).await["updated_instance"].clone();
    assert_eq!(
        (&updated["image_uuid"], &updated["template_id"], &updated["image_args"], &updated["extra_env"]),
        (&json!("lab:1"), &json!(77), &json!(["--a", "b"]), &json!([["A", "1"]]))
    );
    assert_eq!(sim.instance(28_004_311).unwrap()["template_name"], "lab");
    let snapshot = json!({
        "id": "28004311", "container_registry": "docker.io", "personal_repo": "me/x",
        "docker_login_user": "u", "docker_login_pass": "a-password", "pause": "true",
    });
    done(&sim, "POST", "/api/v0/instances/take_snapshot/28004311/", snapshot.clone()).await;
    assert_eq!(sim.snapshots()[0]["personal_repo"], "me/x");
    assert!(!format!("{:?}", sim.snapshots()).contains("a-password"));
    let mut of_another = snapshot;
    of_another["id"] = json!("1");
    refused(&sim, "POST", "/api/v0/instances/take_snapshot/1/", of_another, StatusCode::NOT_FOUND).await;
    refused(&sim, "PUT", "/api/v0/instances/update_template/1/", json!({}), StatusCode::NOT_FOUND).await;

    sim.add_backup(28_004_311);
    sim.add_backup(28_004_312);
    let backups = async |query: &str| {
        get(&sim, &format!("/api/v0/instance_backups/{query}")).await.json()["backups"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((backups("").await, backups("?contract_id=28004312").await), (2, 1));
    let files = get(&sim, "/api/v0/instance_backups/28004311/download/").await.json();
    assert_eq!(files["files"][0]["name"], "backup-5.tar");
    let none = "/api/v0/instance_backups/28004313/download/";
    refused(&sim, "GET", none, Value::Null, StatusCode::NOT_FOUND).await;

    let copy = |to: &str| json!({ "client_id": "me", "src_id": null, "src_path": "/a", "dst_id": to, "dst_path": "/b" });
    let to = done(&sim, "PUT", "/api/v0/commands/rsync/", copy("C.28004311")).await;
    assert_eq!((&to["dst_addr"], to.get("src_addr")), (&json!("192.0.2.45"), None));
    let to = done(&sim, "PUT", "/api/v0/commands/rsync/", copy("28004311")).await;
    assert_eq!(to["dst_addr"], "192.0.2.45");
    // A number alone is one on the wire, too, and for `local:` the official client calls the operation for instances.
    let mut numbered = copy("");
    (numbered["dst_id"], numbered["src_id"]) = (json!(28_004_311), json!("local"));
    for path in ["/api/v0/commands/rsync/", "/api/v0/commands/copy_direct/"] {
        assert_eq!(done(&sim, "PUT", path, numbered.clone()).await["dst_addr"], "192.0.2.45", "{path}");
    }
    numbered["src_id"] = json!(28_004_312);
    done(&sim, "PUT", "/api/v0/commands/copy_direct/", numbered).await;
    refused(&sim, "PUT", "/api/v0/commands/rsync/", copy("C.1"), StatusCode::NOT_FOUND).await;
    refused(&sim, "PUT", "/api/v0/commands/rsync/", copy("C.x"), StatusCode::BAD_REQUEST).await;
    let filters = get(&sim, "/api/v0/instances/filters/").await.json();
    assert_eq!(filters["filters"][0]["gpu_name"], "RTX 4090");
    let named = json!({ "label": "training", "contract_ids": [28_004_311, 28_004_312, 1] });
    let contracts = done(&sim, "POST", "/api/v0/contracts/fetch/", named).await["contracts"].clone();
    assert_eq!(contracts, json!([{ "id": 28_004_311, "label": "training" }]));
}

#[tokio::test]
async fn several_instances_are_handled_at_once() {
    let sim = Simulator::builder().rent_only_offers(true).start().await.unwrap();
    let bulk =
        json!({ "client_id": "me", "ids": [14_000_001, 14_000_002, 9], "image": "ubuntu", "label": null });
    let results = done(&sim, "POST", "/api/v0/asks/bulk/", bulk).await["results"].clone();
    assert_eq!((&results[2]["success"], sim.machines_rented()), (&json!(false), 2));
    assert_eq!(results[2]["msg"], "no_such_ask Instance type by id 9 is not available.");
    let ids = json!([results[0]["new_contract"], results[1]["new_contract"]]);
    done(&sim, "PUT", "/api/v0/instances/", json!({ "ids": ids, "state": "stopped" })).await;
    let status = |id: &Value| sim.instance(id.as_u64().unwrap()).unwrap()["intended_status"].clone();
    assert_eq!((status(&ids[0]), status(&ids[1])), (json!("stopped"), json!("stopped")));
    for (method, body, status) in [
        ("PUT", json!({ "ids": [ids[0], 1], "state": "running" }), StatusCode::NOT_FOUND),
        ("PUT", json!({ "ids": [], "state": "running" }), StatusCode::BAD_REQUEST),
        ("PUT", json!({ "ids": ids, "state": "asleep" }), StatusCode::BAD_REQUEST),
        ("DELETE", json!({ "instance_ids": [1] }), StatusCode::NOT_FOUND),
    ] {
        refused(&sim, method, "/api/v0/instances/", body, status).await;
    }
    assert_eq!(status(&ids[0]), "stopped", "all or none");
    done(&sim, "DELETE", "/api/v0/instances/", json!({ "instance_ids": ids })).await;
    assert_eq!(sim.instance_ids().len(), 3);
    let launch =
        |gpu: &str| json!({ "client_id": "me", "image": "ubuntu", "q": { "gpu_name": { "eq": gpu } } });
    let launched = done(&sim, "PUT", "/api/v0/launch_instance/", launch("RTX 5090")).await;
    assert!(sim.instance_ids().contains(&launched["new_contract"].as_u64().unwrap()));
    let none = done(&sim, "PUT", "/api/v0/launch_instance/", launch("Abacus")).await;
    assert_eq!((&none["success"], &none["error"]), (&json!(false), &json!("no_offers")));
}

#[tokio::test]
async fn workers_take_another_template() {
    let group =
        Workergroup::new(42).worker(Worker::new(1)).worker(Worker::new(2).phase(vastai_mock::Phase::Stopped));
    let endpoint = Endpoint::new(4, "mine").workergroup(group);
    let sim = Simulator::builder().empty().endpoint(endpoint).start().await.unwrap();
    let update = |cancels: Value| json!({ "workergroup_id": 42, "api_key": "mock-account-key", "cancel_update": cancels });
    // Without a header: official calls of the engine have the key in the body, too.
    let url = format!("{}/update_workers/", sim.url());
    let begun = send(client().post(&url).json(&update(Value::Null))).await;
    assert_eq!(begun.json(), json!({ "success": true, "workers_to_update": 1 }));
    assert_eq!(statuses(&sim, 4).await, ["LOADING", "STOPPED"]);
    assert_eq!(done(&sim, "POST", "/update_workers/", update(json!(true))).await["cancelled"], true);
    let unknown = done(&sim, "POST", "/update_workers/", json!({ "workergroup_id": 43 })).await;
    assert!(unknown.as_str().is_some_and(|text| text.contains("workergroup 43 not found")));
    let keyless = send(client().post(&url).json(&json!({ "workergroup_id": 42 }))).await;
    assert_eq!(keyless.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_key_is_reset_and_calls_are_noted() {
    let sim = at_start().start().await.unwrap();
    let with = async |key: &str, path: &str| {
        send(client().get(format!("{}{path}", sim.url())).bearer_auth(key)).await
    };
    let body = json!({ "name": "ci", "permissions": {} });
    let other = done(&sim, "POST", "/api/v0/auth/apikeys/", body).await;
    let shown = get(&sim, &format!("/api/v0/auth/apikeys/{}/", other["id"])).await.json();
    assert_eq!((&shown["name"], shown.get("key")), (&json!("ci"), None));
    refused(&sim, "GET", "/api/v0/auth/apikeys/1/", Value::Null, StatusCode::NOT_FOUND).await;
    with(other["key"].as_str().unwrap(), "/api/v0/ssh/").await;
    let log = get(&sim, "/api/v0/audit_logs/").await.json();
    let calls: Vec<_> =
        log.as_array().unwrap().iter().map(|it| (&it["api_route"], &it["api_key_id"])).collect();
    assert_eq!(calls[0], (&json!("/api/v0/auth/apikeys/"), &json!(1)));
    assert_eq!(calls[3], (&json!("/api/v0/ssh/"), &other["id"]));
    assert_eq!(log[0]["created_at"], START.as_secs_f64());

    let reset = done(&sim, "PUT", "/api/v0/commands/reset_apikey/", json!({ "client_id": "me" })).await;
    let new = reset["new_api_key"].as_str().unwrap();
    assert_eq!(get(&sim, "/api/v0/endptjobs/").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(with(new, "/api/v0/endptjobs/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn money_and_users_are_kept() {
    let sim = at_start().start().await.unwrap();
    let user = async || get(&sim, "/api/v0/users/current").await.json();
    // Numbers come as strings, and stay numbers.
    let body = json!({ "fullname": "Bob B", "balance_threshold": "10" });
    done(&sim, "PUT", "/api/v0/users/", body).await;
    assert_eq!(
        (&user().await["fullname"], &user().await["balance_threshold"]),
        (&json!("Bob B"), &json!(10))
    );
    let sub = json!({ "email": "s@example.com", "username": "s", "password": "pw", "host_only": false, "parent_id": "me" });
    done(&sim, "POST", "/api/v0/users/", sub.clone()).await;
    refused(&sim, "POST", "/api/v0/users/", sub, StatusCode::BAD_REQUEST).await;
    let pays = |amount: f64| json!({ "sender": "me", "recipient": "s@example.com", "amount": amount });
    let path = "/api/v0/commands/transfer_credit/";
    done(&sim, "PUT", path, pays(25.0)).await;
    let subaccounts = get(&sim, "/api/v0/subaccounts?owner=me").await.json();
    assert_eq!(subaccounts["users"][0]["credit"], 25.0);
    assert_eq!(user().await["credit"], 975.0);
    let problem = refused(&sim, "PUT", path, pays(1e6), StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["error"], "insufficient_credit");
    let prepay = "/api/v0/instances/prepay/28004311/";
    done(&sim, "PUT", prepay, json!({ "amount": 75.0 })).await;
    assert_eq!(user().await["credit"], 900.0);
    let deposit = get(&sim, "/api/v0/instances/balance/28004311/?owner=me").await.json();
    assert_eq!(deposit["refundable_deposit"], 75.0);
    let unknown = "/api/v0/instances/prepay/1/";
    refused(&sim, "PUT", unknown, json!({ "amount": 1 }), StatusCode::NOT_FOUND).await;
    refused(&sim, "GET", "/api/v0/instances/balance/1/", Value::Null, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn older_lists_of_invoices_show_the_same_money() {
    let sim = at_start().start().await.unwrap();
    let url = format!("{}/api/v0/invoices", sim.url());
    let search = async |filters: Value| {
        let query = [("select_cols", r#"["*"]"#.to_owned()), ("select_filters", filters.to_string())];
        send(client().get(&url).bearer_auth(sim.api_key()).query(&query)).await
    };
    let all = search(json!({})).await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(5));
    let large = search(json!({ "amount_cents": { "gt": "2400" }, "is_credit": { "eq": true } })).await.json();
    assert_eq!(large.as_array().map(Vec::len), Some(2));
    assert_eq!(search(json!([1])).await.status, StatusCode::BAD_REQUEST);
    let hours = |hours: f64| START.as_secs_f64() - hours * 3_600.0;
    let span = format!("owner=me&sdate={}&edate={}", hours(40.0), hours(10.0));
    let rows = async |more: &str| get(&sim, &format!("/api/v0/users/me/invoices?{span}{more}")).await.json();
    assert_eq!(rows("").await["invoices"].as_array().map(Vec::len), Some(2));
    let with_charges = rows("&inc_charges=true").await["invoices"].clone();
    let types: Vec<_> = with_charges.as_array().unwrap().iter().map(|row| row["type"].clone()).collect();
    assert_eq!(types, ["payment", "charge", "payment"]);
    assert_eq!(
        (&with_charges[1]["instance_id"], &with_charges[1]["amount"]),
        (&json!(28_004_311), &json!(24.126))
    );
}

#[tokio::test]
async fn the_market_is_known_without_a_key() {
    let sim = Simulator::start().await.unwrap();
    let free = async |path: &str| send(client().get(format!("{}{path}", sim.url()))).await.json();
    let names = json!(["H100 SXM", "RTX 3090", "RTX 4090", "RTX 5090"]);
    assert_eq!(free("/api/v0/gpu_names/unique/").await["gpu_names"], names);
    assert_eq!(free("/api/v0/gpu_types/").await["gpu_types"][1]["canonical_name"], "RTX 3090");
    for (gpus, value) in [(1, 1650.0), (2, 3100.0), (1, 1500.0)] {
        sim.add_benchmark("RTX 4090", gpus, value);
    }
    let url = format!("{}/api/v0/benchmarks", sim.url());
    let page = async |query: &[(&str, &str)]| {
        send(client().get(&url).bearer_auth(sim.api_key()).query(query)).await.json()
    };
    let one = ("select_filters", r#"{"num_gpus": {"eq": "1"}}"#);
    let order = ("order_by", r#"[{"col": "value", "dir": "asc"}]"#);
    let first = page(&[one, order, ("limit", "1")]).await;
    assert_eq!(first["benchmarks"][0]["value"], 1500.0);
    let token = first["next_token"].as_str().unwrap();
    let last = page(&[one, order, ("limit", "1"), ("after_token", token)]).await;
    assert_eq!((&last["benchmarks"][0]["value"], &last["next_token"]), (&json!(1650.0), &Value::Null));
    assert_eq!(page(&[("limit", "0")]).await["success"], false);
}
