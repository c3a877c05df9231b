//! Lines that rent by themselves and give back, and lines that wait for what they rented.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use expect_test::expect;
use http::{Method, StatusCode};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use vastai_mock::{Builder, Fault, Instance, Offer, Phase, RawResponse, Simulator, Worker};

use super::support::{KEY, NOW, Server, Vastai};

/// When a program that does not do what is waited for has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A world in which nothing is rented.
fn world() -> Builder {
    Simulator::builder().api_key(KEY).now(NOW).empty()
}

/// An offer of a machine that meets all requirements.
fn offer(id: u64, machine: u64) -> Offer {
    let fields = json!({"machine_id": machine, "cuda_max_good": 12.9, "compute_cap": 890, "reliability": 0.99, "direct_port_count": 60,
        "pcie_bw": 20.0, "inet_down": 900.0, "inet_up": 900.0, "gpu_ram": 24_564, "gpu_total_ram": 24_564, "cpu_ram": 64_000,
        "cpu_cores": 16, "verification": "unverified"});
    let fields = fields.as_object().unwrap().clone();
    fields.into_iter().fold(Offer::new(id), |offer, (name, value)| offer.field(name, value))
}

/// What is rented runs at once, and its tests are served here.
fn running(tests: &Tests) -> Instance {
    let ports = json!({ "5000/tcp": [{ "HostIp": "0.0.0.0", "HostPort": tests.port.to_string() }] });
    Instance::new(0).field("public_ipaddr", "127.0.0.1").field("ports", ports)
}

/// What the tests on a machine say, by HTTPS with a certificate that nobody has signed.
struct Tests {
    port: u16,
    asked: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

impl Tests {
    fn saying(text: &'static str) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["a-machine".to_owned()]).unwrap().self_signed(&key).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&asked);
        runtime.spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let Ok(mut connection) = acceptor.accept(connection).await else { continue };
                let mut request = [0; 16 * 1024];
                let Ok(length @ 1..) = connection.read(&mut request).await else { continue };
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                assert!(request.starts_with("GET /progress ") && !request.contains(KEY), "{request}");
                count.fetch_add(1, Ordering::SeqCst);
                let response = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                    text.len()
                );
                let _ = connection.write_all(response.as_bytes()).await;
                let _ = connection.shutdown().await;
            }
        });
        Self { port, asked, _runtime: runtime }
    }
}

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Tries cases which wait for most of their time.
fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(case));
        }
    });
}

/// As Ctrl-C does.
fn interrupt(child: &Child) {
    let status = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// The end of a program that was started.
fn end(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn has(server: &Server, method: &Method, path: &str) -> bool {
    server.requests().iter().any(|request| request.method() == method && request.path().starts_with(path))
}

const SELF_TEST: [&str; 3] = ["self-test", "machine", "7"];

#[test]
fn a_machine_is_tested_on_an_instance_that_is_destroyed() {
    let tests = Tests::saying("starting\nmemory is fine\nDONE\n");
    let server = Server::of(world().offer(offer(70, 7)));
    server.rent_like(running(&tests));
    let done = Vastai::asking(&server, &SELF_TEST).run();
    expect![[r#"
        exit 0
        --- stdout
        machine 7 passed its tests
        --- stderr
        note: rent offer 70 (RTX 4090, 0.40 $/h) to test machine 7, and destroy the instance afterwards
        note: waiting for instance 29000001 to run
        note: waiting for instance 29000001 to run: running (success, running)
        note: waiting for the tests on the machine
        note: machine: starting
        note: machine: memory is fine
    "#]]
    .assert_eq(&done.transcript());
    let requests = server.requests();
    let rent = requests.iter().find(|request| request.method() == Method::PUT).unwrap();
    let mut body = rent.json().unwrap();
    let label = body["label"].take();
    assert!(label.as_str().unwrap().starts_with("vast-self-test-machine-7-"), "{label}");
    assert_eq!(
        body,
        json!({"image": "vastai/test:self-test-v2-cuda-12.8", "disk": 40.0, "label": null, "runtype": "ssh_direc ssh_proxy",
            "env": {"TZ": "PDT", "XNAME": "XX4", "-p 5000:5000": "1", "-p 1234:1234": "1"}, "onstart": "/verification/remote.sh",
            "cancel_unavail": true})
    );
    assert_eq!((server.machines_rented(), server.instance_ids()), (1, vec![]));
    assert_eq!(requests.last().unwrap().method(), Method::DELETE);
}

#[test]
fn a_machine_that_fails_is_said_to_and_its_instance_is_destroyed() {
    let tests = Tests::saying("starting\nERROR: \u{1b}[2Jtoo hot\n");
    let server = Server::of(world().offer(offer(70, 7)));
    server.rent_like(running(&tests));
    server.write_results("a log\n");
    let line = Vastai::asking(&server, &SELF_TEST);
    let folder = line.path("bundles");
    let mut line = line.arg("--support-bundle-dir").arg(&folder.display().to_string());
    let done = line.run_with_input("");
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{}", done.stderr);
    assert!(
        done.stderr.contains("error: machine 7 failed (tests): ERROR: \\u{1b}[2Jtoo hot"),
        "{}",
        done.stderr
    );
    let bundle = folder.join("vastai-self-test-7");
    assert_eq!(std::fs::read_to_string(bundle.join("container.log")).unwrap(), "a log\n");
    let result: Value =
        serde_json::from_str(&std::fs::read_to_string(bundle.join("result.json")).unwrap()).unwrap();
    assert_eq!((&result["success"], &result["stage"]), (&json!(false), &json!("tests")));
    assert_eq!((server.machines_rented(), server.instance_ids()), (1, vec![]));
    // For programs, the report.
    let server = Server::of(world().offer(offer(70, 7)));
    server.rent_like(Instance::new(0).actual_status("exited").field("status_msg", "no driver"));
    let done = Vastai::asking(&server, &[&SELF_TEST[..], &["--raw"]].concat()).run();
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((done.code, &report["stage"], &report["machine_id"]), (Some(1), &json!("start"), &json!(7)));
    assert!(report["reason"].as_str().unwrap().contains("no driver"), "{report}");
    assert_eq!((done.stderr.as_str(), server.instance_ids()), ("", vec![]));
}

#[test]
fn a_machine_that_cannot_be_tested_is_not_rented() {
    let server = Server::of(world().offer(offer(70, 7).field("inet_up", 12.5)));
    let done = Vastai::asking(&server, &SELF_TEST).run();
    expect![[r#"
        exit 1
        --- stderr
        error: machine 7 failed (requirements): the machine does not meet what is required: upload 12.5 Mb/s, required >= 100 Mb/s
    "#]]
    .assert_eq(&done.transcript());
    let server = Server::of(world().offer(offer(70, 8)));
    let done = Vastai::asking(&server, &SELF_TEST).run();
    expect![[r#"
        exit 1
        --- stderr
        error: machine 7 failed (offer): there is no machine 7 of this account, and none of this number is offered
    "#]]
    .assert_eq(&done.transcript());
    assert_eq!(server.machines_rented(), 0);
    let done = Vastai::asking(&server, &["self-test", "machine", "seven"]).run();
    assert_eq!((done.code, server.machines_rented()), (Some(2), 0));
}

#[test]
fn whatever_is_lost_on_the_way_one_machine_is_rented_and_destroyed() {
    let cases = [
        ("createInstance", Fault::cut_after_effect()),
        ("createInstance", Fault::status(502).after_effect()),
        ("createInstance", Fault::half_body()),
        ("destroyInstance", Fault::cut_after_effect()),
        ("showInstance", Fault::status(503)),
    ];
    at_once(cases, |(operation, fault)| {
        let tests = Tests::saying("DONE\n");
        let server = Server::of(world().offer(offer(70, 7)));
        server.rent_like(running(&tests));
        server.inject(operation, fault).unwrap();
        let done = Vastai::asking(&server, &SELF_TEST).run();
        assert_eq!(done.code, Some(0), "{operation}: {}", done.stderr);
        assert_eq!((server.machines_rented(), server.instance_ids()), (1, vec![]), "{operation}");
    });
    // What was never rented is not tried a second time.
    let server = Server::of(world().offer(offer(70, 7)));
    server.inject("createInstance", Fault::cut_before_effect().always()).unwrap();
    let done = Vastai::asking(&server, &SELF_TEST).run();
    assert_eq!((done.code, server.machines_rented()), (Some(1), 0), "{}", done.stderr);
}

#[test]
fn a_test_that_is_interrupted_leaves_nothing() {
    // While the instance starts, and while its tests go on.
    for is_running in [false, true] {
        let tests = Tests::saying("starting\n");
        let server = Server::of(world().offer(offer(70, 7)));
        if is_running {
            server.rent_like(running(&tests));
        }
        let (child, _home) = Vastai::asking(&server, &SELF_TEST).start();
        wait_until("the test", || match is_running {
            true => tests.asked.load(Ordering::SeqCst) > 0,
            false => has(&server, &Method::GET, "/api/v0/instances/"),
        });
        interrupt(&child);
        let (code, stderr) = end(child);
        assert_eq!(code, Some(1), "{stderr}");
        assert!(
            stderr.contains("error: interrupted; the machine was not tested, and nothing is left rented"),
            "{stderr}"
        );
        assert_eq!((server.machines_rented(), server.instance_ids()), (1, vec![]));
    }
}

/// A world with a template, and offers of two kinds of GPUs.
fn templates() -> Server {
    let gpu = |id: u64, name: &str, price: f64| Offer::new(id).gpus(name, 1).dph_total(price);
    let server = Server::of(world().offer(gpu(70, "RTX 4090", 0.4)).offer(gpu(71, "RTX 3090", 0.2)));
    server.add_template(
        77,
        json!({"hash_id": "beef01", "name": "chat", "extra_filters": "{\"gpu_ram\": {\"gte\": 16}}"}),
    );
    server
}

/// Plays the engine: each workergroup gets a worker, which is ready with its performance.
fn with_workers<T>(server: &Server, run: impl FnOnce() -> T + Send) -> T
where
    T: Send,
{
    std::thread::scope(|scope| {
        let running = scope.spawn(run);
        let mut next = 500;
        while !running.is_finished() {
            for endpoint in server.endpoint_ids() {
                for group in server.workergroup_ids(endpoint) {
                    if server.worker_ids_of(group).is_empty() {
                        let worker = Worker::new(next).phase(Phase::Idle).benchmark(1000.0);
                        let price = if next == 500 { 0.5 } else { 0.25 };
                        server.add_instance(Instance::new(next.unsigned_abs()).field("dph_base", price));
                        // It may have been deleted meanwhile.
                        let _ = server.add_worker(group, worker);
                        next += 1;
                    }
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        running.join().unwrap()
    })
}

const BENCHMARK: [&str; 6] = ["run", "benchmarks", "--template_hash", "beef01", "--gpus", "RTX_4090"];

#[test]
fn a_template_is_measured_on_each_gpu_and_what_was_made_is_deleted() {
    let server = templates();
    let line = [
        "run",
        "benchmarks",
        "--template_hash",
        "beef01",
        "--gpus",
        "RTX_4090,rtx_3090,H100",
        "--no-cache",
        "-y",
        "--raw",
    ];
    let done = with_workers(&server, || Vastai::asking(&server, &line).run());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(
        rows,
        json!([
            {"gpu_name": "RTX 3090", "num_gpus": 1, "rental_dph": 0.25, "measured_perf": 1000.0, "status": "ok", "perf_per_dollar": 4000.0},
            {"gpu_name": "RTX 4090", "num_gpus": 1, "rental_dph": 0.5, "measured_perf": 1000.0, "status": "ok", "perf_per_dollar": 2000.0},
            {"gpu_name": "H100", "num_gpus": 1, "rental_dph": null, "measured_perf": null, "status": "skipped", "perf_per_dollar": null},
        ])
    );
    assert!(server.endpoint_ids().is_empty());
    assert_eq!(server.effects("createEndpoint").unwrap(), 2);
    assert_eq!(server.effects("deleteWorkergroup").unwrap(), 2);
    let requests = server.requests();
    let body = |path: &str| {
        let request = requests.iter().find(|it| it.method() == Method::POST && it.path().starts_with(path));
        request.unwrap().json().unwrap()
    };
    let endpoint = body("/api/v0/endptjobs");
    assert_eq!(
        (&endpoint["cold_workers"], &endpoint["max_workers"], &endpoint["min_load"]),
        (&json!(1), &json!(1), &json!(1.0))
    );
    let group = body("/api/v0/workergroups");
    assert_eq!(
        group["search_params"],
        "gpu_name=RTX_4090 num_gpus=1 verified=True rentable=True rented=False"
    );
    assert_eq!(group["template_hash"], "beef01");
    assert_eq!(requests.last().unwrap().method(), Method::DELETE);
}

#[test]
fn what_was_measured_before_is_taken_and_nothing_is_rented() {
    let server = templates();
    let rows = [(1, 900.0, 0.2), (2, 1_000.0, 0.4), (2, 1_000.0, 0.4), (3, 5_000.0, 0.5)];
    let rows = rows.map(|(id, value, price)| json!({"id": id, "value": value, "dph_base": price, "last_update": NOW.as_secs()}));
    let measured = json!({ "success": true, "benchmarks": rows });
    server.respond_with("/api/v0/benchmarks", RawResponse::json(StatusCode::OK, &measured));
    let done = Vastai::asking(&server, &[&BENCHMARK[..], &["--raw"]].concat()).run();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&rows[0]["status"], &rows[0]["measured_perf"]), (&json!("cached"), &json!(1000.0)));
    assert_eq!(server.effects("createEndpoint").unwrap(), 0);
}

#[test]
fn measuring_needs_a_word_without_a_terminal() {
    let server = templates();
    let done = Vastai::asking(&server, &BENCHMARK).run();
    expect![[r#"
        exit 2
        --- stderr
        error: rent a worker, 1x RTX 4090 (about 0.40 $/h), for up to 30m 0s, and delete what was made afterwards: needs -y (--yes), as there is no terminal to ask on; nothing was sent
        hint: VASTAI_YES=1 in the environment agrees for a whole script
    "#]]
    .assert_eq(&done.transcript());
    let done = Vastai::asking(&server, &["run", "benchmarks"]).run();
    assert_eq!(done.code, Some(2));
    let done = Vastai::asking(&server, &["run", "benchmarks", "--template_hash", "none"]).run();
    assert_eq!((done.code, server.effects("createEndpoint").unwrap()), (Some(1), 0), "{}", done.stderr);
}

#[test]
fn whatever_is_lost_while_measuring_nothing_is_left() {
    let cases = [
        ("createEndpoint", Fault::cut_after_effect(), 0),
        ("createEndpoint", Fault::status(500).before_effect(), 1),
        ("createWorkergroup", Fault::cut_after_effect(), 1),
        ("deleteWorkergroup", Fault::cut_after_effect(), 0),
        ("deleteEndpoint", Fault::cut_after_effect(), 0),
        ("getEndpointWorkers", Fault::status(503), 0),
    ];
    at_once(cases, |(operation, fault, code)| {
        let server = templates();
        server.inject(operation, fault).unwrap();
        let line = [&BENCHMARK[..], &["-y", "--no-cache"]].concat();
        let done = with_workers(&server, || Vastai::asking(&server, &line).run());
        assert_eq!(done.code, Some(code), "{operation}: {}", done.transcript());
        assert!(server.endpoint_ids().is_empty(), "{operation}: {}", done.stderr);
        assert!(server.effects("createEndpoint").unwrap() <= 1, "{operation}");
    });
}

#[test]
fn a_measurement_that_is_interrupted_or_late_leaves_nothing() {
    let server = templates();
    let line = [&BENCHMARK[..], &["-y", "--no-cache"]].concat();
    let (child, _home) = Vastai::asking(&server, &line).start();
    wait_until("a poll", || has(&server, &Method::POST, "/get_endpoint_workers"));
    interrupt(&child);
    let (code, stderr) = end(child);
    assert_eq!((code, server.endpoint_ids()), (Some(1), vec![]), "{stderr}");
    assert!(stderr.contains("error: interrupted; what was made is deleted"), "{stderr}");
    let server = templates();
    let done = Vastai::asking(&server, &[&line[..], &["--timeout", "1", "--raw"]].concat()).run();
    let rows: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((done.code, &rows[0]["status"], server.endpoint_ids()), (Some(1), &json!("timeout"), vec![]));
}

const RENT: [&str; 6] = ["create", "instance", "70", "--image", "u", "--wait"];

#[test]
fn a_rental_is_waited_for() {
    let server = Server::of(world().offer(offer(70, 7)));
    let ssh = json!({ "22/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "4022" }] });
    server.rent_like(Instance::new(0).field("public_ipaddr", "10.0.0.1").field("ports", ssh));
    let done = Vastai::asking(&server, &RENT).run();
    expect![[r#"
        exit 0
        --- stdout
        new_contract      29000001
        instance_api_key  [hidden]
        --- stderr
        note: rent offer 70 (RTX 4090, 0.40 $/h)
        note: instance 29000001 is rented, and billed until it is destroyed: `vastai show instance 29000001`, `vastai destroy instance 29000001`
        note: waiting for instance 29000001 to run
        note: waiting for instance 29000001 to run: running (success, running)
        note: instance 29000001 runs after 0s; log in with `ssh -p 4022 root@10.0.0.1`
    "#]]
    .assert_eq(&done.transcript());
    // Also with fields by our flags, and by a launch.
    let server = Server::of(world().offer(Offer::new(70)));
    server.rent_like(Instance::new(0));
    let line = ["launch", "instance", "-g", "RTX_4090", "-n", "1", "-i", "u", "--wait", "--raw"];
    let done = Vastai::asking(&server, &line).run();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(serde_json::from_str::<Value>(&done.stdout).unwrap()["new_contract"].is_i64(), "{}", done.stdout);
}

#[test]
fn an_instance_that_dies_ends_the_wait_with_the_reason() {
    let server = Server::of(world().offer(offer(70, 7)));
    let dies = Instance::new(0)
        .actual_status("created")
        .field("status_msg", "OCI runtime create failed: no such file");
    server.rent_like(dies);
    let done = Vastai::asking(&server, &RENT).run();
    assert_eq!(
        (done.code, done.stdout.as_str()),
        (Some(1), "new_contract      29000001\ninstance_api_key  [hidden]\n")
    );
    assert!(done.stderr.contains("OCI runtime create failed: no such file"), "{}", done.stderr);
    assert!(done.stderr.contains("`vastai destroy instance 29000001`"), "{}", done.stderr);
    // It is there: what is to become of it is the caller's to say.
    assert_eq!(server.instance_ids(), [29_000_001]);
    let server = Server::of(world().offer(offer(70, 7)));
    let done = Vastai::asking(&server, &[&RENT[..], &["--wait-timeout", "1"]].concat()).run();
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("is not running: it is `loading` after 1s"), "{}", done.stderr);
}

#[test]
fn a_wait_that_is_interrupted_leaves_the_instance() {
    let server = Server::of(world().offer(offer(70, 7)));
    let (child, _home) = Vastai::asking(&server, &RENT).start();
    wait_until("a poll", || has(&server, &Method::GET, "/api/v0/instances/"));
    interrupt(&child);
    let (code, stderr) = end(child);
    assert_eq!((code, server.instance_ids()), (Some(1), vec![29_000_001]), "{stderr}");
    assert!(stderr.contains("instance 29000001 is rented, and goes on"), "{stderr}");
    assert!(stderr.contains("`vastai destroy instance 29000001`"), "{stderr}");
}
