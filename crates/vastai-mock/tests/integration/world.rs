//! What a test puts into the world it can take out again, and look at.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{
    Charge, Endpoint, Instance, Invoice, NotFound, Offer, Simulator, Worker, Workergroup, http,
};

use crate::client::{START, at_start, client, post, posted, send};

async fn get(sim: &Simulator, path: &str) -> Value {
    send(client().get(format!("{}{path}", sim.url())).bearer_auth(sim.api_key())).await.json()
}

#[tokio::test]
async fn workers_workergroups_and_endpoints_come_and_go() {
    let sim = Simulator::builder().empty().start().await.unwrap();
    sim.add_endpoint(Endpoint::new(1, "e"));
    sim.add_workergroup(1, Workergroup::new(10).worker(Worker::new(100)).worker(Worker::new(101))).unwrap();
    sim.add_worker(10, Worker::new(102)).unwrap();
    assert_eq!((sim.endpoint_ids(), sim.worker_ids(1)), (vec![1], vec![100, 101, 102]));

    sim.remove_worker(101).unwrap();
    let workers = posted(&sim, "/get_endpoint_workers/", json!({ "id": 1 })).await;
    let ids: Vec<_> = workers.as_array().unwrap().iter().map(|worker| &worker["id"]).collect();
    assert_eq!(ids, [100, 102]);
    let logs = posted(&sim, "/get_workergroup_logs/", json!({ "id": 10, "tail": -1 })).await;
    assert!(logs["info0"].as_str().unwrap().trim_end().ends_with("worker 101: destroyed"), "{logs}");
    assert_eq!(sim.remove_worker(101).unwrap_err(), NotFound::Worker(101));
    assert_eq!(sim.set_load(101, 1.0, 1).unwrap_err(), NotFound::Worker(101));

    // What is gone is assigned no request.
    sim.remove_worker(100).unwrap();
    sim.remove_worker(102).unwrap();
    let route = posted(&sim, "/route/", json!({ "endpoint": "e", "cost": 1 })).await;
    assert_eq!((&route["url"], &route["status"]), (&Value::Null, &json!("no workers")));

    sim.remove_workergroup(10).unwrap();
    assert_eq!(sim.remove_workergroup(10).unwrap_err(), NotFound::Workergroup(10));
    assert_eq!(sim.add_worker(10, Worker::new(1)).unwrap_err(), NotFound::Workergroup(10));
    sim.remove_endpoint(1).unwrap();
    assert_eq!(sim.remove_endpoint(1).unwrap_err(), NotFound::Endpoint(1));
    assert_eq!(sim.add_workergroup(1, Workergroup::new(10)).unwrap_err(), NotFound::Endpoint(1));
    assert_eq!(get(&sim, "/api/v0/endptjobs/").await["results"], json!([]));
    assert_eq!((sim.endpoint_ids(), sim.worker_ids(1)), (vec![], vec![]));
}

#[tokio::test]
async fn instances_and_offers_come_and_go() {
    let sim = Simulator::builder().empty().rent_only_offers(true).start().await.unwrap();
    sim.add_instance(Instance::new(7).label("mine"));
    assert_eq!(sim.instance(7).unwrap()["label"], "mine");
    sim.remove_instance(7).unwrap();
    assert_eq!((sim.instance(7), sim.instance_ids()), (None, vec![]));
    assert_eq!(sim.remove_instance(7).unwrap_err().to_string(), "the simulator has no instance 7");

    let rent = async |id: u64| {
        let request = client().put(format!("{}/api/v0/asks/{id}/", sim.url())).bearer_auth(sim.api_key());
        send(request.json(&json!({ "image": "ubuntu:24.04" }))).await
    };
    (1..=3).for_each(|id| sim.add_offer(Offer::new(id)));
    sim.take_offer(1).unwrap();
    sim.remove_offer(2).unwrap();
    assert_eq!(sim.offer_ids(), [3]);
    let (taken, removed, rented) = (rent(1).await, rent(2).await, rent(3).await);
    assert_eq!((taken.status, &taken.json()["error"]), (StatusCode::GONE, &json!("no_such_ask")));
    assert_eq!((removed.status, &removed.json()["error"]), (StatusCode::NOT_FOUND, &json!("no_such_ask")));
    assert_eq!(rented.json()["new_contract"], sim.instance_ids()[0]);
    assert_eq!((sim.machines_rented(), sim.offer_ids()), (1, vec![]));
    assert_eq!(sim.take_offer(2).unwrap_err(), NotFound::Offer(2));
    assert_eq!(sim.remove_offer(2).unwrap_err(), NotFound::Offer(2));
}

#[tokio::test]
async fn what_has_nothing_to_run_is_not_rented() {
    let sim = Simulator::start().await.unwrap();
    let rent = async |body: Value| {
        let request = client().put(format!("{}/api/v0/asks/14000001/", sim.url())).bearer_auth(sim.api_key());
        send(request.json(&body)).await
    };
    for body in [
        json!({}),
        json!({ "disk": 10 }),
        json!({ "image": "" }),
        json!({ "image": null }),
        json!({ "image": null, "template_hash_id": "" }),
    ] {
        let refused = rent(body.clone()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!((sim.machines_rented(), sim.effects("createInstance").unwrap()), (0, 0));
    assert_eq!(rent(json!({ "template_hash_id": "abc" })).await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_templates_and_variables_come_and_go() {
    let sim = Simulator::start().await.unwrap();
    let keys =
        async || send(client().get(format!("{}/api/v0/ssh/", sim.url())).bearer_auth(sim.api_key())).await;
    let none = keys().await;
    assert_eq!(
        (none.status, &none.json()["msg"]),
        (StatusCode::NOT_FOUND, &json!("No SSH keys found for the user."))
    );
    sim.add_ssh_key(5, "ssh-ed25519 AAAA");
    assert_eq!(keys().await.json()[0]["id"], 5);
    sim.remove_ssh_key(5).unwrap();
    assert_eq!(keys().await.status, StatusCode::NOT_FOUND);

    sim.add_api_key(6, "another");
    sim.remove_api_key(6).unwrap();
    assert_eq!(get(&sim, "/api/v0/auth/apikeys/").await["apikeys"], json!([]));
    sim.attach_ssh_key(28_004_311, 7, "ssh-ed25519 BBBB");
    sim.detach_ssh_key(28_004_311, 7).unwrap();
    assert_eq!(get(&sim, "/api/v0/instances/28004311/ssh/").await["ssh_keys"], "[]");
    sim.add_template(8, json!({ "name": "t" }));
    sim.remove_template(8).unwrap();
    assert_eq!(get(&sim, "/api/v0/template/").await["templates"], json!([]));
    sim.set_env_var("NAME", "value");
    sim.remove_env_var("NAME").unwrap();
    assert_eq!(get(&sim, "/api/v0/secrets/").await["secrets"], json!({}));

    let errors = [
        sim.remove_ssh_key(5),
        sim.remove_api_key(6),
        sim.detach_ssh_key(28_004_311, 7),
        sim.remove_template(8),
        sim.remove_env_var("NAME"),
    ];
    let errors = errors.map(|removed| removed.unwrap_err());
    let expected = [
        NotFound::SshKey(5),
        NotFound::ApiKey(6),
        NotFound::SshKey(7),
        NotFound::Template(8),
        NotFound::EnvVar("NAME".to_owned()),
    ];
    assert_eq!(errors, expected);
}

#[tokio::test]
async fn a_contract_has_several_charges() {
    let sim = at_start().empty().start().await.unwrap();
    let hour = Duration::from_secs(3_600);
    for number in 0..7_u32 {
        // Two of them at the same time.
        let at = START + hour * (number / 2);
        sim.add_charge(Charge::new(5, at).amount(f64::from(number)));
        sim.add_invoice(Invoice::new(5, at).amount(f64::from(number)));
    }
    for (path, time) in [("/api/v0/charges/", "day"), ("/api/v1/invoices/", "when")] {
        let (mut amounts, mut token) = (Vec::new(), None::<String>);
        loop {
            let filters = json!({ time: { "gte": 0, "lte": 4e9 } }).to_string();
            let mut query = vec![("select_filters", filters), ("limit", "2".to_owned())];
            query.extend(token.map(|token| ("after_token", token)));
            let request =
                client().get(format!("{}{path}", sim.url())).bearer_auth(sim.api_key()).query(&query);
            let page = send(request).await.json();
            assert_eq!(page["total"], 7);
            amounts.extend(
                page["results"].as_array().unwrap().iter().map(|entry| entry["amount"].as_f64().unwrap()),
            );
            match page["next_token"].as_str() {
                Some(next) if amounts.len() < 7 => token = Some(next.to_owned()),
                _ => break,
            }
        }
        assert_eq!(amounts, [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], "{path}");
    }
    sim.clear_billing();
    let none = json!({ "day": { "gte": 0, "lte": 4e9 } }).to_string();
    let request = client().get(format!("{}/api/v0/charges/", sim.url())).bearer_auth(sim.api_key());
    assert_eq!(send(request.query(&[("select_filters", none)])).await.json()["results"], json!([]));
    assert_eq!(post(&sim, "/api/v0/bundles/", json!({})).await.json()["offers"], json!([]));
}
