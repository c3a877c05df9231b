//! Reads an official command line as the official client's parser does (Python's `argparse`).
//!
//! An option may stand anywhere, with `=` or without, and may be shortened as long as it is unambiguous. A word that begins with a dash is a
//! value where it has a space in it or is a negative number, and where it follows an option that takes all that is left.

use clap::Arg;

use super::argument::{Argument, Reads, Takes, dashed};
use super::command::Command;
use super::said::Said;
use crate::arguments;
use crate::request::named;
use vastai_api::{Operation, Parameter};

/// A command line that was read.
pub(super) struct Line {
    pub(super) said: Said,
    /// Fields of the operation that the official client does not know, by the flags of ours.
    pub(super) own: Vec<(&'static Parameter, serde_json::Value)>,
    /// The options of every command, as they stand.
    pub(super) globals: Vec<String>,
}

/// What there is beside a command's own arguments.
pub(super) struct Beside<'a> {
    /// The options of every command.
    pub(super) globals: &'a [Arg],
    /// Flags of ours for fields of the operation.
    pub(super) own: &'a [(String, &'static Parameter)],
}

/// What an option stands for.
#[derive(Clone, Copy)]
enum Meant<'a> {
    Official(&'static Argument),
    Global(&'a Arg),
    Own(&'static Parameter),
}

impl Meant<'_> {
    fn takes(self) -> Takes {
        match self {
            Self::Official(argument) => argument.takes,
            Self::Global(arg) if arg.get_action().takes_values() => Takes::One,
            Self::Global(_) => Takes::Nothing,
            Self::Own(_) => Takes::One,
        }
    }

    fn is(self, other: Meant<'_>) -> bool {
        match (self, other) {
            (Self::Official(one), Meant::Official(other)) => std::ptr::eq(one, other),
            (Self::Global(one), Meant::Global(other)) => one.get_id() == other.get_id(),
            (Self::Own(one), Meant::Own(other)) => std::ptr::eq(one, other),
            _ => false,
        }
    }
}

/// Reads the words behind those of a command.
pub(super) fn read(command: &'static Command, words: &[String], beside: &Beside<'_>) -> Result<Line, String> {
    let options = Options::of(command, beside);
    let mut line = Line { said: Said::nothing(command), own: Vec::new(), globals: Vec::new() };
    let mut in_places = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            in_places.extend(rest.by_ref().cloned());
            break;
        }
        if !options.is_option(word)? {
            in_places.push(word.clone());
            continue;
        }
        let Some((meant, mut value)) = options.find(word)? else {
            return Err(format!("unexpected argument '{word}'"));
        };
        let mut meant = meant;
        // `-qn 5`: an option without a value, and another behind it.
        while let (Takes::Nothing, Some(Value::Attached(more))) = (meant.takes(), &value) {
            let next = format!("-{more}");
            line.take(meant, word, Vec::new(), &options)?;
            (meant, value) = options.find(&next)?.ok_or_else(|| format!("unexpected argument '{word}'"))?;
        }
        let takes = meant.takes();
        let given: Vec<String> = match (takes, value) {
            (Takes::Nothing, None) => Vec::new(),
            (Takes::Nothing, Some(_)) => return Err(format!("'{word}': the option takes no value")),
            (Takes::Rest, _) => rest.by_ref().cloned().collect(),
            (_, Some(Value::Attached(value) | Value::Equal(value))) => vec![value],
            (takes, None) => {
                let most = if matches!(takes, Takes::OneOrMore | Takes::Any) { usize::MAX } else { 1 };
                let mut given = Vec::new();
                while given.len() < most {
                    match rest.as_slice().first() {
                        Some(next) if next != "--" && !options.is_option(next)? => given.push(next.clone()),
                        _ => break,
                    }
                    rest.next();
                }
                if given.is_empty() {
                    return Err(format!(
                        "a value for '{word}' is missing; one that begins with a dash stands behind `=`"
                    ));
                }
                given
            }
        };
        line.take(meant, word, given, &options)?;
    }
    line.place(command, in_places, &options)?;
    let missing = command.takes.iter().find(|argument| argument.required && !line.said.has(argument.name()));
    match missing {
        Some(argument) => Err(format!("'{}' is missing", argument.spellings.replace(' ', ", "))),
        None => Ok(line),
    }
}

impl Line {
    fn take(
        &mut self,
        meant: Meant<'_>,
        word: &str,
        values: Vec<String>,
        options: &Options<'_>,
    ) -> Result<(), String> {
        match meant {
            Meant::Official(argument) => {
                for value in &values {
                    check(options.operation, argument, value).map_err(|why| invalid(value, word, &why))?;
                }
                self.said.say(argument, values);
            }
            Meant::Global(arg) => {
                let long = arg.get_long().unwrap_or_default();
                self.globals.push(match values.into_iter().next() {
                    Some(value) => format!("--{long}={value}"),
                    None => format!("--{long}"),
                });
            }
            Meant::Own(parameter) => {
                let value = values.into_iter().next().unwrap_or_default();
                let read =
                    arguments::read(parameter.kind, &value).map_err(|why| invalid(&value, word, &why))?;
                self.own.push((parameter, read));
            }
        }
        Ok(())
    }

    /// Gives the words without options to the places: to each what it needs, and what is left to the one that takes several.
    fn place(
        &mut self,
        command: &'static Command,
        words: Vec<String>,
        options: &Options<'_>,
    ) -> Result<(), String> {
        let places: Vec<&'static Argument> =
            command.takes.iter().filter(|argument| argument.is_place()).collect();
        let needs =
            |argument: &&Argument| usize::from(matches!(argument.takes, Takes::One | Takes::OneOrMore));
        let mut needed: usize = places.iter().map(needs).sum();
        let mut words = words.into_iter();
        for argument in places {
            needed -= needs(&argument);
            let free = words.len().saturating_sub(needed);
            let count = match argument.takes {
                Takes::OneOrMore | Takes::Any => free,
                _ => free.min(1),
            };
            let given: Vec<String> = words.by_ref().take(count).collect();
            if given.is_empty() {
                if needs(&argument) > 0 {
                    return Err(format!("<{}> is missing", argument.spellings));
                }
                continue;
            }
            for value in &given {
                check(options.operation, argument, value)
                    .map_err(|why| invalid(value, &format!("<{}>", argument.spellings), &why))?;
            }
            self.said.say(argument, given);
        }
        match words.next() {
            Some(word) => Err(format!("unexpected argument '{word}'")),
            None => Ok(()),
        }
    }
}

fn invalid(value: &str, argument: &str, why: &str) -> String {
    format!("invalid value '{value}' for '{argument}': {why}")
}

/// Whether a word is what its argument takes. What stands in a file is looked at when it is read.
fn check(operation: Option<&'static Operation>, argument: &Argument, word: &str) -> Result<(), String> {
    use vastai_api::ValueKind;
    let kind = match argument.reads {
        Reads::Text | Reads::AsTyped | Reads::JsonFile | Reads::PublicKey => return Ok(()),
        Reads::Integer => ValueKind::Integer,
        Reads::Number => ValueKind::Number,
        Reads::OneOf(words) if words.contains(&word) => return Ok(()),
        Reads::OneOf(words) => return Err(format!("one of {}", words.join(", "))),
        Reads::ByField => match operation.and_then(|operation| named(operation, argument.field)) {
            Some(parameter) => parameter.kind,
            None => return Ok(()),
        },
    };
    arguments::read(kind, word).map(drop)
}

/// A value that stands in the word of its option.
enum Value {
    /// Behind `=`.
    Equal(String),
    /// Behind an option of one letter.
    Attached(String),
}

/// All options that a line may have.
struct Options<'a> {
    operation: Option<&'static Operation>,
    named: Vec<(String, Meant<'a>)>,
}

impl<'a> Options<'a> {
    fn of(command: &'static Command, beside: &'a Beside<'a>) -> Self {
        let official = command.takes.iter().filter(|argument| !argument.is_place()).flat_map(|argument| {
            argument.spellings.split(' ').map(move |spelling| (dashed(spelling), Meant::Official(argument)))
        });
        let mut named: Vec<(String, Meant<'a>)> = official.collect();
        let mut add = |spelling: String, meant| {
            if !named.iter().any(|(present, _)| *present == spelling) {
                named.push((spelling, meant));
            }
        };
        for (flag, parameter) in beside.own {
            add(format!("--{flag}"), Meant::Own(parameter));
        }
        for arg in beside.globals {
            let long = arg.get_long_and_visible_aliases().unwrap_or_default();
            long.into_iter().for_each(|long| add(format!("--{long}"), Meant::Global(arg)));
            arg.get_short().into_iter().for_each(|letter| add(format!("-{letter}"), Meant::Global(arg)));
        }
        Self { operation: Operation::by_id(command.operation), named }
    }

    /// Whether a word is an option, and not a value.
    fn is_option(&self, word: &str) -> Result<bool, String> {
        if !word.starts_with('-') || word == "-" {
            return Ok(false);
        }
        let is_number = word.parse::<f64>().is_ok();
        Ok(!is_number && (self.find(word)?.is_some() || !word.contains(' ')))
    }

    /// The option that a word is, and the value that stands in it.
    fn find(&self, word: &str) -> Result<Option<(Meant<'a>, Option<Value>)>, String> {
        let exact = |spelling: &str| {
            let spelling = dashed(spelling);
            self.named.iter().find(|(named, _)| *named == spelling).map(|(_, meant)| *meant)
        };
        if let Some(meant) = exact(word) {
            return Ok(Some((meant, None)));
        }
        let (spelling, value) = match word.split_once('=') {
            Some((spelling, value)) => (spelling, Some(Value::Equal(value.to_owned()))),
            None => (word, None),
        };
        if value.is_some()
            && let Some(meant) = exact(spelling)
        {
            return Ok(Some((meant, value)));
        }
        if !word.starts_with("--") {
            // The first letter is an option, and what follows its value or more options.
            let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
            let attached = || Value::Attached(word[end..].to_owned());
            return Ok(exact(&word[..end]).map(|meant| (meant, Some(attached()))));
        }
        if spelling.contains(' ') {
            return Ok(None);
        }
        let start = dashed(spelling);
        let mut begin =
            self.named.iter().filter(|(named, _)| named.starts_with(&start)).map(|(_, meant)| *meant);
        let Some(first) = begin.next() else { return Ok(None) };
        match begin.all(|other| other.is(first)) {
            true => Ok(Some((first, value))),
            false => Err(format!("'{spelling}' can stand for several options")),
        }
    }
}
