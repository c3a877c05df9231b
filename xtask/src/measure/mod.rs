//! `measure`: what the client costs its users and this repository, beside what else there is, as one table.

mod builds;
mod calls;
mod command;
mod cost;
mod generators;
mod machine;
mod pipeline;
mod sections;
mod suite;
mod table;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;

use crate::cargo::{Cargo, target_folder};
use crate::console::{Console, Outcome};
use crate::package;
use crate::repository::Repository;
use table::{Row, Table};

/// The file that the table is written to.
const BENCHMARKS: &str = "BENCHMARKS.md";

/// Measure what the client costs, beside a hand-written one and other generators' ones, and write BENCHMARKS.md; needs the registries
/// for what is compared with
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Measure these alone; what BENCHMARKS.md has of the others stays
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Group>,
    #[command(flatten)]
    cargo: Cargo,
}

/// What is measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Cold builds of programs that use the client, and builds after a change
    Builds,
    /// Clients that other generators make of the same document
    Generators,
    /// The pipeline from document to code, and the comparison of documents, as they grow
    Pipeline,
    /// Calls and decoding
    Calls,
    /// The command line
    Command,
    /// The tests of the workspace, twice: a quarter of an hour, so where it is asked for alone
    Tests,
}

impl Group {
    fn title(self) -> &'static str {
        match self {
            Self::Builds => "Builds",
            Self::Generators => "Other generators",
            Self::Pipeline => "The pipeline",
            Self::Calls => "Calls",
            Self::Command => "The command",
            Self::Tests => "The tests",
        }
    }

    /// Whether it is measured on packages.
    fn needs_packages(self) -> bool {
        matches!(self, Self::Builds | Self::Generators | Self::Calls)
    }
}

/// Where the measurements are made.
struct Bench<'bench> {
    repository: &'bench Repository,
    cargo: &'bench Cargo,
    /// A folder of its own, in the target folder.
    folder: PathBuf,
    /// The program that runs others and tells what they cost.
    cost_of: PathBuf,
    /// The packages, unpacked, where they are needed.
    packages: Vec<package::Package>,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let folder = std::path::absolute(target_folder(repository.root()).join("measure"))?;
    let is_wanted = |group: &Group| match args.only.is_empty() {
        true => *group != Group::Tests,
        false => args.only.contains(group),
    };
    let groups: Vec<Group> = Group::value_variants().iter().copied().filter(is_wanted).collect();
    let packages = match groups.iter().any(|group| group.needs_packages()) {
        true => package::packages(&folder.join("packages"), repository, &args.cargo, console)?,
        false => Vec::new(),
    };
    let cost_of = cost::cost_of(repository, &args.cargo)?;
    let bench = Bench { repository, cargo: &args.cargo, folder, cost_of, packages };
    let file = repository.root().join(BENCHMARKS);
    for group in groups {
        console.progress(Some(group.title()))?;
        let measured = match group {
            Group::Builds => builds::rows(&bench),
            Group::Generators => generators::rows(&bench),
            Group::Pipeline => pipeline::rows(&bench),
            Group::Calls => calls::rows(&bench),
            Group::Command => command::rows(&bench),
            Group::Tests => suite::rows(&bench),
        };
        console.progress(None)?;
        // One that fails says so in its place: the others have been measured, and take long.
        let rows = measured.unwrap_or_else(|error| vec![Row::missing(group.title(), format!("{error:#}"))]);
        let table = Table { rows };
        writeln!(console.out, "{}\n\n{}", group.title(), table.text())?;
        // Each is written as soon as it is there.
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        let section = format!("{}\n\n{}", machine::sentence(repository), table.markdown());
        let titles: Vec<&str> = Group::value_variants().iter().map(|group| group.title()).collect();
        std::fs::write(&file, sections::with(&before, &titles, group.title(), &section))
            .with_context(|| format!("{BENCHMARKS} could not be written"))?;
    }
    writeln!(console.out, "written to {BENCHMARKS}")?;
    Ok(Outcome::Same)
}
