//! A server that the document changes is where the call goes, with no code touched.
//!
//! The command is compiled on the client of a changed copy of the document, and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use vastai_mock::Simulator;

use crate::workspace::{CLIENT, COMMAND, FACADE, MODELS, Made, WORKSPACE, result};

const OPERATION: &str = "showEndpoints";

/// Operations that the document sends elsewhere: to hosts that only look like the service's, and to one that a variable hides.
const FOREIGN: [(&str, &[&str], &str); 5] = [
    ("showInstances", &["show", "instances"], "https://evil.example"),
    ("showApiKeys", &["show", "api", "keys"], "https://console.vast.ai.evil.example"),
    ("showUser", &["show", "user"], "https://console.vast.ai@evil.example"),
    ("getMachines", &["show", "machines"], "https://host.evil.example"),
    ("showSshKeys", &["show", "ssh-keys", "1"], "http://console.vast.ai"),
];

/// The vendored document with one operation moved to the other server, and some to servers that are none of the service.
fn changed_document(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(WORKSPACE.root.join("openapi.yaml")).unwrap();
    let mut document = vastai_spec::load::openapi(&text, "openapi.yaml").unwrap();
    let mut move_to = |id: &str, server: &str| {
        let operation = document["paths"]
            .as_object_mut()
            .unwrap()
            .values_mut()
            .flat_map(|item| item.as_object_mut().unwrap().values_mut())
            .find(|operation| operation.get("operationId") == Some(&json!(id)))
            .unwrap();
        assert!(operation.get("servers").is_none(), "{id} is on the document's server");
        operation["servers"] = json!([{ "url": server, "variables": { "host": { "default": "host" } } }]);
    };
    move_to(OPERATION, "https://run.vast.ai");
    for (id, _, server) in FOREIGN {
        move_to(id, &server.replace("//host.", "//{host}."));
    }
    let file = folder.join("changed.json");
    std::fs::write(&file, document.to_string()).unwrap();
    file
}

/// Builds the command from another document and gives its path.
fn built_from(document: &Path, folder: &Path) -> PathBuf {
    result(&WORKSPACE.build_script(document, folder)).unwrap();
    for of in [CLIENT, FACADE, MODELS] {
        result(&WORKSPACE.compile(&of, Made::Library, folder)).unwrap();
    }
    result(&WORKSPACE.compile(&COMMAND, Made::Program, folder)).unwrap();
    folder.join(format!("vastai{}", std::env::consts::EXE_SUFFIX))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_changed_in_the_document_is_where_the_call_goes() {
    let folder = tempfile::tempdir().unwrap();
    let command = built_from(&changed_document(folder.path()), folder.path());
    let console = Simulator::start().await.unwrap();
    let run = Simulator::start().await.unwrap();
    let called = |words: &[&str]| {
        Command::new(&command)
            .args(["--console-url", console.url(), "--run-url", run.url(), "--api-key", run.api_key()])
            .args(words)
            .env_clear()
            .output()
            .unwrap()
    };
    let output = called(&["show", "endpoints"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(console.requests().is_empty());
    let requests = run.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method().as_str(), requests[0].path()), ("GET", "/api/v0/endptjobs/"));

    // The key goes to the two origins of the service alone, whatever a document says: such a call is not made at all.
    for (id, words, server) in FOREIGN {
        let refused = called(words);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success(), "{id}: {told}");
        assert!(told.contains(&format!("sends this operation to {server}")), "{id}: {told}");
        assert!(told.contains("the key goes to these two alone"), "{id}: {told}");
    }
    assert_eq!((console.requests().len(), run.requests().len()), (0, 1));
}
