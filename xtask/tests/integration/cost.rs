//! What `measure` says a program costs.

use std::hint::black_box;
use std::process::{Command, Output};

const MEGABYTE: u64 = 1_000_000;

fn cost_of(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cost-of")).args(arguments).output().unwrap()
}

fn memory_of(arguments: &[&str]) -> u64 {
    let output = cost_of(arguments);
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.split_whitespace().nth(2).unwrap().parse().unwrap()
}

#[cfg(unix)]
#[test]
fn the_memory_of_a_program_is_its_own_and_not_that_of_the_one_that_measures() {
    let held = black_box(vec![1_u8; 300_000_000]);
    let nothing = memory_of(&["true"]);
    assert!(nothing < 50 * MEGABYTE, "{nothing} bytes for a program that does nothing");
    let much = memory_of(&["sh", "-c", r#"held=$(head -c 100000000 /dev/zero | tr "\0" x)"#]);
    assert!((100 * MEGABYTE..300 * MEGABYTE).contains(&much), "{much} bytes for a program that holds 100 MB");
    drop(held);
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_or_is_not_there_says_so() {
    let failed = cost_of(&["sh", "-c", "echo why >&2; exit 3"]);
    assert_eq!((failed.status.code(), &*failed.stderr), (Some(1), &b"why\n"[..]));
    let missing = cost_of(&["/nowhere/at-all"]);
    assert_eq!(missing.status.code(), Some(100));
    assert!(missing.stdout.is_empty() && !missing.stderr.is_empty());
}
