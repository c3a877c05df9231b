//! What the commands print.

use std::fs;

use expect_test::expect;

use crate::checkout::Checkout;

#[test]
fn check_document_counts_operations_and_tells_every_rule() {
    let run = Checkout::new().run(&["check-document", "openapi.yaml"]);
    assert_eq!(run.code, Some(0), "{run}");
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some("openapi.yaml: 3 operations in the document, 3 in the client"));
    assert!(lines.all(|line| line.starts_with(' ')), "{run}");
    assert!(run.stdout.contains("response-members-kept"), "{run}");
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
        error: surface.txt and openapi.lock: not in step with openapi.yaml; run `cargo xtask surface`, and look at what it changes
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
        error: openapi.lock: not in step with openapi.yaml; run `cargo xtask surface`, and look at what it changes
        [exit 100]
    "#]]
    .assert_eq(&checkout.refused(&["surface", "--check"]).to_string());
}

#[test]
fn diff_tells_what_changed_to_programs() {
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
fn the_exit_code_tells_the_kind_of_difference() {
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
        Replace the vendored document by the published one, and tell what changed

        Usage: cargo xtask sync-spec [OPTIONS]

        Options:
              --source <URL|FILE>    A URL or a file with the document: YAML, JSON, a documentation page in Markdown, or an index of such pages (llms.txt). Of several, the next is tried if one cannot be read [default: https://raw.githubusercontent.com/vast-ai/docs/main/api-reference/openapi.yaml https://docs.vast.ai/api-reference/openapi.yaml https://docs.vast.ai/llms.txt]
              --in-our-words         Take the facts alone, and describe them in the words of the vendored document: the publisher's prose may not be ours to hand on
              --check                Change nothing, only tell the difference; needs no compiler. Corrections that match nothing any more are told, and do not fail
              --dry-run              Do everything but replace the files
              --accept <REASON>      Change nothing but accepted-breaks.toml: note all that breaks as accepted, for this reason. To be reviewed
              --format <FORMAT>      How to write the difference [default: text] [possible values: text, json, markdown, html]
              --timeout <DURATION>   How long a source may take, with all its pages [default: 60s]
              --expect-sha256 <SUM>  The sum that the document must have, as `sha256sum` prints it; another one is refused
          -h, --help                 Print help (see more with '--help')
        [exit 0]
    "#]].assert_eq(&Checkout::new().run(&["sync-spec", "-h"]).to_string());
}
