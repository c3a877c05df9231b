//! The comparison with the official client, as far as it goes without that client: whether it can be had depends on the machine. The whole
//! table is a step of `.ci/run`.

use std::fs;

use crate::checkout::{Checkout, Run};

/// Runs it where there is no Python.
fn without_python(arguments: &[&str]) -> Run {
    let checkout = Checkout::new();
    fs::create_dir(checkout.path("bin")).unwrap();
    let arguments: Vec<&str> = ["conformance"].iter().chain(arguments).copied().collect();
    let path = checkout.path("bin");
    Run::of(&checkout.command(&arguments).env("PATH", path).output().unwrap(), &checkout.path(""))
}

#[test]
fn without_python_it_says_what_it_needs() {
    for arguments in [&[][..], &["--drop-in"], &["--simulator"], &["--against", "1.3.0"]] {
        let run = without_python(arguments);
        assert_eq!(run.code, Some(100), "{run}");
        assert!(run.stderr.contains("it needs Python 3.10 or newer, and there is none"), "{run}");
    }
}

#[test]
fn where_it_is_optional_it_is_skipped_with_a_notice() {
    let run = without_python(&["--if-available"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run}");
    assert!(run.stderr.starts_with("conformance was skipped: the official client cannot be had: "), "{run}");
}

#[test]
fn a_version_is_no_more_than_a_version() {
    for (version, reason) in [
        ("1.9.1 --index-url http://127.0.0.1:9", "not a version, such as 1.9.1"),
        ("../..", "not a version, such as 1.9.1"),
        ("", "not a version, such as 1.9.1"),
        ("0.5.0", "releases before 1.0"),
    ] {
        let run = without_python(&["--against", version]);
        assert_eq!(run.code, Some(100), "{run}");
        assert!(run.stderr.contains(reason), "{run}");
    }
}
