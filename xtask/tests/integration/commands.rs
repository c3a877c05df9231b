//! What the commands print.

use std::fs;

use expect_test::expect;

use crate::checkout::{Checkout, fixture};

#[test]
fn check_document_counts_operations_and_reports_every_rule() {
    let run = Checkout::new().run(&["check-document", "openapi.yaml"]);
    assert_eq!(run.code, Some(0), "{run}");
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some("openapi.yaml: 3 operations in the document, 3 in the client"));
    assert!(lines.all(|line| line.starts_with(' ')), "{run}");
    assert!(run.stdout.contains("response-fields-kept"), "{run}");
    assert!(!run.stdout.contains("\n          /"), "{run}");

    let verbose = Checkout::new().run(&["check-document", "--verbose", "openapi.yaml"]);
    assert!(verbose.stdout.contains("\n          /"), "{verbose}");
}

#[test]
fn stale_corrections_fail_the_vendored_document_and_only_warn_for_another() {
    let checkout = Checkout::new();
    let other = checkout.run(&["check-document", "page.md"]);
    assert_eq!((other.code, other.stderr.as_str()), (Some(0), ""), "{other}");
    let overlay = fs::read_to_string(checkout.path("overlay.yaml")).unwrap();
    checkout.write("overlay.yaml", overlay.replace("sendParcel", "weighParcel"));

    let other = checkout.run(&["check-document", "page.md"]);
    assert_eq!(other.code, Some(0), "{other}");
    assert!(other.stderr.starts_with("warning: overlay.yaml: /actions/0: "), "{other}");

    let vendored = checkout.refused(&["check-document", "openapi.yaml"]);
    expect![[r#"
        [stderr]
        error: overlay.yaml: /actions/0: the target `$.paths.*[?@.operationId == 'weighParcel']` matches nothing in the document; the correction is stale (Sending a parcel twice costs twice.)
        [exit 100]
    "#]]
    .assert_eq(&vendored.to_string());
}

#[test]
fn the_table_of_operations_is_in_step() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["--root", root, "operations", "--check"])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));

    let checkout = Checkout::new();
    fs::create_dir(checkout.path("docs")).unwrap();
    let missing = checkout.run(&["operations", "--check"]);
    assert_eq!(missing.code, Some(100), "{missing}");
    assert!(missing.stderr.contains("run `cargo xtask operations`"), "{missing}");
    assert_eq!(checkout.run(&["operations"]).code, Some(0));
    let table = fs::read_to_string(checkout.path("docs/operations.md")).unwrap();
    assert!(table.contains("| sendParcel | PUT |"), "{table}");
    assert_eq!(checkout.run(&["operations", "--check"]).code, Some(0));
}

#[test]
fn the_commands_of_the_skill_are_in_step() {
    let checkout = Checkout::new();
    for folder in ["docs", "skills", "skills/vastai"] {
        fs::create_dir(checkout.path(folder)).unwrap();
    }
    assert_eq!(checkout.run(&["operations"]).code, Some(0));
    let marked = "Before.\n<!-- commands: written by `cargo xtask operations` -->\nold\n<!-- end of commands -->\nAfter.\n";
    checkout.write("skills/vastai/SKILL.md", marked);
    let old = checkout.run(&["operations", "--check"]);
    assert_eq!(old.code, Some(100), "{old}");
    assert!(old.stderr.contains("skills/vastai/SKILL.md: not in step"), "{old}");
    assert_eq!(checkout.run(&["operations"]).code, Some(0));
    let skill = fs::read_to_string(checkout.path("skills/vastai/SKILL.md")).unwrap();
    // A parcel is not to be sent twice.
    let row = skill.lines().find(|line| line.contains("`send parcel`")).unwrap();
    let columns: Vec<&str> = row.split(" | ").collect();
    assert!(columns[2].contains("`send parcel`") && !columns[1].contains("`send parcel`"), "{row}");
    assert!(
        skill.starts_with("Before.\n") && skill.ends_with("\nAfter.\n") && !skill.contains("old"),
        "{skill}"
    );
    assert_eq!(checkout.run(&["operations", "--check"]).code, Some(0));

    checkout.write("skills/vastai/SKILL.md", "Nothing is marked.\n");
    let unmarked = checkout.run(&["operations"]);
    assert_eq!(unmarked.code, Some(100), "{unmarked}");
    assert!(unmarked.stderr.contains("has no line `<!-- commands: written by"), "{unmarked}");
}

/// What the service has come to document is not lacking any more: a check tells it, and a sync is refused.
#[test]
fn an_operation_that_the_new_document_has_is_no_longer_undocumented() {
    let checkout = Checkout::new();
    let undocumented = "overlay: 1.0.0\ninfo: { title: t, version: '1' }\nactions:\n- target: $.paths\n  x-evidence: a client\n  update:\n    \
         /parcels/lost/: { get: { operationId: findParcel, summary: find parcel, x-undocumented: true, responses: { '200': { description: it } } } }\n";
    checkout.write("undocumented.yaml", undocumented);
    let lacking = checkout.run(&["check-document", "openapi.yaml"]);
    assert!(
        lacking.stdout.starts_with("openapi.yaml: 3 operations in the document, 4 in the client"),
        "{lacking}"
    );
    let published = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    let gained = published.replacen(
        "paths:\n",
        "paths:\n  /parcels/lost:\n    get: { operationId: lostParcel, responses: { '200': { description: it } } }\n",
        1,
    );
    checkout.write("new.yaml", gained);
    let says = "undocumented.yaml: /actions/0: the document now has the operation `lostParcel` (GET /parcels/lost): remove it from undocumented.yaml";
    let checked = checkout.run(&["sync-spec", "--source", "new.yaml", "--check"]);
    assert!(checked.stderr.contains(says), "{checked}");
    assert!(checked.stdout.contains(says), "{checked}");
    let refused = checkout.refused(&["sync-spec", "--source", "new.yaml"]);
    assert!(refused.stderr.contains(says), "{refused}");
    let report = |new: &str, format: &str| {
        checkout.run(&["sync-spec", "--source", new, "--check", "--format", format]).stdout
    };
    let section = |text: &str, start: &str, end: &str| {
        let from = text.split_once(start).map_or("", |(_, from)| from);
        format!("{start}{}", from.split_once(end).map_or(from, |(section, _)| section))
    };
    assert!(
        checked.stdout.contains("Remove from undocumented.yaml: 1 addition is in the new document by now"),
        "{checked}"
    );
    expect![[r#"
        undocumented operations
          documented by now: GET /parcels/lost (was GET /parcels/lost/)"#]]
    .assert_eq(&section(&report("new.yaml", "text"), "undocumented operations", "\n\n"));
    expect![[r#"
        ## Undocumented operations

        - `GET /parcels/lost` is documented by now; it was `GET /parcels/lost/`"#]]
    .assert_eq(&section(&report("new.yaml", "markdown"), "## Undocumented", "\n\n##"));
    expect![[r#"
        <section id="undocumented">
        <h2>Undocumented operations</h2>
        <ul>
        <li><span class="method">GET</span> <code>/parcels/lost</code> is documented by now; it was <span class="method">GET</span> <code>/parcels/lost/</code></li>
        </ul>
    "#]].assert_eq(&section(
        &report("new.yaml", "html"),
        "<section id=\"undocumented\">",
        "</section>",
    ));
    let json = |new: &str| serde_json::from_str::<serde_json::Value>(&report(new, "json")).unwrap();
    expect![[r#"{"documented":[{"from":"GET /parcels/lost/","to":"GET /parcels/lost"}],"lacking":[]}"#]]
        .assert_eq(&json("new.yaml")["undocumented"].to_string());
    // What is lacking still is told, too.
    checkout.write(
        "other.yaml",
        published.replacen(
            "paths:\n",
            "paths:\n  /new: { get: { responses: { '200': { description: it } } } }\n",
            1,
        ),
    );
    expect![[r#"
        undocumented operations
          1 operation is in undocumented.yaml alone"#]]
    .assert_eq(&section(&report("other.yaml", "text"), "undocumented operations", "\n\n"));
    expect![[r#"
        ## Undocumented operations

        <details><summary>1 operation is in undocumented.yaml alone</summary>

        - `GET /parcels/lost/`

        </details>"#]]
    .assert_eq(&section(&report("other.yaml", "markdown"), "## Undocumented", "\n\n##"));
    expect![[r#"
        <section id="undocumented">
        <h2>Undocumented operations</h2>
        <details><summary>1 operation is in undocumented.yaml alone</summary>
        <ul>
        <li><span class="method">GET</span> <code>/parcels/lost/</code></li>
        </ul>
        </details>
    "#]]
    .assert_eq(&section(&report("other.yaml", "html"), "<section id=\"undocumented\">", "</section>"));
    expect![[r#"{"documented":[],"lacking":["GET /parcels/lost/"]}"#]]
        .assert_eq(&json("other.yaml")["undocumented"].to_string());
}

/// A line for each of many would hide all else.
#[test]
fn stale_corrections_of_another_document_are_one_line() {
    let checkout = Checkout::new();
    let overlay = fs::read_to_string(checkout.path("overlay.yaml")).unwrap();
    let (head, action) = overlay.split_once("actions:\n").unwrap();
    let actions: String =
        ["weighParcel", "packParcel", "loseParcel"].map(|id| action.replace("sendParcel", id)).concat();
    checkout.write("overlay.yaml", format!("{head}actions:\n{actions}"));
    let lines = |text: &str| text.lines().filter(|line| line.contains("matches nothing")).count();

    let checked = checkout.run(&["check-document", "candidate.yaml"]);
    assert_eq!((checked.code, lines(&checked.stderr)), (Some(0), 1), "{checked}");
    assert!(checked.stderr.contains("/actions/0: ") && checked.stderr.contains("(and 2 more)"), "{checked}");
    let verbose = checkout.run(&["check-document", "--verbose", "candidate.yaml"]);
    assert_eq!(lines(&verbose.stderr), 3, "{verbose}");
    for format in ["text", "markdown", "html"] {
        let diff = checkout.run(&["diff", "openapi.yaml", "candidate.yaml", "--format", format]);
        assert_eq!(lines(&diff.stdout) + lines(&diff.stderr), 1, "{diff}");
    }
    let json = checkout.run(&["diff", "openapi.yaml", "candidate.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["stale"].as_array().map(Vec::len), Some(3), "programs get them all");
}

#[test]
fn keys_that_a_document_has_twice_are_warned_of_by_every_command() {
    let checkout = Checkout::new();
    let twice = fs::read_to_string(fixture("candidate.yaml")).unwrap().replacen(
        "      operationId: ",
        "      operationId: first\n      operationId: ",
        1,
    );
    checkout.write("twice.yaml", &twice);
    let page = format!("# A page\n\n````yaml openapi.yaml\n{twice}````\n");
    checkout.write("twice.md", page);
    checkout.write("llms.txt", "- [a](/twice.md)\n");
    let place = |file: &str| format!("warning: {file}:");
    let warning = "the key `operationId` is in the same mapping at ";
    for (arguments, file) in [
        (vec!["check-document", "twice.yaml"], "twice.yaml"),
        (vec!["check-document", "twice.md"], "twice.md (the document in the page)"),
        (vec!["check-document", "llms.txt"], "twice.md"),
        (vec!["lower", "twice.yaml"], "twice.yaml"),
        (vec!["diff", "openapi.yaml", "twice.yaml"], "twice.yaml"),
        (vec!["diff", "twice.yaml", "openapi.yaml"], "twice.yaml"),
        (vec!["sync-spec", "--check", "--source", "twice.yaml"], "twice.yaml"),
        (vec!["sync-spec", "--check", "--source", "llms.txt"], "twice.md"),
    ] {
        let run = checkout.run(&arguments);
        assert!(matches!(run.code, Some(0 | 4 | 5)), "{run}");
        let warned: Vec<&str> = run.stderr.lines().filter(|line| line.contains(warning)).collect();
        assert_eq!(warned.len(), 1, "{arguments:?}: {run}");
        assert!(warned[0].starts_with(&place(file)), "{}", warned[0]);
    }
    let checked = checkout.run(&["check-document", "twice.yaml"]);
    assert!(checked.stdout.contains("     1  ignored       duplicate-key  "), "{checked}");
    // Whoever reads the report alone sees it, too.
    for format in ["text", "markdown", "html", "json"] {
        let diff = checkout.run(&["diff", "openapi.yaml", "twice.yaml", "--format", format]);
        assert!(
            diff.stdout.contains("operationId` is in the same mapping")
                || diff.stdout.contains("`operationId\\` is in the same"),
            "{diff}"
        );
    }
    // What is vendored has none: it is refused by nobody, and warned of where it is built.
    checkout.write("openapi.yaml", &twice);
    let surface = checkout.run(&["surface"]);
    assert!(surface.stderr.contains(&format!("{}{}", place("openapi.yaml"), "")), "{surface}");
}

/// What may be sent twice is for the overlay to say, which a person reviews.
#[test]
fn a_published_document_makes_nothing_repeatable() {
    let checkout = Checkout::new();
    let document = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    let document = document.replace(
        "  /parcels/{id}/:\n",
        "  /parcels/{id}/:\n    $ref: '#/components/pathItems/Send'\n  /sent/:\n",
    ) + "  pathItems:\n    Send:\n      post:\n        operationId: orderParcel\n        responses: {}\n";
    checkout.write("old.yaml", &document);
    let mark = "x-vastai-repeatable: true";
    let marked = document
        .replace("      operationId: sendParcel\n", &format!("      operationId: sendParcel\n      {mark}\n"))
        .replace(
            "        operationId: orderParcel\n",
            &format!("        operationId: orderParcel\n        {mark}\n"),
        );
    assert_eq!(marked.matches(mark).count(), 2);
    checkout.write("marked.yaml", &marked);

    let checked = checkout.run(&["check-document", "--verbose", "marked.yaml"]);
    for place in [
        "/paths/~1parcels~1{id}~1/post/x-vastai-repeatable: `x-vastai-repeatable: true`",
        "/paths/~1sent~1/put/x-vastai-repeatable: `x-vastai-repeatable: true`",
        "/components/pathItems/Send/post/x-vastai-repeatable: `x-vastai-repeatable: true`",
    ] {
        assert!(checked.stdout.contains(place), "{place} is not in {checked}");
    }
    assert!(checked.stdout.contains("mark-not-obeyed"), "{checked}");

    let diff = checkout.run(&["diff", "old.yaml", "marked.yaml"]);
    assert_eq!(diff.code, Some(4), "{diff}");
    assert!(diff.stdout.contains("x-vastai-repeatable"), "{diff}");
    // The client is the same.
    assert!(diff.stdout.contains("rust: patch"), "{diff}");

    // Nor once it is vendored: `sendParcel` is marked by the overlay of this checkout, and the other by its document alone.
    checkout.write("openapi.yaml", &marked);
    assert_eq!(checkout.run(&["surface"]).code, Some(0));
    let surface = fs::read_to_string(checkout.path("surface.txt")).unwrap();
    let line = surface.lines().find(|line| line.starts_with("operation orderParcel")).unwrap();
    assert!(line.contains("never repeated"), "{line}");
}

#[test]
fn lower_prints_openapi_3_0_as_json() {
    let run = Checkout::new().run(&["lower", "candidate.yaml"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lowered: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(lowered["openapi"], "3.0.3");
    assert!(lowered["paths"]["/parcels/{parcel}/"]["put"].is_object());
}

#[test]
fn surface_is_refreshed_and_checked() {
    let checkout = Checkout::new();
    expect![[r#"
        [stderr]
        error: surface.txt and openapi.lock: out of date; run `cargo xtask surface`, and look at what it changes
        [exit 100]
    "#]]
    .assert_eq(&checkout.refused(&["surface", "--check"]).to_string());
    let refreshed = checkout.run(&["surface"]);
    expect![[r#"
        refreshed surface.txt and openapi.lock
        [exit 0]
    "#]]
    .assert_eq(&refreshed.to_string());
    let checked = checkout.run(&["surface", "--check"]);
    expect![[r#"
        surface.txt and openapi.lock are up to date
        [exit 0]
    "#]]
    .assert_eq(&checked.to_string());
    assert!(fs::read_to_string(checkout.path("surface.txt")).unwrap().contains("fn Client.send_parcel"));
    // Where the document came from is still known.
    assert!(fs::read_to_string(checkout.path("openapi.lock")).unwrap().contains("fetched = 2026-01-01"));

    let edited = fs::read_to_string(checkout.path("openapi.yaml")).unwrap() + "# an edit\n";
    checkout.write("openapi.yaml", edited);
    expect![[r#"
        [stderr]
        error: openapi.lock: out of date; run `cargo xtask surface`, and look at what it changes
        [exit 100]
    "#]]
    .assert_eq(&checkout.refused(&["surface", "--check"]).to_string());
}

#[test]
fn diff_reports_what_changed_to_programs() {
    let checkout = Checkout::new();
    let json = checkout.run(&["diff", "openapi.yaml", "candidate.yaml", "--format", "json"]);
    assert_eq!(json.code, Some(5));
    let diff: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let keys: Vec<_> = diff.as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "accepted",
            "changes",
            "docs",
            "documents",
            "duplicate_keys",
            "operations",
            "release",
            "rust",
            "rust_items",
            "rust_kept_names",
            "rust_origins",
            "rust_renames",
            "stale",
            "version",
            "wire"
        ]
    );
    assert_eq!(
        (&diff["wire"], &diff["rust"], &diff["docs"]),
        (&"breaking".into(), &"major".into(), &2.into())
    );
    assert_eq!(diff["operations"]["moved"][0]["to"], "GET /parcels");
    let rules: Vec<_> =
        diff["changes"].as_array().unwrap().iter().filter_map(|change| change["id"].as_str()).collect();
    assert!(rules.contains(&"limit-tightened") && rules.contains(&"operation-removed"), "{rules:?}");
}

#[test]
fn the_exit_code_says_the_kind_of_difference() {
    let checkout = Checkout::new();
    let document = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    assert_eq!(checkout.run(&["diff", "openapi.yaml", "openapi.yaml"]).code, Some(0));
    checkout.write("prose.yaml", document.replace("The stamps.", "All stamps."));
    let prose = checkout.run(&["diff", "openapi.yaml", "prose.yaml"]);
    assert!(prose.stdout.ends_with("wire: no difference; rust: patch (0.1.0 → 0.1.1)\n"), "{prose}");
    assert_eq!(prose.code, Some(4));
    checkout.write(
        "more.yaml",
        document.replace("  /stamps/:", "  /boxes/:\n    get: { responses: {} }\n  /stamps/:"),
    );
    let more = checkout.run(&["diff", "openapi.yaml", "more.yaml"]);
    assert_eq!(more.code, Some(4), "{more}");
    assert_eq!(checkout.run(&["diff", "more.yaml", "openapi.yaml"]).code, Some(5));
    assert_eq!(checkout.run(&["diff", "openapi.yaml", "gone.yaml"]).code, Some(100));
    assert_eq!(checkout.run(&["compare"]).code, Some(100));
    assert_eq!(checkout.run(&["--help"]).code, Some(0));
}

#[test]
fn the_help_of_sync_spec() {
    expect![[r#"
        Replace the vendored document by the published one, and report what changed

        Usage: cargo xtask sync-spec [OPTIONS]

        Options:
              --source <URL|FILE>    A URL or a file with the document: YAML, JSON, a documentation page in Markdown, or an index of such pages (llms.txt). Of several, the next is tried if one cannot be read [default: https://raw.githubusercontent.com/vast-ai/docs/main/api-reference/openapi.yaml https://docs.vast.ai/api-reference/openapi.yaml https://docs.vast.ai/llms.txt]
              --in-our-words         Take the facts alone, and describe them in the words of the vendored document: the publisher's prose may not be ours to hand on
              --check                Change nothing, only report the difference. Nothing is compiled: of the facade, only what names an operation that the document lacks is listed. Corrections that match nothing are listed and do not fail
              --dry-run              Do everything but replace the files
              --accept <REASON>      Change nothing but accepted-breaks.toml: note all that breaks as accepted, for this reason. To be reviewed
              --format <FORMAT>      How to write the difference [default: text] [possible values: text, json, markdown, html]
              --timeout <DURATION>   How long a source may take, with all its pages [default: 60s]
              --expect-sha256 <SUM>  The SHA-256 that the document must have, as `sha256sum` prints it; a document with another one is refused
          -h, --help                 Print help (see more with '--help')
        [exit 0]
    "#]].assert_eq(&Checkout::new().run(&["sync-spec", "-h"]).to_string());
}
