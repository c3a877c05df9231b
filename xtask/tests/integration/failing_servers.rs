//! Servers that fail: each failure is reported in a sentence, and nothing is changed.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;

use expect_test::expect;

use crate::checkout::{Checkout, fixture};
use crate::server::Server;

fn candidate() -> String {
    fs::read_to_string(fixture("candidate.yaml")).unwrap()
}

/// Runs a replacing sync from a server, which must fail and change nothing, and gives what it said.
fn refused(server: &Server, path: &str) -> String {
    let run = Checkout::new().refused(&["sync-spec", "--source", &server.url(path), "--timeout", "5s"]);
    run.replacing(&server.authority(), "[server]").to_string()
}

#[test]
fn a_server_that_has_no_document() {
    let missing = Server::answering("404 Not Found", "", "no such page".to_owned());
    expect![[r#"
        [stderr]
        error: http://[server]/a: the server answered 404 Not Found; has the document another address now? Else give another --source, which may be a file
        [exit 100]
    "#]]
    .assert_eq(&refused(&missing, "/a"));

    let page = "<!DOCTYPE html>\n<html><body>openapi: 3.1.0</body></html>\n".to_owned();
    let html = Server::answering("200 OK", "Content-Type: text/html\r\n", page);
    expect![[r#"
        [stderr]
        error: http://[server]/a: a web page (HTML), not a document; give the address of the file itself, or of the page with `.md` at its end
        [exit 100]
    "#]]
    .assert_eq(&refused(&html, "/a"));

    let empty = Server::answering("200 OK", "", String::new());
    expect![[r#"
        [stderr]
        error: http://[server]/a: the document is empty
        [exit 100]
    "#]]
    .assert_eq(&refused(&empty, "/a"));
}

#[test]
fn half_a_document() {
    let cut = Server::start(|_, connection| {
        let body = candidate();
        let (half, _) = body.split_at(body.len() / 2);
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        connection.write_all(format!("{head}{half}").as_bytes()).unwrap();
    });
    let half = candidate().len() / 2;
    assert_eq!(
        refused(&cut, "/a").replace(&half.to_string(), "[half]"),
        "[stderr]\nerror: http://[server]/a: the response broke off after [half] of 100000 bytes (end of file before \
         message length reached); try again, or give another --source, which may be a file\n[exit 100]\n",
    );

    // Half a document that parses, from a server that ends its responses by hanging up.
    let unbounded = Server::start(|_, connection| {
        let body = candidate();
        let half = &body[..body.find("  /parcels/{parcel}/:").unwrap()];
        connection
            .write_all(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{half}").as_bytes())
            .unwrap();
    });
    expect![[r#"
        [stderr]
        error: http://[server]/a: the response has no length, so half a document could pass for a whole one; give another --source, which may be a file
        [exit 100]
    "#]]
    .assert_eq(&refused(&unbounded, "/a"));

    let page = fs::read_to_string(fixture("page.md")).unwrap().trim_end().trim_end_matches('`').to_owned();
    let page = Server::answering("200 OK", "Content-Type: text/markdown\r\n", page);
    expect![[r#"
        [stderr]
        error: http://[server]/a:7:1: the fence with the document never closes; is the page cut short?
        [exit 100]
    "#]]
    .assert_eq(&refused(&page, "/a"));
}

#[test]
fn a_server_that_does_not_end() {
    // It waits until the client has gone.
    let slow = Server::start(|_, connection| drop(std::io::Read::read(connection, &mut [0])));
    let checkout = Checkout::new();
    let run = checkout.refused(&["sync-spec", "--source", &slow.url("/a"), "--timeout", "200ms"]);
    expect![[r#"
        [stderr]
        error: http://[server]/a: no complete response within 200ms; try again, or give another --source, which may be a file
        [exit 100]
    "#]]
    .assert_eq(&run.replacing(&slow.authority(), "[server]").to_string());

    let (sender, sent) = std::sync::mpsc::channel();
    let endless = Server::start(move |_, connection| {
        let chunk = format!("10000\r\n{}\r\n", "#".repeat(0x10000));
        let mut written = connection.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut bytes = 0;
        while written.is_ok() {
            written = connection.write_all(chunk.as_bytes());
            bytes += chunk.len();
        }
        sender.send(bytes).unwrap();
    });
    expect![[r#"
        [stderr]
        error: http://[server]/a: the response has more than 16777216 bytes, the most that is read; is this an OpenAPI document?
        [exit 100]
    "#]]
    .assert_eq(&refused(&endless, "/a"));
    // It was cut off there, but for what was on its way.
    let sent = sent.recv().unwrap();
    assert!(sent < 2 * vastai_spec::load::MAX_BYTES, "{sent} bytes");

    let announced = Server::start(|_, connection| {
        connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n").unwrap();
    });
    assert!(refused(&announced, "/a").contains("the response has more than 16777216 bytes"));
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let other = Server::answering("200 OK", "", candidate());
    let location = format!("http://localhost:{}/b", other.port());
    let sent_to = location.clone();
    let server = Server::start(move |_, connection| {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
    });
    expect![[r#"
        [stderr]
        error: http://[server]/a: the server answered 302 Found, to [other]; a redirect is followed 5 times at most, and neither to another host nor from https to http. If the document is there now, give that address as --source
        [exit 100]
    "#]]
    .assert_eq(&refused(&server, "/a").replace(&sent_to, "[other]"));
    assert_eq!(other.requests(), Vec::<String>::new());

    let circle = Server::answering("302 Found", "Location: /a\r\n", String::new());
    assert!(refused(&circle, "/a").contains("a redirect is followed 5 times at most"));
    assert_eq!(circle.requests().len(), 6);
}

#[test]
fn a_server_that_is_not_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run = Checkout::new().refused(&["sync-spec", "--source", &format!("http://127.0.0.1:{port}/a")]);
    let what = format!("error: http://127.0.0.1:{port}/a: cannot be reached (");
    assert!(run.stderr.starts_with(&what), "{run}");
    let instead = "; is the network up? Else give another --source, which may be a file\n";
    assert!(run.stderr.ends_with(instead), "{run}");
}

#[test]
fn a_server_that_does_not_speak_tls() {
    let server = Server::answering("200 OK", "", candidate());
    let source = format!("https://{}/a", server.authority());
    let run = Checkout::new().refused(&["sync-spec", "--source", &source, "--timeout", "5s"]);
    assert!(run.stderr.starts_with(&format!("error: {source}: cannot be reached (")), "{run}");
}
