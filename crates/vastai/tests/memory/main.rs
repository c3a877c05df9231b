//! What the responses of a hostile service or worker take of memory, counted by the allocator.
//!
//! A binary of its own with one test in it: what is counted is what the whole process has allocated.

#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

mod server;

use std::time::Duration;

use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use vastai::retry::RetryPolicy;
use vastai::serverless::WorkerRequest;
use vastai::{Client, Error, ErrorKind};

use server::{Body, ENDLESS, ENDPOINT_KEY, body, server};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const LIMIT: usize = 300_000_000;
const JSON: &str = "200 OK\r\ncontent-type: application/json";

fn client(url: &str) -> Client {
    let builder = Client::builder().api_key("a-key-of-the-account").console_url(url).run_url(url);
    // A debug build decodes slowly.
    builder.retry(RetryPolicy::never()).timeout(Duration::from_secs(300)).build().unwrap()
}

fn worker_request(client: &Client) -> WorkerRequest {
    client.endpoint_named("e").request("/x", json!({})).endpoint_key(ENDPOINT_KEY)
}

/// Does something, and checks how much memory it took beyond what there was before.
async fn measured<T>(what: &str, action: impl Future<Output = T>) -> T {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = action.await;
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(taken < LIMIT, "{what} took {} MB", taken / 1_000_000);
    result
}

/// All that an error says of itself, which must be what a person reads.
fn check(what: &str, error: &Error) {
    let mut texts =
        vec![error.to_string(), format!("{error:?}"), format!("{error:#?}"), error.message().to_owned()];
    texts.extend(error.code().map(str::to_owned));
    texts.extend(error.json_path().map(str::to_owned));
    texts.extend(error.body_start().map(str::to_owned));
    let sources = std::iter::successors(std::error::Error::source(error), |source| source.source());
    texts.extend(sources.flat_map(|source| [source.to_string(), format!("{source:?}")]));
    for text in texts {
        assert!(text.len() <= 6_000, "{what}: {} bytes: {:.200}", text.len(), text);
    }
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    /// Typed, as a value, and by a view.
    Few,
    /// By everything that makes lists of objects.
    All,
}

/// Asks the service, and gives the errors. A debug build decodes some megabytes in a second, so not every response is asked for in every way.
async fn ask(what: &str, url: &str, asked: Asked) -> Vec<Error> {
    let client = client(url);
    let api = client.api();
    let mut errors = Vec::new();
    let mut note = |outcome: Result<(), Error>| errors.extend(outcome.err());
    let typed = measured(what, async { api.show_instances().send().await.map(drop) }).await;
    note(typed);
    let operation = Client::operation("showEndpoints").unwrap();
    let value = measured(what, async { client.call(operation).send().await?.json().map(drop) }).await;
    note(value);
    note(measured(what, async { client.endpoint(1).workers().await.map(drop) }).await);
    if asked == Asked::All {
        let typed = measured(what, async { api.show_instance().id(1).send().await.map(drop) }).await;
        note(typed);
        let typed = measured(what, async { api.search_offers().send().await.map(drop) }).await;
        note(typed);
        let typed = measured(what, async { api.show_endpoints().send().await.map(drop) }).await;
        note(typed);
        note(measured(what, async { client.endpoint(1).logs().await.map(drop) }).await);
        note(measured(what, async { client.instance(1).show().await.map(drop) }).await);
        note(measured(what, async { client.offers().send().await.map(drop) }).await);
        note(measured(what, async { client.instances().pages().next().await.transpose().map(drop) }).await);
    }
    for error in &errors {
        check(what, error);
    }
    errors
}

/// Asks a worker.
async fn ask_worker(what: &str, url: &str, asked: Asked) -> Vec<Error> {
    let client = client(url);
    let mut errors = Vec::new();
    let mut note = |outcome: Result<(), Error>| errors.extend(outcome.err());
    let request = worker_request(&client);
    note(measured(what, async { request.send().await?.json::<Value>().await.map(drop) }).await);
    if asked == Asked::All {
        note(measured(what, async { request.send().await?.text().await.map(drop) }).await);
        let events = measured(what, async {
            let mut events = request.send().await?.events();
            while let Some(event) = events.next().await {
                drop(event?.json::<Value>());
            }
            Ok(())
        });
        note(events.await);
    }
    for error in &errors {
        check(what, error);
    }
    errors
}

fn of_the_limit(error: &Error) -> bool {
    error.kind() == ErrorKind::Decode && error.message().contains("the limit for responses")
}

/// Responses that are small on the wire and large in memory, and such as have no end.
fn attacks() -> Vec<(&'static str, Body, bool)> {
    let many_keys: String = (0..900_000).map(|index| format!("\"{index:x}\":0,")).collect();
    let brackets = |bracket: &str| bracket.repeat(100);
    vec![
        ("an answer without end", body("{\"results\": \"", "x", ENDLESS, ""), true),
        ("spaces without end", body("", " ", ENDLESS, ""), true),
        ("empty instances", body("{\"instances\":[{}", ",{}", 1_400_000, "]}"), true),
        ("empty offers", body("{\"offers\":[{}", ", { }", 1_400_000, "]}"), true),
        ("empty endpoints", body("{\"success\":true,\"results\":[{}", ",{}", 1_400_000, "]}"), true),
        ("no instances", body("{\"instances\":[null", ",null", 1_400_000, "]}"), true),
        ("a list of empty workers", body("[{}", ",{}", 2_000_000, "]"), true),
        ("workers with an id", body("[{\"id\":1}", ",{\"id\":1}", 1_000_000, "]"), true),
        ("numbers", body("{\"results\":[0", ",0", 8_000_000, "]}"), true),
        ("lists of lists", body("{\"results\":[[]", ",[]", 5_000_000, "]}"), true),
        ("lists of one", body("{\"results\":[[0]", ",[0]", 3_000_000, "]}"), true),
        ("small objects", body("{\"results\":[{\"a\":0}", ",{\"a\":0}", 3_000_000, "]}"), true),
        ("objects in objects", body("{\"x\":[0", ",{\"a\":{\"a\":{\"a\":{}}}}", 1_000_000, "]}"), true),
        ("a long number", body("{\"results\":", "9", 8_000_000, "}"), false),
        ("a long fraction", body("{\"results\":0.", "1", 8_000_000, "}"), false),
        (
            "deep lists",
            body(format!("{{\"results\":{}0", brackets("[")), ",0", 1_000_000, brackets("]") + "}"),
            false,
        ),
        ("very deep lists", body("{\"results\":", "[", 1_000_000, ""), false),
        ("escapes", body("{\"results\":[\"", "\\u0001", 5_000_000, "\"]}"), false),
        ("many members", body(format!("{{\"results\":[{{{many_keys}\"z\":0}}]}}"), "", 0, ""), false),
        ("a text for a list", body("{\"results\": \"", "k", 8_000_000, "\"}"), false),
        ("an id that is a text", body("[{\"id\": \"", "9", 8_000_000, "\"}]"), false),
        ("an instance that is a text", body("{\"instances\": [\"", "9", 8_000_000, "\"]}"), false),
        (
            "a failure with a long code",
            body("{\"success\": false, \"error\": \"", "e", 8_000_000, "\"}"),
            false,
        ),
        (
            "a failure with long words",
            body("{\"success\": false, \"msg\": \"", "api_key", 1_000_000, "\"}"),
            false,
        ),
        (
            "a failure with many members",
            body("{\"success\": false, \"x\": [0", ",{\"token\":\"", 1_000_000, "\"]}"),
            false,
        ),
        ("a long page token", body("{\"instances\": [], \"next_token\": \"", "e", 8_000_000, "\"}"), false),
    ]
}

#[tokio::test]
async fn no_response_takes_more_than_a_limit_of_memory() {
    for (what, answer, is_refused) in attacks() {
        let url = server(JSON, answer).await;
        let asked = if what.starts_with("empty") { Asked::All } else { Asked::Few };
        let errors = ask(what, &url, asked).await;
        let errors_of_workers = ask_worker(what, &url, asked).await;
        if is_refused {
            let refused = errors.iter().chain(&errors_of_workers).filter(|error| of_the_limit(error)).count();
            assert!(refused > 0, "{what}: {errors:?} {errors_of_workers:?}");
        }
    }
    // What a response calls itself decides nothing.
    for head in
        ["200 OK\r\ncontent-type: text/event-stream", "200 OK\r\ncontent-type: application/octet-stream"]
    {
        let url = server(head, body("", ": \n", ENDLESS, "")).await;
        let client = client(&url);
        let error = measured(head, async { client.api().show_endpoints().send().await.unwrap_err() }).await;
        assert!(of_the_limit(&error), "{head}");
    }
    // Failures are read to a part only.
    for head in ["500 Oh", "404 Not Found"] {
        let url = server(head, body("{\"msg\": \"", "api_key", ENDLESS, "\"}")).await;
        let errors =
            [ask("a failure", &url, Asked::All).await, ask_worker("a failure", &url, Asked::All).await]
                .concat();
        assert_eq!(errors.len(), 13);
        assert!(errors.iter().all(|error| error.message().contains("(cut; ")), "{errors:?}");
    }
    // An id is not copied for each event behind it.
    let id = format!("id: {}\n", "i".repeat(2 * 1024 * 1024));
    let url = server("200 OK\r\ncontent-type: text/event-stream", body(id, "data: y\n\n", 1_000, "")).await;
    let client_of_events = client(&url);
    let events = measured("an id", async {
        let mut events = worker_request(&client_of_events).send().await.unwrap().events();
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            seen.push(event.unwrap());
        }
        seen
    });
    assert_eq!(events.await.len(), 1_000);

    // Real answers, as large as they may be, are read.
    let member = |index: usize| format!("\"gpu_display_{index}\": \"NVIDIA RTX 4090\",");
    let members: String = (0..95).map(member).collect();
    let ports = r#""ports": {"22/tcp": [{"HostIp": "0.0.0.0", "HostPort": "33526"}, {"HostIp": "::", "HostPort": "33526"}]}"#;
    let instance = format!("{{{members}{ports}, \"label\": \"a trainer\", \"id\": 1234567}}");
    let count = 31 * 1024 * 1024 / (instance.len() + 1);
    let page = body(format!("{{\"instances\":[{instance}"), format!(",{instance}"), count, "]}");
    let url = server(JSON, page).await;
    let client = client(&url);
    let typed = measured("a large page", async { client.api().show_instances().send().await.unwrap() }).await;
    assert_eq!(typed.instances.as_ref().map(Vec::len), Some(count + 1));
    drop(typed);
    let operation = Client::operation("showInstances").unwrap();
    let value =
        measured("a large page", async { client.call(operation).send().await.unwrap().json().unwrap() });
    assert_eq!(value.await["instances"].as_array().map(Vec::len), Some(count + 1));
}
