//! What a program costs to run.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use super::Bench;
use crate::cargo::{Cargo, output_of, target_folder};
use crate::repository::Repository;

/// What a run of a program, with all that it started, cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Of all cores together, in seconds.
    pub(super) cpu: f64,
    /// By the clock, in seconds.
    pub(super) wall: f64,
    /// The most memory that one process had at a time, in bytes.
    pub(super) memory: u64,
}

impl Cost {
    /// The cost as `cost-of` prints it.
    fn read(printed: &str) -> Option<Self> {
        let mut numbers = printed.split_whitespace();
        let mut next = || numbers.next();
        let cost =
            Self { cpu: next()?.parse().ok()?, wall: next()?.parse().ok()?, memory: next()?.parse().ok()? };
        next().is_none().then_some(cost)
    }
}

/// Builds the program that runs others, `xtask/src/bin/cost-of.rs`, and gives its file.
pub(super) fn cost_of(repository: &Repository, cargo: &Cargo) -> anyhow::Result<PathBuf> {
    let mut build = cargo.offline(repository.root());
    build.args(["build", "--quiet", "--locked", "--package", "xtask", "--bin", "cost-of"]);
    output_of(build)?;
    let file = format!("cost-of{}", std::env::consts::EXE_SUFFIX);
    Ok(std::path::absolute(target_folder(repository.root()))?.join("debug").join(file))
}

impl Bench<'_> {
    /// Runs a program whose output nobody needs.
    pub(super) fn cost(&self, command: &Command) -> anyhow::Result<Cost> {
        let shown = format!("{command:?}");
        let mut run = Command::new(&self.cost_of);
        run.arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            run.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => run.env(name, value),
                None => run.env_remove(name),
            };
        }
        let output =
            run.stdin(Stdio::null()).output().with_context(|| format!("{shown} could not be run"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last: Vec<&str> = said.lines().rev().take(3).collect();
            bail!("{shown} failed: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "));
        }
        let printed = String::from_utf8_lossy(&output.stdout);
        Cost::read(&printed).with_context(|| format!("{shown}: no cost in `{}`", printed.trim()))
    }

    /// The run of several that took the least time: what else the machine does only adds.
    pub(super) fn least_cost(&self, runs: usize, command: impl Fn() -> Command) -> anyhow::Result<Cost> {
        let runs = (0..runs).map(|_| self.cost(&command())).collect::<anyhow::Result<Vec<_>>>()?;
        runs.into_iter().min_by(|one, other| one.cpu.total_cmp(&other.cpu)).context("no run")
    }
}
