//! The operations of the console.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Endpoint, Instance, Simulator};

use crate::client::{START, at_start, client, get, send};

const ENDPOINTS: &str = "/api/v0/endptjobs/";
const INSTANCES: &str = "/api/v1/instances/";

#[tokio::test]
async fn an_endpoint_has_every_field() {
    let endpoint = Endpoint::new(1, "one").age(Duration::from_millis(500)).field("max_workers", 16);
    let sim = at_start().empty().endpoint(endpoint).start().await.unwrap();
    let response = get(&sim, ENDPOINTS).await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(
        response.json(),
        json!({
            "success": true,
            "results": [{
                "id": 1,
                "endpoint_name": "one",
                "endpoint_state": "active",
                "api_key": "mock-endpoint-key-1",
                "user_id": 456,
                "created_at": START.as_secs_f64() - 0.5,
                "min_load": 0.0,
                "min_cold_load": 0.0,
                "target_util": 0.9,
                "cold_mult": 2.5,
                "cold_workers": 5,
                "max_workers": 16,
                "max_queue_time": 30.0,
                "target_queue_time": 10.0,
                "inactivity_timeout": null,
                "auto_delete_in_seconds": null,
                "auto_delete_due_24h": false,
            }],
        })
    );
}

#[tokio::test]
async fn the_sample_shows_an_endpoint_and_instances() {
    let sim = Simulator::start().await.unwrap();
    let endpoints = get(&sim, ENDPOINTS).await.json();
    assert_eq!(endpoints["results"][0]["id"], 12345);
    assert_eq!(endpoints["results"][0]["endpoint_name"], "vLLM-Qwen3-8B");
    let instances = get(&sim, INSTANCES).await.json();
    assert_eq!(instances["instances_found"], 3);
    let statuses = instances["instances"].as_array().unwrap().iter();
    let statuses: Vec<&str> = statuses.map(|it| it["actual_status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["running", "loading", "exited"]);
}

#[tokio::test]
async fn an_instance_is_shown_as_on_the_wire() {
    let sim = at_start()
        .empty()
        .instance(Instance::new(5).label("training").gpus("RTX 5090", 2).dph_total(1.5).field("webpage", "x"))
        .instance(Instance::new(6).actual_status("exited").without_field("search"))
        .start()
        .await
        .unwrap();
    let instances = get(&sim, INSTANCES).await.json()["instances"].clone();
    let (running, exited) = (&instances[0], &instances[1]);
    assert_eq!(running.as_object().unwrap().len(), 91);
    for (name, value) in [
        ("label", json!("training")),
        ("gpu_name", json!("RTX 5090")),
        ("num_gpus", json!(2)),
        ("dph_total", json!(1.5)),
        ("webpage", json!("x")),
        ("start_date", json!(START.as_secs_f64() - 86_400.0)),
        ("uptime_mins", json!(1440.0)),
        ("time_remaining", json!("59 D 0 Hr")),
        ("extra_env", json!([["MODEL_NAME", "Qwen/Qwen3-8B"], ["-p 8000:8000", "1"]])),
    ] {
        assert_eq!(running[name], value, "{name}");
    }
    assert_eq!(running["ports"]["22/tcp"][0]["HostPort"], "20000");
    assert_eq!(
        (&exited["label"], &exited["ports"], &exited["uptime_mins"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((&exited["intended_status"], &exited["cur_state"]), (&json!("running"), &json!("stopped")));
    assert_eq!(exited.get("search"), None);

    sim.advance(Duration::from_secs(3_600));
    assert_eq!(get(&sim, INSTANCES).await.json()["instances"][0]["uptime_mins"], 1500.0);
}

async fn many_instances() -> Simulator {
    // The service takes limits beyond those of the document.
    let sim = at_start().empty().strict(false).start().await.unwrap();
    for id in 1..=60 {
        let instance = Instance::new(id);
        sim.add_instance(if id <= 10 { instance.label("ten") } else { instance });
    }
    sim
}

#[tokio::test]
async fn instances_come_in_pages() {
    let sim = many_instances().await;
    let (mut ids, mut sizes, mut token) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let request = client().get(format!("{}{INSTANCES}", sim.url())).bearer_auth(sim.api_key());
        let response = send(request.query(&token.map(|token| [("after_token", token)]))).await;
        assert_eq!(response.status, StatusCode::OK);
        let page = response.json();
        assert_eq!(page["success"], true);
        assert_eq!(page["total_instances"], 60);
        assert_eq!(page["label_counts"], json!({ "": 50, "ten": 10 }));
        let instances = page["instances"].as_array().unwrap();
        assert_eq!(page["instances_found"], instances.len());
        sizes.push(instances.len());
        ids.extend(instances.iter().map(|instance| instance["id"].as_u64().unwrap()));
        match page["next_token"].as_str() {
            Some(next) => token = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(sizes, [25, 25, 10]);
    assert!(ids.into_iter().eq(1..=60));
}

#[tokio::test]
async fn the_limit_has_limits() {
    let sim = many_instances().await;
    for (limit, found) in [("1", 1), ("25", 25), ("26", 25), ("99999999999", 25), ("0", 5), ("-7", 5)] {
        let page = get(&sim, &format!("{INSTANCES}?limit={limit}")).await.json();
        assert_eq!(page["instances_found"], found, "{limit}");
    }
    let last = get(&sim, &format!("{INSTANCES}?limit=20&after_token=eyJ2YWx1ZXMiOiB7ImlkIjogNDB9fQ%3D%3D"))
        .await
        .json();
    assert_eq!((&last["instances_found"], &last["next_token"]), (&json!(20), &Value::Null));
    for (query, error) in [
        ("limit=many", "invalid_request"),
        ("after_token=5", "invalid_token"),
        ("after_token=", "invalid_token"),
    ] {
        let response = get(&sim, &format!("{INSTANCES}?{query}")).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST);
        assert_eq!(response.json()["error"], error);
    }
}

#[tokio::test]
async fn an_empty_simulator_has_nothing() {
    let sim = at_start().empty().start().await.unwrap();
    assert_eq!(get(&sim, ENDPOINTS).await.json(), json!({ "success": true, "results": [] }));
    let page = get(&sim, INSTANCES).await.json();
    assert_eq!((&page["total_instances"], &page["next_token"]), (&json!(0), &Value::Null));
    assert_eq!((&page["label_counts"], &page["instances"]), (&json!({}), &json!([])));
}

#[tokio::test]
async fn instances_are_filtered_ordered_and_cut_to_columns() {
    let sim = many_instances().await;
    let list = async |query: &[(&str, Value)]| {
        let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.to_string())).collect();
        let request = client().get(format!("{}{INSTANCES}", sim.url())).bearer_auth(sim.api_key());
        send(request.query(&query)).await
    };
    let ids = |page: &Value| -> Vec<u64> {
        page["instances"].as_array().unwrap().iter().map(|it| it["id"].as_u64().unwrap()).collect()
    };
    let filters = json!({ "label": { "eq": "ten" }, "id": { "gte": 4, "lt": 7 } });
    let order = json!([{ "col": "id", "dir": "desc" }]);
    let page = list(&[("select_filters", filters.clone()), ("order_by", order)]).await.json();
    assert_eq!((ids(&page), &page["total_instances"]), (vec![6, 5, 4], &json!(3)));
    let columns = json!(["id", "label", "nothing"]);
    let page =
        list(&[("select_filters", filters), ("select_cols", columns), ("limit", json!(1))]).await.json();
    assert_eq!(page["instances"], json!([{ "id": 4, "label": "ten", "nothing": null }]));
    assert!(page["next_token"].is_string());
    for (name, value) in [
        ("select_filters", json!({ "dph_total": { "lt": 1 } })),
        ("select_filters", json!([])),
        ("select_filters", json!({ "id": { "like": 1 } })),
        ("order_by", json!("id")),
        ("select_cols", json!({})),
    ] {
        let response = list(&[(name, value.clone())]).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{name} {value}");
    }
}
