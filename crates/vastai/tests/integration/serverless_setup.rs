//! Endpoints and workergroups as their owner creates, changes and deletes them.

use serde_json::{Value, json};
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Fault, RawResponse, Simulator, Worker};

use crate::support::client_of;

async fn empty_account() -> (Simulator, Client) {
    let simulator = Simulator::builder().empty().start().await.unwrap();
    let client = client_of(&simulator);
    (simulator, client)
}

#[tokio::test]
async fn an_endpoint_is_created_with_the_defaults_of_the_official_command_line() {
    let (simulator, client) = empty_account().await;
    let endpoint = client.create_endpoint("embeddings").await.unwrap();
    let other = client.create_endpoint("other").min_load(1.5).target_util(0.5).cold_mult(3).cold_workers(1);
    other.max_workers(Some(4)).send().await.unwrap();
    let sent: Vec<Value> = simulator.requests().iter().map(|request| request.json().unwrap()).collect();
    assert_eq!(
        sent,
        [
            json!({
                "endpoint_name": "embeddings", "min_cold_load": 0.0, "min_load": 0.0, "target_util": 0.9, "cold_mult": 2.5, "cold_workers": 5,
                "max_workers": 20,
            }),
            json!({
                "endpoint_name": "other", "min_cold_load": 0.0, "min_load": 1.5, "target_util": 0.5, "cold_mult": 3.0, "cold_workers": 1,
                "max_workers": 4,
            }),
        ]
    );
    let shown = endpoint.show().await.unwrap();
    assert_eq!(
        (shown.id, shown.endpoint_name.as_deref()),
        (endpoint.id().await.unwrap(), Some("embeddings"))
    );
    assert_eq!((shown.min_load, shown.max_workers), (Some(0.0), Some(20)));
    assert!(!format!("{shown:?}").contains("mock-endpoint-key"), "{shown:?}");
    assert_eq!(client.endpoints().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_endpoint_is_changed_and_deleted_by_its_id_and_by_its_name() {
    let (simulator, client) = empty_account().await;
    let by_id = client.create_endpoint("old").await.unwrap();
    let id = by_id.id().await.unwrap();
    assert_eq!(client.endpoint_named("old").id().await.unwrap(), id);
    by_id.update().endpoint_name("new").max_workers(3).await.unwrap();
    let sent: Value = simulator.requests().last().unwrap().json().unwrap();
    assert_eq!(sent, json!({ "endpoint_name": "new", "max_workers": 3 }), "what is not set is not sent");
    // A name that was known before is not known any more.
    assert_eq!(client.endpoint_named("old").id().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.endpoint_named("old").show().await.unwrap_err().kind(), ErrorKind::NotFound);
    let by_name = client.endpoint_named("new");
    by_name.update().min_load(2).await.unwrap();
    assert_eq!(by_name.show().await.unwrap().min_load, Some(2.0));
    by_name.delete().await.unwrap();
    assert!(client.endpoints().list().await.unwrap().is_empty());
    let again = client.create_endpoint("new").await.unwrap().id().await.unwrap();
    assert_ne!(again, id);
    assert_eq!(by_name.id().await.unwrap(), again, "the deleted endpoint is not meant any more");
    assert_eq!(by_id.delete().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_workergroup_is_created_changed_and_deleted() {
    let (simulator, client) = empty_account().await;
    let endpoint = client.create_endpoint("e").await.unwrap();
    let id = endpoint.id().await.unwrap();
    let group = endpoint.create_workergroup().template_hash("h").max_workers(1).gpu_ram(48).await.unwrap();
    let sent: Value = simulator.requests().last().unwrap().json().unwrap();
    let expected = json!({
        "endpoint_id": id, "template_hash": "h", "max_workers": 1, "gpu_ram": 48.0,
        "search_params": "verified=True rentable=True rented=False",
    });
    assert_eq!(sent, expected);
    let named =
        client.endpoint_named("e").create_workergroup().search_params("gpu_name=RTX_4090").await.unwrap();
    let sent: Value = simulator.requests().last().unwrap().json().unwrap();
    assert_eq!(sent, json!({ "endpoint_name": "e", "search_params": "gpu_name=RTX_4090" }));
    let third = client.create_workergroup(id).template_id(7).await.unwrap();
    assert_eq!(client.workergroups().list().await.unwrap().len(), 3);

    group.update().gpu_ram(80).launch_args("--disk 40").await.unwrap();
    let shown = group.show().await.unwrap();
    assert_eq!((shown.gpu_ram, shown.launch_args.as_deref()), (Some(80.0), Some("--disk 40")));
    assert_eq!((shown.endpoint_id, shown.template_hash.as_deref()), (Some(id), Some("h")));

    simulator.add_worker(u64::try_from(group.id()).unwrap(), Worker::new(5)).unwrap();
    assert_eq!(group.delete().await.unwrap().deleted_workers, Some(vec![5]));
    assert_eq!(
        group.show().await.unwrap_err().message(),
        format!("the account has no workergroup {}", group.id())
    );
    assert!(named.show().await.is_ok() && third.show().await.is_ok());
    let error = client.create_workergroup(id + 99).template_hash("h").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn what_may_have_been_created_and_what_has_no_id_is_an_error_that_says_so() {
    let (simulator, client) = empty_account().await;
    simulator.inject("createEndpoint", Fault::cut_after_effect()).unwrap();
    let error = client.create_endpoint("e").await.unwrap_err();
    assert!(error.may_have_been_done() && error.to_string().contains("endpoint_named(\"e\")"), "{error}");
    assert!(client.endpoint_named("e").show().await.is_ok());
    simulator.inject("createWorkergroup", Fault::cut_after_effect()).unwrap();
    let error = client.endpoint_named("e").create_workergroup().template_hash("h").await.unwrap_err();
    assert!(
        error.may_have_been_done() && error.to_string().contains("client.workergroups().list()"),
        "{error}"
    );
    for operation in ["createEndpoint", "createWorkergroup"] {
        assert_eq!(simulator.effects(operation).unwrap(), 1);
    }

    simulator
        .respond_with("/api/v0/endptjobs", RawResponse::json(StatusCode::OK, &json!({ "success": true })));
    for error in
        [client.create_endpoint("f").await.unwrap_err(), client.endpoints().list().await.unwrap_err()]
    {
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    }
}
