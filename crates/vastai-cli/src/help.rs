//! What the help says of the official commands.

use clap::{Arg, ArgAction, Command};
use vastai_api::Operation;

use crate::arguments;
use crate::globals;
use crate::official::{self, Argument, Reads, Takes};
use crate::request::named;

/// The width of what is said of an option.
const WIDTH: usize = 80;
/// How many letters the words that a value can be may take, to stand in its place.
const WORDS_WIDTH: usize = 32;

/// A command with the arguments of the official client, beside ours where it has some.
pub(crate) fn with_official(
    mut command: Command,
    own: Option<&'static Operation>,
    official: &'static official::Command,
) -> Command {
    let is_ours = command.get_arguments().next().is_some() || command.get_about().is_none();
    let operation = Operation::by_id(official.operation);
    let mut longs: Vec<String> =
        command.get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
    longs.extend(globals::names().map(str::to_owned));
    let has_places = command.get_positionals().next().is_some();
    // What ours requires in a place is nothing that the line needs where the official command is about another operation, or can make it.
    let is_another = own.is_some_and(|own| own.id != official.operation);
    let can_be_left_out = |arg: &Arg| {
        is_another
            || official.takes.iter().any(|argument| {
                argument.is_place()
                    && argument.takes == Takes::AtMostOne
                    && argument.spellings
                        == arg.get_value_names().map(|names| names.concat()).unwrap_or_default()
                    && !argument.field.is_empty()
            })
    };
    command = command.mut_args(|arg| match arg.is_positional() && can_be_left_out(&arg) {
        true => arg.required(false),
        false => arg,
    });
    for argument in official.takes {
        if argument.is_place() && has_places {
            continue;
        }
        let arg = match argument.is_place() {
            true => Some(placed(argument)),
            false => option(argument, &value_name(argument, operation), &mut longs),
        };
        let Some(arg) = arg else { continue };
        let about = operation.and_then(|operation| named(operation, argument.field));
        let about = about.map(|parameter| parameter.description).filter(|about| !about.is_empty());
        let arg = arg.help(arguments::first_paragraph(about.unwrap_or(argument.about), WIDTH));
        command = command.arg(match argument.is_place() || argument.is_ours {
            true => arg,
            false => arg.help_heading("Options of the official client"),
        });
    }
    let also = official.also.iter().map(|words| format!("vastai {words}")).collect::<Vec<_>>().join(", ");
    match (is_ours, also.is_empty()) {
        (false, false) => command.after_help(format!("Also: {also}")),
        _ => command,
    }
}

fn placed(argument: &'static Argument) -> Arg {
    let arg = Arg::new(format!("official.{}", argument.spellings)).value_name(argument.spellings);
    match argument.takes {
        Takes::One => arg.required(true),
        Takes::OneOrMore => arg.required(true).num_args(1..).action(ArgAction::Append),
        Takes::Any => arg.num_args(0..).action(ArgAction::Append),
        _ => arg.required(false),
    }
}

/// What the value of an option is called: its kind, or the words that it can be.
fn value_name(argument: &'static Argument, operation: Option<&'static Operation>) -> String {
    match argument.reads {
        Reads::Integer => "INTEGER".to_owned(),
        Reads::Number => "NUMBER".to_owned(),
        Reads::OneOf(words) => {
            let words = words.join("|");
            if words.len() <= WORDS_WIDTH { words } else { "WORD".to_owned() }
        }
        Reads::JsonFile => "FILE".to_owned(),
        Reads::PublicKey => "KEY|FILE".to_owned(),
        Reads::ByField | Reads::Text | Reads::AsTyped => operation
            .and_then(|operation| named(operation, argument.field))
            .map_or("TEXT", |parameter| arguments::kind(parameter.kind))
            .to_owned(),
    }
}

/// An option, unless ours has its name.
fn option(argument: &'static Argument, value: &str, longs: &mut Vec<String>) -> Option<Arg> {
    let mut arg = Arg::new(format!("official.{}", argument.spellings));
    let mut is_named = false;
    for spelling in argument.spellings.split(' ') {
        match spelling.strip_prefix("--") {
            Some(long) if longs.iter().any(|present| present.replace('_', "-") == long.replace('_', "-")) => {
            }
            Some(long) => {
                longs.push(long.to_owned());
                is_named = true;
                arg = arg.long(long);
            }
            None => {
                let mut letters = spelling.chars().skip(1);
                // Clap has no options of several letters behind one dash; they are read all the same.
                if let (Some(letter), None) = (letters.next(), letters.next()) {
                    arg = arg.short(letter);
                }
            }
        }
    }
    is_named.then(|| match argument.takes {
        Takes::Nothing => arg.action(ArgAction::SetTrue),
        Takes::OneOrMore | Takes::Rest | Takes::Any => {
            arg.value_name(value.to_owned()).num_args(1..).action(ArgAction::Append)
        }
        _ => arg.value_name(value.to_owned()).action(ArgAction::Append),
    })
}

/// The places of an official command: `<ID> [NAMES]`.
pub(crate) fn places(command: &'static official::Command) -> String {
    let places = command.takes.iter().filter(|argument| argument.is_place());
    let shown = places.map(|argument| match argument.takes {
        Takes::OneOrMore => format!("<{}>...", argument.spellings),
        Takes::Any => format!("[{}]...", argument.spellings),
        Takes::AtMostOne => format!("[{}]", argument.spellings),
        _ => format!("<{}>", argument.spellings),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// How an official command is used: its places, and its options as far as they have to be given.
pub(crate) fn usage(command: &'static official::Command) -> String {
    let options = command.takes.iter().filter(|argument| !argument.is_place());
    let needed = options.clone().filter(|argument| argument.required);
    let needed = needed.map(|argument| format!("{} VALUE", argument.name()));
    let others = options.clone().any(|argument| !argument.required).then(|| "[OPTIONS]".to_owned());
    others
        .into_iter()
        .chain(needed)
        .chain(Some(places(command)))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
