//! Secrets of the service that this client never knew, such as an endpoint's key, in responses that it cannot read.

use serde_json::json;
use vastai::ErrorKind;
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};

use crate::support::client_of;

#[tokio::test]
async fn no_error_shows_what_is_secret_by_its_name() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    for (answer, kind) in [
        (json!([{ "api_key": "hunter2" }, 7]).to_string(), ErrorKind::Decode),
        (json!([{ "api_key": { "hunter2": "hunter2" } }, []]).to_string(), ErrorKind::Decode),
        (r#"[{"api_key": "hunter2", "#.to_owned(), ErrorKind::Decode),
        (json!({ "success": false, "api_key": "hunter2" }).to_string(), ErrorKind::Refused),
        (json!({ "success": false, "msg": "try ?token=hunter2" }).to_string(), ErrorKind::Refused),
    ] {
        simulator.respond_with(
            "/api/v0/team/roles-full",
            RawResponse::new(StatusCode::OK, "application/json".parse().unwrap(), answer),
        );
        let error = client.api().show_team_roles().send().await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let shown = format!("{error} {error:?} {:?} {:?}", error.body_start(), error.message());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("[redacted]"), "{shown}");
    }
    let given = client.call(vastai::Client::operation("showInstance").unwrap());
    let error = given.set("id", simulator.api_key()).unwrap_err();
    assert_eq!(error.message(), "`id` takes a whole number, not \"[redacted]\"");
}
