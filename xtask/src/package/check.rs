//! Whether the packages are of use to somebody who has nothing else.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use toml::{Table, Value as Toml};
use vastai_spec::pipeline::{Source, Staleness, prepare};

use super::Package;
use super::stage::{CLIENT, PREBUILT, empty, files_of, made_by_build_script, write};
use crate::cargo::{Cargo, output_of, target_folder};
use crate::console::Console;
use crate::repository::{DOCUMENT, MANIFEST, Repository, SURFACE};

/// The workspace of users, in the checkout and in the folder of the checks.
const DOWNSTREAM: &str = "tests/downstream";
const README: &str = "README.md";
/// The package of the command, and what it is called.
const COMMAND_PACKAGE: &str = "vastai-cli";
const COMMAND: &str = "vastai";
/// What makes the code, and is nobody's dependency who takes it as it is.
const GENERATOR: [&str; 4] = ["progenitor", "progenitor-impl", "typify", "openapiv3"];

/// The checks that take about as long as compiling the programs of users.
pub(super) fn quick(
    packages: &[Package],
    repository: &Repository,
    cargo: &Cargo,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let programs = users_of(packages, repository, cargo, console)?;
    console.progress(Some("compiling programs that use the packages"))?;
    let mut check = cargo.offline(&programs);
    check.args(["check", "--workspace", "--all-targets"]);
    check.env("CARGO_TARGET_DIR", target_folder(repository.root()));
    output_of(check)?;
    console.progress(None)?;
    writeln!(
        console.out,
        "{DOWNSTREAM} compiles on the packages; `--check whole` runs its tests, makes the code from the package, and installs the command"
    )
    .map_err(Into::into)
}

/// Every check, cheap ones first.
pub(super) fn whole(
    packages: &[Package],
    repository: &Repository,
    cargo: &Cargo,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let programs = users_of(packages, repository, cargo, console)?;
    console.progress(Some("building and testing programs that use the packages"))?;
    let mut test = cargo.offline(&programs);
    test.args(["test", "--workspace"]).env("CARGO_TARGET_DIR", target_folder(repository.root()));
    let tests = passed(&output_of(test)?);
    ensure!(tests > 0, "{DOWNSTREAM}: no test ran");
    console.progress(None)?;
    writeln!(console.out, "{tests} tests of {DOWNSTREAM} pass on the packages")?;

    console.progress(Some("making the code from the package"))?;
    same_code(package(packages, CLIENT)?, packages, repository, cargo)?;
    console.progress(None)?;
    writeln!(console.out, "the feature `generate` makes the code that the package carries, byte for byte")?;

    console.progress(Some("installing the command"))?;
    command(package(packages, COMMAND_PACKAGE)?, &folder(repository), packages, repository, cargo)?;
    console.progress(None)?;
    writeln!(console.out, "the command is installed from its package, and works without the checkout")
        .map_err(Into::into)
}

/// Where the packages are tried.
fn folder(repository: &Repository) -> PathBuf {
    target_folder(repository.root()).join("package-check")
}

/// The workspace of programs that use the packages alone, after a look that the packages carry the code, and that the programs need no
/// generator.
fn users_of(
    packages: &[Package],
    repository: &Repository,
    cargo: &Cargo,
    console: &mut Console<'_>,
) -> anyhow::Result<PathBuf> {
    surface(package(packages, CLIENT)?, repository)?;
    writeln!(console.out, "the surface is {SURFACE}, byte for byte")?;
    let folder = folder(repository);
    let programs = folder.join(DOWNSTREAM);
    empty(&folder)?;
    user_workspace(&programs, packages, repository)?;
    // Its examples are compiled there.
    write(&folder.join(README), repository.read(README)?)?;
    no_generator(&programs, cargo)?;
    writeln!(console.out, "no dependent's tree has {}", GENERATOR.join(", "))?;
    Ok(programs)
}

fn package<'packages>(packages: &'packages [Package], name: &str) -> anyhow::Result<&'packages Package> {
    packages
        .iter()
        .find(|package| package.name == name)
        .with_context(|| format!("there is no package {name}"))
}

/// The public items of the packaged code are those of the code that is generated here.
fn surface(client: &Package, repository: &Repository) -> anyhow::Result<()> {
    let read = |name: &str| {
        let file = client.folder.join(name);
        fs::read_to_string(&file).with_context(|| file.display().to_string())
    };
    let (document, overlays) = (read(DOCUMENT)?, repository.overlays()?);
    let prepared = prepare(Source::new(DOCUMENT, &document), overlays.sources(), Staleness::Fail)?;
    let packaged = prepared.surface_of(&read(&format!("{PREBUILT}/client.rs"))?)?;
    ensure!(packaged == repository.read(SURFACE)?, "the surface of the packaged {CLIENT} is not {SURFACE}");
    Ok(())
}

/// Copies the users' workspace, with dependencies by version instead of by path: they are found in the packages.
fn user_workspace(folder: &Path, packages: &[Package], repository: &Repository) -> anyhow::Result<()> {
    let source = repository.root().join(DOWNSTREAM);
    for file in tracked(&source)? {
        let text = fs::read(source.join(&file))?;
        let text = match file.file_name() {
            Some(name) if name == MANIFEST => by_version(&String::from_utf8(text)?, packages)?.into_bytes(),
            _ => text,
        };
        write(&folder.join(&file), text)?;
    }
    let root = folder.join(MANIFEST);
    let mut manifest: Table = toml::from_str(&fs::read_to_string(&root)?)?;
    manifest.insert(
        "patch".into(),
        Toml::Table(Table::from_iter([("crates-io".into(), Toml::Table(found_in(packages)))])),
    );
    write(&root, toml::to_string(&manifest)?)
}

/// The files of a folder and those below it, without what a build leaves.
fn tracked(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let (mut files, mut pending) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(at) = pending.pop() {
        for entry in fs::read_dir(folder.join(&at)).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let path = at.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true if path == Path::new("target") => {}
                true => pending.push(path),
                false => files.push(path),
            }
        }
    }
    Ok(files)
}

/// Where each package is, as a `patch` has it.
fn found_in(packages: &[Package]) -> Table {
    let place =
        |package: &Package| Table::from_iter([("path".into(), package.folder.display().to_string().into())]);
    packages.iter().map(|package| (package.name.clone(), Toml::Table(place(package)))).collect()
}

/// A manifest whose dependencies on our crates go by version.
fn by_version(manifest: &str, packages: &[Package]) -> anyhow::Result<String> {
    let mut manifest: Table = toml::from_str(manifest)?;
    for section in ["dependencies", "dev-dependencies"] {
        for (name, dependency) in manifest.get_mut(section).and_then(Toml::as_table_mut).into_iter().flatten()
        {
            let Some(package) = packages.iter().find(|package| package.name == *name) else { continue };
            let Some(dependency) = dependency.as_table_mut() else { continue };
            dependency.remove("path").with_context(|| format!("{name} is not a path dependency"))?;
            dependency.insert("version".into(), package.version.clone().into());
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn no_generator(workspace: &Path, cargo: &Cargo) -> anyhow::Result<()> {
    let mut tree = cargo.offline(workspace);
    tree.args(["tree", "--workspace", "--edges", "all", "--prefix", "none", "--format", "{p}"]);
    let tree = output_of(tree)?;
    let names = || tree.lines().filter_map(|line| line.split_whitespace().next());
    ensure!(names().any(|name| name == CLIENT), "{DOWNSTREAM} does not use {CLIENT}");
    match names().find(|name| GENERATOR.contains(name)) {
        Some(found) => bail!("{found} is a dependency of a program that uses the packages"),
        None => Ok(()),
    }
}

/// How many tests the output of `cargo test` tells to have passed.
fn passed(output: &str) -> usize {
    let results = output.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    results.filter_map(|line| line.split_whitespace().next()?.parse::<usize>().ok()).sum()
}

/// The code that the package carries is what the package makes with its feature `generate`.
fn same_code(
    client: &Package,
    packages: &[Package],
    repository: &Repository,
    cargo: &Cargo,
) -> anyhow::Result<()> {
    let mut check = cargo.offline(&client.folder);
    check.args(["check", "--quiet", "--features", "generate", "--message-format", "json"]);
    check.args(patches(packages)).env("CARGO_TARGET_DIR", target_folder(repository.root()));
    let made = made_by_build_script(&output_of(check)?)?;
    ensure!(
        made == files_of(&client.folder.join(PREBUILT))?,
        "with `generate`, the packaged {CLIENT} makes other code than it carries"
    );
    Ok(())
}

/// Tells cargo, outside of a workspace of ours, where the packages are.
pub(crate) fn patches(packages: &[Package]) -> impl Iterator<Item = String> {
    found_in(packages).into_iter().flat_map(|(name, place)| {
        ["--config".to_owned(), format!("patch.crates-io.{name}.path={}", place["path"])]
    })
}

/// Installs the command from its package, and calls it where nothing of the checkout is in reach.
fn command(
    package: &Package,
    folder: &Path,
    packages: &[Package],
    repository: &Repository,
    cargo: &Cargo,
) -> anyhow::Result<()> {
    let mut install = cargo.offline(folder);
    install
        .args(["install", "--debug", "--quiet", "--no-track", "--force", "--root"])
        .arg(folder)
        .arg("--path");
    install.arg(&package.folder).args(patches(packages));
    install.env("CARGO_TARGET_DIR", target_folder(repository.root()));
    output_of(install)?;
    let mut vastai = Command::new(folder.join("bin").join(format!("{COMMAND}{EXE_SUFFIX}")));
    vastai
        .args(["--mock", "get", "endpoint", "workers", "12345", "--output", "json"])
        .current_dir(folder)
        .env_clear();
    let workers: Value =
        serde_json::from_str(&output_of(vastai)?).context("the command's output is not JSON")?;
    ensure!(
        workers.as_array().is_some_and(|workers| !workers.is_empty()),
        "the command shows no worker: {workers}"
    );
    Ok(())
}
