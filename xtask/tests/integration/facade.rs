//! What a sync finds that a new document breaks in the facade, and that it is refused then.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::checkout::{Checkout, Run, cargo};

const SYNC: [&str; 3] = ["sync-spec", "--source", "candidate.yaml"];

/// A facade of two features, which names the operation that the candidate lacks by its constant and by its method.
fn checkout() -> Checkout {
    let checkout = Checkout::new();
    let folder = checkout.path("crates/vastai/src");
    fs::create_dir_all(folder.join("stamps")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("lib.rs", "//! A client of parcels.\nmod send;\npub mod stamps;\npub use send::send;\n");
    write(
        "stamps/list.rs",
        "//! Stamps: what there is.\n//!\n//! More.\nuse vastai_api::operations::LIST_STAMPS;\nimpl Stamps {\n    pub fn list(&self) {\n        \
         self.client.api().list_stamps()\n    }\n}\npub struct Stamps;\n",
    );
    write("stamps/mod.rs", "//! All about stamps.\nmod list;\npub use list::Stamps;\n");
    write("send.rs", "//! Sending parcels.\npub fn send() {\n    api.send_parcel().id(7)\n}\n");
    checkout
}

fn sync(checkout: &Checkout, cargo_that: &str, more: &[&str]) -> Run {
    let mut sync = checkout.command(&[SYNC.as_slice(), more].concat());
    sync.env("CARGO", cargo(cargo_that)).env("COMPILER_MESSAGES", checkout.path("messages"));
    Run::of(&sync.output().unwrap(), &checkout.path(""))
}

/// A message as cargo prints it, with the text of the error, the file and the line, and the line of the macro call around it.
fn message(package: &str, error: &str, file: &str, line: usize, call: Option<usize>) -> String {
    let span = |line: usize, expansion: Value| json!({"file_name": file, "line_start": line, "line_end": line, "is_primary": true, "label": "expected `i64`", "expansion": expansion});
    let expansion =
        call.map_or(Value::Null, |line| json!({"span": span(line, Value::Null), "macro_decl_name": "x!"}));
    let diagnostic = json!({"message": error, "code": {"code": "E0308"}, "level": "error", "spans": [span(line, expansion)]});
    json!({"reason": "compiler-message", "target": {"name": package, "kind": ["lib"]}, "message": diagnostic})
        .to_string()
}

fn refused(checkout: &Checkout, cargo_that: &str, expected: &Expect) {
    let errors = [&[][..], &["--dry-run"], &["--format", "json"]].map(|mode| {
        let before = checkout.everything();
        let run = sync(checkout, cargo_that, mode);
        assert_eq!(run.code, Some(100), "{run}");
        assert!(checkout.everything() == before, "{run}");
        run.stderr.split_once('\n').unwrap().1.to_owned()
    });
    expected.assert_eq(&errors[0]);
    assert_eq!((&errors[1], &errors[2]), (&errors[0], &errors[0]));
}

#[test]
fn an_operation_that_a_feature_needs_cannot_go() {
    // Nothing depends on what the compiler says, which stops at the first kind of error.
    refused(
        &checkout(),
        "succeeds",
        &expect![[r#"
            error: the new document breaks 1 feature of the facade; nothing was changed. `VASTAI_OPENAPI=target/sync-spec/openapi.yaml cargo check -p vastai` shows the compiler's errors
              Stamps: what there is (crates/vastai/src/stamps/list.rs:4, and 1 more place): the document has no operation `listStamps`
        "#]],
    );
}

#[test]
fn what_the_compiler_finds_is_listed_by_feature() {
    let checkout = checkout();
    let messages = [
        message("vastai", "mismatched types", "crates/vastai/src/send.rs", 3, None),
        message("vastai", "mismatched types", "crates/vastai/src/send.rs", 3, None),
        message("vastai", "no method `a\u{1b}[2J`", "crates/vastai/src/lib.rs", 1, Some(3)),
        // Said better by what the document lacks.
        message("vastai", "unresolved import", "crates/vastai/src/stamps/list.rs", 4, None),
        json!({"reason": "build-finished", "success": false}).to_string(),
    ];
    checkout.write("messages", messages.join("\n"));
    refused(
        &checkout,
        "reports",
        &expect![[r#"
            error: the new document breaks 3 features of the facade; nothing was changed. `VASTAI_OPENAPI=target/sync-spec/openapi.yaml cargo check -p vastai` shows the compiler's errors
              A client of parcels (crates/vastai/src/lib.rs:3): no method `a\u{1b}[2J`: expected `i64`
              Sending parcels (crates/vastai/src/send.rs:3 in send): mismatched types: expected `i64`
              Stamps: what there is (crates/vastai/src/stamps/list.rs:4, and 1 more place): the document has no operation `listStamps`
        "#]],
    );
    let run = sync(&checkout, "reports", &[]);
    expect![[r#"
        Facade
          A client of parcels
            no method `a\u{1b}[2J`: expected `i64`
              crates/vastai/src/lib.rs:3
          Sending parcels
            mismatched types: expected `i64`
              crates/vastai/src/send.rs:3 in send
          Stamps: what there is
            the document has no operation `listStamps`
              crates/vastai/src/stamps/list.rs:4
            the document has no operation `listStamps`
              crates/vastai/src/stamps/list.rs:7 in Stamps::list

        what to do
          1. Read the 2 breaking changes of the wire: programs built from the old document can fail against the service. Correct in overlay.yaml what the document says wrongly, and accept the rest: `cargo xtask sync-spec --accept REASON` notes it in accepted-breaks.toml.
          2. Change crates/vastai/src where the new document breaks it, in 3 features (see Facade); a sync is refused until then.
          3. Write the new names where the old ones are used: 1 item is only called otherwise (see Rust).
          4. Describe in our own words (or sync with --in-our-words, which keeps those that we have) what openapi.yaml describes in the publisher's: their prose is not ours to hand on. Then run `cargo xtask surface`.
          5. Set the version in Cargo.toml from 0.1.0 to 0.2.0, in [workspace.package] and [workspace.dependencies]: a dependent may have to change; while the version is 0.x, Cargo counts a breaking change in the second number.

        operations: 1 removed, 1 changed, 2 moved, 1 added; prose differs in 2 places
        wire: breaking; rust: major (0.1.0 → 0.2.0)
    "#]].assert_eq(&run.stdout[run.stdout.find("Facade").unwrap()..]);
    let run = sync(&checkout, "reports", &["--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["facade"]["compiled"], true);
    assert_eq!(
        report["facade"]["breaks"][1],
        json!({"feature": "Sending parcels", "file": "crates/vastai/src/send.rs", "line": 3, "item": "send",
            "message": "mismatched types: expected `i64`"})
    );
    let markdown = sync(&checkout, "reports", &["--format", "markdown"]).stdout;
    expect![[r#"
        ## Facade

        - A client of parcels
          - `crates/vastai/src/lib.rs:3`: no method `a\u{1b}[2J`: expected `i64`
        - Sending parcels
          - `crates/vastai/src/send.rs:3 in send`: mismatched types: expected `i64`
        - Stamps: what there is
          - `crates/vastai/src/stamps/list.rs:4`: the document has no operation `listStamps`
          - `crates/vastai/src/stamps/list.rs:7 in Stamps::list`: the document has no operation `listStamps`

        <details><summary>prose: 2</summary>

        - `GET /parcels`: the description is new
        - the whole document: `version` of the document differs

        </details>

    "#]]
    .assert_eq(&markdown[markdown.find("## Facade").unwrap()..]);
    let html = sync(&checkout, "reports", &["--format", "html"]).stdout;
    assert!(
        html.contains("<dt>Sending parcels</dt>\n<dd><code>crates/vastai/src/send.rs:3 in send</code>"),
        "{html}"
    );
}

#[test]
fn a_client_that_does_not_compile_is_another_matter() {
    let checkout = checkout();
    let error = message("vastai_api", "cannot find type `Shipment`", "target/debug/client.rs", 7, None);
    checkout.write("messages", error);
    refused(
        &checkout,
        "reports",
        &expect![[r#"
        error: the client that the new document makes does not compile; nothing was changed. `VASTAI_OPENAPI=target/sync-spec/openapi.yaml cargo check -p vastai` says
          target/debug/client.rs:7: cannot find type `Shipment`: expected `i64`
    "#]],
    );
}

/// Nothing is compiled, so nothing is known but the operations.
#[test]
fn a_check_lists_operations_that_are_gone_without_a_compiler() {
    let checkout = checkout();
    let run = sync(&checkout, "is not there", &["--check", "--format", "json"]);
    assert_eq!(run.code, Some(5), "{run}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["facade"]["compiled"], false);
    assert_eq!(report["facade"]["breaks"].as_array().unwrap().len(), 2, "{report}");
}

#[test]
fn the_surface_of_the_facade_is_refreshed_and_checked() {
    let checkout = checkout();
    let refreshed = checkout.run(&["surface"]);
    assert!(
        refreshed.stdout.contains("refreshed surface.txt, openapi.lock and crates/vastai/surface.txt"),
        "{refreshed}"
    );
    expect![[r#"
        fn send()
        fn stamps::Stamps.list(&self)
        mod stamps
        struct stamps::Stamps
    "#]]
    .assert_eq(&fs::read_to_string(checkout.path("crates/vastai/surface.txt")).unwrap());
    assert_eq!(checkout.run(&["surface", "--check"]).code, Some(0));

    checkout.write("crates/vastai/src/send.rs", "pub fn send(to: &str) {}\n");
    expect![[r#"
        [stderr]
        error: crates/vastai/surface.txt: out of date; run `cargo xtask surface`, and look at what it changes
        [exit 100]
    "#]]
    .assert_eq(&checkout.refused(&["surface", "--check"]).to_string());
    assert_eq!(checkout.run(&["surface"]).code, Some(0));
    checkout.write("crates/vastai/src/send.rs", "pub fn send(");
    expect![[r#"
        [stderr]
        error: crates/vastai/src: send.rs: cannot parse string into token stream
        [exit 100]
    "#]]
    .assert_eq(&checkout.refused(&["surface"]).to_string());
}

/// What a reviewer reads of this repository is what it has.
#[test]
fn the_surfaces_of_this_repository_are_up_to_date() {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_xtask")).args(["surface", "--check"]).output();
    let run = Run::of(&run.unwrap(), &checkout().path(""));
    assert_eq!(run.code, Some(0), "{run}");
}
