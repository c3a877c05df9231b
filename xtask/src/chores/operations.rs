//! `operations`: the table of all operations, for people.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, bail};
use vastai_spec::generate::method_name;
use vastai_spec::operations::Operation;
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::visible::in_one_line;
use vastai_spec::words::{self, Named};

use crate::console::{Console, Outcome};
use crate::repository::{DOCUMENT, Repository};

const TABLE: &str = "docs/operations.md";

const HEAD: &str = "\
# Operations

Every operation of the client, in the order of their paths: written by `cargo xtask operations` from `openapi.yaml`, `overlay.yaml` and
`undocumented.yaml`. One that is not documented is not in the published document; the official client uses it. One that is repeatable may be
sent again when it may already have been done.

| operation | method | path | server | documented | repeatable | command |
|---|---|---|---|---|---|---|
";

/// Refresh docs/operations.md, the table of all operations
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
    let document = repository.read(DOCUMENT)?;
    let overlays = repository.overlays()?;
    let prepared = prepare(Source::new(DOCUMENT, &document), overlays.sources(), Staleness::Fail)?;
    let table = table(&prepared.operations);
    if repository.read_if_present(TABLE)?.as_deref() == Some(&table) {
        writeln!(console.out, "{TABLE} is up to date")?;
    } else if args.check {
        bail!("{TABLE}: not in step with {DOCUMENT}; run `cargo xtask operations`");
    } else {
        let path = repository.root().join(TABLE);
        fs::write(&path, table).with_context(|| format!("{} could not be written", path.display()))?;
        writeln!(console.out, "refreshed {TABLE}")?;
    }
    Ok(Outcome::Same)
}

fn table(operations: &[Operation]) -> String {
    let names: Vec<String> = operations.iter().map(|operation| method_name(&operation.id)).collect();
    let named = operations.iter().zip(&names);
    let named = named.map(|(it, name)| Named { id: &it.id, name, summary: &it.summary });
    let mut table = HEAD.to_owned();
    for (operation, words) in operations.iter().zip(words::of(named)) {
        let Operation { id, method, path, server, documented, repeatable, .. } = operation;
        let server = server.trim_start_matches("https://");
        let yes = |it: bool| if it { "yes" } else { "no" };
        let row = format!(
            "| {id} | {} | `{path}` | {server} | {} | {} | `vastai {}` |",
            method.to_uppercase(),
            yes(*documented),
            yes(*repeatable),
            words.join(" "),
        );
        let _ = writeln!(table, "{}", in_one_line(&row));
    }
    table
}
