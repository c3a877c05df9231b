//! What happens on instances: files, commands, logs and logins, with stubs in the place of ssh and rsync.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;

use expect_test::expect;
use http::StatusCode;
use serde_json::json;
use vastai_mock::{Instance, RawResponse, Simulator};

use super::support::{KEY, NOW, Server, Vastai};

/// Writes its words down, a line each, and ends with a code.
fn stub(line: Vastai, program: &str, code: u8) -> Vastai {
    let script =
        format!("#!/bin/sh\nprintf '%s\\n' \"${{0##*/}}\" \"$@\" >> \"$HOME/called\"\nexit {code}\n");
    let line = line.file(format!("bin/{program}"), &script);
    let path = line.path(format!("bin/{program}"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    line.home_env("PATH", "bin")
}

/// What a stub was called with.
fn called(line: &Vastai) -> String {
    std::fs::read_to_string(line.path("called")).unwrap_or_default()
}

/// A server that says where a copy goes to, or comes from.
fn with_rsync(fields: serde_json::Value) -> Server {
    let server = Server::start();
    // With `local:` for this machine, the official client asks by the operation for instances.
    for path in ["/api/v0/commands/rsync", "/api/v0/commands/copy_direct"] {
        server.respond_with(path, RawResponse::json(StatusCode::OK, &fields));
    }
    server
}

#[test]
fn a_copy_from_here_goes_by_rsync_to_the_instance() {
    for (from, to) in [("./data", "C.28004311:/workspace/a b"), ("local:./data", "28004311:/workspace/a b")] {
        let server = with_rsync(json!({"success": true, "dst_addr": "203.0.113.7", "dst_port": 2222}));
        let mut line = stub(Vastai::asking(&server, &["copy", from, to, "-i", "key file"]), "rsync", 0);
        let done = line.run_with_input("");
        assert_eq!(done.code, Some(0), "{}", done.transcript());
        expect![[r#"
            rsync
            -arz
            -v
            --progress
            -e
            ssh -p 2222 -o StrictHostKeyChecking=accept-new -i 'key file'
            --
            ./data
            vastai_kaalia@203.0.113.7::28004311/workspace/a b
        "#]]
        .assert_eq(&called(&line));
    }
}

#[test]
fn a_copy_from_the_instance_comes_by_rsync() {
    let server = with_rsync(json!({"success": true, "src_addr": "203.0.113.7", "src_port": "2222"}));
    let mut line = stub(Vastai::asking(&server, &["copy", "C.28004311:/out", "-results"]), "rsync", 0);
    let done = line.run_with_input("");
    // A word that begins with a dash is an option.
    assert_eq!((done.code, called(&line).as_str()), (Some(2), ""), "{}", done.stderr);
    let mut line = stub(Vastai::asking(&server, &["copy", "C.28004311:/out", "local:-results"]), "rsync", 0);
    line.run_with_input("");
    assert!(
        called(&line).ends_with("--\nvastai_kaalia@203.0.113.7::28004311/out\n./-results\n"),
        "{}",
        called(&line)
    );
}

#[test]
fn a_copy_that_fails_fails() {
    let server = with_rsync(json!({"success": true, "dst_addr": "203.0.113.7", "dst_port": 2222}));
    let line = ["copy", "./data", "C.28004311:/workspace"];
    let done = stub(Vastai::asking(&server, &line), "rsync", 23).run_with_input("");
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("error: rsync ended with exit status: 23"), "{}", done.stderr);
    // Nobody is to be reached at what is an option of ssh.
    let server = with_rsync(json!({"success": true, "dst_addr": "-oProxyCommand=id", "dst_port": 2222}));
    let mut line = stub(Vastai::asking(&server, &line), "rsync", 0);
    assert_eq!((line.run_with_input("").code, called(&line).as_str()), (Some(1), ""));
    // Without rsync, it says what is missing.
    let server = with_rsync(json!({"success": true, "dst_addr": "203.0.113.7", "dst_port": 2222}));
    let done = Vastai::asking(&server, &["copy", "./data", "C.28004311:/x"]).home_env("PATH", "none").run();
    assert!(done.stderr.contains("error: rsync cannot be run"), "{}", done.stderr);
}

#[test]
fn a_copy_for_which_no_address_is_named_fails() {
    let said = json!({"success": true, "msg": "Instance is not running."});
    let expected = expect![[r#"
        exit 1
        --- stderr
        error: nothing is copied: the service named no address to copy from or to, and says: Instance is not running.
        hint: `vastai show instance 28004311` says whether it runs; where it does, `vastai scp-url 28004311` says where scp reaches it
    "#]];
    for words in [["./data", "28004311:/workspace"], ["C.28004311:/out", "local:."]] {
        let server = with_rsync(said.clone());
        let mut line = stub(Vastai::asking(&server, &[&["copy"], &words[..]].concat()), "rsync", 0);
        expected.assert_eq(&line.run_with_input("").transcript());
        assert_eq!(called(&line), "");
    }
    // A cloud is nothing that rsync reaches, whatever the service names.
    let server = with_rsync(json!({"success": true, "dst_addr": "203.0.113.7", "dst_port": 2222}));
    let mut line = stub(Vastai::asking(&server, &["copy", "./data", "drive:/backups"]), "rsync", 0);
    expect![[r#"
        exit 1
        --- stderr
        error: nothing is copied: this machine copies to and from an instance or a volume alone
        hint: an instance is written C.ID:/PATH, a volume V.ID:/PATH; `vastai cloud copy` copies between an instance and a cloud
    "#]].assert_eq(&line.run_with_input("").transcript());
    assert_eq!(called(&line), "");
}

#[test]
fn a_copy_between_instances_is_the_services() {
    let server = Server::start();
    let mut line =
        stub(Vastai::asking(&server, &["copy", "C.28004311:/a", "C.28004312:/b", "--raw"]), "rsync", 0);
    let done = line.run_with_input("");
    assert_eq!((done.code, called(&line).as_str()), (Some(0), ""), "{}", done.stderr);
    assert_eq!(server.requests().last().unwrap().path(), "/api/v0/commands/copy_direct/");
}

#[test]
fn a_login_is_that_of_ssh() {
    let ports = json!({ "22/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "4022" }] });
    let instance = Instance::new(7).field("public_ipaddr", "203.0.113.9").field("ports", ports);
    let server = Server::of(Simulator::builder().api_key(KEY).now(NOW).empty().instance(instance));
    let words = ["--no-retry", "ssh", "-i", "key file", "7", "ls", "-l", "a b"];
    let line = Vastai::new(&words).env("VAST_API_KEY", KEY).env("VAST_URL", server.url());
    let mut line = stub(line, "ssh", 3);
    // The exit code is that of the command.
    assert_eq!(line.run_with_input("").code, Some(3));
    expect![[r#"
        ssh
        -p
        4022
        -o
        StrictHostKeyChecking=accept-new
        -i
        key file
        root@203.0.113.9
        ls
        -l
        a b
    "#]]
    .assert_eq(&called(&line));
    let mut line = stub(Vastai::asking(&server, &["ssh", "8"]), "ssh", 0);
    let done = line.run_with_input("");
    assert_eq!((done.code, called(&line).as_str()), (Some(1), ""), "{}", done.stderr);
}

#[test]
fn the_output_of_a_command_is_text() {
    let server = Server::start();
    server.write_results("total 4\n-rw-r--r-- a\u{1b}[2J");
    let done = Vastai::asking(&server, &["execute", "28004311", "ls -l"]).run();
    expect![[r#"
        exit 0
        --- stdout
        total 4
        -rw-r--r-- a\u{1b}[2J
    "#]]
    .assert_eq(&done.transcript());
}

#[test]
fn a_log_is_followed_until_the_instance_stops() {
    let server = Server::start();
    server.write_results("one\n");
    let line =
        Vastai::new(&["logs", "28004311", "--follow"]).env("VAST_API_KEY", KEY).env("VAST_URL", server.url());
    let (mut child, _home) = line.start();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "one");
    server.write_results("one\ntwo\nthree\n");
    assert_eq!((lines.next().unwrap(), lines.next().unwrap()), ("two".to_owned(), "three".to_owned()));
    server.set_actual_status(28_004_311, "exited").unwrap();
    assert_eq!(lines.next(), None);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stderr.contains("instance 28004311 is `exited`: nothing more is written into its log"),
        "{stderr}"
    );
}

#[test]
fn a_log_that_is_followed_ends_with_the_instance() {
    let server = Server::start();
    server.write_results("one\n");
    let (mut child, _home) = Vastai::asking(&server, &["logs", "28004311", "--follow"]).start();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "one");
    server.remove_instance(28_004_311).unwrap();
    assert_eq!(lines.next(), None);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn a_log_that_is_followed_ends_by_ctrl_c_whoever_started_it() {
    // A shell has what it starts in the background ignore the signal.
    for begin in ["", "trap '' INT; "] {
        let server = Server::start();
        server.write_results("one\n");
        let line = Vastai::asking(&server, &["logs", "28004311", "--follow"]);
        let (mut child, _home) = line.begun_by_a_shell(begin).start();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert_eq!(lines.next().unwrap(), "one");
        let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(lines.next(), None);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{begin}: {output:?}");
    }
}

#[test]
fn a_copy_of_the_simulator_runs_nothing() {
    for (line, from, to) in [
        (["28004311", "local:./x"], "vastai_kaalia@", "./x"),
        (["./x", "C.28004311:/workspace"], "./x", "vastai_kaalia@"),
    ] {
        let mut line = stub(Vastai::new(&[&["--mock", "copy"], &line[..]].concat()), "rsync", 0);
        let done = line.run_with_input("");
        assert_eq!((done.code, called(&line).as_str()), (Some(0), ""), "{}", done.stderr);
        let note = done.stderr.lines().last().unwrap();
        assert!(
            note.starts_with("note: nothing is copied, as the simulator has no files: rsync would go from ")
        );
        assert!(note.contains(&format!(" from {from}")) && note.contains(&format!(" to {to}")), "{note}");
    }
}

#[test]
fn the_key_of_a_two_factor_login_is_stored_for_its_owner_alone_and_used_from_then_on() {
    let session = "6a1e8d0bf2c3547596a1e8d0bf2c3547596a1e8d0bf2c3547596a1e8d0bf2c35";
    let server = Server::start();
    let response = json!({ "session_key": session, "backup_codes_remaining": 9 });
    server.respond_with("/api/v0/tfa/", RawResponse::json(StatusCode::OK, &response));
    let words = ["tfa", "login", "--code", "123456", "--no-retry"];
    let mut line = Vastai::new(&words).env("VAST_URL", server.url());
    line = line.file(".config/vastai/vast_api_key", KEY);
    let done = line.run_with_input("");
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), "logged in\n"), "{}", done.stderr);
    assert!(
        !done.stderr.contains(session) && done.stderr.contains("9 backup codes are left"),
        "{}",
        done.stderr
    );
    let file = line.path(".config/vastai/vast_tfa_key");
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), session);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // From then on it comes before the key of the account.
    let next = Vastai::new(&["show", "user", "--no-retry"]).env("VAST_URL", server.url());
    let mut next = next.file(".config/vastai/vast_api_key", KEY).file(".config/vastai/vast_tfa_key", session);
    next.run_with_input("");
    assert_eq!(server.requests().last().unwrap().bearer(), Some(session));
}
