//! The command lines of the official client: its words, its options, and what they mean.
//!
//! Which commands there are is data, in [`table`]. [`grammar`] reads a line as the official parser does; what is a field of the operation goes
//! into the request by itself, and the rest is said by functions, a module a subject. A command that is more than one call is a
//! [program](programs). Where a line is none of the official client's, our own words are tried, and then the official ones with fields of
//! the operation beside them, by the flags of ours.

mod account;
mod argument;
mod command;
mod dates;
mod docker;
mod files;
mod grammar;
mod host;
mod instance;
mod lists;
mod money;
mod programs;
mod said;
mod schedule;
mod search;
mod serverless;
mod table;
mod template;
mod volume;

use clap::Arg;
use serde_json::Value;
use vastai::Client;
use vastai::offers::Query;
use vastai_api::{Operation, Parameter, ValueKind};

use crate::arguments;
use crate::failure::Failure;
use crate::globals::Showing;
use crate::outcome::Outcome;
use crate::pages;
use crate::request::{Request, named};
use crate::session::{Session, Stop};

pub(crate) use argument::{Argument, Reads, Takes};
pub(crate) use command::Command;
use command::Meaning;
use grammar::Beside;
use said::Said;

/// A line of the official client, ready to be run. Without `Debug`, as it may hold secrets.
pub(crate) struct Line {
    said: Said,
    own: Vec<(&'static Parameter, Value)>,
}

/// A line that was read, with the options of every command, as they stand.
pub(crate) struct Read {
    pub(crate) line: Line,
    pub(crate) globals: Vec<String>,
}

/// All official commands.
pub(crate) fn commands() -> impl Iterator<Item = &'static Command> {
    table::all()
}

/// The official command whose words a line begins with, behind options of every command; the words behind them, and the options.
pub(crate) fn found(line: &[String], globals: &[Arg]) -> Option<(&'static Command, Vec<String>)> {
    let mut before = 0;
    while let Some(word) = line.get(before).filter(|word| word.starts_with('-')) {
        let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
        let is_known = |arg: &&Arg| match word.starts_with("--") {
            true => arg.get_long() == Some(name),
            false => arg.get_short().is_some_and(|letter| name == letter.encode_utf8(&mut [0; 4])),
        };
        let known = globals.iter().find(is_known)?;
        let takes_next = known.get_action().takes_values() && !word.contains('=');
        before += if takes_next { 2 } else { 1 };
    }
    let (options, words) = line.split_at_checked(before)?;
    let length = |name: &str| name.split(' ').count();
    let begins = |name: &&str| name.split(' ').eq(words.iter().take(length(name)).map(String::as_str));
    let named = commands().flat_map(|command| command.names().map(move |name| (command, name)));
    let (command, name) = named.filter(|(_, name)| begins(name)).max_by_key(|(_, name)| length(name))?;
    let rest = options.iter().chain(words.iter().skip(length(name))).cloned().collect();
    Some((command, rest))
}

/// Reads the words behind those of a command; with flags of ours beside the official options, where there are some.
pub(crate) fn read(
    command: &'static Command,
    words: &[String],
    globals: &[Arg],
    own: &[(String, &'static Parameter)],
) -> Result<Read, String> {
    let grammar::Line { said, own, globals } = grammar::read(command, words, &Beside { globals, own })?;
    if command.meaning.is(programs::Program::SearchOffers) {
        let query = said.joined("QUERY").parse::<Query>();
        query.map_err(|error| format!("the query is wrong: {error}"))?;
    }
    Ok(Read { line: Line { said, own }, globals })
}

/// Completes a request by our words: where the official client takes a file of a public key, so do they, and Jupyter comes with SSH.
pub(crate) fn complete(request: &mut Request) -> Result<(), Failure> {
    let operation = request.operation();
    let mut same = commands().filter(|command| command.operation == operation.id);
    let key =
        same.find_map(|command| command.takes.iter().find(|argument| argument.reads == Reads::PublicKey));
    if let Some(argument) = key
        && let Some(Value::String(key)) = request.get(argument.field)
    {
        let key = files::public_key(key)?;
        request.set(argument.field, key);
    }
    if rents(operation) {
        let with_ssh = match request.get("runtype").and_then(Value::as_str) {
            Some("jupyter_proxy") => Some("jupyter_proxy ssh_proxy"),
            Some("jupyter_direct") => Some("jupyter_direc ssh_direc ssh_proxy"),
            _ => None,
        };
        request.set_if("runtype", with_ssh);
    }
    Ok(())
}

fn rents(operation: &Operation) -> bool {
    matches!(operation.id, "createInstance" | "createInstances" | "launchInstance")
}

impl Line {
    /// The columns that are asked for by an option of the command's own.
    pub(crate) fn columns(&self) -> Option<Vec<String>> {
        let is_asked_for = self.said.command().operation == "showInstances" && self.said.has("--verbose");
        is_asked_for.then(|| lists::ALL_OF_INSTANCES.iter().map(|&name| name.to_owned()).collect())
    }

    /// Whether the ids alone are to be printed.
    pub(crate) fn wants_ids(&self) -> bool {
        self.said.has("--quiet")
    }

    /// Whether it is said that nothing is to be asked.
    pub(crate) fn agrees(&self) -> bool {
        self.said.has("--yes") || self.said.has("--skip")
    }

    /// What the command prints where it needs no service; `None` for all others.
    pub(crate) fn here(&self) -> Option<Result<String, Failure>> {
        match self.said.command().meaning {
            Meaning::Does(program) => programs::here(program, self),
            Meaning::Call | Meaning::Made(_) => None,
        }
    }

    /// Whether requests follow the first that depend on its response.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self.said.command().meaning, Meaning::Does(program) if program.goes_on())
    }

    /// Runs the command.
    pub(crate) async fn run(&self, session: &Session<'_>) -> Result<Outcome, Stop> {
        match self.said.command().meaning {
            Meaning::Does(program) => programs::run(program, self, session).await,
            Meaning::Call | Meaning::Made(_) => {
                let request = self.request(session.client())?;
                // All of them, whatever is said of one page.
                if let Some(name) = pages::list_of(request.operation()).filter(|_| self.said.has("--all")) {
                    let operation = request.operation();
                    return Ok(Outcome::of_list(pages::all(session, request, name).await?, operation));
                }
                match self.said.has("--wait") && session.settings().showing == Showing::Nothing {
                    true => programs::wait::rent_and_wait(self, session, &request).await,
                    false => Outcome::of_call(session, request).await,
                }
            }
        }
    }

    /// The request of the command, with all that is said.
    fn request(&self, client: &Client) -> Result<Request, Failure> {
        let command = self.said.command();
        let mut request = Request::of(command.operation).map_err(|error| Failure::of_client(&error))?;
        self.fill(&mut request)?;
        if let Meaning::Made(make) = command.meaning {
            make(&self.said, client, &mut request)?;
        }
        Ok(request)
    }

    /// Puts what is said by fields into a request: what the command always sends, the defaults, the options, and the fields by our flags.
    fn fill(&self, request: &mut Request) -> Result<(), Failure> {
        let command = self.said.command();
        for (field, json) in command.sends {
            request.set(field, constant(request.operation(), field, json));
        }
        let of_fields = command.takes.iter().filter(|argument| !argument.field.is_empty());
        for argument in of_fields.filter(|argument| !argument.default.is_empty()) {
            request.set(argument.field, constant(request.operation(), argument.field, argument.default));
        }
        for (argument, words) in self.said.given().filter(|(argument, _)| !argument.field.is_empty()) {
            if let Some(value) = value(request.operation(), argument, words)? {
                if argument.reads == Reads::AsTyped {
                    request.set_as_sent(argument.field, value);
                    continue;
                }
                match named(request.operation(), argument.field) {
                    Some(parameter) => request.give(parameter, value),
                    None => request.set(argument.field, value),
                }
            }
        }
        for (parameter, value) in &self.own {
            request.give(parameter, value.clone());
        }
        Ok(())
    }
}

/// A value of the table: JSON, which for a parameter of text is a string.
fn constant(operation: &'static Operation, field: &str, json: &str) -> Value {
    // The table is ours: a test reads all of it.
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    match named(operation, field).map(|parameter| parameter.kind) {
        Some(ValueKind::Text) if !value.is_string() => json.into(),
        Some(ValueKind::Integer) => value.as_f64().and_then(whole).unwrap_or(value),
        _ => value,
    }
}

/// What is sent for a field where nothing is given.
fn default_of(operation: &'static Operation, field: &str) -> Option<Value> {
    serde_json::from_str(named(operation, field)?.default?.json).ok()
}

#[allow(clippy::cast_possible_truncation, reason = "it was looked at that nothing is cut off")]
fn whole(number: f64) -> Option<Value> {
    (number.fract() == 0.0 && number.abs() < 1e15).then(|| Value::from(number as i64))
}

/// The value of what is said for a field.
fn value(
    operation: &'static Operation,
    argument: &Argument,
    words: &[String],
) -> Result<Option<Value>, Failure> {
    let word = words.first().map(String::as_str).unwrap_or_default();
    let read = |kind: ValueKind, word: &str| {
        arguments::read(kind, word)
            .map_err(|why| Failure::usage(format!("invalid value '{word}' for '{}': {why}", argument.name())))
    };
    let kind = named(operation, argument.field).map_or(ValueKind::Text, |parameter| parameter.kind);
    Ok(Some(match (argument.takes, argument.reads) {
        (Takes::Nothing, _) => Value::Bool(true),
        (Takes::Rest, _) if words.is_empty() => return Ok(None),
        (Takes::OneOrMore | Takes::Any, Reads::Integer) => {
            words.iter().map(|word| read(ValueKind::Integer, word)).collect::<Result<Value, Failure>>()?
        }
        (Takes::OneOrMore | Takes::Any | Takes::Rest, _) => words.into(),
        (_, Reads::ByField) => read(kind, word)?,
        (_, Reads::Text | Reads::AsTyped | Reads::OneOf(_)) => word.into(),
        (_, Reads::Integer) => read(ValueKind::Integer, word)?,
        (_, Reads::Number) => read(ValueKind::Number, word)?,
        (_, Reads::JsonFile) => files::json(word)?,
        (_, Reads::PublicKey) => files::public_key(word)?.into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_operations_and_values_that_there_are() {
        for command in commands() {
            let operation = Operation::by_id(command.operation);
            assert!(operation.is_some() || command.operation.is_empty(), "{}", command.words);
            let constants =
                command.takes.iter().map(|argument| argument.default).filter(|json| !json.is_empty());
            for json in constants.chain(command.sends.iter().map(|(_, json)| *json)) {
                assert!(serde_json::from_str::<Value>(json).is_ok(), "{}: {json}", command.words);
            }
        }
    }

    #[test]
    fn no_words_stand_for_two_commands() {
        let mut names: Vec<&str> = commands().flat_map(Command::names).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn what_the_operation_sends_by_itself_is_not_said_again() {
        // A search has its defaults in one place, with or without `-n`.
        let searches = ["searchVolumes", "searchNetworkVolumes"];
        for command in commands().filter(|command| !searches.contains(&command.operation)) {
            let Some(operation) = Operation::by_id(command.operation) else { continue };
            let fields = command.takes.iter().filter(|argument| !argument.default.is_empty());
            for argument in fields {
                assert!(
                    default_of(operation, argument.field).is_none(),
                    "{} {}",
                    command.words,
                    argument.spellings
                );
            }
        }
    }
}
