//! Documents, overlays and folders that cannot be used: each is reported with its place, and nothing is written.

use std::fs::{self, File};
use std::process::Command;

use expect_test::{Expect, expect};

use crate::checkout::{Checkout, Run, cargo, fixture};

/// Syncs from a file with that text, which must fail the same way in `check-document`.
fn document(text: impl AsRef<[u8]>, expected: &Expect) {
    let checkout = Checkout::new();
    checkout.write("new.yaml", text);
    let synced = checkout.refused(&["sync-spec", "--source", "new.yaml"]);
    expected.assert_eq(&synced.stderr);
    assert_eq!(checkout.refused(&["check-document", "new.yaml"]).stderr, synced.stderr);
    assert_eq!(checkout.refused(&["lower", "new.yaml"]).stderr, synced.stderr);
}

#[test]
fn a_document_that_cannot_be_read() {
    document(
        "",
        &expect![[r#"
        error: new.yaml: the document is empty
    "#]],
    );
    document(
        "paths: [\n",
        &expect![[r#"
            error: new.yaml:2:1: while parsing a node, did not find expected node content
        "#]],
    );
    document(
        "- a\n- b\n",
        &expect![[r#"
            error: new.yaml: this is a list, not an OpenAPI document
        "#]],
    );
    document(
        "# A page\n\nwithout a document\n",
        &expect![[r#"
        error: new.yaml: this is a single value, not an OpenAPI document
    "#]],
    );
    document(
        b"openapi: 3.1.0\n\xff\n",
        &expect![[r#"
            error: new.yaml:2:1: not text in UTF-8; is this an OpenAPI document?
        "#]],
    );
    document(
        b"\xff\xfeo\0p\0",
        &expect![[r#"
        error: new.yaml:1:1: the text is in UTF-16; save it in UTF-8
    "#]],
    );
    let deep = format!("openapi: 3.1.0\npaths: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    document(
        deep,
        &expect![[r#"
            error: new.yaml:2:263: nested deeper than 127 levels
        "#]],
    );
    document(
        "openapi: 3.1.0\npaths: { /a: { x-low: -.inf } }\n",
        &expect![[r#"
        error: new.yaml:2:23: `-.inf` is a number that JSON does not know; write it in quotes if it is a string, and leave out a limit that does not limit
    "#]],
    );
    let dangling = "openapi: 3.1.0\npaths:\n  /a:\n    get: { responses: { '200': { $ref: '#/components/responses/A' } } }\n";
    let checkout = Checkout::new();
    checkout.write("new.yaml", dangling);
    let run = checkout.refused(&["sync-spec", "--source", "new.yaml"]);
    assert!(run.stderr.contains("#/components/responses/A"), "{run}");
}

#[test]
fn a_document_of_50_megabytes() {
    let checkout = Checkout::new();
    File::create(checkout.path("new.yaml")).unwrap().set_len(50 << 20).unwrap();
    let run = checkout.refused(&["sync-spec", "--source", "new.yaml"]);
    expect![[r#"
        [stderr]
        error: new.yaml: more than 16777216 bytes, the most that is read; is this an OpenAPI document?
        [exit 100]
    "#]]
    .assert_eq(&run.to_string());
}

#[test]
fn a_document_that_is_not_there() {
    let run = Checkout::new().refused(&["sync-spec", "--source", "none/openapi.yaml"]);
    expect![[r#"
        [stderr]
        error: none/openapi.yaml could not be read: No such file or directory (os error 2)
        [exit 100]
    "#]]
    .assert_eq(&run.to_string());
    assert_eq!(Checkout::new().refused(&["sync-spec", "--source", "."]).code, Some(100));
}

#[test]
fn a_correction_that_the_new_document_leaves_behind() {
    let checkout = Checkout::new();
    let renamed = fs::read_to_string(fixture("candidate.yaml")).unwrap().replace("sendParcel", "postParcel");
    checkout.write("new.yaml", renamed);
    let run = checkout.refused(&["sync-spec", "--source", "new.yaml"]);
    expect![[r#"
        new.yaml: 3 operations, 3 of them in the client; vendored: 3
        error: nothing was changed: overlay.yaml and undocumented.yaml do not fit the new document; mend them
          overlay.yaml: /actions/0: the target `$.paths.*[?@.operationId == 'sendParcel']` matches nothing in the document; the correction is stale (Sending a parcel twice costs twice.)
    "#]]
    .assert_eq(&run.stderr);
    let checked = checkout.run(&["sync-spec", "--source", "new.yaml", "--check"]);
    assert_eq!(checked.code, Some(5), "{checked}");
    assert!(checked.stderr.contains("warning: overlay.yaml: /actions/0: "), "{checked}");
}

#[test]
fn an_overlay_that_is_none() {
    let refused = |overlay: &str| {
        let checkout = Checkout::new();
        checkout.write("overlay.yaml", overlay);
        checkout.refused(&["sync-spec", "--source", "candidate.yaml"]).stderr
    };
    let twice =
        "overlay: 1.0.0\ninfo: { title: a, version: '1' }\nactions: []\ninfo: { title: b, version: '2' }\n";
    expect![[r#"
        error: overlay.yaml:4:1: the key `info` stands twice in one mapping, first at 2:1; which of the two is meant?
    "#]].assert_eq(&refused(twice));
    expect![[r#"
        error: overlay.yaml: not an OpenAPI overlay: invalid type: integer `7`, expected a sequence
    "#]]
    .assert_eq(&refused("overlay: 1.0.0\nactions: 7\n"));
    let bad_target =
        fs::read_to_string(fixture("repository/overlay.yaml")).unwrap().replace("$.paths", "$.paths[?");
    expect![[r#"
        error: overlay.yaml: /actions/0: the target `$.paths[?.*[?@.operationId == 'sendParcel']` is not a JSONPath (RFC 9535): at character 10: a query, a function or a literal is expected
    "#]].assert_eq(&refused(&bad_target));

    let checkout = Checkout::new();
    fs::remove_file(checkout.path("overlay.yaml")).unwrap();
    let run = checkout.refused(&["sync-spec", "--source", "candidate.yaml"]);
    assert!(run.stderr.contains("overlay.yaml could not be read"), "{run}");
}

#[test]
fn a_lock_file_that_is_none() {
    let checkout = Checkout::new();
    checkout.write("openapi.lock", "published = 7\n");
    let run = checkout.refused(&["sync-spec", "--source", "candidate.yaml"]);
    assert!(run.stderr.contains("restore it from git or remove it"), "{run}");
    fs::remove_file(checkout.path("openapi.lock")).unwrap();
    assert_eq!(checkout.run(&["sync-spec", "--source", "candidate.yaml"]).code, Some(0));
}

#[test]
fn two_at_once() {
    let checkout = Checkout::new();
    fs::create_dir(checkout.path("target")).unwrap();
    let lock = File::create(checkout.path("target/sync-spec.lock")).unwrap();
    lock.lock().unwrap();
    let run = checkout.refused(&["sync-spec", "--source", "candidate.yaml"]);
    expect![[r#"
        [stderr]
        error: another `cargo xtask` is replacing files of this checkout; nothing was changed, try again when it is done
        [exit 100]
    "#]]
    .assert_eq(&run.to_string());
    // Whoever only looks is not held up.
    assert_eq!(checkout.run(&["sync-spec", "--source", "candidate.yaml", "--check"]).code, Some(5));
    lock.unlock().unwrap();
    assert_eq!(checkout.run(&["sync-spec", "--source", "candidate.yaml"]).code, Some(0));
}

/// A disk that takes no more is reported by the system as a write that fails; so is a file above the limit of the shell.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full() {
    // In half kilobytes: the document itself is too large, or the surface is.
    for (limit, message) in [
        (1, "could not be written, to compile the client from it; nothing was changed: File too large"),
        (3, "the old ones stand as they were: File too large"),
    ] {
        let checkout = Checkout::new();
        let before = checkout.bytes();
        let sync = checkout.command(&["sync-spec", "--source", "candidate.yaml"]);
        let output = Command::new("sh")
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"")])
            .arg(sync.get_program())
            .args(sync.get_args())
            .env("CARGO", cargo("succeeds"))
            .current_dir(checkout.path(""))
            .output()
            .unwrap();
        let run = Run::of(&output, &checkout.path(""));
        assert_eq!(run.code, Some(100), "{run}");
        assert!(run.stderr.contains(message), "{run}");
        checkout.assert_untouched(&before);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt as _;

    let checkout = Checkout::new();
    // Not a folder, so that no lock can be put into it; also root cannot write there.
    checkout.write("target", "");
    let run = checkout.refused(&["sync-spec", "--source", "candidate.yaml"]);
    assert!(run.stderr.contains("target/sync-spec.lock cannot be written; nothing was changed"), "{run}");
    fs::remove_file(checkout.path("target")).unwrap();
    fs::create_dir(checkout.path("target")).unwrap();

    let permit = |mode| fs::set_permissions(checkout.path(""), fs::Permissions::from_mode(mode)).unwrap();
    permit(0o555);
    let root_writes_anyway = fs::write(checkout.path("probe"), "").is_ok();
    if root_writes_anyway {
        eprintln!("skipped: a read-only folder, which does not stop this user");
    } else {
        let run = checkout.refused(&["sync-spec", "--source", "candidate.yaml"]);
        assert!(run.stderr.contains("the old ones stand as they were: Permission denied"), "{run}");
    }
    permit(0o755);
}
