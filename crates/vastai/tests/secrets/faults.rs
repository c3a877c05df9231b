//! Every fault that the simulator knows, on every kind of call: the key is shown nowhere and goes nowhere else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use vastai::observe::{CallInfo, Observer, Outcome, WaitReason};
use vastai::retry::{Pacing, RetryPolicy};
use vastai::{Client, Error};
use vastai_mock::http::StatusCode;
use vastai_mock::{Fault, RawResponse, Simulator};

use crate::support::builder;
use crate::{Log, PLANTED, context, shown};

/// What is written down of everything that an observer is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<String>>);

impl Told {
    fn write(&self, what: &str) {
        self.0.lock().unwrap().push_str(what);
    }
}

impl Observer for Told {
    fn attempt_started(&self, call: &CallInfo<'_>, attempt: u32) {
        self.write(&format!("{call:?} {attempt}"));
    }

    fn attempt_ended(&self, call: &CallInfo<'_>, attempt: u32, outcome: &Outcome) {
        self.write(&format!("{call:?} {attempt} {outcome:?}"));
    }

    fn waiting(&self, call: &CallInfo<'_>, reason: WaitReason, wait: Duration) {
        self.write(&format!("{call:?} {reason:?} {wait:?}"));
    }

    fn call_ended(&self, call: &CallInfo<'_>, attempts: u32, outcome: &Outcome) {
        self.write(&format!("{call:?} {attempts} {outcome:?}"));
    }
}

/// The operations called below.
const CALLED: [&str; 7] = [
    "getEndpointWorkers",
    "getWorkergroupLogs",
    "showEndpoints",
    "showUser",
    "createInstance",
    "destroyInstance",
    "createApiKey",
];

/// Everything that calls of each kind show, whether they succeed or not.
async fn all_calls(client: &Client) -> String {
    let mut seen = format!("{client:?} {client:#?} {:?}", client.api());
    let mut note = |outcome: Result<String, Error>| match outcome {
        Ok(answer) => seen.push_str(&answer),
        Err(error) => seen.push_str(&shown(&error)),
    };
    note(client.endpoint(12345).workers().await.map(|workers| format!("{workers:?}")));
    note(client.workergroup(4242).logs().await.map(|logs| format!("{logs:?}")));
    let api = client.api();
    note(api.show_endpoints().send().await.map(|answer| format!("{answer:?}")));
    note(api.destroy_instance().id(7).send().await.map(|answer| format!("{answer:?}")));
    let create = api.create_instance().id(1).body_map(|body| body.image("x".to_owned()).disk(10.0));
    note(create.send().await.map(|answer| format!("{answer:?}")));
    for (operation, values) in
        [("showUser", json!({})), ("createApiKey", json!({ "name": "x", "permissions": { "api": {} } }))]
    {
        let mut call = client.call(Client::operation(operation).unwrap());
        for (name, value) in values.as_object().unwrap() {
            call = call.set(name, value.clone()).unwrap();
        }
        note(call.send().await.map(|answer| format!("{answer:?}")));
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn no_fault_on_any_call_shows_the_key() {
    let (log, _guard) = Log::collect();
    let panics = Told::default();
    let (seen_panics, this) = (panics.clone(), std::thread::current().id());
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Other tests run beside this one.
        if std::thread::current().id() == this {
            seen_panics.write(&panic.to_string());
        }
        usual(panic);
    }));

    // The service repeats the key wherever it can.
    let echo = json!({ "success": false, "error": PLANTED, "msg": PLANTED, "api_key": PLANTED, "deep": [{ "x": PLANTED }] });
    let answer =
        |status: u16| Fault::response(RawResponse::json(StatusCode::from_u16(status).unwrap(), &echo));
    let mut faults = Fault::each();
    faults.extend(
        [200, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503].map(|status| ("an echo", answer(status))),
    );
    faults.push(("an echo as text", Fault::response(RawResponse::text(StatusCode::BAD_GATEWAY, PLANTED))));
    faults.push((
        "an echo of another type",
        Fault::response(RawResponse::json(StatusCode::OK, &json!([[PLANTED]]))),
    ));
    faults.push((
        "half an echo",
        Fault::response(RawResponse::text(StatusCode::OK, format!("{{\"a\": \"{PLANTED}"))),
    ));
    // Only so much of a body is read; where it is cut, no part of the key may remain.
    for cut in [64 * 1024 - 9, 16 * 1024 - 9] {
        let text = format!("{}{PLANTED}", " ".repeat(cut));
        faults
            .push(("a cut echo", Fault::response(RawResponse::text(StatusCode::BAD_REQUEST, text.as_str()))));
        faults.push(("a cut echo with success", Fault::response(RawResponse::text(StatusCode::OK, text))));
    }
    let third = Simulator::start().await.unwrap();
    let elsewhere = format!("{}/{PLANTED}?api_key={PLANTED}", third.url());
    let elsewhere = RawResponse::redirect(StatusCode::TEMPORARY_REDIRECT, &elsewhere).unwrap();
    faults.push(("a redirect elsewhere", Fault::response(elsewhere)));

    let told = Told::default();
    for (name, fault) in faults {
        let simulator = Simulator::builder().api_key(PLANTED).start().await.unwrap();
        for operation in CALLED {
            simulator.inject(operation, fault.clone().always()).unwrap();
        }
        let client = builder(simulator.url(), simulator.url(), PLANTED).pacing(Pacing::default());
        let client = client.observer(told.clone()).timeout(Duration::from_secs(20)).build().unwrap();
        let once = client.with_retry(RetryPolicy::never());
        let another = client.with_api_key("another-key").unwrap();
        for client in [&client, &once, &another] {
            let seen = all_calls(client).await;
            assert!(!seen.contains(PLANTED), "{name}: {}", context(&seen));
            assert!(!seen.contains(&PLANTED[..5]), "{name}: a part of the key");
        }
        for request in simulator.requests() {
            let url = format!("{}?{}", request.path(), request.query().unwrap_or_default());
            assert!(!url.contains(PLANTED), "{name}: in a URL: {url}");
        }
    }
    assert!(third.requests().is_empty(), "nothing goes to another origin");
    for (what, text) in [("logged", log.text()), ("observed", told.0.lock().unwrap().clone())] {
        assert!(text.contains("createApiKey"), "calls are {what}");
        assert!(!text.contains(PLANTED), "{what}: {}", context(&text));
    }
    let panics = panics.0.lock().unwrap().clone();
    assert_eq!(panics, "");
}

#[tokio::test]
async fn result_files_are_fetched_without_the_key() {
    let (log, _guard) = Log::collect();
    let store = Simulator::start().await.unwrap();
    let client = builder("https://console.invalid", "https://run.invalid", PLANTED).build().unwrap();
    let url = format!("{}/file?signature=s1gned", store.url());
    let mut seen = format!("{:?}", client.result_file(&url).unwrap());
    for answer in [
        RawResponse::text(StatusCode::OK, "a log"),
        RawResponse::text(StatusCode::NOT_FOUND, PLANTED),
        RawResponse::text(StatusCode::BAD_REQUEST, PLANTED),
        RawResponse::redirect(StatusCode::FOUND, &format!("https://{PLANTED}.example/{PLANTED}")).unwrap(),
    ] {
        store.respond_with("/file", answer);
        let file = client.result_file(&url).unwrap().poll(2, Duration::from_millis(1));
        match file.text().await {
            Ok(text) => seen.push_str(&text),
            Err(error) => seen.push_str(&shown(&error)),
        }
    }
    for text in [&seen, &log.text()] {
        assert!(!text.contains(PLANTED), "{}", context(text));
    }
    assert!(!seen.contains("s1gned"), "{seen}");
    assert_eq!(store.requests().len(), 5);
    for request in store.requests() {
        assert!(!format!("{:?} {:?}", request.headers(), request.query()).contains(PLANTED));
        assert!(request.bearer().is_none());
    }
}
