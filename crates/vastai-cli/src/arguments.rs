//! What a command takes: the parameters of its operation, as positional arguments and flags.

use std::collections::HashSet;

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches};
use serde_json::{Number, Value};
use vastai_api::{Location, Operation, Parameter, ValueKind};

use crate::commands::global;

/// The arguments of one operation, in the order in which they are given: those of the path, the other required ones, the flags.
#[derive(Debug)]
pub(crate) struct Arguments(Vec<Argument>);

/// A parameter, and how it is given.
#[derive(Debug)]
pub(crate) struct Argument {
    parameter: &'static Parameter,
    /// Its name among the command's arguments. It has a dot, so it is none of the global flags'.
    id: String,
    /// `None` for a positional argument.
    flag: Option<String>,
}

/// The values that were given, by the parameters' names on the wire.
pub(crate) struct Given(Vec<(&'static str, Value)>);

impl Given {
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

impl Arguments {
    pub(crate) fn of(operation: &'static Operation) -> Self {
        let mut names = HashSet::new();
        let mut flags: HashSet<String> = global::ALL.into_iter().map(str::to_owned).collect();
        // A call sets a value by its name alone: of two of the same name, only the first can be given.
        let mut parameters: Vec<&Parameter> =
            operation.parameters.iter().filter(|parameter| names.insert(parameter.name)).collect();
        parameters.sort_by_key(|parameter| (!parameter.required, parameter.location != Location::Path));
        let arguments = parameters.into_iter().map(|parameter| Argument {
            parameter,
            id: format!("{}.{}", location(parameter), parameter.name),
            flag: (!parameter.required).then(|| free_flag(parameter, &mut flags)),
        });
        Self(arguments.collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Argument> {
        self.0.iter()
    }

    /// What of these the command line gives.
    pub(crate) fn given(&self, matches: &ArgMatches) -> Given {
        let value = |argument: &Argument| {
            Some((argument.parameter.name, matches.get_one::<Value>(&argument.id)?.clone()))
        };
        Given(self.0.iter().filter_map(value).collect())
    }
}

impl Argument {
    /// The argument as clap knows it, its help in lines of this width.
    pub(crate) fn arg(&self, width: usize) -> Arg {
        let Self { parameter, id, flag } = self;
        let arg = Arg::new(id.clone())
            .help(lines(first_paragraph(parameter.description), width))
            .value_parser(parser(parameter))
            .allow_negative_numbers(matches!(parameter.kind, ValueKind::Integer | ValueKind::Number));
        match flag {
            Some(flag) => arg.long(flag.clone()).value_name(kind(parameter.kind)),
            None => arg.required(true).value_name(shown(parameter.name).to_ascii_uppercase()),
        }
    }
}

/// The flag of an optional parameter: its name with dashes; where that is another's, with its location before it; else its name as it
/// is on the wire.
fn free_flag(parameter: &Parameter, taken: &mut HashSet<String>) -> String {
    let dashed = shown(parameter.name).replace('_', "-");
    let located = format!("{}-{dashed}", location(parameter));
    let flag = [dashed, located]
        .into_iter()
        .find(|flag| !taken.contains(flag))
        .unwrap_or_else(|| parameter.name.to_owned());
    taken.insert(flag.clone());
    flag
}

/// A name without what cannot begin a flag.
fn shown(name: &str) -> &str {
    name.trim_start_matches(['-', '_'])
}

fn location(parameter: &Parameter) -> &'static str {
    match parameter.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Body => "body",
    }
}

fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "TEXT",
        ValueKind::Integer => "INTEGER",
        ValueKind::Number => "NUMBER",
        ValueKind::Boolean => "true|false",
        ValueKind::Json => "JSON",
    }
}

fn parser(parameter: &Parameter) -> ValueParser {
    let parse = match parameter.kind {
        // Nothing at all in a path is another path.
        ValueKind::Text if parameter.location == Location::Path => filled_text,
        ValueKind::Text => text,
        ValueKind::Integer => integer,
        ValueKind::Number => number,
        ValueKind::Boolean => boolean,
        ValueKind::Json => json,
    };
    ValueParser::new(parse)
}

type Parsed = Result<Value, String>;

fn text(written: &str) -> Parsed {
    Ok(Value::from(written))
}

fn filled_text(written: &str) -> Parsed {
    if written.is_empty() { Err("it is empty".to_owned()) } else { text(written) }
}

fn integer(written: &str) -> Parsed {
    let written = written.trim();
    let value = written.parse::<i64>().map(Value::from).or_else(|_| written.parse::<u64>().map(Value::from));
    value.map_err(|_| {
        let digits = written.trim_start_matches(['-', '+']);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole { "too large".to_owned() } else { "not a whole number".to_owned() }
    })
}

fn number(written: &str) -> Parsed {
    if let Ok(whole) = integer(written) {
        return Ok(whole);
    }
    let number = written.trim().parse::<f64>().map_err(|_| "not a number".to_owned())?;
    Number::from_f64(number).map(Value::Number).ok_or_else(|| "not a finite number".to_owned())
}

fn boolean(written: &str) -> Parsed {
    match written {
        "true" => Ok(Value::Bool(true)),
        "false" => Ok(Value::Bool(false)),
        _ => Err("neither true nor false".to_owned()),
    }
}

fn json(written: &str) -> Parsed {
    serde_json::from_str(written).map_err(|error| format!("not JSON: {error}"))
}

/// The first paragraph of a description, on one line and without the marks of code.
fn first_paragraph(description: &str) -> String {
    let paragraph = description.trim().split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "")
}

/// A text in lines of at most this width, where its words allow.
fn lines(text: String, width: usize) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 {
            let fits = used + 1 + length <= width;
            lines.push(if fits { ' ' } else { '\n' });
            used = if fits { used + 1 } else { 0 };
        }
        lines.push_str(word);
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_the_document_wants_them() {
        assert_eq!(integer(" 007 ").unwrap(), Value::from(7));
        assert_eq!(integer("18446744073709551615").unwrap(), Value::from(u64::MAX));
        assert_eq!(integer("18446744073709551616").unwrap_err(), "too large");
        assert_eq!(integer("--7").unwrap_err(), "too large");
        assert_eq!(number("3").unwrap(), Value::from(3));
        assert_eq!(number("0.25").unwrap(), Value::from(0.25));
        assert_eq!(number("NaN").unwrap_err(), "not a finite number");
    }

    #[test]
    fn help_is_the_first_paragraph_in_lines() {
        let text = first_paragraph("The `next_token` of\nthe previous page.\n\nMore of it.");
        assert_eq!(text, "The next_token of the previous page.");
        assert_eq!(lines(text, 18), "The next_token of\nthe previous page.");
        assert_eq!(lines(String::new(), 18), "");
    }
}
