//! `operations`: the tables of all operations, for people and for agents.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, bail};
use vastai_spec::generate::method_name;
use vastai_spec::operations::{Effect, Operation};
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::visible::in_one_line;
use vastai_spec::words::{self, Named};

use crate::console::{Console, Outcome};
use crate::repository::{DOCUMENT, Repository};

const TABLE: &str = "docs/operations.md";
/// What coding agents read, of which a part is written here.
const SKILL: &str = "skills/vastai/SKILL.md";

const HEAD: &str = "\
# Operations

Every operation of the client, in the order of their paths: written by `cargo xtask operations` from `openapi.yaml`, `overlay.yaml` and
`undocumented.yaml`. One that is not documented is not in the published document; the official client uses it. One that is repeatable may be
sent again when it may already have been done. The effect is what calling it does; with some fields it does more.

| operation | method | path | server | documented | repeatable | effect | command |
|---|---|---|---|---|---|---|---|
";

const BEGIN: &str = "<!-- commands: written by `cargo xtask operations` -->\n";
const END: &str = "<!-- end of commands -->\n";

const SKILL_HEAD: &str = "
Each operation of the service is a command; `vastai WORDS --help` says what it takes. Those on the left may be repeated when they may have been carried
out; of the others, look what came of them before a second try. The last column has again what costs money or loses something: it needs the user's word.

| subject | may be repeated | look first | spends, pays or destroys |
|---|---|---|---|
";

/// Refresh docs/operations.md, the table of all operations, and the commands in skills/vastai/SKILL.md
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
    let commands = commands(&prepared.operations);
    let table = repository.read_if_present(TABLE)?;
    refresh(args, repository, console, TABLE, table.as_deref(), &written_table(&commands))?;
    // A checkout without a skill is one without agents to tell.
    if let Some(skill) = repository.read_if_present(SKILL)? {
        refresh(args, repository, console, SKILL, Some(&skill), &written_skill(&skill, &commands)?)?;
    }
    Ok(Outcome::Same)
}

/// Puts a file in step, or says that it is not.
fn refresh(
    args: &Args,
    repository: &Repository,
    console: &mut Console<'_>,
    name: &str,
    present: Option<&str>,
    wanted: &str,
) -> anyhow::Result<()> {
    if present == Some(wanted) {
        writeln!(console.out, "{name} is up to date")?;
    } else if args.check {
        bail!("{name}: not in step with {DOCUMENT}; run `cargo xtask operations`");
    } else {
        let path = repository.root().join(name);
        fs::write(&path, wanted).with_context(|| format!("{} could not be written", path.display()))?;
        writeln!(console.out, "refreshed {name}")?;
    }
    Ok(())
}

/// Each operation with the words of its command.
fn commands(operations: &[Operation]) -> Vec<(&Operation, String)> {
    let names: Vec<String> = operations.iter().map(|operation| method_name(&operation.id)).collect();
    let named = operations.iter().zip(&names);
    let named = named.map(|(it, name)| Named { id: &it.id, name, summary: &it.summary });
    let words = words::of(named).into_iter().map(|words| words.join(" "));
    operations.iter().zip(words).collect()
}

fn written_table(commands: &[(&Operation, String)]) -> String {
    let mut table = HEAD.to_owned();
    for (operation, words) in commands {
        let Operation { id, method, path, server, documented, repeatable, .. } = operation;
        let server = server.trim_start_matches("https://");
        let yes = |it: bool| if it { "yes" } else { "no" };
        let row = format!(
            "| {id} | {} | `{path}` | {server} | {} | {} | {} | `vastai {words}` |",
            method.to_uppercase(),
            yes(*documented),
            yes(*repeatable),
            operation.effects(),
        );
        let _ = writeln!(table, "{}", in_one_line(&row));
    }
    table
}

/// The skill with its commands in step.
fn written_skill(skill: &str, commands: &[(&Operation, String)]) -> anyhow::Result<String> {
    let parts = skill.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        bail!("{SKILL}: has no line `{}` with `{}` after it", BEGIN.trim_end(), END.trim_end());
    };
    let mut sorted: Vec<_> = commands.iter().collect();
    sorted.sort_unstable_by_key(|(_, words)| words);
    let mut subjects: BTreeMap<&str, [Vec<String>; 3]> = BTreeMap::new();
    for (operation, words) in sorted {
        let subject = operation.tag.as_deref().unwrap_or("Others");
        let [repeatable, other, matters] = subjects.entry(subject).or_default();
        if operation.repeatable { repeatable } else { other }.push(format!("`{words}`"));
        let effects = operation.effect_where.iter().map(|more| more.effect).chain([operation.effect]);
        if effects.max() > Some(Effect::Copies) {
            matters.push(format!("`{words}` ({})", operation.effects()));
        }
    }
    let mut table = SKILL_HEAD.to_owned();
    for (subject, columns) in subjects {
        let [repeatable, other, matters] = columns.map(|column| column.join(", "));
        let row = format!("| {subject} | {repeatable} | {other} | {matters} |");
        let _ = writeln!(table, "{}", in_one_line(&row));
    }
    Ok(format!("{before}{BEGIN}{table}{END}{after}"))
}
