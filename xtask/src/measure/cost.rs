//! What a program costs to run.

use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use wait4::Wait4 as _;

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
    /// Runs a program whose output nobody needs.
    pub(super) fn of(mut command: Command) -> anyhow::Result<Self> {
        let shown = format!("{command:?}");
        let mut errors = tempfile::tempfile()?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors.try_clone()?);
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{shown} could not be run"))?;
        let used = child.wait4().with_context(|| format!("{shown} could not be waited for"))?;
        let wall = started.elapsed().as_secs_f64();
        if !used.status.success() {
            let mut said = String::new();
            errors.rewind().and_then(|()| errors.read_to_string(&mut said))?;
            let last: Vec<&str> = said.lines().rev().take(3).collect();
            bail!("{shown} failed: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "));
        }
        let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
        Ok(Self { cpu, wall, memory: used.rusage.maxrss })
    }

    /// The run of several that took the least time: what else the machine does only adds.
    pub(super) fn least(runs: usize, command: impl Fn() -> Command) -> anyhow::Result<Self> {
        let runs = (0..runs).map(|_| Self::of(command())).collect::<anyhow::Result<Vec<_>>>()?;
        runs.into_iter().min_by(|one, other| one.cpu.total_cmp(&other.cpu)).context("no run")
    }
}
