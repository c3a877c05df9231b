//! The full-screen views of what goes on: the workers of an endpoint, the instances, or both; lines of JSON where there is no terminal.
//!
//! From below to above: [`series`] are values over time; [`rows`] makes rows of what the service says; [`board`] holds one list of them
//! with its history, order and filter; [`model`] is all that a screen shows, and what keys do to it; [`picture`] draws it. These are pure: time,
//! keys and data are given to them. [`source`] polls; [`screen`] and [`lines`] bring the two sides together.

mod board;
mod lines;
mod model;
mod picture;
mod rows;
mod screen;
mod series;
mod source;
#[cfg(test)]
mod tests;

use std::io::{IsTerminal, stdout};
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgMatches, Command, value_parser};

use crate::connection::{self, Connection};
use crate::failure::Failure;
use crate::globals::Format;
use crate::invoked::Invoked;
use source::Subject;

const INTERVAL: &str = "interval";
const POLLS: &str = "polls";
const ENDPOINT: &str = "endpoint";
const INSTANCES: &str = "instances";

const KEYS: &str = "On a terminal it fills the screen: ? says which keys it knows, q leaves. Elsewhere, and with --output json, each change is a line of \
                    JSON.";

/// `vastai watch`.
pub(crate) fn command(command: Command) -> Command {
    let endpoint = Command::new(ENDPOINT)
        .about("Watch the workers of a serverless endpoint: state, load, performance and cost")
        .after_help(KEYS)
        .arg(
            Arg::new(ENDPOINT)
                .value_name("ID|NAME")
                .required(true)
                .value_parser(NonEmptyStringValueParser::new())
                .help("The endpoint's id, or its name"),
        );
    let instances = Command::new(INSTANCES)
        .about("Watch the account's instances: state, use of the GPUs and cost")
        .after_help(KEYS);
    command
        .about("Watch the workers of an endpoint, or the instances, full-screen")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([timed(endpoint), timed(instances)])
}

/// `vastai top`.
pub(crate) fn top_command(command: Command) -> Command {
    timed(command.about("Watch the workers of all endpoints and the instances, full-screen").after_help(KEYS))
}

fn timed(command: Command) -> Command {
    command
        .arg(
            Arg::new(INTERVAL)
                .long(INTERVAL)
                .value_name("SECONDS")
                .value_parser(value_parser!(u32).range(1..=86_400))
                .default_value("5")
                .help("How far polls are apart, from 1 to 86400; failures make them rarer"),
        )
        .arg(
            Arg::new(POLLS)
                .long(POLLS)
                .value_name("NUMBER")
                .value_parser(value_parser!(u64).range(1..))
                .help("End after so many polls of each list, failed ones included; else it goes on until it is left"),
        )
}

/// What is watched, and how.
struct Plan {
    subjects: Vec<Subject>,
    interval: Duration,
    /// After how many polls of each subject to end.
    polls: Option<u64>,
}

impl Plan {
    fn of(invoked: &Invoked<'_>) -> Self {
        let (subjects, matches) = match invoked.matches.subcommand() {
            Some((ENDPOINT, matches)) => (vec![Subject::Endpoint(endpoint(matches))], matches),
            Some((_, matches)) => (vec![Subject::Instances], matches),
            None => (vec![Subject::Endpoints, Subject::Instances], invoked.matches),
        };
        let seconds = matches.get_one::<u32>(INTERVAL).copied().unwrap_or(5);
        Self {
            subjects,
            interval: Duration::from_secs(u64::from(seconds)),
            polls: matches.get_one::<u64>(POLLS).copied(),
        }
    }
}

fn endpoint(matches: &ArgMatches) -> source::Named {
    let given = matches.get_one::<String>(ENDPOINT).map_or("", |name| name.trim());
    given.parse().map_or_else(|_| source::Named::Name(given.to_owned()), source::Named::Id)
}

/// Watches until it is left, or can go on no more.
pub(crate) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    if invoked.format == Format::Csv {
        return Err(Failure::usage("a watch is written as lines of JSON: --output jsonl".to_owned()));
    }
    let plan = Plan::of(invoked);
    connection::runtime()?.block_on(async {
        let connection = Connection::open(invoked.target).await?;
        if invoked.format == Format::Table && stdout().is_terminal() {
            screen::run(&connection, plan, invoked.look).await
        } else {
            lines::run(&connection, plan).await
        }
    })
}
