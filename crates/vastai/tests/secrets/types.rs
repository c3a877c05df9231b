//! `Debug` of every public type, made from responses and requests that are full of keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use serde_json::{Value, json};
use vastai::billing::*;
use vastai::filter::*;
use vastai::instances::*;
use vastai::keys::*;
use vastai::observe::*;
use vastai::offers::*;
use vastai::paging::*;
use vastai::retry::*;
use vastai::serverless::*;
use vastai::*;
use vastai_mock::http::StatusCode;
use vastai_mock::{
    Endpoint, Fault, RawResponse, ServedWorker, Simulator, Worker as SimulatedWorker, WorkerReply,
    Workergroup,
};

use crate::support::builder;
use crate::{Log, PLANTED, context, shown};

/// The key of the endpoint, which the client gets to know from a response.
const SOWN: &str = "sown-key-fedcba9876543210";

/// An account and an endpoint with planted keys, and a worker that is served.
async fn account() -> (Simulator, ServedWorker) {
    let group = Workergroup::new(70).worker(SimulatedWorker::new(1));
    let endpoint = Endpoint::new(7, "seven").api_key(SOWN).workergroup(group);
    let simulator = Simulator::builder().api_key(PLANTED).endpoint(endpoint).route_accepts_account_key(false);
    let simulator = simulator.start().await.unwrap();
    let worker = simulator.serve_worker(1).unwrap();
    (simulator, worker)
}

/// `Debug` texts by the name of their type.
#[derive(Default)]
struct Texts(BTreeMap<&'static str, String>);

impl Texts {
    fn of(&mut self, name: &'static str, value: &dyn Debug) {
        self.0.entry(name).or_default().push_str(&format!("{value:?} {value:#?} "));
    }

    fn of_each<T: Debug>(&mut self, name: &'static str, values: impl IntoIterator<Item = T>) {
        let mut count = 0;
        values.into_iter().for_each(|value| {
            count += 1;
            self.of(name, &value);
        });
        assert!(count > 0, "there is no {name}");
    }
}

/// The types that the crate exports, from its own text. Those of `account` are made below without a name of their own.
fn exported() -> BTreeSet<&'static str> {
    let sources = [
        include_str!("../../src/lib.rs"),
        include_str!("../../src/instances/mod.rs"),
        include_str!("../../src/offers/mod.rs"),
        include_str!("../../src/paging.rs"),
        include_str!("../../src/billing/mod.rs"),
        include_str!("../../src/serverless/mod.rs"),
        include_str!("../../src/filter.rs"),
    ];
    let after = |start: &'static str, end: &'static [char]| {
        let parts = sources.into_iter().flat_map(move |text| text.split(start).skip(1));
        parts.filter_map(move |part| part.split(end).next())
    };
    let items =
        after("pub use ", &[';']).chain(after("pub struct ", &[' ', '('])).chain(after("pub enum ", &[' ']));
    let names =
        items.flat_map(|names| names.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_'));
    let is_type = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.chars().any(|letter| letter.is_ascii_lowercase())
    };
    // Aliases; a trait whose implementations are the caller's; and what an observer is told, which has a test of its own.
    let others = ["Result", "CallFuture", "Observer", "CallInfo", "Outcome", "WaitReason"];
    names.filter(is_type).filter(|name| !others.contains(name)).collect()
}

#[tokio::test]
async fn debug_of_no_public_type_shows_a_key() {
    let (log, _guard) = Log::collect();
    let (simulator, worker) = account().await;
    let mut texts = Texts::default();
    let set_up = builder(simulator.url(), simulator.url(), PLANTED);
    texts.of("ClientBuilder", &set_up);
    let client = set_up.retry(RetryPolicy::never()).build().unwrap();
    texts.of("Client", &client);
    texts.of("Client", &client.with_api_key(SOWN).unwrap());
    texts.of("RetryPolicy", &RetryPolicy::default());
    texts.of("Pacing", &Pacing::default());
    texts.of("Delivery", &Delivery::Unknown);
    texts.of("ErrorKind", &ErrorKind::Decode);

    let endpoint = client.endpoint(7);
    texts.of("EndpointHandle", &endpoint);
    texts.of("WorkergroupHandle", &client.workergroup(70));
    texts.of("Endpoints", &client.endpoints());
    texts.of("Workergroups", &client.workergroups());
    texts.of("CreateEndpoint", &client.create_endpoint("eight"));
    texts.of("UpdateEndpoint", &endpoint.update());
    texts.of("CreateWorkergroup", &endpoint.create_workergroup());
    texts.of("UpdateWorkergroup", &client.workergroup(70).update());
    // What they list has the keys of endpoints, and the rest stands in a module of its own.
    texts.of_each("Endpoints", client.endpoints().list().await.unwrap());
    texts.of_each("Workergroups", client.workergroups().list().await.unwrap());
    texts.of("Client", &(client.ssh_keys(), client.ssh_key(1), client.api_keys(), client.api_key(1)));
    texts.of("Client", &(client.env_vars(), client.env_var("X"), client.volumes(), client.volume(1)));
    texts.of("Client", &(client.templates(), client.template(1), client.template(1).update()));
    texts
        .of("Client", &(client.volumes().search(), client.templates().list(), client.api_keys().create("x")));
    texts.of("Client", &client.templates().create("x", "y").docker_login_pass(PLANTED));
    let workers = endpoint.workers().await.unwrap();
    texts.of_each("WorkerStatus", workers.iter().map(|worker| worker.status.clone()));
    texts.of_each("Worker", workers);
    texts.of("Logs", &endpoint.logs().await.unwrap());
    texts.of("LogLevel", &LogLevel::Debug);
    texts.of("LogTail", &LogTail::Bytes(7));
    texts.of("WaitUntilReady", &endpoint.wait_until_ready(1));
    let mut watch = endpoint.watch(Duration::from_millis(1));
    texts.of("WatchEvent", &watch.next().await.unwrap().unwrap());
    texts.of("Watch", &watch);

    for route in [endpoint.route(), client.route("seven").endpoint_key(SOWN)] {
        texts.of("Route", &route);
        let routed = route.send().await.unwrap();
        texts.of("Routed", &routed);
        if let Routed::Assigned(assignment) = &routed {
            texts.of("Assignment", assignment);
        }
    }
    simulator
        .inject(
            "route",
            Fault::response(RawResponse::json(
                StatusCode::OK,
                &json!({ "request_idx": 3, "status": "Stopped" }),
            )),
        )
        .unwrap();
    if let Routed::Waiting(waiting) = endpoint.route().send().await.unwrap() {
        texts.of("Waiting", &waiting);
    }
    let request = client.endpoint_named("seven").request("/x", json!({ "prompt": "Hi" })).endpoint_key(SOWN);
    texts.of("WorkerRequest", &request);
    worker.reply_with(WorkerReply::Json(json!({ "api_key": PLANTED, "text": SOWN })));
    texts.of("WorkerResponse", &request.send().await.unwrap());
    let events = "data: 1\n\ndata: 2\n\n";
    let events = RawResponse::new(StatusCode::OK, "text/event-stream".parse().unwrap(), events);
    worker.reply_with(WorkerReply::Response(events));
    let mut events = request.send().await.unwrap().events();
    texts.of("Event", &events.next().await.unwrap().unwrap());
    texts.of("Events", &events);
    texts.of("JsonEvents", &events.json::<Value>());
    let session = endpoint.session();
    texts.of("SessionRequest", &session);
    texts.of("Session", &session.open().await.unwrap());

    texts.of("KeyFiles", &KeyFiles::from_env());
    texts.of("KeySource", &KeySource::Given);
    texts.of("Server", &Server::Console);
    texts.of("Ping", &client.ping(Server::Engine).await.unwrap());

    let instance = client.instance(1);
    texts.of("InstanceHandle", &instance);
    texts.of("WaitUntilRunning", &instance.wait_until_running());
    texts.of("FollowLogs", &instance.follow_logs());
    texts.of("RentalLookup", &client.rental_lookup("training"));
    let rental = client.rent(7).image("ubuntu:24.04").image_login(PLANTED).env("KEY", SOWN);
    texts.of("Rent", &rental.onstart(format!("export KEY={PLANTED}")));
    let reached = json!({ "id": 1, "ssh_host": "ssh4.vast.ai", "ssh_port": 22, "jupyter_token": PLANTED });
    let reached: Instance = serde_json::from_value(reached).unwrap();
    texts.of("Ssh", &reached.ssh().unwrap());
    let mut pages = client.instances().pages();
    texts.of("InstanceList", &client.instances());
    texts.of("Pages", &pages);
    let shown_instance = pages.next().await.unwrap().unwrap();
    texts.of("InstanceStatus", &shown_instance.actual_status);
    texts.of("Verification", &shown_instance.verification);
    texts.of("Timestamp", &shown_instance.start_date);
    texts.of("ChargeKind", &ChargeKind::from("instance"));
    texts.of("InvoiceKind", &InvoiceKind::from("credit"));
    texts.of("EndpointState", &EndpointState::from("active"));
    texts.of("Instance", &shown_instance);
    let port: PortBinding = serde_json::from_value(json!({ "HostIp": "0.0.0.0", "HostPort": "7" })).unwrap();
    texts.of("PortBinding", &port);
    let range = TimeRange::last(Duration::from_secs(86_400 * 365 * 3)).unwrap();
    texts.of("TimeRange", &range);
    texts.of("InvoiceList", &client.invoices(range));
    texts.of("ChargeList", &client.charges(range));
    texts.of("Invoice", &client.invoices(range).pages().next().await.unwrap().unwrap());
    let charge = client.charges(range).pages().next().await.unwrap().unwrap();
    texts.of_each("ChargeItem", charge.items.clone());
    texts.of("Charge", &charge);
    texts.of("Direction", &Direction::Ascending);
    let offers = client.offers();
    texts.of("OfferKind", &OfferKind::OnDemand);
    texts.of("OfferSearch", &offers);
    texts.of_each("Offer", offers.unfiltered().send().await.unwrap());
    let condition = field("num_gpus").gt(1);
    texts.of("Condition", &condition);
    texts.of("Field", &field("num_gpus"));
    texts.of("Operator", &Operator::Eq);
    texts.of("Query", &"num_gpus>1".parse::<Query>().unwrap());
    texts.of("QueryError", &"num_gpus>>>".parse::<Query>().unwrap_err());

    let file = client.result_file(&format!("{}/{PLANTED}?signature={SOWN}", simulator.url())).unwrap();
    texts.of("ResultFile", &file);
    let call = client.call(Client::operation("showEndpoints").unwrap());
    texts.of("Call", &call);
    let answer = call.send().await.unwrap();
    assert!(String::from_utf8_lossy(answer.bytes()).contains(SOWN), "the answer has the key");
    texts.of("CallResponse", &answer);
    texts.of("Error", &client.with_api_key("wrong").unwrap().endpoint(7).workers().await.unwrap_err());

    for (name, text) in &texts.0 {
        for key in [PLANTED, SOWN] {
            assert!(!text.contains(key), "Debug of {name}: {text}");
        }
    }
    let covered: BTreeSet<&str> = texts.0.keys().copied().collect();
    let missing: Vec<&str> = exported().difference(&covered).copied().collect();
    assert!(missing.is_empty(), "types without a check: {missing:?}");
    let logged = log.text();
    assert!(!logged.contains(PLANTED) && !logged.contains(SOWN), "logged: {}", context(&logged));
}

#[tokio::test(start_paused = true)]
async fn no_fault_on_the_way_to_a_worker_shows_a_key_or_sends_it_there() {
    let (log, _guard) = Log::collect();
    let echo = json!({ "success": false, "error": SOWN, "msg": PLANTED, "detail": format!("{SOWN} {PLANTED}"), "api_key": SOWN });
    let mut faults = Fault::each();
    for status in [200, 401, 410, 422, 429, 500] {
        faults.push((
            "an echo",
            Fault::response(RawResponse::json(StatusCode::from_u16(status).unwrap(), &echo)),
        ));
    }
    faults.push((
        "an echo as text",
        Fault::response(RawResponse::text(StatusCode::OK, format!("{SOWN} {PLANTED}"))),
    ));
    let short = Duration::from_secs(5);
    for (name, fault) in faults {
        for on_the_worker in [false, true] {
            // A worker is told no key, so it has none to repeat.
            if on_the_worker && name.starts_with("an echo") {
                continue;
            }
            let (simulator, worker) = account().await;
            match on_the_worker {
                true => worker.inject(fault.clone().always()),
                false => simulator.inject("route", fault.clone().always()).unwrap(),
            }
            let client = builder(simulator.url(), simulator.url(), PLANTED).timeout(short).build().unwrap();
            let endpoint = client.endpoint(7);
            let mut seen = String::new();
            let mut failed = |error: Error| seen.push_str(&shown(&error));
            let answer = endpoint.request("/x", json!({ "a": 1 })).timeout(short).send().await;
            match answer {
                // What the worker sent is the caller's; its failures are not.
                Ok(answer) => drop(answer.json::<Vec<u8>>().await.map_err(&mut failed)),
                Err(error) => failed(error),
            }
            let routed = endpoint.route().send().await;
            routed.err().into_iter().for_each(&mut failed);
            let session = endpoint.session().timeout(short).open().await;
            session.err().into_iter().for_each(&mut failed);
            for key in [PLANTED, SOWN] {
                assert!(!seen.contains(key), "{name}, on the worker: {on_the_worker}: {seen}");
                for request in worker.requests() {
                    let sent = format!(
                        "{:?} {:?} {}",
                        request.query(),
                        request.headers(),
                        String::from_utf8_lossy(request.body())
                    );
                    assert!(!sent.contains(key) && request.bearer().is_none(), "{name}: {sent}");
                }
            }
        }
    }
    let logged = log.text();
    assert!(!logged.contains(PLANTED) && !logged.contains(SOWN), "logged: {}", context(&logged));
}
