//! Invoices and charges in pages.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use vastai_mock::{Charge, Invoice, Simulator};

use crate::client::{Response, START, at_start, client, send};

const INVOICES: &str = "/api/v1/invoices/";
const CHARGES: &str = "/api/v0/charges/";

async fn list(sim: &Simulator, path: &str, query: &[(&str, String)]) -> Response {
    send(client().get(format!("{}{path}", sim.url())).bearer_auth(sim.api_key()).query(query)).await
}

fn all_time(name: &str) -> (&'static str, String) {
    ("select_filters", json!({ name: { "gte": 0, "lte": 4e9 } }).to_string())
}

async fn filled() -> Simulator {
    let sim = at_start().empty().start().await.unwrap();
    for id in 0..250_u32 {
        let at = START + Duration::from_secs(u64::from(id));
        let service = if id % 10 == 0 { "transfer" } else { "stripe_payments" };
        sim.add_invoice(Invoice::new(id.into(), at).amount(f64::from(id)).service(service));
        sim.add_charge(Charge::new(id.into(), at).kind(if id % 10 == 0 { "volume" } else { "instance" }));
    }
    sim
}

#[tokio::test]
async fn entries_come_in_pages_the_newest_first() {
    let sim = filled().await;
    for (path, filter, usual) in [(INVOICES, "when", 60), (CHARGES, "day", 100)] {
        let (mut starts, mut sizes, mut token) = (Vec::new(), Vec::new(), None::<String>);
        loop {
            let mut query = vec![all_time(filter)];
            query.extend(token.map(|token| ("after_token", token)));
            let page = list(&sim, path, &query).await.json();
            assert_eq!((&page["success"], &page["total"]), (&json!(true), &json!(250)));
            let results = page["results"].as_array().unwrap();
            assert_eq!(page["count"], results.len());
            sizes.push(results.len());
            starts.extend(results.iter().map(|entry| entry["start"].as_f64().unwrap()));
            match page["next_token"].as_str() {
                Some(next) => token = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!((sizes[0], sizes.iter().sum::<usize>()), (usual, 250));
        assert!(starts.is_sorted_by(|one, other| one > other));
    }
}

#[tokio::test]
async fn filters_and_limits_hold() {
    let sim = filled().await;
    let from = START.as_secs();
    let found = async |path: &str, filters: Value, more: &[(&'static str, String)]| {
        let mut query = vec![("select_filters", filters.to_string())];
        query.extend_from_slice(more);
        let page = list(&sim, path, &query).await.json();
        (page["total"].as_u64().unwrap(), page["count"].as_u64().unwrap())
    };
    let range = json!({ "gte": from + 10, "lt": from + 30 });
    assert_eq!(found(INVOICES, json!({ "when": range }), &[]).await, (20, 20));
    let transfers = json!({ "when": range, "service": { "eq": "transfer" } });
    assert_eq!(found(INVOICES, transfers, &[]).await, (2, 2));
    let volumes = json!({ "day": { "gt": from, "lte": from + 30 }, "type": { "in": ["volume"] } });
    assert_eq!(found(CHARGES, volumes, &[]).await, (3, 3));
    let all = json!({ "day": { "gte": 0, "lte": 4e9 } });
    assert_eq!(found(CHARGES, all.clone(), &[("limit", "500".into())]).await, (250, 100));
    let query =
        [("select_filters", all.to_string()), ("latest_first", "false".into()), ("limit", "1".into())];
    let oldest = list(&sim, CHARGES, &query).await.json();
    assert_eq!(oldest["results"][0]["start"], from);
}

#[tokio::test]
async fn both_ends_of_the_range_are_needed() {
    let sim = filled().await;
    for filters in ["{}", r#"{"when":{"gte":1}}"#, r#"{"when":{"gte":"a","lt":2}}"#, "when", "[]"] {
        let response = list(&sim, INVOICES, &[("select_filters", filters.into())]).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{filters}");
        assert_eq!(response.json()["error"], "invalid_args");
    }
    assert_eq!(list(&sim, INVOICES, &[]).await.status, StatusCode::BAD_REQUEST);
    let token = list(&sim, INVOICES, &[all_time("when"), ("after_token", "5".into())]).await;
    assert_eq!((token.status, &token.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_token")));
}
