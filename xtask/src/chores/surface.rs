//! `surface`: the lists of public items, which a reviewer reads: of the generated crate instead of its code, of the facade beside it.

use anyhow::{Context as _, bail};
use vastai_spec::identify::operations;
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::surface::of_sources;

use crate::console::{Console, Outcome};
use crate::facade::{Facade, SOURCES};
use crate::repository::lockfile::Lockfile;
use crate::repository::replace::{Exclusive, NewFile, Steps, is_pending, names};
use crate::repository::{DOCUMENT, FACADE_SURFACE, LOCK, Repository, SURFACE};

/// Refresh the lists of public items: surface.txt from the vendored document, with what openapi.lock says of
/// the two, and crates/vastai/surface.txt from the facade's sources
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
    let overlays = repository.overlays()?;
    let prepared = prepare(Source::new(DOCUMENT, &document), overlays.sources(), Staleness::Fail)?;
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
    let facade = match Facade::read(repository)?.sources() {
        sources if sources.is_empty() => None,
        sources => Some(of_sources(&sources).context(SOURCES)?),
    };
    let mut files = vec![NewFile { name: SURFACE, text: surface }, NewFile { name: LOCK, text: &lock }];
    files.extend(facade.as_deref().map(|text| NewFile { name: FACADE_SURFACE, text }));
    let all = names(&files);
    let mut stale = Vec::new();
    for file in files {
        if repository.read_if_present(file.name)?.as_deref() != Some(file.text) {
            stale.push(file);
        }
    }
    match exclusive {
        _ if stale.is_empty() => writeln!(console.out, "{all} are up to date")?,
        Some(exclusive) if !args.check => {
            exclusive.replace(&stale, &mut Steps::default())?;
            writeln!(console.out, "refreshed {}", names(&stale))?;
        }
        _ => bail!("{}: out of date; run `cargo xtask surface`, and look at what it changes", names(&stale)),
    }
    Ok(Outcome::Same)
}
