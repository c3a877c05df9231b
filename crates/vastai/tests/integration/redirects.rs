//! Redirects are not followed, but for a slash.

use serde_json::json;
use vastai::ErrorKind;
use vastai_mock::Simulator;
use vastai_mock::http::StatusCode;

use crate::support::client_of;

#[tokio::test]
async fn a_missing_slash_repeats_the_same_method_and_body() {
    for status in [301, 302, 307, 308] {
        let simulator = Simulator::start().await.unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        simulator.redirect("/get_endpoint_workers/", status, "/get_endpoint_workers").unwrap();
        let workers = client_of(&simulator).endpoint(12345).workers().await.unwrap();
        assert_eq!(workers.len(), 5);
        let requests = simulator.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!((requests[1].method().as_str(), requests[1].path()), ("POST", "/get_endpoint_workers"));
        assert_eq!(requests[1].json().unwrap(), json!({ "id": 12345 }));
        assert_eq!(requests[1].bearer(), Some(simulator.api_key()));
    }
}

#[tokio::test]
async fn a_console_path_without_its_slash_arrives() {
    let simulator = Simulator::builder().console_slash_redirects(true).start().await.unwrap();
    let client = client_of(&simulator);
    client.api().list_volumes().owner("me").send().await.unwrap();
    let last = simulator.requests().pop().unwrap();
    assert_eq!((last.path(), last.query()), ("/api/v0/volumes/", Some("owner=me")));
}

#[tokio::test]
async fn the_key_never_follows_to_another_origin() {
    let other = Simulator::start().await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let simulator = Simulator::start().await.unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        let location = format!("{}/get_endpoint_workers/?secret=1", other.url());
        simulator.redirect("/get_endpoint_workers/", status, &location).unwrap();
        let error = client_of(&simulator).endpoint(12345).workers().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status.as_u16())));
        assert!(error.message().contains(other.url()), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn another_path_and_a_circle_are_refused() {
    let simulator = Simulator::start().await.unwrap();
    simulator.redirect("/get_endpoint_workers/", StatusCode::FOUND, "/login").unwrap();
    let error = client_of(&simulator).endpoint(12345).workers().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(simulator.requests().len(), 1);

    let circle = Simulator::start().await.unwrap();
    circle.redirect("/get_endpoint_workers/", StatusCode::FOUND, "/get_endpoint_workers").unwrap();
    circle.redirect("/get_endpoint_workers", StatusCode::FOUND, "/get_endpoint_workers/").unwrap();
    let error = client_of(&circle).endpoint(12345).workers().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(circle.requests().len(), 2);
}

#[tokio::test]
async fn an_http_client_that_follows_redirects_is_found_out() {
    let simulator = Simulator::start().await.unwrap();
    simulator.redirect("/api/v0/endptjobs/", StatusCode::FOUND, "/api/v0/endptjobs").unwrap();
    let http =
        vastai_api::http_client_builder().redirect(reqwest::redirect::Policy::limited(3)).build().unwrap();
    let client = vastai::Client::builder()
        .api_key(simulator.api_key())
        .console_url(simulator.url())
        .run_url(simulator.url())
        .http_client(http)
        .build()
        .unwrap();
    let error = client.api().show_endpoints().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(error.message().contains("http_client_builder"), "{error}");
}
