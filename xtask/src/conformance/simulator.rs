//! Whether the simulator serves the official client: a session of its command line and its library.

use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use vastai_spec::visible::in_one_line;

use super::official::{Release, work_folder, write_driver};
use super::ours;
use super::report::shortened;
use crate::cargo::Cargo;
use crate::console::{Console, Outcome};
use crate::repository::Repository;

const SESSION: &str = include_str!("../../conformance/session.py");

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// The client does something wrong there, with any server.
    Fault,
    /// The simulator refused a request.
    Refused,
    /// The client could not go on with the response.
    Failed,
}

/// A step as the session reports it.
#[derive(Debug, Deserialize)]
struct Step {
    step: String,
    client: String,
    failed: Option<String>,
    fault: Option<String>,
}

/// A request as the simulator reports it.
#[derive(Debug, Deserialize, Serialize)]
struct Served {
    method: String,
    path: String,
    /// Nothing where it was not answered.
    status: Option<u16>,
}

#[derive(Debug, Serialize)]
struct Taken {
    step: String,
    client: String,
    verdict: Verdict,
    /// Why it failed, in the client's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
    /// What is known to be wrong with the client there.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    requests: Vec<Served>,
}

/// What came of the session.
#[derive(Debug, Serialize)]
pub(super) struct Session {
    official: String,
    steps: Vec<Taken>,
}

/// A process of which each line of input is answered with a line of output.
struct Conversation {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Conversation {
    fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", command.get_program().display()))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("a process that was started has no streams");
        };
        Ok(Self { process, input, output: BufReader::new(output) })
    }

    fn say(&mut self) -> anyhow::Result<()> {
        writeln!(self.input).and_then(|()| self.input.flush()).context("the process is gone")
    }

    /// The next line; nothing at the end.
    fn hear<T: serde::de::DeserializeOwned>(&mut self) -> anyhow::Result<Option<T>> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        serde_json::from_str(&line)
            .map(Some)
            .with_context(|| format!("a line of the process: {}", shortened(&line)))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // It may be gone already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Runs the session against the simulator.
pub(super) fn session(
    release: &Release,
    files: &std::path::Path,
    cargo: &Cargo,
    repository: &Repository,
    console: &mut Console<'_>,
) -> anyhow::Result<Session> {
    #[derive(Deserialize)]
    struct At {
        url: String,
        key: String,
    }
    console.progress(Some("building the simulator"))?;
    let binary = ours::built("example", "serve", cargo, repository)?;
    let mut simulator = Conversation::start(&mut Command::new(binary))?;
    let Some(At { url, key }) = simulator.hear()? else { bail!("the simulator ended at once") };
    let folder = work_folder(repository)?;
    write_driver(&folder)?;
    let script = folder.join("session.py");
    fs::write(&script, SESSION).with_context(|| format!("{} could not be written", script.display()))?;
    let home = folder.join("home-session");
    fs::create_dir_all(&home).with_context(|| format!("{} could not be made", home.display()))?;
    let mut client =
        Conversation::start(release.isolated_python(&home).arg(&script).args([&url, &key]).arg(files))?;
    let mut steps = Vec::new();
    while let Some(step) = client.hear::<Step>()? {
        console.progress(Some(&step.step))?;
        simulator.say()?;
        let Some(requests) = simulator.hear()? else { bail!("the simulator ended") };
        steps.push(Taken::of(step, requests));
        client.say()?;
    }
    console.progress(None)?;
    let ended = client.process.wait().context("the session")?;
    if !ended.success() {
        bail!("the session of the official client broke off: {ended}");
    }
    Ok(Session { official: release.version().to_owned(), steps })
}

impl Taken {
    fn of(Step { step, client, failed, fault }: Step, requests: Vec<Served>) -> Self {
        let is_refused = |served: &Served| served.status.is_some_and(|status| status >= 400);
        let verdict = match (&failed, &fault) {
            _ if requests.iter().any(is_refused) => Verdict::Refused,
            (None, _) => Verdict::Ok,
            (Some(_), Some(_)) => Verdict::Fault,
            (Some(_), None) => Verdict::Failed,
        };
        Self { step, client, verdict, said: failed, fault, requests }
    }
}

impl Session {
    pub(super) fn outcome(&self) -> Outcome {
        let has = |verdict| self.steps.iter().any(|step| step.verdict == verdict);
        if has(Verdict::Refused) || has(Verdict::Failed) {
            Outcome::Breaking
        } else if has(Verdict::Fault) {
            Outcome::Different
        } else {
            Outcome::Same
        }
    }
}

impl fmt::Display for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (verdict, heading) in [
            (Verdict::Refused, "refused by the simulator"),
            (Verdict::Failed, "failed with the simulator's response"),
            (Verdict::Fault, "faults of the client"),
        ] {
            let steps: Vec<&Taken> = self.steps.iter().filter(|step| step.verdict == verdict).collect();
            if steps.is_empty() {
                continue;
            }
            writeln!(out, "{heading}")?;
            for Taken { step, client, said, fault, requests, .. } in steps {
                writeln!(out, "  {} ({})", in_one_line(step), in_one_line(client))?;
                if let Some(Served { method, path, status: Some(status) }) = requests.last() {
                    writeln!(out, "    {method} {}: {status}", shortened(path))?;
                }
                for line in [fault, said].into_iter().flatten() {
                    writeln!(out, "    {}", shortened(line))?;
                }
            }
            writeln!(out)?;
        }
        let of = |verdict| self.steps.iter().filter(|step| step.verdict == verdict).count();
        writeln!(
            out,
            "{} steps (vastai {}): {} served, {} refused, {} failed, {} faults of the client",
            self.steps.len(),
            self.official,
            of(Verdict::Ok),
            of(Verdict::Refused),
            of(Verdict::Failed),
            of(Verdict::Fault)
        )
    }
}
