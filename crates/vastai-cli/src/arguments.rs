//! What a command takes: the parameters of its operation, as positional arguments and flags.

use std::collections::HashSet;
use std::fmt::Write as _;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Number, Value};
use vastai_api::{LimitRule, Location, Operation, Parameter, ValueKind};

use crate::globals;

/// The flag that leaves to the service what is not given.
const NO_DEFAULTS: &str = "no-defaults";

/// The arguments of one operation, in the order in which they are given: those of the path, the other required ones, the flags.
#[derive(Debug)]
pub(crate) struct Arguments(Vec<Argument>);

/// A parameter, and how it is given.
#[derive(Debug)]
pub(crate) struct Argument {
    parameter: &'static Parameter,
    /// Its name among the command's arguments. It has a dot, so it is not a global flag.
    id: String,
    given: By,
    /// Whose it is: its help says which limits its value has there.
    operation: &'static Operation,
}

/// How an argument is given.
#[derive(Debug)]
enum By {
    /// By a flag.
    Flag(String),
    /// By its place; the name is for the help.
    Place(String),
}

/// The values that were given, by their parameters.
pub(crate) struct Given {
    values: Vec<(&'static Parameter, Value)>,
    /// Whether the operation's defaults are sent for what is not given.
    pub(crate) defaults: bool,
}

impl Given {
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'static Parameter, &Value)> {
        self.values.iter().map(|(parameter, value)| (*parameter, value))
    }
}

impl Arguments {
    pub(crate) fn of(operation: &'static Operation) -> Self {
        let mut flags: HashSet<String> = globals::names().chain([NO_DEFAULTS]).map(str::to_owned).collect();
        let mut places = HashSet::new();
        let lone_id = lone_id(operation);
        let mut parameters: Vec<&Parameter> = operation.parameters.iter().collect();
        parameters.sort_by_key(|parameter| {
            let position = parameter.position.unwrap_or(u8::MAX);
            (parameter.location != Location::Path, position, !parameter.required)
        });
        let arguments = parameters.into_iter().map(|parameter| Argument {
            parameter,
            id: format!("{}.{}", location(parameter), parameter.name),
            given: if parameter.required
                || parameter.position.is_some()
                || lone_id.is_some_and(|id| std::ptr::eq(id, parameter))
            {
                By::Place(free_name(parameter, &mut places).replace('-', "_").to_ascii_uppercase())
            } else {
                By::Flag(free_name(parameter, &mut flags))
            },
            operation,
        });
        Self(arguments.collect())
    }

    /// What is given by its place, as the usage has it: `<ID> <IMAGE>`.
    pub(crate) fn places(&self) -> String {
        let names = self.0.iter().filter_map(|argument| match &argument.given {
            By::Place(name) if argument.parameter.required => Some(format!("<{name}>")),
            By::Place(name) => Some(format!("[{name}]")),
            By::Flag(_) => None,
        });
        names.collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Argument> {
        self.0.iter()
    }

    /// The flags, each with its parameter.
    pub(crate) fn flags(&self) -> impl Iterator<Item = (&str, &'static Parameter)> {
        self.0.iter().filter_map(|argument| match &argument.given {
            By::Flag(flag) => Some((flag.as_str(), argument.parameter)),
            By::Place(_) => None,
        })
    }

    /// The values that the command line gives.
    pub(crate) fn given(&self, matches: &ArgMatches) -> Given {
        let value =
            |argument: &Argument| Some((argument.parameter, matches.get_one::<Value>(&argument.id)?.clone()));
        let defaults = !(self.have_defaults() && matches.get_flag(NO_DEFAULTS));
        Given { values: self.0.iter().filter_map(value).collect(), defaults }
    }

    fn have_defaults(&self) -> bool {
        self.0.iter().any(|argument| argument.parameter.default.is_some())
    }

    /// The flag against the operation's defaults, where it has any.
    pub(crate) fn no_defaults(&self) -> Option<Arg> {
        const HELP: &str = "Leave to the service what is not given";
        let flag = || Arg::new(NO_DEFAULTS).long(NO_DEFAULTS).action(ArgAction::SetTrue).help(HELP);
        self.have_defaults().then(flag)
    }
}

impl Argument {
    /// The argument as clap knows it, its help in lines of this width.
    pub(crate) fn arg(&self, width: usize) -> Arg {
        let Self { parameter, id, given, operation } = self;
        let arg = Arg::new(id.clone())
            .help(Help::of(parameter, operation).in_lines(width))
            .value_parser(parser(parameter))
            .allow_negative_numbers(matches!(parameter.kind, ValueKind::Integer | ValueKind::Number));
        match given {
            By::Flag(flag) => arg.long(flag.clone()).value_name(kind(parameter.kind)),
            By::Place(name) => arg.required(parameter.required).value_name(name.clone()),
        }
    }
}

/// The id that is given by its place although it can be left out: that of an operation which requires nothing and is about one thing.
fn lone_id(operation: &'static Operation) -> Option<&'static Parameter> {
    if operation.parameters.iter().any(|parameter| parameter.required) {
        return None;
    }
    let is_id = |parameter: &&Parameter| {
        parameter.location == Location::Query && (parameter.name == "id" || parameter.name.ends_with("_id"))
    };
    let mut ids = operation.parameters.iter().filter(is_id);
    ids.next().filter(|_| ids.next().is_none())
}

/// What an argument is called: its parameter's name with dashes; where that is another's, with its location before it; else its name
/// as it is on the wire.
fn free_name(parameter: &Parameter, taken: &mut HashSet<String>) -> String {
    let dashed = shown(parameter.name).replace('_', "-");
    let located = format!("{}-{dashed}", location(parameter));
    let name = [dashed, located]
        .into_iter()
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| parameter.name.to_owned());
    taken.insert(name.clone());
    name
}

/// A name without what a flag cannot start with.
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

pub(crate) fn kind(kind: ValueKind) -> &'static str {
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

/// A value of this kind, as it is written; or what is wrong with it.
pub(crate) fn read(kind: ValueKind, written: &str) -> Parsed {
    match kind {
        ValueKind::Text => text(written),
        ValueKind::Integer => integer(written),
        ValueKind::Number => number(written),
        ValueKind::Boolean => boolean(written),
        ValueKind::Json => json(written),
    }
}

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

/// What the help says of an argument.
#[derive(Debug, PartialEq, Eq)]
struct Help {
    text: String,
    /// The list that the text introduces.
    items: Vec<String>,
    limits: String,
    /// What is sent where the argument is not given.
    default: String,
}

impl Help {
    /// The first paragraph of the description, with the list that it introduces, and the limits that they do not mention.
    fn of(parameter: &Parameter, operation: &Operation) -> Self {
        let mut paragraphs = parameter.description.trim().split("\n\n");
        let text = on_one_line(paragraphs.next().unwrap_or_default());
        let list = paragraphs.next().filter(|list| text.ends_with(':') && list.starts_with("- "));
        let items = list.into_iter().flat_map(|list| list.split("\n- "));
        let items: Vec<String> = items.map(|item| on_one_line(item.trim_start_matches("- "))).collect();
        let limits = operation.limits.iter().filter(|limit| {
            let its_own = limit.location == parameter.location && limit.place == parameter.name;
            its_own && !mentions(parameter.description, &limit.rule)
        });
        let limits: Vec<String> = limits.map(|limit| limit.rule.to_string()).collect();
        let default = parameter.default.map(|default| {
            let value = default.json.strip_suffix(".0").unwrap_or(default.json);
            match default.unless {
                [] => format!("[default: {value}]"),
                unless => format!("[default: {value}, unless there is {}]", unless.join(" or ")),
            }
        });
        Self { text, items, limits: limits.join(", "), default: default.unwrap_or_default() }
    }

    /// The help in lines of at most this width, where its words allow.
    fn in_lines(&self, width: usize) -> String {
        let limits = if self.limits.is_empty() { String::new() } else { format!("[{}]", self.limits) };
        let limits = [limits.as_str(), self.default.as_str()].join(" ").trim().to_owned();
        if self.items.is_empty() {
            return wrapped(format!("{} {limits}", self.text).trim(), width, "");
        }
        let mut lines = wrapped(&self.text, width, "");
        for item in &self.items {
            let _ = write!(lines, "\n- {}", wrapped(item, width - 2, "  "));
        }
        if !limits.is_empty() {
            let _ = write!(lines, "\n{}", wrapped(&limits, width, ""));
        }
        lines
    }
}

/// The first paragraph of a description, in lines of at most this width.
pub(crate) fn first_paragraph(description: &str, width: usize) -> String {
    let paragraph = description.trim().split("\n\n").next().unwrap_or_default();
    wrapped(&on_one_line(paragraph), width, "")
}

/// Whether a description names the limit itself. A small number can stand there for another reason.
fn mentions(description: &str, rule: &LimitRule) -> bool {
    let names = |value: &str| {
        let mut words =
            description.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_-".contains(letter));
        words.any(|word| word == value)
    };
    match rule {
        LimitRule::OneOf(values) => values.iter().all(|value| names(value)),
        LimitRule::Maximum(bound) => *bound >= 10.0 && names(&bound.to_string()),
        LimitRule::MaxLength(bound) | LimitRule::MaxItems(bound) => *bound >= 10 && names(&bound.to_string()),
        _ => false,
    }
}

/// A string on one line and without the marks of code.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "")
}

/// A string in lines of at most this width, where its words allow; all but the first after an indent, which does not count.
pub(crate) fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 {
            if used + 1 + length <= width {
                lines.push(' ');
                used += 1;
            } else {
                lines.push('\n');
                lines.push_str(indent);
                used = 0;
            }
        }
        lines.push_str(word);
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use vastai_api::Limit;

    use super::*;
    use crate::test_operations::{operation, parameter};

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

    fn help(description: &'static str, limits: &'static [Limit]) -> String {
        let parameters: &[Parameter] = Vec::leak(vec![Parameter {
            description,
            ..parameter("page", Location::Query, false, ValueKind::Text)
        }]);
        let operation = Operation { limits, ..operation("x", parameters) };
        Help::of(&parameters[0], &operation).in_lines(18)
    }

    #[test]
    fn help_is_the_first_paragraph_in_lines() {
        let text = help("The `next_token` of\nthe previous page.\n\nMore of it.", &[]);
        assert_eq!(text, "The next_token of\nthe previous page.");
        assert_eq!(help("", &[]), "");
    }

    #[test]
    fn a_paragraph_that_introduces_a_list_comes_with_it() {
        let text =
            help("Which page:\n\n- `first`: the first one\n  of all.\n- `last`: the last.\n\nMore.", &[]);
        assert_eq!(text, "Which page:\n- first: the first\n  one of all.\n- last: the last.");
    }

    #[test]
    fn limits_are_shown_unless_the_description_mentions_them() {
        const LIMITS: &[Limit] = &[
            Limit { location: Location::Body, place: "page", rule: LimitRule::Minimum(7.0) },
            Limit { location: Location::Query, place: "page", rule: LimitRule::OneOf(&["one", "two"]) },
            Limit { location: Location::Query, place: "page", rule: LimitRule::MaxLength(30) },
        ];
        assert_eq!(help("Where.", LIMITS), "Where. [one of\none, two, at most\n30 characters]");
        assert_eq!(help("`one` or `two`.", LIMITS), "one or two. [at\nmost 30\ncharacters]");
        assert_eq!(help("One:\n\n- any", &LIMITS[2..]), "One:\n- any\n[at most 30\ncharacters]");
        assert_eq!(help("At most 30.", LIMITS), "At most 30. [one\nof one, two]");
        assert_eq!(help("", &LIMITS[2..]), "[at most 30\ncharacters]");
    }
}
