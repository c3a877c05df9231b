//! `package`: the crates as they are published, which carry the generated code, and the proof that they work from outside.
//!
//! A package of `vastai-api` has in `prebuilt/` what the build script makes here, so that its users compile neither the pipeline nor the
//! generator. The packages are made of a copy of the workspace ([`stage`]), unpacked, and used by programs that see nothing of the
//! checkout ([`check`]).

mod check;
mod crates;
mod stage;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::cargo::{Cargo, output_of, target_folder};
use crate::console::{Console, Outcome};
use crate::repository::Repository;

pub(crate) use check::patches;
pub(crate) use crates::{Published, PublishedCrate};
pub(crate) use stage::empty;

/// Make the packages of all crates that are published, unpack them, and try them; offline
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where each package is left, unpacked: DIR/NAME-VERSION/
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How the packages are tried
    #[arg(long, value_enum, default_value_t = Check::Whole)]
    check: Check,
    #[command(flatten)]
    cargo: Cargo,
}

/// How packages are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Check {
    /// The surface, and that programs compile on them without the generator: what every change can afford
    Quick,
    /// That, with the tests of the programs; that the package makes the code which it carries; and the command, installed
    Whole,
    /// Not at all
    None,
}

/// A package, unpacked.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What is uploaded, in bytes.
    size: u64,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let packages = packages(&args.out, repository, &args.cargo, console)?;
    match args.check {
        Check::Quick => check::quick(&packages, repository, &args.cargo, console)?,
        Check::Whole => check::whole(&packages, repository, &args.cargo, console)?,
        Check::None => {}
    }
    Ok(Outcome::Same)
}

/// Makes the packages, unpacks them in `out`, and checks that they are of use to somebody who has nothing else.
pub(crate) fn make_and_check(
    out: &Path,
    repository: &Repository,
    cargo: &Cargo,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let packages = packages(out, repository, cargo, console)?;
    check::whole(&packages, repository, cargo, console)
}

/// The folder with the copy of the workspace that the packages are made of; they are published from there.
pub(crate) fn staging_folder(repository: &Repository) -> PathBuf {
    target_folder(repository.root()).join("package-stage")
}

/// Makes the packages and unpacks them in `out`, a package after those that it depends on.
pub(crate) fn packages(
    out: &Path,
    repository: &Repository,
    cargo: &Cargo,
    console: &mut Console<'_>,
) -> anyhow::Result<Vec<Package>> {
    let out = std::path::absolute(out).context("the folder of the packages")?;
    let published = Published::of(repository, cargo)?;
    console.progress(Some("making the code"))?;
    let code = stage::code(repository, cargo)?;
    let folder = staging_folder(repository);
    stage::workspace(&folder, &published, &code, repository, cargo)?;

    console.progress(Some("packing"))?;
    let made = folder.join("target");
    let mut package = cargo.offline(&folder);
    // Unverified, as cargo would build each of them here: they are built from outside instead.
    package.args(["package", "--workspace", "--no-verify", "--quiet"]).env("CARGO_TARGET_DIR", &made);
    output_of(package)?;
    std::fs::create_dir_all(&out).with_context(|| format!("{} could not be made", out.display()))?;
    let unpacked = published.in_order.iter().map(|krate| {
        let (name, version) = (krate.name.clone(), krate.version.clone());
        let archive = made.join("package").join(format!("{name}-{version}.crate"));
        let size = std::fs::metadata(&archive).with_context(|| archive.display().to_string())?.len();
        let folder = out.join(format!("{name}-{version}"));
        empty(&folder)?;
        let mut tar = Command::new("tar");
        // With times of now (`m`): cargo dates what it packs back, and would take a build of an older package for one of this.
        tar.arg("-xzmf").arg(&archive).arg("-C").arg(&out);
        output_of(tar)?;
        Ok(Package { name, version, folder, size })
    });
    let unpacked = unpacked.collect::<anyhow::Result<Vec<_>>>();
    console.progress(None)?;
    let unpacked = unpacked?;
    for Package { name, version, folder, size } in &unpacked {
        writeln!(
            console.out,
            "{name} {version}: {} KB packed, in {}",
            size.div_ceil(1000),
            folder.display()
        )?;
    }
    Ok(unpacked)
}
