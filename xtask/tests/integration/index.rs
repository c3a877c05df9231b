//! An index of documentation pages, each with the document of one operation.

use std::fs;

use expect_test::expect;
use serde_json::{Value, json};
use vastai_spec::load;

use crate::checkout::{Checkout, Run, fixture};
use crate::server::Server;

const INDEX: &str = "# Parcels\n\n## Docs\n\n- [home](/index.md): hello\n- [list](/api-reference/list.md)\n\
                     - [send](/api-reference/send.md#try)\n- [again](/api-reference/send.md)\n- [create](/api-reference/create.md)\n";

/// The page of one operation of the candidate, with all its components.
fn page(path: &str, method: &str) -> String {
    page_with(path, method, |_| {})
}

fn page_with(path: &str, method: &str, edit: impl FnOnce(&mut Value)) -> String {
    let text = fs::read_to_string(fixture("candidate.yaml")).unwrap();
    let mut document = load::openapi(&text, "candidate.yaml").unwrap();
    let operation = document["paths"][path][method].take();
    document["paths"] = json!({ path: { method: operation } });
    edit(&mut document);
    let json = serde_json::to_string_pretty(&document).unwrap();
    format!("# {method} {path}\n\n````json /openapi.yaml {method} {path}\n{json}\n````\n")
}

fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("/llms.txt", INDEX.to_owned()),
        ("/index.md", "# Hello\n\nNo document here.\n".to_owned()),
        ("/api-reference/list.md", page("/parcels", "get")),
        ("/api-reference/create.md", page("/parcels", "post")),
        ("/api-reference/send.md", page("/parcels/{parcel}/", "put")),
    ]
}

fn with(path: &'static str, text: impl Into<String>) -> Vec<(&'static str, String)> {
    let mut pages = pages();
    pages.retain(|(known, _)| *known != path);
    pages.push((path, text.into()));
    pages
}

fn sync(server: &Server, more: &[&str]) -> Run {
    let source = server.url("/llms.txt");
    let checkout = Checkout::new();
    let run =
        checkout.run(&[["sync-spec", "--timeout", "20s", "--source", &source].as_slice(), more].concat());
    run.replacing(&server.authority(), "[server]")
}

fn refused(pages: Vec<(&'static str, String)>) -> String {
    let server = Server::site(pages);
    let run =
        Checkout::new().refused(&["sync-spec", "--timeout", "20s", "--source", &server.url("/llms.txt")]);
    run.replacing(&server.authority(), "[server]").stderr
}

#[test]
fn its_pages_are_one_document() {
    let server = Server::site(pages());
    let checkout = Checkout::new();
    let run = checkout.run(&["sync-spec", "--source", &server.url("/llms.txt")]);
    assert_eq!(run.code, Some(0), "{run}");
    assert!(run.stderr.contains("/llms.txt: 4 pages, 3 of them with a document\n"), "{run}");
    assert_eq!(server.requests().len(), 5, "each page is asked for once");
    // The same as the document that the pages were taken from.
    let same = checkout.run(&["sync-spec", "--source", "candidate.yaml", "--check"]);
    assert_eq!(same.code, Some(0), "{same}");
    let lock = fs::read_to_string(checkout.path("openapi.lock")).unwrap();
    assert!(lock.contains(&format!("source = \"{}\"", server.url("/llms.txt"))), "{lock}");
    assert!(lock.contains("text = \"merged\"") && !lock.contains("etag"), "{lock}");
    assert_eq!(checkout.run(&["surface", "--check"]).code, Some(0));

    // Another time there is nothing to do.
    let before = checkout.bytes();
    assert_eq!(checkout.run(&["sync-spec", "--source", &server.url("/llms.txt")]).code, Some(0));
    checkout.assert_untouched(&before);
}

#[test]
fn an_index_on_the_disk_has_its_pages_beside_it() {
    let checkout = Checkout::new();
    for (path, text) in pages() {
        let file = checkout.path(&format!("site{path}"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let synced = checkout.run(&["sync-spec", "--source", "site/llms.txt", "--check"]);
    assert_eq!(synced.code, Some(5), "{synced}");
    let same = checkout.run(&["diff", "candidate.yaml", "site/llms.txt"]);
    assert_eq!(same.code, Some(0), "{same}");

    checkout.write("site/llms.txt", "- [a](../openapi.md)\n");
    expect![[r"
        error: site/llms.txt:1: `../openapi.md` leads out of the folder of the index, or is not a path
    "]]
    .assert_eq(&checkout.refused(&["diff", "candidate.yaml", "site/llms.txt"]).stderr);
}

#[test]
fn a_copy_of_an_index_still_leads_to_the_network() {
    let server = Server::site(pages());
    let checkout = Checkout::new();
    checkout.write(
        "llms.txt",
        INDEX
            .replace("](/", &format!("]({}/", server.url("")))
            .replace("//", "/")
            .replace("http:/", "http://"),
    );
    let run = checkout.run(&["sync-spec", "--source", "llms.txt", "--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    let refused = checkout.refused(&["diff", "candidate.yaml", "llms.txt"]);
    assert!(
        refused.stderr.contains("its pages lie on the network; give it to `cargo xtask sync-spec --source`"),
        "{refused}"
    );
}

#[test]
fn a_page_that_is_missing_is_not_a_removed_operation() {
    let mut pages = pages();
    pages.retain(|(path, _)| *path != "/api-reference/send.md");
    expect![[r"
        error: http://[server]/llms.txt: 1 of its pages could not be read, and their operations would look removed
          http://[server]/api-reference/send.md: the server answered 404 Not Found; has the document another address now? Else give another --source, which may be a file
    "]]
    .assert_eq(&refused(pages));

    let cut = page("/parcels", "get").trim_end().trim_end_matches('`').to_owned();
    assert!(
        refused(with("/api-reference/list.md", cut))
            .contains("/api-reference/list.md:3:1: the fence with the document never closes")
    );
    let large = format!("{}{}", page("/parcels", "get"), " ".repeat(1 << 20));
    assert!(
        refused(with("/api-reference/list.md", large))
            .contains("/api-reference/list.md: the response has more than 1048576 bytes")
    );

    // A page of another kind may be gone.
    let mut pages = self::pages();
    pages.retain(|(path, _)| *path != "/index.md");
    let run = sync(&Server::site(pages), &["--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert!(
        run.stderr.contains("warning: http://[server]/index.md: the server answered 404 Not Found"),
        "{run}"
    );
    assert!(run.stderr.contains("; the page is left out\n"), "{run}");
}

#[test]
fn pages_that_contradict_each_other_are_reported() {
    let other = page_with("/parcels", "post", |document| {
        document["components"]["schemas"]["Shipment"]["properties"]["to"] = json!({ "type": "integer" });
    });
    expect![[r#"
        error: http://[server]/llms.txt: the pages contradict each other; a page may be older than the rest, try again later
          components/schemas/Shipment is described in two ways: http://[server]/api-reference/list.md and http://[server]/api-reference/create.md differ at /components/schemas/Shipment/properties/to/type
    "#]]
    .assert_eq(&refused(with("/api-reference/create.md", other)));

    let other = page_with("/parcels", "post", |document| {
        document["servers"] = json!([{ "url": "https://run.parcels.example" }]);
    });
    let run = sync(&Server::site(with("/api-reference/create.md", other)), &["--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert!(
        run.stderr.contains(
            "/api-reference/create.md has other `servers` than most pages; they are kept at its operations\n"
        ),
        "{run}"
    );
}

#[test]
fn pages_of_another_site_are_not_asked() {
    let other = Server::site(pages());
    let index = format!("{INDEX}- [other]({})\n", other.url("/api-reference/list.md"));
    let run = sync(&Server::site(with("/llms.txt", index)), &["--check"]);
    assert_eq!(run.code, Some(5), "{run}");
    assert!(
        run.stderr.contains("links to other sites are not followed: 1, the first to http://127.0.0.1:"),
        "{run}"
    );
    assert_eq!(other.requests(), Vec::<String>::new());
}

#[test]
fn an_index_without_operations() {
    expect![[r"
        error: http://[server]/llms.txt: none of the pages that it links to has an OpenAPI document; is this the right index?
    "]]
    .assert_eq(&refused(with("/llms.txt", "# Docs\n\n- [home](index.md)\n")));
}

#[test]
fn all_pages_together_have_one_time() {
    let index = (0..40).map(|page| format!("- [page](/api-reference/{page}.md)\n")).collect::<String>();
    // Each page is there in time, but all of them are not.
    let slow = Server::start(move |head, connection| {
        use std::io::{Read as _, Write as _};
        if !head.starts_with("GET /llms.txt ") {
            // It waits until the client has gone.
            drop(connection.read(&mut [0]));
            return;
        }
        let length = index.len();
        let response =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{index}");
        connection.write_all(response.as_bytes()).unwrap();
    });
    let run =
        Checkout::new().refused(&["sync-spec", "--source", &slow.url("/llms.txt"), "--timeout", "300ms"]);
    assert!(run.stderr.contains("40 of its pages could not be read"), "{run}");
    assert_eq!(run.stderr.matches("no complete response within 300ms").count(), 5, "{run}");
    assert!(run.stderr.ends_with("  and 35 more\n"), "{run}");
}
