//! Cold builds of programs that use the client, beside the floor: a program of the same purpose that is written by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::Bench;
use super::cost::Cost;
use super::table::{Amount, Goal, Row};
use crate::package::{empty, patches};

const FLOOR: &str = include_str!("programs/floor.rs");
const FACADE: &str = include_str!("programs/facade.rs");
const API: &str = include_str!("programs/api.rs");

/// What every such program depends on beside the client.
const TOKIO: &str = "tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";
const FLOOR_DEPENDENCIES: &str = "reqwest = { version = \"0.13\", default-features = false, features = [\"json\", \"query\", \"stream\", \"rustls-no-provider\"] }\n\
    rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n\
    serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n";

const PACKAGED_HELD_BY: &str = "the crates themselves: of the CPU beyond the hand-written program's, half is vastai-api (type and borrow checks of 1,400 methods and \
    250 types, and their derives) and half the facade (the same, and the operations that it calls). Until methods were compiled where they are called, and types read by dynamic \
    calls, it was 1.50 ×. Tried without effect: no documentation, no `Debug` of builders; `#[inline]` on the facade's methods, too, saves 1.4 s";

const CHECKOUT_HELD_BY: &str = "the generator's own dependencies, which no build of it can leave out: of the CPU, syn 2 3.6 s, typify 4.2, regress 3.0, progenitor 2.2, \
    regex with its parts 5.9, schemars with its macros 2.7, openapiv3 1.6; beside what a package takes, that alone is above 1.6 ×. Ours are the pipeline, 6 s, and 1.4 s that \
    it runs. Given up: serde, serde_json and memchr compiled twice (3.5 s), JSONPath with nom (3 s), a sort for every kind of map, and what no build script runs (a fifth of \
    the pipeline's code). Not tried: the generator's model filled by hand in place of its derived readers, a quarter of the pipeline's code";

/// The cost of a build from nothing, and of one more after the program's own file was touched.
pub(super) struct Build {
    pub(super) cold: Cost,
    again: Cost,
}

pub(super) fn rows(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let version = bench.packages.first().map_or("0", |package| package.version.as_str()).to_owned();
    let here = bench.repository.root();
    let by_path =
        |name: &str, folder: PathBuf| format!("{name} = {{ path = {:?} }}\n", folder.display().to_string());
    let by_version = |name: &str| format!("{name} = \"={version}\"\n");
    let here = std::path::absolute(here)?;
    let floor = bench.build("floor", &format!("{TOKIO}{FLOOR_DEPENDENCIES}"), FLOOR)?;
    let row = |what: &str, dependency: &str, main: &str, limit: f64, held_by: &'static str| {
        let built = bench.build(&what.replace([' ', ','], "-"), &format!("{TOKIO}{dependency}"), main);
        let built = match built {
            Ok(built) => built,
            Err(error) => return vec![Row::missing(what, format!("{error:#}"))],
        };
        let cold = Row::of(format!("cold build: {what}"), Amount::CpuSeconds(built.cold.cpu))
            .beside("hand-written", Amount::CpuSeconds(floor.cold.cpu))
            .wanted(Goal::TimesReference(limit), held_by);
        let clock = Row::of(format!("cold build by the clock: {what}"), Amount::Seconds(built.cold.wall))
            .beside("hand-written", Amount::Seconds(floor.cold.wall));
        let again = Row::of(format!("build after a touch: {what}"), Amount::Seconds(built.again.wall))
            .beside("hand-written", Amount::Seconds(floor.again.wall));
        vec![cold, clock, again]
    };
    let mut rows = row("packaged facade", &by_version("vastai"), FACADE, 1.15, PACKAGED_HELD_BY);
    rows.extend(row("packaged vastai-api alone", &by_version("vastai-api"), API, 1.15, PACKAGED_HELD_BY));
    rows.extend(row(
        "facade from the checkout",
        &by_path("vastai", here.join("crates/vastai")),
        FACADE,
        1.6,
        CHECKOUT_HELD_BY,
    ));
    rows.extend(row(
        "vastai-api alone from the checkout",
        &by_path("vastai-api", here),
        API,
        1.6,
        CHECKOUT_HELD_BY,
    ));
    let lines = bench.package("vastai-api")?.folder.join("prebuilt");
    rows.push(Row::of("generated code", Amount::Lines(lines_in(&lines)?)));
    Ok(rows)
}

impl Bench<'_> {
    /// The package of this name, unpacked.
    pub(super) fn package(&self, name: &str) -> anyhow::Result<&crate::package::Package> {
        self.packages
            .iter()
            .find(|package| package.name == name)
            .with_context(|| format!("no package {name}"))
    }

    /// Makes a program of one file that stands for itself, with the versions of the checkout where it has the same dependencies.
    pub(super) fn program(&self, name: &str, dependencies: &str, main: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        empty(&folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/main.rs"), main)?;
        fs::copy(self.repository.root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(folder)
    }

    /// A build in a folder, with a target folder of its own.
    pub(super) fn cargo_build(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut build = self.cargo.offline(folder);
        build.args(["build", "--quiet"]).args(arguments).args(patches(&self.packages));
        build.env("CARGO_TARGET_DIR", folder.join("target")).env("CARGO_INCREMENTAL", "0");
        build
    }

    fn build(&self, name: &str, dependencies: &str, main: &str) -> anyhow::Result<Build> {
        let folder = self.program(name, dependencies, main)?;
        empty(&folder.join("target"))?;
        let cold = self.cost(&self.cargo_build(&folder, &[]))?;
        fs::write(folder.join("src/main.rs"), main)?;
        let again = self.cost(&self.cargo_build(&folder, &[]))?;
        // Each is a gigabyte.
        fs::remove_dir_all(folder.join("target"))?;
        Ok(Build { cold, again })
    }
}

/// The lines of Rust in a folder, and in those in it.
pub(super) fn lines_in(folder: &Path) -> anyhow::Result<usize> {
    let mut lines = 0;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            lines += lines_in(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            lines += fs::read_to_string(&path)?.lines().count();
        }
    }
    Ok(lines)
}
