//! Fields that official clients read and the document lacks: each is there, of its type, and nothing is left over.

use serde_json::{Value, json};
use vastai_api::types;

/// Decodes a value, and tells which of its fields the type has no place for.
macro_rules! left_over {
    ($kind:ident, $value:expr) => {{
        let decoded: types::$kind = serde_json::from_value($value).unwrap();
        let names: Vec<String> = decoded.extra.keys().cloned().collect();
        (stringify!($kind), names)
    }};
}

fn machine() -> Value {
    json!({
        "id": 7, "name": "rig-1", "num_gpus": 8, "gpu_name": "RTX 4090", "disk_space": 812.5, "hostname": "rig-1",
        "driver_version": "570.86.15", "reliability2": 0.998, "verification": "verified", "public_ipaddr": "203.0.113.7",
        "geolocation": "Sweden, SE", "num_reports": 0, "listed_gpu_cost": 0.35, "min_bid_price": 0.1,
        "credit_discount_max": 0.2, "listed_inet_up_cost": 0.003, "listed_inet_down_cost": 0.003, "gpu_occupancy": "DDxx"
    })
}

#[test]
fn what_official_clients_read_has_a_place() {
    let instance = json!({
        "id": 28_004_311, "inet_up": 812.5, "inet_down": 901.0, "internet_up_cost_per_tb": 3.5, "start_date": 1_784_700_000.25,
        "end_date": 1_784_800_000, "disk_util": 12.5, "template_name": "vLLM", "uptime_mins": 12.5
    });
    let offer = json!({
        "id": 5, "discounted_dph_total": 0.31, "verified": true, "vericode": 3, "error_description": "no ports", "gpu_total_ram": 98304
    });
    let user = json!({
        "id": 1, "credit": 12.5, "billaddress_line1": "1 Street", "billaddress_line2": "", "billaddress_city": "Malmö",
        "billaddress_zip": "211 20", "billaddress_country": "SE", "paypal_email": "bob@example.com", "last4": "4242",
        "billed_expected": 1.5, "billed_verified": "1.5", "paid_expected": 0, "paid_verified": 0.0, "billing_creditonly": 1,
        "got_signup_credit": false, "password_resettable": true, "user": "bob"
    });
    let subaccount = json!({
        "id": 2, "username": "kid", "fullname": "A Kid", "email": "kid@example.com", "balance": 0.5, "credit": 1,
        "created_at": 1_784_700_000.5
    });
    let endpoint = json!({
        "id": 1, "endpoint_state": "suspended", "min_cold_load": 2.5, "max_queue_time": 30.5, "target_queue_time": 10,
        "inactivity_timeout": 600
    });
    let metrics = json!({ "gpu_name": "H100", "total": 9, "available": 4, "unavailable": 1 });
    let place =
        json!({ "gpu_name": "H100", "city": "Malmö", "num_gpus": 8, "state": "available", "latitude": 55.6 });
    let rented =
        json!({ "success": true, "new_contract": 9, "instance_api_key": "a-key", "ask_id": 5, "msg": "ok" });
    let rsync = json!({ "success": true, "msg": "ok", "src_addr": "203.0.113.7", "src_port": 2222, "dst_addr": null, "dst_port": null });
    let left = [
        left_over!(Machine, machine()),
        left_over!(Instance, instance),
        left_over!(Offer, offer),
        left_over!(User, user),
        left_over!(Subaccount, subaccount),
        left_over!(ServerlessEndpoint, endpoint),
        left_over!(GpuMetrics, metrics),
        left_over!(GpuLocation, place),
        left_over!(ShowGpuMetricsResponse, json!({ "success": true, "needs_machine": true, "gpus": [] })),
        left_over!(ShowGpuTrendsResponse, json!({ "success": true, "needs_machine": true, "gpus": {} })),
        left_over!(
            ShowGpuLocationsResponse,
            json!({ "success": true, "needs_machine": true, "locations": [] })
        ),
        left_over!(CreateInstanceResponse, rented),
        left_over!(StartRsyncResponse, rsync),
        left_over!(Template, json!({ "id": 77, "hash_id": "beef01", "extra_filters": "{}" })),
        left_over!(PrepayInstanceResponse, json!({ "success": false, "msg": "no credit" })),
        left_over!(SuccessResponse, json!({ "success": true, "msg": "done" })),
    ];
    for (kind, names) in left {
        assert!(names.is_empty(), "{kind}: {names:?}");
    }
}

#[test]
fn a_machine_is_one_type_in_the_list_and_alone() {
    let list: types::GetMachinesResponse =
        serde_json::from_value(json!({ "machines": [machine()] })).unwrap();
    let machine: &types::Machine = &list.machines.as_deref().unwrap()[0];
    assert_eq!((machine.id, machine.gpu_occupancy.as_deref()), (7, Some("DDxx")));
}
