//! `mock serve`: a world that stays, for one process after another.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;
#[cfg(unix)]
use std::process::Command;

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Done, Vastai};

/// A running `mock serve`.
struct Served {
    child: Child,
    variables: BTreeMap<String, String>,
    _home: TempDir,
}

impl Served {
    fn start(line: &[&str]) -> Self {
        let (mut child, home) = Vastai::new(&[&["mock", "serve"], line].concat()).start();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // As a shell reads them.
        let variables = (0..3).map(|_| {
            let line = lines.next().unwrap().unwrap();
            let (name, value) =
                line.trim_start_matches("export ").trim_start_matches("$env:").split_once('=').unwrap();
            (name.trim().to_owned(), value.trim().trim_matches('\'').to_owned())
        });
        let variables = variables.collect();
        Self { child, variables, _home: home }
    }

    /// The variables as JSON.
    fn json_line(line: &[&str]) -> Value {
        let (mut child, _home) = Vastai::new(&[&["mock", "serve", "--raw"], line].concat()).start();
        let mut text = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut text).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn url(&self) -> &str {
        &self.variables["VAST_URL"]
    }

    /// Runs a command line with the variables that were printed.
    fn run(&self, line: &[&str]) -> Done {
        let command = Vastai::new(&[line, &["--no-retry", "--output", "json"]].concat());
        self.variables.iter().fold(command, |command, (name, value)| command.env(name, value)).run()
    }

    fn json(&self, line: &[&str]) -> Value {
        let done = self.run(line);
        assert_eq!(done.code, Some(0), "{line:?}: {}", done.transcript());
        serde_json::from_str(&done.stdout).unwrap()
    }

    /// Presses Ctrl-C, and waits for the end: the exit code, and what was said.
    #[cfg(unix)]
    fn interrupt(mut self, signal: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already where the test ended it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Posts JSON as any client would, and gives what comes back whole.
fn posted(url: &str, path: &str, body: &Value) -> String {
    let address = url.trim_start_matches("http://");
    let (body, mut stream) = (body.to_string(), TcpStream::connect(address).unwrap());
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn what_one_process_makes_the_next_one_finds() {
    let served = Served::start(&["--speed", "100000"]);
    assert_eq!(served.variables["VAST_RUN_URL"], served.url());
    let made = served.json(&["create", "endpoint", "--endpoint-name", "mine"]);
    let id = made["result"].to_string();
    let group = served.json(&["create", "workergroup", "--endpoint-id", &id, "--template-hash", "beef01"]);
    let shown = served.json(&["show", "endpoints"]);
    let names: Vec<_> = shown["results"].as_array().unwrap().iter().map(|it| &it["endpoint_name"]).collect();
    assert!(names.contains(&&json!("mine")), "{shown}");

    // A worker comes, gets ready by the clock, and takes what is routed to it.
    let group = group["id"].to_string();
    let is_ready = || {
        let workers = served.json(&["get", "workergroup", "workers", &group]);
        workers[0]["status"] == "IDLE"
    };
    assert!((0..500).any(|_| is_ready()), "no worker gets ready");
    let mut routes = (0..500).map(|_| served.json(&["route", "10", "mine"]));
    let route = routes.find(|route| route["url"].is_string()).unwrap();
    let body = json!({ "auth_data": route, "payload": { "prompt": "Hi" } });
    let response = posted(route["url"].as_str().unwrap(), "/v1/completions", &body);
    assert!(response.starts_with("HTTP/1.1 200 OK") && response.contains(r#""prompt":"Hi""#), "{response}");

    #[cfg(unix)]
    assert_eq!(served.interrupt("-INT"), (Some(0), "note: serving until Ctrl-C\n".to_owned()));
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_terminated_too() {
    let served = Served::start(&[]);
    assert_eq!(served.interrupt("-TERM").0, Some(0));
}

#[test]
fn requests_fail_as_they_are_told_to() {
    let served = Served::start(&[
        "--fault",
        "showInstances=503x1",
        "--fault",
        "createEndpoint=cut-after",
        "--fault",
        "showSubaccounts=500@0.5",
        "--seed",
        "7",
    ]);
    let first = served.run(&["show", "instances"]);
    assert_eq!(first.code, Some(1), "{}", first.transcript());
    served.json(&["show", "instances"]);
    let lost = served.run(&["create", "endpoint", "--endpoint-name", "mine"]);
    assert_eq!(lost.code, Some(1), "{}", lost.transcript());
    assert!(served.json(&["show", "endpoints"]).to_string().contains(r#""mine""#), "it was made");
    let draws =
        |served: &Served| (0..12).map(|_| served.run(&["show", "subaccounts"]).code).collect::<Vec<_>>();
    let drawn = draws(&served);
    assert!(drawn.contains(&Some(0)) && drawn.contains(&Some(1)), "{drawn:?}");
    // The index of the fault counts, so it is the same fault of the same line.
    let again = Served::start(&[
        "--fault",
        "showInstances=503x1",
        "--fault",
        "createEndpoint=cut-after",
        "--fault",
        "showSubaccounts=500@0.5",
        "--seed",
        "7",
    ]);
    assert_eq!(draws(&again), drawn, "the same seed, the same faults");
}

#[test]
fn a_rental_whose_response_is_lost_is_found_by_its_label() {
    let served = Served::start(&["--fault", "createInstance=cut-after"]);
    let offers = served.json(&["search", "offers", "num_gpus>=1", "--limit", "2"]);
    let offer = |at: usize| offers["offers"][at]["id"].to_string();
    let rent = |at: usize, more: &[&str]| {
        served.run(&[&["create", "instance", &offer(at), "--image", "ubuntu"], more].concat())
    };
    let found = rent(0, &["--label", "mine"]);
    assert_eq!(found.code, Some(0), "{}", found.transcript());
    let says_so = found.stderr.contains("the response was lost; the instance was found by its label");
    assert!(says_so, "{}", found.stderr);
    let instances = served.json(&["show", "instances"]);
    let instances = instances["instances"].as_array().unwrap();
    let id = instances.iter().find(|instance| instance["label"] == "mine").unwrap()["id"].to_string();
    assert!(found.stdout.contains(&id), "{id}: {}", found.stdout);
}

#[test]
fn a_rental_without_a_label_stays_in_doubt_and_what_came_up_since_is_named() {
    let served = Served::start(&["--fault", "createInstance=cut-after"]);
    let ids = || {
        let instances = served.json(&["show", "instances"]);
        let all = instances["instances"].as_array().unwrap().iter();
        all.map(|instance| instance["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let rent = || served.run(&["create", "instance", "1", "--image", "ubuntu"]);
    let before = ids();
    let lost = rent();
    let mut new = ids();
    new.retain(|id| !before.contains(id));
    let [id] = new[..] else { panic!("{new:?}") };
    assert_eq!((lost.code, lost.stdout.as_str()), (Some(1), ""), "{}", lost.stderr);
    let hint = format!(
        "hint: it may have been rented all the same: instance {id}, without a label, has come up and may be it; it is billed until it is \
         destroyed: look with `vastai show instance {id}` before you repeat it. With --label, a rental whose response is lost is found\n"
    );
    assert!(lost.stderr.ends_with(&hint), "{}", lost.stderr);
    // Which of several it is cannot be told.
    let lost = rent();
    let hint = format!(
        "one of the instances {id}, {}, which have no label, may be it; look with `vastai show instances` before",
        id + 1
    );
    assert!(lost.stderr.contains(&hint), "{}", lost.stderr);
}

#[test]
fn a_rental_that_never_came_up_is_said_to_stay_in_doubt() {
    let served = Served::start(&["--fault", "createInstance=cut-before"]);
    let lost = served.run(&["create", "instance", "1", "--image", "ubuntu"]);
    assert_eq!(lost.code, Some(1));
    let hint = "no instance without a label has come up so far, which may change; look with `vastai show instances` before you repeat it";
    assert!(lost.stderr.contains(hint), "{}", lost.stderr);
}

#[test]
fn the_key_and_the_port_can_be_chosen() {
    let served = Served::start(&["--api-key", "it's mine"]);
    assert!(served.variables["VAST_API_KEY"].starts_with("it"));
    let port = served.url().rsplit_once(':').unwrap().1.to_owned();
    let taken = Vastai::new(&["mock", "serve", "--port", &port]).run();
    assert_eq!((taken.code, taken.stdout.as_str()), (Some(1), ""));
    assert!(taken.stderr.starts_with("error: the simulator cannot be started: "), "{}", taken.stderr);
    let refused = Vastai::new(&["show", "endpoints", "--no-retry"])
        .env("VAST_API_KEY", "another")
        .env("VAST_URL", served.url())
        .run();
    assert_eq!(refused.code, Some(1));
    drop(served);
    let json = Served::json_line(&["--port", &port]);
    assert_eq!(json["VAST_URL"], format!("http://127.0.0.1:{port}"));
}

#[test]
fn wrong_faults_are_wrong_usage() {
    let transcript = |fault: &str| {
        let done = Vastai::new(&["mock", "serve", "--fault", fault]).run();
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{}", done.transcript());
        done.stderr
    };
    expect![[r#"
        error: --fault: the simulated document has no operation `rentMachine`; the ids of operations are in docs/operations.md
    "#]]
    .assert_eq(&transcript("rentMachine=503"));
    expect![[r#"
        error: invalid value 'showInstances' for '--fault <OPERATION=FAULT>': OPERATION=FAULT is meant

        For more information, try '--help'.
    "#]]
    .assert_eq(&transcript("showInstances"));
    expect![[r#"
        error: invalid value 'showInstances=flood' for '--fault <OPERATION=FAULT>': `flood` is no fault: a status from 400 to 599, html, soft-failure, slash-redirect, cut-before, cut-after, half-body, drip, wrong-types, numbers-as-strings, or delay:SECONDS

        For more information, try '--help'.
    "#]].assert_eq(&transcript("showInstances=flood"));
    expect![[r#"
        error: invalid value 'showInstances=503x2@0.5' for '--fault <OPERATION=FAULT>': a fault has a number of requests or a share, not both

        For more information, try '--help'.
    "#]].assert_eq(&transcript("showInstances=503x2@0.5"));
    expect![[r#"
        error: invalid value 'showInstances=503@2' for '--fault <OPERATION=FAULT>': behind @ stands the share of the requests, above 0 and up to 1

        For more information, try '--help'.
    "#]].assert_eq(&transcript("showInstances=503@2"));
}

#[test]
fn help_says_how_faults_are_given() {
    expect![[r#"
        exit 0
        --- stdout
        Serve a simulated world that stays, and print the variables to set

        Usage: vastai mock serve [OPTIONS]

        Options:
              --port <N>                 The port of 127.0.0.1; 0 for a free one [default: 0]
              --seed <N>                 What faults are drawn by; the same seed gives the same ones [default: 0]
              --speed <TIMES>            How many seconds of the world pass in a real one; 0 stops its clock [default: 1]
              --fault <OPERATION=FAULT>  What goes wrong with requests for an operation; may be repeated
          -h, --help                     Print help

        Global options:
              --api-key <KEY>      API key; others on the machine may see it here, unlike in VAST_API_KEY
              --console-url <URL>  Where the console is; else VAST_URL, else https://console.vast.ai
              --run-url <URL>      Where the serverless engine is; else VAST_RUN_URL, else https://run.vast.ai
              --mock               Use the embedded simulator: no key, no network, no costs
              --no-retry           Send the request once; else what is safe to repeat is tried again
              --output <FORMAT>    table, the default; json as the service sent it; jsonl or csv, a line for each row
              --cols <A,B,…>       Show these fields, in this order: of tables, jsonl and csv
              --raw                JSON as the official client prints it; --output json is the response as it came
              --explain            Show the request in words instead of sending it
              --curl               Show the request as a command of curl instead of sending it
              --url <URL>          Where both servers are, unless said for one of them
              --retry <N>          How often to try at most; what is not safe to repeat is sent once
              --no-color           No colours, as with NO_COLOR in the environment
          -y, --yes                Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1

        It serves until Ctrl-C, and forgets everything then. Workers take requests, too;
        a workergroup that is made gets one.

        Faults, by the operation's id (`vastai show instances` is showInstances):
          createInstance=cut-after          every request: the machine is rented, the
                                            response is lost
          createInstance=503x2              the next two requests
          getEndpointWorkers=429@0.2        a fifth of the requests, drawn by the seed
        Beside a status there are html, soft-failure, slash-redirect, cut-before,
        cut-after, half-body, drip, wrong-types, numbers-as-strings, delay:SECONDS.

        Example:
          vastai mock serve --port 8900 --speed 60 --fault showInstances=503@0.1
    "#]].assert_eq(&Vastai::new(&["mock", "serve", "--help"]).run().transcript());
}
