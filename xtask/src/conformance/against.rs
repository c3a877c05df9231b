//! What changed on the wire between two releases of the official client.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use vastai_spec::visible::in_one_line;

use super::Bench;
use super::compare::Difference;
use super::official::{Official, Release};
use super::pairs::Pair;
use super::report::{difference_line, shortened};
use super::request::Request;
use crate::console::{Console, Outcome};
use crate::repository::Repository;

/// What changed from one release to another.
#[derive(Debug, Serialize)]
pub(super) struct Changes {
    releases: Releases,
    commands: Commands,
    /// Of the command lines that one of the releases sends otherwise than the other.
    changes: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct Releases {
    old: String,
    new: String,
}

#[derive(Debug, Serialize)]
struct Commands {
    added: Vec<String>,
    removed: Vec<String>,
}

/// A command line whose requests changed.
#[derive(Debug, Serialize)]
struct Change {
    command: Vec<String>,
    level: Level,
    /// Request by request; where one release sends more than the other, the rest of them.
    requests: Vec<Changed>,
    /// Why the old release sends nothing, where it does not.
    #[serde(skip_serializing_if = "String::is_empty")]
    said: String,
}

/// Whether a server has to learn something for the new release that the old one did not need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// A request changed or is gone.
    Changed,
    /// There is a request where there was none.
    Added,
}

#[derive(Debug, Serialize)]
struct Changed {
    old: Option<Request>,
    new: Option<Request>,
    differences: Vec<Difference>,
}

/// Runs the official command lines of a table with two releases.
pub(super) fn compared(
    old: &Release,
    new: &Release,
    pairs: &[Pair],
    bench: &Bench,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Changes> {
    let (mut before, mut after) = (Official::start(old, repository)?, Official::start(new, repository)?);
    let [was, is] = [before.commands()?, after.commands()?].map(BTreeSet::from_iter);
    let only = |left: &BTreeSet<String>, right: &BTreeSet<String>| left.difference(right).cloned().collect();
    let commands = Commands { added: only(&is, &was), removed: only(&was, &is) };
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, pair) in pairs.iter().enumerate() {
        if !seen.insert(&pair.official) {
            continue;
        }
        console.progress(Some(&format!("{} of {} command lines: {}", number + 1, pairs.len(), pair.name)))?;
        let (ran, was) = bench.sent_by(&mut before, pair)?;
        let (_, is) = bench.sent_by(&mut after, pair)?;
        let requests = bench.changed(&was, &is);
        if !requests.is_empty() {
            let is_added = was.is_empty();
            let level = if is_added { Level::Added } else { Level::Changed };
            let said = if is_added { super::said(&ran) } else { String::new() };
            changes.push(Change { command: pair.official.clone(), level, requests, said });
        }
    }
    console.progress(None)?;
    changes.sort_by_key(|change| change.level);
    let releases = Releases { old: old.version().to_owned(), new: new.version().to_owned() };
    Ok(Changes { releases, commands, changes })
}

impl Bench {
    /// The requests that are not the same in both, those of one operation side by side.
    fn changed(&self, was: &[Request], is: &[Request]) -> Vec<Changed> {
        let mut rest: Vec<&Request> = was.iter().collect();
        let mut changed = Vec::new();
        for new in is {
            let same = |old: &&&Request| old.method == new.method && old.path == new.path;
            let at = rest.iter().position(|old| same(&old));
            let Some(old) = at.map(|at| rest.remove(at)) else {
                changed.push(Changed { old: None, new: Some(new.clone()), differences: Vec::new() });
                continue;
            };
            let differences = self.forms.differences(old, new);
            if !differences.is_empty() {
                changed.push(Changed { old: Some(old.clone()), new: Some(new.clone()), differences });
            }
        }
        // What is left went away, or to another path: the last of each is what the command is about.
        for old in rest {
            match changed.iter_mut().rev().find(|it| it.old.is_none() && it.new.is_some()) {
                Some(moved) => {
                    if let Some(new) = &moved.new {
                        moved.differences = self.forms.differences(old, new);
                    }
                    moved.old = Some(old.clone());
                }
                None => changed.push(Changed { old: Some(old.clone()), new: None, differences: Vec::new() }),
            }
        }
        // The one form and the other mean the same to the service.
        changed.retain(|it| it.old.is_none() || it.new.is_none() || !it.differences.is_empty());
        changed
    }
}

impl Changes {
    pub(super) fn outcome(&self) -> Outcome {
        let is_changed = |change: &Change| change.level == Level::Changed;
        if !self.commands.removed.is_empty() || self.changes.iter().any(is_changed) {
            Outcome::Breaking
        } else if self.commands.added.is_empty() && self.changes.is_empty() {
            Outcome::Same
        } else {
            Outcome::Different
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Releases { old, new } = &self.releases;
        for (names, what) in
            [(&self.commands.added, "new commands"), (&self.commands.removed, "commands that are gone")]
        {
            if !names.is_empty() {
                writeln!(out, "{what}")?;
                names.iter().try_for_each(|name| writeln!(out, "  {}", in_one_line(name)))?;
                writeln!(out)?;
            }
        }
        let mut last = None;
        for change in &self.changes {
            if last != Some(change.level) {
                let heading = match change.level {
                    Level::Changed => "changed requests",
                    Level::Added => "new requests",
                };
                writeln!(out, "{heading}")?;
                last = Some(change.level);
            }
            writeln!(out, "  {}", shortened(&change.command.join(" ")))?;
            for Changed { old: was, new: is, differences } in &change.requests {
                match (was, is) {
                    (Some(_), Some(request)) => {
                        writeln!(out, "    {} {}", request.method, shortened(&request.path))?;
                        for difference in differences {
                            writeln!(out, "      {}", difference_line(difference, old, new))?;
                        }
                    }
                    (None, Some(request)) => writeln!(out, "    new: {}", shortened(&request.to_string()))?,
                    (Some(request), None) => writeln!(out, "    gone: {}", shortened(&request.to_string()))?,
                    (None, None) => {}
                }
            }
            if !change.said.is_empty() {
                writeln!(out, "    {old} says: {}", shortened(&change.said))?;
            }
        }
        if last.is_some() {
            writeln!(out)?;
        }
        let of = |level| self.changes.iter().filter(|change| change.level == level).count();
        writeln!(
            out,
            "vastai {old} → {new}: {} commands added, {} removed; {} command lines send another request, {} send one where there was none",
            self.commands.added.len(),
            self.commands.removed.len(),
            of(Level::Changed),
            of(Level::Added)
        )
    }
}
