//! A sync that is killed leaves the old or the new files, never half of them.

use std::collections::HashSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::checkout::{Checkout, FILES, Files};

const SYNC: [&str; 3] = ["sync-spec", "--source", "candidate.yaml"];

/// The files before a sync, and after it.
fn old_and_new() -> (Files, Files) {
    let checkout = Checkout::new();
    let old = checkout.files();
    let run = checkout.run(&SYNC);
    assert_eq!(run.code, Some(0), "{run}");
    (old, checkout.files())
}

/// What must hold after a kill, before anyone mends anything: every file is whole, `openapi.yaml` above all. Then the
/// next command, even one that only looks, makes the set whole.
fn assert_old_or_new_after_recovery(checkout: &Checkout, old: &Files, new: &Files, when: &str) -> bool {
    let killed = checkout.files();
    assert!(killed.is_of_either(old, new), "half a file, killed {when}: {killed:#?}");
    let run = checkout.run(&["sync-spec", "--source", "candidate.yaml", "--check"]);
    let recovered = checkout.files();
    let is_new = recovered == *new;
    assert!(is_new || recovered == *old, "half a set, killed {when}: {recovered:#?}");
    assert_eq!(run.code, Some(if is_new { 0 } else { 5 }), "killed {when}: {run}");
    assert_eq!(checkout.leftovers(), Vec::<String>::new(), "killed {when}");
    is_new
}

#[test]
fn at_every_step() {
    let (old, new) = old_and_new();
    let mut outcomes = Vec::new();
    let mut seen = HashSet::new();
    for step in 1.. {
        let checkout = Checkout::new();
        let run = checkout.run(&[SYNC.as_slice(), &["--abort-after", &step.to_string()]].concat());
        if run.code == Some(0) {
            break;
        }
        // Killed: by a signal, or with a code that is none of ours.
        assert!(!matches!(run.code, Some(0 | 4 | 5 | 100)), "{run}");
        seen.insert(checkout.files().0.iter().zip(&new.0).map(|(is, new)| is == new).collect::<Vec<_>>());
        outcomes.push(assert_old_or_new_after_recovery(&checkout, &old, &new, &format!("after step {step}")));
    }
    // One step decides: old before it, new from it on.
    let decided = outcomes.iter().position(|is_new| *is_new).unwrap();
    assert!(outcomes[decided..].iter().all(|is_new| *is_new), "{outcomes:?}");
    assert!(decided >= 2 * FILES.len() && outcomes.len() - decided >= FILES.len(), "{outcomes:?}");
    // The test has been where it is dangerous: between the renames.
    assert!(
        seen.contains([true, false, false, false].as_slice())
            && seen.contains([true, true, true, false].as_slice()),
        "{seen:?}"
    );
}

#[test]
fn at_every_step_and_the_recovery_too() {
    let (old, new) = old_and_new();
    for step in 1.. {
        let checkout = Checkout::new();
        if checkout.run(&[SYNC.as_slice(), &["--abort-after", &step.to_string()]].concat()).code == Some(0) {
            break;
        }
        // The next sync finds the leftovers, mends them, and comes to its own end.
        let run = checkout.run(&SYNC);
        assert_eq!(run.code, Some(0), "{run}");
        assert!(run.stderr.starts_with("warning: an earlier command was interrupted "), "{run}");
        assert_eq!(checkout.files(), new);
        assert_ne!(checkout.files(), old);
    }
}

#[test]
fn at_any_moment() {
    let (old, new) = old_and_new();
    let started = Instant::now();
    assert_eq!(Checkout::new().run(&SYNC).code, Some(0));
    let whole = started.elapsed();
    for part in 0..20_u32 {
        let checkout = Checkout::new();
        let mut sync = checkout.command(&SYNC);
        let mut child =
            sync.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        // The replacement is at the end; most of the moments are there.
        thread::sleep(whole * (10 + part) / 25);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_old_or_new_after_recovery(&checkout, &old, &new, &format!("at {part} of 20"));
    }
}

#[test]
fn a_reader_never_sees_half_a_document() {
    let checkout = Checkout::new();
    let read = || fs::read_to_string(checkout.path("openapi.yaml")).unwrap();
    let old = read();
    let new = fs::read_to_string(checkout.path("candidate.yaml")).unwrap();
    let mut sync = checkout.command(&SYNC);
    let mut child =
        sync.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() && Instant::now() < end {
        let text = read();
        assert!(text == old || text == new, "{text}");
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(read(), new);
}
