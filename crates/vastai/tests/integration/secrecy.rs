//! What is not shown of requests, of a key and of a signature, whoever repeats them; and that nothing on this machine is asked by a proxy.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use vastai::{Client, Error, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Endpoint, RawResponse, Simulator, Worker, Workergroup};

use crate::support::{builder, client};

const SECRET: &str = "s3cret-0f-the-caller";

#[tokio::test]
async fn debug_of_a_call_shows_names_and_places_and_no_values() {
    let client = client("http://localhost:1", "http://localhost:1", "a-key");
    let env = json!({ "HF_TOKEN": SECRET, "PLAIN": SECRET });
    let call = client.call(Client::operation("createInstance").unwrap());
    let call = call.set("id", 7).unwrap().set("env", env).unwrap().set("image_login", SECRET).unwrap();
    let call = call.set_field("onstart", format!("export TOKEN={SECRET}")).set_field("unlisted", SECRET);
    for shown in [format!("{call:?}"), format!("{call:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
        for name in [
            "createInstance",
            "id in the path",
            "env in the body",
            "onstart in the body",
            "unlisted in the body",
        ] {
            assert!(shown.contains(name), "{name}: {shown}");
        }
    }
}

#[tokio::test]
async fn debug_of_generated_requests_shows_names_and_no_values() {
    let client = client("http://localhost:1", "http://localhost:1", "a-key");
    let api = client.api();
    let environment: std::collections::BTreeMap<String, String> =
        [("PLAIN".to_owned(), SECRET.to_owned())].into();
    let rent =
        api.create_instance().id(7).body_map(|body| body.env(environment.clone()).onstart(SECRET.to_owned()));
    let user = api.set_user().body_map(|body| body.username(SECRET.to_owned()));
    let variable = api.create_env_var().body_map(|body| body.key("NAME".to_owned()).value(SECRET.to_owned()));
    let built = vastai_api::types::CreateInstanceRequest::default();
    let mut filled = built.clone();
    (filled.env, filled.onstart, filled.args_str) =
        (Some(environment), Some(SECRET.to_owned()), Some(SECRET.to_owned()));
    let texts = [
        format!("{rent:?} {rent:#?}"),
        format!("{user:?}"),
        format!("{variable:?}"),
        format!("{filled:?} {filled:#?}"),
    ];
    for text in &texts {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(
        texts[0].contains("CreateInstance { id: _, body: CreateInstanceRequest { env: _, onstart: _ } }"),
        "{}",
        texts[0]
    );
    assert!(texts[3].contains("CreateInstanceRequest { args_str: _, env: _, onstart: _ }"), "{}", texts[3]);
    assert_eq!(format!("{built:?}"), "CreateInstanceRequest");
}

#[tokio::test]
async fn debug_of_requests_to_workers_shows_no_payload() {
    let client = client("http://localhost:1", "http://localhost:1", "a-key");
    let request = client.endpoint(7).request("/x", json!({ "prompt": SECRET }));
    let session =
        client.endpoint(7).session().on_close(format!("https://x.example/?{SECRET}"), json!({ "a": SECRET }));
    let shown = format!("{request:?} {request:#?} {session:?} {session:#?}");
    assert!(!shown.contains(SECRET) && shown.contains("/x"), "{shown}");
}

/// All that an error shows.
fn shown(error: &Error) -> String {
    let sources = std::iter::successors(std::error::Error::source(error), |source| source.source());
    let sources: Vec<String> = sources.map(|source| format!("{source} {source:?}")).collect();
    format!("{error} {error:?} {error:#?} {:?} {:?} {}", error.code(), error.body_start(), sources.join(" "))
}

#[tokio::test]
async fn a_key_that_is_repeated_in_another_spelling_is_hidden() {
    let key = "5ecre7c0ffee";
    let simulator = Simulator::builder().api_key(key).start().await.unwrap();
    let client = client(simulator.url(), simulator.url(), key);
    for repeated in [
        "5ECRE7C0FFEE",
        "NWVjcmU3YzBmZmVl",
        "Basic dXNlcjo1ZWNyZTdjMGZmZWU=",
        "35656372653763306666 6565",
        "356563726537633066666565",
        "3565637265376330666665 65",
        "35 65 63 72 65 37 63 30 66 66 65 65",
        "%35%65%63%72%65%37%63%30%66%66%65%65",
        "%35ecre%37c0ffee",
        "\\u0035\\u0065cre7c0ffee",
        "&#53;&#x65;cre7c0ffee",
        "5ecre7c0",
    ] {
        let words = format!("you sent {repeated}");
        for answer in [
            RawResponse::text(StatusCode::BAD_REQUEST, words.as_str()),
            RawResponse::json(
                StatusCode::BAD_REQUEST,
                &json!({ "success": false, "error": repeated, "msg": words }),
            ),
            RawResponse::json(StatusCode::OK, &json!({ "success": false, "error": repeated, "msg": words })),
            RawResponse::html(StatusCode::OK, words.as_str()),
            RawResponse::json(StatusCode::OK, &json!([words])),
        ] {
            simulator.respond_with("/get_endpoint_workers/", answer);
            let error = client.endpoint(1).workers().await.unwrap_err();
            let seen = shown(&error);
            assert!(!seen.contains(repeated) && seen.contains("[redacted]"), "{repeated}: {seen}");
        }
    }
}

/// A server that is engine and worker at once, and the worker refuses in these words.
async fn refusing_worker(words: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = url.clone();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 64 * 1024];
            let read = connection.read(&mut request).await.unwrap_or(0);
            let (status, body) = if request[..read].windows(7).any(|part| part == b"/route/") {
                let assigned =
                    json!({ "url": own, "signature": "the-signature", "reqnum": 1, "request_idx": 1 });
                ("200 OK", assigned.to_string())
            } else if request[..read].windows(15).any(|part| part == b"/session/create") {
                ("200 OK", json!({ "session_id": "the-id-of-the-session" }).to_string())
            } else {
                ("400 Bad", words.clone())
            };
            let head =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = connection.write_all((head + &body).as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_worker_that_repeats_its_request_shows_neither_signature_nor_keys() {
    for words in [
        "signature=the-signature; key=the-endpoint-key; account=the-key-of-the-account",
        "got the-signature and the-endpoint-key and the-key-of-the-account and the-id-of-the-session",
        "THE-SIGNATURE the-endpoi THE-KEY-OF-THE-ACCOUNT",
        "dGhlLXNpZ25hdHVyZQ== dGhlLWVuZHBvaW50LWtleQ==",
        r#"{"auth_data": {"signature": "the-signature"}, "detail": "the-endpoint-key"}"#,
    ] {
        let url = refusing_worker(words.to_owned()).await;
        let client = client(&url, &url, "the-key-of-the-account");
        let endpoint = client.endpoint_named("e");
        let request = endpoint.request("/x", json!({})).endpoint_key("the-endpoint-key");
        let seen = shown(&request.send().await.unwrap_err());
        for secret in ["the-signature", "the-endpoi", "the-key-of", "dGhlLXNp", "dGhlLWVu"] {
            assert!(!seen.to_ascii_lowercase().contains(&secret.to_ascii_lowercase()), "{secret}: {seen}");
        }
        assert!(seen.contains("[redacted]"), "{seen}");
    }
}

#[tokio::test]
async fn a_response_of_a_worker_that_cannot_be_read_shows_no_signature() {
    let (simulator, worker) = account().await;
    let client = client(simulator.url(), simulator.url(), simulator.api_key());
    let request = client.endpoint(7).request("/x", json!({}));
    let answer = request.send().await.unwrap();
    let signature = answer.assignment().auth_data()["signature"].as_str().unwrap().to_owned();
    drop(answer);
    // The next assignment has a signature of its own, so the worker repeats a key that is known to both.
    worker.reply_with(vastai_mock::WorkerReply::Json(
        json!({ "text": [simulator.api_key(), { "signature": signature }] }),
    ));
    let error = request.send().await.unwrap().json::<Vec<u8>>().await.unwrap_err();
    let seen = shown(&error);
    assert!(!seen.contains(simulator.api_key()) && !seen.contains(&signature), "{seen}");
}

async fn account() -> (Simulator, vastai_mock::ServedWorker) {
    let group = Workergroup::new(70).worker(Worker::new(1));
    let endpoint = Endpoint::new(7, "seven").api_key("the-endpoint-key").workergroup(group);
    let simulator = Simulator::builder()
        .empty()
        .api_key("the-key-of-the-account")
        .endpoint(endpoint)
        .start()
        .await
        .unwrap();
    let worker = simulator.serve_worker(1).unwrap();
    (simulator, worker)
}

#[tokio::test]
async fn every_request_says_who_it_is() {
    let (simulator, worker) = account().await;
    let version = concat!("vastai-rs/", env!("CARGO_PKG_VERSION"));
    let own = reqwest::Client::builder().no_proxy().user_agent("theirs").build();
    for (set, given, sent) in [
        (None, None, version),
        (Some("mine/1.0"), None, "mine/1.0"),
        (Some("mine/2.0"), own.ok(), "mine/2.0"),
    ] {
        let mut builder = builder(simulator.url(), simulator.url(), simulator.api_key());
        if let Some(user_agent) = set {
            builder = builder.user_agent(user_agent);
        }
        if let Some(http) = given {
            builder = builder.http_client(http);
        }
        let client = builder.build().unwrap();
        client.endpoint(7).workers().await.unwrap();
        client.api().show_endpoints().send().await.unwrap();
        client.endpoint(7).request("/x", json!({})).send().await.unwrap();
        let requests = simulator.requests().into_iter().chain(worker.requests());
        for request in
            requests.filter(|request| request.headers().get("user-agent").is_none_or(|it| it != "seen"))
        {
            let user_agent = request.headers().get("user-agent").unwrap().to_str().unwrap().to_owned();
            assert!(["mine/1.0", "mine/2.0", version].contains(&&*user_agent), "{user_agent}");
        }
        let last = simulator.requests().pop().unwrap();
        assert_eq!(last.headers()["user-agent"], sent, "to the service");
    }
    let refused = Client::builder().api_key("a-key").user_agent("two\nlines").build().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Configuration);
}

/// Set for the process that a test starts of itself, with the proxies of another environment.
const CHILD: &str = "VASTAI_TEST_WITH_PROXIES";

#[tokio::test]
async fn what_is_on_this_machine_is_reached_without_a_proxy() {
    const NAME: &str = "secrecy::what_is_on_this_machine_is_reached_without_a_proxy";
    if std::env::var_os(CHILD).is_some() {
        return as_the_environment_says().await;
    }
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"] {
        for host in ["127.0.0.1", "localhost", "127.0.0.2"] {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child
                .args(["--exact", NAME])
                .env_clear()
                .env(CHILD, host)
                .env("VAST_API_KEY", "the-key-of-the-account");
            let done = child.env(variable, &url).output().unwrap();
            let output = String::from_utf8_lossy(&done.stdout);
            assert!(done.status.success() && output.contains("1 passed"), "{variable}, {host}: {output}");
            let asked = proxy.accept().map(drop).map_err(|error| error.kind());
            assert_eq!(asked, Err(std::io::ErrorKind::WouldBlock), "{variable}, {host}");
        }
    }
}

/// Asks the service, a worker and the host of a result file, all on this machine.
async fn as_the_environment_says() {
    let host = std::env::var(CHILD).unwrap();
    let (simulator, worker) = account().await;
    let at = |url: &str| url.replace("127.0.0.1", &host);
    let from_env =
        vastai::ClientBuilder::from_env().console_url(at(simulator.url())).run_url(at(simulator.url()));
    // The simulator is at 127.0.0.1 alone, so nothing but a refused connection can come of another address.
    let is_there = host != "127.0.0.2";
    let by_hand = vastai_api::http_client_builder().build().unwrap();
    let given = from_env.clone().http_client(by_hand.clone()).worker_http_client(by_hand);
    for builder in [from_env, given] {
        let client = builder.retry(vastai::retry::RetryPolicy::never()).build().unwrap();
        let outcome = client.endpoint(7).workers().await;
        assert_eq!(outcome.is_ok(), is_there, "{outcome:?}");
        let file = client.result_file(&format!("{}/file", at(simulator.url()))).unwrap();
        let _ = file.poll(1, Duration::ZERO).bytes().await;
        if is_there {
            let answer = client.endpoint(7).request("/x", json!({})).send().await.unwrap();
            let _: Value = answer.json().await.unwrap();
        }
    }
    assert!(!is_there || worker.requests().len() == 2);
}

#[tokio::test]
async fn an_https_proxy_of_the_environment_keeps_working() {
    const NAME: &str = "secrecy::an_https_proxy_of_the_environment_keeps_working";
    if std::env::var_os(CHILD).is_some() {
        let client = Client::from_env().unwrap().with_retry(vastai::retry::RetryPolicy::never());
        let error = client.endpoint(7).workers().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        return;
    }
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let child = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", NAME])
            .env_clear()
            .env(CHILD, "1")
            .env("VAST_API_KEY", "the-key-of-the-account");
        child.env("VAST_RUN_URL", "https://run.vast.invalid").env("HTTPS_PROXY", url).output().unwrap()
    });
    let (mut connection, _) = proxy.accept().await.unwrap();
    let mut asked = [0; 1024];
    let read = connection.read(&mut asked).await.unwrap();
    let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
    assert!(asked.starts_with("CONNECT run.vast.invalid:443 "), "{asked}");
    assert!(!asked.contains("the-key-of-the-account"), "{asked}");
    drop(connection);
    let done = child.await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}
