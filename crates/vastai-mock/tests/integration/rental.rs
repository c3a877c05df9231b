//! From the search for an offer to the end of an instance.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use vastai_mock::{Builder, Instance, Offer, Simulator};

use crate::client::{Response, at_start, client, get, posted, send};

async fn put(sim: &Simulator, path: &str, body: Value) -> Response {
    send(client().put(format!("{}{path}", sim.url())).bearer_auth(sim.api_key()).json(&body)).await
}

async fn call(sim: &Simulator, method: Method, path: &str) -> Response {
    send(client().request(method, format!("{}{path}", sim.url())).bearer_auth(sim.api_key())).await
}

async fn shown(sim: &Simulator, id: u64) -> Value {
    get(sim, &format!("/api/v0/instances/{id}/")).await.json()["instances"].clone()
}

async fn status(sim: &Simulator, id: u64) -> String {
    shown(sim, id).await["actual_status"].as_str().unwrap().to_owned()
}

fn market() -> Builder {
    at_start()
        .empty()
        .offer(Offer::new(1).gpus("RTX 4090", 1).dph_total(0.4))
        .offer(Offer::new(2).gpus("RTX 4090", 2).dph_total(0.7).reliability(0.9))
        .offer(Offer::new(3).gpus("RTX 3090", 1).dph_total(0.2).verified(false))
        .offer(Offer::new(4).gpus("H100 SXM", 8).dph_total(17.0).without_field("reliability"))
}

#[tokio::test]
async fn filters_order_and_limit_choose_offers() {
    let sim = market().start().await.unwrap();
    let found = async |search: Value| {
        let response = posted(&sim, "/api/v0/bundles/", search).await;
        let offers = response["offers"].as_array().unwrap().clone();
        offers.iter().map(|offer| offer["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(found(json!({})).await, [1, 2, 3, 4]);
    assert_eq!(found(json!({ "gpu_name": { "eq": "RTX 4090" }, "num_gpus": { "gte": 2 } })).await, [2]);
    assert_eq!(found(json!({ "dph_total": { "gt": 0.2, "lt": 17 } })).await, [1, 2]);
    assert_eq!(found(json!({ "dph_total": { "lte": 0.4 } })).await, [1, 3]);
    assert_eq!(found(json!({ "gpu_name": { "in": ["RTX 3090", "H100 SXM"] } })).await, [3, 4]);
    assert_eq!(found(json!({ "gpu_name": { "notin": ["RTX 3090", "H100 SXM"] } })).await, [1, 2]);
    assert_eq!(found(json!({ "gpu_name": { "neq": "RTX 4090" } })).await, [3, 4]);
    assert_eq!(found(json!({ "verified": { "eq": false } })).await, [3]);
    assert_eq!(
        found(json!({ "verified": { "eq": "any" }, "rented": { "eq": "any" } })).await,
        found(json!({})).await
    );
    assert_eq!(found(json!({ "reliability": { "gt": 0.5 } })).await, [1, 2, 3]);
    assert_eq!(found(json!({ "order": [["dph_total", "asc"]], "limit": 2 })).await, [3, 1]);
    let order = json!([["num_gpus", "desc"], ["dph_total", "desc"]]);
    assert_eq!(found(json!({ "order": order })).await, [4, 2, 1, 3]);
    let url = format!("{}/api/v0/bundles/", sim.url());
    let wrong = json!({ "dph_total": { "below": 1 } });
    let wrong = send(client().post(url).bearer_auth(sim.api_key()).json(&wrong)).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json()["msg"], "dph_total: below with 1 is not a filter.");
}

#[tokio::test]
async fn an_instance_shows_what_was_asked_for_on_the_machine_of_its_offer() {
    let sim = market()
        .offer(Offer::new(5).field("machine_id", 77).field("geolocation", "Norway, NO"))
        .start()
        .await
        .unwrap();
    sim.rent_like(Instance::new(0).field("onstart", "set by the test"));
    let body = json!({
        "image": "ubuntu:24.04", "disk": 20.5, "runtype": "ssh_direc ssh_proxy",
        "onstart": "echo", "env": { "MODE": "fast" }, "template_id": null,
    });
    let id = put(&sim, "/api/v0/asks/5/", body).await.json()["new_contract"].as_u64().unwrap();
    let instance = shown(&sim, id).await;
    let expected = json!({
        "image_uuid": "ubuntu:24.04", "disk_space": 20.5, "image_runtype": "ssh_direc ssh_proxy",
        "extra_env": [["MODE", "fast"]], "machine_id": 77, "geolocation": "Norway, NO",
        "onstart": "set by the test",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&instance[field], value, "{field}");
    }
}

#[tokio::test]
async fn an_offer_is_rented_once() {
    let sim = market().rent_only_offers(true).start().await.unwrap();
    let body = json!({ "image": "ubuntu:24.04", "label": "mine" });
    let rented = put(&sim, "/api/v0/asks/2/", body.clone()).await.json();
    let instance = shown(&sim, rented["new_contract"].as_u64().unwrap()).await;
    assert_eq!(
        (&instance["gpu_name"], &instance["num_gpus"], &instance["dph_total"], &instance["label"]),
        (&json!("RTX 4090"), &json!(2), &json!(0.7), &json!("mine"))
    );
    let rentable = posted(&sim, "/api/v0/bundles/", json!({ "rentable": { "eq": true } })).await;
    assert_eq!(rentable["offers"].as_array().unwrap().len(), 3);
    for (ask, expected) in [(2, StatusCode::GONE), (9, StatusCode::NOT_FOUND)] {
        let refused = put(&sim, &format!("/api/v0/asks/{ask}/"), body.clone()).await;
        assert_eq!((refused.status, &refused.json()["error"]), (expected, &json!("no_such_ask")));
    }
    assert_eq!((sim.machines_rented(), sim.effects("createInstance")), (1, Ok(1)));
    // A machine that is given back can be offered again.
    sim.add_offer(Offer::new(2));
    assert_eq!(put(&sim, "/api/v0/asks/2/", body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_instance_lives_by_the_clock_and_its_owner() {
    let sim = market().start().await.unwrap();
    let rented = put(&sim, "/api/v0/asks/1/", json!({ "image": "a" })).await.json();
    let id = rented["new_contract"].as_u64().unwrap();
    let path = format!("/api/v0/instances/{id}/");
    assert_eq!(status(&sim, id).await, "loading");
    sim.advance(Duration::from_secs(60));
    assert_eq!(status(&sim, id).await, "running");

    assert_eq!(
        put(&sim, &path, json!({ "state": "stopped", "label": "later" })).await.status,
        StatusCode::OK
    );
    let stopped = shown(&sim, id).await;
    assert_eq!(
        (&stopped["actual_status"], &stopped["intended_status"], &stopped["label"]),
        (&json!("exited"), &json!("stopped"), &json!("later"))
    );
    put(&sim, &path, json!({ "state": "running" })).await;
    assert_eq!(status(&sim, id).await, "loading");
    sim.advance(Duration::from_secs(60));
    assert_eq!(status(&sim, id).await, "running");

    for restart in ["reboot", "recycle"] {
        let path = format!("/api/v0/instances/{restart}/{id}/");
        assert_eq!(call(&sim, Method::PUT, &path).await.status, StatusCode::OK);
        assert_eq!(status(&sim, id).await, "loading");
        sim.advance(Duration::from_secs(60));
        assert_eq!(status(&sim, id).await, "running");
    }
    put(&sim, &format!("/api/v0/instances/bid_price/{id}/"), json!({ "client_id": "me", "price": 0.17 }))
        .await;
    assert_eq!(shown(&sim, id).await["min_bid"], 0.17);

    sim.set_actual_status(id, "offline").unwrap();
    put(&sim, &path, json!({ "state": "running" })).await;
    sim.advance(Duration::from_secs(3_600));
    assert_eq!(status(&sim, id).await, "offline", "a lost machine does not come back");

    assert_eq!(call(&sim, Method::DELETE, &path).await.status, StatusCode::OK);
    let gone = get(&sim, &path).await;
    assert_eq!((gone.status, gone.json()), (StatusCode::OK, json!({ "instances": null })));
    for method in [Method::DELETE, Method::PUT] {
        let request = client().request(method, format!("{}{path}", sim.url())).bearer_auth(sim.api_key());
        let refused = send(request.json(&json!({}))).await;
        assert_eq!(refused.json()["error"], "no_such_instance");
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }
    assert!(sim.set_actual_status(id, "running").is_err());
    assert_eq!(sim.machines_rented(), 1, "also when it is gone");
}

#[tokio::test]
async fn a_test_chooses_the_fate_of_what_is_rented() {
    let sim = market().start().await.unwrap();
    let second = Duration::from_secs(1);
    let dies =
        Instance::new(0).actual_status("loading").then(5 * second, "running").then(2 * second, "exited");
    sim.rent_like(dies);
    let rented = put(&sim, "/api/v0/asks/77/", json!({ "image": "a" })).await.json();
    let id = rented["new_contract"].as_u64().unwrap();
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(status(&sim, id).await);
        sim.advance(3 * second);
    }
    assert_eq!(seen, ["loading", "loading", "running", "exited"]);
    // One long step is as good as many.
    let rented = put(&sim, "/api/v0/asks/78/", json!({ "image": "a" })).await.json();
    sim.advance(60 * second);
    assert_eq!(status(&sim, rented["new_contract"].as_u64().unwrap()).await, "exited");
}

#[tokio::test]
async fn the_retired_list_says_that_it_is_gone() {
    let sim = Simulator::start().await.unwrap();
    for path in ["/api/v0/instances/", "/api/v0/instances?owner=me"] {
        let response = get(&sim, path).await;
        assert_eq!(
            (response.status, &response.json()["error"]),
            (StatusCode::GONE, &json!("deprecated_endpoint"))
        );
    }
    let requests = sim.requests();
    assert_eq!((requests[0].operation(), requests[0].answered_with()), (None, Some(StatusCode::GONE)));
}
