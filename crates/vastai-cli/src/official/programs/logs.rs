//! Logs and the output of commands: texts to which a response points.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use serde_json::{Value, json};
use vastai::InstanceStatus;

use crate::failure::Failure;
use crate::globals::{Format, Showing};
use crate::official::Line;
use crate::outcome::Outcome;
use crate::output;
use crate::request::Request;
use crate::session::{Session, Stop};
use crate::stop::stopped;

/// What a shell says of a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

/// The log of an instance.
pub(super) async fn of_instance(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let mut request = line.request(session.client())?;
    if said.has("--daemon-logs") {
        request.set("daemon_logs", "true");
    }
    if said.has("--follow") && session.settings().showing == Showing::Nothing {
        if said.has("--filter") || said.has("--daemon-logs") {
            let message =
                "--follow goes without --filter and --daemon-logs: the service has no stream to filter";
            return Err(Failure::usage(message.to_owned()).into());
        }
        return follow(line, session).await;
    }
    pointed_at(&request, session).await
}

/// Prints what is new in the log, until it is interrupted.
async fn follow(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let operation = line.request(session.client())?.operation();
    let id = line.said.integer("INSTANCE_ID").unwrap_or_default();
    let lines = line.said.integer("--tail").and_then(|lines| usize::try_from(lines).ok());
    let mut log = session.client().instance(id).follow_logs();
    let ended = ended(session, id);
    let mut ended = pin!(ended);
    // Whoever started it may have it ignore the signal, as shells do in the background; a log goes on without end.
    let stop = stopped()?;
    let mut stop = pin!(stop);
    let mut is_first = true;
    loop {
        let piece = tokio::select! {
            biased;
            piece = session.connection().waited(log.next()) => piece,
            status = &mut ended => {
                let note = format!("instance {id} is `{status}`: nothing more is written into its log");
                return Ok(Outcome::text(String::new()).noting(note));
            }
            () = &mut stop => return Ok(Outcome::text(String::new()).with_code(INTERRUPTED)),
        };
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|error| Failure::of_call(&error, operation))?;
        let shown = match lines {
            Some(lines) if is_first => last_lines(&piece, lines),
            _ => piece.as_str(),
        };
        is_first = false;
        output::print(shown)?;
    }
    Ok(Outcome::text(String::new()))
}

/// Ends when an instance does not run any more, with its status. One that is gone ends its log by itself.
async fn ended(session: &Session<'_>, id: i64) -> String {
    /// Between two looks, which are rarer than those into the log: what was written last is seen before.
    const INTERVAL: Duration = Duration::from_secs(8);
    let mut was_dead = false;
    loop {
        tokio::time::sleep(INTERVAL).await;
        // A failure that may pass says nothing of the instance, and any other ends the log, too.
        let Ok(instance) = session.client().instance(id).show().await else { continue };
        let dead = instance.actual_status.filter(|it| it.looks_dead() || *it == InstanceStatus::Stopped);
        match dead {
            // Twice, as an instance that is started again looks so for a moment.
            Some(status) if was_dead => return status.to_string(),
            dead => was_dead = dead.is_some(),
        }
    }
}

/// The last so many lines of a text.
fn last_lines(text: &str, lines: usize) -> &str {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .filter(|at| *at < text.len())
        .collect();
    let from = starts.len().saturating_sub(lines);
    starts.get(from).map_or("", |at| &text[*at..])
}

/// What a command of an instance printed.
pub(super) async fn executed(request: &Request, session: &Session<'_>) -> Result<Outcome, Stop> {
    pointed_at(request, session).await
}

/// The text to which the response of a request points.
async fn pointed_at(request: &Request, session: &Session<'_>) -> Result<Outcome, Stop> {
    let operation = request.operation();
    let response = session.send(request).await?;
    if session.settings().format == Format::Json {
        return Ok(Outcome::response(response, operation));
    }
    let fields = response.json().map_err(|error| Failure::of_call(&error, operation))?;
    let Some(url) = fields.get("result_url").and_then(Value::as_str) else {
        return Ok(Outcome::response(response, operation));
    };
    let mut text = session.text(url, operation).await?;
    // Where the service keeps the files is no part of their names.
    if let Some(path) = fields.get("writeable_path").and_then(Value::as_str).filter(|path| !path.is_empty()) {
        text = text.replace(path, "");
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Outcome::text(text))
}

/// The log of an endpoint or a workergroup, of one level.
pub(super) async fn of_engine(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let request = line.request(session.client())?;
    if session.settings().format != Format::Table {
        return Outcome::of_call(session, request).await;
    }
    let level = match line.said.integer("--level").unwrap_or(1) {
        0 => "info0",
        1 => "info1",
        2 => "trace",
        3 => "debug",
        other => return Err(Failure::usage(format!("--level goes from 0 to 3; {other} is none")).into()),
    };
    let log = session.json(&request).await?;
    match log.get(level).and_then(Value::as_str) {
        Some("") => Ok(Outcome::text(String::new()).noting(format!("nothing is logged at level {level}"))),
        Some(text) if text.ends_with('\n') => Ok(Outcome::text(text.to_owned())),
        Some(text) => Ok(Outcome::text(format!("{text}\n"))),
        None => Ok(Outcome::value(log, request.operation())),
    }
}

/// What can be known of an instance on a machine, as files in a folder of their own.
pub(super) async fn dump(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    const LINES: i64 = 1_000;
    let said = &line.said;
    let Some(id) = said.integer("--instance-id") else {
        let message = "say --instance-id: the logs of an instance are what the service has; a machine's own are on the machine";
        return Err(Failure::usage(message.to_owned()).into());
    };
    if said.has("--include-local-host-artifacts") {
        session.note("files of this machine are not collected: add what is needed by hand");
    }
    let of = |operation: &str| Request::of(operation).map_err(|error| Failure::of_client(&error));
    let mut show = of("showInstance")?;
    show.set("id", id);
    let instance = session.json(&show).await?;
    let machine = said.word("MACHINE_ID").unwrap_or_default();
    let name = format!(
        "vastai-logs-{}-{id}",
        machine.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
    );
    let folder = PathBuf::from(said.word("--output-dir").unwrap_or(".")).join(name);
    fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    let mut files = vec![("instance.json", format!("{:#}\n", without_secrets(instance)))];
    for (file, is_daemon) in [("container.log", false), ("daemon.log", true)] {
        let mut request = of("showLogs")?;
        request.set("id", id);
        request.set_as_sent("tail", LINES);
        if is_daemon {
            request.set("daemon_logs", "true");
        }
        let response = session.json(&request).await?;
        let text = match response.get("result_url").and_then(Value::as_str) {
            Some(url) => session.text(url, request.operation()).await?,
            None => format!("{response:#}\n"),
        };
        files.push((file, text));
    }
    for (file, text) in files {
        let path = folder.join(file);
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(Outcome::text(format!("{}\n", folder.display()))
        .noting("look through the files before you pass them on: a log can hold secrets"))
}

/// A response in which fields that hold keys are hidden.
fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let hidden = vastai_api::is_secret_name(&name) || name == "extra_env";
                let value = if hidden { json!("[hidden]") } else { without_secrets(value) };
                (name, value)
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(without_secrets).collect(),
        other => other,
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::local(format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_a_text() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc\n");
        assert_eq!(last_lines("a\nb\nc", 1), "c");
        assert_eq!(last_lines("a\n", 5), "a\n");
        assert_eq!(last_lines("a\n", 0), "");
        assert_eq!(last_lines("", 3), "");
    }
}
