//! Where and when the table was made.

use std::process::Command;
use std::time::SystemTime;

use crate::cargo::output_of;
use crate::repository::Repository;

/// Where and when a table was made, in a sentence.
pub(super) fn sentence(repository: &Repository) -> String {
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let said = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.current_dir(repository.root()).args(arguments);
        output_of(command).map_or_else(|_| "unknown".into(), |said| said.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "Made on {} ({}, {}, {cores} cores, {} of memory), {}, commit {}.",
        &date[..date.find('T').unwrap_or(date.len())],
        std::env::consts::OS,
        processor(),
        memory(),
        said("rustc", &["--version"]),
        said("git", &["rev-parse", "--short", "HEAD"]),
    )
}

fn processor() -> String {
    field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into())
}

fn memory() -> String {
    field("/proc/meminfo", "MemTotal").unwrap_or_else(|| "an unknown amount".into())
}

/// A field of a file in which Linux tells what there is.
fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
