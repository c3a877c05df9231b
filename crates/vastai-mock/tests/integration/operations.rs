//! Every operation of the document: its sample request is answered, and the response keeps to the document.

use http::{Method, StatusCode};
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value, json};
use vastai_mock::{Endpoint, Instance, Simulator, Workergroup};
use vastai_spec::operations::Authentication;
use vastai_spec::pipeline::{Prepared, Source, Staleness, prepare};
use vastai_spec::samples::{self, Sample};

use crate::client::{client, done, send};

fn prepared() -> Prepared {
    let file =
        |name: &str| std::fs::read_to_string(format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (document, corrections, additions) =
        (file("openapi.yaml"), file("overlay.yaml"), file("undocumented.yaml"));
    let overlays = [Source::new("overlay.yaml", &corrections), Source::new("undocumented.yaml", &additions)];
    prepare(Source::new("openapi.yaml", &document), overlays, Staleness::Fail).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What examples of the document do not say, as it is a JSON text.
fn filters(operation: &str, name: &str, value: &Value) -> Value {
    match (operation, name) {
        ("showInvoices", "select_filters") => json!(r#"{"when":{"gte":0,"lt":4e9}}"#),
        ("showCharges", "select_filters") => json!(r#"{"day":{"gte":0,"lte":4e9}}"#),
        ("showInstances" | "searchTemplates", "select_filters") => json!(r#"{"id":{"gt":0}}"#),
        ("showInstances", "order_by") => json!(r#"[{"col":"id","dir":"desc"}]"#),
        ("showInstances", "select_cols") => json!(r#"["*"]"#),
        _ => value.clone(),
    }
}

/// The sample request of an operation.
fn request(
    client: &Client,
    sim: &Simulator,
    prepared: &Prepared,
    sample: &Sample,
    key: &str,
) -> RequestBuilder {
    let operation = prepared.operations.iter().find(|it| it.id == sample.operation).unwrap();
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    for (place, name, value) in &sample.parameters {
        match place.as_str() {
            "path" => path = path.replace(&format!("{{{name}}}"), &text(value)),
            // A page that nobody gave cannot be asked for.
            "query" if name == "after_token" => {}
            "query" => query.push((name.as_str(), text(&filters(&sample.operation, name, value)))),
            _ => {}
        }
    }
    let method = Method::from_bytes(operation.method.to_ascii_uppercase().as_bytes()).unwrap();
    let request = client.request(method, format!("{}{path}", sim.url())).bearer_auth(key);
    let request = request.query(&query);
    match &sample.body {
        // A disk that is known already has the first id that the simulator gives.
        Some(body) if operation.id == "addNetworkDisk" => {
            let mut body = body.clone();
            body["disk_id"] = json!(5);
            request.json(&body)
        }
        Some(body) => request.json(body),
        None => request,
    }
}

/// Does what has to be done before an operation can be.
async fn before(sim: &Simulator, operation: &str) {
    for (id, gpus) in [(1, 1), (12_345, 8)] {
        sim.add_machine(id, "RTX 4090", gpus);
    }
    let totp = [("POST", "/api/v0/tfa/totp-setup/", json!(null))];
    let method = json!({ "code": "123456", "secret": "s-1", "tfa_method": "totp" });
    let method = [totp[0].clone(), ("POST", "/api/v0/tfa/confirm-new/", method)];
    let cluster = ("POST", "/api/v0/cluster/", json!({ "manager_id": 7, "subnet": "192.168.1.0/24" }));
    let joined = ("PUT", "/api/v0/cluster/", json!({ "cluster_id": 3, "machine_ids": [8] }));
    let overlay = ("POST", "/api/v0/overlay/", json!({ "cluster_id": 3, "name": "net" }));
    let disk = ("POST", "/api/v0/network_disk/", json!({ "machines": [7], "mount_point": "/mnt/d" }));
    let team = ("POST", "/api/v0/team/", json!({ "team_name": "blue" }));
    let role = |name| ("POST", "/api/v0/team/roles/", json!({ "name": name, "permissions": {} }));
    let job = json!({
        "api_endpoint": "/api/v0/instances/reboot/1/", "request_method": "PUT", "request_body": {},
        "start_time": 1, "end_time": 2, "frequency": "HOURLY",
    });
    let default_job = json!({
        "machine": 12_345, "price_gpu": 0.2, "price_inetu": 0.1, "price_inetd": 0.1, "image": "ubuntu", "args": [],
    });
    let steps = match operation {
        "tfaActivate" | "tfaConfirmAuthNew" | "tfaResendSms" => totp.to_vec(),
        "tfaLogin" | "tfaDelete" | "tfaUpdate" | "tfaRegenCodes" => method.to_vec(),
        "joinCluster" | "deleteCluster" | "createOverlay" => vec![cluster],
        "removeMachineFromCluster" => vec![cluster, joined],
        "joinOverlay" | "deleteOverlay" => vec![cluster, overlay],
        "addNetworkDisk" | "offerNetworkVolume" | "showNetworkDisks" => vec![cluster, disk],
        "removeDefjob" => vec![("PUT", "/api/v0/machines/create_bids/", default_job)],
        "destroyTeam" | "showTeamMembers" | "removeTeamMember" => vec![team],
        "inviteTeamMember" | "removeTeamRole" => vec![team, role("developer")],
        "showTeamRole" | "showTeamRoles" | "updateTeamRole" => vec![role("admin")],
        "updateScheduledJob" | "deleteScheduledJob" | "showScheduledJobs" => {
            vec![("POST", "/api/v0/commands/schedule_job/", job)]
        }
        _ => Vec::new(),
    };
    for (method, path, body) in steps {
        done(sim, method, path, body).await;
    }
    sim.add_deployment(5, "app", "x");
    sim.add_deployment(644, "square", "default");
    sim.announce_price(28_004_311, 1.0).unwrap();
    sim.add_backup(28_004_311);
    sim.add_benchmark("RTX 4090", 1, 1650.0);
    sim.add_network_volume_offer(123, 3, 1_000.0, 0.15);
    if operation == "removeTeamMember" {
        sim.add_team_member(12_345, "c@example.com", "developer");
    }
}

/// A world in which there is what the sample request asks for.
async fn world(sample: &Sample) -> Simulator {
    let sim = Simulator::start().await.unwrap();
    let in_path = |name: &str| {
        let mut parameters = sample.parameters.iter();
        parameters.find(|(place, it, _)| place == "path" && it == name).and_then(|it| it.2.as_u64())
    };
    before(&sim, &sample.operation).await;
    let named = ["id", "endpoint_id", "workergroup_id", "src_id", "dst_id"]
        .map(|name| sample.body.as_ref()?.get(name)?.as_u64());
    for id in [in_path("id")].into_iter().chain(named).flatten() {
        sim.add_instance(Instance::new(id));
        sim.add_endpoint(Endpoint::new(id, format!("endpoint {id}")).workergroup(Workergroup::new(id)));
        sim.add_api_key(id, "mock-other-key");
        sim.add_ssh_key(id, "ssh-ed25519 AAAA");
        sim.add_volume_offer(id, 1, 1_000_000.0, 0.1);
        sim.add_volume(id, 1, 1.0);
        in_path("ssh_key_id").into_iter().for_each(|key| sim.attach_ssh_key(id, key, "ssh-ed25519 AAAA"));
    }
    let in_query = sample.parameters.iter().find(|(place, name, _)| place == "query" && name == "id");
    if let Some(id) = in_query.and_then(|(_, _, id)| id.as_u64()) {
        sim.add_volume(id, 1, 10.0);
    }
    if sample.operation == "startRsync" {
        sim.add_instance(Instance::new(502));
    }
    if sample.operation == "getSshKeysUser" {
        sim.add_ssh_key(1, "ssh-ed25519 AAAA");
    }
    let hash = sample.body.as_ref().and_then(|body| body.get("hash_id")).cloned().unwrap_or_default();
    let id = sample.body.as_ref().and_then(|body| body.get("template_id")?.as_u64());
    sim.add_template(id.unwrap_or(7), json!({ "name": "a", "image": "b", "hash_id": hash }));
    if sample.operation != "createEnvVar"
        && let Some(name) = sample.body.as_ref().and_then(|body| body.get("key")?.as_str())
    {
        sim.set_env_var(name, "value");
    }
    sim
}

/// Null says as much as a field that is missing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The service's form of what the overlay describes as programs read it: the client takes either.
fn as_read(operation: &str, mut body: Value) -> Value {
    // A bare list of workers or machines is an object with the list, and the ports of a host are strings on the wire.
    let lists = [("Workers", "workers"), ("showMachine", "machines")];
    for (_, list) in lists.iter().filter(|(operations, _)| operation.ends_with(operations)) {
        if body.is_array() {
            body = json!({ *list: body });
        }
    }
    with_numbers_of_ports(&mut body);
    body
}

fn with_numbers_of_ports(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().map(str::parse::<u16>) {
                    Some(Ok(port)) if name == "HostPort" => *value = json!(port),
                    _ => with_numbers_of_ports(value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(with_numbers_of_ports),
        _ => {}
    }
}

/// The schema of the response of an operation with a status, with what it refers to.
fn schema(prepared: &Prepared, sample: &Sample, status: StatusCode) -> Option<Value> {
    let operation = prepared.operations.iter().find(|it| it.id == sample.operation).unwrap();
    let responses = &prepared.overlaid["paths"][&operation.path][&operation.method]["responses"];
    let mut response = &responses[status.as_str()];
    if let Some(reference) = response["$ref"].as_str() {
        response = prepared.overlaid.pointer(reference.trim_start_matches('#')).unwrap();
    }
    let schema = response["content"]["application/json"].get("schema")?;
    // The variants of route's response have optional fields only: what fits one fits both.
    let schema = json!({ "components": prepared.overlaid["components"], "allOf": [schema] });
    Some(serde_json::from_str(&schema.to_string().replace(r#""oneOf":"#, r#""anyOf":"#)).unwrap())
}

#[tokio::test]
async fn every_operation_answers_its_sample_as_the_document_says() {
    let (prepared, client) = (prepared(), client());
    let samples = samples::of(&prepared.overlaid);
    assert_eq!(samples.len(), 168);
    let mut wrong = Vec::new();
    for sample in &samples {
        let name = &sample.operation;
        let sim = world(sample).await;
        let response = send(request(&client, &sim, &prepared, sample, sim.api_key())).await;
        if !response.status.is_success() {
            wrong.push(format!("{name}: {} {}", response.status, response.body));
            continue;
        }
        let last = sim.requests().pop().unwrap();
        assert_eq!((last.operation(), last.carried_out()), (Some(name.as_str()), true));
        let Some(schema) = schema(&prepared, sample, response.status) else { continue };
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let body = as_read(name, without_nulls(response.json()));
        wrong.extend(
            validator.iter_errors(&body).map(|error| format!("{name}: {}: {error}", error.instance_path())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_operation_asks_for_the_key() {
    let (prepared, client) = (prepared(), client());
    let sim = Simulator::start().await.unwrap();
    for sample in samples::of(&prepared.overlaid) {
        let operation = prepared.operations.iter().find(|it| it.id == sample.operation).unwrap();
        if operation.authentication == Authentication::None {
            continue;
        }
        let answer = send(request(&client, &sim, &prepared, &sample, "another-key")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", sample.operation);
        assert_eq!(sim.effects(&sample.operation), Ok(0));
    }
}

#[tokio::test]
async fn nothing_that_is_sent_breaks_it() {
    let (prepared, client) = (prepared(), client());
    let sim = Simulator::builder().strict(false).start().await.unwrap();
    let odd = [
        json!(null),
        json!([]),
        json!("text"),
        json!(-1.5e300),
        json!({ "id": [], "endpoint": {}, "label": 1, "hash_id": {}, "cost": 1e300, "tail": u64::MAX, "limit": -1 }),
        json!({ "order": [[], 1, ["id"]], "id": { "in": 1 }, "select": null, "key": "", "value": "" }),
    ];
    let mut sent = 0;
    for operation in &prepared.operations {
        let method = Method::from_bytes(operation.method.to_ascii_uppercase().as_bytes()).unwrap();
        for value in ["18446744073709551615", "-1", "%FF%00", "28004311"] {
            let mut path = operation.path.clone();
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                path.replace_range(from..=to, value);
            }
            for body in &odd {
                let url =
                    format!("{}{path}?limit=99999999999999999999&select_filters=[1]&order_by=%7B", sim.url());
                let request = client.request(method.clone(), url).bearer_auth(sim.api_key());
                send(request.json(body)).await;
                sent += 1;
            }
        }
    }
    assert_eq!(sim.request_count(), sent);
    assert!(sim.requests().iter().all(|request| request.answered_with().is_some()));
}

#[tokio::test]
async fn a_request_that_is_not_as_documented_is_refused_with_the_place() {
    let sim = Simulator::start().await.unwrap();
    let lenient = Simulator::builder().strict(false).start().await.unwrap();
    let client = client();
    let json = |value: Value| Some(value);
    for (method, path, body, msg) in [
        ("PUT", "/api/v0/asks/six/", json(json!({})), "path: id is a string where the document has integer"),
        ("PUT", "/api/v0/asks/6/", None, "body: is missing"),
        (
            "PUT",
            "/api/v0/asks/6/",
            json(json!({ "image": 5 })),
            "body: /image is a number where the document has string",
        ),
        (
            "PUT",
            "/api/v0/instances/28004311/",
            json(json!({ "stat": "stopped" })),
            "body: /stat is a field that the document does not know; it knows label, state",
        ),
        ("GET", "/api/v1/instances/?limit=26", None, "query: limit is above the most of 25"),
        (
            "GET",
            "/api/v1/instances/?api_key=x",
            None,
            "query: api_key is a parameter that the document does not know",
        ),
        ("GET", "/api/v0/charges/", None, "query: select_filters is missing"),
        ("DELETE", "/api/v0/ssh/1/", json(json!({ "id": 2 })), "body: the operation takes none"),
        ("POST", "/get_endpoint_workers/", json(json!({ "id": 0 })), "body: /id is below the least of 1"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = |sim: &Simulator| {
            let request = client.request(method.clone(), format!("{}{path}", sim.url()));
            let request = request.bearer_auth(sim.api_key());
            body.iter().fold(request, |request, body| request.json(body))
        };
        let response = send(request(&sim)).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{path}: {}", response.body);
        assert_eq!(response.json()["msg"], msg);
        assert!(!sim.requests().pop().unwrap().carried_out());
        let lenient = send(request(&lenient)).await;
        assert_ne!(lenient.body, response.body, "{path}");
    }
    let no_json = client.put(format!("{}/api/v0/asks/6/", sim.url())).bearer_auth(sim.api_key()).body("{}");
    assert_eq!(send(no_json).await.json()["msg"], "header: Content-Type is not application/json");
    assert_eq!(sim.machines_rented(), 0);
}

#[tokio::test]
async fn what_official_clients_say_twice_is_taken() {
    let sim = Simulator::start().await.unwrap();
    let key = sim.api_key();
    let client = client();
    for (method, path, body) in [
        ("GET", "/api/v0/instances/28004311/?owner=me".to_owned(), None),
        ("GET", format!("/api/v0/endptjobs/?client_id=me&api_key={key}"), None),
        ("GET", "/api/v0/endptjobs/".to_owned(), Some(json!({ "client_id": "me", "api_key": key }))),
        ("GET", "/api/v0/autojobs/".to_owned(), Some(json!({ "client_id": "me" }))),
        (
            "POST",
            format!("/route/?api_key={key}"),
            Some(json!({
                "endpoint": "vLLM-Qwen3-8B", "api_key": key, "cost": 10, "request_idx": 0, "replay_timeout": 60.0,
            })),
        ),
        ("GET", "/api/v0/users/me/machine-earnings?sday=20332&eday=20361&machid=null".to_owned(), None),
        (
            "DELETE",
            "/api/v0/endptjobs/12345/".to_owned(),
            Some(json!({ "client_id": "me", "endptjob_id": 12345 })),
        ),
        (
            "PUT",
            "/api/v0/asks/6/".to_owned(),
            Some(json!({ "client_id": "me", "image": "i", "label": null })),
        ),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client.request(method, format!("{}{path}", sim.url())).bearer_auth(key);
        let response = send(body.iter().fold(request, |request, body| request.json(body))).await;
        assert_eq!(response.status, StatusCode::OK, "{path}: {}", response.body);
    }
    // Only what is true: another key, another id and a null where something has to be are refused.
    for (path, body) in [
        ("/api/v0/endptjobs/42/?api_key=other", json!({})),
        ("/api/v0/endptjobs/42/", json!({ "endptjob_id": 43 })),
        ("/api/v0/machines/7/minbid/", json!({ "price": null })),
    ] {
        let response = send(client.put(format!("{}{path}", sim.url())).bearer_auth(key).json(&body)).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{path}: {}", response.body);
    }
}

#[tokio::test]
async fn numbers_in_filters_come_as_strings_too() {
    let sim = Simulator::start().await.unwrap();
    let search = async |num_gpus: Value| {
        let request = client().post(format!("{}/api/v0/bundles/", sim.url())).bearer_auth(sim.api_key());
        send(request.json(&json!({ "num_gpus": num_gpus }))).await.json()["offers"].clone()
    };
    let numbers = search(json!({ "gte": 2 })).await;
    assert!(numbers.as_array().is_some_and(|offers| !offers.is_empty()));
    assert_eq!(search(json!({ "gte": "2" })).await, numbers);
    assert_eq!(search(json!({ "gte": "many" })).await, json!([]));
}

#[tokio::test]
async fn another_document_can_be_simulated() {
    let document = r#"
openapi: 3.1.0
info: { title: Another, version: "1" }
servers: [{ url: https://console.example }]
paths:
  /api/v9/tea/{kind}:
    get:
      operationId: makeTea
      parameters: [{ name: kind, in: path, required: true, schema: { enum: [green, black] } }]
      responses:
        "200":
          description: tea
          content: { application/json: { schema: { type: object, properties: { cups: { type: integer } } } } }
"#;
    let sim = Simulator::builder().document(document).start().await.unwrap();
    assert_eq!(sim.operations(), ["makeTea"]);
    let url = |kind| format!("{}/api/v9/tea/{kind}", sim.url());
    // The document asks for no key.
    assert_eq!(send(client().get(url("green"))).await.json(), json!({ "cups": 1 }));
    assert_eq!(send(client().get(url("red"))).await.status, StatusCode::BAD_REQUEST);
    let error = Simulator::builder().document("a: [").start().await.unwrap_err();
    assert!(error.to_string().starts_with("the simulator cannot use this document"), "{error}");
}
