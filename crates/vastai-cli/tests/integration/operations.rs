//! Every operation of the document as a command: its help, and a call of the simulator. One simulator is for all of them: the start of one for
//! each, as `--mock` has it, would be most of the work.

use serde_json::{Value, json};
use vastai_api::{OPERATIONS, Operation, ValueKind};
use vastai_mock::{Endpoint, Instance, Workergroup};
use vastai_spec::words::{self, Named};

use super::support::{Server, Vastai};

/// Commands that cannot do without what their usage leaves open, or that take values of a form of their own.
const LINES: &[(&str, &[&str])] = &[
    ("attachSshKey", &["1", "--ssh-key", "ssh-ed25519 AAAA"]),
    ("createEnvVar", &["new", "x"]),
    ("createInstance", &["14000005", "--image", "x"]),
    ("createNotificationWebhook", &[r#"["instance.stopped"]"#, "https://example.com/hook"]),
    ("createScheduledJob", &["x", "x", "{}", "DAILY", "1", "2", "--hour-of-the-day", "1"]),
    ("createTeamRole", &["x", "{}"]),
    ("createWorkergroup", &["--endpoint-id", "1"]),
    ("deleteTemplate", &["--template-id", "1"]),
    ("getEndpointLogs", &["--id", "1"]),
    ("initiateRemoteRsync", &["C.28004311:/a", "C.28004312:/b"]),
    ("launchInstance", &["x", "{}"]),
    ("manageInstances", &["[1]", "stopped"]),
    ("scheduleMaint", &["1", "1", "4102444800"]),
    ("searchAsks", &["{}"]),
    ("showCharges", &[r#"{"day":{"gte":1784000000,"lte":1784700000}}"#]),
    ("showInvoices", &[r#"{"when":{"gte":1784000000,"lte":1784700000}}"#]),
    ("showMaints", &["[1]"]),
    ("tfaAuthNew", &["--code", "123456", "--secret", "x"]),
    ("tfaConfirmAuthNew", &["123456", "x"]),
    ("tfaDelete", &["--code", "123456"]),
    ("tfaLogin", &["--code", "123456"]),
    ("tfaRegenCodes", &["--code", "123456"]),
    ("tfaUpdate", &["1", "--label", "x"]),
    ("updateNotificationPreferences", &["1", "{}"]),
    ("updateScheduledJob", &["1", "x", "x", "{}", "DAILY", "1", "2", "--hour-of-the-day", "1"]),
    ("updateSshKey", &["1", "ssh-ed25519 AAAA"]),
    ("updateTeamRole", &["1", "{}"]),
];

/// What the simulator refuses, by what it says: the world has nothing of the kind, or none with this id.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "There is no cluster 1.",
        &["joinCluster", "deleteCluster", "removeMachineFromCluster", "createOverlay"],
    ),
    ("There is no network x.", &["joinOverlay"]),
    ("There is no such network.", &["deleteOverlay"]),
    ("There is no network disk 1.", &["offerNetworkVolume"]),
    ("There is no scheduled job 1.", &["updateScheduledJob", "deleteScheduledJob"]),
    ("The account is no team.", &["inviteTeamMember"]),
    ("The account has no such second factor.", &["tfaLogin", "tfaDelete", "tfaRegenCodes"]),
    ("There is no second factor 1.", &["tfaUpdate"]),
    (
        "No code was sent for this secret, or it was used.",
        &["tfaConfirmAuthNew", "tfaAuthNew", "tfaActivate", "tfaResendSms"],
    ),
];

/// Something that the parameter takes.
fn sample(operation: &Operation, placeholder: &str) -> &'static str {
    let name = |name: &str| name.to_uppercase().replace('-', "_");
    let parameter = operation.parameters.iter().rfind(|parameter| name(parameter.name) == placeholder);
    // A place of the official command is an id, or several.
    let Some(parameter) = parameter else { return "1" };
    match parameter.kind {
        ValueKind::Integer | ValueKind::Number => "1",
        ValueKind::Boolean => "true",
        ValueKind::Text => "x",
        _ => "[1]",
    }
}

/// What the help says that a command cannot do without.
fn needed(operation: &Operation, help: &str) -> Vec<String> {
    let usage = help.lines().find_map(|line| line.strip_prefix("Usage: vastai ")).unwrap_or_default();
    let mut line: Vec<String> = Vec::new();
    let mut flag = None;
    for word in usage.split(' ').filter(|word| !word.starts_with('[')) {
        if word.starts_with("--") {
            flag = Some(word.to_owned());
        } else if word.starts_with('<') {
            let name = word.trim_start_matches('<').split('>').next().unwrap_or_default();
            let named = match &flag {
                Some(flag) => flag.trim_start_matches('-').to_uppercase().replace('-', "_"),
                None => name.to_owned(),
            };
            line.extend(flag.take());
            line.push(sample(operation, &named).to_owned());
        }
    }
    line
}

/// Puts back what the sample lines are about, whatever the calls before have destroyed.
fn furnish(server: &Server) {
    server.add_instance(Instance::new(1));
    server.add_endpoint(Endpoint::new(1, "x").workergroup(Workergroup::new(1)));
    server.add_machine(1, "RTX 4090", 1);
    server.add_api_key(1, "mock-other-key");
    server.add_ssh_key(1, "ssh-ed25519 AAAA");
    server.attach_ssh_key(1, 1, "ssh-ed25519 AAAA");
    server.add_volume_offer(1, 1, 1_000.0, 0.1);
    server.add_network_volume_offer(1, 1, 1_000.0, 0.1);
    server.add_volume(1, 1, 1.0);
    server.add_deployment(1, "x", "x");
    server.add_template(1, json!({ "name": "x", "image": "x", "hash_id": "x" }));
    server.set_env_var("x", "x");
    server.add_team_member(1, "x@example.com", "x");
    server.announce_price(1, 1.0).unwrap();
    server.add_backup(1);
}

/// How a call went otherwise than it should.
fn fault(operation: &Operation, done: &super::support::Done) -> Option<&'static str> {
    let reason = REFUSED.iter().find(|(_, operations)| operations.contains(&operation.id));
    let errors: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    match (reason, done.code, errors.as_slice()) {
        (None, Some(0), []) if serde_json::from_str::<Value>(&done.stdout).is_ok() => None,
        (None, ..) => Some("it has to give JSON"),
        (Some((reason, _)), Some(1), [error])
            if done.stdout.is_empty() && error.contains(reason) && error.contains("(status ") =>
        {
            None
        }
        (Some(_), ..) => Some("it has to be refused in one line, with the reason and the status"),
    }
}

#[test]
fn every_operation_has_help_and_an_answer_in_json() {
    let named = OPERATIONS.iter().map(|it| Named { id: it.id, name: it.name, summary: it.summary });
    let common = Server::start();
    let mut wrong = Vec::new();
    for (operation, words) in OPERATIONS.iter().zip(words::of(named)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let help = Vastai::new(&[&words[..], &["--help"]].concat()).run();
        let about = format!("Request: {} {}", operation.method, operation.path).to_lowercase();
        if help.code != Some(0) || !help.stdout.to_lowercase().contains(&about) {
            wrong.push(format!("{} --help: {}", words.join(" "), help.transcript()));
            continue;
        }
        let needed = needed(operation, &help.stdout);
        let special = LINES.iter().find(|(id, _)| *id == operation.id);
        let needed: Vec<&str> =
            special.map_or_else(|| needed.iter().map(String::as_str).collect(), |(_, line)| line.to_vec());
        let line = [&words[..], &needed[..], &["--output", "json"]].concat();
        // Nothing is answered to a key that was replaced.
        let own = (operation.id == "resetApiKey").then(Server::start);
        let server = own.as_ref().unwrap_or(&common);
        furnish(server);
        let done = Vastai::asking(server, &line).env("VASTAI_YES", "1").run();
        if let Some(fault) = fault(operation, &done) {
            wrong.push(format!("{} ({}): {fault}: {}", line.join(" "), operation.id, done.transcript()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), OPERATIONS.len(), wrong.join("\n"));
    let known = |id: &&&str| OPERATIONS.iter().any(|operation| operation.id == **id);
    let all = LINES.iter().map(|(id, _)| id).chain(REFUSED.iter().flat_map(|(_, ids)| *ids));
    let gone: Vec<&&str> = all.filter(|id| !known(id)).collect();
    assert_eq!(gone, Vec::<&&str>::new(), "no operations");
}
