//! The generated client behind the facade.

use serde_json::json;
use vastai::ErrorKind;
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator, WorkersShape};

use crate::support::client_of;

#[tokio::test]
async fn a_generated_call_is_typed_and_its_errors_convert() -> vastai::Result<()> {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let endpoints = client.api().show_endpoints().send().await?;
    let endpoint = &endpoints.results.as_ref().unwrap()[0];
    assert_eq!(endpoint.endpoint_name.as_deref(), Some("vLLM-Qwen3-8B"));
    assert!(
        endpoint.created_at.unwrap().seconds() > 0.0,
        "the wire sends a number where the document says a text"
    );
    Ok(())
}

#[tokio::test]
async fn the_generated_workers_know_every_shape_of_success() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let ask = || client.api().get_endpoint_workers().body_map(|body| body.id(12345)).send();
    for shape in [None, Some(WorkersShape::Object)] {
        shape.into_iter().for_each(|shape| simulator.set_workers_shape(shape));
        assert_eq!(ask().await.unwrap().into_inner().workers.unwrap().len(), 5);
    }
    simulator.set_workers_shape(WorkersShape::Text("no".into()));
    let error = ask().await.unwrap_err();
    assert_eq!((error.kind(), error.message(), error.status()), (ErrorKind::Refused, "no", Some(200)));
}

#[tokio::test]
async fn a_body_that_is_required_is_sent_where_no_field_is_given() -> vastai::Result<()> {
    let client = vastai::Client::builder().api_key("key").build()?;
    let body = |id: &str| {
        let operation = vastai::Client::operation(id)?;
        let mut call = client.call(operation);
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            call = call.set(parameter.name, 1)?;
        }
        let request = call.request()?;
        let body = request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec);
        vastai::Result::Ok((operation.body_required, body.map(|body| String::from_utf8(body).unwrap())))
    };
    // It has no fields at all; all of its fields may be left out; and a body that is not required goes along where there could be fields.
    assert_eq!(body("cleanupMachine")?, (true, Some("{}".to_owned())));
    assert_eq!(body("updateNotificationWebhook")?, (true, Some("{}".to_owned())));
    assert_eq!(body("updateEndpoint")?, (false, Some("{}".to_owned())));
    assert_eq!(body("showInstance")?, (false, None));
    Ok(())
}

#[tokio::test]
async fn a_documentation_default_is_never_sent() {
    let simulator = Simulator::start().await.unwrap();
    let error = client_of(&simulator).api().get_endpoint_workers().send().await.unwrap_err();
    let error = error;
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().contains("id"), "{error}");
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn limits_hold_before_anything_is_sent() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let body = client.api().get_endpoint_workers().body_map(|body| body.id(0)).send().await.unwrap_err();
    assert_eq!(body.to_string(), "getEndpointWorkers: invalid request: `id` must be at least 1");
    let query = client.api().show_instances().limit(26).send().await.unwrap_err();
    assert_eq!(query.to_string(), "showInstances: invalid request: `limit` must be at most 25");
    let by_name = client.call(vastai::Client::operation("showInstances").unwrap()).set("limit", 26).unwrap();
    let by_name = by_name.send().await.unwrap_err();
    assert_eq!(by_name.to_string(), "showInstances: invalid request: `limit` must be at most 25");
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn fields_that_the_document_does_not_know_are_kept() {
    let simulator = Simulator::start().await.unwrap();
    let body = json!({ "success": true, "results": [{ "id": 1, "brand_new": { "a": [1] }, "endpoint_name": null }], "more": 1 });
    simulator.respond_with("/api/v0/endptjobs", RawResponse::json(StatusCode::OK, &body));
    let answer = client_of(&simulator).api().show_endpoints().send().await.unwrap();
    assert_eq!(answer.extra["more"], 1);
    assert_eq!(answer.results.as_ref().unwrap()[0].extra["brand_new"], json!({ "a": [1] }));
    assert_eq!(
        serde_json::to_value(answer.into_inner()).unwrap()["results"][0]["brand_new"],
        json!({ "a": [1] })
    );
}

#[tokio::test]
async fn an_undecodable_response_of_a_generated_call_is_a_decode_error() {
    let simulator = Simulator::start().await.unwrap();
    simulator.respond_with("/api/v0/endptjobs", RawResponse::html(StatusCode::OK, "<html>"));
    let error = client_of(&simulator).api().show_endpoints().send().await.unwrap_err();
    assert_eq!((error.kind(), error.body_start()), (ErrorKind::Decode, Some("<html>")));

    // In an object a value of another type is kept; a list that is the whole response has no place for it.
    let wrong = json!([{ "id": 1 }, "x"]);
    simulator.respond_with("/api/v0/team/roles-full", RawResponse::json(StatusCode::OK, &wrong));
    let error = client_of(&simulator).api().show_team_roles().send().await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Decode, Some(200), 1));
    assert_eq!(error.json_path(), Some("[1]"), "{error}");
    assert!(
        error.to_string().starts_with(
            "showTeamRoles: undecodable response: at `[1]`: an object is expected here, and this is a string"
        ),
        "{error}"
    );
    assert!(error.body_start().unwrap().starts_with(r#"[{"id":1},"#), "{error:?}");
}

#[tokio::test]
async fn without_the_facade_failures_are_typed_too() {
    let simulator = Simulator::start().await.unwrap();
    let http = vastai_api::http_client_builder().build().unwrap();
    let bare =
        vastai_api::Client::new_with_client(simulator.url(), http, vastai_api::SharedTransport::default());
    simulator
        .respond_with("/api/v0/endptjobs", RawResponse::html(StatusCode::BAD_GATEWAY, "<html>502</html>"));
    let error = bare.show_endpoints().send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(502)));
    assert_eq!(error.service_error().and_then(|said| said.text.as_deref()), Some("<html>502</html>"));
    simulator.clear_responses("/api/v0/endptjobs");
    let unauthorized = bare.show_endpoints().send().await.unwrap_err();
    assert_eq!(unauthorized.kind(), ErrorKind::Unauthorized, "no key was sent");
}
