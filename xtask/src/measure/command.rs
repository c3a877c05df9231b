//! The command line, beside the official one.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Bench;
use super::table::{Amount, Goal, Row};
use crate::cargo::{output_of, target_folder};

/// The official client, as PyPI has it.
pub(super) const OFFICIAL: &str = "vastai==1.9.1";
const RUNS: usize = 20;

const START_HELD_BY: &str = "loading the program, then the tree of the commands that the line is about";
const SIZE_HELD_BY: &str = "168 operations with their types and builders, the facade, two servers, TLS, the screens and the simulator. Tried: `opt-level = \"s\"` without LTO is \
    18.0 MB, with thin LTO 17.3 MB; all of it at `z` with fat LTO 10.8 MB";

pub(super) fn rows(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let root = bench.repository.root();
    let mut build = bench.cargo.offline(root);
    build.args(["build", "--quiet", "--locked", "--release", "--package", "vastai-cli"]);
    output_of(build)?;
    let ours = target_folder(root).join("release").join(format!("vastai{}", std::env::consts::EXE_SUFFIX));
    let start = |program: &Path, runs| {
        bench.least_cost(runs, || {
            let mut command = Command::new(program);
            command.arg("--help").env("VASTAI_NO_UPDATE_CHECK", "1").env("HOME", &bench.folder);
            command
        })
    };
    let cost = start(&ours, RUNS)?;
    let official = python(&bench.folder, OFFICIAL).and_then(|programs| {
        Ok((start(&programs.join("vastai"), 5)?, size_of_folder(&programs.join("../lib"))?))
    });
    let time = Row::of("command: start (`--help`)", Amount::Seconds(cost.wall))
        .wanted(Goal::AtMost(Amount::Seconds(0.01)), START_HELD_BY);
    let memory = Row::of("command: memory at the start", Amount::Bytes(cost.memory));
    let size = Row::of("command: size", Amount::Bytes(std::fs::metadata(&ours)?.len()))
        .wanted(Goal::AtMost(Amount::Bytes(15_000_000)), SIZE_HELD_BY);
    Ok(match official {
        Ok((theirs, their_size)) => vec![
            time.beside("official, Python", Amount::Seconds(theirs.wall)),
            memory.beside("official, Python", Amount::Bytes(theirs.memory)),
            size.beside("official, without Python itself", Amount::Bytes(their_size)),
        ],
        Err(error) => vec![time, memory, size, Row::missing("the official command", format!("{error:#}"))],
    })
}

/// The folder of the programs of a Python package, in an environment of its own.
pub(super) fn python(folder: &Path, requirement: &str) -> anyhow::Result<PathBuf> {
    let environment = folder.join("python").join(requirement);
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    if !programs.join("pip").exists() {
        let mut create = Command::new("python3");
        create.args(["-m", "venv"]).arg(&environment);
        output_of(create)?;
    }
    let mut install = Command::new(programs.join("python"));
    install.args(["-m", "pip", "install", "--quiet", requirement]);
    output_of(install)?;
    Ok(programs)
}

fn size_of_folder(folder: &Path) -> anyhow::Result<u64> {
    let mut size = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() { size_of_folder(&entry.path())? } else { metadata.len() };
    }
    Ok(size)
}
