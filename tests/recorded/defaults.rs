//! What is sent where the caller gives nothing: what the official client sends.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};
use vastai_api::{OPERATIONS, Operation, operations};
use vastai_mock::RawResponse;
use vastai_mock::Simulator;
use vastai_mock::http::StatusCode;

use crate::support::answering;

fn done() -> RawResponse {
    RawResponse::json(StatusCode::OK, &json!({ "success": true }))
}

fn last_body(simulator: &Simulator) -> Value {
    simulator.requests().last().unwrap().json().unwrap()
}

#[test]
fn every_default_is_one_that_was_looked_at() {
    let mut list = String::new();
    for operation in OPERATIONS {
        for (parameter, default) in operation.parameters.iter().filter_map(|it| Some((it, it.default?))) {
            let _ = write!(list, "{} {} {}", operation.id, parameter.name, default.json);
            let unless = default.unless.join(" or ");
            list.push_str(&if unless.is_empty() { "\n".to_owned() } else { format!(" unless {unless}\n") });
        }
    }
    expect![[r#"
        createInstances cancel_unavail false
        createInstances disk 10.0
        createInstances runtype "ssh" unless template_hash_id or args
        createInstance cancel_unavail false
        createInstance disk 10.0
        createInstance runtype "ssh" unless template_hash_id or args or args_str or template_id
        searchOffers allocated_storage 5.0
        searchOffers external {"eq":false}
        searchOffers order [["score","desc"]]
        searchOffers rentable {"eq":true}
        searchOffers rented {"eq":false}
        searchOffers type "on-demand"
        searchOffers verified {"eq":true}
        createEndpoint cold_mult 2.5
        createEndpoint cold_workers 5
        createEndpoint max_workers 20
        createEndpoint min_cold_load 0.0
        createEndpoint min_load 0.0
        createEndpoint target_util 0.9
        takeSnapshot container_registry "docker.io"
        takeSnapshot pause "true"
        launchInstance cancel_unavail false
        launchInstance disk 16.0
        launchInstance runtype "ssh" unless template_hash_id or args
        listMachine min_chunk 1
        scheduleMaint maintenance_category "not provided"
        searchNetworkVolumes allocated_storage 1.0
        searchNetworkVolumes disk_space {"gte":1}
        searchNetworkVolumes external {"eq":false}
        searchNetworkVolumes order [["score","desc"]]
        searchNetworkVolumes verified {"eq":true}
        createTeam transfer_credit 0.0
        createTemplate extra_filters {"external":{"eq":false},"rentable":{"eq":true},"verified":{"eq":true}}
        createTemplate private true
        createTemplate readme_visible true
        createTemplate runtype "args" unless use_ssh or ssh_direct or jup_direct or use_jupyter_lab
        rentVolume size 15
        searchVolumes allocated_storage 1.0
        searchVolumes disk_space {"gte":1}
        searchVolumes external {"eq":false}
        searchVolumes order [["score","desc"]]
        searchVolumes verified {"eq":true}
        createWorkergroup search_params "verified=True rentable=True rented=False"
    "#]]
    .assert_eq(&list);
}

#[tokio::test]
async fn a_new_instance_has_the_disk_and_the_way_in_of_the_official_client() {
    let (simulator, client) = answering("/api/v0/asks/5/", done()).await;
    client.create_instance().id(5).body_map(|body| body.image("ubuntu:24.04")).send().await.unwrap();
    assert_eq!(
        last_body(&simulator),
        json!({ "image": "ubuntu:24.04", "disk": 10.0, "runtype": "ssh", "cancel_unavail": false })
    );
    client
        .create_instance()
        .id(5)
        .body_map(|body| body.template_hash_id("a1").disk(48))
        .send()
        .await
        .unwrap();
    assert_eq!(
        last_body(&simulator),
        json!({ "template_hash_id": "a1", "disk": 48.0, "cancel_unavail": false }),
        "a template says how it is reached"
    );
    client
        .create_instance()
        .id(5)
        .body_map(|body| body.template_hash_id("a1"))
        .send_as_given()
        .await
        .unwrap();
    assert_eq!(last_body(&simulator), json!({ "template_hash_id": "a1" }));
}

#[tokio::test]
async fn a_new_endpoint_keeps_no_load_ready_and_a_changed_one_keeps_what_it_has() {
    let (simulator, client) = answering("/api/v0/endptjobs/", done()).await;
    client.create_endpoint().body_map(|body| body.endpoint_name("llm").cold_workers(1)).send().await.unwrap();
    assert_eq!(
        last_body(&simulator),
        json!({
            "endpoint_name": "llm", "min_load": 0.0, "min_cold_load": 0.0, "target_util": 0.9, "cold_mult": 2.5, "cold_workers": 1, "max_workers": 20,
        })
    );
    let (simulator, client) = answering("/api/v0/endptjobs/7/", done()).await;
    client.update_endpoint().id(7).body_map(|body| body.max_workers(3)).send().await.unwrap();
    assert_eq!(last_body(&simulator), json!({ "max_workers": 3 }));
}

/// A request of a client of one's own.
fn with_defaults(operation: &Operation, url: &str, body: Option<&str>) -> (String, Option<Value>) {
    let mut request = reqwest::Request::new(reqwest::Method::POST, url.parse().unwrap());
    *request.body_mut() = body.map(|body| body.to_owned().into());
    operation.add_defaults(&mut request);
    let body = request.body().and_then(reqwest::Body::as_bytes);
    (request.url().to_string(), body.map(|body| serde_json::from_slice(body).unwrap_or_default()))
}

#[test]
fn what_is_given_stays_and_what_has_no_fields_gets_none() {
    let operation = operations::CREATE_ENDPOINT;
    let (_, body) = with_defaults(
        operation,
        "http://h/",
        Some(r#"{"min_load": null, "max_workers": 18446744073709551615}"#),
    );
    let body = body.unwrap();
    assert_eq!((&body["min_load"], &body["max_workers"]), (&Value::Null, &json!(u64::MAX)));
    assert_eq!(body["cold_workers"], 5);
    for no_object in [None, Some(""), Some("[]"), Some("no JSON")] {
        let (url, body) = with_defaults(operation, "http://h/?a=b", no_object);
        assert_eq!((url.as_str(), body.is_some()), ("http://h/?a=b", no_object.is_some()));
        assert!(body.is_none_or(|body| !body.is_object()), "{no_object:?}");
    }
    const DEFAULTS: &[vastai_api::Parameter] = &[];
    let none = Operation { parameters: DEFAULTS, ..operation.clone() };
    assert_eq!(with_defaults(&none, "http://h/", Some("{}")).1, Some(json!({})));
}

#[test]
fn null_does_not_stand_in_for_a_default() {
    let (_, body) =
        with_defaults(operations::CREATE_INSTANCE, "http://h/", Some(r#"{"template_hash_id": null}"#));
    assert_eq!(body.unwrap()["runtype"], "ssh");
}
