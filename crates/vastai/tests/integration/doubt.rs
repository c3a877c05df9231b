//! What is known of a creation whose response is neither a success nor a refusal, and of a deletion that is sent again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vastai::retry::RetryPolicy;
use vastai::{Client, Error, ErrorKind};
use vastai_api::{Method, OPERATIONS, types};
use vastai_mock::http::StatusCode;
use vastai_mock::http::header::{HeaderValue, LOCATION};
use vastai_mock::{Fault, RawResponse, Simulator};

use crate::connections::{request, server};
use crate::support::{builder, client_of};

const BARE: &str = "/api/v0/asks/7";
const PATH: &str = "/api/v0/asks/7/";

/// A client that tries again soon.
fn insistent(url: &str) -> Client {
    let soon = Duration::from_millis(1);
    builder(url, url, "a-key").retry(RetryPolicy::default().backoff(soon, soon)).build().unwrap()
}

/// Rents in one of the two ways to call.
async fn rent(client: &Client, generated: bool) -> Result<(), Error> {
    if generated {
        let create = client.api().create_instance().id(7);
        create.body_map(|body| body.image("x".to_owned())).send().await?;
    } else {
        let call = client.call(Client::operation("createInstance")?).set("id", 7)?;
        call.set("image", "x")?.send().await?;
    }
    Ok(())
}

fn assert_doubt(error: &Error, case: &str) {
    assert!(error.may_have_been_done() && !error.is_retryable(), "{case}: {error:?}");
    let said = error.to_string();
    assert!(
        said.ends_with(
            "; it may have been done all the same, so look with showInstances before you repeat it"
        ),
        "{case}: {said}"
    );
}

/// A server that answers each request with these bytes.
async fn answering(answer: impl Into<String>) -> (String, Arc<AtomicUsize>) {
    let answer: Arc<str> = answer.into().into();
    server(move |mut connection: TcpStream, requests| {
        let answer = answer.clone();
        async move {
            while request(&mut connection, &requests).await {
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await
}

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

#[tokio::test]
async fn a_creation_is_sent_again_at_four_redirects_to_its_own_place_alone() {
    for status in [301, 302, 307, 308] {
        let simulator = Simulator::start().await.unwrap();
        simulator.redirect(PATH, StatusCode::from_u16(status).unwrap(), BARE).unwrap();
        rent(&client_of(&simulator), true).await.unwrap();
        let requests = simulator.requests();
        let sent: Vec<_> =
            requests.iter().map(|request| (request.method().as_str(), request.path())).collect();
        assert_eq!(sent, [("PUT", PATH), ("PUT", BARE)], "{status}");
        assert_eq!(requests[0].json().unwrap(), requests[1].json().unwrap());
        assert_eq!(simulator.machines_rented(), 1);
    }
}

#[tokio::test]
async fn any_other_redirect_of_a_creation_leaves_it_in_doubt() {
    let elsewhere = [
        "/api/v0/asks/7///",
        "/api/v0/asks/7?x=1",
        "/login",
        "/api/v0/instances/9",
        "http://127.0.0.2:1/api/v0/asks/7/",
    ];
    let same = [300, 303, 304, 305, 306, 309, 310, 399].map(|status| (status, BARE));
    let other =
        [301, 302, 303, 307, 308].into_iter().flat_map(|status| elsewhere.map(|place| (status, place)));
    for (number, (status, place)) in same.into_iter().chain(other).enumerate() {
        let (url, requests) = answering(redirect(status, place)).await;
        let error = rent(&insistent(&url), number % 2 == 0).await.unwrap_err();
        let case = format!("{status} to {place}");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status)), "{case}");
        assert_eq!(requests.load(Ordering::SeqCst), 1, "{case}");
        assert_doubt(&error, &case);
        assert_eq!(error.message().contains("it has done what was asked"), status == 303, "{error}");
    }
    for status in [301, 302, 303, 307, 308] {
        let (url, requests) =
            answering(format!("HTTP/1.1 {status} Nowhere\r\ncontent-length: 0\r\n\r\n")).await;
        let error = rent(&insistent(&url), true).await.unwrap_err();
        assert_eq!(requests.load(Ordering::SeqCst), 1);
        assert_doubt(&error, "nowhere");
    }
    // A circle ends after its first turn.
    let simulator = Simulator::start().await.unwrap();
    simulator.redirect(PATH, StatusCode::FOUND, BARE).unwrap();
    simulator.redirect(BARE, StatusCode::FOUND, PATH).unwrap();
    let error = rent(&client_of(&simulator), true).await.unwrap_err();
    assert_eq!(simulator.requests().len(), 2);
    assert_doubt(&error, "a circle");
}

#[tokio::test]
async fn an_exchange_that_ends_without_a_response_leaves_a_creation_in_doubt() {
    for (answer, attempts) in [
        ("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n", 1),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", 1),
        ("HTTP/1.1 600 Unknown\r\ncontent-length: 2\r\n\r\n{}", 1),
        ("HTTP/1.1 999 Unknown\r\ncontent-length: 0\r\n\r\n", 1),
        ("HTTP/1.1 408 Timeout\r\ncontent-length: 0\r\n\r\n", 1),
        ("HTTP/1.1 503 Limited\r\ncontent-length: 31\r\n\r\n{\"error\":\"rate_limit_exceeded\"} ", 1),
        ("nonsense\r\n\r\n", 1),
    ] {
        let (url, requests) = answering(answer).await;
        let error = rent(&insistent(&url), true).await.unwrap_err();
        assert_eq!((requests.load(Ordering::SeqCst), error.attempts()), (attempts, 1), "{answer}");
        assert_doubt(&error, answer);
    }
    // Information on the way is not an end.
    let done = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n\
                HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{\"success\":true}";
    let (url, _) = answering(done).await;
    rent(&insistent(&url), true).await.unwrap();
}

const UNASKED: &str = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
const OTHERS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{\"results\": [9]}";
const OWN: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{\"success\": true, \"new_contract\": 12345} ";

#[tokio::test]
async fn a_response_that_was_left_on_a_connection_is_not_that_of_a_creation() {
    for unasked in
        [UNASKED, OTHERS, "HTTP/1.1 303 See Other\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", "garbage"]
    {
        // Each connection gives one response too many: with the first, or a moment later.
        for at_once in [true, false] {
            let (url, requests) = server(move |mut connection: TcpStream, requests| async move {
                while request(&mut connection, &requests).await {
                    let mut answer = OWN.to_owned();
                    if at_once {
                        answer.push_str(unasked);
                    }
                    connection.write_all(answer.as_bytes()).await.unwrap();
                    if !at_once {
                        tokio::task::yield_now().await;
                        // Where the client has closed it, all the better.
                        let _ = connection.write_all(unasked.as_bytes()).await;
                    }
                }
            })
            .await;
            let client = insistent(&url);
            for call in 1..=10 {
                let _ = client.api().show_instances().send().await;
                let before = requests.load(Ordering::SeqCst);
                let call_rent =
                    client.call(Client::operation("createInstance").unwrap()).set("id", 7).unwrap();
                let answer = call_rent.set("image", "x").unwrap().send().await.unwrap();
                assert_eq!(answer.json().unwrap()["new_contract"], 12345, "{unasked} {call}");
                assert_eq!((answer.attempts(), requests.load(Ordering::SeqCst) - before), (1, 1));
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_writes_before_the_request_leaves_a_creation_in_doubt() {
    for unasked in [UNASKED, OTHERS, OWN] {
        let (url, _) = server(move |mut connection: TcpStream, _| async move {
            connection.write_all(unasked.as_bytes()).await.unwrap();
            let mut rest = Vec::new();
            let _ = connection.read_to_end(&mut rest).await;
        })
        .await;
        let error = rent(&insistent(&url), true).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, 1), "{error:?}");
        assert!(error.message().contains("a response that nobody had asked for"), "{error}");
        assert_doubt(&error, unasked);
    }
}

#[tokio::test]
async fn a_read_on_a_kept_connection_does_not_get_the_response_of_another() {
    // The unasked response is there before the next call begins, as the runtime had no time to notice it.
    let (sent, was_sent) = std::sync::mpsc::channel();
    let (url, requests) = server(move |mut connection: TcpStream, requests| {
        let sent = sent.clone();
        async move {
            while request(&mut connection, &requests).await {
                let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{\"results\": []}";
                connection.write_all(answer.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
                let _ = connection.write_all(OTHERS.as_bytes()).await;
                sent.send(()).unwrap();
            }
        }
    })
    .await;
    let client = insistent(&url);
    for count in 1..=10 {
        let call = client.call(Client::operation("showEndpoints").unwrap());
        assert_eq!(call.send().await.unwrap().json().unwrap(), json!({ "results": [] }), "{count}");
        while was_sent.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        assert_eq!(requests.load(Ordering::SeqCst), count);
    }
}

#[tokio::test]
async fn an_offer_that_was_taken_is_not_in_doubt_and_not_tried_again() {
    for status in [404, 410, 400] {
        let simulator = Simulator::start().await.unwrap();
        let body = json!({ "success": false, "error": "no_such_ask", "msg": "offer 7 is not to be had" });
        simulator.respond_with(PATH, RawResponse::json(StatusCode::from_u16(status).unwrap(), &body));
        let error = rent(&client_of(&simulator), status == 404).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::OfferGone, Some("no_such_ask")));
        assert_eq!(
            error.to_string(),
            format!(
                "createInstance: offer gone: offer 7 is not to be had (no_such_ask) (status {status}); somebody else has taken the offer: \
                 search again, and take another"
            )
        );
        assert!(!error.may_have_been_done() && !error.is_retryable());
        assert_eq!(simulator.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_start_that_is_queued_is_said_to_come_and_to_be_billed() {
    let simulator = Simulator::start().await.unwrap();
    let words = "Required resources are currently unavailable, state change queued.";
    let body = json!({ "success": false, "error": "resources_unavailable", "msg": words });
    simulator.respond_with("/api/v0/instances/1", RawResponse::json(StatusCode::OK, &body));
    let call = client_of(&simulator);
    let call = call.call(Client::operation("manageInstance").unwrap());
    let error = call.set("id", 1).unwrap().set("state", "running").unwrap().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Queued);
    assert!(error.may_have_been_done() && !error.is_retryable());
    let said = error.to_string();
    for part in ["queued", "it is not refused", "it will be done later", "billed from then on", "`stopped`"] {
        assert!(said.contains(part), "{said}");
    }
}

/// The deletions by an id, with values for what they take.
fn deletions() -> impl Iterator<Item = &'static vastai_api::Operation> {
    OPERATIONS.iter().filter(|operation| operation.method == Method::Delete && operation.repeatable)
}

async fn deleted(
    client: &Client,
    operation: &'static vastai_api::Operation,
) -> vastai::Result<serde_json::Value> {
    let mut call = client.call(operation);
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        call = call.set(parameter.name, 7).or_else(|_| client.call(operation).set(parameter.name, "7"))?;
    }
    call.send().await?.json()
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_finds_nothing_when_it_is_sent_again_has_succeeded() {
    assert!(deletions().count() >= 10);
    let missing = || {
        RawResponse::json(
            StatusCode::NOT_FOUND,
            &json!({ "success": false, "error": "not_found", "msg": "No such thing" }),
        )
    };
    for operation in deletions() {
        for first in [
            Fault::status(502),
            Fault::status(504),
            Fault::cut_before_effect(),
            Fault::response(RawResponse::html(StatusCode::OK, "<html>")),
        ] {
            let simulator = Simulator::start_on_thread().unwrap();
            let client = crate::clock::Clock::default().client(builder(
                simulator.url(),
                simulator.url(),
                simulator.api_key(),
            ));
            simulator.inject(operation.id, first.clone()).unwrap();
            simulator.inject(operation.id, Fault::response(missing())).unwrap();
            let said = deleted(&client, operation)
                .await
                .unwrap_or_else(|error| panic!("{} {first}: {error}", operation.id));
            assert!(said.to_string().contains("it was gone already"), "{said}");
            assert_eq!(simulator.request_count(), 2);

            // At the first attempt it is what it says; so after a rate limit, which did nothing.
            simulator.inject(operation.id, Fault::response(missing())).unwrap();
            let error = deleted(&client, operation).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 1), "{}", operation.id);
            simulator.inject(operation.id, Fault::status(429)).unwrap();
            simulator.inject(operation.id, Fault::response(missing())).unwrap();
            assert_eq!(deleted(&client, operation).await.unwrap_err().kind(), ErrorKind::NotFound);

            // A gateway that knows no such path says nothing of the thing.
            simulator.inject(operation.id, first).unwrap();
            simulator.inject(operation.id, Fault::html(404)).unwrap();
            assert_eq!(deleted(&client, operation).await.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_generated_client_reads_a_deletion_that_was_done_before() {
    let simulator = Simulator::start_on_thread().unwrap();
    let client =
        crate::clock::Clock::default().client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    let twice = |operation: &str| {
        simulator.inject(operation, Fault::cut_before_effect()).unwrap();
        simulator.inject(operation, Fault::status(404)).unwrap();
    };
    let api = client.api();
    twice("destroyInstance");
    assert_eq!(api.destroy_instance().id(7).send().await.unwrap().success, Some(true));
    twice("deleteApiKey");
    assert!(api.delete_api_key().id(7).send().await.unwrap().contains("gone already"));
    twice("deleteVolume");
    api.delete_volume().id(7).send().await.unwrap();
    twice("detachSshKey");
    api.detach_ssh_key().id(7).ssh_key_id(8).send().await.unwrap();
    twice("deleteSshKey");
    api.delete_ssh_key().id(7).send().await.unwrap();
    twice("deleteNotificationWebhook");
    api.delete_notification_webhook().id(7).send().await.unwrap();
    twice("removeTeamMember");
    api.remove_team_member().id(7).send().await.unwrap();
    twice("deleteWorkergroup");
    api.delete_workergroup().id(7).send().await.unwrap();
    twice("deleteEndpoint");
    api.delete_endpoint().id(7).send().await.unwrap();
    twice("deleteTemplate");
    api.delete_template().body_map(|body| body.template_id(7)).send().await.unwrap();
    twice("destroyInstances");
    api.destroy_instances().body_map(|body| body.instance_ids([7])).send().await.unwrap();
    twice("deleteScheduledJob");
    api.delete_scheduled_job().id(7).send().await.unwrap();
    twice("deleteDeployment");
    api.delete_deployment().id(7).send().await.unwrap();
    twice("deleteCluster");
    api.delete_cluster().body_map(|body| body.cluster_id(7)).send().await.unwrap();
    twice("removeMachineFromCluster");
    let body = types::RemoveMachineFromClusterRequest::builder().cluster_id(7).machine_id(8);
    api.remove_machine_from_cluster().body(body).send().await.unwrap();
    assert_eq!(deletions().count(), 15, "each of them stands here");
}

#[tokio::test]
async fn a_creation_that_is_redirected_to_a_location_with_a_key_shows_none() {
    let simulator = Simulator::start().await.unwrap();
    let answer = RawResponse::empty(StatusCode::SEE_OTHER)
        .header(LOCATION, HeaderValue::from_static("/api/v0/instances/1?api_key=planted"));
    simulator.respond_with(PATH, answer);
    let error = rent(&client_of(&simulator), true).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    assert!(error.message().contains("/api/v0/instances/1"), "{error}");
}
