//! What a sync does to the checkout, and what it refuses to do.

use std::fs;

use expect_test::expect;

use crate::checkout::{Checkout, Run, cargo};

const SYNC: [&str; 3] = ["sync-spec", "--source", "candidate.yaml"];

fn sync_with(checkout: &Checkout, cargo_that: &str, more: &[&str]) -> Run {
    let mut sync = checkout.command(&[SYNC.as_slice(), more].concat());
    sync.env("CARGO", cargo(cargo_that));
    Run::of(&sync.output().unwrap(), &checkout.path(""))
}

#[test]
fn a_client_that_does_not_compile_is_not_taken() {
    for mode in [&[][..], &["--dry-run"]] {
        let checkout = Checkout::new();
        let before = checkout.bytes();
        let run = sync_with(&checkout, "fails", mode);
        checkout.assert_untouched(&before);
        assert_eq!(run.code, Some(100), "{run}");
        expect![[r"
            candidate.yaml: 3 operations, 3 of them in the client; vendored: 3
            error: the client that the new document makes does not compile; nothing was changed. `VASTAI_OPENAPI=target/sync-spec/openapi.yaml cargo check -p vastai` says
              error: check --quiet --message-format json --package vastai of openapi: 3.1.0
        "]]
        .assert_eq(&run.stderr);
    }
    // Who only looks needs no compiler.
    let checkout = Checkout::new();
    assert_eq!(sync_with(&checkout, "is not there", &["--check"]).code, Some(5));
    let before = checkout.bytes();
    let run = sync_with(&checkout, "is not there", &[]);
    checkout.assert_untouched(&before);
    assert_eq!(run.code, Some(100), "{run}");
    assert!(run.stderr.contains("could not be run, to compile the client; nothing was changed: "), "{run}");
}

#[test]
fn the_changelog_gets_an_entry_once() {
    let checkout = Checkout::new();
    let old = fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    assert_eq!(checkout.run(&SYNC).code, Some(0));
    let changelog = fs::read_to_string(checkout.path("CHANGELOG.md")).unwrap();
    expect![[r#"
        # Changelog

        ## Unreleased

        ### Added

        - Parcels.

        ### The API: document 19a16cf5f8b4

        Wire: breaking. Rust: major. Operations: 1 removed, 1 changed, 2 moved, 1 added; prose differs in 2 places.

        - Added: `POST /parcels`.
        - Breaking: `GET /parcels`: the limit was at most 100 and is at most 50 (in the request).
        - Removed: `GET /stamps/`.
        - Renamed: `builder::SendParcel.id` is now `builder::SendParcel.parcel`, as the path parameter was called `id` and is called `parcel`.

        ## 0.1.0

        - The first.
    "#]].assert_eq(&changelog);

    // The same again, from the same old document: the entry is replaced by itself.
    checkout.write("openapi.yaml", old);
    let run = checkout.run(&SYNC);
    assert_eq!(run.code, Some(0), "{run}");
    assert!(run.stderr.contains("warning: openapi.yaml was edited since openapi.lock was written"), "{run}");
    assert_eq!(fs::read_to_string(checkout.path("CHANGELOG.md")).unwrap(), changelog);

    // The same in another spelling changes nothing for anybody.
    let candidate = fs::read_to_string(checkout.path("candidate.yaml")).unwrap();
    checkout.write("candidate.yaml", format!("# As it was.\n{candidate}"));
    let run = checkout.run(&SYNC);
    assert!(run.stderr.ends_with("replaced openapi.yaml, surface.txt and openapi.lock\n"), "{run}");
    assert_eq!(fs::read_to_string(checkout.path("CHANGELOG.md")).unwrap(), changelog);
}

#[test]
fn what_is_accepted_does_not_fail_a_check() {
    let checkout = Checkout::new();
    let check = [SYNC.as_slice(), &["--check"]].concat();
    assert_eq!(checkout.run(&check).code, Some(5));
    let before = checkout.bytes();
    let accept = checkout.run(&[SYNC.as_slice(), &["--accept", "Nobody sends stamps."]].concat());
    checkout.assert_untouched(&before);
    expect![[r#"
        [stderr]
        accepted-breaks.toml accepts 3 more breaks; review what it says of each
        [exit 0]
    "#]]
    .assert_eq(&accept.to_string());
    let dated = fs::read_to_string(checkout.path("accepted-breaks.toml")).unwrap();
    let date = dated.lines().rev().find_map(|line| line.strip_prefix("date = ")).unwrap().to_owned();
    let entries = dated.replace(&date, "[today]");
    expect![[r#"
        [[accepted]]
        rule = "limit-tightened"
        operation = "GET /parcels"
        pointer = "/paths/~1parcels/get/parameters/limit/schema/maximum"
        reason = "Nobody sends stamps."
        date = [today]

        [[accepted]]
        rule = "operation-removed"
        operation = "GET /stamps/"
        pointer = "/paths/~1stamps~1/get"
        reason = "Nobody sends stamps."
        date = [today]

        [[accepted]]
        rule = "rust-major"
        reason = "Nobody sends stamps."
        date = [today]
    "#]]
    .assert_eq(entries.split_once("\n\n").unwrap().1);

    let checked = checkout.run(&check);
    assert_eq!(checked.code, Some(4), "{checked}");
    assert!(checked.stdout.contains(&format!("accepted on {date}: Nobody sends stamps.\n")), "{checked}");
    let again = checkout.run(&[SYNC.as_slice(), &["--accept", "Another reason."]].concat());
    assert_eq!(again.code, Some(0), "{again}");
    assert!(
        again.stderr.contains("nothing breaks that accepted-breaks.toml does not accept already"),
        "{again}"
    );

    // One that is missing is reported again.
    let (without_rust, _) = dated.split_once("[[accepted]]\nrule = \"rust-major\"").unwrap();
    checkout.write("accepted-breaks.toml", without_rust);
    assert_eq!(checkout.run(&check).code, Some(5));
    checkout.write("accepted-breaks.toml", &dated);

    // The sync takes the reasons over, and nothing is left to accept.
    let run = checkout.run(&SYNC);
    assert_eq!(run.code, Some(0), "{run}");
    let changelog = fs::read_to_string(checkout.path("CHANGELOG.md")).unwrap();
    assert!(changelog.contains("Accepted: Nobody sends stamps.\n"), "{changelog}");
    let left = fs::read_to_string(checkout.path("accepted-breaks.toml")).unwrap();
    assert!(left.lines().all(|line| line.starts_with('#')), "{left}");
    assert_eq!(checkout.run(&check).code, Some(0));
}

#[test]
fn an_acceptance_that_accepts_nothing_is_an_error() {
    let refused = |entry: &str| {
        let checkout = Checkout::new();
        checkout.write("accepted-breaks.toml", entry);
        let checked = checkout.refused(&[SYNC.as_slice(), &["--check"]].concat()).stderr;
        assert_eq!(checkout.refused(&SYNC).stderr, checked);
        checked
    };
    let gone = "[[accepted]]\nrule = \"operation-removed\"\noperation = \"GET /parcels\"\npointer = \"/paths/~1parcels/get\"\nreason = \"It was.\"\ndate = 2026-01-01\n";
    expect![[r"
        error: accepted-breaks.toml accepts what does not break (any more); remove it there
          entry 1: operation-removed GET /parcels at /paths/~1parcels/get (It was.)
    "]]
    .assert_eq(&refused(gone));
    let right = gone.replace("GET /parcels\"", "GET /stamps/\"").replace("~1parcels", "~1stamps~1");
    assert!(
        refused(&right.replace("It was.", " "))
            .contains("entry 1 (operation-removed GET /stamps/) has no reason")
    );
    assert!(refused(&right.replace("2026-01-01", "12:00:00")).contains("`12:00:00` is not a date"));
    assert!(
        refused(&format!("{right}{right}"))
            .contains("entry 2 (operation-removed GET /stamps/) is there twice")
    );
    assert!(
        refused("accepted = 7\n").contains("accepted-breaks.toml is not what its own first lines say it is")
    );
    assert!(refused(&right.replace("reason", "because")).contains("unknown field `because`"));
}

#[test]
fn the_facts_are_taken_and_the_words_are_ours() {
    let checkout = Checkout::new();
    let run = checkout.run(&[SYNC.as_slice(), &["--in-our-words"]].concat());
    assert_eq!(run.code, Some(0), "{run}");
    assert!(
        run.stdout.contains(
            "Describe in openapi.yaml what only the publisher describes, then run `cargo xtask surface`: \
             /paths/~1parcels/get/description and /paths/~1parcels/post/responses/200/description."
        ),
        "{run}"
    );
    let read = |name| fs::read_to_string(checkout.path(name)).unwrap();
    assert!(!read("openapi.yaml").contains("Lists what is on its way."));
    assert!(read("openapi.yaml").contains("description: The parcels."));
    assert!(read("openapi.lock").contains("text = \"reworded\""));
    // The sum of what was published, which is not what is vendored.
    assert!(
        read("openapi.lock")
            .contains("sha256 = \"19a16cf5f8b4a3cab55926fd30894e96e4045f0fc6744b9647e59f426aa96e6f\"")
    );
    assert_eq!(checkout.run(&["surface", "--check"]).code, Some(0));

    // Other words of the publisher are nothing to us.
    let candidate = fs::read_to_string(checkout.path("candidate.yaml")).unwrap();
    checkout.write("candidate.yaml", candidate.replace("The parcel.", "A parcel, or two."));
    let before = checkout.bytes();
    let run = checkout.run(&[SYNC.as_slice(), &["--in-our-words"]].concat());
    assert_eq!(run.code, Some(0), "{run}");
    assert!(
        run.stderr.ends_with("openapi.yaml is the published document already; nothing was changed\n"),
        "{run}"
    );
    checkout.assert_untouched(&before);
}

/// What lies in the place of a file before a sync.
#[derive(Debug, Clone, Copy)]
enum Obstacle {
    EmptyFolder,
    FullFolder,
    ReadOnly,
}

#[test]
fn what_cannot_be_replaced_is_found_before_anything_is() {
    let names = ["openapi.yaml", "surface.txt", "CHANGELOG.md", "openapi.lock", "accepted-breaks.toml"];
    for obstacle in [Obstacle::EmptyFolder, Obstacle::FullFolder, Obstacle::ReadOnly] {
        for name in names {
            let checkout = Checkout::new();
            checkout.run(&[SYNC.as_slice(), &["--accept", "Nobody sends stamps."]].concat());
            let path = checkout.path(name);
            let text = fs::read(&path).unwrap();
            let writable = fs::metadata(&path).unwrap().permissions();
            match obstacle {
                Obstacle::ReadOnly => {
                    let mut read_only = writable.clone();
                    read_only.set_readonly(true);
                    fs::set_permissions(&path, read_only).unwrap();
                }
                folder => {
                    fs::remove_file(&path).unwrap();
                    fs::create_dir(&path).unwrap();
                    if matches!(folder, Obstacle::FullFolder) {
                        fs::write(path.join("note"), "keep me").unwrap();
                    }
                }
            }
            let before = checkout.everything();
            let run = checkout.run(&SYNC);
            assert_eq!(run.code, Some(100), "{obstacle:?} {name}: {run}");
            assert!(run.stderr.contains(name), "{obstacle:?} {name}: {run}");
            assert!(checkout.everything() == before, "{obstacle:?} {name}: something changed: {run}");

            // Once it is out of the way, all goes on as if nothing had been.
            match obstacle {
                Obstacle::ReadOnly => fs::set_permissions(&path, writable).unwrap(),
                _ => {
                    fs::remove_dir_all(&path).unwrap();
                    fs::write(&path, text).unwrap();
                }
            }
            let check = checkout.run(&[SYNC.as_slice(), &["--check"]].concat());
            assert_eq!(
                (check.code, check.stderr.contains("interrupted")),
                (Some(4), false),
                "{name}: {check}"
            );
            assert_eq!(checkout.run(&SYNC).code, Some(0), "{obstacle:?} {name}");
        }
    }
}

#[test]
fn the_surface_is_not_put_where_a_folder_is() {
    let checkout = Checkout::new();
    fs::remove_file(checkout.path("surface.txt")).unwrap();
    fs::create_dir(checkout.path("surface.txt")).unwrap();
    let before = checkout.everything();
    let run = checkout.run(&["surface"]);
    assert_eq!(run.code, Some(100), "{run}");
    assert!(run.stderr.contains("surface.txt"), "{run}");
    assert!(checkout.everything() == before, "{run}");
}
