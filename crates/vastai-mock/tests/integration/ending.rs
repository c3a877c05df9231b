//! How a simulator ends: `stop` in bounded time whatever clients have half done, a drop at once; neither leaves anything behind.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::yield_now;
use vastai_mock::{Endpoint, Fault, RawResponse, Simulator, Worker, WorkerReply, Workergroup, http};

use crate::client::{client, keeping, post};

/// Long enough for a slow machine, and much shorter than what clients in these tests hold up.
const FOREVER: Duration = Duration::from_secs(30);

/// A response too long for the buffers between a server and a client that does not read.
const LONG: usize = 64 << 20;

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// A connection on which this was sent, and of which nothing is read.
fn sent(url: &str, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address(url)).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

/// What clients can have half done when a server is to end. The response to `/long` is very long, and a request to `/slow` waits.
fn half_done(url: &str) -> Vec<TcpStream> {
    [
        "",
        "P",
        "POST /route/ HTTP/1.1\r\nhost: x\r\ncontent-le",
        "POST /route/ HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{",
        "POST /route/ HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n",
        "POST /route/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\"",
        // One request whole, the next not.
        "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost",
        "GET /long HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /long HTTP/1.1\r\nhost: x\r\n\r\nGET /long HTTP/1.1\r\nhost: x\r\n\r\n",
    ]
    .into_iter()
    .map(|bytes| sent(url, bytes))
    .collect()
}

fn with_a_long_response(sim: &Simulator) {
    sim.respond_with("/long", RawResponse::text(http::StatusCode::OK, "x".repeat(LONG)).streamed());
}

/// Lets the runtime turn until only so many tasks are left.
async fn until_tasks_are(count: usize) {
    let left = || Handle::current().metrics().num_alive_tasks();
    let few = async {
        while left() > count {
            yield_now().await;
        }
    };
    // What is left is said below.
    tokio::time::timeout(FOREVER, few).await.ok();
    assert_eq!(left(), count);
}

/// Lets the runtime turn until so many tasks are there: each connection has one.
async fn until_met(count: usize) {
    let met = async {
        while Handle::current().metrics().num_alive_tasks() < count {
            yield_now().await;
        }
    };
    tokio::time::timeout(FOREVER, met).await.unwrap();
}

/// Whether nobody listens at a URL, and the port can be had.
#[track_caller]
fn assert_is_free(url: &str) {
    drop(TcpListener::bind(address(url)).unwrap());
}

#[tokio::test]
async fn stop_waits_for_no_client() {
    let sim = Simulator::start().await.unwrap();
    let (url, tasks) = (sim.url().to_owned(), Handle::current().metrics().num_alive_tasks());
    with_a_long_response(&sim);
    let clients = half_done(&url);
    until_met(tasks + clients.len()).await;
    tokio::time::timeout(FOREVER, sim.stop()).await.unwrap().unwrap();
    // The simulator's own two servers have gone, too.
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    assert_is_free(&url);
    for mut client in clients {
        // The end is the client's, too: what was sent, and no more.
        client.set_read_timeout(Some(FOREVER)).unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).ok();
    }
}

#[tokio::test]
async fn stop_cuts_off_what_a_fault_holds_back() {
    let sim = Simulator::start().await.unwrap();
    let hour = Duration::from_secs(3_600);
    sim.inject("showEndpoints", Fault::delay(hour)).unwrap();
    sim.inject("showInstances", Fault::drip(1, hour)).unwrap();
    let call = |path: &str| {
        let request = keeping(1).get(format!("{}{path}", sim.url())).bearer_auth(sim.api_key());
        tokio::spawn(async move { request.send().await?.text().await })
    };
    let calls = [call("/api/v0/endptjobs/"), call("/api/v1/instances/")];
    while sim.request_count() < 2 {
        yield_now().await;
    }
    tokio::time::timeout(FOREVER, sim.stop()).await.unwrap().unwrap();
    for call in calls {
        assert!(call.await.unwrap().is_err());
    }
}

#[tokio::test]
async fn stop_lets_what_has_come_be_answered() {
    let sim = Simulator::start().await.unwrap();
    let body = "x".repeat(1 << 20);
    sim.respond_with("/some", RawResponse::text(http::StatusCode::OK, body.clone()));
    let url = format!("{}/some", sim.url());
    let response = client().get(url).send().await.unwrap();
    let (stopped, text) = tokio::join!(sim.stop(), response.text());
    stopped.unwrap();
    assert_eq!(text.unwrap().len(), body.len());
}

#[tokio::test]
async fn a_stop_that_nobody_waits_for_ends_all_the_same() {
    let sim = Simulator::start().await.unwrap();
    let (url, tasks) = (sim.url().to_owned(), Handle::current().metrics().num_alive_tasks());
    with_a_long_response(&sim);
    let clients = half_done(&url);
    until_met(tasks + clients.len()).await;
    let stop = sim.stop();
    assert!(tokio::time::timeout(Duration::ZERO, stop).await.is_err());
    until_tasks_are(0).await;
    assert_is_free(&url);
}

#[tokio::test]
async fn a_drop_leaves_no_task_and_no_port() {
    let sim = Simulator::start().await.unwrap();
    let url = sim.url().to_owned();
    with_a_long_response(&sim);
    sim.inject("showEndpoints", Fault::delay(Duration::from_secs(3_600))).unwrap();
    let _clients = half_done(&url);
    let kept = keeping(1);
    kept.get(&url).send().await.unwrap();
    drop(kept);
    drop(sim);
    // The port is free before anything else is done.
    assert_is_free(&url);
    until_tasks_are(0).await;
}

#[test]
fn a_thread_of_its_own_ends_as_well() {
    for stops in [true, false] {
        let sim = Simulator::start_on_thread().unwrap();
        let url = sim.url().to_owned();
        with_a_long_response(&sim);
        let clients = half_done(&url);
        if stops {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { tokio::time::timeout(FOREVER, sim.stop()).await.unwrap().unwrap() });
        } else {
            drop(sim);
        }
        assert_is_free(&url);
        for mut client in clients {
            client.set_read_timeout(Some(FOREVER)).unwrap();
            let mut rest = Vec::new();
            // The end comes, cleanly or not, and no time-out.
            if let Err(error) = client.read_to_end(&mut rest) {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
            }
        }
    }
}

#[test]
fn a_runtime_that_has_gone_does_no_harm() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sim = runtime.block_on(Simulator::start()).unwrap();
    let url = sim.url().to_owned();
    drop(runtime);
    drop(sim);
    assert_is_free(&url);
}

#[tokio::test]
async fn a_served_worker_ends_like_the_service() {
    let endpoint = Endpoint::new(1, "e").workergroup(Workergroup::new(2).worker(Worker::new(3)));
    let sim = Simulator::builder().empty().endpoint(endpoint).start().await.unwrap();
    let before = Handle::current().metrics().num_alive_tasks();
    for stops in [true, false] {
        let worker = sim.serve_worker(3).unwrap();
        let url = worker.url().to_owned();
        let events: Vec<Value> = (0..100).map(|_| json!("x".repeat(LONG / 100))).collect();
        worker.reply_with(WorkerReply::Events(events));
        let assigned = post(&sim, "/route/", json!({ "endpoint": "e", "cost": 1 })).await.json();
        let body = json!({ "auth_data": assigned, "payload": {} }).to_string();
        // A stream of events that nobody reads.
        let length = body.len();
        let mut clients = half_done(&url);
        clients.push(sent(
            &url,
            &format!("POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}"),
        ));
        while worker.payloads().is_empty() {
            yield_now().await;
        }
        if stops {
            tokio::time::timeout(FOREVER, worker.stop()).await.unwrap().unwrap();
        } else {
            drop(worker);
        }
        assert_is_free(&url);
        until_tasks_are(before).await;
        drop(clients);
    }
    // Its worker is served no more, the service is.
    assert!(post(&sim, "/get_endpoint_workers/", json!({ "id": 1 })).await.json().is_array());
}
