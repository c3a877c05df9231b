//! Where a document comes from, and what becomes of it.

use std::fs;
use std::io::Write as _;

use expect_test::expect;

use crate::checkout::{Checkout, fixture};
use crate::server::Server;

fn candidate() -> String {
    fs::read_to_string(fixture("candidate.yaml")).unwrap()
}

#[test]
fn check_and_dry_run_report_the_difference_and_change_nothing() {
    let checkout = Checkout::new();
    let before = checkout.bytes();
    let diff = checkout.run(&["diff", "openapi.yaml", "candidate.yaml"]);
    for mode in ["--check", "--dry-run"] {
        let run = checkout.run(&["sync-spec", "--source", "candidate.yaml", mode]);
        checkout.assert_untouched(&before);
        let findings = |text: &str| text.split("what to do\n").next().map(str::to_owned);
        assert_eq!((run.code, findings(&run.stdout)), (Some(5), findings(&diff.stdout)), "{run}");
        // What only the checkout knows.
        assert!(
            run.stdout.contains(
                "what openapi.yaml describes in the publisher's: their prose is not ours to hand on."
            ),
            "{run}"
        );
        let counts = "candidate.yaml: 3 operations, 3 of them in the client; vendored: 3\n";
        assert!(run.stderr.starts_with(counts), "{run}");
        // Only the check needs no compiler.
        assert_eq!(
            run.stderr.contains("the client and the facade compile; nothing was changed"),
            mode == "--dry-run",
            "{run}"
        );
    }
}

#[test]
fn a_file_replaces_the_vendored_document() {
    let checkout = Checkout::new();
    let run = checkout.run(&["sync-spec", "--source", "candidate.yaml"]);
    assert_eq!(run.code, Some(0), "{run}");
    assert!(
        run.stderr.ends_with("replaced openapi.yaml, surface.txt, openapi.lock and CHANGELOG.md\n"),
        "{run}"
    );
    assert_eq!(fs::read_to_string(checkout.path("openapi.yaml")).unwrap(), candidate());
    let lock = fs::read_to_string(checkout.path("openapi.lock")).unwrap();
    let fetched = lock.lines().find_map(|line| line.strip_prefix("fetched = ")).unwrap();
    assert!(fetched.ends_with('Z') && fetched.len() == "2026-01-01T00:00:00Z".len(), "{fetched}");
    expect![[r##"
        # Where openapi.yaml comes from. Written by `cargo xtask sync-spec`, and after an edit of openapi.yaml by
        # `cargo xtask surface`; not by hand.
        #
        # [published] is the document as its publisher had it; the sum is of the bytes as they were fetched.
        # [vendored] is openapi.yaml: "as-published" is the published text, "merged" was put together from published
        # pages, "reworded" says the same facts, or some of them, in words of our own. The sums are of openapi.yaml and
        # surface.txt; where one does not match, the file was edited, or a sync was interrupted.

        [published]
        source = "candidate.yaml"
        sha256 = "19a16cf5f8b4a3cab55926fd30894e96e4045f0fc6744b9647e59f426aa96e6f"
        fetched = [now]
        operations = 3

        [vendored]
        text = "as-published"
        operations = 3
        sha256 = "19a16cf5f8b4a3cab55926fd30894e96e4045f0fc6744b9647e59f426aa96e6f"
    "##]]
    .assert_eq(&lock.replace(fetched, "[now]").split_inclusive('\n').filter(|line| !line.starts_with("surface")).collect::<String>());
    assert_eq!(checkout.leftovers(), Vec::<String>::new());
    // What was written is in step, and there is nothing left to do.
    assert_eq!(checkout.run(&["surface", "--check"]).code, Some(0));
    let before = checkout.bytes();
    let again = checkout.run(&["sync-spec", "--source", "candidate.yaml"]);
    assert_eq!(again.code, Some(0), "{again}");
    checkout.assert_untouched(&before);
}

#[test]
fn json_and_pages_are_documents_too() {
    let checkout = Checkout::new();
    let json: serde_json::Value = vastai_spec::load::document(&candidate(), "candidate.yaml").unwrap();
    let json = serde_json::to_string(&json).unwrap();
    checkout.write("candidate.json", &json);
    let run = checkout.run(&["sync-spec", "--source", "candidate.json"]);
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(fs::read_to_string(checkout.path("openapi.yaml")).unwrap(), json);
    // The same document in another spelling.
    assert_eq!(checkout.run(&["sync-spec", "--source", "candidate.yaml", "--check"]).code, Some(0));

    let page = checkout.run(&["sync-spec", "--source", "page.md"]);
    assert_eq!(page.code, Some(0), "{page}");
    let document = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    assert!(document.starts_with("openapi: 3.1.0\n") && document.contains("    ```sh\n"), "{document}");
}

#[test]
fn a_page_on_a_server_is_recognised_by_what_it_holds() {
    let page = fs::read_to_string(fixture("page.md")).unwrap();
    let server = Server::answering("200 OK", "Content-Type: text/plain\r\n", page);
    let run = Checkout::new().run(&["sync-spec", "--source", &server.url("/page"), "--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert!(run.stdout.contains("GET /stamps/\n  breaking    the operation is gone\n"), "{run}");
}

#[test]
fn the_next_source_is_tried_where_one_fails() {
    let missing = Server::answering("404 Not Found", "", String::new());
    let checkout = Checkout::new();
    let sources = ["--source", &missing.url("/gone"), "--source", "none.yaml", "--source", "candidate.yaml"];
    let run = checkout.run(&[["sync-spec", "--check"].as_slice(), &sources].concat());
    assert_eq!(run.code, Some(5), "{run}");
    let run = run.replacing(&missing.authority(), "[server]");
    expect![[r#"
        warning: http://[server]/gone: the server answered 404 Not Found; has the document another address now? Else give another --source, which may be a file; the next source is tried
        warning: none.yaml could not be read: No such file or directory (os error 2); the next source is tried
        candidate.yaml: 3 operations, 3 of them in the client; vendored: 3
    "#]]
    .assert_eq(&run.stderr);
}

#[test]
fn a_document_that_has_not_changed_is_not_sent_again() {
    let server = Server::start(|head, connection| {
        let known = head.to_ascii_lowercase().contains("if-none-match: \"7\"\r\n");
        let response = match known {
            true => "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\nConnection: close\r\n\r\n".to_owned(),
            false => {
                let body = candidate();
                let length = body.len();
                format!(
                    "HTTP/1.1 200 OK\r\nETag: \"7\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                )
            }
        };
        connection.write_all(response.as_bytes()).unwrap();
    });
    let checkout = Checkout::new();
    let source = server.url("/openapi.yaml");
    assert_eq!(checkout.run(&["sync-spec", "--source", &source]).code, Some(0));
    assert!(fs::read_to_string(checkout.path("openapi.lock")).unwrap().contains("etag = '\"7\"'"));
    let before = checkout.bytes();
    let again = checkout.run(&["sync-spec", "--source", &source]);
    checkout.assert_untouched(&before);
    expect![[r#"
        operations: 0 removed, 0 changed, 0 moved, 0 added; prose differs in 0 places
        wire: no difference; rust: no difference
        [stderr]
        the published document is the vendored one: the server knows its ETag
        openapi.yaml: 3 operations, 3 of them in the client; vendored: 3
        openapi.yaml is the published document already; nothing was changed
        [exit 0]
    "#]]
    .assert_eq(&again.to_string());

    // An edited document is compared, whatever the server knows.
    checkout.write("openapi.yaml", candidate().replace("  /parcels/{parcel}/:", "  /letters/{parcel}/:"));
    assert_eq!(checkout.run(&["sync-spec", "--source", &source, "--check"]).code, Some(5));
    let asked = server
        .requests()
        .iter()
        .map(|head| head.to_ascii_lowercase().contains("if-none-match"))
        .collect::<Vec<_>>();
    assert_eq!(asked, [false, true, false]);
}

#[test]
fn a_redirect_on_the_same_host_is_followed() {
    let server = Server::start(|head, connection| {
        let body = candidate();
        let response = match head.starts_with("GET /old ") {
            true => "HTTP/1.1 307 Temporary Redirect\r\nLocation: /new\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            false => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()),
        };
        connection.write_all(response.as_bytes()).unwrap();
    });
    let run = Checkout::new().run(&["sync-spec", "--source", &server.url("/old"), "--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn addresses_that_are_not_asked() {
    for (source, reason) in [
        ("http://parcels.example/openapi.yaml", "plain http, which anyone on the way can change; use https"),
        ("ftp://parcels.example/openapi.yaml", "`ftp` is not fetched; https is"),
        ("https://me:secret@parcels.example/openapi.yaml", "a URL with credentials"),
        ("https://", "not a URL"),
    ] {
        let run = Checkout::new().refused(&["sync-spec", "--source", source]);
        assert!(run.stderr.contains(reason), "{run}");
    }
}

#[test]
fn a_document_with_another_sum_is_refused() {
    let checkout = Checkout::new();
    let wrong = "0".repeat(64);
    let run = checkout.refused(&["sync-spec", "--source", "candidate.yaml", "--expect-sha256", &wrong]);
    expect![[r"
        [stderr]
        error: candidate.yaml: the SHA-256 is 19a16cf5f8b4a3cab55926fd30894e96e4045f0fc6744b9647e59f426aa96e6f, and --expect-sha256 wants 0000000000000000000000000000000000000000000000000000000000000000
        [exit 100]
    "]]
    .assert_eq(&run.to_string());
    let right = "19A16CF5f8b4a3cab55926fd30894e96e4045f0fc6744b9647e59f426aa96e6f";
    let run = checkout.run(&["sync-spec", "--source", "candidate.yaml", "--expect-sha256", right, "--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert_eq!(
        checkout.refused(&["sync-spec", "--source", "candidate.yaml", "--expect-sha256", "1a"]).code,
        Some(100)
    );
}

#[test]
fn the_proxy_of_the_environment_is_asked_but_not_for_loopback() {
    let proxy = Server::answering("502 Bad Gateway", "", String::new());
    let checkout = Checkout::new();
    let through = |source: &str| {
        let mut sync = checkout.command(&["sync-spec", "--check", "--timeout", "20s", "--source", source]);
        sync.env("HTTPS_PROXY", proxy.url(""))
            .env("HTTP_PROXY", proxy.url(""))
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        crate::checkout::Run::of(&sync.output().unwrap(), &checkout.path(""))
    };
    let run = through("https://parcels.example/openapi.yaml");
    assert_eq!(run.code, Some(100), "{run}");
    assert!(
        proxy.requests().concat().starts_with("CONNECT parcels.example:443 "),
        "{run} {:?}",
        proxy.requests()
    );
    let direct = Server::answering("200 OK", "", candidate());
    assert_eq!(through(&direct.url("/a")).code, Some(5));
    assert_eq!(proxy.requests().len(), 1);
}
