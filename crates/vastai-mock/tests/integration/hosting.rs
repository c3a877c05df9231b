//! What a host has: machines, what they share, and what is offered of them.

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::Simulator;

use crate::client::{at_start, client, done, get, refused, send};

async fn machine(sim: &Simulator, id: u64) -> Value {
    get(sim, &format!("/api/v0/machines/{id}")).await.json()[0].clone()
}

async fn offers_of(sim: &Simulator, machine: u64) -> Value {
    let body = json!({ "machine_id": { "eq": machine } });
    done(sim, "POST", "/api/v0/bundles/", body).await["offers"].clone()
}

#[tokio::test]
async fn a_machine_is_offered_and_withdrawn() {
    let sim = at_start().empty().start().await.unwrap();
    sim.add_machine(7, "RTX 4090", 2);
    assert_eq!(get(&sim, "/api/v0/machines?owner=me").await.json()["machines"][0]["gpu_name"], "RTX 4090");
    assert_eq!(offers_of(&sim, 7).await, json!([]));
    let listed = json!({ "machine": 7, "price_gpu": 0.5, "price_min_bid": null, "min_chunk": 1, "vol_size": 100, "vol_price": 0.2 });
    done(&sim, "PUT", "/api/v0/machines/create_asks/", listed.clone()).await;
    let offers = offers_of(&sim, 7).await;
    assert_eq!((&offers[0]["num_gpus"], &offers[0]["dph_total"]), (&json!(2), &json!(1.0)));
    assert_eq!(machine(&sim, 7).await["listed_gpu_cost"], 0.5);
    // Its volumes, too.
    let search = json!({ "machine_id": { "eq": 7 } });
    let volumes = done(&sim, "POST", "/api/v0/volumes/search/", search).await;
    assert_eq!(volumes["offers"][0]["disk_space"], 100.0);
    // A second offer takes the place of the first.
    done(&sim, "PUT", "/api/v0/machines/create_asks/", json!({ "machine": 7, "price_gpu": 0.7 })).await;
    let offers = offers_of(&sim, 7).await;
    assert_eq!((offers.as_array().map(Vec::len), &offers[0]["dph_total"]), (Some(1), &json!(1.4)));
    let path = format!("/api/v0/asks/{}/", offers[0]["id"]);
    done(&sim, "PUT", &path, json!({ "image": "ubuntu" })).await;
    done(&sim, "DELETE", "/api/v0/machines/7/asks/", Value::Null).await;
    assert_eq!(offers_of(&sim, 7).await, json!([]));
    assert_eq!(machine(&sim, 7).await["listed_gpu_cost"], Value::Null);

    done(&sim, "PUT", "/api/v0/machines/7/minbid/", json!({ "client_id": "me", "price": 0.25 })).await;
    assert_eq!(machine(&sim, 7).await["min_bid_price"], 0.25);
    done(&sim, "PUT", "/api/v0/machines/7/cleanup/", json!({})).await;
    done(&sim, "PUT", "/api/v0/machines/defrag_offers/", json!({ "machine_ids": [7] })).await;
    // A GET with a body, as the official client sends it.
    let reports =
        client().get(format!("{}/api/v0/machines/7/reports/", sim.url())).bearer_auth(sim.api_key());
    assert_eq!(send(reports.json(&json!({ "machine_id": 7 }))).await.json(), json!([]));

    done(&sim, "PUT", "/api/v0/machines/create_asks/", listed).await;
    done(&sim, "POST", "/api/v0/machines/7/force_delete/", json!({})).await;
    assert_eq!(offers_of(&sim, 7).await, json!([]));
    assert_eq!(sim.remove_machine(7).unwrap_err().to_string(), "the simulator has no machine 7");
    for (method, path, body) in [
        ("GET", "/api/v0/machines/7", Value::Null),
        ("DELETE", "/api/v0/machines/7/asks/", Value::Null),
        ("PUT", "/api/v0/machines/7/minbid/", json!({ "price": 0.2 })),
        ("PUT", "/api/v0/machines/7/cleanup/", json!({})),
        ("GET", "/api/v0/machines/7/reports/", Value::Null),
        ("POST", "/api/v0/machines/7/force_delete/", json!({})),
        ("PUT", "/api/v0/machines/create_asks/", json!({ "machine": 7, "price_gpu": 0.1 })),
        ("PUT", "/api/v0/machines/defrag_offers/", json!({ "machine_ids": [7] })),
        ("POST", "/api/v0/volumes/", json!({ "machine": 7, "size": 15, "price_disk": 0.1 })),
    ] {
        let problem = refused(&sim, method, path, body, StatusCode::NOT_FOUND).await;
        assert_eq!(
            (&problem["error"], &problem["msg"]),
            (&json!("no_such_machine"), &json!("There is no machine 7."))
        );
    }
}

#[tokio::test]
async fn maintenance_is_announced_and_cancelled() {
    let sim = at_start().start().await.unwrap();
    let window = json!({ "client_id": "me", "sdate": 1_700_003_600.0, "duration": 0.5, "maintenance_category": "power" });
    done(&sim, "PUT", "/api/v0/machines/7/dnotify/", window).await;
    let announced =
        async || get(&sim, "/api/v0/machines/maintenances?owner=me&machine_ids=[7,%208]").await.json();
    let expected = json!([{
        "machine_id": 7,
        "start_time": 1_700_003_600.0,
        "end_time": 1_700_005_400.0,
        "duration_hours": 0.5,
        "maintenance_category": "power",
    }]);
    assert_eq!(announced().await, expected);
    let body = json!({ "client_id": "me", "machine_id": 7 });
    let cancelled = done(&sim, "PUT", "/api/v0/machines/7/cancel_maint/", body).await;
    assert_eq!(cancelled["msg"], "deleted 1 scheduled maintenance window(s) on machine 7");
    assert_eq!(announced().await, json!([]));
    let past = json!({ "sdate": 1_600_000_000, "duration": 1 });
    let problem = refused(&sim, "PUT", "/api/v0/machines/7/dnotify/", past, StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["msg"], "sdate is in the past.");
    let path = "/api/v0/machines/maintenances?machine_ids=7";
    refused(&sim, "GET", path, Value::Null, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn a_default_job_is_set_and_removed() {
    let sim = Simulator::start().await.unwrap();
    let job = json!({
        "machine": 7, "price_gpu": 0.2, "price_inetu": 0.1, "price_inetd": 0.1, "image": "ubuntu", "args": null,
    });
    done(&sim, "PUT", "/api/v0/machines/create_bids/", job).await;
    done(&sim, "DELETE", "/api/v0/machines/7/defjob/", Value::Null).await;
    refused(&sim, "DELETE", "/api/v0/machines/7/defjob/", Value::Null, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn machines_share_a_cluster_a_disk_and_what_is_rented_of_it() {
    let sim = at_start().start().await.unwrap();
    let cluster = json!({ "manager_id": 7, "subnet": "192.168.1.0/24" });
    done(&sim, "POST", "/api/v0/cluster/", cluster).await;
    done(&sim, "PUT", "/api/v0/cluster/", json!({ "cluster_id": 3, "machine_ids": [7, 8] })).await;
    let nodes = async || get(&sim, "/api/v0/clusters/").await.json()["clusters"]["3"]["nodes"].clone();
    let expected = json!([
        { "machine_id": 7, "is_cluster_manager": true, "local_ip": "192.168.1.1" },
        { "machine_id": 8, "is_cluster_manager": false, "local_ip": "192.168.1.2" },
    ]);
    assert_eq!(nodes().await, expected);

    let added = json!({ "machines": [7], "mount_point": "/mnt/d" });
    let disk = done(&sim, "POST", "/api/v0/network_disk/", added).await["disk_id"].clone();
    let again = json!({ "machines": [8], "mount_point": "/mnt/e", "disk_id": disk });
    assert_eq!(done(&sim, "POST", "/api/v0/network_disk/", again).await["disk_id"], disk);
    let disks = get(&sim, "/api/v0/network_disk/").await.json();
    let shown = &disks["data"][0];
    assert_eq!(
        (&shown["cluster_id"], &shown["mounts"], &shown["network_disks"][0]["network_disk_id"]),
        (&json!(3), &json!({ "7": "/mnt/d", "8": "/mnt/e" }), &disk)
    );

    let offered = json!({ "disk_id": disk, "size": 100, "price_disk": 0.15 });
    let offer = done(&sim, "POST", "/api/v0/network_volumes/", offered).await["id"].clone();
    let search =
        json!({ "disk_space": { "gte": 100 }, "order": [["score", "desc"]], "allocated_storage": 1.0 });
    let found = done(&sim, "POST", "/api/v0/network_volumes/search/", search).await;
    assert_eq!((&found["offers"][0]["id"], &found["offers"][0]["cluster_id"]), (&offer, &json!(3)));
    let rented = json!({ "id": offer, "size": 60, "name": "shared" });
    done(&sim, "PUT", "/api/v0/network_volumes/", rented.clone()).await;
    let volumes = async |kind: &str| {
        get(&sim, &format!("/api/v0/volumes?owner=me&type={kind}")).await.json()["volumes"].clone()
    };
    assert_eq!(volumes("network_volume").await[0]["label"], "shared");
    assert_eq!(volumes("local_volume").await, json!([]));
    let problem =
        refused(&sim, "PUT", "/api/v0/network_volumes/", rented.clone(), StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["msg"], format!("The offer {offer} has 40.0 GB left.").replace("40.0", "40"));
    done(&sim, "POST", "/api/v0/network_volumes/unlist/", json!({ "id": offer })).await;
    for (method, path, body) in [
        ("PUT", "/api/v0/network_volumes/", rented),
        ("POST", "/api/v0/network_volumes/unlist/", json!({ "id": offer })),
    ] {
        let problem = refused(&sim, method, path, body, StatusCode::NOT_FOUND).await;
        assert_eq!(problem["error"], "no_such_ask");
    }
    assert_eq!(volumes("all_volume").await.as_array().map(Vec::len), Some(1), "what is rented stays");

    let removed = json!({ "cluster_id": 3, "machine_id": 7, "new_manager_id": 8 });
    done(&sim, "DELETE", "/api/v0/cluster/remove_machine/", removed.clone()).await;
    assert_eq!(
        nodes().await,
        json!([{ "machine_id": 8, "is_cluster_manager": true, "local_ip": "192.168.1.2" }])
    );
    refused(&sim, "DELETE", "/api/v0/cluster/remove_machine/", removed, StatusCode::NOT_FOUND).await;
    done(&sim, "DELETE", "/api/v0/cluster/", json!({ "cluster_id": 3 })).await;
    for (method, path, body) in [
        ("DELETE", "/api/v0/cluster/", json!({ "cluster_id": 3 })),
        ("PUT", "/api/v0/cluster/", json!({ "cluster_id": 3, "machine_ids": [8] })),
        ("POST", "/api/v0/overlay/", json!({ "cluster_id": 3, "name": "net" })),
        ("POST", "/api/v0/network_disk/", json!({ "machines": [8], "mount_point": "/mnt/d", "disk_id": 99 })),
        ("POST", "/api/v0/network_volumes/", json!({ "disk_id": 99, "size": 15, "price_disk": 0.1 })),
    ] {
        refused(&sim, method, path, body, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn instances_join_a_network() {
    let sim = Simulator::start().await.unwrap();
    done(&sim, "POST", "/api/v0/cluster/", json!({ "manager_id": 7, "subnet": "192.168.1.0/24" })).await;
    let made = json!({ "cluster_id": 3, "name": "net" });
    done(&sim, "POST", "/api/v0/overlay/", made.clone()).await;
    refused(&sim, "POST", "/api/v0/overlay/", made, StatusCode::BAD_REQUEST).await;
    let joins = |instance: u64| json!({ "name": "net", "instance_id": instance });
    for _ in 0..2 {
        done(&sim, "PUT", "/api/v0/overlay/", joins(28_004_311)).await;
    }
    assert_eq!(get(&sim, "/api/v0/overlay/").await.json()[0]["instances"], json!([28_004_311]));
    refused(&sim, "PUT", "/api/v0/overlay/", joins(1), StatusCode::NOT_FOUND).await;
    done(&sim, "DELETE", "/api/v0/overlay/", json!({ "overlay_name": "net" })).await;
    refused(&sim, "DELETE", "/api/v0/overlay/", json!({ "overlay_id": 4 }), StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_volume_is_offered_rented_and_copied() {
    let sim = at_start().start().await.unwrap();
    let offered = json!({ "machine": [7, 8], "size": 50, "price_disk": 0.1 });
    let ids = done(&sim, "POST", "/api/v0/volumes/", offered).await["ids"].clone();
    done(&sim, "PUT", "/api/v0/volumes/", json!({ "id": ids[0], "size": 20, "name": "data" })).await;
    let listed = async || get(&sim, "/api/v0/volumes").await.json()["volumes"].clone();
    let volume = listed().await[0].clone();
    assert_eq!((&volume["label"], &volume["machine_id"]), (&json!("data"), &json!(7)));
    let copy = |size: Value| json!({ "src_id": volume["id"], "dst_id": ids[1], "size": size });
    let problem =
        refused(&sim, "POST", "/api/v0/volumes/copy/", copy(json!(10)), StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["msg"], format!("The volume {} has 20 GB: size is too small.", volume["id"]));
    done(&sim, "POST", "/api/v0/volumes/copy/", copy(Value::Null)).await;
    let copied = listed().await[1].clone();
    assert_eq!((&copied["disk_space"], &copied["machine_id"]), (&json!(20.0), &json!(8)));
    let unknown = json!({ "src_id": 999, "dst_id": ids[1] });
    refused(&sim, "POST", "/api/v0/volumes/copy/", unknown, StatusCode::NOT_FOUND).await;
    done(&sim, "POST", "/api/v0/volumes/unlist", json!({ "id": ids[1] })).await;
    let problem =
        refused(&sim, "POST", "/api/v0/volumes/copy/", copy(Value::Null), StatusCode::NOT_FOUND).await;
    assert_eq!(problem["error"], "no_such_ask");
    assert_eq!(sim.volume_ids().len(), 2);
}
