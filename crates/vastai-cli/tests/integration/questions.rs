//! What a terminal is asked before something is lost or paid: each question says by name what it is about.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use vastai_mock::{Fault, RawResponse};

use super::pty::Terminal;
use super::support::{KEY, Server};

/// What a command line asks, and that nothing was sent that changes something; `None` where it does not ask.
fn asked(server: &Server, line: &[&str]) -> Option<String> {
    let variables = [
        ("VAST_API_KEY", KEY),
        ("VAST_URL", server.url()),
        ("VAST_RUN_URL", server.url()),
        ("NO_COLOR", "1"),
    ];
    let line = [line, &["--no-retry"]].concat();
    let terminal = Terminal::vastai((24, 250), &line, &variables);
    let screen = terminal
        .wait_until("a question or the end", |screen| screen.contains("[y/N]") || screen.contains("exit "));
    let question = screen.lines().find(|line| line.contains("[y/N]")).map(|line| line.trim_end().to_owned());
    if question.is_some() {
        terminal.press("n\r");
    }
    let end = terminal.end();
    if question.is_some() {
        assert!(end.contains("exit 1.") && end.contains("nothing was sent"), "{end}");
        let only_reads = |path: &str| path.starts_with("/api/v0/bundles") || path.contains("_workers");
        let requests = server.requests();
        let sent =
            requests.iter().filter(|request| request.method() != Method::GET && !only_reads(request.path()));
        assert_eq!(sent.count(), 0, "{line:?}");
    }
    question
}

/// What is asked where the service has this to say.
fn asked_of(path: &str, response: &Value, line: &[&str]) -> String {
    let server = Server::start();
    server.respond_with(path, RawResponse::json(StatusCode::OK, response));
    asked(&server, line).unwrap_or_else(|| panic!("{line:?} does not ask"))
}

#[test]
fn a_question_names_what_is_lost() {
    let workers = json!([{ "id": 28_004_311, "status": "idle" }, { "id": 28_004_312, "status": "idle" }]);
    let serverless = |line: &[&str]| {
        let server = Server::start();
        for path in ["/get_endpoint_workers", "/get_workergroup_workers"] {
            server.respond_with(path, RawResponse::json(StatusCode::OK, &workers));
        }
        asked(&server, line).unwrap()
    };
    let endpoint = serverless(&["delete", "endpoint", "12345"]);
    assert!(endpoint.starts_with("delete endpoint 12345 (\"vLLM-Qwen3-8B\", 2 workers, "), "{endpoint}");
    assert!(endpoint.ends_with(" $/h)? [y/N]"), "{endpoint}");

    let groups = json!({ "success": true, "results": [{ "id": 42, "endpoint_name": "chat" }, { "id": 7 }] });
    let volumes = json!({ "volumes": [{ "id": 6, "label": "other" },
        { "id": 7, "label": "models", "disk_space": 100.0, "storage_total_cost": 0.02 }] });
    let ssh = json!([{ "id": 3, "public_key": "ssh-ed25519 AAAAC3Nz me@laptop at home" }]);
    let template = json!({ "success": true, "templates_found": 1, "templates": [{ "id": 5, "hash_id": "abc", "name": "torch", "image": "pytorch/pytorch" }] });
    let machine = json!([{ "id": 8, "gpu_name": "RTX 3090", "num_gpus": 4, "hostname": "rig-1", "current_rentals_running": 1 }]);
    let methods =
        json!({ "tfa_enabled": true, "methods": [{ "id": 4, "method": "totp", "label": "phone" }] });
    let job = json!([{ "id": 17, "frequency": "DAILY", "api_endpoint": "/api/v0/instances/reboot/5/" }]);
    let member = json!([{ "id": 9, "username": "ada", "email": "ada@example.com" }]);
    let cases: &[(&str, &Value, &[&str], &str)] = &[
        (
            "/api/v0/workergroups",
            &groups,
            &["delete", "workergroup", "42"],
            "delete workergroup 42 (of endpoint \"chat\"",
        ),
        (
            "/api/v0/volumes",
            &volumes,
            &["delete", "volume", "7"],
            "delete volume 7 (label \"models\", 100 GB, 14.60 $/month)? [y/N]",
        ),
        (
            "/api/v0/auth/apikeys",
            &json!({ "apikeys": [{ "id": 123, "name": "ci" }] }),
            &["delete", "api-key", "123"],
            "delete api key 123 (\"ci\")? [y/N]",
        ),
        (
            "/api/v0/ssh",
            &ssh,
            &["delete", "ssh-key", "3"],
            "delete ssh key 3 (ssh-ed25519, me@laptop at home)? [y/N]",
        ),
        (
            "/api/v0/template",
            &template,
            &["delete", "template", "--hash-id", "abc"],
            "delete template \"abc\" (\"torch\", image \"pytorch/pytorch\")? [y/N]",
        ),
        (
            "/api/v0/template",
            &template,
            &["delete", "template", "--template-id", "5"],
            "delete template 5 (\"torch\", image \"pytorch/pytorch\")? [y/N]",
        ),
        (
            "/api/v0/machines/8",
            &machine,
            &["delete", "machine", "8"],
            "delete machine 8 (4x RTX 3090, \"rig-1\", 1 running rental)? [y/N]",
        ),
        (
            "/api/v0/machines/8",
            &machine,
            &["cleanup", "machine", "8"],
            "cleanup machine 8 (4x RTX 3090, \"rig-1\", 1 running rental)? [y/N]",
        ),
        (
            "/api/v0/machines/8",
            &machine,
            &["cancel", "maint", "8"],
            "cancel maint 8 (4x RTX 3090, \"rig-1\", 1 running rental)? [y/N]",
        ),
        (
            "/api/v0/machines/8",
            &machine,
            &["schedule", "maint", "8", "--sdate", "1893456000", "--duration", "2"],
            "schedule maint 8 (4x RTX 3090, \"rig-1\", 1 running rental)? [y/N]",
        ),
        (
            "/api/v0/tfa/status",
            &methods,
            &["tfa", "delete", "-id", "4", "-bc", "X-Y"],
            "tfa delete 4 (totp, \"phone\")? [y/N]",
        ),
        (
            "/api/v0/commands/schedule_job",
            &job,
            &["delete", "scheduled-job", "17"],
            "delete scheduled-job 17 (daily, \"/api/v0/instances/reboot/5/\")? [y/N]",
        ),
        (
            "/api/v0/team/members",
            &member,
            &["remove", "member", "9"],
            "remove team member 9 (\"ada\", \"ada@example.com\")? [y/N]",
        ),
        ("/nothing", &json!(null), &["delete", "env-var", "HF_HOME"], "delete env var \"HF_HOME\"? [y/N]"),
        ("/nothing", &json!(null), &["tfa", "regen-codes", "-bc", "X-Y"], "tfa regen-codes? [y/N]"),
        ("/nothing", &json!(null), &["reset", "api-key"], "reset api-key? [y/N]"),
        ("/nothing", &json!(null), &["delete", "volume", "999"], "delete volume 999 (not found)? [y/N]"),
    ];
    for (path, response, line, expected) in cases {
        let question = asked_of(path, response, line);
        assert!(question.starts_with(expected), "{line:?} asks: {question}\ninstead of: {expected}");
    }
}

#[test]
fn a_question_names_what_is_paid() {
    for (line, expected) in [
        (
            &["start", "instance", "28004311"][..],
            "start instance 28004311 (2x RTX 4090, label \"training\", 0.80 $/h)? [y/N]",
        ),
        (
            &["change", "bid", "28004311", "--price", "0.5"],
            "change the bid of instance 28004311 (2x RTX 4090, label \"training\", 0.80 $/h) to 0.50 $/h? [y/N]",
        ),
        (
            &["prepay", "instance", "28004311", "20"],
            "prepay 20.00 $ for instance 28004311 (2x RTX 4090, label \"training\", 0.80 $/h)? [y/N]",
        ),
        (
            &["create", "team", "--team-name", "mine", "--transfer-credit", "3"],
            "create team \"mine\" and move 3.00 $ of credit to it? [y/N]",
        ),
    ] {
        let server = Server::start();
        assert_eq!(asked(&server, line).as_deref(), Some(expected), "{line:?}");
    }
    let server = Server::start();
    let several = asked(&server, &["destroy", "instances", "28004311", "28004312"]).unwrap();
    assert!(
        several.starts_with(
            "destroy instances 28004311 (2x RTX 4090, label \"training\", 0.80 $/h), 28004312 ("
        ),
        "{several}"
    );
    assert!(several.contains("; together ") && several.ends_with(" $/h? [y/N]"), "{several}");
}

#[test]
fn what_can_be_had_back_is_not_asked_about() {
    for line in [
        &["label", "instance", "28004311", "mine"][..],
        &["stop", "instance", "28004311"],
        &["reboot", "instance", "28004311"],
        &["create", "team", "--team-name", "mine"],
        &["copy", "C.28004311:/a", "C.28004312:/b"],
        &["unlist", "machine", "7"],
        &["show", "instances"],
    ] {
        let server = Server::start();
        assert_eq!(asked(&server, line), None, "{line:?}");
    }
}

#[test]
fn where_the_lookup_fails_the_id_alone_is_asked_about() {
    for fault in [
        Fault::status(500),
        Fault::status(401),
        Fault::html(502),
        Fault::half_body(),
        Fault::cut_before_effect(),
    ] {
        let server = Server::start();
        for operation in ["showInstance", "listVolumes"] {
            server.inject(operation, fault.clone().always()).unwrap();
        }
        assert_eq!(
            asked(&server, &["destroy", "instance", "28004311"]).as_deref(),
            Some("destroy instance 28004311? [y/N]")
        );
        assert_eq!(asked(&server, &["delete", "volume", "7"]).as_deref(), Some("delete volume 7? [y/N]"));
        assert_eq!(
            asked(&server, &["destroy", "instances", "28004311", "28004312"]).as_deref(),
            Some("destroy instances 28004311, 28004312? [y/N]")
        );
    }
}

#[test]
fn a_lookup_that_takes_long_is_not_waited_for() {
    let server = Server::start();
    server.inject("showInstance", Fault::delay(std::time::Duration::from_secs(3600)).always()).unwrap();
    assert_eq!(
        asked(&server, &["recycle", "instance", "28004311"]).as_deref(),
        Some("recycle instance 28004311? [y/N]")
    );
}

#[test]
fn a_name_cannot_forge_a_question_or_fill_the_screen() {
    let name = format!("x\")? [y/N] y\n\u{1b}[2J\u{202e}{}", "y".repeat(5000));
    let volumes = json!({ "volumes": [{ "id": 7, "label": name, "disk_space": 1.0 }] });
    let question = asked_of("/api/v0/volumes", &volumes, &["delete", "volume", "7"]);
    assert!(
        question.starts_with("delete volume 7 (label \"x\\\")? [y/N] y \\u{1b}[2J\\u{202e}yyy"),
        "{question}"
    );
    assert!(question.ends_with("…\", 1 GB)? [y/N]") && question.len() < 200, "{question}");
}
