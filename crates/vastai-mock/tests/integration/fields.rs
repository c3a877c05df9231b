//! The names of fields in filters and orders: what does not exist is refused with its name.

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Instance, Offer, Simulator, http};

use crate::client::{Response, client, post, send};

const OFFERS: &str = "/api/v0/bundles/";

async fn listed(sim: &Simulator, path: &str, parameter: &str, value: &Value) -> Response {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut query = vec![(parameter, value)];
    for (billed, time) in [("/api/v1/invoices/", "when"), ("/api/v0/charges/", "day")] {
        if path == billed && parameter != "select_filters" {
            query.push(("select_filters", json!({ time: { "gte": 0, "lte": 4e9 } }).to_string()));
        }
    }
    send(client().get(format!("{}{path}", sim.url())).bearer_auth(sim.api_key()).query(&query)).await
}

#[track_caller]
fn assert_refused(response: &Response, name: &str) {
    assert_eq!(response.status, StatusCode::BAD_REQUEST, "{name}: {}", response.body);
    let msg = response.json()["msg"].as_str().unwrap_or_default().to_owned();
    assert!(msg.ends_with(&format!("there is no field {name}")), "{msg}");
}

#[tokio::test]
async fn a_search_of_offers_by_an_unknown_field_is_refused() {
    let sim = Simulator::start().await.unwrap();
    for (search, name) in [
        (json!({ "gpu_nam": { "eq": "RTX 4090" } }), "gpu_nam"),
        (json!({ "num_gpus": { "gte": 1 }, "GPU_name": { "eq": "x" } }), "GPU_name"),
        (json!({ "dph": { "lt": 1 } }), "dph"),
        (json!({ "": { "lt": 1 } }), ""),
        (json!({ "order": [["dph_totl", "asc"]] }), "dph_totl"),
        (json!({ "order": [["score", "desc"], ["dph", "asc"]] }), "dph"),
    ] {
        assert_refused(&post(&sim, OFFERS, search).await, name);
    }
    assert_refused(
        &post(&sim, "/api/v0/volumes/search/", json!({ "disk_spac": { "gte": 1 } })).await,
        "disk_spac",
    );
}

#[tokio::test]
async fn what_offers_are_searched_by_is_known() {
    let sim = Simulator::start().await.unwrap();
    sim.add_offer(Offer::new(9).field("brand_new", 7));
    let search = json!({
        "verified": { "eq": true }, "external": { "eq": false }, "rentable": { "eq": true }, "rented": { "eq": false },
        "order": [["score", "desc"], ["brand_new", "asc"]], "type": "on-demand", "allocated_storage": 5.0, "limit": 3,
    });
    assert_eq!(post(&sim, OFFERS, search).await.status, StatusCode::OK);
    let found = post(&sim, OFFERS, json!({ "brand_new": { "eq": 7 } })).await.json();
    assert_eq!(found["offers"][0]["id"], 9);
    for name in [
        "ask_contract_id",
        "cluster_id",
        "compute_cap",
        "cuda_max_good",
        "datacenter",
        "direct_port_count",
        "disk_bw",
        "driver_version",
        "duration",
        "geolocation",
        "gpu_display_active",
        "gpu_max_power",
        "gpu_total_ram",
        "has_avx",
        "host_id",
        "hosting_type",
        "machine_id",
        "os_version",
        "reliability",
        "static_ip",
        "ubuntu_version",
        "vms_enabled",
    ] {
        assert_eq!(post(&sim, OFFERS, json!({ name: { "neq": 0 } })).await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn a_search_finds_64_offers_at_most_and_none_by_id() {
    let sim = Simulator::builder().empty().start().await.unwrap();
    (1..=70).for_each(|id| sim.add_offer(Offer::new(id)));
    for (search, found) in [
        (json!({}), 64),
        (json!({ "limit": 500 }), 64),
        (json!({ "limit": 64 }), 64),
        (json!({ "limit": 3 }), 3),
        (json!({ "id": { "eq": 7 } }), 0),
        (json!({ "ask_contract_id": { "eq": 7 } }), 1),
        (json!({ "ask_contract_id": { "in": [7, 8, 99] } }), 2),
    ] {
        let response = post(&sim, OFFERS, search.clone()).await.json();
        assert_eq!(response["offers"].as_array().map(Vec::len), Some(found), "{search}");
    }
}

#[tokio::test]
async fn a_list_filtered_or_sorted_by_an_unknown_field_is_refused() {
    let sim = Simulator::start().await.unwrap();
    sim.add_instance(Instance::new(5).field("brand_new", "x"));
    for (path, known, unknown) in [
        ("/api/v1/instances/", "actual_status", "actual_statu"),
        ("/api/v1/instances/", "brand_new", "brand_old"),
        ("/api/v0/template/", "hash_id", "hash"),
        ("/api/v0/template/", "recent_create_date", "recent"),
        ("/api/v0/benchmarks/", "num_gpus", "gpus"),
    ] {
        let filter = |name: &str| json!({ name: { "eq": "x" } });
        assert_refused(&listed(&sim, path, "select_filters", &filter(unknown)).await, unknown);
        let response = listed(&sim, path, "select_filters", &filter(known)).await;
        assert_eq!(response.status, StatusCode::OK, "{path}: {}", response.body);
    }
    for (path, known, unknown) in [
        (
            "/api/v1/instances/",
            json!([{ "col": "label", "dir": "asc" }]),
            json!([{ "col": "id" }, { "col": "lable" }]),
        ),
        ("/api/v0/template/", json!("name"), json!("lable")),
        ("/api/v1/invoices/", json!([{ "col": "amount_cents", "dir": "asc" }]), json!([{ "col": "lable" }])),
    ] {
        assert_refused(&listed(&sim, path, "order_by", &unknown).await, "lable");
        let response = listed(&sim, path, "order_by", &known).await;
        assert_eq!(response.status, StatusCode::OK, "{path}: {}", response.body);
    }
    for (path, time) in [("/api/v1/invoices/", "when"), ("/api/v0/charges/", "day")] {
        let filters = json!({ time: { "gte": 0, "lte": 4e9 }, "typ": { "in": ["x"] } });
        assert_refused(&listed(&sim, path, "select_filters", &filters).await, "typ");
    }
}

#[tokio::test]
async fn who_is_not_strict_may_name_any_field() {
    let sim = Simulator::builder().strict(false).start().await.unwrap();
    let found = post(&sim, OFFERS, json!({ "gpu_nam": { "eq": 1 }, "order": [["x", "asc"]] })).await;
    assert_eq!((found.status, &found.json()["offers"]), (StatusCode::OK, &json!([])));
}
