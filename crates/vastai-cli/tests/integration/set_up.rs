//! What sets the command line up: keys, checks, completions and pages for man.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::support::{KEY, Server, Vastai};

/// Whether a program says that this input is well-formed; none where the program is not there.
#[expect(clippy::print_stdout, reason = "a skip is said")]
fn is_accepted(program: &str, arguments: &[&str], input: &str) -> Option<bool> {
    let spawned = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: there is no {program}");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Some(child.wait().unwrap().success())
}

#[test]
fn completions_are_what_their_shells_read() {
    for (shell, program, arguments, word) in [
        ("bash", "bash", &["-n"][..], "vastai__subcmd__show"),
        ("zsh", "zsh", &["-n"], "#compdef vastai"),
        ("fish", "fish", &["--no-execute"], "complete -c vastai"),
        ("powershell", "pwsh", &["-NoProfile", "-Command", "-"], "Register-ArgumentCompleter"),
    ] {
        let script = Vastai::new(&["completions", shell]).run().answer();
        assert!(script.contains(word), "{shell}: {}", &script[..2_000]);
        assert!(
            script.contains("endpoint") && script.contains("no-retry") && script.contains("watch"),
            "{shell}"
        );
        assert_ne!(is_accepted(program, arguments, &script), Some(false), "{shell}");
    }
    let done = Vastai::new(&["completions", "tcsh"]).run();
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{}", done.transcript());
}

#[test]
fn bash_completes_words_of_commands_and_flags() {
    let script = Vastai::new(&["completions", "bash"]).run().answer();
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("completions"), script).unwrap();
    let complete = |line: &str| {
        let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let last = words.len() - 1;
        // From a file, as the script is longer than an argument may be.
        let asked = format!(
            ". completions; COMP_WORDS=({}); COMP_CWORD={last}; _vastai vastai {} {}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[last],
            words[last - 1]
        );
        let output =
            Command::new("bash").args(["-c", &asked]).current_dir(directory.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete("vastai watch i"), "instances\n");
    assert_eq!(complete("vastai get endpoint work"), "workers\n");
    assert_eq!(complete("vastai show instances --console"), "--console-url\n");
}

#[test]
fn each_command_has_a_page() {
    let page = Vastai::new(&["man"]).run().answer();
    assert!(page.contains(".TH vastai 1") && page.contains("vastai"), "{page}");
    let directory = TempDir::new().unwrap();
    let out = directory.path().join("share/man1");
    Vastai::new(&["man", "--out", out.to_str().unwrap()]).run().answer();
    for page in
        ["vastai.1", "vastai-show-instances.1", "vastai-get-endpoint-workers.1", "vastai-watch-endpoint.1"]
    {
        let text = fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let done = Vastai::new(&["man", "--out", file.to_str().unwrap()]).run();
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("cannot be written to"), "{}", done.stderr);
}

const STORED: &str = ".config/vastai/vast_api_key";

/// A command line that knows where the server is, and no key.
fn keyless(server: &Server, line: &[&str]) -> Vastai {
    Vastai::new(&[line, &["--no-retry"]].concat())
        .env("VAST_URL", server.url())
        .env("VAST_RUN_URL", server.url())
}

#[test]
fn a_key_from_stdin_is_checked_and_stored() {
    let server = Server::start();
    let mut auth = keyless(&server, &["auth"]);
    let done = auth.run_with_input(&format!("  {KEY}\n"));
    expect![[r#"
        exit 0
        --- stdout
        stored in [HOME]/.config/vastai/vast_api_key: it is the key of me, me@example.com (account 456)
    "#]]
    .assert_eq(&done.transcript());
    assert_eq!(fs::read_to_string(auth.path(STORED)).unwrap().trim(), KEY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &str| fs::metadata(auth.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(STORED), mode(".config/vastai")), (0o600, 0o700));
    }
    assert_eq!(fs::read_dir(auth.path(".config/vastai")).unwrap().count(), 1, "nothing else is left there");
    // It is the one that is used, and replaced whole by another.
    let status = keyless(&server, &["auth", "status"]).file(STORED, KEY);
    expect![[r#"
        exit 0
        --- stdout
        key      [HOME]/.config/vastai/vast_api_key
        account  me, me@example.com (account 456)
        credit   1000.00 $
    "#]]
    .assert_eq(&status.run().transcript());
    let json = keyless(&server, &["auth", "status", "--raw"]).file(STORED, KEY).run();
    let json: Value = serde_json::from_str(&json.answer()).unwrap();
    assert!(json["key"].as_str().is_some_and(|key| key.ends_with("vast_api_key")), "{json}");
    server.add_api_key(77, "another-key-of-the-account");
    let done = auth.run_with_input("another-key-of-the-account");
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    assert_eq!(fs::read_to_string(auth.path(STORED)).unwrap(), "another-key-of-the-account\n");
}

#[test]
fn a_key_that_the_service_refuses_is_not_stored() {
    let server = Server::start();
    let mut auth = keyless(&server, &["auth"]).file(STORED, KEY);
    for (input, code) in
        [("not-a-key-of-anyone", 1), ("", 2), (" \n", 2), ("two\nlines", 2), (&"x".repeat(5_000), 2)]
    {
        let done = auth.run_with_input(input);
        assert_eq!((done.code, done.stdout.as_str()), (Some(code), ""), "{input:?}: {}", done.transcript());
        assert!(!done.stderr.contains("not-a-key-of-anyone"), "{}", done.stderr);
        assert_eq!(fs::read_to_string(auth.path(STORED)).unwrap(), KEY, "the old one stays");
    }
    // Nor is one that could not be checked.
    let mut auth = Vastai::new(&["auth", "--no-retry"]).env("VAST_URL", "http://127.0.0.1:1");
    assert_eq!(auth.run_with_input(KEY).code, Some(1));
    assert!(!auth.path(STORED).exists());
    // One of narrow permissions is known to the service.
    let forbidden =
        vastai_mock::RawResponse::json(http::StatusCode::FORBIDDEN, &serde_json::json!({"msg": "no"}));
    server.respond_with("/api/v0/users/current", forbidden);
    let mut auth = keyless(&server, &["auth"]);
    let done = auth.run_with_input(KEY);
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    assert!(auth.path(STORED).exists());
}

#[test]
fn what_comes_before_the_stored_key_is_said() {
    let server = Server::start();
    let done = keyless(&server, &["auth"]).env("VAST_API_KEY", "of-the-variable").run_with_input(KEY);
    assert!(done.stderr.contains("VAST_API_KEY is set and comes before the file"), "{}", done.transcript());
    let done = keyless(&server, &["auth"]).file(".config/vastai/vast_tfa_key", "session").run_with_input(KEY);
    assert!(done.stderr.contains("the key of a two-factor session comes before it"), "{}", done.transcript());
    expect![[r#"
        exit 2
        --- stderr
        error: the simulator needs no key, and its key is not stored; leave out --mock
    "#]]
    .assert_eq(&Vastai::new(&["auth", "--mock"]).run().transcript());
}

#[test]
fn logging_out_removes_every_stored_key() {
    let files = [STORED, ".config/vastai/vast_tfa_key", ".vast_api_key"];
    let mut auth = files.iter().fold(Vastai::new(&["auth", "logout"]), |auth, file| auth.file(file, KEY));
    expect![[r#"
        exit 0
        --- stdout
        removed [HOME]/.config/vastai/vast_tfa_key
        removed [HOME]/.config/vastai/vast_api_key
        removed [HOME]/.vast_api_key
        --- stderr
        note: the key itself is still valid; the console's key page deletes it
    "#]]
    .assert_eq(&auth.run_with_input("").transcript());
    assert!(files.iter().all(|file| !auth.path(file).exists()));
    expect![[r#"
        exit 0
        --- stderr
        note: no key is stored
    "#]]
    .assert_eq(&auth.run_with_input("").transcript());
}

#[cfg(unix)]
#[test]
fn a_key_is_typed_without_being_shown() {
    let server = Server::start();
    let variables = [("VAST_URL", server.url()), ("VAST_RUN_URL", server.url())];
    let terminal = crate::pty::Terminal::vastai((12, 100), &["auth", "--no-retry"], &variables);
    terminal.wait_for("API key (it is not shown): ");
    terminal.press(&format!("{KEY}\r"));
    let screen = terminal.end();
    assert!(
        screen.contains("stored in ") && screen.contains("exit 0.") && !screen.contains(&KEY[..8]),
        "{screen}"
    );
    // Ctrl-C leaves the terminal as it was.
    let terminal = crate::pty::Terminal::vastai((12, 100), &["auth", "--no-retry"], &variables);
    terminal.wait_for("API key (it is not shown): ");
    terminal.press("half a key\u{3}");
    let screen = terminal.end();
    assert!(screen.contains("no key was given") && screen.contains("exit 2."), "{screen}");
}

/// What the doctor says, without what is another each time.
fn examined(server: &Server, doctor: Vastai) -> String {
    let transcript = doctor.run().transcript().replace(server.url(), "[SERVER]");
    let lines = transcript.lines().map(|line| match line.split_once(" in ") {
        Some((before, after)) if after.ends_with(" ms") => format!("{before} in [TIME]\n"),
        _ if line.contains("version  ") => "ok   version  [VERSION]\n".to_owned(),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

#[expect(clippy::needless_pass_by_value, reason = "a test reads better so")]
fn examine(server: &Server, doctor: Vastai, expected: Expect) {
    expected.assert_eq(&examined(server, doctor));
}

#[test]
fn the_doctor_finds_nothing() {
    let server = Server::start();
    examine(
        &server,
        keyless(&server, &["doctor"]).file(STORED, KEY),
        expect![[r#"
            exit 0
            --- stdout
            ok   version  [VERSION]
            ok   files    [HOME]/.config/vastai/vast_api_key, for this user alone
            ok   proxy    none
            ok   console  [SERVER] in [TIME]
            ok   engine   [SERVER] in [TIME]
            ok   clock    within 30 s of the service's
            ok   key      from [HOME]/.config/vastai/vast_api_key, of me, me@example.com (account 456)
        "#]],
    );
    let done = keyless(&server, &["doctor", "--output", "json"]).file(STORED, KEY).run();
    let checks: Vec<Value> = serde_json::from_str(&done.answer()).unwrap();
    assert!(checks.iter().all(|check| check["verdict"] == "ok" && check["advice"].is_null()), "{checks:?}");
    // A ping carries no key.
    let pings: Vec<_> = server.requests().into_iter().filter(|request| request.path() == "/").collect();
    assert!(pings.len() >= 4 && pings.iter().all(|request| request.bearer().is_none()), "{pings:?}");
}

#[test]
fn the_doctor_says_what_to_do() {
    let server = Server::start();
    examine(
        &server,
        keyless(&server, &["doctor"]),
        expect![[r#"
        exit 1
        --- stdout
        ok   version  [VERSION]
        ok   files    no key is stored in [HOME]/.config/vastai or the home directory
        ok   proxy    none
        ok   console  [SERVER] in [TIME]
        ok   engine   [SERVER] in [TIME]
        ok   clock    within 30 s of the service's
        fail key      no API key: set VAST_API_KEY, or put the key into [HOME]/.config/vastai/vast_api_key or [HOME]/.vast_api_key
                      → `vastai auth` asks for one and stores it; the console's key page makes one
        --- stderr
        error: 1 of 7 checks failed
    "#]],
    );
    examine(
        &server,
        keyless(&server, &["doctor"]).env("VAST_API_KEY", "of-nobody"),
        expect![[r#"
        exit 1
        --- stdout
        ok   version  [VERSION]
        ok   files    no key is stored in [HOME]/.config/vastai or the home directory
        ok   proxy    none
        ok   console  [SERVER] in [TIME]
        ok   engine   [SERVER] in [TIME]
        ok   clock    within 30 s of the service's
        fail key      from VAST_API_KEY: unauthorized: Invalid user key (auth_error) (status 401)
                      → check the API key, or log in again; the key is the first of --api-key, VAST_API_KEY, vast_tfa_key and vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai), and ~/.vast_api_key
        --- stderr
        error: 1 of 7 checks failed
    "#]],
    );
    let unreachable =
        Vastai::new(&["doctor", "--no-retry"]).env("VAST_URL", "http://127.0.0.1:1").env("VAST_API_KEY", KEY);
    examine(
        &server,
        unreachable.env("VAST_RUN_URL", server.url()),
        expect![[r#"
            exit 1
            --- stdout
            ok   version  [VERSION]
            ok   files    no key is stored in [HOME]/.config/vastai or the home directory
            ok   proxy    none
            fail console  connection failure: http://127.0.0.1:1 was not reached: Connection refused
                          → check the network, and HTTPS_PROXY where there is a proxy; this command goes to the console, and --console-url and VAST_URL say where that is
            ok   engine   [SERVER] in [TIME]
            ok   clock    within 30 s of the service's
            fail key      from VAST_API_KEY: connection failure: http://127.0.0.1:1 was not reached: Connection refused
                          → check the network, and HTTPS_PROXY where there is a proxy; this command goes to the console, and --console-url and VAST_URL say where that is
            --- stderr
            error: 2 of 7 checks failed
        "#]],
    );
    let wrong_url =
        Vastai::new(&["doctor"]).env("VAST_URL", "http://console.example").env("VAST_API_KEY", KEY);
    examine(
        &server,
        wrong_url,
        expect![[r#"
        exit 1
        --- stdout
        ok   version  [VERSION]
        ok   files    no key is stored in [HOME]/.config/vastai or the home directory
        ok   proxy    none
        fail servers  the base URL from VAST_URL is plain http to console.example, which would show the key to everyone on the way; use https (plain http is for loopback)
        --- stderr
        error: 1 of 4 checks failed
    "#]],
    );
    let proxies = keyless(&server, &["doctor"]).env("VAST_API_KEY", KEY);
    let proxies =
        proxies.env("https_proxy", "http://me:secret@proxy.example:3128").env("NO_PROXY", "127.0.0.1");
    let said = examined(&server, proxies);
    assert!(said.contains("HTTPS_PROXY http://proxy.example:3128; not for 127.0.0.1"), "{said}");
    assert!(!said.contains("secret"), "{said}");
    let proxies = keyless(&server, &["doctor"]).env("VAST_API_KEY", KEY).env("HTTPS_PROXY", "::");
    assert!(examined(&server, proxies).contains("warn proxy    HTTPS_PROXY is not a URL"));
}

#[cfg(unix)]
#[test]
fn the_doctor_sees_who_else_can_read_a_key() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let doctor = keyless(&server, &["doctor"]).file(STORED, KEY);
    fs::set_permissions(doctor.path(STORED), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(doctor.path(".config/vastai"), fs::Permissions::from_mode(0o777)).unwrap();
    examine(
        &server,
        doctor,
        expect![[r#"
            exit 0
            --- stdout
            ok   version  [VERSION]
            warn files    others can put files into [HOME]/.config/vastai (mode 777)
                          → run `chmod 700 [HOME]/.config/vastai`
            warn files    [HOME]/.config/vastai/vast_api_key is open to other users (mode 644)
                          → run `chmod 600 [HOME]/.config/vastai/vast_api_key`
            ok   proxy    none
            ok   console  [SERVER] in [TIME]
            ok   engine   [SERVER] in [TIME]
            ok   clock    within 30 s of the service's
            ok   key      from [HOME]/.config/vastai/vast_api_key, of me, me@example.com (account 456)
        "#]],
    );
}

#[cfg(feature = "mock")]
#[test]
fn the_doctor_examines_the_simulator() {
    let done = Vastai::new(&["doctor", "--mock"]).run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    assert!(done.stdout.contains("from the embedded simulator"), "{}", done.stdout);
}
