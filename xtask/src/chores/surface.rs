//! `surface`: the list of the generated crate's public items, which a reviewer reads instead of its code.

use anyhow::{Context as _, bail};
use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Source, Staleness, prepare};

use crate::console::{Console, Outcome};
use crate::repository::lockfile::Lockfile;
use crate::repository::replace::{Exclusive, NewFile, Steps, is_pending};
use crate::repository::{DOCUMENT, LOCK, Repository, SURFACE, overlay_source};

/// Refresh surface.txt from the vendored document, and what openapi.lock says of the two
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail if there is something to refresh
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Outcome> {
    let exclusive =
        if args.check && !is_pending(repository) { None } else { Some(Exclusive::of(repository)?) };
    if let Some(exclusive) = &exclusive {
        exclusive.recover(console)?;
    }
    let document = repository.read(DOCUMENT)?;
    let overlay = repository.overlay()?;
    let prepared = prepare(Source::new(DOCUMENT, &document), overlay_source(&overlay), Staleness::Fail)?;
    console.warn_of_duplicates(DOCUMENT, &prepared.duplicates)?;
    let generated = prepared.generate().context(DOCUMENT)?;
    let Some(lockfile) = Lockfile::read(repository)? else {
        bail!(
            "{LOCK} is missing, which says where {DOCUMENT} comes from; restore it from git, or run `cargo xtask sync-spec`"
        );
    };
    let surface = &generated.surface;
    let lock =
        lockfile.with_vendored(&document, operations(&prepared.published).count(), surface).to_text()?;
    let files = [NewFile { name: SURFACE, text: surface }, NewFile { name: LOCK, text: &lock }];
    let mut stale = Vec::new();
    for file in files {
        if repository.read_if_present(file.name)?.as_deref() != Some(file.text) {
            stale.push(file);
        }
    }
    let names = stale.iter().map(|file| file.name).collect::<Vec<_>>().join(" and ");
    match exclusive {
        _ if stale.is_empty() => writeln!(console.out, "{SURFACE} and {LOCK} are up to date")?,
        Some(exclusive) if !args.check => {
            exclusive.replace(&stale, &mut Steps::default())?;
            writeln!(console.out, "refreshed {names}")?;
        }
        _ => bail!(
            "{names}: not in step with {DOCUMENT}; run `cargo xtask surface`, and look at what it changes"
        ),
    }
    Ok(Outcome::Same)
}
