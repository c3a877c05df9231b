//! The tests of the workspace, from nothing and once more.

use std::fs;

use super::Bench;
use super::table::{Amount, Goal, Row};

const FIRST_HELD_BY: &str = "compiling is 5 minutes of CPU: some 350 crates, the generated code, and sixteen binaries of tests; the rest as the second run";
const AGAIN_HELD_BY: &str = "debug builds that decode, generate and serve: the model's server with its Python client, the command line started some thousand \
    times, the workspace compiled against documents that break it, and megabytes of hostile responses, which took a minute until what decodes was compiled with \
    optimisation";

pub(super) fn rows(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let target = bench.folder.join("tests");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let mut test = bench.cargo.online(bench.repository.root());
    test.args(["test", "--workspace", "--locked", "--quiet"])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0");
    let (first, again) = (bench.cost(&test)?, bench.cost(&test)?);
    // Some gigabytes.
    fs::remove_dir_all(&target)?;
    let row = |what: &str, amount: Amount| Row::of(format!("`cargo test --workspace`, {what}"), amount);
    let within = |seconds: f64| Goal::AtMost(Amount::CpuSeconds(seconds));
    Ok(vec![
        row("from nothing", Amount::CpuSeconds(first.cpu)).wanted(within(480.0), FIRST_HELD_BY),
        row("from nothing, by the clock", Amount::Seconds(first.wall)),
        row("once more", Amount::CpuSeconds(again.cpu)).wanted(within(120.0), AGAIN_HELD_BY),
        row("once more, by the clock", Amount::Seconds(again.wall)),
    ])
}
