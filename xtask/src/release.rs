//! `release`: whether the checkout can be released as it is, and what to publish in which order. It publishes nothing itself.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use toml::{Table, Value as Toml};
use vastai_spec::visible::in_lines;

use crate::cargo::{Cargo, output_of, target_folder};
use crate::console::{Console, Outcome};
use crate::package::{self, Published, PublishedCrate};
use crate::repository::changelog::{CHANGELOG, section};
use crate::repository::{MANIFEST, Repository};

/// What people see of a crate where it is published. `repository` is not there: its absence is reported.
const SHOWN: [&str; 5] = ["description", "license", "readme", "rust_version", "edition"];
const LISTS: [&str; 2] = ["keywords", "categories"];
/// The crates whose interface is kept stable; `vastai-spec` serves the others alone, and `vastai-cli` has none.
const STABLE: [&str; 3] = ["vastai-api", "vastai-mock", "vastai"];

/// Check that this checkout can be released, and tell what to publish in which order; publishes nothing
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where each package is left, unpacked [default: target/packages]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Leave out what takes minutes: the packages and the comparison with the last release
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    cargo: Cargo,
}

/// What came of a check.
enum Verdict {
    Holds,
    /// It has to be mended first: what, and how.
    Fails(String),
    /// It could not be found out: why.
    Unknown(String),
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let published = Published::of(repository, &args.cargo)?;
    let version = version(repository)?;
    let last = last_release(repository);
    let mut report = Report { console, failures: 0 };
    report.add("no file is changed or unknown to git", clean(repository))?;
    report.add(
        "every crate has the version of the workspace",
        same_version(&version, &published, repository)?,
    )?;
    report.add(&format!("{version} was not released before"), not_released(&version, repository))?;
    report.add("CHANGELOG.md tells what is released", in_changelog(&version, repository)?)?;
    report.add("every crate says what people see of it", described(&published))?;
    report.add("every crate says where its source is", has_source(&published))?;
    if args.quick {
        let quick = || Verdict::Unknown("--quick".into());
        report.add("the packages work from outside", quick())?;
        report.add("the version fits what changed in the interface", quick())?;
    } else {
        let out = args.out.clone().unwrap_or_else(|| target_folder(repository.root()).join("packages"));
        let made = package::make_and_check(&out, repository, &args.cargo, report.console);
        let verdict = made.map_or_else(|error| Verdict::Fails(format!("{error:#}")), |_| Verdict::Holds);
        report.add("the packages work from outside", verdict)?;
        report.add(
            "the version fits what changed in the interface",
            semver(last.as_deref(), repository, &args.cargo),
        )?;
    }
    if report.failures > 0 {
        bail!("{version} cannot be released yet; {} of the checks above failed", report.failures);
    }
    let made =
        if args.quick { ", once `cargo xtask release` without --quick has made the packages" } else { "" };
    writeln!(console.out, "\nTo publish, in this order{made}:")?;
    order(&version, &published, repository, console)?;
    Ok(Outcome::Same)
}

/// Where the verdicts go.
struct Report<'report, 'streams> {
    console: &'report mut Console<'streams>,
    failures: usize,
}

impl Report<'_, '_> {
    fn add(&mut self, what: &str, verdict: Verdict) -> anyhow::Result<()> {
        self.failures += usize::from(matches!(verdict, Verdict::Fails(_)));
        writeln!(self.console.out, "{verdict}{what}{}", in_lines(&verdict.reason())).map_err(Into::into)
    }
}

impl Verdict {
    fn reason(&self) -> String {
        match self {
            Self::Holds => String::new(),
            Self::Fails(reason) | Self::Unknown(reason) => format!(": {reason}"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Holds => "yes      ",
            Self::Fails(_) => "NO       ",
            Self::Unknown(_) => "unknown  ",
        })
    }
}

fn git(repository: &Repository, arguments: &[&str]) -> anyhow::Result<String> {
    let mut git = Command::new("git");
    git.current_dir(repository.root()).args(arguments);
    output_of(git)
}

/// The newest release before this one, by its tag.
fn last_release(repository: &Repository) -> Option<String> {
    let tag = git(repository, &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]).ok()?;
    Some(tag.trim().to_owned())
}

fn manifest(repository: &Repository) -> anyhow::Result<Table> {
    toml::from_str(&repository.read(MANIFEST)?).with_context(|| format!("{MANIFEST} is not TOML"))
}

fn version(repository: &Repository) -> anyhow::Result<String> {
    let manifest = manifest(repository)?;
    let version =
        manifest.get("workspace").and_then(|workspace| workspace.get("package")?.get("version")?.as_str());
    version.map(str::to_owned).with_context(|| format!("{MANIFEST} has no version in [workspace.package]"))
}

fn clean(repository: &Repository) -> Verdict {
    match git(repository, &["status", "--porcelain"]) {
        Ok(changes) if changes.is_empty() => Verdict::Holds,
        Ok(changes) => Verdict::Fails(format!("{} are; commit them", changes.lines().count())),
        Err(error) => Verdict::Fails(error.to_string()),
    }
}

/// The version of the workspace is that of its crates, and the one by which they depend on each other.
fn same_version(version: &str, published: &Published, repository: &Repository) -> anyhow::Result<Verdict> {
    let other =
        published.in_order.iter().filter(|krate| krate.version != version).map(|krate| krate.name.clone());
    let manifest = manifest(repository)?;
    let dependencies =
        manifest.get("workspace").and_then(|workspace| workspace.get("dependencies")?.as_table());
    let stale = dependencies.into_iter().flatten().filter(|(name, dependency)| {
        published.in_order.iter().any(|krate| krate.name == **name)
            && dependency.get("version").and_then(Toml::as_str) != Some(version)
    });
    let wrong: Vec<String> =
        other.chain(stale.map(|(name, _)| format!("{name} in [workspace.dependencies]"))).collect();
    Ok(match wrong.is_empty() {
        true => Verdict::Holds,
        false => Verdict::Fails(format!("{version} is not that of {}", wrong.join(", "))),
    })
}

fn not_released(version: &str, repository: &Repository) -> Verdict {
    match git(repository, &["tag", "--list", &format!("v{version}")]) {
        Ok(tags) if tags.trim().is_empty() => Verdict::Holds,
        Ok(_) => Verdict::Fails(format!("there is a tag v{version}; raise the version in {MANIFEST}")),
        Err(error) => Verdict::Fails(error.to_string()),
    }
}

fn in_changelog(version: &str, repository: &Repository) -> anyhow::Result<Verdict> {
    let changelog = repository.read(CHANGELOG)?;
    let has = |name: &str| section(&changelog, name).is_some_and(|text| !text.trim().is_empty());
    Ok(match (has(version), has("Unreleased")) {
        (false, _) => Verdict::Fails(format!("it has no section `## {version}`")),
        (true, true) => {
            Verdict::Fails(format!("its section `## Unreleased` is not empty; is it of {version}?"))
        }
        (true, false) => Verdict::Holds,
    })
}

fn described(published: &Published) -> Verdict {
    let lacks = |krate: &PublishedCrate| {
        let strings =
            SHOWN.into_iter().filter(|name| krate.metadata[*name].as_str().is_none_or(str::is_empty));
        let lists = LISTS
            .into_iter()
            .filter(|name| krate.metadata[*name].as_array().is_none_or(|list| list.is_empty()));
        strings.chain(lists).map(|name| format!("{} has no {name}", krate.name)).collect::<Vec<_>>()
    };
    let lacking: Vec<String> = published.in_order.iter().flat_map(lacks).collect();
    if lacking.is_empty() { Verdict::Holds } else { Verdict::Fails(lacking.join(", ")) }
}

fn has_source(published: &Published) -> Verdict {
    match published.in_order.iter().all(|krate| krate.metadata["repository"].is_string()) {
        true => Verdict::Holds,
        false => Verdict::Unknown(format!("`repository` is not set in [workspace.package] of {MANIFEST}")),
    }
}

/// What `cargo-semver-checks` says of the crates whose interface is kept stable.
fn semver(last: Option<&str>, repository: &Repository, cargo: &Cargo) -> Verdict {
    let Some(last) = last else { return Verdict::Unknown("there is no release to compare with".into()) };
    let mut installed = cargo.offline(repository.root());
    installed.args(["semver-checks", "--version"]);
    if output_of(installed).is_err() {
        return Verdict::Unknown(format!(
            "`cargo install --locked cargo-semver-checks`, and this compares with {last}"
        ));
    }
    let mut check = cargo.offline(repository.root());
    check.args(["semver-checks", "check-release", "--baseline-rev", last]);
    check.args(STABLE.into_iter().flat_map(|name| ["--package", name]));
    output_of(check).map_or_else(|error| Verdict::Fails(format!("{error:#}")), |_| Verdict::Holds)
}

/// Tells the commands of a release.
fn order(
    version: &str,
    published: &Published,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let staged = package::staging_folder(repository).join(MANIFEST);
    let staged = staged.strip_prefix(repository.root()).unwrap_or(&staged).display();
    for PublishedCrate { name, .. } in &published.in_order {
        writeln!(console.out, "  cargo publish --manifest-path {staged} --package {name}")?;
    }
    writeln!(console.out, "  git tag v{version}").map_err(Into::into)
}
