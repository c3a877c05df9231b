//! What destroys, pays or rents: on a terminal it is asked about, and without one it needs a word.

use expect_test::expect;
use http::Method;
use serde_json::json;
use vastai_mock::RawResponse;

#[cfg(target_os = "linux")]
use super::pty::Terminal;
use super::support::{KEY, Server, Vastai};

/// The methods of what was sent that changes something.
fn changes(server: &Server) -> Vec<String> {
    let requests = server
        .requests()
        .into_iter()
        .filter(|request| request.method() != Method::GET && !request.path().starts_with("/api/v0/bundles"));
    requests.map(|request| format!("{} {}", request.method(), request.path())).collect()
}

#[test]
fn without_a_terminal_what_destroys_or_pays_is_refused_and_nothing_is_sent() {
    for line in [
        &["destroy", "instance", "28004311"][..],
        &["destroy", "instances", "28004311", "28004312"],
        &["delete", "endpoint", "12345"],
        &["delete", "volume", "7"],
        &["destroy", "team"],
        &["recycle", "instance", "28004311"],
        &["transfer", "credit", "a@example.com", "5"],
        &["prepay", "instance", "28004311", "20"],
        &["create", "team", "--team-name", "mine", "--transfer-credit", "3"],
        // What the official client asks about, too.
        &["tfa", "delete", "-id", "4", "-bc", "X-Y"],
        &["tfa", "regen-codes", "-bc", "X-Y"],
        &["schedule", "maint", "7", "--sdate", "1893456000", "--duration", "2"],
        &["cancel", "maint", "7"],
        // What is gone then.
        &["cleanup", "machine", "7"],
        &["delete", "machine", "7"],
        &["reset", "api-key"],
        &["update", "instance", "28004311", "--image", "ubuntu"],
    ] {
        let server = Server::start();
        let done = Vastai::asking(&server, line).run_with_input("y\n");
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{line:?} {}", done.stderr);
        assert!(done.stderr.contains("VASTAI_YES=1"), "{line:?} {}", done.stderr);
        assert!(server.requests().is_empty(), "{line:?}");
    }
    let server = Server::start();
    expect![[r#"
        exit 2
        --- stderr
        error: transfer 5.00 $ of credit to "a@example.com": needs -y (--yes), as there is no terminal to ask on; nothing was sent
        hint: VASTAI_YES=1 in the environment agrees for a whole script
    "#]]
    .assert_eq(&Vastai::asking(&server, &["transfer", "credit", "5", "a@example.com"]).run().transcript());
}

#[test]
fn a_word_agrees_wherever_it_stands() {
    for (line, variable) in [
        (&["destroy", "instance", "28004311", "-y"][..], ""),
        (&["-y", "destroy", "instance", "28004311"], ""),
        (&["destroy", "instance", "28004311", "--yes"], ""),
        (&["destroy", "instance", "28004311"], "1"),
    ] {
        let server = Server::start();
        Vastai::asking(&server, line).env("VASTAI_YES", variable).run();
        assert_eq!(changes(&server), ["DELETE /api/v0/instances/28004311/"], "{line:?}");
    }
    // Nobody agrees by 0.
    let server = Server::start();
    let done = Vastai::asking(&server, &["destroy", "instance", "28004311"]).env("VASTAI_YES", "0").run();
    assert_eq!((done.code, changes(&server).len()), (Some(2), 0));
}

#[test]
fn what_is_only_shown_needs_no_word() {
    let done = Vastai::new(&["destroy", "instance", "5", "--curl"]).run();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[cfg(target_os = "linux")]
fn on_a_terminal(server: &Server, line: &[&str]) -> Terminal {
    let variables = [
        ("VAST_API_KEY", KEY),
        ("VAST_URL", server.url()),
        ("VAST_RUN_URL", server.url()),
        ("NO_COLOR", "1"),
    ];
    Terminal::vastai((24, 100), line, &variables)
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_asked_by_name_and_price() {
    for (answer, code, sent) in [("n\r", 1, 0), ("\r", 1, 0), ("\u{4}", 1, 0), ("y\r", 0, 1), ("YES\r", 0, 1)]
    {
        let server = Server::start();
        let terminal = on_a_terminal(&server, &["destroy", "instance", "28004311"]);
        terminal.wait_for("destroy instance 28004311 (2x RTX 4090, label \"training\", 0.80 $/h)? [y/N]");
        assert!(changes(&server).is_empty());
        terminal.press(answer);
        let screen = terminal.end();
        assert!(screen.contains(&format!("exit {code}.")), "{answer:?}: {screen}");
        assert_eq!(screen.contains("nothing was sent"), sent == 0, "{screen}");
        assert_eq!(changes(&server).len(), sent, "{answer:?}: {screen}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_label_cannot_forge_a_question() {
    let server = Server::start();
    let instance = json!({ "instances": { "id": 7, "gpu_name": "A100", "num_gpus": 1, "dph_total": 0.0123,
        "label": "x\")? [y/N] y\n\u{1b}[2Jharmless" } });
    server.respond_with("/api/v0/instances/7", RawResponse::json(http::StatusCode::OK, &instance));
    let terminal = on_a_terminal(&server, &["destroy", "instance", "7"]);
    let screen = terminal.wait_for("0.0123 $/h)? [y/N]");
    assert!(
        screen.starts_with("destroy instance 7 (A100, label \"x\\\")? [y/N] y \\u{1b}[2Jharmless\""),
        "{screen}"
    );
    terminal.press("n\r");
    terminal.end();
}

#[cfg(target_os = "linux")]
#[test]
fn renting_is_asked_about_with_its_price() {
    let server = Server::start();
    let offer =
        json!({ "offers": [{ "id": 384, "gpu_name": "RTX 4090", "num_gpus": 1, "dph_total": 0.4021 }] });
    server.respond_with("/api/v0/bundles", RawResponse::json(http::StatusCode::OK, &offer));
    let terminal = on_a_terminal(&server, &["create", "instance", "384", "--image", "u"]);
    terminal.wait_for("rent offer 384 (RTX 4090, 0.40 $/h)? [y/N]");
    terminal.press("n\r");
    assert!(terminal.end().contains("exit 1."));
    assert!(changes(&server).is_empty());
}

#[test]
fn without_a_terminal_renting_says_its_price_and_the_instance() {
    let server = Server::start();
    let offer =
        json!({ "offers": [{ "id": 384, "gpu_name": "RTX 4090", "num_gpus": 1, "dph_total": 0.4021 }] });
    server.respond_with("/api/v0/bundles", RawResponse::json(http::StatusCode::OK, &offer));
    let created = json!({ "success": true, "new_contract": 9_100 });
    server.respond_with("/api/v0/asks/384/", RawResponse::json(http::StatusCode::OK, &created));
    let line = ["create", "instance", "384", "--image", "u"];
    expect![[r#"
        exit 0
        --- stdout
        new_contract  9100
        --- stderr
        note: rent offer 384 (RTX 4090, 0.40 $/h)
        note: instance 9100 is rented, and billed until it is destroyed: `vastai show instance 9100`, `vastai destroy instance 9100`
    "#]]
    .assert_eq(&Vastai::asking(&server, &line).run().transcript());
    // For a script of the official client there is nothing but its own request.
    let before = server.requests().len();
    let done = Vastai::asking(&server, &[&line[..], &["--raw"]].concat()).run();
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    assert_eq!(server.requests().len(), before + 1);
}
