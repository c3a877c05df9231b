//! What is sent where the service takes another request than the document says.

use serde_json::{Value, json};
use vastai_api::types::{SearchOffersRequest, SearchVolumesRequest};
use vastai_api::{ErrorKind, Operation};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, RecordedRequest, Simulator};

use crate::support::answering;

fn done() -> RawResponse {
    RawResponse::json(StatusCode::OK, &json!({ "success": true }))
}

fn only(simulator: &Simulator) -> RecordedRequest {
    let requests = simulator.requests();
    assert_eq!(requests.len(), 1);
    requests.into_iter().next().unwrap()
}

fn query(request: &RecordedRequest) -> Vec<(String, String)> {
    request.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn the_environment_of_a_new_instance_is_an_object_of_strings() {
    let (simulator, client) = answering("/api/v0/asks/5", done()).await;
    let env =
        [("MODEL", "llama"), ("-p 8080:8080", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let call = client.create_instance().id(5).body_map(|body| {
        body.image("vastai/base-image".to_owned()).env(std::collections::BTreeMap::from(env))
    });
    call.send().await.unwrap();
    let body = only(&simulator).json().unwrap();
    assert_eq!(body["env"], json!({ "MODEL": "llama", "-p 8080:8080": "1" }));
}

#[tokio::test]
async fn texts_of_a_new_instance_have_the_limits_that_the_service_names() {
    let (simulator, client) = answering("/api/v0/asks/5", done()).await;
    let text = |length: usize| "é".repeat(length);
    type Body = vastai_api::types::builder::CreateInstanceRequest;
    type Set<'a> = &'a dyn Fn(Body, usize) -> Body;
    let rent = async |change: &dyn Fn(Body) -> Body| {
        client.create_instance().id(5).body_map(|body| change(body.image("u".to_owned()))).send().await
    };
    let texts: [(&str, usize, Set<'_>); 4] = [
        ("image", 1_024, &|body, length| body.image(text(length))),
        ("onstart", 16_384, &|body, length| body.onstart(text(length))),
        ("args[]", 16_384, &|body, length| body.args(vec![text(length)])),
        ("label", 256, &|body, length| body.label(text(length))),
    ];
    for (name, longest, set) in texts {
        rent(&|body| set(body, longest)).await.unwrap();
        let refused = rent(&|body| set(body, longest + 1)).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.operation()),
            (ErrorKind::InvalidRequest, Some("createInstance"))
        );
        assert_eq!(refused.message(), format!("`{name}` must be at most {longest} characters"));
    }
    assert_eq!(simulator.requests().len(), texts.len(), "what is refused is not sent");
}

#[tokio::test]
async fn a_volume_and_an_invitation_travel_in_the_query() {
    let (simulator, client) = answering("/api/v0/volumes", done()).await;
    client.delete_volume().id(100).send().await.unwrap();
    let request = only(&simulator);
    assert_eq!((query(&request), request.body()), (pairs(&[("id", "100")]), &b""[..]));
    let (simulator, client) = answering("/api/v0/team/invite", done()).await;
    client.invite_team_member().email("a+b@example.com").role("developer").send().await.unwrap();
    let request = only(&simulator);
    assert_eq!(query(&request), pairs(&[("email", "a+b@example.com"), ("role", "developer")]));
    assert_eq!(request.body(), b"");
}

#[tokio::test]
async fn what_deletes_an_endpoint_or_a_workergroup_has_no_body() {
    let (simulator, client) = answering("/api/v0/endptjobs/12345", done()).await;
    client.delete_endpoint().id(12345).send().await.unwrap();
    assert_eq!((only(&simulator).method().as_str(), only(&simulator).body()), ("DELETE", &b""[..]));
    let (simulator, client) = answering("/api/v0/workergroups/4242", done()).await;
    client.delete_workergroup().id(4242).send().await.unwrap();
    assert_eq!((only(&simulator).method().as_str(), only(&simulator).body()), ("DELETE", &b""[..]));
}

#[test]
fn the_key_is_not_a_parameter_of_an_operation() {
    for operation in vastai_api::OPERATIONS {
        let keys = operation.parameters.iter();
        let keys = keys.filter(|parameter| parameter.name.eq_ignore_ascii_case("authorization"));
        assert_eq!(keys.count(), 0, "{}", operation.id);
    }
}

#[tokio::test]
async fn filters_travel_as_json_in_a_string() {
    let (simulator, client) = answering("/api/v0/benchmarks", done()).await;
    client.search_benchmarks().select_filters(r#"{"num_gpus":{"eq":1}}"#).send().await.unwrap();
    assert_eq!(query(&only(&simulator)), pairs(&[("select_filters", r#"{"num_gpus":{"eq":1}}"#)]));
    let (simulator, client) = answering("/api/v0/volumes/search", done()).await;
    client.search_volumes().q(r#"{"limit":3}"#).send().await.unwrap();
    assert_eq!(query(&only(&simulator)), pairs(&[("q", r#"{"limit":3}"#)]));
    let (simulator, client) = answering("/api/v1/invoices", done()).await;
    client.show_invoices().select_filters("{}").latest_first(true).after_token("t").send().await.unwrap();
    let sent = query(&only(&simulator));
    assert!(sent.contains(&("latest_first".to_owned(), "true".to_owned())), "{sent:?}");
    assert!(sent.contains(&("after_token".to_owned(), "t".to_owned())), "{sent:?}");
}

#[tokio::test]
async fn a_search_takes_what_the_official_clients_send() {
    let sent: Value = json!({
        "type": "on-demand", "gpu_name": { "eq": "RTX 4090" }, "num_gpus": { "gte": 2 }, "verified": { "neq": false },
        "geolocation": { "notin": ["CN"] }, "hosting_type": { "eq": 1 }, "dph_total": { "lte": 0.5 }, "order": [["score", "desc"]],
        "limit": 3, "allocated_storage": 5.0
    });
    let (simulator, client) = answering("/api/v0/bundles", done()).await;
    let body: SearchOffersRequest = serde_json::from_value(sent.clone()).unwrap();
    client.search_offers().body(body).send_as_given().await.unwrap();
    assert_eq!(crate::losses::losses(&sent, &only(&simulator).json().unwrap()), Vec::<String>::new());
    let sent = json!({ "disk_space": { "gte": 50 }, "order": [["storage_cost", "asc"]], "limit": 3, "allocated_storage": 1.0 });
    let (simulator, client) = answering("/api/v0/volumes/search", done()).await;
    let body: SearchVolumesRequest = serde_json::from_value(sent.clone()).unwrap();
    client.search_volumes().body(body).send_as_given().await.unwrap();
    assert_eq!(crate::losses::losses(&sent, &only(&simulator).json().unwrap()), Vec::<String>::new());
}

#[tokio::test]
async fn logs_go_by_id_or_name_and_a_tail_may_be_everything() {
    let (simulator, client) = answering("/get_endpoint_logs", done()).await;
    client.get_endpoint_logs().body_map(|body| body.id(12345).tail(-1)).send().await.unwrap();
    assert_eq!(only(&simulator).json().unwrap(), json!({ "id": 12345, "tail": -1 }));
    let (simulator, client) = answering("/get_endpoint_logs", done()).await;
    client.get_endpoint_logs().body_map(|body| body.endpoint("vLLM".to_owned())).send().await.unwrap();
    assert_eq!(only(&simulator).json().unwrap(), json!({ "endpoint": "vLLM" }));
    let (simulator, client) = answering("/get_workergroup_logs", done()).await;
    client.get_workergroup_logs().body_map(|body| body.id(4242).tail(-1)).send().await.unwrap();
    assert_eq!(only(&simulator).json().unwrap(), json!({ "id": 4242, "tail": -1 }));
}

#[tokio::test]
async fn a_role_is_updated_by_its_id_and_else_goes_by_its_name() {
    let (simulator, client) =
        answering("/api/v0/team/roles/7/", RawResponse::json(StatusCode::OK, &json!("updated"))).await;
    let permissions = serde_json::Map::from_iter([("api".to_owned(), json!({ "misc": {} }))]);
    let call =
        client.update_team_role().name(7).body_map(|body| body.name("developer").permissions(permissions));
    assert_eq!(call.send().await.unwrap().into_inner(), "updated");
    assert_eq!(only(&simulator).path(), "/api/v0/team/roles/7/");
    let role = json!({ "id": 7, "name": "developer" });
    let (simulator, client) =
        answering("/api/v0/team/roles/developer", RawResponse::json(StatusCode::OK, &role)).await;
    client.show_team_role().name("developer").send().await.unwrap();
    assert_eq!(only(&simulator).path(), "/api/v0/team/roles/developer/");
    let (simulator, client) = answering(
        "/api/v0/team/roles/developer",
        RawResponse::json(StatusCode::OK, &json!({ "status": "success" })),
    )
    .await;
    client.remove_team_role().name("developer").send().await.unwrap();
    assert_eq!(only(&simulator).path(), "/api/v0/team/roles/developer/");
}

#[test]
fn what_a_second_request_would_do_again_is_not_sent_again() {
    let never = vastai_api::OPERATIONS.iter().filter(|operation| !operation.repeatable);
    let mut never: Vec<&str> = never.map(|operation| operation.id).collect();
    never.sort_unstable();
    let expected = [
        "addNetworkDisk",
        "attachSshKey",
        "cancelMaint",
        "cancelRemoteRsync",
        "cancelSync",
        "cleanupMachine",
        "cloneVolume",
        "cloudCopy",
        "createApiKey",
        "createCluster",
        "createDeployment",
        "createEndpoint",
        "createEnvVar",
        "createInstance",
        "createInstances",
        "createNetworkVolume",
        "createNotificationWebhook",
        "createOverlay",
        "createScheduledJob",
        "createSshKey",
        "createSubaccount",
        "createTeam",
        "createTeamRole",
        "createTemplate",
        "createWorkergroup",
        "deleteDeployments",
        "deleteOverlay",
        "deleteUserSecret",
        "destroyTeam",
        "editTemplate",
        "execute",
        "initiateRemoteRsync",
        "inviteTeamMember",
        "launchInstance",
        "listMachine",
        "offerNetworkVolume",
        "offerVolume",
        "prepayInstance",
        "rebootInstance",
        "recycleInstance",
        "removeDefjob",
        "removeTeamRole",
        "rentVolume",
        "resetApiKey",
        "rotateNotificationWebhookSecret",
        "route",
        "scheduleMaint",
        "setDefjob",
        "startDeployment",
        "startRsync",
        "takeSnapshot",
        "testNotificationWebhook",
        "tfaActivate",
        "tfaAuthNew",
        "tfaConfirmAuthNew",
        "tfaDelete",
        "tfaLogin",
        "tfaRegenCodes",
        "tfaResendSms",
        "tfaSendEmail",
        "tfaSendSms",
        "tfaTotpSetup",
        "transferCredit",
        "unlistMachine",
        "unlistNetworkVolume",
        "unlistVolume",
        "updateTemplate",
        "updateWorkers",
    ];
    assert_eq!(never, expected);
    assert!(Operation::by_id("destroyInstance").unwrap().repeatable);
}

#[tokio::test]
async fn machines_and_earnings_are_those_of_the_key() {
    let (simulator, client) = answering("/api/v0/machines", done()).await;
    client.get_machines().send().await.unwrap();
    assert_eq!(query(&only(&simulator)), pairs(&[]));
    let (simulator, client) = answering("/api/v0/machines", done()).await;
    client.get_machines().owner("me").send().await.unwrap();
    assert_eq!(query(&only(&simulator)), pairs(&[("owner", "me")]));
    let (simulator, client) = answering("/api/v0/users/me/machine-earnings", done()).await;
    client.show_earnings().user_id("me").send().await.unwrap();
    assert_eq!(only(&simulator).path(), "/api/v0/users/me/machine-earnings");
}

#[tokio::test]
async fn how_an_instance_is_launched_is_an_open_set() {
    for runtype in [
        "ssh_direc ssh_proxy",
        "jupyter_direc ssh_direc ssh_proxy",
        "jupyter_proxy ssh_proxy",
        "ssh_direc",
        "args",
    ] {
        let (simulator, client) = answering("/api/v0/asks/5", done()).await;
        let call = client
            .create_instance()
            .id(5)
            .body_map(|body| body.image("u".to_owned()).runtype(runtype.to_owned()));
        call.send().await.unwrap();
        assert_eq!(only(&simulator).json().unwrap()["runtype"], runtype);
    }
}

#[tokio::test]
async fn a_role_may_use_groups_that_the_document_does_not_name() {
    let (simulator, client) = answering("/api/v0/team/roles/", done()).await;
    let permissions =
        json!({ "api": { "user_read": {}, "billing_read": {}, "misc": { "constraints": { "id": 7 } } } });
    let body = json!({ "name": "reader", "permissions": permissions });
    let role: vastai_api::types::CreateTeamRoleRequest = serde_json::from_value(body.clone()).unwrap();
    client.create_team_role().body(role).send().await.unwrap();
    assert_eq!(only(&simulator).json().unwrap(), body);
}
