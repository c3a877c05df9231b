//! Clients that other generators make of the vendored document: what they are to compile, beside ours.
//!
//! Nothing of them stays: they are made in the target folder, and built there. Each is given the document as it is vendored, and what its
//! generator leaves out or gets wrong is not made up for. Ours has the operations of `undocumented.yaml`, too.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Bench;
use super::builds::lines_in;
use super::cost::Cost;
use super::table::{Amount, Row};
use crate::cargo::output_of;
use crate::package::empty;
use crate::repository::DOCUMENT;

/// How a generator is had.
enum Source {
    /// From crates.io, by this name and version.
    Crate(&'static str),
    /// From PyPI.
    Python(&'static str),
}

/// A generator of Rust clients.
struct Generator {
    name: &'static str,
    version: &'static str,
    source: Source,
    /// Its command with its arguments; `DOCUMENT` and `OUT` stand for a file and a folder.
    command: &'static [&'static str],
}

const GENERATORS: [Generator; 4] = [
    Generator {
        name: "openapi-generator",
        version: "7.26.0",
        source: Source::Python("openapi-generator-cli"),
        command: &[
            "openapi-generator-cli",
            "generate",
            "-i",
            "DOCUMENT",
            "-g",
            "rust",
            "-o",
            "OUT",
            "--skip-validate-spec",
        ],
    },
    Generator {
        name: "oas3-gen",
        version: "0.29.0",
        source: Source::Crate("oas3-gen"),
        command: &["oas3-gen", "generate", "client-mod", "-i", "DOCUMENT", "-o", "OUT", "--workspace"],
    },
    Generator {
        name: "ploidy",
        version: "0.15.0",
        source: Source::Crate("ploidy"),
        command: &["ploidy", "generate", "rust", "DOCUMENT", "-o", "OUT"],
    },
    // It makes modules in the folder where it is called, and no crate.
    Generator {
        name: "openapi-to-rust",
        version: "0.23.0",
        source: Source::Crate("openapi-to-rust"),
        command: &["openapi-to-rust", "generate", "DOCUMENT"],
    },
];

pub(super) fn rows(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let ours = bench.package("vastai-api")?.folder.clone();
    let our_lines = Amount::Lines(lines_in(&ours.join("prebuilt"))?);
    let built = bench.client(&ours);
    Ok(GENERATORS
        .iter()
        .flat_map(|generator| {
            let what = format!("{} {}", generator.name, generator.version);
            let client = match bench.generated(generator) {
                Ok(client) => client,
                Err(error) => {
                    return vec![Row::missing(format!("the client of {what}"), format!("{error:#}"))];
                }
            };
            let lines = lines_in(&client).map_or_else(
                |error| Row::missing("lines", error.to_string()),
                |lines| {
                    Row::of("generated code (ours of 168 operations, theirs of 100)", our_lines)
                        .beside(what.clone(), Amount::Lines(lines))
                },
            );
            let cold = match (&built, bench.client(&client)) {
                (Ok(ours), Ok(cost)) => {
                    Row::of("cold build: packaged vastai-api as a library", Amount::CpuSeconds(ours.cpu))
                        .beside(what, Amount::CpuSeconds(cost.cpu))
                }
                (Err(error), _) => Row::missing("cold build of our client", format!("{error:#}")),
                (_, Err(error)) => {
                    Row::missing(format!("cold build of the client of {what}"), format!("{error:#}"))
                }
            };
            vec![lines, cold]
        })
        .collect())
}

/// Makes a crate of modules that came without one, with the dependencies that the generator names.
fn as_crate(folder: &Path) -> anyhow::Result<()> {
    let dependencies = folder.join("src/generated/REQUIRED_DEPS.toml");
    if !dependencies.exists() {
        return Ok(());
    }
    let dependencies = fs::read_to_string(dependencies)?;
    fs::write(
        folder.join("Cargo.toml"),
        format!("[package]\nname = \"modules\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{dependencies}"),
    )?;
    fs::write(folder.join("src/lib.rs"), "pub mod generated;\n")?;
    Ok(())
}

impl Bench<'_> {
    /// Has the generator, and lets it make its client.
    fn generated(&self, generator: &Generator) -> anyhow::Result<std::path::PathBuf> {
        let tools = self.folder.join("tools");
        fs::create_dir_all(&tools)?;
        let programs = match generator.source {
            Source::Crate(name) => {
                let mut install = self.cargo.online(&tools);
                install.args([
                    "install",
                    "--quiet",
                    "--locked",
                    "--debug",
                    "--version",
                    generator.version,
                    "--root",
                    ".",
                    name,
                ]);
                install.env("CARGO_TARGET_DIR", tools.join("target"));
                output_of(install)?;
                tools.join("bin")
            }
            Source::Python(name) => {
                super::command::python(&tools, &format!("{name}=={}", generator.version))?
            }
        };
        let out = self.folder.join(generator.name);
        empty(&out)?;
        let document = std::path::absolute(self.repository.root().join(DOCUMENT))?;
        let [program, arguments @ ..] = generator.command else { anyhow::bail!("no command") };
        let mut command = Command::new(programs.join(program));
        let place = |argument: &&str| {
            argument.replace("DOCUMENT", &document.to_string_lossy()).replace("OUT", &out.to_string_lossy())
        };
        command.current_dir(&out).args(arguments.iter().map(place));
        output_of(command)?;
        as_crate(&out)?;
        Ok(out)
    }

    /// A cold build of a client as a library, in a folder of its own.
    fn client(&self, folder: &Path) -> anyhow::Result<Cost> {
        let place = self.folder.join("client");
        empty(&place)?;
        let name = fs::read_to_string(folder.join("Cargo.toml"))?
            .lines()
            .find_map(|line| Some(line.strip_prefix("name = ")?.trim_matches('"').to_owned()))
            .unwrap_or_default();
        let place = self.program(
            "client",
            &format!("{name} = {{ path = {:?} }}\n", folder.display().to_string()),
            "fn main() {}\n",
        )?;
        let mut fetch = self.cargo.online(&place);
        fetch.arg("fetch");
        output_of(fetch)?;
        let cost = self.cost(&self.cargo_build(&place, &[]))?;
        fs::remove_dir_all(place.join("target"))?;
        Ok(cost)
    }
}
