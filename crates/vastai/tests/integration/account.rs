//! Keys, environment variables, templates and volumes of an account, against a service that keeps its state.

use serde_json::{Value, json};
use vastai::filter::field;
use vastai::paging::Direction;
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Fault, Instance, RawResponse, Simulator};

use crate::support::client_of;

const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@laptop";
const PRIVATE: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----";

async fn empty_account() -> (Simulator, Client) {
    let simulator = Simulator::builder().empty().instance(Instance::new(1)).start().await.unwrap();
    let client = client_of(&simulator);
    (simulator, client)
}

#[tokio::test]
async fn ssh_keys_are_created_changed_and_deleted() {
    let (_simulator, client) = empty_account().await;
    assert!(client.ssh_keys().list().await.unwrap().is_empty());
    let id = client.ssh_keys().create(PUBLIC).await.unwrap().id.unwrap();
    let key = client.ssh_key(id);
    assert_eq!(key.show().await.unwrap().public_key.as_deref(), Some(PUBLIC));
    key.update("ssh-ed25519 BBBB").await.unwrap();
    let listed = tokio::spawn(client.ssh_keys().list()).await.unwrap().unwrap();
    assert_eq!((listed.len(), listed[0].public_key.as_deref()), (1, Some("ssh-ed25519 BBBB")));
    key.delete().await.unwrap();
    let error = key.show().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("getSshKeysUser")));
    assert_eq!(error.message(), format!("the account has no SSH key {id}"));
    assert_eq!(key.update(PUBLIC).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(key.delete().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_private_ssh_key_is_never_sent() {
    let (simulator, client) = empty_account().await;
    for key in [PRIVATE.to_owned(), PRIVATE.replace("OPENSSH", "RSA"), PRIVATE.to_lowercase()] {
        for error in [
            client.ssh_keys().create(key.as_str()).await.unwrap_err(),
            client.ssh_key(1).update(key.as_str()).await.unwrap_err(),
            client.instance(1).attach_ssh_key(key.as_str()).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(!format!("{error} {error:#?}").contains("c2Vj"), "{error:#?}");
        }
    }
    assert!(simulator.requests().is_empty());
    client.instance(1).attach_ssh_key(PUBLIC).await.unwrap();
}

#[tokio::test]
async fn a_created_api_key_is_shown_once_and_opens_what_it_may() {
    let (_simulator, client) = empty_account().await;
    let permissions = json!({ "api": { "instance_read": {} } });
    let created = client.api_keys().create("ci").permissions(permissions.as_object().cloned()).await.unwrap();
    let secret = created.key.clone().unwrap();
    assert!(!format!("{created:?} {created:#?}").contains(secret.expose()));
    client.with_api_key(secret.expose()).unwrap().api_keys().list().await.unwrap();
    let id = created.id.unwrap();
    assert_eq!(client.api_keys().list().await.unwrap().len(), 1);
    assert_eq!(client.api_key(id).show().await.unwrap().id, id);
    client.api_key(id).delete().await.unwrap();
    assert_eq!(client.api_key(id).show().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.api_key(id).delete().await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn environment_variables_are_secrets() {
    let (simulator, client) = empty_account().await;
    client.env_vars().create("TOKEN", "hidden-1").await.unwrap();
    let variable = client.env_var("token");
    assert_eq!(
        client.env_vars().create("TOKEN", "hidden-2").await.unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
    let listed = client.env_vars().list().await.unwrap();
    assert_eq!(listed["TOKEN"].expose(), "hidden-1");
    assert_eq!(variable.show().await.unwrap().expose(), "hidden-1");
    assert!(!format!("{listed:?} {variable:?} {:?}", client.env_vars()).contains("hidden"));
    let variable = client.env_var("TOKEN");
    variable.update("hidden-2").await.unwrap();
    assert_eq!(variable.show().await.unwrap().expose(), "hidden-2");

    let before = simulator.requests().len();
    for error in [
        variable.update("hidden 3").await.unwrap_err(),
        client.env_vars().create("1 2", "hidden-4").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(!format!("{error} {error:#?}").contains("hidden"), "{error:#?}");
    }
    assert_eq!(simulator.requests().len(), before, "neither is sent");
    variable.delete().await.unwrap();
    assert_eq!(variable.show().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(variable.delete().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn templates_go_by_an_id_that_stays_while_their_hash_changes() {
    let (simulator, client) = empty_account().await;
    let create =
        client.templates().create("vLLM", "vllm/vllm-openai").tag("latest").recommended_disk_space(40);
    let create = create.env("-p 8000:8000").use_ssh(true).docker_login_pass("hidden");
    assert!(!format!("{create:?} {create:#?}").contains("hidden"));
    let created = create.await.unwrap();
    let sent: Value = simulator.requests()[0].json().unwrap();
    assert_eq!((&sent["private"], &sent["recommended_disk_space"]), (&json!(true), &json!(40.0)));
    let template = client.template(created.id.unwrap());
    let shown = template.show().await.unwrap();
    assert_eq!((shown.name.as_deref(), &shown.hash_id), (Some("vLLM"), &created.hash_id));
    let edited = template.update().name("vLLM 2").recommended_disk_space(50.5).await.unwrap();
    assert_ne!(edited.hash_id, created.hash_id);
    let shown = template.show().await.unwrap();
    assert_eq!((shown.name.as_deref(), shown.tag.as_deref()), (Some("vLLM 2"), Some("latest")));
    assert_eq!(shown.hash_id, edited.hash_id);
    client.templates().create("other", "ubuntu").await.unwrap();
    let found = client.templates().list().filter(field("name").eq("other")).await.unwrap();
    assert_eq!(found.len(), 1);
    let before = simulator.requests().len();
    let error = client.templates().list().filter(field("nmae").eq("x")).await.unwrap_err();
    assert_eq!(error.message(), "`nmae` is not a field of templates; did you mean `name`?");
    assert_eq!((error.kind(), simulator.requests().len()), (ErrorKind::InvalidRequest, before));
    template.delete().await.unwrap();
    assert_eq!(template.update().name("x").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(template.delete().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.templates().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn volumes_are_searched_rented_and_deleted() {
    let (simulator, client) = empty_account().await;
    simulator.add_volume_offer(7, 70, 100.0, 0.2);
    simulator.add_volume_offer(8, 80, 500.0, 0.1);
    simulator.add_volume_offer(9, 90, 10.0, 0.05);
    let search = client.volumes().search().filter(field("disk_space").gte(50)).storage(50.0);
    let offers = search.clone().order_by("storage_cost", Direction::Ascending).limit(5).await.unwrap();
    assert_eq!(offers.iter().map(|offer| offer.id).collect::<Vec<_>>(), [8, 7]);
    assert_eq!(search.limit(1).await.unwrap().len(), 1);
    assert_eq!(
        client.volumes().search().unfiltered().filter(field("machine_id").eq(90)).await.unwrap().len(),
        1
    );
    let sent: Vec<Value> = simulator.requests().iter().map(|request| request.json().unwrap()).collect();
    assert_eq!(
        sent[0],
        json!({
            "verified": { "eq": true }, "external": { "eq": false }, "disk_space": { "gte": 50 },
            "order": [["storage_cost", "asc"]], "allocated_storage": 50.0, "limit": 5,
        })
    );
    assert_eq!(
        sent[2],
        json!({ "machine_id": { "eq": 90 }, "order": [["score", "desc"]], "allocated_storage": 1.0 })
    );

    let rented = client.volumes().rent(8, 400).await.unwrap();
    assert!(rented.volume_name.is_some());
    let volumes = client.volumes().list().await.unwrap();
    assert_eq!((volumes.len(), volumes[0].machine_id, volumes[0].disk_space), (1, Some(80), Some(400.0)));
    let volume = client.volume(volumes[0].id);
    assert_eq!(volume.show().await.unwrap().id, volume.id());
    assert_eq!(client.volumes().rent(8, 101).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(client.volumes().rent(99, 1).await.unwrap_err().kind(), ErrorKind::OfferGone);
    assert_eq!(simulator.volume_ids(), [100]);
    simulator.remove_volume_offer(7).unwrap();
    assert!(simulator.remove_volume_offer(7).is_err());
    assert_eq!(client.volumes().search().await.unwrap().len(), 2);
    volume.delete().await.unwrap();
    assert!(client.volumes().list().await.unwrap().is_empty());
    assert_eq!(volume.show().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(volume.delete().await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_cannot_be_a_volume_is_not_sent() {
    let (simulator, client) = empty_account().await;
    let search = || client.volumes().search();
    for (search, message) in [
        (
            search().filter(field("disk_spac").gte(1)),
            "`disk_spac` is not a field of volumes on offer; did you mean `disk_space`?",
        ),
        (search().filter(field("limit").eq(1)), "`limit` is not a field of volumes on offer"),
        (
            search().order_by("storage_cots", Direction::Ascending),
            "`storage_cots` is not a field of volumes on offer; did you mean `storage_cost`?",
        ),
        (search().limit(0), "the limit of a search for volumes is 0; it begins at 1"),
        (search().storage(f64::NAN), "the size to quote prices for is NaN GB; it has to be more than 0"),
    ] {
        let error = search.await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidRequest, message));
    }
    for (offer, gigabytes) in [(0, 1), (-1, 1), (1, 0)] {
        assert_eq!(
            client.volumes().rent(offer, gigabytes).await.unwrap_err().kind(),
            ErrorKind::InvalidRequest
        );
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_creation_whose_response_is_lost_says_how_to_look_for_it() {
    let (simulator, client) = empty_account().await;
    simulator.add_volume_offer(7, 70, 100.0, 0.2);
    let operations = ["createSshKey", "createApiKey", "createEnvVar", "createTemplate", "rentVolume"];
    for operation in operations {
        simulator.inject(operation, Fault::cut_after_effect()).unwrap();
    }
    let errors = [
        (client.ssh_keys().create(PUBLIC).await.unwrap_err(), "client.ssh_keys().list()"),
        (client.api_keys().create("x").await.unwrap_err(), "client.api_keys().list()"),
        (client.env_vars().create("X", "y").await.unwrap_err(), "client.env_vars().list()"),
        (client.templates().create("x", "y").await.unwrap_err(), "client.templates().list()"),
        (client.volumes().rent(7, 1).await.unwrap_err(), "client.volumes().list()"),
    ];
    for ((error, look), operation) in errors.iter().zip(operations) {
        assert!(error.may_have_been_done(), "{error}");
        assert!(error.to_string().contains(look), "{error}");
        assert_eq!(simulator.effects(operation).unwrap(), 1);
    }
    // One that was certainly not carried out has no such advice.
    simulator.inject("rentVolume", Fault::status(401)).unwrap();
    assert!(!client.volumes().rent(7, 1).await.unwrap_err().to_string().contains("look for it"));
}

#[tokio::test]
async fn a_response_without_its_list_is_not_an_empty_list() {
    let (simulator, client) = empty_account().await;
    for path in ["/api/v0/auth/apikeys", "/api/v0/secrets", "/api/v0/template", "/api/v0/volumes"] {
        simulator.respond_with(path, RawResponse::json(StatusCode::OK, &json!({ "success": true })));
    }
    for (error, field) in [
        (client.api_keys().list().await.unwrap_err(), "apikeys"),
        (client.env_vars().list().await.unwrap_err(), "secrets"),
        (client.templates().list().await.unwrap_err(), "templates"),
        (client.volumes().list().await.unwrap_err(), "volumes"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.message(), format!("the response has no readable `{field}`"));
    }
}
