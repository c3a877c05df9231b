//! `measure`: what the client costs its users and this repository, beside what else there is, as one table.

mod builds;
mod calls;
mod command;
mod cost;
mod generators;
mod machine;
mod pipeline;
mod table;

use std::path::PathBuf;

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
    /// Measure these alone, and write nothing to BENCHMARKS.md
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
}

/// Where the measurements are made.
struct Bench<'bench> {
    repository: &'bench Repository,
    cargo: &'bench Cargo,
    /// A folder of its own, in the target folder.
    folder: PathBuf,
    /// The packages, unpacked.
    packages: Vec<package::Package>,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let folder = std::path::absolute(target_folder(repository.root()).join("measure"))?;
    console.progress(Some("packages"))?;
    let packages = package::packages(&folder.join("packages"), repository, &args.cargo, console)?;
    let bench = Bench { repository, cargo: &args.cargo, folder, packages };
    let mut table = Table::default();
    for group in
        Group::value_variants().iter().filter(|group| args.only.is_empty() || args.only.contains(group))
    {
        let value = group.to_possible_value();
        let name = value.as_ref().map_or("", |value| value.get_name());
        console.progress(Some(name))?;
        let measured = match group {
            Group::Builds => builds::rows(&bench),
            Group::Generators => generators::rows(&bench),
            Group::Pipeline => pipeline::rows(&bench),
            Group::Calls => calls::rows(&bench),
            Group::Command => command::rows(&bench),
        };
        // One that fails says so in its place: the others have been measured, and take long.
        table.rows.extend(measured.unwrap_or_else(|error| vec![Row::missing(name, format!("{error:#}"))]));
    }
    console.progress(None)?;
    write!(console.out, "{}", table.text())?;
    if args.only.is_empty() {
        let text = format!("{}{}", machine::heading(repository), table.markdown());
        std::fs::write(repository.root().join(BENCHMARKS), text)?;
        writeln!(console.out, "written to {BENCHMARKS}")?;
    }
    Ok(Outcome::Same)
}
