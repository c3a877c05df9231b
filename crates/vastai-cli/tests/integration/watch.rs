//! Watching: on a terminal, and for programs.

use expect_test::expect;
use serde_json::Value;

use crate::support::{Server, Vastai};

/// The lines of a watch, which are objects.
fn lines(line: &[&str]) -> Vec<Value> {
    let done = Vastai::new(line).run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[cfg(feature = "mock")]
#[test]
fn programs_get_a_line_for_each_change() {
    let short = |line: &Value| {
        let named = |name: &str| line[name].to_string();
        let state = line["worker"]["status"].as_str().or(line["instance"]["actual_status"].as_str());
        format!("{} {} {} {}\n", named("event"), named("id"), named("endpoint"), state.unwrap_or("-"))
    };
    let shown = |line: &[&str]| lines(line).iter().map(short).collect::<String>();
    expect![[r#"
        "joined" 30215871 "vLLM-Qwen3-8B" IDLE
        "joined" 30215872 "vLLM-Qwen3-8B" IDLE
        "joined" 30215873 "vLLM-Qwen3-8B" MODEL_LOADING
        "joined" 30215874 "vLLM-Qwen3-8B" LOADING
        "joined" 30215875 "vLLM-Qwen3-8B" STOPPED
    "#]]
    .assert_eq(&shown(&["--mock", "watch", "endpoint", "vLLM-Qwen3-8B", "--polls", "1"]));
    expect![[r#"
        "joined" 28004311 null running
        "joined" 28004312 null loading
        "joined" 28004313 null exited
    "#]]
    .assert_eq(&shown(&["--mock", "watch", "instances", "--polls", "1", "--output", "json"]));
    assert_eq!(lines(&["--mock", "top", "--polls", "1"]).len(), 8);
    // A second poll tells of what has changed alone: the clock of the simulator goes on.
    let changes = lines(&["--mock", "watch", "endpoint", "12345", "--polls", "2", "--interval", "1"]);
    assert!(changes.iter().take(5).all(|line| line["event"] == "joined"), "{changes:?}");
    for change in &changes[5..] {
        assert_eq!(change["event"], "changed");
        assert!(change["changed"].as_array().is_some_and(|names| !names.is_empty()));
    }
}

#[test]
fn secrets_are_in_no_line() {
    let server = Server::start();
    let line = ["watch", "instances", "--polls", "1"];
    let instance =
        vastai_mock::Instance::new(5).field("jupyter_token", "token-of-5").field("onstart", "export X=1");
    server.add_instance(instance);
    let done = Vastai::asking(&server, &line).run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    assert!(!done.stdout.contains("token-of-5") && !done.stdout.contains("export X"), "{}", done.stdout);
}

#[test]
fn a_failure_that_will_not_pass_ends_the_watch() {
    let server = Server::start();
    let done = Vastai::asking(&server, &["watch", "endpoint", "6"]).run();
    assert_eq!(done.code, Some(1));
    let line: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&line["event"], &line["list"]), (&"ended".into(), &"workers".into()));
    expect![[r#"
        error: refused: authenticate_endpoint_apikey: invalid api_key or endpoint 6 not found (status 200)
    "#]]
    .assert_eq(&done.stderr);
    // A failure that may pass is a line, and the watch goes on.
    let bad_gateway = vastai_mock::RawResponse::json(http::StatusCode::BAD_GATEWAY, &serde_json::json!({}));
    server.respond_next_with("/api/v1/instances", bad_gateway);
    let done = Vastai::asking(&server, &["watch", "instances", "--polls", "2", "--interval", "1"]).run();
    let events: Vec<Value> = done
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].clone())
        .collect();
    assert_eq!(events, ["failed", "recovered", "joined", "joined", "joined"], "{}", done.transcript());
}

#[test]
fn what_cannot_be_watched_is_wrong_usage() {
    for line in [
        &["watch"][..],
        &["watch", "nothing"],
        &["watch", "endpoint"],
        &["watch", "endpoint", ""],
        &["watch", "instances", "--interval", "0"],
        &["top", "--polls", "0"],
    ] {
        let done = Vastai::new(line).run();
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{}", done.transcript());
    }
    // Ids begin at 1, which the client knows.
    let done = Vastai::asking(&Server::start(), &["watch", "endpoint", "0"]).run();
    assert_eq!(done.code, Some(2), "{}", done.transcript());
}

#[cfg(unix)]
mod on_a_terminal {
    use crate::pty::Terminal;
    use crate::support::{KEY, Server};

    #[cfg(feature = "mock")]
    #[test]
    fn keys_change_the_picture_and_q_leaves() {
        let terminal = Terminal::vastai((24, 100), &["--mock", "watch", "endpoint", "vLLM-Qwen3-8B"], &[]);
        let screen = terminal.wait_for("updated");
        for part in [
            "endpoint vLLM-Qwen3-8B",
            "5 workers",
            "ID▲",
            "30215871 IDLE",
            "30215873 MODEL_LOADING",
            "? help",
        ] {
            assert!(screen.contains(part), "{part}:\n{screen}");
        }
        terminal.press("?");
        terminal.wait_for("sort by the next column");
        terminal.press(" ");
        terminal.press("s");
        terminal.wait_for("STATE▲");
        terminal.press("/STOPPED");
        terminal.wait_until("filter", |screen| screen.contains("/STOPPED") && !screen.contains("IDLE "));
        terminal.press("\r");
        terminal.wait_for("1 of 5 by filter");
        terminal.press("\r");
        terminal.wait_for("┌ worker 30215875");
        terminal.press("q");
        terminal.wait_for("STATE▲");
        // A terminal of forty columns, while it is drawn.
        terminal.resize(12, 40);
        terminal.wait_until("narrow picture", |screen| {
            screen.contains("? help  q leave") && !screen.contains("r reverse") && screen.contains("30215875")
        });
        terminal.press("q");
        assert!(terminal.end().contains("exit 0."));
    }

    #[cfg(feature = "mock")]
    #[test]
    fn both_lists_are_drawn_at_once() {
        let terminal = Terminal::vastai((30, 100), &["--mock", "top"], &[]);
        terminal.wait_until("two lists", |screen| {
            screen.contains("▶serverless  5 workers") && screen.contains("instances  3 instances")
        });
        terminal.press("\t");
        terminal.wait_for("▶instances");
        // Ctrl-C is a key here.
        terminal.press("\u{3}");
        assert!(terminal.end().contains("exit 0."));
    }

    #[test]
    fn a_service_that_fails_is_shown_and_one_that_refuses_ends_the_view() {
        let server = Server::start();
        let variables = [("VAST_API_KEY", KEY), ("VAST_URL", server.url()), ("VAST_RUN_URL", server.url())];
        let bad_gateway =
            vastai_mock::RawResponse::json(http::StatusCode::BAD_GATEWAY, &serde_json::json!({}));
        server.respond_with("/api/v1/instances", bad_gateway);
        let line = ["--no-retry", "watch", "instances", "--interval", "1"];
        let terminal = Terminal::vastai((12, 80), &line, &variables);
        terminal.wait_for("! no data yet");
        server.clear_responses("/api/v1/instances");
        terminal.wait_for("28004311");
        terminal.press("q");
        assert!(terminal.end().contains("exit 0."));

        let variables = [("VAST_API_KEY", "of-another"), ("VAST_URL", server.url())];
        let terminal = Terminal::vastai((12, 80), &["watch", "instances"], &variables);
        let screen = terminal.end();
        assert!(screen.contains("error: unauthorized") && screen.contains("exit 1."), "{screen}");
    }

    #[cfg(feature = "mock")]
    #[test]
    fn a_program_that_is_told_to_end_restores_the_terminal() {
        let terminal = Terminal::vastai((12, 80), &["--mock", "watch", "instances"], &[]);
        terminal.wait_for("updated");
        let parent = terminal.child().to_string();
        let killed = std::process::Command::new("pkill").args(["-TERM", "-P", &parent]).status();
        assert!(killed.unwrap().success());
        assert!(terminal.end().contains("exit 0."));
    }
}
